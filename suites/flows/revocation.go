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
	book.Works("revocation-succeeds", "a live token can be revoked", func(a *scene.Act) error {
		_, reply, err := revoked(a, revoke, role)
		if err != nil {
			return err
		}
		a.Succeeds(reply)
		return nil
	}, declared.Requirement)
	book.Works("login-after-revocation", "after a revocation one can log in anew, and the new token works", func(a *scene.Act) error {
		if _, err := ended(a, revoke, role); err != nil {
			return err
		}
		grant, err := a.Grant(role)
		if err != nil {
			return err
		}
		for _, use := range a.Ops.ByRole(specs.RoleUse) {
			if _, err := a.Authorizes(use, grant.Value(client.Access), "with a token from after the revocation"); err != nil {
				return err
			}
		}
		return nil
	}, declared.Requirement, declared.Params["everywhere"])
	for i, use := range s.Ops.ByRole(specs.RoleUse) {
		suffix := ""
		if i > 0 {
			suffix = "-for-" + use.ID
		}
		book.Never("access-survives"+suffix, "a revoked access token never authorizes "+use.Name(), func(a *scene.Act) error {
			grant, err := ended(a, revoke, role)
			if err != nil {
				return err
			}
			reply, err := a.Use(use, grant.Value(client.Access), "with an access token that was revoked")
			if err == nil {
				a.Unauthorized(reply, false)
			}
			return err
		}, declared.Requirement)
	}
	if s.Ops.First(specs.RoleRefresh) == nil {
		return book.Cases
	}
	book.Never("refresh-survives", "the refresh token of a revoked session never works", func(a *scene.Act) error {
		grant, err := ended(a, revoke, role)
		if err != nil {
			return err
		}
		return refusedRefresh(a, grant, "with the refresh token of a revoked session")
	}, declared.Requirement)
	book.Never("revoked-after-refresh", "a session that was refreshed is over, too, when its new token is revoked", func(a *scene.Act) error {
		first, err := a.Grant(role)
		if err != nil {
			return err
		}
		grant, err := renewed(a, first)
		if err != nil {
			return err
		}
		if err := end(a, revoke, grant); err != nil {
			return err
		}
		return refusedRefresh(a, grant, "with the refresh token of a session that was refreshed and revoked")
	}, declared.Requirement)
	book.Never("older-access-survives", "the access token from before a refresh is over, too, when the new one is revoked", func(a *scene.Act) error {
		first, err := a.Grant(role)
		if err != nil {
			return err
		}
		grant, err := renewed(a, first)
		if err != nil {
			return err
		}
		use := a.First(specs.RoleUse)
		if reply, err := a.Use(use, first.Value(client.Access), "from before a refresh, before the revocation"); err != nil {
			return err
		} else if !reply.Succeeded() {
			return engine.NotApplicable("a refresh ends the former access token at this target")
		}
		if err := end(a, revoke, grant); err != nil {
			return err
		}
		reply, err := a.Use(use, first.Value(client.Access), "with the access token from before the refresh of a session that was revoked")
		if err == nil {
			a.Unauthorized(reply, false)
		}
		return err
	}, declared.Params["everywhere"])
	book.Never("other-sessions-survive", "a revocation never leaves other sessions of the account alive", func(a *scene.Act) error {
		other, err := a.Grant(role)
		if err != nil {
			return err
		}
		grant, err := a.Grant(role)
		if err != nil {
			return err
		}
		use := a.First(specs.RoleUse)
		if reply, err := a.Use(use, other.Value(client.Access), "of the other session, before the revocation"); err != nil {
			return err
		} else if !reply.Succeeded() {
			return engine.NotApplicable("an account has one session at this target: the second ended the first")
		}
		if err := end(a, revoke, grant); err != nil {
			return err
		}
		reply, err := a.Use(use, other.Value(client.Access), "with the access token of another session of the account")
		if err != nil {
			return err
		}
		a.Unauthorized(reply, false)
		return refusedRefresh(a, other, "with the refresh token of another session of the account")
	}, declared.Params["everywhere"])
	return append(book.Cases, revokedForGood(s, declared, revoke, role)...)
}

