package load

import (
	"context"
	"time"

	"gonogo/internal/client"
)

// How long a target may take to come round after a rate that was too much for it, how often it is asked, and how long it
// is left alone first: a limiter that counts by the second holds against a step what was sent before it in the same second.
const (
	recovery = 10 * time.Second
	askEvery = 500 * time.Millisecond
	rest     = time.Second
)

// recovered waits until the target answers as it did before the attack. A target that does not was taken down, and
// what is asked of it then would say nothing of a rate.
func (r *run) recovered(ctx context.Context, s *supply) error {
	if err := wait(ctx, rest); err != nil {
		return err
	}
	for until := time.Now().Add(recovery); ; {
		g, err := r.account.obtain(ctx, r.offer.begins)
		if err == nil {
			r.account.remember(r.offer.begins, g)
			s.succeed(g)
			return nil
		}
		if ctx.Err() != nil || time.Now().After(until) {
			return err
		}
		_ = wait(ctx, askEvery)
	}
}

// succeed has a new session take the place of the only one, where there is only one.
func (s *supply) succeed(g *client.Grant) {
	if !s.habits.turns() {
		return
	}
	s.held.put(newLiveToken(g))
	if s.mix.has(refreshPart) {
		for len(s.reserve) > 0 {
			<-s.reserve
		}
		put(s.reserve, newFamily(g))
	}
}

// restock obtains what an attack at a rate needs and an earlier one has lost.
func (r *run) restock(ctx context.Context, s *supply, rate float64) error {
	if !s.mix.has(refreshPart) || s.habits.turns() {
		return nil
	}
	return r.account.obtainMany(ctx, r.offer.renewable, r.families(s, rate)-len(s.reserve), func(_ int, g *client.Grant) { put(s.reserve, newFamily(g)) })
}
