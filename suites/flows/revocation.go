package flows

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// revocation: a session that was ended is over, for both of its tokens, at once and everywhere.
func revocation(s *scene.Subject, declared specs.Flow) []engine.Case {
	revoke := s.Ops.First(specs.RoleRevoke)
	if revoke == nil {
		return nil
	}
	role := s.Spare()
	group := s.NewGroup(declared.Name, declared.At)
	group.Phase, group.Needs, group.Requests = engine.Exclusive, append(group.Needs, target.NeedRevocation), max(group.Requests, 8)
	group.Claims = s.TakesSession(role)
	group.Works("revocation-succeeds", "a live token can be revoked", func(t *scene.Trial) {
		reply := t.Revoke(revoke, session(t, role))
		declined(t, reply)
		t.Succeeds(reply)
	}, declared.Requirement)
	group.Works("login-after-revocation", "after a revocation one can log in anew, and the new token works", func(t *scene.Trial) {
		ended(t, revoke, session(t, role))
		grant := t.Grant(role)
		everyUse(t, func(use *operation.Op) {
			t.OpensAll(use, grant.Value(client.Access), "with a token from after the revocation")
		})
		if validate := t.First(specs.RoleValidate); validate != nil && t.First(specs.RoleUse) == nil {
			t.Valid(askAbout(t, validate, grant, "with a token from after the revocation"))
		}
	}, declared.Requirement, declared.Params["everywhere"])
	for i, validate := range s.Ops.ByRole(specs.RoleValidate) {
		group.Never("still-valid"+suffix(i, validate), "a revoked access token is never reported valid by "+validate.Name(), func(t *scene.Trial) {
			grant := t.Grant(role)
			if reply := askAbout(t, validate, grant, "before the revocation"); !reply.Affirms() {
				t.BrokeAsDocumented(reply, "the token to check with was not reported valid: %s was answered %s", validate.Name(), reply.Got())
			}
			ended(t, revoke, grant)
			t.Dead(askAbout(t, validate, grant, "with an access token that was revoked"))
		}, cmp.Or(declared.Params["told"], declared.Requirement))
	}
	for i, use := range s.Ops.ByRole(specs.RoleUse) {
		group.Never("access-survives"+suffix(i, use), "a revoked access token never authorizes "+group.Where(use), func(t *scene.Trial) {
			grant := ended(t, revoke, session(t, role))
			t.OpensNone(use, grant.Value(client.Access), "with an access token that was revoked")
		}, declared.Requirement)
	}
	hinted(group, declared, revoke, role)
	if s.Ops.First(specs.RoleRefresh) == nil || revoke.OneOfKinds() {
		return slices.Concat(group.Cases, revokedForGood(s, declared, revoke, role), revokedRefresh(s, declared, revoke, role))
	}
	group.Never("refresh-survives", "the refresh token of a revoked session never works", func(t *scene.Trial) {
		grant := ended(t, revoke, session(t, role))
		t.Dead(refresh(t, grant, "with the refresh token of a revoked session"))
	}, declared.Requirement)
	group.Never("revoked-after-refresh", "a session that was refreshed is over, too, when its new token is revoked", func(t *scene.Trial) {
		grant := ended(t, revoke, t.Renewed(t.Grant(role)))
		t.Dead(refresh(t, grant, "with the refresh token of a session that was refreshed and revoked"))
	}, declared.Requirement)
	revived := group.Never("new-login-revives", "a new login of the account never brings a revoked session back", func(t *scene.Trial) {
		grant := ended(t, revoke, session(t, role))
		if access, refresh := client.Same(grant, t.Grant(role)); access || refresh {
			t.NotApplicable("the new login hands out a revoked token again; whether that works is for others to say")
		}
		everyUse(t, func(use *operation.Op) {
			t.OpensNone(use, grant.Value(client.Access), "with an access token that was revoked before a new login")
		})
		if !t.Failed() {
			t.Dead(refresh(t, grant, "with the refresh token of a session that was revoked before a new login"))
		}
	}, declared.Requirement)
	revived.Requests += everyDoor(s)
	group.Never("older-access-survives", "the access token from before a refresh is over, too, when the new one is revoked", func(t *scene.Trial) {
		first := t.Grant(role)
		grant := t.Renewed(first)
		use := t.First(specs.RoleUse)
		if reply := t.Use(use, first.Value(client.Access), "from before a refresh, before the revocation"); !reply.Succeeded() {
			t.NotApplicable("a refresh ends the former access token at this target")
		}
		ended(t, revoke, grant)
		everyUse(t, func(use *operation.Op) {
			t.OpensNone(use, first.Value(client.Access), "with the access token from before the refresh of a session that was revoked")
		})
	}, declared.Params["everywhere"])
	group.Never("other-sessions-survive", "a revocation never leaves other sessions of the account alive", func(t *scene.Trial) {
		other := t.Grant(role)
		grant := t.Grant(role)
		use := t.First(specs.RoleUse)
		if reply := t.Use(use, other.Value(client.Access), "of the other session, before the revocation"); !reply.Succeeded() {
			t.NotApplicable("an account has one session at this target: the second ended the first")
		}
		ended(t, revoke, grant)
		everyUse(t, func(use *operation.Op) {
			t.OpensNone(use, other.Value(client.Access), "with the access token of another session of the account")
		})
		t.Dead(refresh(t, other, "with the refresh token of another session of the account"))
	}, declared.Params["everywhere"])
	return append(group.Cases, revokedForGood(s, declared, revoke, role)...)
}

