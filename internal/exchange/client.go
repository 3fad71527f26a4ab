package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/time/rate"

	"gonogo/internal/coding"
	"gonogo/internal/traceparent"
)

// ErrGone says that the target has disappeared: not even a request that used to work is answered.
var ErrGone = errors.New("the target is gone: it no longer answers")

// NoAnswer says that one request hung or was dropped while the target answers others: a fault of the target.
type NoAnswer struct {
	Exchange *Exchange // the second attempt
	Cause    error
}

func (e *NoAnswer) Error() string { return "no answer came: " + e.Cause.Error() }
func (e *NoAnswer) Unwrap() error { return e.Cause }

// NoRoom says that this machine is at a limit of its own and has sent nothing: that says nothing about the target.
type NoRoom struct{ Cause error }

func (e *NoRoom) Error() string {
	return "this machine is at a limit of its own (" + e.Cause.Error() + "); raise it, or ask for less at once"
}
func (e *NoRoom) Unwrap() error { return e.Cause }

// noRoom are the errors of a machine that has no more files, ports or memory.
var noRoom = []error{syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL, syscall.ENOBUFS, syscall.ENOMEM}

// Throttled says that the target asked for more patience than there was.
type Throttled struct {
	Status int
	Wait   time.Duration
}

func (e *Throttled) Error() string {
	return fmt.Sprintf("the target answers %d and asks to wait %s, which is more than limits.max_wait leaves", e.Status, e.Wait)
}

