package load

import (
	"sync/atomic"
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

// teller passes on how a run goes. A search counts on from step to step.
type teller struct {
	to        func(Progress) // nil: nobody wants to know
	before    Progress       // what the steps before came to
	attacking atomic.Bool
}

// tellEvery is after how many tokens it is said how far the filling has come.
const tellEvery = 50

// filling tells how it goes before an attack: now and then how many tokens there are, or how long a busy target makes one
// wait.
func (t *teller) filling(filled int, waits time.Duration) {
	if t.to == nil || t.attacking.Load() || filled%tellEvery != 0 {
		return
	}
	p := t.before
	p.Filling, p.Filled, p.Waits = true, filled, waits
	t.to(p)
}

// attacked tells how an attack with a warm-up goes.
func (t *teller) attacked(warmUp time.Duration, p attack.Progress) {
	if t.to == nil {
		return
	}
	t.to(Progress{
		WarmingUp: p.Elapsed < 0, Elapsed: p.Elapsed + warmUp, Left: p.Left, Rate: p.Rate, P50: p.P50, P99: p.P99,
		Requests: t.before.Requests + p.Requests, Errors: t.before.Errors + p.Errors,
		Violations: t.before.Violations + p.Violations, Starved: t.before.Starved + p.Starved,
	})
}

// add counts a step that is over.
func (t *teller) add(out *reports.LoadRun) {
	t.before.Requests += out.Requests
	t.before.Errors += out.Errors
	t.before.Starved += out.Starved
	for _, v := range out.Violations {
		t.before.Violations += v.Count
	}
}
