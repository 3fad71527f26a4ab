package flows

import (
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
	role := spare(s)
	book := s.NewBook(declared.Name, declared.At)
	book.Phase, book.Needs, book.Requests = engine.Exclusive, []target.Need{target.NeedRevocation}, 8
	book.Claims = []engine.Claim{engine.Takes("account:" + role), engine.Shares("secret:" + role)}
	book.Works("revocation-succeeds", "a live token can be revoked", func(a *scene.Act) {
		a.Succeeds(a.Revoke(revoke, session(a, role)))
	}, declared.Requirement)
	book.Works("login-after-revocation", "after a revocation one can log in anew, and the new token works", func(a *scene.Act) {
		ended(a, revoke, session(a, role))
		grant := a.Grant(role)
		for _, use := range a.Ops.ByRole(specs.RoleUse) {
			a.Authorizes(use, grant.Value(client.Access), "with a token from after the revocation")
		}
	}, declared.Requirement, declared.Params["everywhere"])
	for i, use := range s.Ops.ByRole(specs.RoleUse) {
		book.Never("access-survives"+suffix(i, use), "a revoked access token never authorizes "+use.Name(), func(a *scene.Act) {
			grant := ended(a, revoke, session(a, role))
			a.Dead(a.Use(use, grant.Value(client.Access), "with an access token that was revoked"))
		}, declared.Requirement)
	}
	if s.Ops.First(specs.RoleRefresh) == nil {
		return book.Cases
	}
	book.Never("refresh-survives", "the refresh token of a revoked session never works", func(a *scene.Act) {
		grant := ended(a, revoke, session(a, role))
		a.Dead(refresh(a, grant, "with the refresh token of a revoked session"))
	}, declared.Requirement)
	book.Never("revoked-after-refresh", "a session that was refreshed is over, too, when its new token is revoked", func(a *scene.Act) {
		grant := ended(a, revoke, a.Renewed(a.Grant(role)))
		a.Dead(refresh(a, grant, "with the refresh token of a session that was refreshed and revoked"))
	}, declared.Requirement)
	book.Never("older-access-survives", "the access token from before a refresh is over, too, when the new one is revoked", func(a *scene.Act) {
		first := a.Grant(role)
		grant := a.Renewed(first)
		use := a.First(specs.RoleUse)
		if reply := a.Use(use, first.Value(client.Access), "from before a refresh, before the revocation"); !reply.Succeeded() {
			a.NotApplicable("a refresh ends the former access token at this target")
		}
		ended(a, revoke, grant)
		a.Dead(a.Use(use, first.Value(client.Access), "with the access token from before the refresh of a session that was revoked"))
	}, declared.Params["everywhere"])
	book.Never("other-sessions-survive", "a revocation never leaves other sessions of the account alive", func(a *scene.Act) {
		other := a.Grant(role)
		grant := a.Grant(role)
		use := a.First(specs.RoleUse)
		if reply := a.Use(use, other.Value(client.Access), "of the other session, before the revocation"); !reply.Succeeded() {
			a.NotApplicable("an account has one session at this target: the second ended the first")
		}
		ended(a, revoke, grant)
		a.Dead(a.Use(use, other.Value(client.Access), "with the access token of another session of the account"))
		a.Dead(refresh(a, other, "with the refresh token of another session of the account"))
	}, declared.Params["everywhere"])
	return append(book.Cases, revokedForGood(s, declared, revoke, role)...)
}

// revokedForGood looks at revoked tokens again later in what would have been their life: whoever remembers
// revocations for a while only has forgotten them by then. A case keeps the account to itself while it waits.
func revokedForGood(s *scene.Subject, declared specs.Flow, revoke *operation.Op, role string) []engine.Case {
	book := s.NewBook(declared.Name, declared.At)
	book.Phase, book.Needs, book.Requests = engine.Timeline, []target.Need{target.NeedRevocation, target.NeedTime}, 8
	book.Claims = []engine.Claim{engine.Takes("account:" + role), engine.Shares("secret:" + role), engine.Shares("clock")}
	later := func(kind string, look func(a *scene.Act, grant *client.Grant) *client.Reply) func(a *scene.Act) {
		return func(a *scene.Act) {
			if !a.ClockMoves() && role == operation.Primary {
				a.NotExercised("all other cases need the account that it would keep from them while it waits; the target has no clock control")
			}
			grant := ended(a, revoke, session(a, role))
			token := grant.Tokens[kind]
			if token.Lifetime == 0 {
				a.NotExercised("nothing says how long the %s token lives", kind)
			}
			for _, due := range []time.Time{token.Sent.Add(token.Lifetime / 2), aliveAt(token)} {
				a.Wait(due)
				if a.Dead(look(a, grant)); a.Failed() {
					return
				}
			}
		}
	}
	if use := s.Ops.First(specs.RoleUse); use != nil {
		book.Never("access-comes-back", "a revoked access token never works again while it would have lived", later(client.Access, func(a *scene.Act, grant *client.Grant) *client.Reply {
			return a.Use(use, grant.Value(client.Access), "with an access token that was revoked long before")
		}), declared.Requirement)
	}
	book.Never("refresh-comes-back", "the refresh token of a revoked session never works again while it would have lived", later(client.Refresh, func(a *scene.Act, grant *client.Grant) *client.Reply {
		return refresh(a, grant, "with the refresh token of a session that was revoked long before")
	}), declared.Requirement)
	return book.Cases
}

// spare is the role whose sessions can be ended with the least harm: others work with the primary one all the
// time.
func spare(s *scene.Subject) string {
	if s.Target != nil {
		for _, role := range []string{scene.Second, scene.Listed} {
			if len(s.Target.Credentials[role].Fields) > 0 {
				return role
			}
		}
	}
	return operation.Primary
}

// session is a grant of a session of its own, which is seen to work.
func session(a *scene.Act, role string) *client.Grant {
	grant := a.Grant(role)
	a.MustBeLive(grant.Value(client.Access))
	return grant
}

// ended is a grant whose session was revoked. Failing to revoke it stops the case.
func ended(a *scene.Act, revoke *operation.Op, grant *client.Grant) *client.Grant {
	if reply := a.Revoke(revoke, grant); !reply.Succeeded() {
		a.CouldNotRun("the revocation did not succeed: %s", reply.Got())
	}
	return grant
}

func refresh(a *scene.Act, grant *client.Grant, doing string) *client.Reply {
	return a.RefreshWith(grant.Role, grant.Value(client.Refresh), doing)
}
