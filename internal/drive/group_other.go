//go:build !unix

package drive

import (
	"os"
	"os/exec"
	"strconv"
)

// terminated is the code of a command that was ended from outside, on Windows.
const terminated = 1

// Without process groups and signals a command is ended by force, and with it, on Windows, what it started.
func together(*exec.Cmd)            {}
func terminate(cmd *exec.Cmd) bool  { return kill(cmd) }
func codeOf(s *os.ProcessState) int { return s.ExitCode() }

func kill(cmd *exec.Cmd) bool {
	if exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run() == nil {
		return true
	}
	return cmd.Process.Kill() == nil
}

// alive reports whether the command itself is there: of what it started nothing is known.
func (p *Process) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Programs are the files that the command is run from. Nobody tells here.
func (p *Process) Programs() []string { return nil }
