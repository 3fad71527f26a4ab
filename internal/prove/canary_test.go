package prove

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"gonogo/internal/embedded"
	"gonogo/internal/target"
	"gonogo/reports/junit"
	"gonogo/reports/proofs"
	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
)

// given are the tokens and codes in an answer.
var given = regexp.MustCompile(`"(?:access_token|refresh_token|client_secret)":\s*"([^"]{8,})"|[?&]code=([^&"\s]{8,})`)

// listened is a way to a target on which somebody hears all tokens and codes that are handed out.
func listened(t *testing.T, to *url.URL, heard func(string)) *url.URL {
	t.Helper()
	way := httputil.NewSingleHostReverseProxy(to)
	way.ModifyResponse = func(response *http.Response) error {
		body, err := io.ReadAll(response.Body)
		response.Body = io.NopCloser(bytes.NewReader(body))
		for _, found := range given.FindAllStringSubmatch(string(body)+"\n"+response.Header.Get("Location"), -1) {
			heard(found[1] + found[2])
		}
		return err
	}
	server := httptest.NewServer(way)
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// written are the forms in which a text can stand in another one.
func written(text string) []string {
	quoted, _ := json.Marshal(text)
	forms := []string{text, url.QueryEscape(text), url.PathEscape(text), html.EscapeString(text), string(quoted[1 : len(quoted)-1]), hex.EncodeToString([]byte(text))}
	for shift := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			encoded := encoding.EncodeToString(append(make([]byte, shift), text...))
			forms = append(forms, encoded[(shift*8+5)/6:(shift+len(text))*8/6])
		}
	}
	return forms
}

// TestAFalseAlarmTellsNoSecret takes servers that tell secrets for such as must trip nothing: then a proof says what it was.
func TestAFalseAlarmTellsNoSecret(t *testing.T) {
	t.Parallel()
	for dialect, defects := range map[string][]string{
		"kitchenhub":   {"kitchenhub-leaks-secret", "kitchenhub-leaks-token", "kitchenhub-refusal-header-token"},
		"kitchenmonki": {"kitchenmonki-leaks-token", "kitchenmonki-leaks-secret", "kitchenmonki-redirect-carries-token", "kitchenmonki-page-shows-secret"},
		"b2b":          {"b2b-leaks-password", "b2b-leaks-token", "b2b-forbidden-leaks-tokens"},
	} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			d, err := specs.Load(dialect)
			if err != nil {
				t.Fatal(err)
			}
			server, err := embedded.Start(t.Context(), d, defects, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer server.Kill()
			to, err := server.Target()
			if err != nil {
				t.Fatal(err)
			}
			var mu sync.Mutex
			secrets := map[string]bool{}
			direct := to.BaseURL.String()
			to.BaseURL = listened(t, to.BaseURL, func(token string) {
				mu.Lock()
				defer mu.Unlock()
				secrets[token] = true
			})
			for name, place := range to.Servers {
				if place.String() == direct {
					to.Servers[name] = to.BaseURL
				}
			}
			for _, secret := range to.Secrets() {
				secrets[secret] = true
			}
			plan := catalog.PlanAt(d, to).Only(func(c engine.Case) bool { return !slices.Contains(c.Needs, target.NeedBrowser) })
			report, err := engine.Run(t.Context(), []engine.Job{{Plan: plan, Target: to}}, engine.Options{Seed: seed, Parallel: 8, NoEvidence: true})
			if err != nil {
				t.Fatal(err)
			}
			run := proof{kind: Clean, dialect: dialect}.quiet(report.Dialects[0])
			if run.Outcome != proofs.FalseAlarm || !strings.Contains(run.Reason, "/audit/leak fail") || !strings.Contains(run.Reason, "‹") || len(secrets) < 50 {
				t.Fatalf("of a server that tells secrets is said, with %d of them: %s", len(secrets), run.Reason)
			}
			told := &proofs.Report{Repeat: 1, Proofs: []proofs.Proof{{Kind: Clean, ID: Clean, Dialect: dialect, Runs: []proofs.Run{run}}}}
			told.Decide()
			var asJSON, asJUnit bytes.Buffer
			if err := proofs.WriteJSON(&asJSON, told); err != nil {
				t.Fatal(err)
			}
			if err := junit.WriteProof(&asJUnit, told); err != nil {
				t.Fatal(err)
			}
			said := run.Reason + asJSON.String() + asJUnit.String() + html.UnescapeString(asJUnit.String())
			for secret := range secrets {
				for _, form := range written(secret) {
					if strings.Contains(said, form) {
						t.Errorf("%q is told", form)
					}
				}
			}
		})
	}
}
