package app_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonogo/reports"
)

// curlClient is a client in shell that knows nothing of a watch but the environment.
const curlClient = "exec sh ../../testdata/clients/curl.sh"

func TestWatchOfAGoodClient(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "report.json")
	code, stdout, stderr := says("watch", "kitchenhub", "--for", "20s", "--run", curlClient, "--report", "json="+file)
	if code != 0 {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	wantLines(t, stdout, "a client of kitchenhub: Kitchenhub Auth API 2")
	if !strings.Contains(stdout, "GO: ") || !strings.Contains(stdout, "Not exercised") {
		t.Errorf("it says no go with what was not reached:\n%s", stdout)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var report reports.Report
	if err := json.Unmarshal(text, &report); err != nil || report.Dialects[0].Subject != reports.SubjectClient {
		t.Errorf("the report is about %q, %v", report.Dialects[0].Subject, err)
	}
	for _, all := range []string{stdout, stderr, string(text)} {
		if strings.Contains(all, "Zq4vTundra8mOrchard2kLantern") {
			t.Error("the client's secret is told")
		}
	}
}

func TestWatchOfAClientThatKeepsItsFirstRefreshToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	code, stdout, stderr := says("watch", "kitchenhub", "--for", "30s", "--run", "export KEEP_FIRST=1; "+curlClient, "--report", "json="+filepath.Join(dir, "w.json"), "--report", "html="+filepath.Join(dir, "w.html"))
	if code != 1 {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	for _, part := range []string{"NO-GO", "KHW-STORE-1", "had replaced", "POST /v2/auth/refresh with ‹refresh a1›", `{"refresh_token":"‹refresh a1›"}`} {
		if !strings.Contains(stdout, part) {
			t.Errorf("it does not say %q:\n%s", part, stdout)
		}
	}
	var report reports.Report
	if text, err := os.ReadFile(filepath.Join(dir, "w.json")); err != nil || json.Unmarshal(text, &report) != nil {
		t.Fatal("there is no report", err)
	}
	named := map[string]bool{}
	accused := ""
	for _, life := range report.Dialects[0].Lives.Tokens {
		if named[life.Name] {
			t.Errorf("two tokens are ‹%s›", life.Name)
		}
		if named[life.Name] = true; life.IsAccused() && accused == "" {
			accused = life.Name
		}
	}
	page, err := os.ReadFile(filepath.Join(dir, "w.html"))
	if err != nil || accused != "refresh a1" || !strings.Contains(string(page), `<a class="mark s2 accused fail" id="kitchenhub.lives.refresh-a1.`) {
		t.Errorf("the page does not ring the token that is used again (%q), %v", accused, err)
	}
}

func TestWatchOfAClientThatNeverCalls(t *testing.T) {
	t.Parallel()
	code, stdout, _ := says("watch", "kitchenhub", "--run", "exit 0")
	if code != 3 || !strings.Contains(stdout, "made no request") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestWatchUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "name the API whose client is watched"},
		{[]string{"kitchenhub", "pos"}, "watch takes one API"},
		{[]string{"kitchenhob"}, "kitchenhub"},
		{[]string{"kitchenhub", "--patience", "0s"}, "--patience 0s"},
		{[]string{"kitchenhub", "--for", "-1s"}, "--for -1s"},
		{[]string{"kitchenhub", "--level", "good"}, "--level good"},
		{[]string{"kitchenhub", "--run", "exit 0", "--listen", "nowhere"}, "nowhere"},
		{[]string{"kitchenhub", "--target", "missing.yaml"}, "missing.yaml"},
	} {
		code, _, stderr := says(append([]string{"watch"}, c.args...)...)
		if code != 2 || !strings.Contains(stderr, c.says) {
			t.Errorf("watch %q: exit %d, %s", c.args, code, stderr)
		}
	}
}

func TestWatchByHTTPS(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := says("watch", "kitchenhub", "--tls", "--for", "5s", "--run", curlClient)
	if code != 0 || !strings.Contains(stderr, "the API is watched at https://127.0.0.1:") {
		t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
	}
}
