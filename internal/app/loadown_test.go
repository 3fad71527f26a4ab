//go:build unix

package app_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gonogo/reports"
)

// Files that this machine may not open are nobody else's fault, and every form says so.
func TestLoadAtALimitOfItsOwn(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	const says = "too many open files"
	dir := t.TempDir()
	args := []string{"-c", "ulimit -n 200; exec \"$@\"", "sh", binary(t), "load", "--target", s.file("kitchenhub"), "--scenario", "issue", "--rate", "300", "--duration", "2s", "--connections", "500"}
	var files []string
	for _, form := range []string{"json", "html", "md", "junit", "har", "jsonl"} {
		files = append(files, filepath.Join(dir, form))
		args = append(args, "--report", form+"="+files[len(files)-1])
	}
	o := run(t, "sh", append(args, "--objective", "errors<0.1%", "--objective", "errors<=0", "--objective", "rate>=290/s")...)
	o.exits(t, 3)
	if verdict := o.stdout[strings.LastIndex(o.stdout, "\nINCOMPLETE")+1:]; !strings.Contains(verdict, says) || !strings.Contains(verdict, "a limit of its own") {
		t.Errorf("nobody is told in\n%s", o)
	}
	for _, file := range files {
		if !strings.Contains(contents(t, file), says) {
			t.Errorf("%s does not say it", file)
		}
	}
	run := reportIn(t, files[0]).Load[0]
	if len(run.Denied) != 1 || run.Denied[0].What != says || run.Denied[0].Count < 100 || run.Errors > 0 || run.Requests == 0 || run.Verdict != reports.Incomplete {
		t.Errorf("denied were %+v, and of %d requests %d are errors", run.Denied, run.Requests, run.Errors)
	}
}

// bucket is a limiter in front of a backend: a request takes a token, of which so many come in a second, and none is kept
// beyond the room.
func bucket(t *testing.T, backend string, rate, room float64, came chan<- struct{}) string {
	t.Helper()
	proxy := proxyTo(t, backend, "")
	var mu sync.Mutex
	left, last, n := room, time.Now(), 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		now := time.Now()
		left = min(room, left+rate*now.Sub(last).Seconds())
		last = now
		allowed := left >= 1
		if allowed {
			left--
		}
		if n++; n == 400 && came != nil {
			close(came)
		}
		mu.Unlock()
		if !allowed {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// A generator that stood still is not the target's fault, and neither is what a limiter says to the burst that follows.
func TestLoadThatStoodStillBeforeALimiter(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	came := make(chan struct{})
	target := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = bucket(t, s.api, 500, 80, came); delete(f, "servers") })
	file := filepath.Join(t.TempDir(), "r.json")
	cmd := exec.CommandContext(t.Context(), binary(t), "load", "--target", target, "--scenario", "validate", "--rate", "300", "--duration", "6s", "--working-set", "40", "--report", "json="+file)
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-came
	stop := func(s syscall.Signal) {
		if err := cmd.Process.Signal(s); err != nil {
			t.Error(err)
		}
	}
	stop(syscall.SIGSTOP)
	time.Sleep(800 * time.Millisecond) // what is tested is time
	stop(syscall.SIGCONT)
	_ = cmd.Wait()
	run := reportIn(t, file).Load[0]
	code := cmd.ProcessState.ExitCode()
	if strings.Contains(strings.Join(run.Because, " "), "it could not keep up: ") && code == 3 && run.Errors == 0 {
		t.Logf("the machine was busy: %q", run.Because) // so no burst was one
		return
	}
	if code == 1 || run.Errors == 0 || len(run.Bursts) == 0 {
		t.Errorf("exit %d, %d errors, bursts %+v in\n%s", code, run.Errors, run.Bursts, stdout.String())
	}
	var late, errors int64
	for _, burst := range run.Bursts {
		late, errors = late+burst.Requests, errors+burst.Errors
	}
	if errors == 0 || late < 100 || !strings.Contains(strings.Join(run.Because, " "), "may have come of the generator's own bursts: ") {
		t.Errorf("%d requests left late, %d errors, because %q", late, errors, run.Because)
	}
	if !hasLine(stdout.String(), `left late in bursts, of which `) {
		t.Errorf("nobody is told in\n%s", stdout.String())
	}
}

func TestLoadBeforeALimiter(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	target := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = bucket(t, s.api, 100, 80, nil); delete(f, "servers") })
	o, _, run := loaded(t, "--target", target, "--scenario", "validate", "--rate", "300", "--duration", "2s", "--working-set", "40")
	o.exits(t, 1)
	if !strings.Contains(run.Because[0], "errors<0.1% is not held: ") {
		t.Errorf("because %q", run.Because)
	}
}

