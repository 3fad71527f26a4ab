package main

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// look is how often the loop looks whether it is to end, in milliseconds.
const look = 50

// serve is one loop over epoll. Goroutines would take one more read for each request, which finds nothing, and a change
// from one to the next: twice the user time. What is left is 1 µs of user time in some 10, the kernel having the rest.
func (f *fast) serve(listener *net.TCPListener, closing *atomic.Bool) error {
	file, err := listener.File()
	if err != nil {
		return err
	}
	defer file.Close()
	door := int(file.Fd())
	if err := syscall.SetNonblock(door, true); err != nil {
		return err
	}
	poll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	defer syscall.Close(poll)
	visitors := map[int]*visitor{}
	defer func() {
		for socket := range visitors {
			_ = syscall.Close(socket)
		}
	}()
	add := func(socket int) error {
		return syscall.EpollCtl(poll, syscall.EPOLL_CTL_ADD, socket, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(socket)})
	}
	if err := add(door); err != nil {
		return os.NewSyscallError("epoll_ctl", err)
	}
	events := make([]syscall.EpollEvent, 128)
	for !closing.Load() {
		n, err := syscall.EpollWait(poll, events, look)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return os.NewSyscallError("epoll_wait", err)
		}
		for _, event := range events[:max(n, 0)] {
			socket := int(event.Fd)
			if socket == door {
				if socket, _, err = syscall.Accept4(door, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC); err != nil {
					continue
				}
				_ = syscall.SetsockoptInt(socket, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
				if visitors[socket] = newVisitor(); add(socket) == nil {
					continue
				}
			} else if f.turn(socket, visitors[socket]) {
				continue
			}
			_ = syscall.Close(socket)
			delete(visitors, socket)
		}
	}
	return nil
}

// turn reads once and answers once. It is false when the connection is to end. An answer that does not fit into the
// socket ends it, too: no generator leaves that much unread.
func (f *fast) turn(socket int, v *visitor) bool {
	n, errno := transfer(syscall.SYS_READ, socket, v.in[v.filled:])
	if errno == syscall.EAGAIN || errno == syscall.EINTR {
		return true
	}
	if errno != 0 || n == 0 {
		return false
	}
	v.filled += n
	if !f.answer(v) {
		return false
	}
	if len(v.out) == 0 {
		return true
	}
	n, errno = transfer(syscall.SYS_WRITE, socket, v.out)
	return errno == 0 && n == len(v.out)
}

// transfer reads or writes without telling Go's scheduler, because it cannot block.
func transfer(call uintptr, socket int, b []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall(call, uintptr(socket), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	return int(n), errno
}
