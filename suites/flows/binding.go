package flows

import (
	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// clientBoundID is the row that every dialect has about tokens of one client at another.
const clientBoundID = "ANY-CLIENTBIND"

func clientBound(s *scene.Subject) string {
	if _, ok := s.Dialect.Requirement(clientBoundID); ok {
		return clientBoundID
	}
	return ""
}

// clientBinding: a refresh token is good only for the client it was issued to (RFC 6749 section 6).
func clientBinding(s *scene.Subject, declared specs.Flow) []engine.Case {
	op := s.Ops.First(specs.RoleRefresh)
	if op == nil {
		return nil
	}
	group := s.NewGroup(declared.Name, declared.At)
	group.Renewing(group.Requests)
	group.Works("own-client", "a refresh token is good for the client it was issued to", func(t *scene.Trial) {
		grant := t.Renewable("")
		t.Succeeds(t.Refresh(grant))
	}, declared.Requirement)
	byAnother := func(t *scene.Trial, grant *client.Grant) {
		t.RefusedAsSaid(t.Call(op, operation.Args{Role: scene.Second, Tokens: map[string]string{client.Refresh: grant.Value(client.Refresh)}}, "by another client"), specs.WrongToken)
	}
	group.WithSecond()
	group.Never("other-client", "a refresh token is never good for another client", func(t *scene.Trial) {
		t.CanAct(scene.Second)
		byAnother(t, t.Renewable(""))
	}, declared.Requirement, clientBound(s))
	group.Requests += 10
	group.Never("other-client-renewed", "the refresh token of a refresh, and of a refresh after it, is never good for another client", func(t *scene.Trial) {
		t.CanAct(scene.Second)
		for generation := 1; generation <= generations; generation++ {
			grant := renewedTimes(t, t.Renewable(""), generation) // one of its own, for a refusal may end it
			t.AwaitEarliest(t.Spendable(grant))
			if byAnother(t, grant); t.Failed() {
				return
			}
		}
	}, declared.Requirement, clientBound(s))
	return append(group.Cases, byCodeBinding(s, declared, byAnother)...)
}
