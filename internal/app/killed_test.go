package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gonogo/internal/app"
	"gonogo/reference"
	"gonogo/reports"
)

// throughDying runs check against a server that dies after a number of requests.
func throughDying(t *testing.T, dialect string, after int64) (outcome, *reports.Report) {
	t.Helper()
	s := serve(t, dialect)
	f := dyingFront(t, s.api, after)
	target := edited(t, s.file(dialect), func(c fields) {
		c["base_url"] = f.url
		delete(c, "servers") // the pages die with the API
	})
	dir := t.TempDir()
	asJSON, asLines := filepath.Join(dir, "r.json"), filepath.Join(dir, "r.jsonl")
	o := gonogo(t, "check", "--target", target, "--report", "json="+asJSON, "--report", "jsonl="+asLines)
	select {
	case <-f.gone:
	default:
		t.Fatalf("%d requests were not reached: %d", after, f.seen.Load())
	}
	report := reportIn(t, asJSON)
	sameVerdicts(t, "json and jsonl", report, reportIn(t, asLines))
	return o, report
}

func TestAServerKilledInMidRunIsNoFinding(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		for _, after := range []int64{1, 3, 100, 200} {
			t.Run(fmt.Sprintf("%s after %d requests", dialect, after), func(t *testing.T) {
				t.Parallel()
				o, report := throughDying(t, dialect, after)
				d := report.Dialects[0]
				o.exits(t, 3)
				if report.Verdict != reports.Incomplete || report.Complete || d.Incomplete == "" {
					t.Errorf("the verdict is %s, complete %t, because %q", report.Verdict, report.Complete, d.Incomplete)
				}
				claimsNothing(t, d, after)
			})
		}
	}
}

// claimsNothing wants no verdict on anything that was not seen.
func claimsNothing(t *testing.T, d *reports.Dialect, after int64) {
	t.Helper()
	ran := 0
	for _, c := range d.Cases {
		switch {
		case !c.Outcome.Ran():
			if c.Outcome == reports.CouldNotRun && c.Reason == "" {
				t.Errorf("%s could not run, without a reason", c.ID)
			}
			continue
		case strings.Contains(c.ID, "/audit/"):
			t.Errorf("%s is %s, of a run that was cut short", c.ID, c.Outcome)
		case len(c.Exchanges) == 0:
			t.Errorf("%s is %s and has seen nothing", c.ID, c.Outcome)
		}
		for i, x := range c.Exchanges {
			if x.Response.Status == 0 {
				t.Errorf("%s is %s, and exchange %d has no answer: %s", c.ID, c.Outcome, i, x.Error)
			}
		}
		ran++
	}
	if after >= 40 && ran == 0 {
		t.Errorf("%d requests were answered, and the report shows no case of it", after)
	}
	for _, row := range d.Requirements {
		if strings.HasPrefix(row.ID, "ANY-") && row.Outcome == reports.Pass {
			t.Errorf("%s holds, of a run that was cut short", row.ID)
		}
	}
}

// killer is an output that ends the server at the moment when a line is written.
type killer struct {
	text bytes.Buffer
	line string
	kill func()
}

func (k *killer) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(k.line)) {
		k.kill()
	}
	return k.text.Write(p)
}