func TestLoadHasOneTargetAndRatesWithTheirUnit(t *testing.T) {
	t.Parallel()
	gonogo(t, "load", "--target", "a.yaml", "--target", "b.yaml", "--scenario", "issue").
		refuses(t, "--target b.yaml: a load has one target, and a.yaml is another; gonogo load compare puts both under load, in turn")
	gonogo(t, "load", "kitchenhub", "--scenario", "issue", "--rate", "ten").
		refuses(t, `--rate "ten": it is no rate; write how many requests in a second, such as 1000 or 1000/s`)
	s := serve(t, "kitchenhub")
	o, _, run := loaded(t, "--target", s.file("kitchenhub"), "--scenario", "issue", "--rate", "100/s", "--duration", "1s", "--objective", "issue-errors<1%", "--objective", "check-p99<1m")
	sound(t, o, run, 100)
	gonogo(t, "load", "--target", s.file("kitchenhub"), "--scenario", "issue", "--objective", "refresh-p99<50ms").
		refuses(t, "--objective refresh-p99<50ms: --scenario issue sends no refresh")
}

// What is tried now and then is sent beside the rate that was asked for, and no part of it.
func TestLoadProbesBesideItsRate(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	o, _, run := loaded(t, append([]string{"--target", s.file("kitchenhub"), "--scenario", "refresh"}, short...)...)
	sound(t, o, run, 200)
	of := parts(run)
	if !busy(run) && of["refresh"] != 200 || of["check"] == 0 || of["replay"] == 0 || run.Beside != of["check"]+of["replay"] {
		t.Errorf("of 200 refreshes there are %v, and %d requests beside them", of, run.Beside)
	}
	if !hasLine(o.stdout, `^  requests +\d+ in \S+: .*; \d+ beside them$`) {
		t.Errorf("nobody is told in\n%s", o)
	}
}

// A document whose tokens come of a user's consent alone is put under load, too, with what there is to try of them.
func TestLoadOfACodeGrantAlone(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenmonki")
	alone := written(t, "alone.yaml", codeGrantAlone(t))
	target := edited(t, s.file("kitchenmonki"), func(f fields) {
		f["dialect"] = alone
		f["consent"] = fields{"mode": "form"}
	})
	for scenario, part := range map[string]string{"refresh": "refresh", "validate": "validate", "mix=validate:4,refresh:1": "validate"} {
		o, _, run := loaded(t, "--target", target, "--scenario", scenario, "--rate", "100", "--duration", "1s", "--working-set", "10", "--connections", "4")
		sound(t, o, run, 100)
		if parts(run)[part] == 0 {
			t.Errorf("%s: nothing was sent: %v", scenario, parts(run))
		}
	}
	gonogo(t, "load", "--target", target, "--scenario", "issue").refuses(t,
		"--scenario issue: tokens come of a user's consent, and nobody consents a thousand times a second; choose another scenario, such as mix=validate:8,refresh:1")
	browser := edited(t, target, func(f fields) { f["consent"] = fields{"mode": "browser"} })
	gonogo(t, "load", "--target", browser, "--scenario", "refresh").refuses(t,
		"--scenario refresh: tokens come of a user's consent, and consent.mode browser takes a window for each, which load does not open; set it to form if the pages work without scripts, or to a command")
	manual := edited(t, target, func(f fields) { f["consent"] = fields{"mode": "manual"} })
	gonogo(t, "load", "--target", manual, "--scenario", "validate").refuses(t,
		"--scenario validate: tokens come of a user's consent, and consent.mode manual would ask somebody for each; set it to form, or to a command")
}

// Where credentials get tokens and a user's consent those that can be refreshed, a load has both, and a target without a user is told
// what it lacks.
func TestLoadOfTwoGrants(t *testing.T) {
	t.Parallel()
	s := serve(t, "oauth2")
	for _, scenario := range []string{"mix", "mix=use:4,refresh:1", "mix=issue:1,refresh:1"} {
		o, _, run := loaded(t, "--target", s.file("oauth2"), "--scenario", scenario, "--rate", "100", "--duration", "1s", "--working-set", "10", "--connections", "4")
		sound(t, o, run, 100)
		if parts(run)["refresh"] == 0 {
			t.Errorf("%s: nothing was refreshed: %v", scenario, parts(run))
		}
	}
	alone := edited(t, s.file("oauth2"), func(f fields) {
		delete(f["credentials"].(fields), "user")
		delete(f, "consent")
	})
	o, _, run := loaded(t, append([]string{"--target", alone, "--scenario", "mix=issue:1,validate:4"}, short...)...)
	sound(t, o, run, 200)
	gonogo(t, "load", "--target", alone, "--scenario", "refresh").refuses(t,
		"--scenario refresh: what it begins with comes of a user's consent, and the target file does not say how to consent (add consent: {mode: form})")
}
