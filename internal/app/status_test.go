package app_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gonogo/internal/app"
)

// standing is a status line of check or prove, for tests that look at the rest of standard error.
var standing = regexp.MustCompile(`(?m)^[0-9hms]+: \d+ of \d+ (case|run)s? done, .*\n`)

// complaints are what stands on standard error beside status lines.
func complaints(stderr string) string { return standing.ReplaceAllString(stderr, "") }

// ticking is a call of the tool whose time the test keeps.
type ticking struct {
	t     *testing.T
	began time.Time
	ticks chan time.Time
	ended chan outcome
	stop  context.CancelFunc

	mu     sync.Mutex
	paused []time.Duration // what was waited for between two status lines
	stderr watched
}

func tick(t *testing.T, args ...string) *ticking {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	k := &ticking{t: t, began: time.Now(), ticks: make(chan time.Time), ended: make(chan outcome, 1), stop: cancel}
	k.stderr.seen = make(chan struct{})
	t.Cleanup(cancel)
	go func() {
		var stdout bytes.Buffer
		code := app.RunTicking(ctx, args, &stdout, &k.stderr, func() time.Time { return k.began }, func(d time.Duration) <-chan time.Time {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.paused = append(k.paused, d)
			return k.ticks
		})
		k.ended <- outcome{code, stdout.String(), k.stderr.String()}
	}()
	return k
}

// passes lets so much time have passed since the beginning, and returns when what there is to say then has been said:
// that is when the next tick is waited for.
func (k *ticking) passes(since time.Duration) {
	k.t.Helper()
	before := len(k.pauses())
	select {
	case k.ticks <- k.began.Add(since):
	case o := <-k.ended:
		k.t.Fatalf("it ended before %s had passed:\n%s", since, o)
	}
	for len(k.pauses()) == before { // an event that has no other sign
		select {
		case o := <-k.ended:
			k.t.Fatalf("it ended after %s:\n%s", since, o)
		case <-time.After(time.Millisecond):
		}
	}
}

func (k *ticking) pauses() []time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.paused)
}

// held is a target that answers nobody until it is let go.
func held(t *testing.T, answer http.HandlerFunc) (address string, letGo func()) {
	t.Helper()
	gate := make(chan struct{})
	letGo = sync.OnceFunc(func() { close(gate) })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-gate:
			answer(w, r)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(letGo)
	return server.URL, letGo
}

func at(address, more string) string {
	return fmt.Sprintf("dialect: kitchenhub\nbase_url: %s\ncredentials:\n  primary: {client_id: a-client, client_secret: its-long-secret}\nabsent: [second]\n%s", address, more)
}

func TestACheckSaysHowItStands(t *testing.T) {
	t.Parallel()
	address, letGo := held(t, http.NotFound)
	k := tick(t, "check", "--target", written(t, "held.yaml", at(address, "limits: {timeout: 5m}\n")), "--case", "*/issue/*")
	k.passes(1500 * time.Millisecond)
	k.passes(11500 * time.Millisecond)
	if got := k.pauses(); got[0] >= 2*time.Second || got[1] != 10*time.Second || got[2] != got[1] {
		t.Errorf("the lines are %s apart", got)
	}
	said := regexp.MustCompile(`^2s: 0 of (\d+) cases done, 0 failed\n12s: 0 of \d+ cases done, 0 failed\n$`)
	if text := k.stderr.String(); !said.MatchString(text) {
		t.Errorf("it says\n%s", text)
	}
	letGo()
	o := <-k.ended
	if o.code == 0 || strings.Contains(o.stdout, " done, ") || !said.MatchString(o.stderr) {
		t.Errorf("the report is not apart from the status:\n%s", o)
	}
}

func TestAQuietCheckSaysNothingOfItself(t *testing.T) {
	t.Parallel()
	address, letGo := held(t, http.NotFound)
	k := tick(t, "check", "--quiet", "--target", written(t, "held.yaml", at(address, "limits: {timeout: 5m}\n")), "--case", "*/issue/*")
	letGo()
	if o := <-k.ended; o.stderr != "" || len(k.pauses()) > 0 {
		t.Errorf("--quiet waits for %s and says\n%s", k.pauses(), o)
	}
}

