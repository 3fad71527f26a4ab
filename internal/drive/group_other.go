//go:build !unix

package drive

import (
	"os"
	"os/exec"
)

// Without process groups only the command itself is ended, and without signals only by force.
func together(*exec.Cmd)            {}
func terminate(cmd *exec.Cmd) bool  { return kill(cmd) }
func kill(cmd *exec.Cmd) bool       { return cmd.Process.Kill() == nil }
func alive(cmd *exec.Cmd) bool      { return cmd.ProcessState == nil }
func codeOf(s *os.ProcessState) int { return s.ExitCode() }
