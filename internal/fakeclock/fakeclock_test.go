package fakeclock_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gonogo/internal/fakeclock"
)

func clock(t *testing.T) *fakeclock.Clock {
	t.Helper()
	c, err := fakeclock.New()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	t.Cleanup(c.Close)
	return c
}

func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip(name + " is not installed")
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestARunningProgramIsMoved goes by the clock when that is moved under it.
func TestARunningProgramIsMoved(t *testing.T) {
	c := clock(t)
	for name, line := range map[string]string{
		"python3": `import sys, time
for line in sys.stdin: print(time.time(), flush=True)`,
		"node": `require("readline").createInterface({input: process.stdin}).on("line", () => console.log(Date.now() / 1000))`,
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(program(t, name), map[string]string{"python3": "-c", "node": "-e"}[name], line)
			cmd.Env = append(os.Environ(), c.Environment()...)
			in, _ := cmd.StdinPipe()
			out, _ := cmd.StdoutPipe()
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			for _, ahead := range []time.Duration{0, 61 * time.Minute, 14 * 24 * time.Hour} {
				if err := c.Set(ahead); err != nil {
					t.Fatal(err)
				}
				if _, err := in.Write([]byte("now\n")); err != nil || !lines.Scan() {
					t.Fatal("it says nothing")
				}
				seconds, err := strconv.ParseFloat(lines.Text(), 64)
				if off := time.Until(time.Unix(int64(seconds), 0)) - ahead; err != nil || off.Abs() > time.Minute {
					t.Errorf("with a clock %s ahead it is off by %s: %v", ahead, off, err)
				}
			}
			_ = in.Close()
			_ = cmd.Wait()
		})
	}
}

// TestTimedWaits come back where a command leaves the monotonic clock as it is, and its time is that of the clock all the same. By default
// they are not left alone: sleep, which pauses by that clock, would fail then.
func TestTimedWaits(t *testing.T) {
	c := clock(t)
	if err := c.Set(time.Hour); err != nil {
		t.Fatal(err)
	}
	const first = "import queue, threading, time\n"
	for _, x := range []struct{ name, program, flag, line string }{
		{"Event", "python3", "-c", first + "threading.Event().wait(.1); print(time.time())"},
		{"Queue", "python3", "-c", first + "try: queue.Queue().get(timeout=.1)\nexcept queue.Empty: print(time.time())"},
		{"setTimeout", "node", "-e", "setTimeout(() => console.log(Date.now() / 1000), 100)"},
	} {
		t.Run(x.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), program(t, x.program), x.flag, x.line)
			cmd.Env = append(append(os.Environ(), c.Environment()...), "FAKETIME_DONT_FAKE_MONOTONIC=1")
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
			if off := time.Until(time.Unix(int64(seconds), 0)) - time.Hour; err != nil || off.Abs() > time.Minute {
				t.Errorf("with a clock an hour ahead it is off by %s: %v", off, err)
			}
		})
	}
}

func TestWhoObeys(t *testing.T) {
	c := clock(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	unknown := filepath.Join(t.TempDir(), "quern")
	if err := os.WriteFile(unknown, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	deaf := filepath.Join(t.TempDir(), "python-of-mine")
	if err := os.WriteFile(deaf, []byte("#!/bin/sh\necho 1000\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		programs []string
		want     string // why not; empty: it obeys
	}{
		{[]string{program(t, "python3")}, ""},
		{[]string{program(t, "sh"), program(t, "python3")}, ""},
		{[]string{program(t, "sh")}, ""},
		{[]string{self}, "ask the system itself"},
		{[]string{program(t, "sh"), self}, "ask the system itself"},
		{[]string{program(t, "python3"), unknown}, "nobody knows how quern is asked"},
		{[]string{deaf}, "does not go by it"},
		{nil, "which programs"},
	} {
		err := c.Obeyed(t.Context(), x.programs)
		if (err == nil) != (x.want == "") || err != nil && !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", x.programs, err)
		}
	}
}
