package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Wait is something that a run waits for in real time.
type Wait struct {
	For   string    // whom or what: the id of a case, or what the target does
	Until time.Time // when it is over, as far as anybody knows
}

// waits are those of one run. One that is over is forgotten by itself; nil ones are nobody's.
type waits struct {
	mu  sync.Mutex
	all []*Wait
}

// add is told of a wait, and returns what ends it before its time.
func (w *waits) add(what string, until time.Time) (over func()) {
	if w == nil {
		return func() {}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	one := &Wait{what, until}
	w.all = append(w.after(time.Now()), one)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.all = slices.DeleteFunc(w.all, func(each *Wait) bool { return each == one })
	}
}

// after are the waits that are not over at a moment. w.mu is held.
func (w *waits) after(now time.Time) []*Wait {
	return slices.DeleteFunc(w.all, func(each *Wait) bool { return !each.Until.After(now) })
}

// Waits are what the run waits for at a moment, the first to be over first. It may be called while the run goes on.
func (p *Prepared) Waits(now time.Time) []Wait {
	var all []Wait
	for _, r := range slices.Concat(p.rounds...) {
		r.waits.mu.Lock()
		r.waits.all = r.waits.after(now)
		for _, each := range r.waits.all {
			all = append(all, *each)
		}
		r.waits.mu.Unlock()
	}
	slices.SortStableFunc(all, func(a, b Wait) int { return a.Until.Compare(b.Until) })
	return all
}

// ready waits for the target to be there, if it is to.
func (r *run) ready(ctx context.Context) error {
	within := r.options.WaitReady
	if within <= 0 {
		return nil
	}
	defer r.waits.add("the target to answer", time.Now().Add(within))()
	waited, err := r.connection.Ready(ctx, within)
	if err == nil && waited >= time.Second {
		r.remark(fmt.Sprintf("the target was waited for %s before it answered", waited.Round(100*time.Millisecond)))
	}
	return err
}

// sitOut waits for as long as a target asks that throttles wrong credentials, and reports whether it did.
func (r *run) sitOut(ctx context.Context, phase Phase, pause time.Duration) bool {
	switch {
	case r.timeline.advance != nil && phase == Last: // nobody waits for the clock then, or has a token that it would end
		return r.timeline.forward(ctx, r.timeline.now().Add(pause)) == nil
	case pause > r.target.Limits.MaxWait || r.satOut.Swap(true):
		return false
	}
	defer r.waits.add("the target throttles wrong credentials", time.Now().Add(pause))()
	select {
	case <-time.After(pause):
		return true
	case <-ctx.Done():
		return false
	}
}
