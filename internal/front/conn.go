package front

import (
	"context"
	"crypto/tls"
	"maps"
	"net"
	"slices"
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
	whole bool          // its answer was handed over to its end, to a client that was there
	left  chan struct{} // is closed when it is over
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

// leave is said before an answer's last bytes, or a reset, leave. A client may act on them sooner than the goroutine that sent them learns that
// they have left: what arrives from now on waits until x is over.
func (f *Front) leave(x *live) {
	f.arriving.Lock()
	defer f.arriving.Unlock()
	f.leaving[x] = struct{}{}
}

// mostWaited is how long an answer's last bytes may take, which is microseconds, before it is clear that nobody reads them.
const mostWaited = time.Second

// settle waits until what was leaving has left.
func (f *Front) settle() {
	f.arriving.Lock()
	leaving := slices.Collect(maps.Keys(f.leaving))
	f.arriving.Unlock()
	if len(leaving) == 0 {
		return
	}
	timer := time.NewTimer(mostWaited)
	defer timer.Stop()
	for i, x := range leaving {
		select {
		case <-x.left:
		case <-timer.C:
			f.forget(leaving[i:]...)
			return
		}
	}
}

// forget is for what has left, and for what seems never to.
func (f *Front) forget(all ...*live) {
	f.arriving.Lock()
	defer f.arriving.Unlock()
	for _, x := range all {
		delete(f.leaving, x)
	}
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
	f.forget(x)
	close(x.left)
	f.active.Done()
}

// gone reports a client that has ended its connection, or its side of it. The context alone would tell it late: its
// reader is another goroutine.
func gone(ctx context.Context, c *conn) bool { return ctx.Err() != nil || c.ended() }
