package load

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gonogo/internal/client"
	"gonogo/specs"
)

// afterwards looks at what only shows once the attack is over. A revocation may end every session of the account, so of the
// generators that act for one the first tries it, when all are done.
func (r *run) afterwards(ctx context.Context, s *supply) {
	if err := r.group.attacked(ctx, r.offer.target.Limits.Timeout); err != nil {
		r.ledger.note("after the attack nothing was tried: %v", err)
		return
	}
	r.lasting(ctx, s)
	r.look(ctx)
	switch last, err := r.group.looked(ctx); {
	case err != nil:
		r.ledger.note("after the attack no revocation was tried: %v", err)
	case last:
		r.revocation(ctx)
		r.lookAgain(ctx)
	}
}

// lasting looks, once the attack is over, whether tokens from before it still work. It is a note and no violation if they
// do not: no document says how many sessions an account may have, so a target may end the oldest.
func (r *run) lasting(ctx context.Context, s *supply) {
	if r.offer.live == nil || s.habits.turns() || s.habits.endsAll || s.storm != nil {
		return
	}
	tried, ended, left := 0, 0, time.Duration(0)
	for _, g := range s.controls {
		token := newLiveToken(g)
		if token.endsBefore(time.Now().Add(margin)) {
			continue
		}
		answer, works, err := r.account.tried(ctx, g)
		if err != nil {
			return // the attack is what the run is about
		}
		tried++
		if !works && r.account.denied(answer) {
			ended++
			left = max(left, time.Until(token.ends))
		}
	}
	if ended == 0 {
		return
	}
	still := ""
	if left > 0 {
		still = fmt.Sprintf(", though they were to live for another %s", left.Round(time.Second))
	}
	r.ledger.note("of %d access tokens that were handed out before the attack %d no longer work after it%s: the target ends the oldest sessions of an account, which the document does not forbid, or it loses them",
		tried, ended, still)
}

// revocation looks, once the attack is over, whether a revoked access token works: during it nobody could, for a
// revocation may end every session of the account.
func (r *run) revocation(ctx context.Context) {
	a, live, op := r.account, r.offer.live, r.offer.ops.First(specs.RoleRevoke)
	switch why, untried := r.offer.unrevocable(), "after the attack no revocation was tried: "; {
	case op == nil && r.offer.flow("revocation", "").Name == "":
		return // nobody speaks of it
	case why != "":
		r.ledger.note("%s%s", untried, why)
		return
	case live == nil:
		r.ledger.note("%sthe document has no operation that a token could be looked at with", untried)
		return
	}
	var history *history
	g, err := a.obtain(ctx, r.offer.begins)
	if err == nil {
		var before bool
		var reply *client.Reply
		if reply, before, err = a.tried(ctx, g); err == nil && !before {
			err = errors.New("a new token did not work")
		} else if err == nil {
			history = r.histories.granted(ofRevoked, g)
			history.replied(reply, yes, g.Held())
		}
	}
	if err != nil { // the attack is what the run is about
		r.ledger.note("after the attack no revocation was tried: there was no token for it (%s)", r.ledger.redactor.Answer(err.Error()))
		return
	}
	answer, err := a.client.Revoke(ctx, op, g)
	if err != nil || !answer.Succeeded() {
		r.ledger.note("after the attack no token could be revoked, so nothing is known of those that are")
		return
	}
	a.changed.Store(time.Now().UnixNano())
	history.replied(answer, yes, g.Held())
	again, works, err := a.tried(ctx, g)
	switch {
	case err != nil:
	case !works:
		history.replied(again, heard(live.op, again), g.Held())
	default:
		a.violated(revived, live, "with an access token that was revoked", "a refusal (4xx)", again.Got(), again)
	}
	r.revokedRefresh(ctx, g)
}

// revokedRefresh looks whether a refresh token outlives its session. Where one token of several kinds is ended by a request, the
// others need not end with it (RFC 7009 section 2.1).
func (r *run) revokedRefresh(ctx context.Context, g *client.Grant) {
	a, c := r.account, r.offer.refresh
	if c == nil || r.offer.ops.First(specs.RoleRevoke).OneOfKinds() || g.Value(client.Refresh) == "" || a.settled(ctx) != nil {
		return
	}
	answer, err := a.send(ctx, c.op, g.Held())
	if err != nil || !answer.Succeeded() || a.client.Read(g.Role, answer).Value(client.Access) == "" {
		return
	}
	a.violated(revivedRefresh, c, "with the refresh token of a session that was revoked", "a refusal (4xx), without a token", answer.Got(), answer)
}
