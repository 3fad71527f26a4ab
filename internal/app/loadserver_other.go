//go:build !unix

package app

import "syscall"

// apart does nothing where there are no process groups.
func apart() *syscall.SysProcAttr { return nil }
