package front

import (
	"context"
	"crypto/tls"
	"net"
	"sync/atomic"
	"time"
)

// watching is a listener whose connections are watched.
type watching struct{ net.Listener }

func (w *watching) Accept() (net.Conn, error) {
	c, err := w.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{TCPConn: c.(*net.TCPConn)}, nil
}

// conn is a client's connection. It knows what net/http tells nobody: whether an answer could be written to its end.
type conn struct {
	*net.TCPConn
	failed atomic.Bool // to write
	on     *live       // the exchange that is on; by the connection's own goroutine
}

// live is an exchange that is not over.
type live struct {
	*Exchange
	whole bool // its answer was handed over to its end, to a client that was there
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.TCPConn.Write(p)
	if err != nil {
		c.failed.Store(true)
	}
	return n, err
}

// reset ends the connection at once; the client sees that it was reset, whatever was on its way.
func (c *conn) reset() {
	_ = c.SetLinger(0)
	_ = c.Close()
}

type connKey struct{}

func connOf(c net.Conn) *conn {
	if secure, is := c.(*tls.Conn); is {
		c = secure.NetConn()
	}
	return c.(*conn)
}

// over ends the exchange that is on, if there is one: its last byte has left, or never will.
func (f *Front) over(c *conn) {
	x := c.on
	if x == nil {
		return
	}
	c.on = nil
	x.Done, x.Until = time.Now(), f.config.Now()
	x.Received = x.whole && !c.failed.Load()
	f.config.Over(x.Exchange)
	f.active.Done()
}

// gone reports a client that has ended its connection, or its side of it. The context alone would tell it late: its
// reader is another goroutine.
func gone(ctx context.Context, c *conn) bool { return ctx.Err() != nil || c.ended() }
