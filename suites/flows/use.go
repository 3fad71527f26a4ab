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

// uses is how often one token is used in a row: more than anybody would count to who lets a token in a few times.
const uses = 6

// inARow is how many access tokens are looked at that were handed out one after another: one of a few servers behind an
// address, or a place that is used again, may be at fault for some of them only.
const inARow = 16

// usedAgain: one access token authorizes requests, not a request, and each one does. Every document with an operation to use it promises that.
func usedAgain(s *scene.Subject) []engine.Case {
	var cases []engine.Case
	for i, op := range s.Ops.ByRole(specs.RoleUse) {
		group := s.NewGroup("access-reuse", op.At)
		group.Requests = uses + 4
		if s.Ops.First(specs.RoleIssue) == nil {
			group.WithConsent()
		}
		group.Works("works-again"+suffix(i, op), fmt.Sprintf("an access token works %d times in a row", uses), func(t *scene.Trial) {
			grant := t.Grant("")
			for i := range uses {
				if !t.Authorizes(op, grant.Value(client.Access), fmt.Sprintf("with a live access token, use %d of %d", i+1, uses)) {
					return
				}
			}
		}, op.Success)
		if i == 0 {
			eachWorks(s, group, op)
		}
		cases = append(cases, group.Cases...)
	}
	return cases
}

// eachWorks looks at each access token of a row while nobody else is handed out any for the account. Where they come of a
// consent, those that follow the first come of a refresh.
func eachWorks(s *scene.Subject, group *scene.Group, op *operation.Op) {
	issue := s.Ops.First(specs.RoleIssue)
	if issue == nil && s.Ops.First(specs.RoleRefresh) == nil {
		return
	}
	c := group.Works("each-works", fmt.Sprintf("each of %d access tokens that are handed out one after another works", inARow), func(t *scene.Trial) {
		grant, row := t.Grant(""), inARow
		if issue == nil && t.Habits().LateRefresh { // each begins with a wait
			row = lateRounds
		}
		for i := range row {
			if i > 0 && issue != nil {
				grant = t.Grant("")
			} else if i > 0 {
				grant = t.Renewed(grant)
			}
			if !t.Authorizes(op, grant.Value(client.Access), fmt.Sprintf("with access token %d of %d", i+1, row)) {
				return
			}
		}
	}, op.Success)
	c.Requests += 2 * inARow
	if issue != nil {
		c.Claims = s.TakesSession(operation.Primary)
	} else {
		c.Late = true
	}
}

// endsInUse: a token that is used all its life ends when one does that nobody touches. A document can leave that
// open: then it names no requirement for it.
//
// One that nobody touched is looked at in the same moment: where that lives too, use is not what keeps the other alive.
func endsInUse(t *scene.Trial, kind specs.TokenKind, o observer, outlived string) {
	token := announced(t, specimen(t, kind))
	untouched := control(t, func() client.Token { return specimen(t, kind) })
	for quarter := 1; quarter <= 4; quarter++ {
		due := token.Sent.Add(token.Lifetime / 4 * time.Duration(quarter))
		if quarter == 4 {
			due = aliveAt(token)
		}
		if o.alive(t, token, due, ""); t.Failed() {
			return
		}
	}
	t.Wait(deadAt(token))
	lookAtControl(t, untouched, outlived, func(token client.Token, doing string) *client.Reply { return o.look(t, token, doing) })
	o.nowDead(t, token, "with the "+kind.Noun()+" that was used all its life"+alone(untouched)+", after its end")
}

// control is a token like another that the case does something to, and that nobody touches; nil at a target where one of
// the two would end the other, or be the other.
func control(t *scene.Trial, mint func() client.Token) *client.Token {
	if t.Habits().TakeTurns() {
		return nil
	}
	return new(mint())
}

// lookAtControl ends the case where the token that nobody touched outlives its lifetime as well: a row of its own says that
// it does not, and nothing shows what was done to the other.
func lookAtControl(t *scene.Trial, untouched *client.Token, row string, look func(token client.Token, doing string) *client.Reply) {
	if untouched == nil {
		return
	}
	t.Wait(deadAt(*untouched))
	if reply := look(*untouched, "with one that nobody touched, after its end"); reply.Affirms() {
		t.Broke(reply, row, "a token that has ended to work no more", "a token that nobody touched outlives its lifetime as well, so that nothing shows what touching one does")
	}
}

// alone says where a finding has no control.
func alone(untouched *client.Token) string {
	if untouched == nil {
		return " (no second one could be kept beside it)"
	}
	return ""
}
