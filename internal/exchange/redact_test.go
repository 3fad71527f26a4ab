package exchange_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"gonogo/internal/exchange"
)

// written are the ways in which a value reaches a report: made here by other means than the redactor's.
func written(value string) map[string]string {
	lower := func(s string) string {
		return regexp.MustCompile(`%[0-9A-F]{2}`).ReplaceAllStringFunc(s, strings.ToLower)
	}
	marshalled := func(v any, escapeHTML bool) string {
		var out strings.Builder
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(escapeHTML)
		if err := encoder.Encode(v); err != nil {
			panic(err)
		}
		return strings.TrimSpace(out.String())
	}
	everyUnit := func(format string) string {
		var out strings.Builder
		for _, unit := range utf16.Encode([]rune(value)) {
			fmt.Fprintf(&out, format, unit)
		}
		return out.String()
	}
	var entities, percents strings.Builder
	for _, r := range value {
		fmt.Fprintf(&entities, "&#x%x;", r)
	}
	for _, b := range []byte(value) {
		fmt.Fprintf(&percents, "%%%02x", b)
	}
	escaped := url.QueryEscape(value)
	std, raw := base64.StdEncoding.EncodeToString, base64.RawURLEncoding.EncodeToString
	payload := marshalled(map[string]string{"sub": "someone", "secret": value}, true)
	forms := map[string]string{
		"raw":                    value,
		"query":                  escaped,
		"query, lower case":      lower(escaped),
		"path":                   url.PathEscape(value),
		"every byte escaped":     percents.String(),
		"a URL within a URL":     "redirect_uri=" + url.QueryEscape("https://client.example/cb?code="+escaped),
		"JSON":                   marshalled(value, true),
		"JSON, plain":            marshalled(value, false),
		"JSON as PHP writes it":  strings.ReplaceAll(marshalled(value, true), "/", `\/`),
		"JSON, all escaped":      everyUnit(`\u%04x`),
		"JSON, upper case":       everyUnit(`\u%04X`),
		"HTML":                   html.EscapeString(value),
		"HTML, named":            strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace(value),
		"HTML, all escaped":      entities.String(),
		"a link in HTML in JSON": marshalled(`<a href="/cb?code=`+html.EscapeString(escaped)+`&amp;x=1">`, true),
		"JWT":                    raw([]byte(`{"alg":"HS256"}`)) + "." + raw([]byte(payload)) + ".c2lnbmF0dXJl",
		"JWT as PHP writes it":   raw([]byte(strings.ReplaceAll(payload, "/", `\/`))),
		"Basic, as user":         "Basic " + std([]byte(value+":password")),
		"Basic, form-encoded":    "Basic " + std([]byte(escaped+":"+escaped)),
	}
	for shift := range 3 {
		before := strings.Repeat("u", shift)
		forms[fmt.Sprintf("Basic after %d", shift)] = "Basic " + std([]byte(before+":"+value))
		forms[fmt.Sprintf("base64url after %d", shift)] = raw([]byte(before + value + "tail"))
		forms[fmt.Sprintf("base64 in a URL after %d", shift)] = url.QueryEscape(std([]byte(before + value)))
	}
	return forms
}

// undone is a text with its escapes undone: what a reader of a report could make of it.
func undone(text string) string {
	all := []string{text, html.UnescapeString(text)}
	if plain, err := url.QueryUnescape(text); err == nil {
		all = append(all, plain)
	}
	var inner string
	if json.Unmarshal([]byte(text), &inner) == nil || json.Unmarshal([]byte(`"`+text+`"`), &inner) == nil {
		all = append(all, inner)
	}
	for _, word := range regexp.MustCompile(`[A-Za-z0-9+/_-]{4,}`).FindAllString(text, -1) {
		word = strings.NewReplacer("-", "+", "_", "/").Replace(word)
		if plain, err := base64.RawStdEncoding.DecodeString(word); err == nil {
			all = append(all, string(plain))
		}
	}
	return strings.Join(all, "\n")
}

func TestEveryWrittenFormIsRedacted(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{
		"s3cr3t-without-anything-special", "hunter", "a/b+c=d&e", `quote"back\slash`, "<b>&amp;</b>'", "with space/and+plus",
		"pässwörd-日本-🔑🔑", "100%25sure", `lit\u0041eral`, `back\slash%41c`, `a%41&amp;b c`, "?????>>>>>", strings.Repeat("x", 300), "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefg",
	} {
		r := exchange.NewRedactor()
		r.Add("access", secret)
		for name, form := range written(secret) {
			for _, text := range []string{form, "before " + form + " after", form + form} {
				shown := r.String(text)
				if strings.Contains(undone(shown), secret) {
					t.Errorf("%s of %q: %q is shown as %q", name, secret, text, shown)
				}
				if !strings.Contains(shown, "‹access ") {
					t.Errorf("%s of %q: %q has no fingerprint", name, secret, shown)
				}
			}
		}
	}
}

