package app_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gonogo/internal/app"
	"gonogo/reports"
)

// run is a call of the tool in a process of its own.
func run(t *testing.T, tool string, args ...string) outcome {
	t.Helper()
	cmd := exec.Command(tool, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run()
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func TestLoadOfAServerThatDies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		after  int64
		answer bool
		length string
	}{{"in the attack", 300, true, "1m"}, {"near its end", 500, true, "3s"}, {"while the working set is filled", 20, false, "1m"}, {"at once", 0, false, "1m"}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, "kitchenhub")
			front := dyingFront(t, s.api, c.after)
			file := filepath.Join(t.TempDir(), "r.json")
			target := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = front.url; delete(f, "servers") })
			o := gonogo(t, "load", "--target", target, "--scenario", "validate", "--rate", "200", "--duration", c.length, "--working-set", "40", "--report", "json="+file)
			o.exits(t, 3)
			report := reportIn(t, file)
			run := report.Load[0]
			if report.Verdict != reports.Incomplete || report.Complete || len(run.Because) == 0 {
				t.Errorf("the verdict is %s, complete %t, because %q", report.Verdict, report.Complete, run.Because)
			}
			if c.answer && (run.Requests < 200 || run.Latency.P50 == 0 || len(run.Seconds) == 0) {
				t.Errorf("what was measured is gone: %d requests, %d seconds", run.Requests, len(run.Seconds))
			}
		})
	}
}

// cancelled runs load until its output says something, and then cancels it.
func cancelled(t *testing.T, when string, args ...string) (outcome, time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, status := watch(when), watch(when)
	began := make(chan time.Time, 1)
	go func() {
		select {
		case <-out.seen:
		case <-status.seen:
		}
		began <- time.Now()
		cancel()
	}()
	none := func(string) (string, bool) { return "", false }
	code := app.Run(ctx, append([]string{"load"}, args...), none, strings.NewReader(""), out, status)
	return outcome{code, out.String(), status.String()}, time.Since(<-began)
}

func TestLoadCancelledInMidRun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		code   int
		defect []string
	}{{"clean", 3, nil}, {"defect", 1, []string{"--defect", "kitchenhub-refresh-replay"}}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, append([]string{"kitchenhub"}, c.defect...)...)
			file := filepath.Join(t.TempDir(), "r.json")
			o, took := cancelled(t, " left, ", "--target", s.file("kitchenhub"), "--scenario", "refresh", "--rate", "300", "--duration", "10m", "--report", "json="+file)
			o.exits(t, c.code)
			if took > 20*time.Second { // it is to take less than one, on a machine that has time
				t.Errorf("it took %s to stop", took)
			}
			report := reportIn(t, file)
			run := report.Load[0]
			if report.Interrupted != "the run was interrupted" || report.Complete || run.Complete || run.Requests == 0 {
				t.Errorf("interrupted %q, complete %t, %d requests", report.Interrupted, run.Complete, run.Requests)
			}
			if c.code == 1 && len(run.Violations) == 0 {
				t.Error("what was found is not in the report")
			}
		})
	}
}

func TestLoadCancelledBeforeItBegan(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := gonogoIn(ctx, nil, "load", "--target", s.file("kitchenhub"), "--scenario", "issue")
	o.exits(t, 3, "INCOMPLETE: the run was interrupted")
	if n := s.requests(t); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestCtrlCEndsLoadAndItsServer(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "r.json")
	o := interrupt(t, " left, ", "load", "kitchenhub", "--scenario", "issue", "--rate", "200", "--duration", "10m", "--report", "json="+file)
	o.exits(t, 3)
	run := reportIn(t, file).Load[0]
	if run.Requests == 0 || run.Errors > 0 {
		t.Errorf("%d requests, of which %d came to nothing: did the server end first?", run.Requests, run.Errors)
	}
	silent(t, run.Target.BaseURL)
}

// TestAServerOfAKilledLoadEnds: nobody is left to end it, so it ends with the pipe that it was given.
func TestAServerOfAKilledLoadEnds(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(binary(t), "serve", "kitchenhub", "--end-with-stdin")
	out := watch("TEST ONLY. Ctrl-C ends it.\n")
	cmd.Stdout = out
	leash, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-out.seen
	_ = leash.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second): // far beyond what it may take
		_ = cmd.Process.Signal(os.Kill)
		t.Fatal("it does not end")
	}
}
