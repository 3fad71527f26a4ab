package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// workshop is where measurements are made: what was built for them, and how a process gets a core of its own.
type workshop struct {
	settings
	out, log io.Writer
	self     string // this program
	root     string // of the repository
	tools    string // what was built or installed, kept for the next run
	scratch  string // files of this run
}

func openWorkshop(s settings, out, log io.Writer) (*workshop, error) {
	if runtime.NumCPU() < 2 {
		return nil, errors.New("this machine lends one core; the server and the generator need one each")
	}
	if _, err := exec.LookPath("taskset"); err != nil {
		return nil, errors.New("taskset is missing, which gives each side a core of its own (Debian: apt-get install util-linux)")
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	module, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOMOD: %w", err)
	}
	root := filepath.Dir(strings.TrimSpace(string(module)))
	if _, err := os.Stat(filepath.Join(root, "cmd", "gonogo")); err != nil {
		return nil, errors.New("start this inside the gonogo repository, with make bench-load")
	}
	scratch, err := os.MkdirTemp("", "gonogo-bench-")
	if err != nil {
		return nil, err
	}
	w := &workshop{settings: s, out: out, log: log, self: self, root: root, tools: filepath.Join(root, ".cache", "bench"), scratch: scratch}
	return w, os.MkdirAll(w.tools, 0o755)
}

func (w *workshop) close() { _ = os.RemoveAll(w.scratch) }

// file writes a file of this run and answers where it is.
func (w *workshop) file(name, content string) (string, error) {
	path := filepath.Join(w.scratch, name)
	return path, os.WriteFile(path, []byte(content), 0o600)
}

// build makes a Go program of this repository, or of the module in a folder of it.
func (w *workshop) build(ctx context.Context, folder, pkg, name string) (string, error) {
	path := filepath.Join(w.tools, name)
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, pkg)
	cmd.Dir = filepath.Join(w.root, folder)
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build %s: %s", pkg, lastLine(said, err))
	}
	return path, nil
}

// gonogo is the program that is measured.
func (w *workshop) gonogo(ctx context.Context) (string, error) {
	if w.program != "" {
		return filepath.Abs(w.program)
	}
	return w.build(ctx, ".", "./cmd/gonogo", "gonogo")
}

// lastLine is where programs say what went wrong.
func lastLine(said []byte, err error) string {
	lines := strings.Split(strings.TrimSpace(string(said)), "\n")
	if last := lines[len(lines)-1]; last != "" || err == nil {
		return last
	}
	return err.Error()
}

// pinned is a command on one core. Go programs read the mask, and run on one thread's worth of it.
func pinned(ctx context.Context, core int, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "taskset", append([]string{"-c", strconv.Itoa(core)}, args...)...)
}

// meanwhile is what is done while a generator runs. It ends by itself once ended is closed.
type meanwhile func(generator *os.Process, ended <-chan struct{}) error

// load runs a generator to its end, and something meanwhile unless that is nil. cpu is what it used, start included.
func (w *workshop) load(ctx context.Context, args []string, during meanwhile) (said []byte, cpu time.Duration, err error) {
	// Long enough for any start; a generator that hangs must not hang the run.
	ctx, cancel := context.WithTimeout(ctx, 3*w.length+30*time.Second)
	defer cancel()
	cmd := pinned(ctx, w.loadCore, args...)
	cmd.Env = append(os.Environ(), "K6_NO_USAGE_REPORT=true")
	cmd.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err = cmd.Start(); err != nil {
		return nil, 0, err
	}
	ended, done := make(chan struct{}), make(chan error, 1)
	go func() {
		if during == nil {
			done <- nil
			return
		}
		done <- during(cmd.Process, ended)
	}()
	err = cmd.Wait()
	close(ended)
	fault := <-done
	if err != nil {
		last := stderr.Bytes()
		if len(last) == 0 {
			last = stdout.Bytes()
		}
		err = fmt.Errorf("%s: %s (%w)", filepath.Base(args[0]), lastLine(last, err), err)
	}
	if cmd.ProcessState != nil {
		cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	if fault != nil {
		err = fault
	}
	return stdout.Bytes(), cpu, err
}

// process is a server on the servers' core.
type process struct {
	cmd    *exec.Cmd
	url    string
	in     io.WriteCloser
	out    *bufio.Scanner
	stderr *bytes.Buffer
}

// start starts a server, which says on its standard output where it listens: in a line that begins with mark.
func (w *workshop) start(ctx context.Context, mark string, args ...string) (*process, error) {
	cmd := pinned(ctx, w.serverCore, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	p := &process{cmd: cmd, stderr: &bytes.Buffer{}}
	cmd.Stderr = p.stderr
	var err error
	if p.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.out = bufio.NewScanner(stdout)
	for p.out.Scan() {
		if url, found := strings.CutPrefix(p.out.Text(), mark); found {
			p.url = strings.TrimSpace(url)
			return p, nil
		}
	}
	err = cmd.Wait()
	return nil, fmt.Errorf("%s does not start: %s", filepath.Base(args[0]), lastLine(p.stderr.Bytes(), err))
}

// stop ends the server and waits for it.
func (p *process) stop() {
	_ = p.in.Close()
	_ = p.cmd.Process.Signal(os.Interrupt)
	for p.out.Scan() { // or Wait could close the pipe under its last words
	}
	_ = p.cmd.Wait()
}

// clockTick is what the kernel counts CPU time in, for programs: 1/100 s on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// cpu is what a running process used so far.
func (p *process) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	// After the name, which may hold anything but ends in the last parenthesis: state is field 3, utime 14, stime 15.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields behind the name; 13 are wanted", p.cmd.Process.Pid, len(fields))
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * clockTick, errors.Join(err1, err2)
}
