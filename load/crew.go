package load

import (
	"context"
	"time"

	"gonogo/load/attack"
)

// crew makes the worker of a connection, and remembers it: what it has at hand when the attack is over is wanted again
// if there is another one.
func (r *run) crew(connection int) attack.Worker {
	made := r.worker(connection)
	if w, ok := made.(*worker); ok {
		r.workers = append(r.workers, w)
	}
	return made
}

// relieve takes back what the workers of an attack have at hand. No request is under way any more.
func (r *run) relieve() {
	for _, w := range r.workers {
		if w.chain != nil {
			r.spare(w.chain)
		}
	}
	r.workers = nil
}

// restock obtains what the next attack needs and this one has lost.
func (r *run) restock(ctx context.Context) error {
	if !r.scenario.has(refreshPart) || r.facts.turns() {
		return nil
	}
	grants, err := r.obtainMany(ctx, max(r.Connections+spareChains-len(r.spares), 0))
	for _, g := range grants {
		if g != nil {
			r.spare(g.chain())
		}
	}
	return err
}

// How long a target may take to come round after a rate that was too much for it, how often it is asked, and how long it
// is left alone first: a limiter that counts by the second holds against a step what was sent before it in the same second.
const (
	recovery = 10 * time.Second
	askEvery = 500 * time.Millisecond
	rest     = time.Second
)

// leaveAlone sends nothing for a while.
func leaveAlone(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(rest):
	}
}

// recovered waits until the target answers as it did before the attack. A target that does not was taken down, and
// what is asked of it then would say nothing of a rate.
func (r *run) recovered(ctx context.Context) error {
	if leaveAlone(ctx); ctx.Err() != nil {
		return ctx.Err()
	}
	for until := time.Now().Add(recovery); ; {
		g, err := r.obtain(ctx)
		if err == nil {
			r.remember(g)
			r.succeed(g)
			return nil
		}
		if ctx.Err() != nil || time.Now().After(until) {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(askEvery):
		}
	}
}

// succeed has a new session take the place of the only one, where there is only one.
func (r *run) succeed(g *grant) {
	if !r.facts.turns() {
		return
	}
	if len(r.stock.places) > 0 {
		r.stock.put(&holding{[]byte(g.access), g.ends})
	}
	if r.scenario.has(refreshPart) {
		for len(r.spares) > 0 {
			<-r.spares
		}
		r.spare(g.chain())
	}
}
