package flows

import (
	"fmt"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// countdown: the remaining time that validate states goes down as time passes, and asking does not put it up.
func countdown(s *scene.Subject, declared specs.Flow) []engine.Case {
	op := s.Ops.First(specs.RoleValidate)
	if op == nil || op.Says.Remaining == "" {
		return nil
	}
	group := s.NewGroup(declared.Name, declared.At).OnTimeline(client.Access)
	group.Requests = 12
	group.Works("counts-down", "the remaining time goes down by the time that has passed", func(t *scene.Trial) {
		countsDown(t, op, t.FreshGrant("").Tokens[client.Access])
	}, declared.Requirement)
	if s.Ops.First(specs.RoleRefresh) != nil {
		renewed := group.Works("renewed-counts-down", "so does that of the token of a refresh, and of a refresh after it", func(t *scene.Trial) {
			for generation := 1; generation <= generations && !t.Failed(); generation++ { // of a grant of its own, whose refresh token need not outlive the look
				countsDown(t, op, renewedTimes(t, t.Renewable(""), generation).Tokens[client.Access])
			}
		}, declared.Requirement)
		renewed.Requests = 7
		s.Renews(renewed)
	}
	group.Never("asking-prolongs", "asking again and again never makes a token live longer", func(t *scene.Trial) {
		askingDoesNotProlong(t, op)
	}, declared.Requirement)
	return group.Cases
}

// counted is how much time passes between two looks: two and a half units, so that rounding either way cannot
// hide that nothing moved.
func counted(unit specs.Unit) time.Duration {
	return max(unit.Step()*5/2, 5*time.Second)
}

func countsDown(t *scene.Trial, op *operation.Op, access client.Token) {
	first, before := remaining(t, op, access)
	if first == nil {
		return
	}
	seen := t.TargetTime(first.Received)
	due, slack := seen.Add(counted(op.Says.Unit)), max(op.Says.Unit.Step(), time.Second)+time.Second
	if endsBefore(access, due) { // a target file can declare a life that is over by then
		due = aliveAt(access)
	}
	if due.Sub(seen) < slack+time.Second {
		t.NotExercised("a token that lives for %s leaves no room to see %s go down in %s", access.Lifetime, op.Says.Remaining, op.Says.Unit)
	}
	t.Wait(due)
	second, after := remaining(t, op, access)
	if second == nil {
		return
	}
	passed := t.TargetTime(second.Received).Sub(seen)
	// a unit for rounding; a second for answers that took their time
	if off := (before - after - passed).Abs(); off > slack {
		t.Found(second, fmt.Sprintf("%s less than before by %s", op.Says.Remaining, passed.Round(time.Second)),
			fmt.Sprintf("%s after %s", after, before))
	}
}

// remaining asks validate; a nil reply means that there was nothing to read, and a finding says so.
func remaining(t *scene.Trial, op *operation.Op, token client.Token) (*client.Reply, time.Duration) {
	reply := t.Call(op, operation.Args{Tokens: map[string]string{client.Access: token.Value}}, "with a live token")
	t.NobodyMovedTheClock(reply)
	if token.Lifetime > 0 {
		inTime(t, token, reply)
	}
	if !t.Valid(reply) {
		return nil, 0
	}
	value, _ := reply.Value(op.Says.Remaining)
	left, _, ok := reply.Remaining(value, op.Says.Unit)
	if !ok {
		t.Found(reply, fmt.Sprintf("%s in %s", op.Says.Remaining, op.Says.Unit), "nothing of the kind")
		return nil, 0
	}
	return reply, left
}

func askingDoesNotProlong(t *scene.Trial, op *operation.Op) {
	grant := t.FreshGrant("")
	token := ending(t, grant.Tokens[client.Access])
	untouched := control(t, func() client.Token { return t.FreshGrant("").Tokens[client.Access] })
	for quarter := range 4 {
		t.Wait(token.Sent.Add(token.Lifetime * time.Duration(quarter) / 4))
		if reply, _ := remaining(t, op, token); reply == nil {
			return
		}
	}
	t.Wait(deadAt(token))
	ask := func(token client.Token, doing string) *client.Reply {
		return t.Call(op, operation.Args{Tokens: map[string]string{client.Access: token.Value}}, doing)
	}
	lookAtControl(t, untouched, op.Refused, ask)
	t.NotValid(ask(token, "with a token that was asked about through all its life"+alone(untouched)+", after its end"))
}
