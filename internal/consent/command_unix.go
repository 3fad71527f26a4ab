//go:build unix

package consent

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// killTogether makes the program's end take with it what it started: a script's browser would outlive it.
func killTogether(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		} else {
			return err
		}
	}
}
