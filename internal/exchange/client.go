package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// ErrGone says that the target has disappeared: not even a request that used to work is answered.
var ErrGone = errors.New("the target is gone: it no longer answers")

// NoAnswer says that one request hung or was dropped while the target answers others: a fault of the target.
type NoAnswer struct{ Cause error }

func (e *NoAnswer) Error() string { return "no answer came: " + e.Cause.Error() }
func (e *NoAnswer) Unwrap() error { return e.Cause }

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
	Timeout   time.Duration     // of one request with its answer
	Patience  time.Duration     // how long all waits of one request for a busy target may be
	Limiter   *rate.Limiter     // nil: no limit
}

// Client sends requests one at a time or many at once and returns each with its answer. It never follows a
// redirect, keeps no cookies, and repeats only what the contract allows: once on a fresh connection after a
// transport error, and after the pause a busy target asks for.
type Client struct {
	options Options
	reused  http.RoundTripper
	fresh   *http.Transport // a connection per request

	alive atomic.Pointer[func(context.Context) *http.Request] // makes a request known to be answered
	gone  atomic.Bool
	sent  atomic.Int64
}

// NewClient makes a client. Close frees its connections.
func NewClient(options Options) *Client {
	fresh := options.Transport.Clone()
	fresh.DisableKeepAlives = true
	return &Client{options: options, reused: options.Transport, fresh: fresh}
}

// KnownGood tells the client how to find out whether the target still answers anything.
func (c *Client) KnownGood(make func(context.Context) *http.Request) { c.alive.Store(&make) }

// Gone reports whether the target has disappeared.
func (c *Client) Gone() bool { return c.gone.Load() }

// Sent is the number of requests sent so far, repeats included.
func (c *Client) Sent() int { return int(c.sent.Load()) }

// Close closes the idle connections.
func (c *Client) Close() {
	c.options.Transport.CloseIdleConnections()
	c.fresh.CloseIdleConnections()
}

// Send sends a request and waits for its answer. The exchange is returned with every error that came after
// sending. Errors: the context's; ErrGone; *NoAnswer; *Throttled.
func (c *Client) Send(ctx context.Context, req *http.Request) (*Exchange, error) {
	if c.gone.Load() {
		return nil, ErrGone
	}
	body, err := takeBody(req)
	if err != nil {
		return nil, err
	}
	for name, value := range c.options.Headers {
		if req.Header.Get(name) == "" {
			req.Header.Set(name, value)
		}
	}
	patience := c.options.Patience
	for {
		x, err := c.sendTwice(ctx, req, body)
		if err != nil || !busy(x) {
			return x, err
		}
		pause := max(retryAfter(x), minPause)
		if pause > patience {
			return x, &Throttled{Status: x.Status, Wait: pause}
		}
		patience -= pause
		if err := sleep(ctx, pause); err != nil {
			return x, err
		}
	}
}

// sendTwice sends, and after a transport error once more on a connection of its own: an idle connection may
// be closed under a request, which says nothing about the target.
func (c *Client) sendTwice(ctx context.Context, req *http.Request, body []byte) (*Exchange, error) {
	x, err := c.attempt(ctx, req, body, c.reused)
	if err != nil || x.Err == nil {
		return x, err
	}
	x, err = c.attempt(ctx, req, body, c.fresh)
	if err != nil {
		return x, err
	}
	x.Repeated = true
	if x.Err == nil {
		return x, nil
	}
	if !c.answersAnything(ctx) {
		if ctx.Err() == nil {
			c.gone.Store(true)
		}
		return x, ErrGone
	}
	return x, &NoAnswer{Cause: x.Err}
}

// minPause keeps a target that says "retry after 0" from being asked in a tight loop.
const minPause = 100 * time.Millisecond

func (c *Client) answersAnything(ctx context.Context) bool {
	known := c.alive.Load()
	if known == nil {
		return false
	}
	req := (*known)(ctx)
	if req == nil {
		return false
	}
	body, err := takeBody(req)
	if err != nil {
		return false
	}
	x, err := c.attempt(ctx, req, body, c.fresh)
	return err == nil && x.Err == nil
}

// attempt sends once. A transport error is part of the exchange; the error returned is the caller's context.
func (c *Client) attempt(ctx context.Context, req *http.Request, body []byte, through http.RoundTripper) (*Exchange, error) {
	if c.options.Limiter != nil {
		if err := c.options.Limiter.Wait(ctx); err != nil {
			return nil, err
		}
	}
	timed, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	out := req.Clone(timed)
	out.Body = http.NoBody
	if len(body) > 0 {
		out.Body = io.NopCloser(bytes.NewReader(body))
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	out.ContentLength = int64(len(body))
	c.sent.Add(1)
	x := &Exchange{Sent: time.Now(), Method: req.Method, URL: req.URL.String(), RequestHeader: req.Header.Clone(), RequestBody: body}
	response, err := through.RoundTrip(out)
	if err == nil {
		x.Status, x.Header = response.StatusCode, response.Header
		x.Body, x.Cut, err = readBody(response.Body)
		_ = response.Body.Close()
	}
	x.Received = time.Now()
	if err != nil {
		if ctx.Err() != nil {
			return x, ctx.Err()
		}
		x.Err = reason(err, c.options.Timeout)
		x.Status, x.Header, x.Body = 0, nil, nil
	}
	return x, nil
}

func reason(err error, timeout time.Duration) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("nothing came within %s", timeout)
	}
	return err
}

func readBody(from io.Reader) (body []byte, cut bool, err error) {
	body, err = io.ReadAll(io.LimitReader(from, MaxBody+1))
	if len(body) > MaxBody {
		return body[:MaxBody], true, err
	}
	return body, false, err
}

func takeBody(req *http.Request) ([]byte, error) {
	if req.Header == nil {
		req.Header = http.Header{}
	}
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	defer func() { _ = req.Body.Close() }()
	return io.ReadAll(req.Body)
}

// busy reports the two answers that ask to come back later (RFC 6585 section 4, RFC 9110 section 15.6.4).
func busy(x *Exchange) bool {
	return x.Status == http.StatusTooManyRequests ||
		x.Status == http.StatusServiceUnavailable && x.Header.Get("Retry-After") != ""
}

// retryAfter is the pause a busy target asks for; a second when it does not say.
func retryAfter(x *Exchange) time.Duration {
	value := x.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil && seconds >= 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		now := x.Received
		if date, ok := x.Date(); ok {
			now = date // the target may live on another clock
		}
		return max(at.Sub(now), 0)
	}
	return time.Second
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
