package fleet

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"gonogo/load"
	"gonogo/reports"
)

// Generator is this process's part in a run, once it has joined.
type Generator struct {
	Index, Count int
	Plan         Plan

	conn    *nats.Conn
	clock   reading
	ahead   time.Duration // of this machine's clock from the lead's, before the run
	end     chan string   // why the lead asks it to end
	closed  chan struct{} // the connection is gone
	mail    sync.Mutex
	boxes   map[string]chan []byte
	dropped int
}

// Unfit is why a generator cannot join as it was called: another secret, another build, no room. Any other error of Join may be
// otherwise the next time.
type Unfit struct{ error }

func (e Unfit) Unwrap() error { return e.error }

// Place is the address in a URL as the lead prints it: nats://HOST:PORT.
func Place(text string) (address string, err error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "nats" || u.Hostname() == "" || u.Port() == "" || u.User != nil || u.Path != "" {
		return "", fmt.Errorf("%q is no address of a lead; write it like nats://lead.example:4222", text)
	}
	return u.Host, nil
}

// Join connects to the lead at an address and joins its run.
func Join(ctx context.Context, address string, keys *Keys, build reports.Tool) (*Generator, error) {
	g := &Generator{end: make(chan string, 1), closed: make(chan struct{}), boxes: map[string]chan []byte{}}
	var err error
	to := &dialer{ctx: ctx}
	g.conn, err = nats.Connect("nats://"+address, nats.SetCustomDialer(to),
		nats.Nkey(keys.name, keys.join.Sign), nats.Secure(keys.clientTLS()), nats.TLSHandshakeFirst(), nats.NoReconnect(), nats.IgnoreDiscoveredServers(),
		nats.Timeout(patience), nats.PingInterval(pingEvery), nats.MaxPingsOutstanding(mostPings-1), nats.ErrorHandler(silent),
		nats.ClosedHandler(func(*nats.Conn) { close(g.closed) }))
	if err != nil {
		return nil, unjoined(address, cmp.Or(to.failed, err))
	}
	if err := g.join(ctx, build); err != nil {
		g.conn.Close()
		return nil, err
	}
	return g, nil
}

// dialer keeps why there is no connection, of which the client library says only that there is none.
type dialer struct {
	ctx    context.Context
	failed error
}

func (d *dialer) Dial(network, address string) (conn net.Conn, err error) {
	ctx, cancel := context.WithTimeout(d.ctx, patience)
	defer cancel()
	conn, d.failed = (&net.Dialer{}).DialContext(ctx, network, address)
	return conn, d.failed
}

// unjoined says why there is no connection.
func unjoined(address string, err error) error {
	var record tls.RecordHeaderError
	var dial *net.OpError
	switch {
	case errors.Is(err, errOther), errors.Is(err, nats.ErrAuthorization):
		return Unfit{fmt.Errorf("%s: %w", address, errOther)}
	case errors.As(err, &record):
		return Unfit{fmt.Errorf("%s: what listens there is no lead of gonogo", address)}
	case errors.As(err, &dial) && dial.Op == "dial":
		return fmt.Errorf("%s: no lead can be reached there: %w", address, dial.Err)
	}
	return fmt.Errorf("%s: the lead cannot be joined: %w", address, err)
}

// join asks the lead for a place in its run.
func (g *Generator) join(ctx context.Context, build reports.Tool) error {
	connection, err := g.conn.GetClientID()
	if err != nil {
		return err
	}
	_, err = g.conn.Subscribe(toAll+endVerb, func(m *nats.Msg) {
		select {
		case g.end <- string(m.Data):
		default: // it was asked already
		}
	})
	if err != nil {
		return err
	}
	host, _ := os.Hostname() // without one it has none
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	m, err := g.conn.RequestWithContext(ctx, toLead+joinVerb, encoded(hello{build, host, os.Getpid(), connection}))
	if err != nil {
		return fmt.Errorf("the lead does not answer: %w", err)
	}
	var w welcome
	if err := json.Unmarshal(m.Data, &w); err != nil {
		return fmt.Errorf("the lead's answer cannot be read: %w", err)
	}
	if w.Why != "" {
		return Unfit{errors.New(w.Why)}
	}
	g.Index, g.Count, g.Plan = w.Index, w.Count, w.Plan
	if _, err := g.conn.Subscribe(toOne+strconv.Itoa(g.Index)+".>", g.receive); err != nil {
		return err
	}
	if g.clock, err = readClock(ctx, g.conn); err != nil {
		return fmt.Errorf("the lead does not say what time it is: %w", err)
	}
	g.ahead = g.clock.here.Sub(g.clock.lead)
	go g.beat()
	return nil
}

