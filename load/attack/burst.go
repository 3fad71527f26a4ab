package attack

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const (
	// tick is the grain in which bursts and trends are looked for.
	tick = 100 * time.Millisecond

	// lateBy is how late a request must leave, over a connection that is free, to be made up for: several times what a
	// timer is late by on a machine with other work.
	lateBy = 5 * time.Millisecond

	// Aftermath is for how long after a burst a target may hold it against what follows: limiters count by the second.
	Aftermath = time.Second
)

// Burst is a stretch in which the generator made up for what it had not sent when it was due, and left the target no
// time between requests. The errors that came of it say nothing of the rate that was asked for.
type Burst struct {
	Span
	Requests int64 // that left late
	Errors   int64 // in it and its aftermath, no violations, beyond what there is of them anyway, and hardly more than left late
}

// Trend is how latency went from the begin of a run to its end, as the straight line that fits best.
type Trend struct {
	From, To time.Duration
	Fit      float64 // which share of the differences between tenths of a second the line explains, 0 to 1
	Ticks    int     // how many tenths it goes by
}

// tenth is what there was in a tenth of a second of the attack, warm-up included.
type tenth struct {
	sent, bad     uint32        // by when requests left
	late, lateBad uint32        // of those
	due           uint32        // by when they were due
	latency       time.Duration // of those together
}

func (c *collector) tenth(at time.Duration) *tenth {
	i := int(max(at, 0) / tick)
	for len(c.tenths) <= i {
		c.tenths = append(c.tenths, tenth{})
	}
	return &c.tenths[i]
}

// mark notes what a record says of bursts and trends.
func (c *collector) mark(one *record, latency time.Duration) {
	if c.result.Saturate {
		return
	}
	then, late, bad := c.tenth(one.sent), one.sent-one.free >= lateBy, one.verdict == Bad
	then.sent++
	if late {
		then.late++
	}
	if bad {
		then.bad++
	}
	if late && bad {
		then.lateBad++
	}
	due := c.tenth(one.intended)
	due.due++
	due.latency += latency
}

// share is how many of so many requests were errors.
type share struct{ bad, sent int64 }

func (s share) of() float64 { return float64(max(s.bad, 0)) / float64(max(s.sent, 1)) }

// bursts are the stretches in which several requests left late in the same tenth of a second. One that begins before the
// aftermath of another is over is a part of it.
func (c *collector) bursts() (all []Burst) {
	const after = int(Aftermath / tick)
	last := -1
	var within []share // of each
	var outside share  // of all that is in none
	for i, t := range c.tenths {
		if t.late > 1 {
			if last < 0 {
				all, within = append(all, Burst{Span: Span{At: time.Duration(i)*tick - c.run.plan.WarmUp}}), append(within, share{})
			}
			last = i
		}
		if last < 0 {
			outside.sent += int64(t.sent)
			outside.bad += int64(t.bad)
			continue
		}
		burst, in := &all[len(all)-1], &within[len(within)-1]
		burst.Requests += int64(t.late)
		burst.For = time.Duration(last+1)*tick - c.run.plan.WarmUp - burst.At
		in.sent += int64(t.sent)
		in.bad += int64(t.bad)
		if i-last == after {
			last = -1
		}
	}
	// What fails anyway is no matter of bursts: as often as outside of them, or where next to nothing is outside, as what
	// left when it was due.
	anyway := outside
	if punctual := c.punctual(); outside.sent*10 < punctual.sent {
		anyway = punctual
	}
	for i := range all {
		more := int64(math.Round(float64(within[i].bad) - anyway.of()*float64(within[i].sent)))
		// A limiter refuses one for each that came at the wrong moment; a quarter is for those that left a little late.
		all[i].Errors = max(min(more, all[i].Requests+all[i].Requests/4), 0)
	}
	return all
}

// punctual is how much of what left when it was due were errors, but for the worst quarter of the run: a burst makes
// errors of what comes after it, too, all at once, and what fails anyway does so at all times.
func (c *collector) punctual() (all share) {
	var pieces []share
	for piece := range slices.Chunk(c.tenths, 5) {
		var s share
		for _, t := range piece {
			s.sent += int64(t.sent - t.late)
			s.bad += int64(t.bad - t.lateBad)
		}
		pieces = append(pieces, s)
	}
	slices.SortFunc(pieces, func(a, b share) int { return cmp.Compare(a.of(), b.of()) })
	for _, s := range pieces[:len(pieces)-len(pieces)/4] {
		all.sent += s.sent
		all.bad += s.bad
	}
	return all
}

// trend fits a line to the mean latency of each tenth of a second of the run in which something was due.
func (c *collector) trend() Trend {
	var n, x, y, xx, xy, yy float64
	first := int(c.run.plan.WarmUp / tick)
	for i := first; i < len(c.tenths); i++ {
		if t := c.tenths[i]; t.due > 0 {
			at, took := float64(i-first), float64(t.latency)/float64(t.due)
			n, x, y, xx, xy, yy = n+1, x+at, y+took, xx+at*at, xy+at*took, yy+took*took
		}
	}
	across, up, both := n*xx-x*x, n*yy-y*y, n*xy-x*y
	if n < 3 || across <= 0 || up <= 0 {
		return Trend{}
	}
	slope := both / across
	level := (y - slope*x) / n
	end := float64(len(c.tenths) - 1 - first)
	return Trend{From: time.Duration(max(level, 0)), To: time.Duration(max(level+slope*end, 0)), Fit: math.Min(both*both/(across*up), 1), Ticks: int(n)}
}