// until lets time pass until standard error has a line.
func (k *ticking) until(pattern string) {
	k.t.Helper()
	line := regexp.MustCompile(pattern)
	for range 600 {
		k.passes(2 * time.Second)
		lines := strings.Split(strings.TrimSpace(k.stderr.String()), "\n")
		if line.MatchString(lines[len(lines)-1]) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	k.t.Fatalf("no line %q in\n%.2000s", pattern, k.stderr.String())
}

// always429 is a target that is busy for so many seconds more.
func always429(t *testing.T, seconds string) string {
	t.Helper()
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", seconds)
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	t.Cleanup(busy.Close)
	return busy.URL
}

func TestACheckSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	k := tick(t, "check", "--target", written(t, "busy.yaml", at(always429(t, "600"), "limits: {max_wait: 20m}\n")), "--case", "*/issue/*")
	k.until(`^\d+s: 0 of \d+ cases done, 0 failed; waiting until \d\d:\d\d:\d\d \((10m0s|9m5\ds)\): the target is busy \(429\)$`)
	k.stop()
	if o := <-k.ended; o.code != 3 {
		t.Errorf("an interrupted run is\n%s", o)
	}

	s := serve(t, "kitchenmonki", "--control", "off")
	k = tick(t, "check", "--target", s.file("kitchenmonki"), "--case", "*/code-expiry/*-for-exchange")
	k.until(`; waiting \d+s, last until \d\d:\d\d:\d\d \(\d+s\): kitchenmonki/code-expiry/alive-for-exchange and 1 more$`)
	k.stop()
	if o := <-k.ended; o.code != 3 {
		t.Errorf("an interrupted run is\n%s", o)
	}
}

func TestAProofSaysHowItStands(t *testing.T) {
	t.Parallel()
	k := tick(t, "prove", "kitchenhub", "--defect", "kitchenhub-refresh-replay", "--repeat", "40", "--parallel", "1", "--case-parallel", "1")
	k.until(`^\d+s: \d+ of 40 runs done, 0 wrong$`)
	k.stop()
	if o := <-k.ended; strings.Contains(o.stdout, " of 40 runs") {
		t.Errorf("the status stands in the report:\n%s", o)
	}
}

func TestALoadSaysHowItStands(t *testing.T) {
	t.Parallel()
	address, letGo := held(t, http.NotFound)
	k := tick(t, "load", "--target", written(t, "held.yaml", at(address, "limits: {timeout: 5m}\n")), "--scenario", "issue")
	k.until(`^\d+s: making ready$`)
	letGo()
	<-k.ended

	busy := always429(t, "600")
	k = tick(t, "load", "--target", written(t, "busy.yaml", at(busy, "limits: {max_wait: 20m}\n")), "--scenario", "issue")
	k.until(`^\d+s: waiting until \d\d:\d\d:\d\d \((10m0s|9m5\ds)\): the target is busy$`)
	k.stop()
	<-k.ended

	s := serve(t, "kitchenhub")
	k = tick(t, "load", "--target", s.file("kitchenhub"), "--scenario", "issue", "--rate", "50", "--duration", "10m", "--working-set", "4")
	k.until(`^\d+s: (9m5\ds|10m0s) left, [\d.]+/s, p50 \S+, p99 \S+, errors \d+, violations 0$`)
	k.stop()
	<-k.ended
	k = tick(t, "load", "capacity", "--target", s.file("kitchenhub"), "--scenario", "issue", "--start", "50", "--duration", "10m", "--working-set", "4")
	k.until(`^\d+s: step 1 at 50/s: \S+ left, [\d.]+/s, `)
	k.stop()
	<-k.ended
}

// Whoever waits for tokens before the attack is told how many there are.
func TestALoadTellsOfItsTokens(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	proxy := proxyTo(t, s.api, "")
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v2/auth/token" {
			time.Sleep(40 * time.Millisecond)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(slow.Close)
	target := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = slow.URL; delete(f, "servers") })
	k := tick(t, "load", "--target", target, "--scenario", "validate", "--rate", "100", "--duration", "1s", "--working-set", "4000")
	k.until(`^\d+s: filling: \d+ of 40\d\d tokens$`)
	k.stop()
	<-k.ended
}

func TestAPlanSaysHowLongItTakes(t *testing.T) {
	t.Parallel()
	plan := func(more string) string {
		o := gonogo(t, "check", "--plan", "--target", written(t, "plan.yaml", more))
		o.exits(t, 0)
		line, _, _ := strings.Cut(o.stdout, "\n")
		return line
	}
	for _, c := range []struct{ more, says string }{
		{at("http://127.0.0.1:1", "limits: {max_wait: 45s}\n"), "; waits of up to 45s in all (limits.max_wait)"},
		{at("http://127.0.0.1:1", "limits: {max_wait: 0s}\n"), "; no waits, for limits.max_wait is 0"},
		{at("http://127.0.0.1:1", "clock: {advance: {method: POST, url: 'http://127.0.0.1:1/c', body: '${duration}'}}\n"), "; no waits, for the target's clock is moved"},
		{at("https://stage.example.invalid", "limits: {max_rps: 1}\n"), "m"},
	} {
		if line := plan(c.more); !regexp.MustCompile(`^kitchenhub at \S+: \d+ cases, up to \d+ requests, \d+ logins with wrong credentials; (no )?waits`).MatchString(line) || !strings.Contains(line, c.says) {
			t.Errorf("%q is not in\n%s", c.says, line)
		}
	}
	if line := plan(at("https://stage.example.invalid", "limits: {max_rps: 1}\n")); !hasLine(line, `, and up to \d+m\d*s? ?.* for the requests \(limits.max_rps\)`) {
		t.Errorf("the pace is not in\n%s", line)
	}
}
