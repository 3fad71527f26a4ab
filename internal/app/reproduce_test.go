package app_test

import (
	"cmp"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/goccy/go-yaml"
)

// played runs a script that --reproduce printed at a server, with the credentials of its target file.
func played(t *testing.T, script string, s *served, dialect string) (said string, code int) {
	t.Helper()
	return playedAt(t, script, s, dialect, "")
}

// playedAt is played at another address, if there is one.
func playedAt(t *testing.T, script string, s *served, dialect, base string) (said string, code int) {
	t.Helper()
	var file struct {
		BaseURL     string                       `yaml:"base_url"`
		Credentials map[string]map[string]string `yaml:"credentials"`
	}
	if err := yaml.Unmarshal([]byte(contents(t, s.file(dialect))), &file); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", written(t, "script.sh", script))
	cmd.Env = append(os.Environ(), "GONOGO_BASE_URL="+cmp.Or(base, file.BaseURL), "GONOGO_CLOCK_URL="+s.control+"/__control/clock")
	for role, fields := range file.Credentials {
		for name, value := range fields {
			cmd.Env = append(cmd.Env, "GONOGO_"+strings.ToUpper(role)+"_"+strings.ToUpper(name)+"="+value)
		}
	}
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// TestAFailureCanBeReproducedByScript: what --reproduce prints of a case that failed shows the failure at a server that has it,
// and none at one that has not; it holds no secret, and no mark that stands for one.
func TestAFailureCanBeReproducedByScript(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dialect, defect, id string
	}{
		{"kitchenhub", "kitchenhub-refresh-replay", "kitchenhub/refresh-rotation/old-token-refused"}, // a token of an answer, twice
		{"kitchenhub", "kitchenhub-refresh-replay", "kitchenhub/refresh-rotation/race"},              // at once
		{"kitchenhub", "kitchenhub-secret-suffix", "kitchenhub/issue/near-miss-client-secret"},       // near a credential
		{"pos", "pos-access-dies-early", "pos/access-expiry/alive-for-use"},                          // an account of its own, and a wait
		{"pos", "pos-refresh-200", "pos/refresh/documented-request"},                                 // Basic, and a refresh token as Bearer
		{"b2b", "b2b-access-never-expires", "b2b/access-expiry/dead-for-use"},                        // a wait
		{"b2b", "b2b-refresh-missing-code", "b2b/refresh/refresh-token-missing"},                     // seen in the members of the answer
		{"b2b", "b2b-expired-code", "b2b/audit/schema"},                                              // of a case that looks over all others
		{"kitchenmonki", "kitchenmonki-grant-type-missing-accepted", "kitchenmonki/issue/grant-type-missing"},
		{"kitchenmonki", "kitchenmonki-refresh-no-token-type", "kitchenmonki/refresh/documented-request"}, // in the query
		{"oauth2", "oauth2-revoked-lingers", "oauth2/revocation/access-survives"},                         // Basic of what form-encoding changes
	} {
		t.Run(c.defect+" "+c.id, func(t *testing.T) {
			t.Parallel()
			bad, clean := serve(t, c.dialect, "--defect", c.defect), serve(t, c.dialect)
			o := gonogo(t, "check", bad.file(c.dialect), "--reproduce", c.id)
			if o.code != 1 || !strings.HasPrefix(o.stdout, "#!/bin/sh\n# "+c.id+": ") || !strings.Contains(o.stderr, "NO-GO") {
				t.Fatalf("no script of a failure:\n%s", o)
			}
			if strings.Contains(o.stdout, "‹") {
				t.Errorf("a mark is in\n%s", o.stdout)
			}
			if said, code := played(t, o.stdout, bad, c.dialect); code != 1 {
				t.Errorf("exit %d where it fails:\n%s", code, said)
			}
			if said, code := played(t, o.stdout, clean, c.dialect); code != 0 {
				t.Errorf("exit %d where it does not fail:\n%s", code, said)
			}
		})
	}
}