// revokedForGood looks at revoked tokens again later in what would have been their life: whoever remembers
// revocations for a while only has forgotten them by then. A case keeps the account to itself while it waits.
func revokedForGood(s *scene.Subject, declared specs.Flow, revoke *operation.Op, role string) []engine.Case {
	book := s.NewBook(declared.Name, declared.At)
	book.Phase, book.Needs, book.Requests = engine.Timeline, []target.Need{target.NeedRevocation, target.NeedTime}, 8
	book.Claims = []engine.Claim{engine.Takes("account:" + role), engine.Shares("secret:" + role), engine.Shares("clock")}
	later := func(kind string, look func(a *scene.Act, grant *client.Grant) error) func(a *scene.Act) error {
		return func(a *scene.Act) error {
			if !a.ClockMoves() && role == operation.Primary {
				return engine.NotExercised("all other cases need the account that it would keep from them while it waits; the target has no clock control")
			}
			grant, err := ended(a, revoke, role)
			if err != nil {
				return err
			}
			token := grant.Tokens[kind]
			if token.Lifetime == 0 {
				return engine.NotExercised("nothing says how long the %s token lives", kind)
			}
			for _, due := range []time.Time{token.Sent.Add(token.Lifetime / 2), aliveAt(token)} {
				if err := a.Wait(a.Context(), due); err != nil {
					return err
				}
				if err := look(a, grant); err != nil || a.Failed() {
					return err
				}
			}
			return nil
		}
	}
	if use := s.Ops.First(specs.RoleUse); use != nil {
		book.Never("access-comes-back", "a revoked access token never works again while it would have lived", later(client.Access, func(a *scene.Act, grant *client.Grant) error {
			reply, err := a.Use(use, grant.Value(client.Access), "with an access token that was revoked long before")
			if err == nil {
				a.Unauthorized(reply, false)
			}
			return err
		}), declared.Requirement)
	}
	book.Never("refresh-comes-back", "the refresh token of a revoked session never works again while it would have lived", later(client.Refresh, func(a *scene.Act, grant *client.Grant) error {
		return refusedRefresh(a, grant, "with the refresh token of a session that was revoked long before")
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

// revoked begins a session and ends it.
func revoked(a *scene.Act, revoke *operation.Op, role string) (*client.Grant, *client.Reply, error) {
	grant, err := a.Grant(role)
	if err != nil {
		return nil, nil, err
	}
	if err := a.MustBeLive(grant.Value(client.Access)); err != nil {
		return nil, nil, err
	}
	reply, err := a.Call(revoke, operation.Args{Role: role, Tokens: grant.Held()}, "to end the session")
	for _, value := range grant.Held() {
		a.Spend(value)
	}
	return grant, reply, err
}

// ended is a session that was revoked. Failing to revoke it stops the case.
func ended(a *scene.Act, revoke *operation.Op, role string) (*client.Grant, error) {
	grant, reply, err := revoked(a, revoke, role)
	if err == nil && !reply.Succeeded() {
		err = engine.CouldNotRun("the revocation did not succeed: %s", reply.Got())
	}
	return grant, err
}

// end revokes a session that the case began itself.
func end(a *scene.Act, revoke *operation.Op, grant *client.Grant) error {
	reply, err := a.Call(revoke, operation.Args{Role: grant.Role, Tokens: grant.Held()}, "to end the session")
	if err == nil && !reply.Succeeded() {
		err = engine.CouldNotRun("the revocation did not succeed: %s", reply.Got())
	}
	return err
}

func refusedRefresh(a *scene.Act, grant *client.Grant, doing string) error {
	reply, err := a.RefreshWith(grant.Role, grant.Value(client.Refresh), doing)
	if err != nil {
		return err
	}
	_, err = a.RefusedFor(reply, specs.WrongToken)
	return err
}
