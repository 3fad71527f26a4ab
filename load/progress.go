package load

import (
	"slices"
	"sync/atomic"
	"time"

	"gonogo/load/attack"
	"gonogo/reports"
)

// Progress is how a run stands.
type Progress struct {
	Filling bool          // tokens are being obtained, before the attack
	Filled  int           // so many
	ToFill  int           // of so many
	Waits   time.Duration // before it is tried again: the target is busy
	Absent  bool          // it is not ready yet, and waited for so long at the most

	WarmingUp     bool
	Elapsed, Left time.Duration

	Rate     float64       // answered in the latest second
	P50, P99 time.Duration // of those

	Requests, Errors, Violations, Starved int64 // so far

	// What stands below is of a Config with Metered.
	TraceID  string                  // as in the report
	Series   []reports.LoadSeries    // what came of the requests so far, each counted once
	Found    []reports.LoadViolation // the first of each kind so far, with how many there are
	Examples []reports.LoadExample   // of errors, in the latest attack
}

// Together is how a run stands of which this is a generator's part, and more another's. Rates and counts are added up; of the times the
// longest is told.
func (p Progress) Together(more Progress) Progress {
	p.Filling, p.Absent, p.WarmingUp = p.Filling || more.Filling, p.Absent || more.Absent, p.WarmingUp || more.WarmingUp
	p.Filled, p.ToFill, p.Rate = p.Filled+more.Filled, p.ToFill+more.ToFill, p.Rate+more.Rate
	p.Waits, p.Elapsed, p.Left = max(p.Waits, more.Waits), max(p.Elapsed, more.Elapsed), max(p.Left, more.Left)
	p.P50, p.P99 = max(p.P50, more.P50), max(p.P99, more.P99)
	p.Requests, p.Errors = p.Requests+more.Requests, p.Errors+more.Errors
	p.Violations, p.Starved = p.Violations+more.Violations, p.Starved+more.Starved
	p.Series, p.Found, p.Examples = reports.PlusSeries(p.Series, more.Series), addedUp(p.Found, more.Found), append(slices.Clone(p.Examples), more.Examples...)
	return p
}

// Counted is what of it stays when it goes on no more.
func (p Progress) Counted() Progress {
	return Progress{
		Requests: p.Requests, Errors: p.Errors, Violations: p.Violations, Starved: p.Starved, Series: p.Series, Found: p.Found, Examples: p.Examples,
	}
}

// teller passes on how a run goes. A search counts on from step to step.
type teller struct {
	to        func(Progress) // nil: nobody wants to know
	before    Progress       // what the attacks before came to
	latest    Progress       // of the attack under way
	attacking atomic.Bool
	meter     *attack.Meter // nil: nobody wants to know so much
	ledger    *ledger

	wanted, filled atomic.Int64 // tokens
	told           atomic.Int64 // when it was last said how many there are, in Unix nanoseconds
}

// tellEvery is how often it is said how far the filling has come. One that takes less is not spoken of.
const tellEvery = time.Second

// fill says how many tokens are to be obtained.
func (t *teller) fill(n int) {
	t.wanted.Store(int64(n))
	t.filled.Store(0)
	t.told.Store(time.Now().UnixNano())
}

// obtained tells now and then how many tokens there are.
func (t *teller) obtained() {
	t.filled.Add(1)
	now, told := time.Now().UnixNano(), t.told.Load()
	if now-told >= int64(tellEvery) && t.told.CompareAndSwap(told, now) {
		t.filling(0)
	}
}

// filling tells how it stands before an attack, and how long a busy target makes one wait.
func (t *teller) filling(waits time.Duration) {
	if t.to == nil || t.attacking.Load() {
		return
	}
	p := t.before
	p.Filling, p.Filled, p.ToFill, p.Waits = true, int(t.filled.Load()), int(t.wanted.Load()), waits
	t.to(p)
}

// awaited tells how long a target that is not ready yet is waited for at the most; 0: it is there.
func (t *teller) awaited(within time.Duration) {
	if t.to != nil {
		p := t.before
		p.Filling, p.Waits, p.Absent = true, within, within > 0
		t.to(p)
	}
}

// attacked tells how an attack with a warm-up goes.
func (t *teller) attacked(warmUp time.Duration, p attack.Progress) {
	if t.to == nil {
		return
	}
	t.latest = Progress{
		WarmingUp: p.Elapsed < 0, Elapsed: p.Elapsed + warmUp, Left: p.Left, Rate: p.Rate, P50: p.P50, P99: p.P99,
		Requests: t.before.Requests + p.Requests, Errors: t.before.Errors + p.Errors,
		Violations: t.before.Violations + p.Violations, Starved: t.before.Starved + p.Starved, TraceID: t.before.TraceID,
	}
	t.detail(&t.latest)
	t.to(t.latest)
}

// detail adds what only a meter has, and what the ledger has found.
func (t *teller) detail(p *Progress) {
	if t.meter != nil {
		p.Series, p.Found, p.Examples = t.meter.Series(), t.ledger.violations(), t.ledger.errors()
	}
}

// over is told when an attack is over and what shows only afterwards has been seen. It tells how all stands then.
func (t *teller) over() {
	if t.to == nil {
		return
	}
	if t.latest.Elapsed != 0 { // there was one
		t.before = t.latest
	}
	t.before.Left = 0
	t.detail(&t.before)
	t.to(t.before)
}
