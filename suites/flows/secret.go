package flows

import (
	"slices"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// secretRegeneration: the operator makes a new secret, and the one before is dead. The secret is regenerated
// twice, so that a run needs nothing it cannot have: the first new one works, and is refused after the second.
// Whether live tokens die with the secret is nowhere said.
func secretRegeneration(s *scene.Subject, declared specs.Flow) []engine.Case {
	op := s.Ops.First(specs.RoleIssue)
	if op == nil {
		return nil
	}
	role := operation.Primary
	if s.Target != nil && len(s.Target.Credentials[scene.Second].Fields) > 0 {
		role = scene.Second // others work with the primary one all the time
	}
	group := s.NewGroup(declared.Name, declared.At)
	group.Phase, group.Needs, group.Requests = engine.Exclusive, []target.Need{target.NeedOperator}, 6
	own := func(claim engine.Claim) bool { return claim.Name == "account:"+role || claim.Name == "secret:"+role }
	group.Claims = append(slices.DeleteFunc(group.Claims, own), engine.Takes("account:"+role), engine.Takes("secret:"+role))
	field := declared.Params["secret"]
	group.Works("new-secret-works", "a regenerated secret works at once", func(t *scene.Trial) {
		defer t.RestoreSecret(role)
		reply := withNewSecret(t, op, role, field)
		t.Succeeds(reply)
	}, declared.Requirement)
	group.Never("old-secret-works", "a secret is never accepted after it was regenerated", func(t *scene.Trial) {
		defer t.RestoreSecret(role)
		reply := withNewSecret(t, op, role, field)
		if !reply.Succeeded() {
			t.Broke(reply, declared.Requirement, "success (2xx)", "the regenerated secret does not work, so its end would show nothing")
		}
		before := t.Credential(role, field)
		t.RotateSecret(role, field)
		t.Refused(t.CallAs(op, role, map[string]string{field: before}, "with the secret from before it was regenerated"))
	}, declared.Requirement)
	other := scene.Second
	if role == scene.Second {
		other = operation.Primary
	}
	unharmed := group.Works("others-unharmed", "a regenerated secret takes nothing from another client, neither its secret nor its tokens", func(t *scene.Trial) {
		defer t.RestoreSecret(role)
		grant := t.Grant(other)
		t.MustBeLive(grant.Value(client.Access))
		t.RotateSecret(role, field)
		const when = "after another client's secret was regenerated"
		if stillGood(t, grant, "of the other client, "+when); t.Failed() {
			return
		}
		if t.First(specs.RoleRefresh) != nil && grant.Value(client.Refresh) != "" {
			t.Succeeds(t.RefreshWith(other, grant.Value(client.Refresh), "with the refresh token of the other client, "+when))
		}
		t.Succeeds(t.CallAs(op, other, nil, when))
	}, declared.Requirement)
	scene.Need(unharmed, target.NeedSecond)
	unharmed.Claims = append(unharmed.Claims, scene.ClaimsOf(operation.Primary)...)
	unharmed.Requests += everyDoor(s)
	return group.Cases
}

// withNewSecret has the operator make a new secret and asks for tokens with it.
func withNewSecret(t *scene.Trial, op *operation.Op, role, field string) *client.Reply {
	t.RotateSecret(role, field)
	return t.CallAs(op, role, nil, "with the regenerated secret")
}
