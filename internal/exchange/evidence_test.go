package exchange_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"gonogo/internal/exchange"
)

func TestEvidenceHidesSecretsEverywhere(t *testing.T) {
	t.Parallel()
	r := exchange.NewRedactor()
	const secret = "s3cret/t0ken+value"
	r.Add("access", secret)
	began := time.Now()
	x := &exchange.Exchange{
		Sent: began.Add(812 * time.Millisecond), Received: began.Add(815 * time.Millisecond),
		Method: http.MethodPost, URL: "https://ann:pw@host.example/a%2Fb?token=s3cret%2ft0ken%2Bvalue&x=%20#f",
		RequestHeader: http.Header{"Authorization": {"Bearer " + secret}, "X-Two": {"one", secret}},
		RequestBody:   []byte(`{"token":"s3cret\/t0ken+value"}`),
		Status:        200, Header: http.Header{"Location": {"/cb#access_token=" + secret}}, Body: []byte("<p>" + secret + "</p>"),
		Err: errors.New("read: " + secret),
	}
	shown := r.Evidence(x, began)
	if shown.AtMS != 812 || shown.DurationMS != 3 {
		t.Errorf("at %d for %d ms, want 812 for 3", shown.AtMS, shown.DurationMS)
	}
	mark := r.String(secret)
	for what, pair := range map[string][2]string{
		"URL":           {shown.Request.URL, "https://‹userinfo›@host.example/a%2Fb?token=" + mark + "&x=%20#f"},
		"header":        {shown.Request.Headers["Authorization"][0], "Bearer " + mark},
		"second header": {shown.Request.Headers["X-Two"][1], mark},
		"body":          {shown.Request.Body, `{"token":"` + mark + `"}`},
		"Location":      {shown.Response.Headers["Location"][0], "/cb#access_token=" + mark},
		"answer":        {shown.Response.Body, "<p>" + mark + "</p>"},
		"error":         {shown.Error, "read: " + mark},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is shown as %q, want %q", what, pair[0], pair[1])
		}
	}
	for _, leak := range []string{"s3cret", "pw@", "ann:"} {
		if strings.Contains(shown.Curl, leak) {
			t.Errorf("the command line tells %q: %s", leak, shown.Curl)
		}
	}
}

func TestURLHidesWhoSignsIn(t *testing.T) {
	t.Parallel()
	r := exchange.NewRedactor()
	r.Add("password", "pass word")
	for address, want := range map[string]string{
		"http://host/x@y?z=a@b":                 "http://host/x@y?z=a@b",
		"http://user@host/":                     "http://‹userinfo›@host/",
		"http://user:pass%20word@host:81/p?q#f": "http://‹userinfo›@host:81/p?q#f",
		"http://u:p@ss@host/":                   "http://‹userinfo›@host/",
		"http://u:p%zz@host/":                   "http://‹userinfo›@host/", // does not parse
		"http://[::1]:80/%2f?a=%zz":             "http://[::1]:80/%2f?a=%zz",
		"/only/a/path@x":                        "/only/a/path@x",
	} {
		if got := r.URL(address); got != want {
			t.Errorf("%s is shown as %s, want %s", address, got, want)
		}
	}
}

// words runs a command line in a shell whose curl only tells its arguments and what it is fed.
func words(t *testing.T, shell, line string) (arguments []string, fed string) {
	t.Helper()
	script := `curl() { printf '%s\0' "$@"; printf '\0'; case " $* " in *" @- "*) cat;; esac; }` + "\n" + line + "\n"
	cmd := exec.CommandContext(t.Context(), shell, "-c", script)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s cannot run %s: %v %s", shell, line, err, stderr.String())
	}
	before, fed, _ := strings.Cut(string(out), "\x00\x00")
	return strings.Split(before, "\x00"), fed
}