// Config is this generator's part of the load, at the target as this machine reads it. env is where its ${NAME} comes from.
func (g *Generator) Config(env func(string) (string, bool)) (c load.Config, err error) {
	c = g.Plan.Load
	c.Share = &load.Share{Index: g.Index, Count: g.Count, Together: g}
	c.Target, err = g.Plan.Target.Target(env)
	return c, err
}

// Refuse tells the lead why this generator cannot do what it was asked for. The text has no secret in it.
func (g *Generator) Refuse(why string) {
	_ = g.publish(refuseVerb, []byte(why)) // else the lead notices that it is gone
	_ = g.conn.FlushTimeout(patience)
}

// Close leaves the run.
func (g *Generator) Close() { g.conn.Close() }

func (g *Generator) subject(verb string) string { return toLead + verb + "." + strconv.Itoa(g.Index) }

func (g *Generator) publish(verb string, data []byte) error {
	return g.conn.Publish(g.subject(verb), data)
}

// What ends a generator before its time.
var (
	errAsked = errors.New("the lead asked for the end")
	errGone  = errors.New("the connection to the lead is gone")
)

// Run makes this generator's part of the run, which c is, and hands in what it measured. The error says why the lead has not got it.
func (g *Generator) Run(ctx context.Context, c load.Config) (*reports.LoadRun, error) {
	own := ctx // what ends this process
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		select {
		case why := <-g.end:
			stop(fmt.Errorf("%w: %s", errAsked, why))
		case <-g.closed:
			stop(errGone)
		case <-ctx.Done():
		}
	}()
	told := c.Progress
	c.Progress = func(p load.Progress) {
		_ = g.publish(progressVerb, encoded(p)) // the next one says more
		if told != nil {
			told(p)
		}
	}
	if err := g.ask(ctx, readyVerb, point{}, nil); err != nil {
		return nil, g.why(ctx, err)
	}
	c.Progress(load.Progress{Filling: true}) // all are there, and it begins
	run, err := load.Run(ctx, c)
	if err != nil {
		g.Refuse(err.Error())
		return nil, Unfit{err}
	}
	r := result{Run: run, Dropped: g.lost(), Clock: Clock{Ahead: g.ahead, Within: g.clock.within}}
	if own.Err() != nil {
		r.Ended = "was interrupted"
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	after, err := readClock(last, g.conn)
	if err == nil {
		r.Clock.Within, r.Clock.Drift = max(g.clock.within, after.within), g.clock.at(after.here).Sub(after.lead)
		err = g.ask(last, resultVerb, r, nil)
	}
	if err != nil {
		return run, g.why(ctx, err)
	}
	return run, nil
}

// why is the reason that stands behind an error of a connection.
func (g *Generator) why(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// beat says that this generator lives, for as long as it is connected.
func (g *Generator) beat() {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = g.publish(beatVerb, nil) // the next one says the same
		case <-g.closed:
			return
		}
	}
}

// ask asks the lead and waits for what it says.
func (g *Generator) ask(ctx context.Context, verb string, what any, got *reply) error {
	m, err := g.conn.RequestWithContext(ctx, g.subject(verb), encoded(what))
	if err != nil {
		return err
	}
	var r reply
	if err := json.Unmarshal(m.Data, &r); err != nil {
		return fmt.Errorf("the lead's answer cannot be read: %w", err)
	}
	if r.Why != "" {
		return errors.New(r.Why)
	}
	if got != nil {
		*got = r
	}
	return nil
}
