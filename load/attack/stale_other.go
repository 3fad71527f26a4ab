//go:build !unix

package attack

import "net"

func stale(net.Conn, bool) (closed, unasked bool) { return false, false }
