package load

import (
	"context"
	"time"
)

// How the stock is looked after during an attack: every so often, and gently. At most fifty issues a second is a
// fortieth of a load of 2,000/s.
const (
	keepEvery = 200 * time.Millisecond
	keepMost  = 10
)

// early is how long before its end a token of the working set is replaced, at the most.
const early = 30 * time.Second

// keep replaces what the attack loses and what comes to its end, until ctx ends.
func (r *run) keep(ctx context.Context) {
	if r.facts.turns() || r.scenario.Name == stormScenario {
		return
	}
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	at := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for n := keepMost; n > 0 && r.scenario.has(refreshPart) && len(r.spares) < spareChains; n-- {
			g, err := r.obtain(ctx)
			if err != nil {
				break // the attack meets the same trouble, and says so
			}
			r.remember(g)
			r.spare(g.chain())
		}
		at = r.renew(ctx, at)
	}
}

// looks is how many places of the working set are looked at each time.
const looks = 10_000

// renew replaces tokens of the working set that are about to end, and returns where to look next.
func (r *run) renew(ctx context.Context, at int) int {
	places := r.stock.places
	if r.life <= 0 || len(places) == 0 {
		return at
	}
	due := time.Now().Add(min(early, r.life/4) + margin)
	left := keepMost
	for range min(looks, len(places)) {
		at = (at + 1) % len(places)
		if h := places[at].Load(); h.ends.IsZero() || h.ends.After(due) {
			continue
		}
		g, err := r.obtain(ctx)
		if err != nil {
			return at
		}
		r.remember(g)
		places[at].Store(&holding{[]byte(g.access), g.ends})
		if left--; left == 0 {
			return at
		}
	}
	return at
}
