package scene

import (
	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// throttled reports that wrong credentials were refused by a target that has had enough of them: it says 429, whatever it
// says to others, and lets the right ones in. One that lets nobody in has told nothing about the wrong ones, and the case
// ends.
func (t *Trial) throttled(reply *client.Reply) bool {
	pause, busy := exchange.Busy(reply.Exchange)
	if !busy {
		return false
	}
	if t.throttles == reply.Exchange {
		return true // it was looked at before
	}
	issue := t.First(specs.RoleIssue)
	if issue != nil && reply.Refused() {
		right, err := t.Client.Call(t.ctx, issue, operation.Args{}, "with the right credentials, while the target throttles wrong ones")
		if err == nil && right.Succeeded() {
			t.Collect(operation.Primary, right)
			t.throttles = reply.Exchange
			return true
		}
	}
	t.NotExercised("the target throttles: %s was answered %s, asks to wait %s, and nothing shows whether it would let wrong credentials in", reply.Sent(), reply.Got(), pause)
	return false
}
