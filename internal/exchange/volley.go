package exchange

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Release is how the requests of a volley left this machine. What the way to the target adds to the spread is not in it.
type Release struct {
	Requests int           // that were to leave together
	Held     int           // of them, held back before their end until all the others were there
	Spread   time.Duration // from just before the first end was written to just after the last was
	Proxied  bool          // they left for a proxy: when it passes them on nobody here knows
}

// Left is how one request left in a volley.
type Left struct {
	*Release
	After    time.Duration // after the first of them; 0 where it was not held back
	Protocol string        // HTTP/1.1, HTTP/2.0
	Address  string        // where it went
}

// Volley is a number of requests that leave together, which takes connections and uploads out of a race. Over HTTP/1.1
// each is sent but for its last byte, also that of a head without a body, and over HTTP/2 all wait for one flight; when
// the last of them is there, what is missing leaves at once. What cannot be held back is sent as it is.
type Volley struct {
	Racers []context.Context // what a limiter grants of those asked for

	lanes    *Lanes
	ready    chan struct{} // all requests are there
	released chan struct{}

	mu      sync.Mutex
	missing int
	gone    bool // what comes now is late
	held    []*heldConn
	release Release
	began   time.Time // just before the first end was written
}

// holdAtMost is how long the first request of a volley waits for the last: longer than connecting takes, and shorter
// than servers wait for the rest of a request.
const holdAtMost = 3 * time.Second

// racer is the key of a context whose first request is one of a volley.
type racer struct{}

// slot is a racer's place in its volley.
type slot struct {
	volley *Volley
	number int
	taken  atomic.Bool
	once   sync.Once

	conn  *heldConn // that it is held back on; nil: it is not
	whole bool      // with all that is sent on the connection
	left  Left
}

// Volley waits until n requests may leave at once and lines them up: the first request that is sent with each of its
// contexts leaves together with those of the others, and none before all of them are there or were given up by Quit. A
// limiter that allows a smaller burst grants fewer.
func (l *Lanes) Volley(ctx context.Context, n int) (*Volley, error) {
	paid, granted, err := l.client.Prepay(ctx, n)
	if err != nil {
		return nil, err
	}
	v := &Volley{lanes: l, Racers: make([]context.Context, granted), ready: make(chan struct{}), released: make(chan struct{}), missing: granted}
	v.release.Requests = granted
	for i := range v.Racers {
		v.Racers[i] = context.WithValue(paid, racer{}, &slot{volley: v, number: i})
	}
	if granted == 0 {
		close(v.ready)
	}
	go v.start(ctx, min(holdAtMost, l.client.options.Timeout/2))
	return v, nil
}

// Release is how the volley left; it waits until it has.
func (v *Volley) Release() *Release {
	<-v.released
	return &v.release
}

// Quit says that no request comes any more with a context of a volley. It may be said after one came.
func Quit(ctx context.Context) {
	if s, ok := ctx.Value(racer{}).(*slot); ok {
		s.arrive()
	}
}

// start lets the volley go when all are there.
func (v *Volley) start(ctx context.Context, limit time.Duration) {
	defer close(v.released)
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case <-v.ready:
	case <-late.C:
	case <-ctx.Done():
	}
	v.mu.Lock()
	v.gone = true
	held := v.held
	v.mu.Unlock()
	ends := make([]time.Time, 0, len(held))
	v.began = time.Now()
	for _, conn := range held {
		conn.let()
		ends = append(ends, time.Now())
	}
	for i, conn := range held {
		conn.mu.Lock()
		conn.after = ends[i].Sub(v.began)
		conn.mu.Unlock()
	}
	if len(ends) > 0 {
		v.release.Spread = ends[len(ends)-1].Sub(v.began)
	}
}

// grip holds back what a racer is about to send on a connection. A volley that has left, and a connection that others
// hold, let it pass.
func (s *slot) grip(conn net.Conn) {
	s.left.Address, s.left.Protocol = conn.RemoteAddr().String(), "HTTP/1.1"
	for {
		switch c := conn.(type) {
		case *tls.Conn:
			if c.ConnectionState().NegotiatedProtocol == "h2" {
				s.whole, s.left.Protocol = true, "HTTP/2.0"
			}
			conn = c.NetConn()
			continue
		case *heldConn:
			if s.volley.hold(c, s.whole, s.conn == nil) {
				s.conn = c
			}
		}
		return
	}
}

