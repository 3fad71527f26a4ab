package attack

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// bell waits by a timerfd: it comes through the same epoll as answers do, and to the microsecond.
func bell() (ring func(time.Duration), quiet func()) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return time.Sleep, func() {}
	}
	timer := os.NewFile(uintptr(fd), "timerfd")
	control, err := timer.SyscallConn()
	if err != nil {
		_ = timer.Close()
		return time.Sleep, func() {}
	}
	var expirations [8]byte
	return func(wait time.Duration) {
		var failed error
		err := control.Control(func(fd uintptr) {
			failed = unix.TimerfdSettime(int(fd), 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(wait.Nanoseconds())}, nil)
		})
		if err == nil && failed == nil {
			_, err = timer.Read(expirations[:])
		}
		if err != nil || failed != nil {
			time.Sleep(wait)
		}
	}, func() { _ = timer.Close() }
}
