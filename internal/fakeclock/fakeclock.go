// Package fakeclock is a clock of its own for a command, which is moved while the command runs: libfaketime's, for whoever obeys it.
//
// It must never know what a command does with the time.
package fakeclock

import (
	"cmp"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// libraries are where Debian, Fedora, Alpine and Homebrew's Linux have libfaketime, the one for programs with threads first.
var libraries = []string{
	"/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1", "/usr/local/lib/faketime/libfaketimeMT.so.1",
	"/home/linuxbrew/.linuxbrew/lib/faketime/libfaketimeMT.so.1",
}

// Clock is a clock that commands are given by their environment.
type Clock struct {
	library   string
	directory string
}

// New makes a clock that shows the time of this machine. The error is why there is none here, as a sentence.
func New() (*Clock, error) {
	for _, pattern := range libraries {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			directory, err := os.MkdirTemp("", "gonogo-clock-")
			if err != nil {
				return nil, err
			}
			c := &Clock{found[0], directory}
			return c, c.Set(0)
		}
	}
	return nil, errors.New("libfaketime is not installed here: it is the package faketime of Debian")
}

// Close removes the clock. Who still goes by it has the time of the machine.
func (c *Clock) Close() { _ = os.RemoveAll(c.directory) }

// Environment makes a command go by the clock, and all that it starts. What is preloaded already stays.
func (c *Clock) Environment() []string { return c.environment(c.file()) }

func (c *Clock) environment(file string) []string {
	preload := c.library
	if other := os.Getenv("LD_PRELOAD"); other != "" {
		preload = other + " " + preload
	}
	return []string{"LD_PRELOAD=" + preload, "FAKETIME_TIMESTAMP_FILE=" + file, "FAKETIME_NO_CACHE=1"}
}

func (c *Clock) file() string { return filepath.Join(c.directory, "now") }

// Set moves the clock to so much after the time of this machine.
func (c *Clock) Set(ahead time.Duration) error { return set(c.file(), ahead) }

// set replaces the file at once: who reads meanwhile has the one or the other.
func set(file string, ahead time.Duration) error {
	err := os.WriteFile(file+".new", fmt.Appendf(nil, "%+.3f\n", ahead.Seconds()), 0o600)
	return cmp.Or(err, os.Rename(file+".new", file))
}

// probe is how programs of a kind are made to say the seconds since 1970.
type probe struct {
	names []string // with which theirs begin
	say   []string
}

var probes = []probe{
	{[]string{"python"}, []string{"-c", "import time; print(time.time())"}},
	{[]string{"node"}, []string{"-p", "Date.now() / 1000"}},
	{[]string{"perl"}, []string{"-e", "print time"}},
	{[]string{"ruby"}, []string{"-e", "puts Time.now.to_f"}},
	{[]string{"php"}, []string{"-r", "echo microtime(true);"}},
	{helpers, nil},
}

// helpers are what a script is made of. By themselves they go by no time but that of date.
var helpers = []string{"sh", "dash", "bash", "busybox", "zsh", "sleep", "cat", "curl", "wget", "jq", "sed", "grep", "date", "coreutils", "env", "tini", "dumb-init"}

const (
	probeAhead = 40 * 24 * time.Hour // more than any zone
	probeError = time.Hour
	probeLimit = 20 * time.Second // of a busy machine's
)

// Obeyed tries whether programs go by the clock, which are files. The error is why nobody can say so, as a sentence.
func (c *Clock) Obeyed(ctx context.Context, programs []string) error {
	if len(programs) == 0 {
		return errors.New("nobody sees here which programs the command consists of")
	}
	tried := 0
	for _, program := range programs {
		if info, err := buildinfo.ReadFile(program); err == nil {
			return fmt.Errorf("%s is made by %s, whose programs ask the system itself for the time", filepath.Base(program), cmp.Or(info.GoVersion, "Go"))
		}
		name := filepath.Base(program)
		i := slices.IndexFunc(probes, func(p probe) bool {
			return slices.ContainsFunc(p.names, func(known string) bool {
				return p.say == nil && name == known || p.say != nil && strings.HasPrefix(name, known)
			})
		})
		if i < 0 {
			return fmt.Errorf("nobody knows how %s is asked for the time", name)
		}
		if probes[i].say == nil {
			continue
		}
		if tried++; !c.says(ctx, program, probes[i].say) {
			return fmt.Errorf("%s does not go by it", name)
		}
	}
	if tried == 0 && !c.says(ctx, "/bin/sh", []string{"-c", "date +%s"}) {
		return errors.New("date does not go by it")
	}
	return nil
}

// says reports whether a program says the time of a clock that is well ahead.
func (c *Clock) says(ctx context.Context, program string, arguments []string) bool {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	file := filepath.Join(c.directory, "probe")
	if set(file, probeAhead) != nil {
		return false
	}
	cmd := exec.CommandContext(ctx, program, arguments...)
	cmd.Env = append(os.Environ(), c.environment(file)...)
	out, err := cmd.Output()
	if err != nil {
		return false
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		return false
	}
	off := time.Until(time.Unix(int64(seconds), 0)) - probeAhead
	return off.Abs() < probeError
}
