package app_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"gonogo/reports"
)

// withLarch are the flags of the reference server's first client, whose secret is in the environment.
var (
	withLarch = []string{"--client-id", "oauth-client-larch", "--client-secret", "${APP_SECRET}"}
	larch     = map[string]string{"APP_SECRET": "Dw8xHarbor2mVelvet5rCondor"}
)

// TestAnIssuerIsCheckedByItsAddress: no file, and what is missing is named with the flag that gives it.
func TestAnIssuerIsCheckedByItsAddress(t *testing.T) {
	t.Parallel()
	s := serve(t, "oauth2")
	report := t.TempDir() + "/report.json"
	o := gonogoIn(t.Context(), larch, append([]string{"check", s.api, "--report", "json=" + report}, withLarch...)...)
	o.exits(t, 0)
	for _, want := range []string{
		s.api + " says at " + s.api + "/.well-known/oauth-authorization-server where it is\n", "  introspect           " + s.api + "/introspect\n",
		"  resource             none: no metadata tell where it is\n", "more: --second-id and --second-secret\n", "more: --redirect-uri, --user and --password\n",
	} {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("no %q in\n%s", want, o.stderr)
		}
	}
	if strings.Contains(o.String(), larch["APP_SECRET"]) {
		t.Error("the secret is told")
	}
	r, err := reports.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{"OA-8414-3.3-ISSUER", "OA-8414-2-AGREES", "OA-6749-4.4-GRANT"} {
		if got := r.Dialects[0].OutcomeOf(row); got != reports.Pass {
			t.Errorf("%s is %s", row, got)
		}
	}
}

// TestAClientThatMustNotAsk: who may ask about tokens no metadata say, and a client that may not is told that its own are not active. So
// nothing stands on that where the address alone was given; where a file names the endpoint for this client, it is a finding.
func TestAClientThatMustNotAsk(t *testing.T) {
	t.Parallel()
	s := serve(t, "oauth2", "--defect", "oauth2-live-token-inactive")
	report := t.TempDir() + "/report.json"
	o := gonogoIn(t.Context(), larch, append([]string{"check", s.api, "--report", "json=" + report}, withLarch...)...)
	o.exits(t, 0)
	if want := "this client is told nothing of its own live token (POST /introspect was answered 200 OK, /active false)"; !strings.Contains(strings.Join(strings.Fields(o.stdout), " "), want) {
		t.Errorf("nobody says %q:\n%s", want, o)
	}
	r := reportIn(t, report).Dialects[0]
	for row, want := range map[string]reports.Outcome{"OA-7662-2.2-ACTIVE": reports.NotExercised, "OA-6749-4.4-GRANT": reports.Pass} {
		if got := r.OutcomeOf(row); got != want {
			t.Errorf("%s is %s", row, got)
		}
	}
	named := edited(t, s.file("oauth2"), func(f fields) { f["endpoints"] = map[string]any{"introspect": "/introspect"} })
	if o, report := checked(t, "--target", named, "--case", "oauth2/validate/*"); report.Dialects[0].OutcomeOf("OA-7662-2.2-ACTIVE") != reports.Fail {
		t.Errorf("an endpoint that a file names for the client is not judged:\n%s", o)
	}
}

// TestAnIssuersPublicClient: a client without a secret comes with a flag of its own, and the check says so where there is a user.
func TestAnIssuersPublicClient(t *testing.T) {
	t.Parallel()
	s := serve(t, "oauth2")
	user := []string{"--redirect-uri", "https://larch.example.com/callback", "--user", "wilhelmina.sedge", "--password", "Pt6hLagoon3xTimber8mFinch"}
	without := gonogoIn(t.Context(), larch, slices.Concat([]string{"check", s.api, "--case", "oauth2/public-client/*"}, withLarch, user)...)
	if without.exits(t, 3); !strings.Contains(without.stderr, " more: --public-id\n") {
		t.Errorf("nobody is told how to name a client without a secret:\n%s", without)
	}
	report := t.TempDir() + "/report.json"
	public := []string{"--public-id", "oauth-client-aspen", "--public-redirect-uri", "https://aspen.example.com/callback"}
	gonogoIn(t.Context(), larch, slices.Concat([]string{"check", s.api, "--case", "oauth2/public-client/*", "--report", "json=" + report}, withLarch, user, public)...).exits(t, 0)
	if got := reportIn(t, report).Dialects[0].OutcomeOf("OA-6749-3.2.1-PUBLIC"); got != reports.Pass {
		t.Errorf("the row of clients without a secret is %s", got)
	}
	gonogo(t, "check", s.api, "--client-id", "a", "--public-redirect-uri", "https://b.example/").complains(t, "name it with --public-id")
}

// TestAnIssuerIsPutUnderLoadByItsAddress: with a user, refresh tokens come of consent before the attack.
func TestAnIssuerIsPutUnderLoadByItsAddress(t *testing.T) {
	t.Parallel()
	s := serve(t, "oauth2")
	atOnce <- struct{}{}
	defer func() { <-atOnce }()
	user := []string{"--redirect-uri", "https://larch.example.com/callback", "--user", "wilhelmina.sedge", "--password", "Pt6hLagoon3xTimber8mFinch"}
	file := t.TempDir() + "/report.json"
	o := gonogoIn(t.Context(), larch, slices.Concat([]string{"load", s.api, "--scenario", "refresh", "--report", "json=" + file, "--rate", "50", "--duration", "1s", "--working-set", "10"}, withLarch, user)...)
	run := reportIn(t, file).Load[0]
	sound(t, o, run, 50)
	if want := "where it is; credentials go to " + strings.TrimPrefix(s.api, "http://") + " and nowhere else"; !strings.Contains(strings.ReplaceAll(o.stderr, "\n", " "), want) || strings.Contains(o.String(), larch["APP_SECRET"]) {
		t.Error(o)
	}
}

