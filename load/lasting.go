package load

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"gonogo/internal/exchange"
	"gonogo/internal/operation"
)

// pairs is how often two tokens are asked for at once and both tried, before an attack that issues.
const pairs = 8

// tryPairs has two tokens handed out at the same time, and tries both: the attack's own requests are spread evenly and
// seldom meet. Where two sessions live side by side, so must these.
func (r *run) tryPairs(ctx context.Context) error {
	if r.script.live == nil || r.facts.turns() {
		return nil
	}
	for range pairs {
		two, err := r.obtainMany(ctx, 2)
		if err != nil {
			return err
		}
		for _, g := range two {
			answer, ok, err := r.tried(ctx, g)
			if err != nil {
				return err
			}
			if !ok && r.denied(answer) {
				r.accuse(deadAccess, r.script.live, "with one of two access tokens that were asked for at once", "success (2xx)", statusText(answer.Status),
					func() *exchange.Exchange { return answer.Exchange })
				return nil
			}
		}
	}
	return nil
}

// mostKeepsakes is how many tokens from before an attack are tried after it.
const mostKeepsakes = 32

// keepsake is a token that nobody uses during the attack.
func (r *run) keepsake(g *grant) {
	if len(r.keepsakes) < mostKeepsakes {
		r.keepsakes = append(r.keepsakes, g)
	}
}

// lasting looks, once the attack is over, whether tokens from before it still work. It is a note and no violation if they
// do not: no document says how many sessions an account may have, so a target may end the oldest.
func (r *run) lasting(ctx context.Context) {
	if r.script.live == nil || r.facts.turns() || r.scenario.Name == stormScenario {
		return
	}
	tried, ended, left := 0, 0, time.Duration(0)
	for _, g := range r.keepsakes {
		if !g.ends.IsZero() && time.Until(g.ends) < margin {
			continue
		}
		answer, ok, err := r.tried(ctx, g)
		if err != nil {
			return // the attack is what the run is about
		}
		tried++
		if !ok && r.denied(answer) {
			ended++
			left = max(left, time.Until(g.ends))
		}
	}
	if ended == 0 {
		return
	}
	still := ""
	if left > 0 {
		still = fmt.Sprintf(", though they were to live for another %s", left.Round(time.Second))
	}
	r.note("of %d access tokens that were handed out before the attack %d no longer work after it%s: the target ends the oldest sessions of an account, which the document does not forbid, or it loses them",
		tried, ended, still)
}

// denied reports whether an answer that is no yes says no: a server in trouble says nothing of a token.
func (r *run) denied(answer *operation.Answer) bool {
	if r.script.live.op.Says != nil && answer.Succeeded() {
		return true
	}
	return answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden
}
