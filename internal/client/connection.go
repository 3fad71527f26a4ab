package client

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/time/rate"

	"gonogo/internal/exchange"
	"gonogo/internal/target"
	"gonogo/internal/traceparent"
)

// Connection is the way to a target: its pace, its headers, its patience, and the secrets that must not be seen in what
// is told of it.
type Connection struct {
	Redactor *exchange.Redactor // knows the target file's secrets from the start
	Delays   *exchange.Delays   // how often the target was busy

	target  *target.Target
	direct  *exchange.Client
	options exchange.Options // of all clients, but for how they connect
	alive   atomic.Pointer[func(context.Context) *http.Request]
	moved   atomic.Int64 // by how much the target's clock was moved, in nanoseconds

	recording bool

	mu       sync.Mutex
	recorded []*exchange.Exchange
	outside  map[netip.Addr]*exchange.Client // by the address that they send from; the zero one: the second address
}

// Open opens a target. Nothing is sent; the error is about the target file's configuration. Every request says that it is of
// a trace, unless that is none or the target file has none told. told hears of each pause that a busy target asks for, from
// several goroutines; it may be nil.
func Open(t *target.Target, trace traceparent.Trace, told func(status int, pause time.Duration)) (*Connection, error) {
	transport, err := t.Transport()
	if err != nil {
		return nil, err
	}
	c := &Connection{Redactor: exchange.NewRedactor(), Delays: &exchange.Delays{Told: told}, target: t}
	for _, secret := range t.Secrets() {
		c.Redactor.Add("secret", secret)
	}
	for _, name := range t.Names() {
		c.Redactor.AddName("name", name)
	}
	c.Redactor.Show(t.Fixed()...)
	var limiter *rate.Limiter
	if t.Paced() {
		limiter = rate.NewLimiter(rate.Limit(t.Limits.MaxRPS), max(t.Limits.Burst, 1))
	}
	options := exchange.Options{Transport: transport, Headers: t.Headers, Home: t.Serves, Timeout: t.Limits.Timeout, Patience: t.Limits.MaxWait, Limiter: limiter, Delays: c.Delays}
	if !t.Untraced {
		options.Trace = traceparent.Of(trace)
	}
	c.options = options
	c.direct = exchange.NewClient(options)
	return c, nil
}

// Close gives back what the connection holds.
func (c *Connection) Close() {
	c.direct.Close()
	for _, outside := range c.outsiders() {
		outside.Close()
	}
}

// outsiders are the clients of other addresses that were used.
func (c *Connection) outsiders() []*exchange.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.outside))
}

// outsider is the key of a context whose requests come from another address. Its value is which, the zero one being the second address.
type outsider struct{}

// FromOutside makes a context whose requests reach the target from its second address (outsider in the target file).
func FromOutside(ctx context.Context) context.Context { return From(ctx, netip.Addr{}) }

// From makes a context whose requests leave from an address of this machine.
func From(ctx context.Context, address netip.Addr) context.Context {
	return context.WithValue(ctx, outsider{}, address)
}

// via is the client that a context's requests take.
func (c *Connection) via(ctx context.Context) (*exchange.Client, error) {
	address, elsewhere := ctx.Value(outsider{}).(netip.Addr)
	if !elsewhere {
		return c.direct, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.outside[address]; known != nil {
		return known, nil
	}
	options := c.options
	var err error
	if address.IsValid() {
		options.From.Address = address
		options.Transport, err = c.target.TransportFrom(address)
	} else if options.Transport, err = c.target.OutsiderTransport(); err == nil {
		options.From = originOf(c.target.Outsider)
	}
	if err != nil {
		return nil, broken("there is no second address to send from: %v", err)
	}
	outside := exchange.NewClient(options)
	if alive := c.alive.Load(); alive != nil {
		outside.KnownGood(*alive)
	}
	if c.outside == nil {
		c.outside = map[netip.Addr]*exchange.Client{}
	}
	c.outside[address] = outside
	return outside, nil
}

func originOf(o *target.Outsider) exchange.Origin {
	if o.Proxy != nil {
		return exchange.Origin{Proxy: o.Proxy.String()}
	}
	return exchange.Origin{Address: o.LocalAddress}
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
	if x != nil && c.recording {
		c.mu.Lock()
		c.recorded = append(c.recorded, x)
		c.mu.Unlock()
	}
	gone, why := errors.Is(err, exchange.ErrGone), "nothing comes back"
	if x != nil && x.Err != nil {
		why = c.Redactor.Answer(x.Err.Error())
	}
	full, isFull := errors.AsType[*exchange.NoRoom](err)
	switch {
	case through == c.direct && isFull:
		return x, broken("%s", c.Redactor.Answer(full.Error()))
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

// Ready waits until the target answers at all, and says for how long. The error is the context's, or a sentence that says
// why nobody was there in time. Nothing of it counts as sent.
func (c *Connection) Ready(ctx context.Context, within time.Duration) (time.Duration, error) {
	waited, err := c.direct.Ready(ctx, c.target.BaseURL, within)
	if err != nil && ctx.Err() == nil {
		err = broken("the target at %s was waited for %s, and is not ready: %s", c.target.BaseURL.Redacted(), waited.Round(100*time.Millisecond), c.Redactor.Answer(err.Error()))
	}
	return waited, err
}

// Record keeps every exchange from now on. It is called before the first.
func (c *Connection) Record() { c.recording = true }

// Recorded are the exchanges that were kept, in the order in which they were sent.
func (c *Connection) Recorded() []*exchange.Exchange {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.SortedStableFunc(slices.Values(c.recorded), func(a, b *exchange.Exchange) int { return a.Sent.Compare(b.Sent) })
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

// Sent is how many requests were sent, from all addresses.
func (c *Connection) Sent() int { return c.total((*exchange.Client).Sent) }

// Resent is how many requests were sent a second time, because the connection broke under them.
func (c *Connection) Resent() int { return c.total((*exchange.Client).Resent) }

// total adds up what is counted for each address.
func (c *Connection) total(of func(*exchange.Client) int) int {
	sum := of(c.direct)
	for _, outside := range c.outsiders() {
		sum += of(outside)
	}
	return sum
}

// Surplus is what came over connections and no request asked for, and after how many answers it was looked for.
func (c *Connection) Surplus() (found []exchange.Surplus, looked int) {
	for _, from := range append(c.outsiders(), c.direct) {
		more, after := from.Surplus()
		found, looked = append(found, more...), looked+after
	}
	return found, looked
}

// LocalAddress is the address that this machine's requests to the target come from, as far as this machine knows.
func (c *Connection) LocalAddress() netip.Addr { return c.direct.LocalAddress() }
