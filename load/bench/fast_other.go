//go:build !linux

package main

import (
	"errors"
	"net"
	"sync/atomic"
)

// serve only keeps the program together where there is no epoll; nor is there a taskset to measure with.
func (f *fast) serve(*net.TCPListener, *atomic.Bool) error {
	return errors.New("the fast server needs Linux")
}
