//go:build unix

package app

import "syscall"

// apart puts a process into a group of its own, which the terminal's Ctrl-C does not reach.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