func TestADefectAndAKillAreBothSaid(t *testing.T) {
	t.Parallel()
	server, err := reference.Start(t.Context(), reference.Config{Dialects: []string{"kitchenhub"}, Defects: []string{"kitchenhub-secret-unchecked"}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Kill()
	target, file := directTarget(t, server), filepath.Join(t.TempDir(), "r.json")
	out := &killer{line: "✗ fail            kitchenhub/issue/wrong-client-secret ", kill: server.Kill}
	none := func(string) (string, bool) { return "", false }
	// one case at a time: the next one finds nobody
	code := app.Run(t.Context(), []string{"check", "--verbose", "--parallel", "1", "--max-wait", "0", "--target", target, "--report", "json=" + file}, none, strings.NewReader(""), out, io.Discard)
	o := outcome{code, out.text.String(), ""}
	o.exits(t, 1)
	if !strings.HasPrefix(o.stdout[strings.LastIndex(o.stdout, "\nNO-GO")+1:], "NO-GO, and incomplete: ") {
		t.Errorf("both are not said in\n%s", o)
	}
	report := reportIn(t, file)
	all := verdicts(report)
	if report.Verdict != reports.NoGo || report.Complete || all["kitchenhub KH-ISSUE-3"] != reports.Fail {
		t.Errorf("the verdict is %s, complete %t, KH-ISSUE-3 %s", report.Verdict, report.Complete, all["kitchenhub KH-ISSUE-3"])
	}
}

// directTarget is a target file for a server that was started without the front door.
func directTarget(t *testing.T, server *reference.Server) string {
	return written(t, "t.yaml", fmt.Sprintf(`{dialect: kitchenhub, base_url: "%s", credentials: {primary: {client_id: khub-client-juniper, client_secret: Zq4vTundra8mOrchard2kLantern}}, absent: [second]}`, server.URL()))
}

func TestAKilledReferenceServerIsGone(t *testing.T) {
	t.Parallel()
	server, err := reference.Start(t.Context(), reference.Config{Dialects: []string{"kitchenhub"}})
	if err != nil {
		t.Fatal(err)
	}
	target := directTarget(t, server)
	server.Kill()
	o := gonogo(t, "check", "--target", target)
	o.exits(t, 3, "  cut short    the target cannot be reached at "+server.URL()+": dial tcp "+strings.TrimPrefix(server.URL(), "http://")+":")
}

// interrupt starts the binary, sends SIGINT when its stdout says so, and waits.
func interrupt(t *testing.T, when string, args ...string) outcome {
	t.Helper()
	cmd := exec.Command(binary(t), args...)
	stderr, out := watch(when), watch(when)
	cmd.Stdout, cmd.Stderr = out, stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	select {
	case <-out.seen:
	case <-stderr.seen:
	case <-ended:
		t.Fatalf("it ended before it said %q:\n%s%s", when, out.String(), stderr.String())
	}
	_ = cmd.Process.Signal(os.Interrupt)
	select {
	case <-ended:
	case <-time.After(20 * time.Second): // far beyond what an interrupt may take
		_ = cmd.Process.Kill()
		<-ended
		t.Fatalf("it does not end:\n%s%s", out.String(), stderr.String())
	}
	return outcome{cmd.ProcessState.ExitCode(), out.String(), stderr.String()}
}

func TestCtrlCWritesWhatWasFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, line string
		code       int
		defect     []string
	}{
		{"clean", "✓ pass            kitchenhub/issue/documented-request ", 3, nil},
		{"defect", "✗ fail            kitchenhub/use/odd-tokens ", 1, []string{"--defect", "kitchenhub-token-like"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, append([]string{"kitchenhub", "--control", "off"}, c.defect...)...)
			// a real wait of two minutes, which nobody will sit out
			target := edited(t, s.file("kitchenhub"), func(c fields) { limit(c, fields{"max_wait": "5m"}) })
			dir := t.TempDir()
			asJSON, asLines := filepath.Join(dir, "r.json"), filepath.Join(dir, "r.jsonl")
			o := interrupt(t, c.line, "check", "--verbose", "--target", target, "--report", "json="+asJSON, "--report", "jsonl="+asLines)
			o.exits(t, c.code)
			report := reportIn(t, asJSON)
			sameVerdicts(t, "json and jsonl", report, reportIn(t, asLines))
			all := verdicts(report)
			if report.Interrupted != "the run was interrupted" || all["kitchenhub/countdown/counts-down"] != reports.CouldNotRun {
				t.Errorf("interrupted %q, and the case that waits is %s", report.Interrupted, all["kitchenhub/countdown/counts-down"])
			}
			if c.code == 1 && all["kitchenhub KH-USE-2"] != reports.Fail || c.code == 3 && all["kitchenhub/issue/documented-request"] != reports.Pass {
				t.Error("what was found is not in the report")
			}
		})
	}
}

func TestCancelledInMidRun(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub", "--control", "off")
	target := edited(t, s.file("kitchenhub"), func(c fields) { limit(c, fields{"max_wait": "5m"}) })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := watch("✓ pass            kitchenhub/use/documented-request ")
	go func() {
		<-out.seen
		cancel()
	}()
	none := func(string) (string, bool) { return "", false }
	code := app.Run(ctx, []string{"check", "--verbose", "--target", target}, none, strings.NewReader(""), out, io.Discard)
	outcome{code, out.String(), ""}.exits(t, 3, "  cut short    the run was interrupted")
}

func TestCancelledBeforeItBegan(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := gonogoIn(ctx, nil, "check", "--target", s.file("kitchenhub"))
	o.exits(t, 3, "  cut short    the run was interrupted")
	if n := s.requests(t); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
