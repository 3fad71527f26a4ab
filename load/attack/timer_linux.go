package attack

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// timer is a timerfd: it comes through the same epoll as answers do, and to the microsecond.
type timer struct {
	file    *os.File
	control syscall.RawConn
}

// newTimer makes a timer; nil: there is none to be had.
func newTimer() *timer {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil
	}
	file := os.NewFile(uintptr(fd), "timerfd")
	control, err := file.SyscallConn()
	if err != nil {
		_ = file.Close()
		return nil
	}
	return &timer{file, control}
}

// wait waits, and reports whether it could. One goroutine at a time may.
func (t *timer) wait(while time.Duration) bool { return t.set(while) && t.came() }

// set has the timer end in a while, whatever it was set to before, and reports whether it could.
func (t *timer) set(while time.Duration) bool {
	var failed error
	err := t.control.Control(func(fd uintptr) {
		failed = unix.TimerfdSettime(int(fd), 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(while.Nanoseconds())}, nil)
	})
	return err == nil && failed == nil
}

// came waits for the timer to end, and reports whether it did.
func (t *timer) came() bool {
	var expirations [8]byte
	_, err := t.file.Read(expirations[:])
	return err == nil
}

// close ends a wait that is under way.
func (t *timer) close() { _ = t.file.Close() }
