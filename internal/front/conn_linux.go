package front

import (
	"golang.org/x/sys/unix"
)

// ended reports that the client's side of the connection has come to its end.
func (c *conn) ended() (ended bool) {
	c.control(func(fd int) {
		n, _, err := unix.Recvfrom(fd, make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
		ended = n == 0 && err == nil || err == unix.ECONNRESET
	})
	return ended
}

// refused reports that what was written was answered with a reset: the client's socket was closed before it could be read.
func (c *conn) refused() (refused bool) {
	c.control(func(fd int) {
		info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		refused = err == nil && info.State == tcpClose
	})
	return refused
}

// tcpClose is TCP_CLOSE of linux/tcp_states.h. A socket of ours is in it only when the other side has reset it.
const tcpClose = 7

func (c *conn) control(do func(fd int)) {
	if raw, err := c.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { do(int(fd)) })
	}
}
