//go:build unix

package main

import (
	"os"
	"syscall"
	"time"
)

// stopFor stops a process and lets it go on. It answers how long the stop took, which is never less than asked.
func stopFor(process *os.Process, length time.Duration) (time.Duration, error) {
	if err := process.Signal(syscall.SIGSTOP); err != nil {
		return 0, err
	}
	begin := time.Now()
	time.Sleep(length) // what is tested is time
	err := process.Signal(syscall.SIGCONT)
	return time.Since(begin), err
}
