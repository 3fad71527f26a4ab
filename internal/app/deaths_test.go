package app_test

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gonogo/reports"
)

// ending is a run that something happens to, by the exit code that it must end with.
type ending struct {
	name   string
	defect bool
	stdout func(t *testing.T) *os.File // nil: a pipe that is read
	signal os.Signal                   // sent once a case has passed
	code   int
}

// full is a disk with no room on it.
func full(t *testing.T) *os.File {
	t.Helper()
	file, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	return file
}

// gone is a pipe whose reader has gone away.
func gone(t *testing.T) *os.File {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = reader.Close()
	return writer
}

func TestEveryEndHasItsCode(t *testing.T) {
	t.Parallel()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // whoever starts these tests with nohup has no child of theirs end by it
	for _, c := range []ending{
		{"full disk behind stdout", false, full, nil, 3},
		{"full disk behind stdout, and a defect", true, full, nil, 1},
		{"closed stdout", false, gone, nil, 3},
		{"closed stdout, and a defect", true, gone, nil, 1},
		{"SIGTERM", false, nil, syscall.SIGTERM, 3},
		{"SIGTERM, and a defect", true, nil, syscall.SIGTERM, 1},
		{"SIGHUP", false, nil, syscall.SIGHUP, 3},
		{"SIGQUIT", false, nil, syscall.SIGQUIT, 3},
		{"SIGINT", false, nil, os.Interrupt, 3},
		{"SIGKILL", false, nil, os.Kill, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			args, when := []string{"kitchenhub", "--control", "off"}, "✓ pass            kitchenhub/use/documented-request "
			if c.defect {
				args, when = append(args, "--defect", "kitchenhub-token-like"), "✗ fail            kitchenhub/use/odd-tokens "
			}
			s := serve(t, args...)
			target := edited(t, s.file("kitchenhub"), func(f fields) {
				wait := "1s"
				if c.signal != nil {
					wait = "5m" // which nobody sits out
				}
				limit(f, fields{"max_wait": wait})
			})
			dir := t.TempDir()
			asJSON, asHAR := filepath.Join(dir, "r.json"), filepath.Join(dir, "r.har")
			for _, old := range []string{asJSON, asHAR} {
				if err := os.WriteFile(old, []byte("of an earlier run"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.Command(binary(t), "check", "--verbose", "--target", target, "--report", "json="+asJSON, "--report", "har="+asHAR)
			out := watch(when)
			cmd.Stdout = out
			if c.stdout != nil {
				file := c.stdout(t)
				defer func() { _ = file.Close() }()
				cmd.Stdout = file
			}
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			hangs := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Signal(syscall.SIGABRT) })
			defer hangs.Stop()
			if c.signal != nil {
				<-out.seen
				_ = cmd.Process.Signal(c.signal)
			}
			_ = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Fatalf("exit %d, and not %d, with\n%s%s", code, c.code, out.String(), stderr.String())
			}
			if c.stdout != nil && !strings.Contains(stderr.String(), "gonogo: standard output could not be written: ") {
				t.Errorf("on standard error stands %q", stderr.String())
			}
			verdict := map[int]reports.Verdict{1: reports.NoGo, 3: reports.Incomplete, -1: reports.Incomplete}[c.code]
			if c.stdout != nil && !c.defect {
				verdict = reports.Go // of the target, of which everything could be said
			}
			if report := reportIn(t, asJSON); report.Verdict != verdict {
				t.Errorf("the report says %s, and not %s", report.Verdict, verdict)
			}
			if strings.Contains(contents(t, asHAR), "of an earlier run") {
				t.Error("the HAR of an earlier run is still there")
			}
		})
	}
}

func TestNoReportIsWrittenOverWhatARunReads(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	target := s.file("kitchenhub")
	before := contents(t, target)
	link := filepath.Join(t.TempDir(), "link.json")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	waivers := written(t, "waivers.yaml", "[]")
	for _, args := range [][]string{
		{"check", "--target", target, "--report", "json=" + target},
		{"check", "--target", target, "--report", "har=" + link},
		{"check", "--target", target, "--waivers", waivers, "--report", "md=" + waivers},
		{"load", "--target", target, "--scenario", "issue", "--report", "json=" + target},
		{"load", "--target", target, "--scenario", "issue", "--out", link},
	} {
		o := gonogo(t, args...)
		if o.code != 2 || !strings.Contains(o.stderr, "this run reads ") {
			t.Errorf("%q: %s", args, o)
		}
	}
	if contents(t, target) != before || contents(t, waivers) != "[]" {
		t.Error("a file is not what it was")
	}
	if n := s.requests(t); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// TestALinkStaysALink where what it leads to is there, and where it is not there yet.
func TestALinkStaysALink(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	dir := t.TempDir()
	for _, there := range []bool{true, false} {
		to, link := filepath.Join(dir, "real.json"), filepath.Join(dir, "link.json")
		if there {
			if err := os.WriteFile(to, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink("real.json", link); err != nil {
			t.Fatal(err)
		}
		gonogo(t, "check", "--target", s.file("kitchenhub"), "--case", "*/issue/documented-request", "--report", "json="+link).exits(t, 0)
		if at, err := os.Readlink(link); err != nil || at != "real.json" || reportIn(t, to).Verdict != reports.Go {
			t.Errorf("the link leads to %q, %v", at, err)
		}
		_, _ = os.Remove(link), os.Remove(to)
	}
}
