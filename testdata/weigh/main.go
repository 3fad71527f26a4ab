// Command weigh runs a command and writes into a file how many kilobytes that had at its peak: weigh FILE LIMIT COMMAND…. After its
// limit the command is sent SIGABRT, so that it says where it hangs.
package main

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

func main() {
	limit, err := time.ParseDuration(os.Args[2])
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(os.Args[3], os.Args[4:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	hangs := time.AfterFunc(limit, func() { _ = cmd.Process.Signal(syscall.SIGABRT) })
	_ = cmd.Wait()
	hangs.Stop()
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if err := os.WriteFile(os.Args[1], []byte(strconv.FormatInt(usage.Maxrss, 10)), 0o600); err != nil {
		panic(err)
	}
	os.Exit(cmd.ProcessState.ExitCode())
}