// hold reports whether a connection is held back now. first: the racer had no other before.
func (v *Volley) hold(conn *heldConn, whole, first bool) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.gone {
		return false
	}
	conn.mu.Lock()
	defer conn.mu.Unlock()
	if conn.volley == nil {
		conn.volley, conn.whole = v, whole
		v.held = append(v.held, conn)
	}
	if conn.volley != v {
		return false
	}
	if first {
		v.release.Held++
	}
	return true
}

// wrote hears that a racer's request is written: net/http tells it over HTTP/2 when it has been, over HTTP/1.1 before it
// flushes.
func (s *slot) wrote() {
	if s.conn == nil || s.whole {
		s.arrive()
		return
	}
	s.conn.mu.Lock()
	s.conn.flushed = s.arrive
	s.conn.mu.Unlock()
}

func (s *slot) arrive() {
	s.once.Do(func() {
		v := s.volley
		v.mu.Lock()
		defer v.mu.Unlock()
		if v.missing--; v.missing == 0 {
			close(v.ready)
		}
	})
}

// takes is a context's place in a volley, for its first request only; nil: it has none.
func takes(ctx context.Context) *slot {
	if s, ok := ctx.Value(racer{}).(*slot); ok && s.taken.CompareAndSwap(false, true) {
		return s
	}
	return nil
}

// lane is where a racer's request goes; otherwise is for those that do not race.
func (s *slot) lane(req *http.Request, otherwise http.RoundTripper) http.RoundTripper {
	if s == nil {
		return otherwise
	}
	lane, proxied := s.volley.lanes.lane(req, s.number)
	if proxied {
		s.volley.mu.Lock()
		s.volley.release.Proxied = true
		s.volley.mu.Unlock()
	}
	return lane
}

// watch adds to a trace what a racer has to hear.
func (s *slot) watch(trace *httptrace.ClientTrace) *httptrace.ClientTrace {
	if s == nil {
		return trace
	}
	got := trace.GotConn
	trace.GotConn = func(info httptrace.GotConnInfo) {
		got(info)
		s.grip(info.Conn)
	}
	trace.WroteRequest = func(httptrace.WroteRequestInfo) { s.wrote() }
	return trace
}

// leaves is how a racer left, once its volley has, and when: the zero time where it was not held back.
func (s *slot) leaves(req *http.Request) (left *Left, at time.Time) {
	s.arrive()
	v := s.volley
	s.left.Release = v.Release()
	s.left.Address = cmp.Or(s.left.Address, req.URL.Host)
	if s.conn == nil {
		return &s.left, at
	}
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	s.left.After = s.conn.after
	return &s.left, v.began
}

// heldConn is a connection whose sender can be held back. It lies under TLS: a record that is not whole is not read.
type heldConn struct {
	net.Conn

	mu      sync.Mutex
	volley  *Volley // holds it back; nil: nobody
	whole   bool    // all of it, and not the last byte alone
	back    []byte  // what is held back
	flushed func()  // to be told of the next write
	after   time.Duration
}

func (c *heldConn) Write(p []byte) (int, error) {
	n, flushed, err := c.write(p)
	if flushed != nil {
		flushed()
	}
	return n, err
}

func (c *heldConn) write(p []byte) (n int, flushed func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.volley == nil || len(p) == 0 {
		n, err = c.Conn.Write(p)
		return n, nil, err
	}
	all := append(c.back, p...)
	pass := 0
	if !c.whole {
		pass = len(all) - 1
	}
	if pass > 0 {
		if _, err := c.Conn.Write(all[:pass]); err != nil {
			return 0, nil, err
		}
	}
	c.back = slices.Clone(all[pass:])
	flushed, c.flushed = c.flushed, nil
	return len(p), flushed, nil
}

// let sends what is held back. If it cannot be sent, the reader of the connection will see.
func (c *heldConn) let() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = c.Conn.Write(c.back)
	c.volley, c.back, c.flushed = nil, nil, nil
}
