package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/consent"
	"gonogo/internal/exchange"
	"gonogo/reports"
)

// withBrowser is an environment in which Chromium is found, and more. In CI it must be there.
func withBrowser(t *testing.T, more map[string]string) map[string]string {
	t.Helper()
	b := chromium.New(os.LookupEnv)
	if why := b.Missing(); why != "" {
		if in, _ := strconv.ParseBool(os.Getenv("CI")); in {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	env := map[string]string{"PATH": os.Getenv("PATH"), chromium.Variable: os.Getenv(chromium.Variable)}
	maps.Copy(env, more)
	return env
}

// checkedIn is a run of check in an environment, with its JSON report.
func checkedIn(t *testing.T, env map[string]string, args ...string) (outcome, *reports.Report) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	o := gonogoIn(t.Context(), env, append([]string{"check", "--report", "json=" + file}, args...)...)
	if _, err := os.Stat(file); err != nil {
		t.Fatalf("there is no report of\n%s", o)
	}
	return o, reportIn(t, file)
}

func TestPopupsAreCheckedWhereThereIsABrowser(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ ci, cases, says string }{{"", "*/popup/*", "GO: 3 cases passed"}, {"true", "*/popup/code-to-opener", "GO: 1 case passed"}} {
		o, report := checkedIn(t, withBrowser(t, map[string]string{"CI": c.ci}), "kitchenmonki", "--strict", "--case", c.cases)
		o.exits(t, 0, c.says)
		if complaints(o.stderr) != "" {
			t.Errorf("on standard error stands %q", o.stderr)
		}
		if got := verdicts(report)["kitchenmonki KM-POPUP-1"]; got != reports.Pass {
			t.Errorf("KM-POPUP-1 is %s", got)
		}
	}
}

func TestAMissingBrowser(t *testing.T) {
	t.Parallel()
	const lacking = "there is no Chromium here (install it, on Debian apt-get install chromium, or name its program in CHROME_BIN)"
	popups := []string{"kitchenmonki", "--case", "*/popup/*", "--case", "*/issue/*"}
	for _, c := range []struct {
		env    map[string]string
		args   []string
		code   int
		reason string
	}{
		{map[string]string{"PATH": t.TempDir()}, popups, 0, lacking},
		{nil, popups, 0, lacking},
		{map[string]string{"CI": "false"}, popups, 0, lacking},
		{map[string]string{"CI": "true"}, popups, 3, "browser is required, but " + lacking},
		{nil, append(popups, "--require", "browser"), 3, "browser is required, but " + lacking},
		{map[string]string{chromium.Variable: "/no/chrome"}, append(popups, "--require", "browser"), 3,
			"browser is required, but CHROME_BIN names /no/chrome, which is no program here (correct it, or unset it to have Chromium looked for)"},
	} {
		o, report := checkedIn(t, c.env, c.args...)
		o.exits(t, c.code)
		seen := 0
		for _, d := range report.Dialects[0].Cases {
			if slices.Contains(d.Needs, "browser") {
				if seen++; d.Reason != c.reason {
					t.Errorf("%v: %s says %q, wanted %q", c.env, d.ID, d.Reason, c.reason)
				}
			}
		}
		if seen != 3 {
			t.Errorf("%d cases take a browser", seen)
		}
	}
	gonogoIn(t.Context(), map[string]string{"CI": "true"}, "check", "kitchenhub", "--case", "*/issue/*").exits(t, 0)
}

func TestATargetFileNeedsNoBrowserInCI(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenmonki", "--www", "127.0.0.1:0")
	file := s.file("kitchenmonki")
	args := []string{"check", "--target", file, "--case", "*/popup/code-to-opener", "--case", "*/issue/*"}
	o := gonogoIn(t.Context(), map[string]string{"CI": "true"}, args...)
	o.exits(t, 0, "Not exercised: 1 case")
	gonogoIn(t.Context(), withBrowser(t, nil), args...).exits(t, 0, "  ✓ KM-POPUP-1  documented  with display=popup the code is delivered to the opener    pass")
	absent := edited(t, file, func(f fields) { f["absent"] = []string{"browser"} })
	args[2] = absent
	o = gonogoIn(t.Context(), withBrowser(t, nil), args...)
	o.exits(t, 0)
	if !hasLine(o.stdout, `^  - KM-POPUP-1 .* not-applicable$`) {
		t.Errorf("absent: [browser] gives\n%s", o)
	}
}

// sender sends as the harness does: it follows nothing and keeps no cookies.
type sender struct{}

func (sender) Send(_ context.Context, req *http.Request) (*exchange.Exchange, error) {
	x := &exchange.Exchange{Sent: time.Now(), Method: req.Method, URL: req.URL.String()}
	response, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	x.Status, x.Header, x.Body, x.Received = response.StatusCode, response.Header, drained(response.Body), time.Now()
	return x, nil
}