// revokedForGood looks at revoked tokens again later in what would have been their life: whoever remembers
// revocations for a while only has forgotten them by then. A case keeps the account to itself while it waits.
func revokedForGood(s *scene.Subject, declared specs.Flow, revoke *operation.Op, role string) []engine.Case {
	group := s.NewGroup(declared.Name, declared.At)
	group.Phase, group.Needs, group.Requests = engine.Timeline, []target.Need{target.NeedRevocation, target.NeedTime}, 8
	group.Claims = append(s.TakesSession(role), engine.Shares("clock"))
	group.Awaits = engine.Ending{Kind: client.Access, Moved: role == operation.Primary}
	later := func(kind string, look func(t *scene.Trial, grant *client.Grant)) func(t *scene.Trial) {
		return func(t *scene.Trial) {
			if !t.ClockMoves() && role == operation.Primary {
				t.NotExercised("all other cases need the account that it would keep from them while it waits; the target has no clock control")
			}
			grant := session(t, role)
			token := ending(t, grant.Tokens[kind])
			ended(t, revoke, grant)
			for _, due := range []time.Time{token.Sent.Add(token.Lifetime / 2), aliveAt(token)} {
				t.Wait(due)
				if look(t, grant); t.Failed() {
					return
				}
			}
		}
	}
	if s.Ops.First(specs.RoleUse) != nil {
		group.Never("access-comes-back", "a revoked access token never works again while it would have lived", later(client.Access, func(t *scene.Trial, grant *client.Grant) {
			everyUse(t, func(use *operation.Op) {
				t.OpensNone(use, grant.Value(client.Access), "with an access token that was revoked long before")
			})
		}), declared.Requirement)
	}
	if s.Ops.First(specs.RoleRefresh) == nil || revoke.OneOfKinds() {
		return group.Cases
	}
	group.Awaits.Kind = client.Refresh
	group.Never("refresh-comes-back", "the refresh token of a revoked session never works again while it would have lived", later(client.Refresh, func(t *scene.Trial, grant *client.Grant) {
		t.Dead(refresh(t, grant, "with the refresh token of a session that was revoked long before"))
	}), declared.Requirement)
	return group.Cases
}

// everyDoor is how many requests it takes to show a token wherever one can be shown.
func everyDoor(s *scene.Subject) int {
	doors := 0
	for _, use := range s.Ops.ByRole(specs.RoleUse) {
		doors += len(s.Doors(use))
	}
	return doors
}

