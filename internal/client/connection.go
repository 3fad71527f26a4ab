package client

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/time/rate"

	"gonogo/internal/exchange"
	"gonogo/internal/target"
)

// Connection is the way to a target: its pace, its headers, its patience, and the secrets that must not be seen in what
// is told of it.
type Connection struct {
	Redactor *exchange.Redactor // knows the target file's secrets from the start
	Delays   *exchange.Delays   // how often the target was busy

	target  *target.Target
	direct  *exchange.Client
	outside func() (*exchange.Client, error) // from the second address
	alive   atomic.Pointer[func(context.Context) *http.Request]
	moved   atomic.Int64 // by how much the target's clock was moved, in nanoseconds
}

// Open opens a target. Nothing is sent; the error is about the target file's configuration. told hears of each pause that
// a busy target asks for, from several goroutines; it may be nil.
func Open(t *target.Target, told func(status int, pause time.Duration)) (*Connection, error) {
	transport, err := t.Transport()
	if err != nil {
		return nil, err
	}
	c := &Connection{Redactor: exchange.NewRedactor(), Delays: &exchange.Delays{Told: told}, target: t}
	for _, secret := range t.Secrets() {
		c.Redactor.Add("secret", secret)
	}
	var limiter *rate.Limiter
	if !t.Loopback() && t.Limits.MaxRPS > 0 {
		limiter = rate.NewLimiter(rate.Limit(t.Limits.MaxRPS), max(t.Limits.Burst, 1))
	}
	options := exchange.Options{Transport: transport, Headers: t.Headers, Timeout: t.Limits.Timeout, Patience: t.Limits.MaxWait, Limiter: limiter, Delays: c.Delays}
	c.direct = exchange.NewClient(options)
	c.outside = sync.OnceValues(func() (*exchange.Client, error) {
		transport, err := t.OutsiderTransport()
		if err != nil {
			return nil, err
		}
		options.Transport = transport
		outside := exchange.NewClient(options)
		if alive := c.alive.Load(); alive != nil {
			outside.KnownGood(*alive)
		}
		return outside, nil
	})
	return c, nil
}

// Close gives back what the connection holds.
func (c *Connection) Close() {
	c.direct.Close()
	if outside, err := c.outside(); err == nil {
		outside.Close()
	}
}

// outsider is the key of a context whose requests come from the second address.
type outsider struct{}

// FromOutside makes a context whose requests reach the target from its second address (outsider in the target file).
func FromOutside(ctx context.Context) context.Context {
	return context.WithValue(ctx, outsider{}, true)
}

// via is the client that a context's requests take.
func (c *Connection) via(ctx context.Context) (*exchange.Client, error) {
	if ctx.Value(outsider{}) == nil {
		return c.direct, nil
	}
	outside, err := c.outside()
	if err != nil {
		return nil, broken("there is no second address to send from: %v", err)
	}
	return outside, nil
}

// Send sends a request. Its errors are those of exchange.Client.Send, where a target that is gone is told of with its
// address, and *Unable where the second address cannot be sent from: that nobody answers there says nothing about the
// target, for the address may not be this machine's, or its way to the target closed.
func (c *Connection) Send(ctx context.Context, req *http.Request) (*exchange.Exchange, error) {
	through, err := c.via(ctx)
	if err != nil {
		return nil, err
	}
	x, err := through.Send(ctx, req)
	gone, why := errors.Is(err, exchange.ErrGone), "nothing comes back"
	if x != nil && x.Err != nil {
		why = c.Redactor.Answer(x.Err.Error())
	}
	switch {
	case through == c.direct && gone:
		return x, unreachable("the target cannot be reached at " + c.target.BaseURL.Redacted() + ": " + why)
	case through == c.direct:
	case x != nil && errors.Is(x.Err, syscall.EADDRNOTAVAIL):
		return x, broken("outsider.local_address is no address of this machine")
	case gone:
		return x, broken("the target cannot be reached from the second address: %s", why)
	}
	return x, err
}

// unreachable says where a target is gone, and why, as a sentence.
type unreachable string

func (u unreachable) Error() string { return string(u) }
func (unreachable) Unwrap() error   { return exchange.ErrGone }

// Lanes are connections for requests that race, from where a context's requests come. Who asks closes them.
func (c *Connection) Lanes(ctx context.Context) (*exchange.Lanes, error) {
	through, err := c.via(ctx)
	if err != nil {
		return nil, err
	}
	return through.Lanes(), nil
}

// Secret makes a value secret in everything that is told of this connection.
func (c *Connection) Secret(kind, value string) { c.Redactor.Add(kind, value) }

// TargetTime turns a moment of ours into the target's time, which moves ahead when its clock is moved.
func (c *Connection) TargetTime(at time.Time) time.Time {
	return at.Add(time.Duration(c.moved.Load())).Round(0)
}

// KnownGood tells how to find out whether the target still answers anything.
func (c *Connection) KnownGood(make func(context.Context) *http.Request) {
	c.alive.Store(&make)
	c.direct.KnownGood(make)
}

// Gone reports that the target no longer answers anything.
func (c *Connection) Gone() bool { return c.direct.Gone() }

// Sent is how many requests were sent, from both addresses.
func (c *Connection) Sent() int {
	sent := c.direct.Sent()
	if outside, err := c.outside(); err == nil {
		sent += outside.Sent()
	}
	return sent
}

// LocalAddress is the address that this machine's requests to the target come from, as far as this machine knows.
func (c *Connection) LocalAddress() netip.Addr { return c.direct.LocalAddress() }
