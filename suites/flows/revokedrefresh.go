package flows

import (
	"fmt"
	"slices"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// revokedRefresh: where a request ends one token of several kinds, a refresh token can be ended too (RFC 7009 section 2), and what came of
// the same grant should end with it (section 2.1).
func revokedRefresh(s *scene.Subject, declared specs.Flow, revoke *operation.Op, role string) []engine.Case {
	if !revoke.OneOfKinds() || s.Ops.First(specs.RoleRefresh) == nil || declared.Params["refresh"] == "" {
		return nil
	}
	row := declared.Params["refresh"]
	group := s.NewGroup(declared.Name, declared.At)
	group.Phase, group.Needs = engine.Exclusive, append(group.Needs, target.NeedRevocation)
	group.Claims = s.TakesSession(role)
	group.Renewing(6)
	group.Works("refresh-can-be-revoked", "a live refresh token can be revoked", func(t *scene.Trial) {
		t.Succeeds(endRefresh(t, revoke, t.Renewable(role), ""))
	}, row)
	again := group.Never("refresh-survives", "a refresh token that was revoked, or the one that a refresh gave, never works", func(t *scene.Trial) {
		for generation := range 2 {
			grant := renewedTimes(t, t.Renewable(role), generation)
			if grant.Value(client.Refresh) == "" {
				return // none came for the first one, which is still good
			}
			endedRefresh(t, revoke, grant, "")
			if t.Dead(refresh(t, grant, "with a refresh token that was revoked")); t.Failed() {
				return
			}
		}
	}, row)
	again.Requests *= 2
	hinted := group.Never("refresh-survives-wrong-hint", "no refresh token outlives its revocation for a wrong hint at its type", func(t *scene.Trial) {
		for _, hint := range declared.Lists["refresh_hints"] {
			grant := t.Renewable(role)
			endedRefresh(t, revoke, grant, hint, declared.Params["parameter"])
			if t.Dead(refresh(t, grant, "with a refresh token that was revoked with the hint "+hint)); t.Failed() {
				return
			}
		}
	}, declared.Params["hint"])
	hinted.Requests *= 2
	group.Never("siblings-survive", "no access token outlives the refresh token of its grant, when that is revoked", func(t *scene.Trial) {
		grant := t.Renewable(role)
		t.MustBeLive(grant.Value(client.Access))
		access := []string{grant.Value(client.Access)}
		next := t.Renewed(grant)
		if access = append(access, next.Value(client.Access)); next.Value(client.Refresh) == "" {
			next = grant
		}
		endedRefresh(t, revoke, next, "")
		for _, value := range access {
			const of = "with an access token of a grant whose refresh token was revoked"
			everyUse(t, func(use *operation.Op) { t.OpensNone(use, value, of) })
			if validate := t.First(specs.RoleValidate); validate != nil && !t.Failed() {
				t.NotValidFor(toldActive(s, declared), t.Call(validate, operation.Args{Role: role, Tokens: map[string]string{client.Access: value}}, of))
			}
		}
	}, declared.Params["siblings"])
	othersRefresh(s, group, revoke)
	group.OnTimeline(client.Access).Awaits.Moved = true
	group.Never("refresh-comes-back", "a refresh token that was revoked never works again while it would have lived", func(t *scene.Trial) {
		if !t.ClockMoves() {
			t.NotExercised("to look at a refresh token long after its revocation takes a clock control")
		}
		grant := t.Renewable(role)
		endedRefresh(t, revoke, grant, "")
		life := max(grant.Tokens[client.Access].Lifetime, time.Minute)
		for _, later := range []time.Duration{life / 2, 2 * life} {
			t.Wait(grant.Tokens[client.Access].Received.Add(later))
			if t.Dead(refresh(t, grant, "with a refresh token that was revoked long before")); t.Failed() {
				return
			}
		}
	}, row)
	return group.Cases
}

// othersRefresh: a client ends its own refresh tokens only.
func othersRefresh(s *scene.Subject, group *scene.Group, revoke *operation.Op) {
	if _, has := s.Dialect.Credential(scene.Second); !has {
		return
	}
	c := group.Never("other-clients-refresh", "a client never ends another client's refresh token", func(t *scene.Trial) {
		theirs := t.Renewable(scene.Second)
		reply := t.Call(revoke, operation.Args{Tokens: map[string]string{client.Refresh: theirs.Value(client.Refresh)}}, "of another client's refresh token")
		if !reply.Succeeded() && !reply.Refused() {
			t.Found(reply, "a success (2xx) or a refusal (4xx)", reply.Got())
		}
		if after := refresh(t, theirs, "after another client asked to end it"); !after.Succeeded() {
			t.Found(after, "the refresh token goes on", after.Got())
		}
	}, revoke.Refused)
	scene.Need(c, target.NeedSecond)
	c.Claims = slices.Concat(scene.ClaimsOf(operation.Primary), s.TakesSession(scene.Second), s.Consents())
}

// endRefresh asks to end a grant's refresh token, with a hint at its type if there is one.
func endRefresh(t *scene.Trial, revoke *operation.Op, grant *client.Grant, hint string, parameter ...string) *client.Reply {
	value := grant.Value(client.Refresh)
	args := operation.Args{Role: grant.Role, Tokens: map[string]string{client.Refresh: value}}
	doing := "of a refresh token"
	if hint != "" {
		args.More = map[string]string{parameter[0]: hint}
		doing += " with the hint " + hint
	}
	reply := t.Call(revoke, args, doing)
	t.Spend(value)
	for kind, value := range grant.Held() {
		if kind == client.Access { // it may have ended with the other
			t.Spend(value)
		}
	}
	return reply
}

// endedRefresh is endRefresh where that must succeed.
func endedRefresh(t *scene.Trial, revoke *operation.Op, grant *client.Grant, hint string, parameter ...string) {
	if reply := endRefresh(t, revoke, grant, hint, parameter...); !reply.Succeeded() {
		flow, _ := t.Dialect.Flow("revocation")
		t.Broke(reply, flow.Params["refresh"], "success (2xx)", "the refresh token could not be revoked: %s", reply.Got())
	}
}

// ofRefresh is what an introspection tells of refresh tokens, where it tells anything: a live one it may keep to itself, one that was
// revoked or used up is not active.
func ofRefresh(s *scene.Subject, declared specs.Flow, validate *operation.Op) []engine.Case {
	ended, hasEnd := s.Dialect.Flow("revocation")
	if !validate.OneOfKinds() || s.Ops.First(specs.RoleRefresh) == nil {
		return nil
	}
	group := s.NewGroup(declared.Name, declared.At)
	group.Renewing(8)
	live := func(t *scene.Trial, role string) *client.Grant {
		grant := t.Renewable(role)
		if reply := askRefresh(t, validate, grant, "with a live refresh token"); !reply.Affirms() {
			t.NotApplicable("the target tells nothing of refresh tokens, and need not")
		}
		return grant
	}
	group.Works("refresh-agrees", "what is told of a live refresh token agrees with what it was issued with", func(t *scene.Trial) {
		grant := live(t, operation.Primary)
		reply := askRefresh(t, validate, grant, "with a live refresh token")
		whose(t, declared, grant, reply)
	}, declared.Requirement)
	told := ended.Params["told"]
	if told == "" || !hasEnd {
		return group.Cases
	}
	spent := group.Never("refresh-spent", "a refresh token that another was given for is never told to be active", func(t *scene.Trial) {
		grant := live(t, operation.Primary)
		if next := t.Renewed(grant); !another(next, grant) {
			t.NotApplicable("a refresh hands out no other refresh token here, so that the former one is good")
		}
		if reply := refresh(t, grant, "with a refresh token that was used before"); reply.Succeeded() {
			t.NotApplicable("the former refresh token still works, so that it is active")
		}
		t.Dead(askRefresh(t, validate, grant, "with a refresh token that was used before"))
	}, told)
	scene.EndsSessions(spent, operation.Primary)
	if revoke := s.Ops.First(specs.RoleRevoke); revoke != nil {
		gone := group.Never("refresh-revoked", "a refresh token that was revoked is never told to be active", func(t *scene.Trial) {
			grant := live(t, operation.Primary)
			endedRefresh(t, revoke, grant, "")
			t.Dead(askRefresh(t, validate, grant, "with a refresh token that was revoked"))
		}, told)
		scene.Need(gone, target.NeedRevocation)
		scene.EndsSessions(gone, operation.Primary)
	}
	return group.Cases
}

func askRefresh(t *scene.Trial, validate *operation.Op, grant *client.Grant, doing string) *client.Reply {
	return t.Call(validate, operation.Args{Role: grant.Role, Tokens: map[string]string{client.Refresh: grant.Value(client.Refresh)}}, doing)
}

// whose wants an answer about a token to name whom it was issued to, if it names anybody.
func whose(t *scene.Trial, declared specs.Flow, grant *client.Grant, reply *client.Reply) {
	at := specs.Pointer(declared.Params["who"])
	credential, _ := t.Dialect.Credential(grant.Role)
	if who, told := reply.Value(at); at != "" && told && who != t.Credential(grant.Role, credential.Fields[0]) {
		t.Found(reply, fmt.Sprintf("%s, if it is there, the %s that the token was issued to", at, credential.Fields[0]), "another value")
	}
}
