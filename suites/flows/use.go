package flows

import (
	"fmt"
	"time"

	"gonogo/internal/client"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// uses is how often one token is used in a row: more than anybody would count to who lets a token in a few times.
const uses = 6

// usedAgain: one access token authorizes requests, not a request. Every document with an operation to use it promises that.
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
		cases = append(cases, group.Cases...)
	}
	return cases
}

// endsInUse: a token that is used all its life ends when one does that nobody touches. A document can leave that
// open: then it names no requirement for it.
func endsInUse(t *scene.Trial, kind specs.TokenKind, o observer) {
	token := specimen(t, kind)
	for quarter := 1; quarter <= 4; quarter++ {
		due := token.Sent.Add(token.Lifetime / 4 * time.Duration(quarter))
		if quarter == 4 {
			due = aliveAt(token)
		}
		if o.alive(t, token, due, ""); t.Failed() {
			return
		}
	}
	o.dead(t, token)
}
