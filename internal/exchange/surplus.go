package exchange

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"

	"gonogo/internal/wire"
)

// Surplus is what came over a connection of HTTP/1.1 and belongs to no answer: after the end of one, or while nobody
// asked for anything. What follows it can be taken for the answer to somebody else's request (RFC 9112 sections 6.3, 9.2).
type Surplus struct {
	After *Exchange // the request that was sent over the connection last
	Bytes int       // how many came at once
}

// surplusKept is how many are kept with the exchange that they came after.
const surplusKept = 64

// surpluses are those of a client.
type surpluses struct {
	mu     sync.Mutex
	looked int // answers of which it is known where they end
	found  []Surplus
}

// saw keeps what came, unless it is of no matter.
func (s *surpluses) saw(after *Exchange, what []byte) {
	what = bytes.TrimLeft(what, "\r\n") // an empty line is no harm (RFC 9112 section 2.2)
	if len(what) == 0 || wire.IsTimeout(what) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.found) < surplusKept {
		s.found = append(s.found, Surplus{After: after, Bytes: len(what)})
	}
}

// Surplus is what came so far that no request asked for, and after how many answers it was looked for: after none over
// HTTP/2, where each answer has a stream of its own.
func (c *Client) Surplus() (found []Surplus, looked int) {
	c.surplus.mu.Lock()
	defer c.surplus.mu.Unlock()
	return slices.Clone(c.surplus.found), c.surplus.looked
}

// watch has a transport's connections looked at. It lies over TLS, where there is some, so TLS is begun here.
func (s *surpluses) watch(transport *http.Transport) {
	dial := transport.DialContext
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &watchedConn{Conn: conn, of: s}, nil
	}
	transport.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		raw, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		conn, err := secured(ctx, transport, raw, address)
		if err != nil {
			_ = raw.Close()
			return nil, err
		}
		if conn.ConnectionState().NegotiatedProtocol == "h2" {
			return conn, nil
		}
		return &watchedConn{Conn: conn, of: s}, nil
	}
}

// secured is a connection once its handshake is done, as net/http does it.
func secured(ctx context.Context, transport *http.Transport, raw net.Conn, address string) (*tls.Conn, error) {
	config := new(tls.Config)
	if transport.TLSClientConfig != nil {
		config = transport.TLSClientConfig.Clone()
	}
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(address)
	}
	if transport.ForceAttemptHTTP2 {
		config.NextProtos = []string{"h2", "http/1.1"}
	}
	if limit := transport.TLSHandshakeTimeout; limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	conn := tls.Client(raw, config)
	return conn, conn.HandshakeContext(ctx)
}

// longestLooked is up to which length it is looked where an answer ends: all that a document describes are shorter.
const longestLooked = 64 << 10

// watchedConn is a connection that knows what was sent over it last and what came since.
type watchedConn struct {
	net.Conn
	of *surpluses

	mu    sync.Mutex
	last  *Exchange // nil: nothing was sent yet
	reads bool      // its answer is on its way
	ended bool      // it has come, and where it ends is known
	came  []byte    // since it was sent
	prior *Exchange // the one before it, if that has ended
	spent bool      // what came behind an answer would be read as the next one
}

func (c *watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case c.reads && len(c.came) <= longestLooked:
			c.came = append(c.came, p[:n]...)
		case c.ended:
			c.spent = true
			c.of.saw(c.last, p[:n])
		}
	}
	return n, err
}

// begin says that an exchange's request is sent now. Nothing is sent over a connection that is no good any more.
func (c *watchedConn) begin(x *Exchange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.settle(); c.ended {
		c.prior = c.last
	}
	if c.spent {
		_ = c.Close()
	}
	c.last, c.reads, c.ended, c.came = x, true, false, c.came[:0]
}

// end says that an exchange is over, and whether its answer has been read to its end. The connection may have been given to
// the next by then.
func (c *watchedConn) end(x *Exchange, whole bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.last != x:
	case whole:
		c.settle()
	case c.prior != nil && !bytes.HasPrefix(c.came, []byte("HTTP/")): // no answer at all: it was on its way before
		c.of.saw(c.prior, c.came)
	}
}

// settle looks whether more has come than the answer. c.mu is held.
func (c *watchedConn) settle() {
	if !c.reads {
		return
	}
	c.reads = false
	if len(c.came) > longestLooked {
		return
	}
	reader := wire.Received(c.came)
	if err := reader.Read(new(wire.Answer), c.last.Method); err != nil {
		return // whatever it is, where it ends nobody knows
	}
	c.ended = true
	c.of.mu.Lock()
	c.of.looked++
	c.of.mu.Unlock()
	if rest := reader.Rest(); len(rest) > 0 {
		c.spent = true
		c.of.saw(c.last, rest)
	}
}

// good reports whether an exchange's request was sent over a connection on which what comes is its answer.
func (c *watchedConn) good(x *Exchange) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last != x || !c.spent
}

var errSpent = errors.New("the connection had more on it than the answers to what was asked")

// watched is the connection that is looked at, under what else lies over it; nil: it is not.
func watched(conn net.Conn) *watchedConn {
	if held, ok := conn.(*heldConn); ok {
		conn = held.Conn
	}
	found, _ := conn.(*watchedConn)
	return found
}
