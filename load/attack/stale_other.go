//go:build !unix

package attack

import "net"

func stale(net.Conn, bool) bool { return false }
