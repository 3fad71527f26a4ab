//go:build unix

package drive

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// terminated is the code of a command that SIGTERM ended.
const terminated = 128 + int(syscall.SIGTERM)

// alive reports whether somebody of the group is there.
func (p *Process) alive() bool { return alive(p.cmd) }

// together puts the command into a process group of its own, which its shell's pipelines and background jobs are in too, and which the
// terminal's Ctrl-C does not reach.
func together(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// terminate and kill send a signal to the group. They report whether there was anybody to send it to.
func terminate(cmd *exec.Cmd) bool { return alive(cmd) && send(cmd, syscall.SIGTERM) }
func kill(cmd *exec.Cmd) bool      { return send(cmd, syscall.SIGKILL) }

func send(cmd *exec.Cmd, signal syscall.Signal) bool {
	return !errors.Is(syscall.Kill(-cmd.Process.Pid, signal), syscall.ESRCH)
}

// alive reports that somebody of the group is there. The dead whom nobody has buried, as in a container whose first process
// does not, are not.
func alive(cmd *exec.Cmd) bool {
	if !send(cmd, 0) {
		return false
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return true // not Linux
	}
	seen := false
	for _, entry := range entries {
		if _, err := strconv.Atoi(entry.Name()); err != nil {
			continue
		}
		state, group, known := stat(entry.Name())
		seen = seen || known
		if known && group == cmd.Process.Pid && state != "Z" && state != "X" {
			return true
		}
	}
	return !seen
}

// Programs are the files that the command and what it has started are run from, as far as the system tells: on Linux.
func (p *Process) Programs() []string {
	entries, _ := os.ReadDir("/proc")
	var files []string
	for _, entry := range entries {
		if _, group, known := stat(entry.Name()); known && group == p.cmd.Process.Pid {
			if file, err := os.Readlink("/proc/" + entry.Name() + "/exe"); err == nil && !slices.Contains(files, file) {
				files = append(files, file)
			}
		}
	}
	return files
}

// stat is a process's state and group, from proc(5): they follow its name, which may hold anything, and its end's parenthesis.
func stat(pid string) (state string, group int, known bool) {
	text, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return "", 0, false
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 3 {
		return "", 0, false
	}
	group, err = strconv.Atoi(fields[2])
	return fields[0], group, err == nil
}

func codeOf(state *os.ProcessState) int {
	if status, is := state.Sys().(syscall.WaitStatus); is && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
