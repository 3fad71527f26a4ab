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
	"time"

	"gonogo/internal/client"
	"gonogo/internal/traceparent"
	"gonogo/reports"
)

// Run runs a load and returns what came of it, the verdict included. ctx ends it early, and so does a target that
// disappears: what was measured by then is in the result. The error is about the configuration; nothing was sent
// then.
func Run(ctx context.Context, c Config) (*reports.LoadRun, error) {
	asked, err := c.read()
	if err != nil {
		return nil, err
	}
	expected := (2*asked.shape.mean()*float64(asked.journey.refreshes+1)*(c.Duration+c.WarmUp).Seconds() + 4*float64(c.WorkingSet)) / float64(c.Share.count())
	if asked.shape.mean() == 0 {
		expected = mostSets * setSize
	}
	r, err := open(asked, int(expected))
	if err != nil {
		return nil, err
	}
	r.histories = newHistories(asked.Seed+int64(r.group.index()), asked.shape.mean()*(c.Duration+c.WarmUp).Seconds()/float64(r.group.count()))
	defer r.account.connection.Close()
	defer r.group.leave(ctx)
	defer func() { r.account.crossed.end() }()
	var s *supply
	if err = r.keyed(ctx, int(expected)); err == nil {
		s, err = r.prepare(ctx)
	}
	if err != nil {
		short := r.group.unprepared(ctx, r.ledger.redactor.Answer(err.Error()))
		if errors.Is(err, ErrUnready) {
			err = short
		}
	} else {
		err = r.group.prepared(ctx)
	}
	var m measured
	if short, ok := errors.AsType[shortfall](err); ok {
		m.because = []string{short.why}
	} else if err != nil {
		return nil, err
	} else {
		m = r.attack(ctx, s, asked.shape, c.Duration)
		if m.result != nil {
			m.lacks(r.account.crossed.finish(ctx, r.offer.target.Limits.Timeout))
			r.duels.finish()
		}
		r.vanished(ctx, &m)
		if ctx.Err() == nil && !m.gone {
			r.afterwards(ctx, s)
		}
		if !m.gone {
			r.explain(ctx, s.life)
		}
	}
	out := r.conclude(asked.shape, m)
	r.teller.over()
	return out, nil
}

// run is what stays the same for as long as a Run or a search goes on.
type run struct {
	asked     settings
	trace     traceparent.Trace
	offer     *offer
	ledger    *ledger
	account   *account
	teller    *teller
	group     *group // nil: nobody else makes it
	duels     *duels // nil: no other generator races with this one
	started   time.Time
	histories *histories // nil: no family is followed
	followed  *reports.LoadHistories
}

// open makes ready for a run that is handed about as many tokens as expected. Nothing is sent.
func open(c settings, expected int) (*run, error) {
	o, err := c.offer()
	if err != nil {
		return nil, err
	}
	return openOn(c, o, expected)
}

// openOn is open with what is known of the document.
func openOn(c settings, o *offer, expected int) (*run, error) {
	told, trace := &teller{to: c.Progress}, traceparent.New()
	if o.target.Untraced {
		trace = traceparent.Trace{}
	}
	connection, err := client.Open(c.Share.paced(o.target), trace, func(_ int, pause time.Duration) { told.filling(pause) })
	if err != nil {
		return nil, err
	}
	l := newLedger(o, connection.Redactor)
	c.narrow(o, l)
	told.ledger, told.before.TraceID = l, trace.String()
	r := &run{asked: c, trace: trace, offer: o, ledger: l, account: newAccount(l, newSeen(expected), told, connection), teller: told, started: time.Now()}
	if c.Share != nil {
		r.group = &group{Share: c.Share, account: c.Share.Count > 1 && !r.account.own(), come: map[string]bool{}}
		r.account.group = r.group
	}
	return r, nil
}

// described is a run as it is known before it begins.
func (r *run) described(as shape) *reports.LoadRun {
	protocol := "HTTP/1.1"
	if r.asked.HTTP2 {
		protocol = "HTTP/2"
	}
	if r.offer.target.BaseURL.Scheme == "https" {
		protocol += " over TLS"
	}
	shape := as.String()
	if r.asked.scenario.name == sessionScenario {
		shape += " (sessions)"
	}
	return &reports.LoadRun{
		Dialect: r.offer.dialect.ID, Document: r.document(), Profile: r.offer.dialect.Profile, Target: reports.Target{BaseURL: r.offer.target.BaseURL.Redacted(), Network: r.offer.target.Network()},
		Scenario: r.asked.scenario.String(), Shape: shape, TraceID: r.trace.String(), Plan: r.asked.plan(), Started: r.started.UTC(), Connections: r.asked.Connections, Protocol: protocol,
	}
}

// plan is what is asked for beside scenario, shape and connections.
func (s settings) plan() *reports.LoadPlan {
	plan := &reports.LoadPlan{DurationMS: s.Duration.Milliseconds(), WarmUpMS: s.WarmUp.Milliseconds(), WorkingSet: s.WorkingSet, Pick: s.Pick}
	if s.scenario.name == sessionScenario {
		plan.Session = s.Session.plan()
	}
	return plan
}

func (r *run) document() reports.Document {
	d := r.offer.dialect
	return reports.Document{Title: d.Title, Version: d.Version, SHA256: d.SHA256}
}