// everyUse looks at all operations that an access token authorizes and that the target has, until something is found.
func everyUse(t *scene.Trial, look func(use *operation.Op)) {
	for _, use := range t.Ops.ByRole(specs.RoleUse) {
		if !t.Has(use) {
			continue
		}
		if look(use); t.Failed() {
			return
		}
	}
}

// session is a grant of a session of its own, which is seen to work.
func session(t *scene.Trial, role string) *client.Grant {
	grant := t.Grant(role)
	t.MustBeLive(grant.Value(client.Access))
	return grant
}

// ended is a grant whose session was revoked. Failing to revoke it stops the case.
func ended(t *scene.Trial, revoke *operation.Op, grant *client.Grant) *client.Grant {
	if reply := t.Revoke(revoke, grant); !reply.Succeeded() {
		declined(t, reply)
		if reply.Status != http.StatusNotFound && reply.Status != http.StatusMethodNotAllowed { // its path may be the target file's
			t.Broke(reply, revoke.Success, "success (2xx)", "the revocation did not succeed: %s", reply.Got())
		}
		t.CouldNotRun("the revocation did not succeed: %s", reply.Got())
	}
	return grant
}

// declined ends a case where the target says, as the document lets it, that it does not revoke such tokens.
func declined(t *scene.Trial, reply *client.Reply) {
	if row := reply.Op.Declined; row != nil && len(reply.Differs(*row)) == 0 {
		t.NotApplicable("the target does not revoke such tokens, and need not: %s", reply.Got())
	}
}

// hinted: a hint at the token's type that is wrong changes nothing (RFC 7009 section 2.1), and that there is nothing to end is no error.
func hinted(group *scene.Group, declared specs.Flow, revoke *operation.Op, role string) {
	group.Works("unknown-succeeds", "to end a token that nobody was given succeeds", func(t *scene.Trial) {
		args := operation.Args{Role: role, Tokens: map[string]string{}}
		for kind, value := range t.Grant(role).Held() {
			args.Tokens[kind] = scene.Unknown(value)
			t.Secret("wrong "+kind, args.Tokens[kind])
		}
		reply := t.Call(revoke, args, "of a token that nobody was given")
		declined(t, reply)
		t.Succeeds(reply)
	}, declared.Params["unknown"])
	validate := group.Ops.First(specs.RoleValidate)
	if len(group.Ops.ByRole(specs.RoleUse)) == 0 && validate == nil {
		return
	}
	wrong := group.Never("survives-wrong-hint", "no token outlives its revocation for a wrong hint at its type", func(t *scene.Trial) {
		ended(t, revoke, session(t, role))
		for _, hint := range declared.Lists["hints"] {
			grant := session(t, role)
			reply := t.Call(revoke, operation.Args{Role: role, Tokens: grant.Held(), More: map[string]string{declared.Params["parameter"]: hint}}, "with the hint "+hint)
			for _, value := range grant.Held() {
				t.Spend(value)
			}
			if !reply.Succeeded() {
				t.Found(reply, "success (2xx), whatever the hint is", reply.Got())
				return
			}
			everyUse(t, func(use *operation.Op) {
				t.OpensNone(use, grant.Value(client.Access), "with an access token that was revoked with the hint "+hint)
			})
			if validate != nil && !t.Failed() {
				t.NotValidFor(toldActive(group.Subject, declared), askAbout(t, validate, grant, "with an access token that was revoked with the hint "+hint))
			}
			if t.Failed() {
				return
			}
		}
	}, declared.Params["hint"])
	wrong.Requests *= 1 + len(declared.Lists["hints"])
}

func refresh(t *scene.Trial, grant *client.Grant, doing string) *client.Reply {
	return t.RefreshWith(grant.Role, grant.Value(client.Refresh), doing)
}

// toldActive is the row that an answer violates which calls a revoked token active: where it opens nothing any more, that of who
// is asked about it, if there is one.
func toldActive(s *scene.Subject, declared specs.Flow) string {
	if s.Ops.First(specs.RoleUse) == nil {
		return ""
	}
	return declared.Params["told"]
}
