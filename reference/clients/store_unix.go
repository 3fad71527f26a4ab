//go:build unix

package clients

import (
	"os"
	"syscall"
)

// exclude waits until nobody else holds the file, and holds it until it is closed.
func exclude(file *os.File) error { return syscall.Flock(int(file.Fd()), syscall.LOCK_EX) }
