package load

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"gonogo/internal/operation"
	"gonogo/load/attack"
	"gonogo/reports"
)

// measured is what an attack came to.
type measured struct {
	result   *attack.Result // nil: there was no attack
	examples []reports.LoadExample
	sessions *reports.LoadSessions // nil: there were none
	began    time.Time             // by the lead's clock, where several generators made it; warm-up included
	because  []string              // why it is not what was asked for, as sentences
	gone     bool                  // the target disappeared
	moved    bool                  // somebody else moved its clock, and so ended tokens
}

// lacks says why it is not what was asked for; empty: it is.
func (m *measured) lacks(why string) {
	if why != "" {
		m.because = append(m.because, why)
	}
}

// attack puts the target under load.
func (r *run) attack(ctx context.Context, s *supply, as shape, length time.Duration) (m measured) {
	transport, err := r.offer.target.Transport()
	if err != nil {
		m.because = []string{err.Error()} // open has looked at it
		return m
	}
	if err := r.account.settled(ctx); err != nil {
		m.because = []string{err.Error()}
		return m
	}
	keeping, stop := context.WithCancel(ctx)
	var keeper sync.WaitGroup
	keeper.Go(func() { s.keep(keeping, r.account) })
	defer keeper.Wait() // what it finds belongs into the verdict
	defer stop()
	r.ledger.begin(r.asked.WarmUp)
	r.teller.attacking.Store(true)
	defer r.teller.attacking.Store(false)
	requests := s.requests()
	if r.asked.Metered && r.teller.meter == nil {
		r.teller.meter = attack.NewMeter(s.mix.names, requests)
	}
	var workers []*worker
	prefix := operation.Unique()
	beside := r.prober(s, as)
	r.duels = r.duel(s, beside, as)
	plan := attack.Plan{
		Pace: as.pace(length, r.asked.Seed, r.asked.Share), Duration: length, WarmUp: r.asked.WarmUp, Connections: r.asked.Connections,
		Timeout: r.offer.target.Limits.Timeout, Parts: s.mix.names,
		Workers: func(connection int) attack.Worker {
			workers = append(workers, newWorker(s, r.ledger, prefix, connection))
			if s.sessions != nil {
				return s.sessions.worker(workers[len(workers)-1])
			}
			return workers[len(workers)-1]
		},
	}
	if s.sessions != nil {
		plan.Chains, plan.Tail = s.sessions.begin, s.sessions.length()
	}
	if beside != nil {
		plan.Beside = beside
	}
	if r.group != nil {
		plan.Start = func(ctx context.Context) (here time.Time, err error) {
			if here, m.began, err = r.group.begin(ctx); err == nil {
				r.duels.begin(ctx)
			}
			return here, err
		}
	}
	m.result, err = attack.Run(ctx, plan, attack.Over(transport, r.asked.HTTP2, r.offer.servers()...), attack.Watch{
		Progress: func(p attack.Progress) { r.teller.attacked(r.asked.WarmUp, p) }, Keep: r.asked.Keep, Requests: requests, Meter: r.teller.meter,
	})
	if err != nil {
		m.because = []string{err.Error()}
		return m
	}
	for _, w := range workers {
		w.user.leave()
	}
	if beside != nil {
		beside.leave()
	}
	r.duels.over()
	m.examples, m.because = r.ledger.errors(), m.result.Shortfalls()
	if s.sessions != nil {
		m.sessions = s.sessions.tell(m.result.Crowded)
	}
	m.gone = m.result.Ended != "" && ctx.Err() == nil
	if s.storm != nil {
		if why := s.storm.ended(); why != "" {
			m.because = append(m.because, why)
		}
	}
	return m
}

// servers are where the calls go.
func (o *offer) servers() []*url.URL {
	var all []*url.URL
	for _, c := range o.calls() {
		at := &url.URL{Scheme: c.op.URL().Scheme, Host: c.op.URL().Host}
		if !slices.ContainsFunc(all, func(known *url.URL) bool { return *known == *at }) {
			all = append(all, at)
		}
	}
	return all
}

// requests say what each kind of request is, for those who read the file of all requests. Queries can carry tokens.
func (s *supply) requests() []attack.Request {
	var all []attack.Request
	for _, name := range s.mix.names {
		op := s.offer.of(part(slices.Index(partNames[:], name))).op
		at := op.URL()
		at.RawQuery, at.User = "", nil
		all = append(all, attack.Request{Method: op.Method, URL: at.String()})
	}
	return all
}

// vanished notices that the target disappeared near the end: the last requests did not reach it, nor does one after them.
// One that comes back was restarted, which is worth measuring.
func (r *run) vanished(ctx context.Context, m *measured) {
	if m.result == nil || m.result.Unreached == 0 || m.gone || ctx.Err() != nil {
		return
	}
	if r.account.reached(ctx) == nil {
		return
	}
	m.gone = true
	m.because = append(m.because, fmt.Sprintf("the server could not be reached in the last %s of the run, nor after it (%s)",
		m.result.Unreached.Round(10*time.Millisecond), m.result.Detail))
}