func TestCurlLineSaysTheSame(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		x    exchange.Exchange
		want []string // arguments that stand there
		body string   // what curl sends
	}{
		"get":           {x: exchange.Exchange{Method: "GET", URL: "http://h/a?b=c&d='$(x)`y`\"!"}, want: []string{"http://h/a?b=c&d='$(x)`y`\"!"}},
		"get with body": {x: exchange.Exchange{Method: "GET", URL: "http://h/", RequestBody: []byte("b")}, want: []string{"-X", "GET", "Content-Type:"}, body: "b"},
		"head":          {x: exchange.Exchange{Method: "HEAD", URL: "http://h/"}, want: []string{"--head"}},
		"odd method":    {x: exchange.Exchange{Method: "PA'TCH", URL: "http://h/"}, want: []string{"-X", "PA'TCH"}},
		"headers": {x: exchange.Exchange{Method: "GET", URL: "http://h/", RequestHeader: http.Header{
			"X-Quote": {`it's "$HOME" \ !`}, "X-Two": {"one", "two, three"}, "X-Empty": {""}, "Content-Length": {"9"},
		}}, want: []string{"-H", `X-Quote: it's "$HOME" \ !`, "X-Two: one", "X-Two: two, three", "X-Empty;"}},
		"globs":        {x: exchange.Exchange{Method: "GET", URL: "http://[::1]:80/{a}"}, want: []string{"--globoff", "http://[::1]:80/{a}"}},
		"dots":         {x: exchange.Exchange{Method: "GET", URL: "http://h/a/../b"}, want: []string{"--path-as-is"}},
		"quotes":       {x: exchange.Exchange{Method: "POST", URL: "http://h/", RequestBody: []byte(`{"a":"it's \"$(rm -rf)\" \\n %s"}`)}, want: []string{"-X", "POST"}, body: `{"a":"it's \"$(rm -rf)\" \\n %s"}`},
		"at sign":      {x: exchange.Exchange{Method: "POST", URL: "http://h/", RequestBody: []byte("@/etc/passwd")}, body: "@/etc/passwd"},
		"lines":        {x: exchange.Exchange{Method: "POST", URL: "http://h/", RequestBody: []byte("-a'b\r\n100%\\n\tc\n")}, body: "-a'b\r\n100%\\n\tc\n"},
		"not UTF-8":    {x: exchange.Exchange{Method: "POST", URL: "http://h/", RequestBody: []byte("\xff\xfe\x001é9")}, body: "\xff\xfe\x001é9"},
		"content type": {x: exchange.Exchange{Method: "POST", URL: "http://h/", RequestHeader: http.Header{"Content-Type": {"application/json"}}, RequestBody: []byte("{}")}, want: []string{"Content-Type: application/json"}, body: "{}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := exchange.NewRedactor().Evidence(&tc.x, time.Time{}).Curl
			if strings.ContainsAny(line, "\n\r\x00") {
				t.Errorf("it is not one line: %q", line)
			}
			for _, shell := range []string{"bash", "sh"} {
				if _, err := exec.LookPath(shell); err != nil {
					t.Skipf("no %s here", shell)
				}
				arguments, body := words(t, shell, line)
				if i := slices.Index(arguments, "--data-raw"); i >= 0 {
					body = arguments[i+1]
				}
				if body != tc.body {
					t.Errorf("%s would send %q, want %q: %s", shell, body, tc.body, line)
				}
				for _, want := range tc.want {
					if !slices.Contains(arguments, want) {
						t.Errorf("%s passes %q, without %q: %s", shell, arguments, want, line)
					}
				}
				if last := arguments[len(arguments)-1]; last != tc.x.URL {
					t.Errorf("%s would ask %q", shell, last)
				}
				if slices.Contains(arguments, "Content-Length: 9") {
					t.Errorf("the line says what curl has to count: %s", line)
				}
			}
		})
	}
}

func TestJSONIsExactlyOneValue(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{`{"a":1}`: true, "null": true, "": false, "{} {}": false, "{": false} {
		x := &exchange.Exchange{Status: 200, Body: []byte(body)}
		if _, ok := x.JSON(); ok != want {
			t.Errorf("%q: %t", body, ok)
		}
		x.Cut = true
		if _, ok := x.JSON(); ok {
			t.Errorf("%q: what was cut is no value", body)
		}
	}
}

// A request that was made to come from somewhere is sent again from there, without the password of the way.
func TestCurlLineSaysWhereFrom(t *testing.T) {
	t.Parallel()
	r := exchange.NewRedactor()
	for from, want := range map[exchange.Origin]string{
		{Address: netip.MustParseAddr("127.0.0.2")}:            "curl -sS -i --interface '127.0.0.2' 'http://h/x'",
		{Proxy: "http://me:proxy-password@proxy.example:3128"}: "curl -sS -i --proxy 'http://‹userinfo›@proxy.example:3128' 'http://h/x'",
		{}: "curl -sS -i 'http://h/x'",
	} {
		x := exchange.Exchange{Method: http.MethodGet, URL: "http://h/x", From: from}
		if got := r.Evidence(&x, time.Time{}).Curl; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
