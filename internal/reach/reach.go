// Package reach finds out how a host can be reached: its name, its addresses, its port, its certificate.
//
// It sends no request; it must never know what the host is for.
package reach

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Options say how to try.
type Options struct {
	Timeout time.Duration // of a connection or a handshake
	TLS     *tls.Config   // whom to trust, for https
}

// Found is how a host was reached.
type Found struct {
	Addresses []Address
	Encrypted *tls.ConnectionState // nil: the address is not one of https
}

// Address is one address of a host, and why no connection to it could be had; nil: one could.
type Address struct {
	IP   netip.Addr
	Took time.Duration // until it was connected
	Err  error
}

// Reached are the addresses that connections could be had to.
func (f *Found) Reached() (all []Address) {
	for _, a := range f.Addresses {
		if a.Err == nil {
			all = append(all, a)
		}
	}
	return all
}

// Obstacle is what is in the way, and what to do about it, each as a phrase.
type Obstacle struct {
	What, Mend string
	Err        error
}

func (o *Obstacle) Error() string { return o.What + "; " + o.Mend }
func (o *Obstacle) Unwrap() error { return o.Err }

// mostAddresses is how many addresses of a name are tried.
const mostAddresses = 8

// Try looks a host's name up, connects to each of its addresses, and shakes hands where it is one of https. The error is an
// *Obstacle, or the context's.
func Try(ctx context.Context, at *url.URL, o Options) (*Found, error) {
	host, port := at.Hostname(), portOf(at)
	ips, err := addresses(ctx, host, o.Timeout)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, &Obstacle{fmt.Sprintf("this machine finds no address of the name %s (%s)", host, plainly(err)), "look at how the host is spelt, and whether this machine's DNS or VPN knows it", err}
	}
	found := &Found{}
	for _, ip := range ips[:min(len(ips), mostAddresses)] {
		began := time.Now()
		conn, err := dial(ctx, netip.AddrPortFrom(ip, port).String(), o.Timeout)
		found.Addresses = append(found.Addresses, Address{IP: ip, Took: time.Since(began), Err: err})
		if err != nil {
			continue
		}
		if at.Scheme == "https" && found.Encrypted == nil {
			if found.Encrypted, err = shake(ctx, conn, host, o); err != nil {
				_ = conn.Close()
				return found, err
			}
		}
		_ = conn.Close()
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if len(found.Reached()) == 0 {
		return found, unreached(at, found.Addresses[0])
	}
	return found, nil
}

// Encrypts reports whether a port that is spoken to in the clear speaks TLS.
func Encrypts(ctx context.Context, at *url.URL, timeout time.Duration) bool {
	conn, err := dial(ctx, net.JoinHostPort(at.Hostname(), fmt.Sprint(portOf(at))), timeout)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	timed, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	secure := tls.Client(conn, &tls.Config{ServerName: at.Hostname(), InsecureSkipVerify: true}) // nothing is sent over it
	return secure.HandshakeContext(timed) == nil
}

func addresses(ctx context.Context, host string, timeout time.Duration) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}, nil
	}
	timed, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	ips, err := net.DefaultResolver.LookupNetIP(timed, "ip", host)
	for i := range ips {
		ips[i] = ips[i].Unmap()
	}
	return ips, err
}

func dial(ctx context.Context, address string, timeout time.Duration) (net.Conn, error) {
	return (&net.Dialer{Timeout: timeout}).DialContext(ctx, "tcp", address)
}

func portOf(at *url.URL) uint16 {
	port, _ := net.LookupPort("tcp", cmp.Or(at.Port(), at.Scheme)) // digits, or one of the two schemes
	return uint16(port)
}

func unreached(at *url.URL, first Address) error {
	where := net.JoinHostPort(at.Hostname(), fmt.Sprint(portOf(at)))
	var timeout net.Error
	switch {
	case errors.Is(first.Err, syscall.ECONNREFUSED):
		return &Obstacle{"nothing listens at " + where + " (connection refused)", "start the server, or mend the port", first.Err}
	case errors.As(first.Err, &timeout) && timeout.Timeout():
		return &Obstacle{"nothing comes back from " + where, "look for a firewall, or a VPN that is off", first.Err}
	}
	return &Obstacle{"there is no way to " + where + " (" + plainly(first.Err) + ")", "look at the address, and at this machine's network", first.Err}
}

// plainly is an error of the network without what was tried, which is said beside it.
func plainly(err error) string {
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		return lookup.Err
	}
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		return number.Error()
	}
	return strings.TrimPrefix(err.Error(), "tls: ")
}
