// Package load puts a token API under load and judges every answer by what it says.
//
// What is asked for follows from the roles of a document's operations, as cases do. A run goes one way: what the document
// offers, what is prepared from it, the supply that an attack draws from, what was measured, and the conclusion. The
// package must never know a dialect, and neither how requests are sent and timed (load/attack) nor how results are shown
// (reports).
package load

import (
	"context"
	"errors"
	"io"
	"time"

	"gonogo/internal/exchange"
	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/specs"
)

// Config is what is asked of a run. Every field is required unless it says otherwise.
type Config struct {
	Dialect  *specs.Dialect
	Target   *target.Target
	Scenario Scenario
	Shape    Shape
	Duration time.Duration
	WarmUp   time.Duration // before Duration, and in none of its numbers; optional

	Connections int
	WorkingSet  int  // how many clients' tokens are validated and used
	Zipf        bool // a few of them most of the time, instead of each as often as any other
	HTTP2       bool

	Gate       specs.Level // from which level down a promise counts; optional, Standard
	Objectives []Objective // optional
	Agent      string      // the User-Agent header
	Seed       int64       // decides which token of the working set and which kind of a mix comes next

	Progress func(Progress) // called about every second; optional
	Keep     io.Writer      // takes the times of every request that was measured, for vegeta; optional
}

// The bounds of what can be asked for.
const (
	MostConnections = 10_000 // beyond it this machine's own ports and open files are the limit
	MostTokens      = 1_000_000
)

// Check reports what is wrong with a configuration. Nothing is sent.
func Check(c Config) error {
	_, err := c.offer()
	return err
}

// offer is what the document and the target have for the scenario.
func (c Config) offer() (*offer, error) {
	gate := c.Gate
	if gate == "" {
		gate = specs.Standard
	}
	o := newOffer(c.Dialect, c.Target, gate)
	return o, o.fits(c.Scenario)
}

// Run runs a load and returns what came of it, the verdict included. ctx ends it early, and so does a target that
// disappears: what was measured by then is in the result. The error is about the configuration; nothing was sent
// then.
func Run(ctx context.Context, c Config) (*reports.LoadRun, error) {
	r, err := open(c)
	if err != nil {
		return nil, err
	}
	defer r.account.client.Close()
	s, err := r.prepare(ctx)
	var m measured
	if short, ok := errors.AsType[shortfall](err); ok {
		m.because = []string{short.why}
	} else if err != nil {
		return nil, err
	} else {
		m = r.attack(ctx, s, c.Shape, c.Duration)
		r.vanished(ctx, &m)
		if ctx.Err() == nil && !m.gone {
			r.lasting(ctx, s)
			r.revocation(ctx)
		}
	}
	return r.conclude(c.Shape, m), nil
}

// run is what stays the same for as long as a Run or a search goes on.
type run struct {
	asked   Config
	offer   *offer
	ledger  *ledger
	account *account
	teller  *teller
	started time.Time
}

// open makes ready for a run. Nothing is sent.
func open(c Config) (*run, error) {
	o, err := c.offer()
	if err != nil {
		return nil, err
	}
	expected := 2*c.Shape.mean()*(c.Duration+c.WarmUp).Seconds() + 4*float64(c.WorkingSet)
	if c.Shape.mean() == 0 {
		expected = mostSets * setSize
	}
	r := &run{asked: c, offer: o, ledger: newLedger(o, exchange.NewRedactor()), teller: &teller{to: c.Progress}, started: time.Now()}
	r.account, err = newAccount(r.ledger, newSeen(int(expected)), func(pause time.Duration) { r.teller.filling(0, pause) })
	return r, err
}

// described is a run as it is known before it begins.
func (r *run) described(shape Shape) *reports.LoadRun {
	protocol := "HTTP/1.1"
	if r.asked.HTTP2 {
		protocol = "HTTP/2"
	}
	if r.offer.target.BaseURL.Scheme == "https" {
		protocol += " over TLS"
	}
	return &reports.LoadRun{
		Dialect: r.offer.dialect.ID, Document: r.document(), Target: reports.Target{BaseURL: r.offer.target.BaseURL.Redacted()},
		Scenario: r.asked.Scenario.String(), Shape: shape.String(), Started: r.started.UTC(), Connections: r.asked.Connections, Protocol: protocol,
	}
}

func (r *run) document() reports.Document {
	d := r.offer.dialect
	return reports.Document{Title: d.Title, Version: d.Version, SHA256: d.SHA256}
}
