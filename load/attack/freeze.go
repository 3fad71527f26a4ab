package attack

import "time"

const (
	// beat is how often the collector looks at the clock, and stall the gap from which it says that the process stood
	// still. A busy machine delays a goroutine by some 10 ms now and then; 50 ms is what shows in a p99.
	beat  = 10 * time.Millisecond
	stall = 50 * time.Millisecond
)

// gap is a stretch in which the collector did not run: the generator was stopped, swapped out, or without a core.
// Nothing in it could measure then, and the requests of that time left late, which is not the server's fault. But it
// may be the collector alone that did not run; so what the connections did meanwhile is marked, and only the longest
// quiet part counts.
type gap struct {
	from, to time.Duration
	busy     [gapParts]bool
}

const gapParts = 1000

func (g *gap) mark(at time.Duration) {
	if at > g.from && at < g.to {
		// in floating point, because an hour's nanoseconds times a thousand are more than an int64
		part := int(float64(at-g.from) / float64(g.to-g.from) * gapParts)
		g.busy[min(part, gapParts-1)] = true
	}
}

// frozen is the gap's longest part without a sign of life, and whether it is long enough to speak of.
func (g *gap) frozen() (Span, bool) {
	longest, from, since := 0, 0, 0
	for i, busy := range g.busy {
		if busy {
			since = i + 1
		} else if i+1-since > longest {
			longest, from = i+1-since, since
		}
	}
	part := (g.to - g.from) / gapParts
	span := Span{At: g.from + time.Duration(from)*part, For: time.Duration(longest) * part}
	// a stall's own thousandth parts may be lost to rounding
	return span, span.For >= stall-stall/20
}

// settle lets go of gaps that no answer can fall into any more.
func (c *collector) settle(now time.Duration) {
	left := c.gaps[:0]
	for _, gap := range c.gaps {
		if now < gap.to+c.run.plan.Timeout+2*time.Second {
			left = append(left, gap)
		} else {
			c.freeze(gap)
		}
	}
	c.gaps = left
}

func (c *collector) freeze(g *gap) {
	span, ok := g.frozen()
	if span.At -= c.run.plan.WarmUp; !ok || span.At+span.For <= 0 {
		return
	}
	if span.At < 0 {
		span = Span{At: 0, For: span.At + span.For}
	}
	c.result.Frozen = append(c.result.Frozen, span)
}