// Options shape a Client.
type Options struct {
	Transport *http.Transport
	Headers   map[string]string // sent with every request
	// Home reports whether a host is to be told the Headers; nil: every one is.
	Home     func(*url.URL) bool
	From     Origin        // what the transport makes requests come from, to tell it; the zero value: nothing special
	Timeout  time.Duration // of one request with its answer
	Patience time.Duration // how long all waits of one request for a busy target may be
	Limiter  *rate.Limiter // nil: no limit
	Delays   *Delays       // counts what a busy target makes requests wait; nil: nobody wants to know

	Trace *traceparent.Source // of the header that names each request, to whom is told the Headers; nil: none does

	// Resolve finds the addresses of a name that a race is spread over; nil: as this machine does.
	Resolve func(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Client sends requests one at a time or many at once and returns each with its answer. It never follows a
// redirect, keeps no cookies, and repeats a request in two cases only: once on a fresh connection after a
// transport error, and after the pause a busy target asks for.
type Client struct {
	options Options
	reused  http.RoundTripper
	fresh   *http.Transport // a connection per request

	alive atomic.Pointer[func(context.Context) *http.Request] // makes a request known to be answered
	gone  atomic.Bool
	sent  atomic.Int64
	twice atomic.Int64
	local atomic.Pointer[netip.Addr] // where this machine's requests come from

	surplus surpluses
}

// NewClient makes a client. Close frees its connections.
func NewClient(options Options) *Client {
	hushNetHTTP()
	options.Transport.MaxResponseHeaderBytes = MaxHeader
	if options.Resolve == nil {
		options.Resolve = net.DefaultResolver.LookupNetIP
	}
	c := &Client{options: options, reused: options.Transport}
	c.surplus.watch(options.Transport)
	c.fresh = options.Transport.Clone()
	c.fresh.DisableKeepAlives = true
	return c
}

// KnownGood tells the client how to find out whether the target still answers anything.
func (c *Client) KnownGood(make func(context.Context) *http.Request) { c.alive.Store(&make) }

// Gone reports whether the target has disappeared.
func (c *Client) Gone() bool { return c.gone.Load() }

// Sent is the number of requests sent so far, repeats included.
func (c *Client) Sent() int { return int(c.sent.Load()) }

// Resent is the number of requests that the target may have received twice, because the connection broke under them.
func (c *Client) Resent() int { return int(c.twice.Load()) }

// LocalAddress is the address of this machine that the latest request left from; the zero value before any has.
// Behind an address translation the target sees another one.
func (c *Client) LocalAddress() netip.Addr {
	if local := c.local.Load(); local != nil {
		return *local
	}
	return netip.Addr{}
}

// Close closes the idle connections.
func (c *Client) Close() {
	c.options.Transport.CloseIdleConnections()
	c.fresh.CloseIdleConnections()
}

// Send sends a request and waits for its answer. The exchange is returned with every error that came after
// sending. Errors: the context's; ErrGone; *NoAnswer; *NoRoom; *Throttled. Any other means that this is no request that
// can be sent, which is the caller's fault and says nothing about the target.
func (c *Client) Send(ctx context.Context, req *http.Request) (*Exchange, error) {
	if c.gone.Load() {
		return nil, ErrGone
	}
	body, err := c.prepare(req)
	if err != nil {
		return nil, err
	}
	patience, floor, twice := c.options.Patience, minPause, false
	for {
		x, err := c.sendTwice(ctx, req, body)
		if x != nil {
			if x.Twice {
				c.twice.Add(1)
			}
			twice = twice || x.Twice
			x.Twice = twice
		}
		if err != nil || !isBusy(x) || ctx.Value(atOnce{}) != nil {
			return x, err
		}
		pause := max(retryAfter(x), floor)
		if pause > patience {
			return x, &Throttled{Status: x.Status, Wait: pause}
		}
		patience -= pause
		floor *= 2
		c.options.Delays.add(x.Status, pause, c.options.Patience-patience)
		if err := sleep(ctx, pause); err != nil {
			return x, err
		}
	}
}

// sendTwice sends, and after a transport error once more on a connection of its own: an idle connection may
// be closed under a request, which says nothing about the target.
func (c *Client) sendTwice(ctx context.Context, req *http.Request, body []byte) (*Exchange, error) {
	races := takes(ctx)
	x, connections, err := c.attempt(ctx, req, body, races.lane(req, c.reused), races)
	if err != nil || x.Err == nil {
		// net/http itself repeats what it holds to be idempotent when a connection turns out to be stale
		if x != nil && connections > 1 {
			x.Repeated, x.Twice = true, true
		}
		return x, err
	}
	reached := connections > 0
	// a server that serves one connection at a time is held up by those that wait for a next request
	c.options.Transport.CloseIdleConnections()
	x, connections, err = c.attempt(ctx, req, body, c.fresh, nil)
	if x != nil {
		x.Repeated, x.Twice = true, reached || connections > 1
	}
	if err != nil || x.Err == nil {
		return x, err
	}
	if slices.ContainsFunc(noRoom, func(limit error) bool { return errors.Is(x.Err, limit) }) {
		return x, &NoRoom{x.Err}
	}
	if x.Malformed || c.answersAnything(ctx) {
		return x, &NoAnswer{Exchange: x, Cause: x.Err}
	}
	if err := ctx.Err(); err != nil { // nobody waited long enough to know
		return x, err
	}
	c.gone.Store(true)
	return x, ErrGone
}

func (c *Client) answersAnything(ctx context.Context) bool {
	known := c.alive.Load()
	if known == nil {
		return false
	}
	req := (*known)(ctx)
	if req == nil {
		return false
	}
	body, err := c.prepare(req)
	if err != nil {
		return false
	}
	x, _, err := c.attempt(ctx, req, body, c.fresh, nil)
	return err == nil && x.Err == nil
}

// attempt sends once. A transport error is part of the exchange; the error returned is the caller's context.
// connections is on how many connections the target may have received the request. races is its place in a volley; nil:
// it leaves when it will.
func (c *Client) attempt(ctx context.Context, req *http.Request, body []byte, through http.RoundTripper, races *slot) (x *Exchange, connections int, err error) {
	if err := c.pace(ctx); err != nil {
		return nil, 0, err
	}
	timed, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	var got atomic.Int32
	var began atomic.Bool // an answer did
	var over *watchedConn
	x = &Exchange{Method: req.Method, URL: req.URL.String(), RequestHeader: c.named(req), RequestBody: body, From: c.options.From}
	out := req.Clone(httptrace.WithClientTrace(timed, races.watch(&httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			got.Add(1)
			if over = watched(info.Conn); over != nil {
				over.begin(x)
			}
			if address, ok := info.Conn.LocalAddr().(*net.TCPAddr); ok {
				local := address.AddrPort().Addr().Unmap()
				c.local.Store(&local)
			}
		},
		GotFirstResponseByte: func() { began.Store(true) },
	})))
	out.Header, out.Body = x.RequestHeader, http.NoBody
	if len(body) > 0 {
		out.Body = io.NopCloser(bytes.NewReader(body))
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	out.ContentLength = int64(len(body))
	c.sent.Add(1)
	x.Sent = time.Now()
	response, err := through.RoundTrip(out)
	if over != nil && !over.good(x) { // net/http may have taken what was there already for the answer
		if err == nil {
			_ = response.Body.Close()
		}
		err = errSpent
		got.Store(0)
	}
	space := room(ctx)
	if err == nil {
		x.Status, x.Header = response.StatusCode, response.Header
		x.Body, x.Cut, err = readBody(response.Body, space)
		_ = response.Body.Close()
		err = errors.Join(err, noAnswer(response))
	}
	x.Received = time.Now()
	if over != nil {
		over.end(x, err == nil && !x.Cut)
	}
	x.unpack(space)
	spend(ctx, len(x.Body))
	if races != nil {
		var at time.Time
		if x.Left, at = races.leaves(req); !at.IsZero() && at.Before(x.Received) {
			x.Sent = at
		}
	}
	if err == nil {
		return x, int(got.Load()), nil
	}
	x.Status, x.Header, x.Body, x.Cut, x.Miscoded = 0, nil, nil, false, ""
	if x.Err = ctx.Err(); x.Err != nil {
		return x, int(got.Load()), x.Err
	}
	x.Err, x.Malformed = reason(err, c.options.Timeout), began.Load() && malformed(err)
	return x, int(got.Load()), nil
}

// unpack reads a body that is compressed, also where nobody asked for that: then every coding is acceptable (RFC 9110 section 12.5.3).
func (x *Exchange) unpack(room int) {
	coded := strings.Join(x.Header.Values("Content-Encoding"), ",")
	if x.Cut || len(x.Body) == 0 {
		return
	}
	if coded == "" {
		if coding.Packed(x.Body) && !strings.Contains(x.Header.Get("Content-Type"), "gzip") {
			x.Miscoded = "a gzip that no Content-Encoding tells of"
		}
		return
	}
	plain, err := coding.Decode(coded, x.Body, room)
	switch {
	case errors.Is(err, coding.ErrUnknown): // says nothing about the target
	case err != nil:
		x.Miscoded = "Content-Encoding: " + coded + ", and a body that is none"
	default:
		x.Body, x.Cut = plain[:min(len(plain), room)], len(plain) > room
	}
}