func TestRedactionKeepsEverythingElse(t *testing.T) {
	t.Parallel()
	r := exchange.NewRedactor()
	r.Add("access", "tok/en+value")
	mark := r.String("tok/en+value")
	for text, want := range map[string]string{
		"":                           "",
		"nothing secret":             "nothing secret",
		"Bearer tok/en+value, twice": "Bearer " + mark + ", twice",
		`{"a\u0062":"tok\/en\u002bvalue","n":"\u00e9"}`: `{"a\u0062":"` + mark + `","n":"\u00e9"}`,
		"/cb?code=tok%2fen%2Bvalue&state=a%20b":         "/cb?code=" + mark + "&state=a%20b",
		"&lt;p&gt;tok&#x2F;en&#43;value&lt;/p&gt;":      "&lt;p&gt;" + mark + "&lt;/p&gt;",
		"tok/en+valu, tok/en+Value":                     "tok/en+valu, tok/en+Value",
		"100% & \\ broken %zz \\u12 &#xZZ; &; %":        "100% & \\ broken %zz \\u12 &#xZZ; &; %",
		"tok/en+valuetok/en+value":                      mark + mark,
	} {
		if got := r.String(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

func TestFingerprints(t *testing.T) {
	t.Parallel()
	r, other := exchange.NewRedactor(), exchange.NewRedactor()
	for _, redactor := range []*exchange.Redactor{r, other} {
		redactor.Add("access", "the-first-token")
		redactor.Add("refresh", "the-second-token")
		redactor.Add("access", "the-second-token") // what it was called first stays
	}
	first, second := r.String("the-first-token"), r.String("the-second-token")
	if !regexp.MustCompile(`^‹access [0-9a-f]{6}›$`).MatchString(first) || !regexp.MustCompile(`^‹refresh [0-9a-f]{6}›$`).MatchString(second) {
		t.Errorf("fingerprints are %s and %s", first, second)
	}
	if first != r.String(base64.StdEncoding.EncodeToString([]byte("the-first-token")))[:len(first)] {
		t.Error("two forms of one secret have different fingerprints")
	}
	if first == other.String("the-first-token") {
		t.Error("two runs have the same fingerprints")
	}
	r.Add("password", "password")
	if shown := r.String("my password"); strings.Contains(shown, "password") {
		t.Errorf("a password that is the name of its kind is shown: %s", shown)
	}
}

func TestShortValuesAreNoSecrets(t *testing.T) {
	t.Parallel()
	r := exchange.NewRedactor()
	r.Add("x", "")
	r.Add("x", "abc")
	r.Add("x", "abcd")
	if got := r.String("abc xabcdx"); strings.Contains(got, "abcd") || !strings.HasPrefix(got, "abc x‹") {
		t.Errorf("got %q: four characters are secret, three are not", got)
	}
}

// A name is hidden where it is one, and nothing else is because it reads like it.
func TestNamesAreWordsOfTheirOwn(t *testing.T) {
	t.Parallel()
	r := exchange.NewRedactor()
	r.Add("access", "maggie-8f3a-secret")
	r.AddName("name", "maggie")
	r.AddName("name", "maggie-8f3a-secret") // a secret stays one
	name, token := r.String("maggie"), r.String("maggie-8f3a-secret")
	if !strings.HasPrefix(name, "‹name ") || !strings.HasPrefix(token, "‹access ") {
		t.Fatalf("got %s and %s", name, token)
	}
	basic := func(pair string) string { return base64.StdEncoding.EncodeToString([]byte(pair)) }
	for text, want := range map[string]string{
		`{"user":"maggie"}`:                   `{"user":"` + name + `"}`,
		"/users/maggie?as=%6Daggie":           "/users/" + name + "?as=" + name,
		"unknown user maggie.":                "unknown user " + name + ".",
		"eyJmaggiexyz, maggie_2, 7maggie":     "eyJmaggiexyz, maggie_2, 7maggie",
		"maggie-8f3a-secret":                  token,
		basic("xmaggie:"):                     basic("xmaggie:"),
		"tokens are " + basic("it's maggie!"): "tokens are " + basic("it's maggie!"),
	} {
		if got := r.String(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
	if got := r.String("Basic " + basic("maggie:other")); !strings.HasPrefix(got, "Basic ‹name ") {
		t.Errorf("the name in Basic credentials is shown: %s", got)
	}
}

// What the document fixes is shown although somebody's password is the same word, which is hidden everywhere else.
func TestFixedTextsAreShown(t *testing.T) {
	t.Parallel()
	r := exchange.NewRedactor()
	r.Add("secret", "password")
	r.Show("grant_type=password", `"grant_type":"password"`, "password=", `"password":`)
	mark := r.String("password")
	for text, want := range map[string]string{
		"grant_type=password&password=password":           "grant_type=password&password=" + mark,
		`{"grant_type":"password","password":"password"}`: `{"grant_type":"password","password":"` + mark + `"}`,
		"wrong password":      "wrong " + mark,
		"other_type=password": "other_type=" + mark,
	} {
		if got := r.String(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

func TestSecretsWithinAndAcrossOthers(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{"inner-token", "outer inner-token outer", "token outer, and more"}, {"token outer, and more", "outer inner-token outer", "inner-token"}} {
		r := exchange.NewRedactor()
		for _, secret := range order {
			r.Add("kind", secret)
		}
		inner, outer, across := r.String("inner-token"), r.String("outer inner-token outer"), r.String("token outer, and more")
		for text, want := range map[string]string{
			"[inner-token]":                       "[" + inner + "]",
			"[outer inner-token outer]":           "[" + outer + "]",
			"[outer inner-token outer, and more]": "[" + outer + "]", // the rest of the other may not be left over
			"[inner-token outer, and more]":       "[" + across + "]",
		} {
			if got := r.String(text); got != want {
				t.Errorf("%q is shown as %q, want %q", text, got, want)
			}
		}
	}
}

func TestRedactorServesManyAtOnce(t *testing.T) {
	t.Parallel()
	r := exchange.NewRedactor()
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for j := range 100 {
				secret := fmt.Sprintf("secret-%d-of-%d-", j, i)
				r.Add("access", secret)
				if shown := r.String("x" + secret + "x"); strings.Contains(shown, secret) {
					t.Errorf("%s is shown", secret)
				}
			}
		})
	}
	all.Wait()
}

func FuzzRedactor(f *testing.F) {
	for _, secret := range []string{"hunter2", "a/b+c=d&e", `q"b\s`, "pä ss", "%41%41", "aaaa", "&lt;&lt;", `\\\\u0041`, "0123456789abcdef"} {
		f.Add(secret, "before ", " after")
		f.Add(secret, secret[:2], secret[2:])
	}
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		if len(secret) < 6 || !utf8.ValidString(secret) || strings.ContainsAny(secret, "‹›") || regexp.MustCompile(`^[0-9a-f ]*$`).MatchString(secret) || strings.ContainsRune(secret, utf8.RuneError) {
			t.Skip("no secret, or one that a fingerprint contains by chance")
		}
		r := exchange.NewRedactor()
		r.Add("k", secret)
		for name, form := range written(secret) {
			// text around an escape must not change what the escape means
			for _, text := range []string{form, before + " " + form + " " + after} {
				shown := r.String(text)
				if strings.Contains(shown, secret) {
					t.Fatalf("%s: %q is shown as %q", name, text, shown)
				}
			}
			if shown := r.String(form); strings.Contains(undone(shown), secret) {
				t.Fatalf("%s: %q is shown as %q", name, form, shown)
			}
		}
		if shown := r.String(before + secret + after); strings.Contains(shown, secret) {
			t.Fatalf("it is shown as %q", shown)
		}
	})
}

// What a long run asks for: ten thousand tokens, and a body as long as a report keeps.
func BenchmarkRedactor(b *testing.B) {
	for name, begin := range map[string]string{"opaque": "", "JWT": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."} {
		b.Run(name, func(b *testing.B) {
			r, random := exchange.NewRedactor(), rand.New(rand.NewPCG(1, 2))
			token := func() string { return begin + fmt.Sprintf("%016x%016x", random.Uint64(), random.Uint64()) }
			var last string
			for range 10_000 {
				last = token()
				r.Add("access", last)
			}
			var body strings.Builder
			for body.Len() < 4<<10 {
				fmt.Fprintf(&body, `{"name":"soup \"%d\"","url":"https:\/\/x?a=%%20b\u0026c","note":"&lt;&gt;","id":"%x"},`, random.Int(), random.Uint64())
			}
			text := body.String() + last
			b.Run("text", func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					r.String(text)
				}
			})
			b.Run("token", func(b *testing.B) {
				for b.Loop() {
					r.Add("access", token())
				}
			})
		})
	}
}

func TestBase64LeavesNoBitOfASecret(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "ab", "abc", "client"} {
		for _, secret := range []string{"Xr5dMeadow1bQuartz6tWalnut", "Vf2hRaven7sThistle4cBirch", "Zq4vTundra8mOrchard2kLan"} {
			r := exchange.NewRedactor()
			r.Add("secret", secret)
			shown := r.String("Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+secret)) + "; end")
			if _, after, _ := strings.Cut(shown, "›"); after != "; end" {
				t.Errorf("of %s:… there is left %q", name, shown)
			}
		}
	}
}
