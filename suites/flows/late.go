package flows

import (
	"fmt"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// lateRenewal: what a refresh hands out lives from the refresh on. A server that carries the end of the token before
// over is found out by a refresh at the end of that one's life only: right after the issue both ends are the same.
func lateRenewal(s *scene.Subject, declared specs.Flow, kind specs.TokenKind) []engine.Case {
	op := s.Ops.First(specs.RoleRefresh)
	if op == nil {
		return nil
	}
	group := s.NewGroup(kind.Name+"-expiry", declared.At).OnTimeline()
	group.Requests = 8
	spent, _ := s.Dialect.Token(client.Refresh)
	all := observers(s, kind)
	if handsOut(op, kind) && !spent.EarlyRefusable && len(all) > 0 {
		group.Works("renewed-late-outlives-it", fmt.Sprintf("the %s token of a refresh shortly before the former one ends works when that one has ended", kind.Name), func(t *scene.Trial) {
			outlivesFormer(t, op, kind, all[0])
		}, declared.Requirement, op.Success)
	}
	if use := s.Ops.First(specs.RoleUse); use != nil && kind.Name == client.Access {
		group.Works("renewed-after-it-works", "the access token of a refresh works, also when the former one has ended", func(t *scene.Trial) {
			next := t.Renewed(past(t))
			reply := t.Use(use, next.Value(client.Access), "with the access token of a refresh after the former one's end")
			t.NobodyMovedTheClock(reply)
			t.Succeeds(reply)
		}, op.Success)
	}
	return group.Cases
}

// outlivesFormer refreshes shortly before a token's end, and looks at the new one after it.
func outlivesFormer(t *scene.Trial, op *operation.Op, kind specs.TokenKind, o observer) {
	grant := t.FreshGrant("")
	former, ok := grant.Tokens[kind.Name]
	if !ok || former.Lifetime == 0 {
		t.CouldNotRun("nothing says how long the %s token lives", kind.Name)
	}
	if kind.Name != client.Refresh && endsBefore(grant.Tokens[client.Refresh], aliveAt(former)) {
		t.NotApplicable("the refresh token ends before the %s token does", kind.Name)
	}
	t.Wait(aliveAt(former))
	next := t.Renewed(grant)
	token, ok := next.Tokens[kind.Name]
	if !ok {
		t.NotApplicable("the answer of the refresh carries no %s token", kind.Name)
	}
	announced, _, ok := next.Reply.Lifetime(kind)
	if !ok {
		t.NotApplicable("the answer of the refresh does not announce how long the %s token lives, and need not", kind.Name)
	}
	if token.Sent.Add(announced).Before(deadAt(former)) && kind.Name == client.Refresh {
		t.NotApplicable("the answer announces that the new refresh token ends with the former one, and the document does not say otherwise")
	}
	if !endsBefore(grant.Tokens[client.Refresh], token.Sent.Add(t.Expected(kind))) && kind.Name == client.Access && kind.Lifetime.Documented > 0 {
		if announces(t, next, kind, false); t.Failed() {
			return
		}
	}
	due := deadAt(former)
	if aliveAt(token).Before(due) {
		t.NotExercised("a lifetime of %s leaves no room between the end of the former %s token and that of the new one", token.Lifetime, kind.Name)
	}
	o.alive(t, token, due, fmt.Sprintf("with the %s token of a refresh, when the one before it has ended", kind.Name))
}
