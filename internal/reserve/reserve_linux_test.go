package reserve

import (
	"net"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestAReservedPortIsGivenToWhoNamesIt asks the system for any port of a range that has only that one.
func TestAReservedPortIsGivenToWhoNamesIt(t *testing.T) {
	address, release, err := Address()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // as a client that is started again
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal("who names it does not get it: ", err)
		}
		l.Close()
	}
	if anyOf(t, address) {
		t.Error("somebody who asked for any port was given the one that is reserved")
	}
	if release(); !anyOf(t, address) {
		t.Error("nobody is given the port when it was released, so the test shows nothing")
	}
}

// anyOf reports whether the system gives the port of an address to somebody who binds any or connects from any.
func anyOf(t *testing.T, address string) bool {
	t.Helper()
	_, text, _ := net.SplitHostPort(address)
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	only := func(_, _ string, c syscall.RawConn) (err error) {
		var narrow error
		err = c.Control(func(fd uintptr) {
			narrow = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_LOCAL_PORT_RANGE, port<<16|port)
		})
		if narrow != nil {
			t.Skip("the kernel has no range of ports for one socket: ", narrow) // Linux before 6.3
		}
		return err
	}
	there, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	given := false
	if l, err := (&net.ListenConfig{Control: only}).Listen(t.Context(), "tcp", "127.0.0.1:0"); err == nil {
		given = true
		l.Close()
	}
	if c, err := (&net.Dialer{Control: only}).Dial("tcp", there.Addr().String()); err == nil {
		given = true
		c.Close()
	}
	return given
}