// TestIssuersThatCannotBeChecked: metadata that are not there, or somebody else's, are told apart, and nobody's secret is sent.
func TestIssuersThatCannotBeChecked(t *testing.T) {
	t.Parallel()
	answers := map[string]http.HandlerFunc{
		"none": http.NotFound,
		"page": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>hello</html>")) },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
		},
		"other":  said(`{"issuer": "https://other.example", "token_endpoint": "https://other.example/token"}`),
		"nobody": said(`{"token_endpoint": "https://other.example/token"}`),
		"plain":  said(`{"issuer": "ISSUER", "token_endpoint": "http://10.0.0.7/token"}`),
		"huge": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"issuer": "` + strings.Repeat("x", 2<<20) + `"}`))
		},
		"slash": said(`{"issuer": "ISSUER/", "token_endpoint": "ISSUER/token"}`),
	}
	for name, want := range map[string]string{
		"none": "is answered 404 Not Found; if it has endpoints all the same, name them in a target file", "page": "is no JSON object", "redirect": "redirects (302) to https://elsewhere.example/, where nobody is asked",
		"other": "are those of https://other.example and not of http://127.0.0.1", "nobody": "do not say whose they are", "plain": "have http://10.0.0.7/token at /token_endpoint", "huge": "is answered with more than", "slash": "for a slash counts",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked++; r.Method != http.MethodGet || r.Header.Get("Authorization") != "" {
					t.Errorf("%s %s is more than a question for metadata", r.Method, r.URL)
				}
				answers[name](w, r)
			}))
			defer server.Close()
			gonogoIn(t.Context(), larch, append([]string{"check", server.URL}, withLarch...)...).complains(t, want)
			if asked == 0 || asked > 2 {
				t.Errorf("%d requests", asked)
			}
		})
	}
}

func said(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(strings.ReplaceAll(text, "ISSUER", "http://"+r.Host)))
	}
}

func TestIssuersOnTheCommandLine(t *testing.T) {
	t.Parallel()
	gonogo(t, "check", "http://login.example.com", "--client-id", "a").complains(t, "http://login.example.com is not https")
	gonogo(t, "check", "https://login.example.com").complains(t, "--client-id ID --client-secret '${NAME}'")
	gonogo(t, "check", "https://u:p@login.example.com", "--client-id", "a").complains(t, "has a user or a password in it")
	gonogo(t, "load", "http://login.example.com", "--client-id", "a", "--scenario", "issue").complains(t, "http://login.example.com is not https")
	gonogo(t, "load", "pos", "--client-id", "a", "--scenario", "issue").complains(t, "--client-id is about an issuer")
	gonogo(t, "check", "pos", "--client-id", "a").complains(t, "--client-id is about an issuer")
	gonogo(t, "check", "kitchenhub", "https://login.example.com", "--client-id", "a").complains(t, "kitchenhub does not say where an issuer has its metadata")
	if o := gonogo(t, "check", "http://127.0.0.1:1", "--client-id", "a"); o.code != 3 || !strings.Contains(o.stderr, "cannot be asked for metadata") {
		t.Error(o)
	}
}

// TestAServerThatHasCodesAlone: where no client gets a token of its own, all tokens come of a user's approval, and no case asks
// for another. What a refresh must not do is seen all the same.
func TestAServerThatHasCodesAlone(t *testing.T) {
	t.Parallel()
	alone := func(args ...string) string {
		return edited(t, serve(t, append([]string{"oauth2"}, args...)...).file("oauth2"), func(f fields) {
			f["endpoints"] = map[string]any{"client-credentials": "none"}
		})
	}
	o, report := checked(t, "--target", alone())
	o.exits(t, 0)
	for _, row := range []string{"OA-7662-2.2-AGREES", "OA-6749-6-SCOPE"} {
		if got := report.Dialects[0].OutcomeOf(row); got != reports.Pass {
			t.Errorf("%s is %s", row, got)
		}
	}
	o, report = checked(t, "--target", alone("--defect", "oauth2-refresh-widens"), "--case", "oauth2/scope/*")
	if o.exits(t, 1); verdicts(report)["oauth2/scope/renewed-widened"] != reports.Fail {
		t.Errorf("a refresh that widens its scope is not seen:\n%s", o)
	}
}

// TestATargetFileThatLeavesThingsOut: what it does not say of proof keys the metadata do, and of an endpoint that is not there it is said
// once how a file says so.
func TestATargetFileThatLeavesThingsOut(t *testing.T) {
	t.Parallel()
	file := edited(t, serve(t, "oauth2").file("oauth2"), func(f fields) {
		delete(f, "settings")
		f["endpoints"] = map[string]any{"introspect": "/nowhere"}
	})
	o, report := checked(t, "--target", file, "--case", "oauth2/proof-key/verifier", "--case", "oauth2/validate/*", "--case", "oauth2/audit/*")
	o.exits(t, 1)
	if got := verdicts(report)["oauth2/proof-key/verifier"]; got != reports.Pass {
		t.Errorf("proof keys that the metadata list are %s", got)
	}
	if notes := strings.Join(report.Dialects[0].Notes, "\n"); strings.Count(notes, "endpoints: {introspect: none}") != 1 || !strings.Contains(o.stdout, "{introspect: none}") {
		t.Errorf("the notes say:\n%s\n%s", notes, o)
	}
}
