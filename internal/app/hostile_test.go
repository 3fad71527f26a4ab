package app_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gonogo/testdata/hostile"
)

// What a run may take, whatever its target sends. One that is met with silence waits for its own timeouts.
const (
	mostMemory = 256 << 20
	mostTime   = 60 * time.Second
)

// measured is a call of the tool in a process of its own, and what that took.
type measured struct {
	outcome
	memory int64 // at its peak, in bytes
	took   time.Duration
}

// scale is testdata/weigh, built. It is small, because Linux counts for a command the memory of what it was started from, and this
// test has much.
var scale = sync.OnceValues(func() (string, error) { return built("gonogo/testdata/weigh") })

func measure(t *testing.T, args ...string) measured {
	t.Helper()
	return measureIn(t, nil, args...)
}

func measureIn(t *testing.T, env map[string]string, args ...string) measured {
	t.Helper()
	weigh, err := scale()
	if err != nil {
		t.Fatal(err)
	}
	weight := filepath.Join(t.TempDir(), "weight")
	cmd := exec.Command(weigh, append([]string{weight, mostTime.String(), binary(t)}, args...)...)
	cmd.Env = []string{}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	began := time.Now()
	_ = cmd.Run()
	took := time.Since(began)
	kilobytes, err := strconv.ParseInt(contents(t, weight), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if took >= mostTime {
		t.Errorf("it hangs")
	}
	return measured{outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}, kilobytes << 10, took}
}

// bounded wants a run to end as it must, within what it may take, and with nothing in what it says that paints.
func (m measured) bounded(t *testing.T, ends hostile.Ends) {
	t.Helper()
	t.Logf("%s: exit %d, %d MB, %s", t.Name(), m.code, m.memory>>20, m.took.Round(time.Millisecond))
	if !ends.Allows(m.code) {
		t.Errorf("it must not end like that:\n%s", m)
	}
	if m.memory > mostMemory {
		t.Errorf("it took %d MB", m.memory>>20)
	}
	if said := m.stdout + m.stderr; strings.ContainsAny(said, "\x1b\x07\r\u009b\u202e") {
		t.Errorf("it paints:\n%q", said)
	}
	for line := range strings.Lines(m.stdout) {
		if strings.HasPrefix(line, "GO: 5 cases passed") {
			t.Errorf("the target speaks in our name:\n%s", m)
		}
	}
	if strings.Contains(m.stderr, "goroutine ") || strings.Contains(m.stderr, "nsolicited") {
		t.Errorf("on standard error stands\n%s", m.stderr)
	}
}

// hosts is a hostile server before a reference server, and a target file for it.
func hosts(t *testing.T, b hostile.Behaviour, s *served, dialect, timeout string) (*hostile.Server, string) {
	t.Helper()
	front, err := hostile.Start(s.api, b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(front.Close)
	return front, edited(t, s.file(dialect), func(f fields) {
		f["base_url"] = front.URL()
		delete(f, "servers")
		f["headers"] = fields{"X-Gateway-Key": "gateway-8Wq"}
		limit(f, fields{"timeout": timeout, "max_wait": "2s"})
	})
}

func TestNoHostileTargetWins(t *testing.T) {
	t.Parallel()
	shared := serve(t, "kitchenhub")
	for _, b := range hostile.Behaviours() {
		t.Run(b.Name, func(t *testing.T) {
			t.Parallel()
			s := shared
			if b.Heavy { // the whole plan moves the clock
				s = serve(t, "kitchenhub")
			}
			front, file := hosts(t, b, s, "kitchenhub", "1s")
			har := filepath.Join(t.TempDir(), "r.har")
			args := []string{"check", "--quiet", "--target", file, "--trace", "kitchenhub/issue/documented-request", "--report", "har=" + har}
			if !b.Heavy {
				args = append(args, "--case", "*/issue/documented-request", "--case", "*/issue/wrong-*", "--case", "*/use/documented-request", "--case", "*/audit/*")
			}
			m := measure(t, args...)
			m.bounded(t, b.Ends)
			said := m.stdout + m.stderr + contents(t, har)
			for _, token := range front.Given() {
				if at := strings.Index(said, token); at >= 0 {
					t.Fatalf("a token is told: …%s…", said[max(at-200, 0):min(at+200, len(said))])
				}
			}
		})
	}
}

func TestNoHostileTargetWinsUnderLoad(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	for _, b := range hostile.Behaviours() {
		if b.Loads == 0 {
			continue
		}
		t.Run(b.Name, func(t *testing.T) {
			t.Parallel()
			_, file := hosts(t, b, s, "kitchenhub", "1s")
			measure(t, "load", "--quiet", "--target", file, "--scenario", "issue", "--rate", "40", "--duration", "500ms", "--connections", "4").bounded(t, mayBeBusy(b.Loads))
		})
	}
}

func TestNoHostilePageWins(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenmonki")
	for _, b := range hostile.Pages() {
		if b.Scripts() {
			continue
		}
		t.Run(b.Name, func(t *testing.T) {
			t.Parallel()
			front, file := hosts(t, b, s, "kitchenmonki", "2s")
			m := measure(t, "check", "--quiet", "--target", file, "--case", "*/exchange/documented-request", "--case", "*/authorize/documented-request", "--case", "*/redirect-safety/registered", "--case", "*/audit/*")
			m.bounded(t, b.Ends)
			staysAtHome(t, m, front)
		})
	}
}

// TestNoHostilePageWinsInABrowser is about what a page does by itself.
func TestNoHostilePageWinsInABrowser(t *testing.T) {
	t.Parallel()
	env := withBrowser(t, nil)
	s := serve(t, "kitchenmonki")
	for _, b := range hostile.Pages() {
		if !b.Scripts() && b.Name != "form-posts-elsewhere" {
			continue
		}
		t.Run(b.Name, func(t *testing.T) {
			t.Parallel()
			front, file := hosts(t, b, s, "kitchenmonki", "2s")
			file = edited(t, file, func(f fields) { f["consent"] = fields{"mode": "browser"} })
			m := measureIn(t, env, "check", "--quiet", "--target", file, "--case", "*/exchange/documented-request")
			m.bounded(t, b.Ends)
			staysAtHome(t, m, front)
		})
	}
}

// staysAtHome wants a server that nobody named to have been sent nothing, and to be named where it was to be.
func staysAtHome(t *testing.T, m measured, front *hostile.Server) {
	t.Helper()
	heard := strings.ToLower(front.Heard())
	for _, secret := range []string{"marguerite", "yk9wcanyon", "gateway"} {
		if strings.Contains(heard, secret) {
			t.Errorf("elsewhere was sent\n%s", heard)
		}
	}
	if strings.Contains(front.Behaviour().Name, "elsewhere") && !strings.Contains(m.stdout, front.ElsewhereHost()) {
		t.Errorf("the host is not named:\n%s", m)
	}
}

// mayBeBusy is for a load, which says nothing on a machine that had no time for it.
func mayBeBusy(ends hostile.Ends) hostile.Ends {
	if ends.Allows(0) {
		ends |= hostile.Incomplete
	}
	return ends
}
