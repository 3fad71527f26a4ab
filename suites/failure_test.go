package suites_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"gonogo/internal/target"
)

func TestAFailureShowsDocumentAndExchange(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub", "--defect", "kitchenhub-refresh-replay")
	run := suite(t, []string{s.file("kitchenhub")}, "-ginkgo.label-filter=KH-REFRESH-2")
	run.has(t,
		"kitchenhub refresh-rotation [It] old-token-refused: the old refresh token is refused after a refresh [kitchenhub, documented, refresh-rotation, KH-REFRESH-2]\nspecs/kitchenhub.yaml:",
		"requirement  KH-REFRESH-2 (documented): the old refresh token is invalid after a refresh, and of",
		"sent         POST /v2/auth/refresh with a refresh token that was used before",
		"wanted       a refusal (4xx), without a token",
		"got          200 OK, carrying access and refresh",
		"FAIL! -- ",
	)
	for _, pattern := range []string{
		`(?m)^    where        specs/kitchenhub\.yaml:\d+$`,
		`(?m)^    reproduce    gonogo check --target \S+ --reproduce kitchenhub/refresh-rotation/old-token-refused$`,
		`(?m)^    kitchenhub/refresh-rotation/race: fail, \d+m?s$`,
		`(?m)^    \[\d+\] at \d+ ms, \d+ ms\n    curl .*\n    trace [0-9a-f]{32} span [0-9a-f]{16}\n    200\n`,
	} {
		if !regexp.MustCompile(pattern).MatchString(run.output) {
			t.Errorf("nothing matches %s in\n%s", pattern, run.output)
		}
	}
	if spec := run.specs()["kitchenhub/refresh-rotation/old-token-refused"]; spec.LeafNodeLocation.FileName != "specs/kitchenhub.yaml" || spec.LeafNodeLocation.LineNumber == 0 {
		t.Errorf("the spec stands at %s", spec.LeafNodeLocation)
	}
}

func TestASpecOfManyExchangesSaysWhereTheOthersAre(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	run := suite(t, []string{s.file("kitchenhub")}, "-ginkgo.v", "-ginkgo.focus=refresh-rotation race")
	run.has(t, "more, which this shows: gonogo check --target ", " --trace kitchenhub/refresh-rotation/race\n", "1 Passed")
}

// recorder passes requests on and keeps every token that comes back.
type recorder struct {
	mu     sync.Mutex
	tokens map[string]bool
}

var (
	tokenMember = regexp.MustCompile(`"(?:access_token|refresh_token|code)":\s*"([^"]{12,})"`)
	codeInURL   = regexp.MustCompile(`[?&]code=([^&]{12,})`)
)

func (r *recorder) before(t *testing.T, address string) string {
	t.Helper()
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(to); p.Out.Host = p.In.Host },
		ModifyResponse: func(response *http.Response) error {
			body, err := io.ReadAll(response.Body)
			response.Body = io.NopCloser(strings.NewReader(string(body)))
			r.mu.Lock()
			defer r.mu.Unlock()
			for _, m := range append(tokenMember.FindAllStringSubmatch(string(body), -1), codeInURL.FindAllStringSubmatch(response.Header.Get("Location"), -1)...) {
				r.tokens[m[1]] = true
			}
			return err
		},
	}
	s := httptest.NewServer(proxy)
	t.Cleanup(s.Close)
	return s.URL
}

func TestGinkgoNeverShowsASecret(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ dialect, defect string }{
		{"kitchenhub", "kitchenhub-leaks-secret"}, {"kitchenhub", "kitchenhub-leaks-token"},
		{"kitchenmonki", "kitchenmonki-leaks-token"}, {"kitchenmonki", "kitchenmonki-redirect-unchecked"},
	} {
		t.Run(c.defect, func(t *testing.T) {
			t.Parallel()
			s := serve(t, c.dialect, "--defect", c.defect)
			seen := &recorder{tokens: map[string]bool{}}
			front := seen.before(t, s.api)
			file := rewritten(t, s.file(c.dialect), func(text string) string {
				text = strings.ReplaceAll(text, s.api, front)
				if c.defect == "kitchenmonki-redirect-unchecked" { // the other one is shown with a browser
					text = withoutBrowser(text)
				}
				return text
			})
			under, _, err := target.Load(file, nil)
			if err != nil {
				t.Fatal(err)
			}
			run := suite(t, []string{file}, "-ginkgo.vv")
			if run.code != 1 || run.json == "" || run.junit == "" {
				t.Fatalf("exit %d: %s", run.code, run.output)
			}
			if len(seen.tokens) < 40 {
				t.Errorf("only %d tokens were seen", len(seen.tokens))
			}
			secrets := under.Secrets()
			for token := range seen.tokens {
				secrets = append(secrets, token)
			}
			for name, text := range map[string]string{"the output": run.output, "the JSON report": run.json, "the JUnit report": run.junit} {
				for secret, form := range shownIn(text, secrets) {
					t.Errorf("%s holds %q as %q", name, secret, form)
				}
			}
		})
	}
}

// shownIn finds secrets as they are, in a URL, in JSON, or as part of something in base64, in one pass.
func shownIn(text string, secrets []string) map[string]string {
	const prefix = 6
	type needle struct{ form, secret string }
	needles := map[string][]needle{}
	for _, secret := range secrets {
		quoted, _ := json.Marshal(secret)
		forms := []string{secret, url.QueryEscape(secret), string(quoted[1 : len(quoted)-1])}
		for shift := range 3 {
			encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), secret...))
			forms = append(forms, encoded[(shift*8+5)/6:(shift+len(secret))*8/6])
		}
		for _, form := range forms {
			needles[form[:prefix]] = append(needles[form[:prefix]], needle{form, secret})
		}
	}
	found := map[string]string{}
	for i := 0; i+prefix <= len(text); i++ {
		for _, n := range needles[text[i:i+prefix]] {
			if strings.HasPrefix(text[i:], n.form) {
				found[n.secret] = n.form
			}
		}
	}
	return found
}

// TestTheSearchForSecretsFindsThem keeps the test above from going blind.
func TestTheSearchForSecretsFindsThem(t *testing.T) {
	const secret = `Kq7/wren+Hollow=4t"Sorrel`
	quoted, _ := json.Marshal(secret)
	for _, text := range []string{"a" + secret + "z", url.Values{"s": {secret}}.Encode(), string(quoted), base64.StdEncoding.EncodeToString([]byte("me:" + secret + "!"))} {
		if len(shownIn(text, []string{secret, "another-secret"})) != 1 {
			t.Errorf("it goes unseen in %s", text)
		}
	}
}
