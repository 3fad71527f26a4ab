package app_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// foreign is somebody else's staging API: its clock cannot be moved, nobody is its operator, and it counts requests by their mark.
func foreign(t *testing.T, dialect string) (file string, marks func() map[string]int) {
	t.Helper()
	s := serve(t, dialect)
	upstream, err := url.Parse(s.api)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	seen, proxy := map[string]int{}, httputil.NewSingleHostReverseProxy(upstream)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen[r.Header.Get("X-Mark")]++
		if r.Header.Get("Traceparent") != "" { // the client has sent none
			seen[""]++
		}
		mu.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	file = edited(t, s.file(dialect), func(f fields) {
		f["base_url"] = front.URL
		delete(f, "clock")
		delete(f, "operator")
	})
	return file, func() map[string]int { mu.Lock(); defer mu.Unlock(); return seen }
}

// TestAWatchSendsNothingThatTheClientDidNotSend: each process of curl marks what it sends, and upstream sees no request without a mark,
// and none twice.
func TestAWatchSendsNothingThatTheClientDidNotSend(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip(err)
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "curl"), []byte("#!/bin/sh\nexec "+curl+" -H \"X-Mark: $$-$(date +%s%N)\" \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	file, marks := foreign(t, "kitchenhub")
	o := gonogo(t, append(until(t, "ended-thrice", "export PATH="+bin+":$PATH; "+curlClient), "watch", "--target", file, "--verbose")...)
	o.exits(t, 0)
	if len(marks()) < 5 {
		t.Errorf("upstream saw %d requests\n%s", len(marks()), o)
	}
	for mark, count := range marks() {
		if mark == "" || count > 1 {
			t.Errorf("%d requests have the mark %q", count, mark)
		}
	}
}

// TestWhatNobodySawIsNotHeldAgainstAClient: an API that does not answer, and a command that is none.
func TestWhatNobodySawIsNotHeldAgainstAClient(t *testing.T) {
	t.Parallel()
	const once = `curl -sS -X POST -H 'Content-Type: application/json' -d "{\"client_id\":\"$GONOGO_PRIMARY_CLIENT_ID\",\"client_secret\":\"$GONOGO_PRIMARY_CLIENT_SECRET\"}" "$GONOGO_BASE_URL/v2/auth/token"`
	s := serve(t, "kitchenhub")
	elsewhere := func(at string) string {
		return edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = at })
	}
	for name, c := range map[string]struct{ file, run, says string }{
		"gone":       {elsewhere("http://" + closedPort(t)), once, "the API behind did not answer 1 request: upstream gave no answer: "},
		"no TLS":     {elsewhere(strings.Replace(s.api, "http:", "https:", 1)), once, "the API behind did not answer 1 request: upstream gave no answer: "},
		"no command": {s.file("kitchenhub"), "no-such-command", "the client made no request: the command ended by itself, with exit code 127, after it said "},
		"exit 3":     {s.file("kitchenhub"), "echo $GONOGO_PRIMARY_CLIENT_SECRET; exit 3", "the client made no request: the command ended by itself, with exit code 3, after it said "},
	} {
		o := gonogo(t, "watch", "--target", c.file, "--verbose", "--run", c.run)
		if text := strings.Join(strings.Fields(o.stdout), " "); o.code != 3 || !strings.Contains(text, c.says) {
			t.Errorf("%s: %s", name, o)
		}
		if strings.Contains(o.stdout+o.stderr, "Zq4vTundra8mOrchard2kLantern") {
			t.Errorf("%s: the secret is told: %s", name, o)
		}
	}
	taken := strings.TrimPrefix(s.api, "http://")
	if o := gonogo(t, "watch", "--target", s.file("kitchenhub"), "--listen", taken, "--run", "exit 0"); o.code != 2 || !strings.Contains(o.stderr, taken) {
		t.Errorf("a port that is taken: %s", o)
	}
}
