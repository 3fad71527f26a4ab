//go:build unix

package attack

import (
	"net"
	"syscall"

	"gonogo/internal/wire"
)

// stale is whether the other side has closed an idle connection, or said something unasked, which is closed, too. Asking
// the socket is the only way to know before a request is sent; afterwards nobody can say whether the server acted on it.
func stale(conn net.Conn, secured bool) (closed, unasked bool) {
	raw, ok := conn.(syscall.Conn)
	if !ok {
		return false, false
	}
	control, err := raw.SyscallConn()
	if err != nil {
		return false, false
	}
	_ = control.Read(func(fd uintptr) bool {
		var begin [len(wire.TimeoutAnswer)]byte
		n, _, err := syscall.Recvfrom(int(fd), begin[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		switch {
		case err == syscall.EAGAIN || err == syscall.EINTR:
		case err != nil || n == 0:
			closed = true
		default:
			closed = !secured // TLS has messages of its own, such as session tickets
			unasked = closed && !wire.IsTimeout(begin[:n])
		}
		return true
	})
	return closed, unasked
}
