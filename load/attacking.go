package load

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"gonogo/load/attack"
	"gonogo/reports"
)

// Progress is how a run stands.
type Progress struct {
	Filling bool // tokens are being obtained, before the attack
	Filled  int
	Waits   time.Duration // before it is tried again: the target is busy

	WarmingUp     bool
	Elapsed, Left time.Duration

	Rate     float64       // answered in the latest second
	P50, P99 time.Duration // of those

	Requests, Errors, Violations, Starved int64 // so far
}

// attack puts the target under load, and returns why the run is not what was asked for, as sentences.
func (r *run) attack(ctx context.Context, out *reports.LoadRun) []string {
	transport, err := r.Target.Transport()
	if err != nil {
		return []string{err.Error()} // newRun has looked at it
	}
	keeping, stop := context.WithCancel(ctx)
	var keeper sync.WaitGroup
	keeper.Go(func() { r.keep(keeping) })
	defer keeper.Wait() // what it finds belongs into the verdict
	defer stop()
	r.offenders.begin(r.WarmUp)
	r.examples = &examples{}
	r.attacking.Store(true)
	defer r.attacking.Store(false)
	result, err := attack.Run(ctx, attack.Plan{
		Pacer: r.Shape.pacer(r.Duration), Duration: r.Duration, WarmUp: r.WarmUp, Connections: r.Connections,
		Timeout: r.Target.Limits.Timeout, Parts: r.names, Workers: r.crew,
	}, attack.Over(transport, r.HTTP2, r.servers()...), attack.Watch{Progress: r.tell, Keep: r.Keep, Requests: r.requests()})
	if err != nil {
		return []string{err.Error()}
	}
	result.Fill(out)
	out.Examples = r.examples.list()
	r.measured = result
	because := result.Shortfalls()
	r.gone = result.Ended != "" && ctx.Err() == nil
	if r.storm != nil {
		if why := r.storm.ended(); why != "" {
			because = append(because, why)
		}
	}
	return because
}

// vanished says that the target disappeared near the end: the last requests did not reach it, nor does one after them.
// One that comes back was restarted, which is worth measuring.
func (r *run) vanished(ctx context.Context) []string {
	if r.measured == nil || r.measured.Unreached == 0 || r.gone || ctx.Err() != nil {
		return nil
	}
	if _, err := r.call(ctx, r.script.issue, nil); err == nil {
		return nil
	}
	r.gone = true
	return []string{fmt.Sprintf("the server could not be reached in the last %s of the run, nor after it (%s)",
		r.measured.Unreached.Round(10*time.Millisecond), r.measured.Detail)}
}

// servers are where the scenario's operations live.
func (r *run) servers() []*url.URL {
	var all []*url.URL
	for _, e := range r.script.errands() {
		at := &url.URL{Scheme: e.op.URL().Scheme, Host: e.op.URL().Host}
		if !slices.ContainsFunc(all, func(known *url.URL) bool { return *known == *at }) {
			all = append(all, at)
		}
	}
	return all
}

// requests say what each kind of request is, for those who read the file of all requests. Queries can carry tokens.
func (r *run) requests() []attack.Request {
	var all []attack.Request
	for _, name := range r.names {
		e := r.script.errandOf(part(slices.Index(partNames[:], name)), r)
		at := e.op.URL()
		at.RawQuery, at.User = "", nil
		all = append(all, attack.Request{Method: e.op.Method, URL: at.String()})
	}
	return all
}

// errandOf is the operation that a kind of request calls.
func (s *script) errandOf(p part, r *run) *errand {
	switch p {
	case issuePart:
		return s.issue
	case refreshPart, replayPart:
		return s.refresh
	case usePart:
		return r.tries
	default:
		return s.live
	}
}

// filling tells how it goes before an attack: how many tokens there are, or how long a busy target makes one wait.
func (r *run) filling(filled int, waits time.Duration) {
	if r.Progress == nil || r.attacking.Load() {
		return
	}
	p := r.before
	p.Filling, p.Filled, p.Waits = true, filled, waits
	r.Progress(p)
}

// tell passes on how the attack goes.
func (r *run) tell(p attack.Progress) {
	if r.Progress == nil {
		return
	}
	r.Progress(Progress{
		WarmingUp: p.Elapsed < 0, Elapsed: p.Elapsed + r.WarmUp, Left: p.Left, Rate: p.Rate, P50: p.P50, P99: p.P99,
		Requests: r.before.Requests + p.Requests, Errors: r.before.Errors + p.Errors,
		Violations: r.before.Violations + p.Violations, Starved: r.before.Starved + p.Starved,
	})
}
