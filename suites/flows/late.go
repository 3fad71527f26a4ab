package flows

import (
	"cmp"
	"fmt"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/reports/words"
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
	group := s.NewGroup(kind.Name+"-expiry", declared.At).OnTimeline(kind.Name)
	group.Requests = 8
	if s.ByConsent(client.Refresh) {
		group.WithConsent()
	}
	spent, _ := s.Dialect.Token(client.Refresh)
	all := observers(s, kind)
	if handsOut(op, kind) && !spent.EarlyRefusable && len(all) > 0 {
		group.Works("renewed-late-outlives-it", fmt.Sprintf("the %s of a refresh shortly before the former one ends works when that one has ended", kind.Noun()), func(t *scene.Trial) {
			outlivesFormer(t, op, kind, all[0])
		}, declared.Requirement, op.Success)
	}
	if kind.Name == client.Access && len(all) > 0 {
		dead := cmp.Or(declared.Params["dead"], declared.Requirement)
		ends := func(name string, shown []observer, row string) {
			c := group.Never(name, "an access token ends at its time, also when a refresh gave another for it", func(t *scene.Trial) {
				endsThoughRefreshed(t, shown, row)
			}, row)
			c.Requests += everyDoor(s)
		}
		var others []observer // but for who is promised by a row of its own that it is told
		for _, o := range all {
			if row := deadFor(o, declared, []string{dead})[0]; row != dead {
				ends("refreshed-ends-for-"+o.op.ID, []observer{o}, row)
				continue
			}
			others = append(others, o)
		}
		if len(others) > 0 {
			ends("refreshed-ends", others, dead)
		}
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

// endsThoughRefreshed refreshes shortly before an access token's end, or as soon as the target lets it, and looks at that token
// after its end.
func endsThoughRefreshed(t *scene.Trial, all []observer, row string) {
	grant := t.FreshGrantOf(client.Refresh, "")
	former := ending(t, grant.Tokens[client.Access])
	if endsBefore(grant.Tokens[client.Refresh], aliveAt(former)) {
		t.NotApplicable("the refresh token ends before the access token does")
	}
	untouched := control(t, func() client.Token { return t.FreshGrant("").Tokens[client.Access] })
	t.Wait(aliveAt(former))
	t.Renewed(grant)
	t.Wait(deadAt(former))
	lookAtControl(t, untouched, row, func(token client.Token, doing string) *client.Reply { return all[0].look(t, token, doing) })
	for _, o := range all {
		if o.nowDead(t, former, "with an access token that was refreshed"+alone(untouched)+", after its end"); t.Failed() {
			return
		}
	}
}

// againHalfway: what a further issue announces holds for the tokens in its answer. A server that hands the former ones out
// again, or gives all tokens of an account one end, is found out by an issue in the middle of their life.
func againHalfway(s *scene.Subject, declared specs.Flow, kind specs.TokenKind) []engine.Case {
	all := observers(s, kind)
	if issue := s.Ops.First(specs.RoleIssue); issue == nil || kind.At == "" || !issue.Describes(kind.At) || len(all) == 0 {
		return nil
	}
	group := s.NewGroup(kind.Name+"-expiry", declared.At).OnTimeline(kind.Name)
	group.Requests = 4 + everyDoor(s)
	group.Awaits.Lifetimes = 1.5
	group.Works("second-issue-lives", fmt.Sprintf("the %s of an issue halfway through the life of the former one lives as long as is announced", kind.Noun()), func(t *scene.Trial) {
		grant := t.Grant("") // one that was handed out before is as good
		first := announced(t, grant.Tokens[kind.Name])
		t.Wait(first.Sent.Add(first.Lifetime / 2))
		again := t.Grant("")
		token := t.Read(again.Role, again.Reply).Tokens[kind.Name]
		announced, _, told := again.Reply.Lifetime(kind)
		switch {
		case token.Value == "":
			t.CouldNotRun("the grant carries no %s", kind.Noun())
		case token.Value == first.Value && !told:
			t.NotApplicable("the target hands out a live %s again, and does not announce how long it has left", kind.Noun())
		case token.Value == first.Value: // what is left may have been rounded up
			token.Lifetime = announced - kind.Lifetime.Unit.Step()
		}
		if token.Lifetime < 2*time.Second {
			t.NotExercised("%s that has %s left leaves no room to look at it", words.A(kind.Noun()), announced)
		}
		t.Wait(aliveAt(token))
		for _, o := range all {
			if o.alive(t, token, aliveAt(token), fmt.Sprintf("with the %s of an issue halfway through the life of the former one", kind.Noun())); t.Failed() {
				return
			}
		}
	}, declared.Requirement)
	return group.Cases
}

// outlivesFormer refreshes shortly before a token's end, and looks at the new one after it.
func outlivesFormer(t *scene.Trial, op *operation.Op, kind specs.TokenKind, o observer) {
	grant := t.FreshGrantOf(client.Refresh, "")
	former := announced(t, grant.Tokens[kind.Name])
	if kind.Name != client.Refresh && endsBefore(grant.Tokens[client.Refresh], aliveAt(former)) {
		t.NotApplicable("the refresh token ends before the %s does", kind.Noun())
	}
	t.Wait(aliveAt(former))
	next := t.Renewed(grant)
	token, ok := next.Tokens[kind.Name]
	if !ok {
		t.NotApplicable("the answer of the refresh carries no %s", kind.Noun())
	}
	announced, _, ok := next.Reply.Lifetime(kind)
	if !ok {
		t.NotApplicable("the answer of the refresh does not announce how long the %s lives, and need not", kind.Noun())
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
		t.NotExercised("a lifetime of %s leaves no room between the end of the former %s and that of the new one", token.Lifetime, kind.Noun())
	}
	o.alive(t, token, due, fmt.Sprintf("with the %s of a refresh, when the one before it has ended", kind.Noun()))
}