// scripted is a consent site that a script builds, in front of a reference server's pages: what its form says goes
// through those.
func scripted(t *testing.T, pages string) string {
	t.Helper()
	const page = `<!doctype html><title>Consent</title><main></main><script>
setTimeout(() => {
  const main = document.querySelector('main');
  main.innerHTML = '<input placeholder="User name"><input type="password"><button>Allow</button> <button>Deny</button>';
  const [name, password] = main.querySelectorAll('input');
  main.querySelectorAll('button').forEach((button, refuses) => button.addEventListener('click', async () => {
    const answer = await fetch('/decision', {method: 'POST', body: JSON.stringify({query: location.search, name: name.value, password: password.value, refuses: refuses === 1})});
    const {to, says} = await answer.json();
    if (to) location = to; else main.textContent = says;
  }));
}, 50)</script>`
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, page)
			return
		}
		var said struct {
			Query, Name, Password string
			Refuses               bool
		}
		_ = json.NewDecoder(r.Body).Decode(&said)
		at, err := url.Parse(pages + "/authorize" + said.Query)
		if err != nil {
			http.Error(w, "no", http.StatusBadRequest)
			return
		}
		walk := consent.Request{Authorize: at, RedirectURI: at.Query().Get("redirect_uri"), Username: said.Name, Password: said.Password}
		if said.Refuses {
			walk.Decision = consent.Deny
		}
		result, _ := consent.Form().Decide(r.Context(), sender{}, walk)
		answer := map[string]string{"says": "This cannot be done."}
		if result.Redirect != nil {
			answer["to"] = result.Redirect.String()
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestConsentInABrowser(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenmonki", "--www", "127.0.0.1:0")
	var pages string
	file := edited(t, s.file("kitchenmonki"), func(f fields) {
		for name, place := range f["servers"].(fields) {
			pages = place.(string)
			f["servers"] = fields{name: scripted(t, pages)}
		}
		f["consent"] = fields{"mode": "browser"}
	})
	args := []string{"--target", file, "--case", "*/authorize/*", "--case", "*/refusal/*", "--case", "*/state/reserved", "--case", "*/exchange/documented-request", "--case", "*/code-expiry/[ad]*"}
	o, report := checkedIn(t, withBrowser(t, nil), args...)
	o.exits(t, 0)
	if counts := report.Dialects[0].Counts; counts.Pass < 6 || counts.NotExercised > 0 || complaints(o.stderr) != "" {
		t.Errorf("with a browser:\n%s", o)
	}
	asForm := edited(t, file, func(f fields) { f["consent"] = fields{"mode": "form"} })
	args[1] = asForm
	o, _ = checkedIn(t, withBrowser(t, nil), args...)
	o.exits(t, 3)
	if !strings.Contains(o.stdout, "the browser mode runs scripts") {
		t.Errorf("without a browser:\n%s", o)
	}
	args[1] = file
	o, report = checkedIn(t, nil, append(args, "--case", "*/issue/*")...)
	o.exits(t, 3)
	want := "consent.mode is browser, and there is no Chromium here (install it, on Debian apt-get install chromium, or name its program in CHROME_BIN)"
	for _, c := range report.Dialects[0].Cases {
		if slices.Contains(c.Needs, "consent") && (c.Outcome != reports.CouldNotRun || c.Reason != want) {
			t.Errorf("without Chromium %s is %s: %s", c.ID, c.Outcome, c.Reason)
		}
		if !slices.Contains(c.Needs, "consent") && c.Outcome != reports.Pass {
			t.Errorf("%s takes no browser, and is %s", c.ID, c.Outcome)
		}
	}
}

func TestABrowserThatDoesNotStart(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "chromium")
	if err := os.WriteFile(broken, []byte("#!/bin/sh\necho words-of-chromium >&2\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	o := gonogoIn(t.Context(), map[string]string{chromium.Variable: broken}, "check", "kitchenmonki", "--case", "*/popup/*")
	o.exits(t, 3)
	if !strings.Contains(strings.Join(strings.Fields(o.stdout), " "), "the browser cannot go on: it does not start; to see why: ") || strings.Contains(o.stdout+o.stderr, "words-of-chromium") {
		t.Errorf("it says\n%s", o)
	}
}

func TestNoSecretOfAPopupIsEverPrinted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		quirk string
		code  int
		id    string
	}{
		{"--liberty kitchenmonki-popup-message", 0, "kitchenmonki/popup/state-to-opener"},
		{"--liberty kitchenmonki-popup-message-url", 0, "kitchenmonki/popup/code-to-opener"},
		{"--defect kitchenmonki-popup-hands-over-nothing", 1, "kitchenmonki/popup/code-to-opener"},
		{"--defect kitchenmonki-popup-message-to-itself", 1, "kitchenmonki/popup/code-to-opener"},
		{"--defect kitchenmonki-popup-navigates-both", 1, "kitchenmonki/popup/code-in-popup"},
	} {
		quirk, code, id := c.quirk, c.code, c.id
		t.Run(quirk, func(t *testing.T) {
			t.Parallel()
			c := newCanary(t, "kitchenmonki", nil, strings.Fields(quirk)...)
			c.only = []string{id, "*/exchange/documented-request"}
			c.env = withBrowser(t, nil)
			c.check(t, code, id)
		})
	}
}

// TestCtrlCLeavesNoBrowserBehind looks at a real process, with a temporary folder of its own.
func TestCtrlCLeavesNoBrowserBehind(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("/tmp", "gonogo-") // short: Chromium's sockets go below it
	if err != nil {
		t.Skip(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var env []string
	for name, value := range withBrowser(t, nil) {
		if value != "" {
			env = append(env, name+"="+value)
		}
	}
	cmd := exec.Command(binary(t), "prove", "kitchenmonki", "--verbose", "--repeat", "50", "--parallel", "2", "--defect", popup)
	cmd.Env = append(env, "TMPDIR="+dir, "HOME="+dir)
	out := watch("as it should be")
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = out, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-out.seen:
	case err := <-ended:
		t.Fatalf("it ended by itself: %v\n%s%s", err, out, stderr.String())
	}
	_ = cmd.Process.Signal(syscall.SIGINT)
	<-ended
	if code := cmd.ProcessState.ExitCode(); code != 3 || complaints(stderr.String()) != "" {
		t.Errorf("it ended with %d\n%s%s", code, out, stderr.String())
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind are %v, %v", left, err)
	}
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range lines {
		if line, err := os.ReadFile(file); err == nil && bytes.Contains(line, []byte("="+dir)) {
			t.Errorf("it runs on: %s", fmt.Sprint(file))
		}
	}
}
