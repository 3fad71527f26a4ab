package scene

import (
	"fmt"
	"math"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// Mint makes a token of a kind for the primary role: what a check needs to begin with.
func (t *Trial) Mint(kind string) string {
	if code, ok := t.CodeKind(); ok && code.Name == kind {
		return t.Code(operation.Primary).Value
	}
	grant := t.GrantOf(kind, operation.Primary)
	if grant.Value(kind) == "" {
		t.CouldNotRun("the grant carries no %s token", kind)
	}
	return grant.Value(kind)
}

// MintLive is Mint for a token that stands in the place of another kind. An access token is looked at first;
// a single-use one cannot be without spending it.
func (t *Trial) MintLive(kind string) string {
	value := t.Mint(kind)
	if kind == client.Access {
		t.MustBeLive(value)
	}
	return value
}

// RemainingIsPlausible wants the remaining time that a validate answer states to lie between nothing and the
// token's lifetime, whichever way it is rounded; and for a token that was handed out a moment ago, not to be
// less than its lifetime by more than the moment.
func (t *Trial) RemainingIsPlausible(reply *client.Reply, token string) {
	says := reply.Op.Says
	if says.Remaining == "" {
		return
	}
	value, ok := reply.Value(says.Remaining)
	if !ok && !reply.Op.Promises(says.Remaining) {
		return
	}
	if !ok {
		t.Found(reply, fmt.Sprintf("%s, the time the token has left", says.Remaining), "no such member")
		return
	}
	remaining, written, ok := reply.Answer.Remaining(value, says.Unit)
	if !ok {
		t.Found(reply, fmt.Sprintf("%s in %s", says.Remaining, says.Unit), "something else")
		return
	}
	if step := says.Unit.Step(); step > 0 && math.Mod(float64(remaining), float64(step)) != 0 {
		t.Found(reply, fmt.Sprintf("%s in whole %s", says.Remaining, says.Unit), written)
	}
	kind, _ := t.Dialect.Token(client.Access)
	slack := 2 * time.Second // whole seconds of a Date header, or of the moment itself
	if limit := t.Expected(kind); remaining < -slack || limit > 0 && remaining > RoundedUp(limit, says.Unit)+slack {
		t.Found(reply, fmt.Sprintf("%s between 0 and %s", says.Remaining, inUnit(limit, says.Unit.Step())), written)
	}
	if known, ok := t.Seen(token); ok && known.Lifetime > 0 && !t.CachesTokens() {
		left := known.Lifetime - t.TargetTime(reply.Received).Sub(known.Sent)
		if remaining < left-says.Unit.Step()-slack {
			t.Found(reply, fmt.Sprintf("%s of about %s for a new token", says.Remaining, inUnit(left, says.Unit.Step())), written)
		}
	}
}

// RoundedUp is a lifetime in whole units, of which it may be announced as many as have begun: a target file can
// declare one that is no whole number of them.
func RoundedUp(lifetime time.Duration, unit specs.Unit) time.Duration {
	if step := unit.Step(); step > 0 && lifetime%step != 0 {
		return lifetime.Truncate(step) + step
	}
	return lifetime
}

func inUnit(d, step time.Duration) string {
	if step == 0 {
		return d.String()
	}
	return fmt.Sprint(int64(d / step))
}
