package drive_test

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gonogo/internal/drive"
)

// reader is an output whose lines a test waits for.
type reader struct{ lines chan string }

func newReader() *reader { return &reader{make(chan string, 10_000)} }

func (r *reader) Write(p []byte) (int, error) {
	for lines := bufio.NewScanner(bytes.NewReader(p)); lines.Scan(); {
		r.lines <- lines.Text()
	}
	return len(p), nil
}

// await is the first line that begins with something, without that.
func (r *reader) await(t *testing.T, prefix string) string {
	t.Helper()
	for {
		select {
		case line := <-r.lines:
			if rest, is := strings.CutPrefix(line, prefix); is {
				return rest
			}
		case <-time.After(time.Minute):
			t.Fatalf("no line begins with %q", prefix)
		}
	}
}

func start(t *testing.T, c drive.Command) *drive.Process {
	t.Helper()
	p, err := c.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop() })
	return p
}

// running are the processes, of all that there are, that have a word in their environment. The dead whom nobody has buried have none.
func running(t *testing.T, word string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil || len(files) == 0 {
		t.Skip("there is no /proc")
	}
	var found []string
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && bytes.Contains(text, []byte(word)) {
			name, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
			found = append(found, strings.ReplaceAll(string(name), "\x00", " "))
		}
	}
	return found
}

func TestByItself(t *testing.T) {
	dir := t.TempDir()
	p := start(t, drive.Command{Line: `echo "$GREETING from $PWD"; echo complaint >&2; exit 3`, Directory: dir, Environment: []string{"GREETING=no", "GREETING=hello"}})
	<-p.Done()
	end := p.End()
	if end.Code != 3 || end.Good() || end.Asked || end.Killed || end.Dropped || string(end.Output) != "hello from "+dir+"\ncomplaint\n" || end.At.IsZero() {
		t.Errorf("%+v %s", end, end.Output)
	}
}

func TestASignalIsACode(t *testing.T) {
	p := start(t, drive.Command{Line: `kill -KILL $$`})
	<-p.Done()
	if end := p.End(); end.Code != 137 || end.Good() || end.Killed {
		t.Errorf("%+v", end)
	}
}

// TestStopEndsAllOfIt: the shell, its pipeline, what runs in the background, and what that started.
func TestStopEndsAllOfIt(t *testing.T) {
	out := newReader()
	mark := "DRIVE_TEST=" + t.Name()
	p := start(t, drive.Command{
		Line:        `(sleep 1000; true) & sh -c 'sleep 1001 & wait' & sleep 1002 | cat | (echo ready; cat)`,
		Environment: []string{mark}, Output: out,
	})
	out.await(t, "ready")
	if there := running(t, mark); len(there) < 5 {
		t.Fatalf("there are only %q", there)
	}
	end := p.Stop()
	if there := running(t, mark); len(there) > 0 {
		t.Errorf("there still are %q", there)
	}
	if !end.Asked || end.Killed || !end.Good() {
		t.Errorf("%+v", end)
	}
	if again := p.Stop(); again.Code != end.Code || !again.At.Equal(end.At) {
		t.Errorf("a second stop says %+v", again)
	}
}

// TestWhatWillNotEndIsKilled: also where only something that the command started will not.
func TestWhatWillNotEndIsKilled(t *testing.T) {
	for name, line := range map[string]string{
		"the command":           `trap '' TERM; echo ready; while :; do sleep 1000; done`,
		"a child of its":        `sh -c 'trap "" TERM; echo ready; sleep 1000; sleep 1000'`,
		"a child left behind":   `sh -c 'trap "" TERM; echo ready; sleep 1000; sleep 1000' & exit 0`,
		"one without an output": `sh -c 'trap "" TERM; echo ready; exec sleep 1000 >/dev/null 2>&1' & exit 0`,
	} {
		t.Run(name, func(t *testing.T) {
			out := newReader()
			mark := "DRIVE_TEST=" + strings.ReplaceAll(t.Name(), " ", "")
			p := start(t, drive.Command{Line: line, Environment: []string{mark}, Output: out, Grace: 100 * time.Millisecond})
			out.await(t, "ready")
			if end := p.Stop(); !end.Killed || end.Good() {
				t.Errorf("%+v", end)
			}
			if there := running(t, mark); len(there) > 0 {
				t.Errorf("there still are %q", there)
			}
		})
	}
}

func TestAClientThatEndsWell(t *testing.T) {
	for line, code := range map[string]int{
		`trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done`:  0,
		`echo ready; exec sleep 1000`:                                   143,
		`trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done`:  7,
		`trap 'exit 143' TERM; echo ready; while :; do sleep 0.1; done`: 143,
	} {
		out := newReader()
		p := start(t, drive.Command{Line: line, Output: out})
		out.await(t, "ready")
		if end := p.Stop(); end.Code != code || !end.Asked || end.Good() != (code != 7) {
			t.Errorf("%s: %+v", line, end)
		}
	}
}

func TestRestart(t *testing.T) {
	out := newReader()
	p := start(t, drive.Command{Line: `echo "at work as $$"; exec sleep 1000`, Output: out})
	first := out.await(t, "at work as ")
	next, end, err := p.Restart()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { next.Stop() })
	if second := out.await(t, "at work as "); second == first || !end.Good() || string(end.Output) != "at work as "+first+"\n" {
		t.Errorf("%s, then %s, and %+v", first, second, end)
	}
}

func TestTheEndOfTheOutputIsKept(t *testing.T) {
	p := start(t, drive.Command{Line: `i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done`})
	<-p.Done()
	end := p.End()
	if len(end.Output) != drive.Kept || !end.Dropped || !strings.HasSuffix(string(end.Output), "line 19998\nline 19999\n") {
		t.Errorf("%d bytes, %v, %q", len(end.Output), end.Dropped, end.Output[max(0, len(end.Output)-30):])
	}
}

func TestHook(t *testing.T) {
	end, err := drive.Hook(t.Context(), drive.Command{Line: `echo "now $GONOGO_SITUATION"`}, "access-ended", time.Minute)
	if err != nil || !end.Good() || string(end.Output) != "now access-ended\n" {
		t.Errorf("%+v %v", end, err)
	}
	mark := "DRIVE_TEST=" + t.Name()
	end, err = drive.Hook(t.Context(), drive.Command{Line: `sleep 1000 | sleep 1001`, Environment: []string{mark}}, "calls", time.Millisecond)
	if err != nil || !end.Late || end.Good() {
		t.Errorf("%+v %v", end, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if end, err = drive.Hook(ctx, drive.Command{Line: `sleep 1000`, Environment: []string{mark}}, "calls", time.Hour); err != nil || !end.Late {
		t.Errorf("%+v %v", end, err)
	}
	if there := running(t, mark); len(there) > 0 {
		t.Errorf("there still are %q", there)
	}
}

func TestACommandThatCannotBeStarted(t *testing.T) {
	if _, err := (drive.Command{Line: "true", Directory: filepath.Join(t.TempDir(), "nowhere")}).Start(); err == nil || !strings.Contains(err.Error(), `cannot run "true"`) {
		t.Error(err)
	}
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip(err)
	}
	p := start(t, drive.Command{Line: "no-such-command-anywhere"})
	<-p.Done()
	if end := p.End(); end.Code != 127 || end.Good() {
		t.Errorf("%+v", end)
	}
}