// TestAScriptAsksForConsent: nobody but a human approves, and a script without one says so.
func TestAScriptAsksForConsent(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenmonki", "--defect", "kitchenmonki-code-access-dies-early")
	o := gonogo(t, "check", s.file("kitchenmonki"), "--reproduce", "kitchenmonki/access-expiry/by-code-alive-for-use")
	if o.code != 1 {
		t.Fatalf("no failure:\n%s", o)
	}
	said, code := played(t, o.stdout, s, "kitchenmonki")
	if code != 2 || !strings.Contains(said, "open this address in a browser") || !endsWith(said, "nobody answers\n") {
		t.Errorf("exit %d:\n%s", code, said)
	}
}

// TestABodyBehindAHeadIsReproduced: curl sees it only if it does not know that HEAD has none.
func TestABodyBehindAHeadIsReproduced(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	file := s.file("kitchenhub")
	var has struct {
		BaseURL string `yaml:"base_url"`
	}
	if err := yaml.Unmarshal([]byte(contents(t, file)), &has); err != nil {
		t.Fatal(err)
	}
	behind, err := url.Parse(has.BaseURL)
	if err != nil {
		t.Fatal(err)
	}
	var mended atomic.Bool
	api := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: behind.Scheme, Host: behind.Host})
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodHead || mended.Load() {
			api.ServeHTTP(w, r)
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 401 Unauthorized\r\nContent-Type: text/plain\r\nWWW-Authenticate: Bearer\r\nContent-Length: 12\r\n\r\nnot for you\n")
	}))
	defer front.Close()
	base := front.URL + behind.Path
	through := written(t, "through.yaml", strings.Replace(contents(t, file), has.BaseURL, base, 1))
	o := gonogo(t, "check", through, "--reproduce", "kitchenhub/audit/unsolicited")
	if o.code != 1 || !strings.HasPrefix(o.stdout, "#!/bin/sh") {
		t.Fatalf("no script of a failure:\n%s", o)
	}
	if said, code := playedAt(t, o.stdout, s, "kitchenhub", base); code != 1 {
		t.Errorf("exit %d where it fails:\n%s\n%s", code, said, o.stdout)
	}
	mended.Store(true)
	if said, code := playedAt(t, o.stdout, s, "kitchenhub", base); code != 0 {
		t.Errorf("exit %d where it does not fail:\n%s", code, said)
	}
}

// TestAScriptTakesTheVariablesOfTheTargetFile: whoever has set what the target file names need not say it again.
func TestAScriptTakesTheVariablesOfTheTargetFile(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	var file struct {
		Credentials map[string]map[string]string `yaml:"credentials"`
	}
	text := contents(t, s.file("kitchenhub"))
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"HUB_SECRET": file.Credentials["primary"]["client_secret"]}
	text = strings.Replace(text, env["HUB_SECRET"], "${HUB_SECRET}", 1)
	o := gonogoIn(t.Context(), env, "check", written(t, "hub.yaml", text), "--reproduce", "kitchenhub/issue/documented-request")
	if o.code != 0 || !strings.Contains(o.stdout, `"${HUB_SECRET:?is not set; it is credentials.primary.client_secret of the target file}"`) ||
		strings.Contains(o.stdout, "GONOGO_PRIMARY_CLIENT_SECRET") || !strings.Contains(o.stdout, "GONOGO_PRIMARY_CLIENT_ID") {
		t.Errorf("the script does not take HUB_SECRET:\n%s", o)
	}
}

func TestReproduceChoosesItsCase(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	file := s.file("kitchenhub")
	gonogo(t, "check", file, "--reproduce", "no/such/case").refuses(t, "--reproduce no/such/case: there is no such case; --plan lists them")
	gonogo(t, "check", file, "--reproduce", "kitchenhub/issue/documented-request", "--case", "x").refuses(t,
		"--reproduce kitchenhub/issue/documented-request chooses the case; leave --case, --rerun-failed and --label-filter out")
	o := gonogo(t, "check", file, "--reproduce", "kitchenhub/issue/documented-request")
	if said, code := played(t, o.stdout, s, "kitchenhub"); o.code != 0 || code != 0 || !strings.Contains(said, "the case found nothing") {
		t.Errorf("exit %d:\n%s\n%s", code, said, o)
	}
}
