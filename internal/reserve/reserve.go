// Package reserve keeps a port of this machine for somebody who is to listen at it later. Between choosing a port by closing a listener and
// listening at it again anybody may take it, an outgoing connection too.
//
// It must never know what the port is for.
package reserve

import "net"

// Address is an address of loopback whose port nobody else is given until release is called: who listens at it by name gets it, as often as
// he likes. Where the system cannot keep a port, it is one at which nobody listened a moment ago.
func Address() (address string, release func(), err error) {
	if address, release, err = kept(); err == nil && address != "" {
		return address, release, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	address = l.Addr().String()
	return address, func() {}, l.Close()
}
