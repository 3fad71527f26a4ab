package flows

import (
	"fmt"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/target"
	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// generations is how often a grant is refreshed to look at what comes of it: what a server gets wrong with a refreshed
// token only shows when that one is refreshed in turn.
const generations = 2

// renewal: what a refresh hands out is new and works, wherever an issued token does. Every document with a refresh
// operation promises it.
func renewal(s *scene.Subject) []engine.Case {
	op := s.Ops.First(specs.RoleRefresh)
	if op == nil {
		return nil
	}
	group := s.NewGroup("renewal", op.At)
	group.Renewing(2 + 2*generations)
	for i, use := range s.Ops.ByRole(specs.RoleUse) {
		works := group.Works("new-access-works"+suffix(i, use), "the access token of a refresh, and of a refresh after it, authorizes "+group.Where(use), func(t *scene.Trial) {
			eachGeneration(t, t.Renewable(""), func(grant *client.Grant) {
				t.OpensAll(use, grant.Value(client.Access), "with the access token of a refresh")
			})
		}, op.Success, use.Success)
		works.Requests += generations * s.OtherDoors(use)
	}
	for i, validate := range s.Ops.ByRole(specs.RoleValidate) {
		group.Works("new-access-validates"+suffix(i, validate), "the access token of a refresh, and of a refresh after it, validates", func(t *scene.Trial) {
			eachGeneration(t, t.Renewable(""), func(grant *client.Grant) {
				access := grant.Value(client.Access)
				if reply := t.Use(validate, access, "with the access token of a refresh"); t.Valid(reply) {
					t.RemainingIsPlausible(reply, access)
				}
			})
		}, validate.Success)
	}
	group.Works("new-refresh-works", "the refresh token of a refresh can be used in turn", func(t *scene.Trial) {
		before := t.Renewable("")
		grant := t.Renewed(before)
		if !another(grant, before) && !op.Promises(refreshKind(s).At) {
			t.NotApplicable("a refresh hands out no other refresh token here, and need not")
		}
		for range generations {
			if grant.Value(client.Refresh) == "" {
				t.Found(grant.Reply, "a refresh token", grant.Reply.Got())
				return
			}
			reply := t.RefreshWith(grant.Role, grant.Value(client.Refresh), "with the refresh token of a refresh")
			if !t.Succeeds(reply) {
				return
			}
			grant = t.Collect(grant.Role, reply)
		}
	}, op.Success)
	kinds := []string{client.Access}
	if refreshKind(s).Rotation != specs.RotationUnspecified {
		kinds = append(kinds, client.Refresh) // where rotation is not promised, the same one may come back
	}
	for _, kind := range kinds {
		group.Never("same-"+kind, "a refresh never hands back the same "+kind+" token", func(t *scene.Trial) {
			before := t.Renewable("")
			eachGeneration(t, before, func(grant *client.Grant) {
				if grant.Value(kind) == before.Value(kind) {
					t.Found(grant.Reply, "a new "+kind+" token", "the one from before")
				}
				before = grant
			})
		}, op.Success)
	}
	twins(group, op.Success)
	return group.Cases
}

// eachGeneration refreshes a grant, and what comes of it, until something is found. Where no other refresh token is handed
// out, the one from before is used again.
func eachGeneration(t *scene.Trial, grant *client.Grant, look func(*client.Grant)) {
	for range generations {
		next := t.Renewed(grant)
		if look(next); t.Failed() {
			return
		}
		if next.Value(client.Refresh) == "" {
			next.Tokens[client.Refresh] = grant.Tokens[client.Refresh]
		}
		grant = next
	}
}

// renewedTimes is a grant that was refreshed so often.
func renewedTimes(t *scene.Trial, grant *client.Grant, times int) *client.Grant {
	for range times {
		grant = t.Renewed(grant)
	}
	return grant
}

func refreshKind(s *scene.Subject) specs.TokenKind {
	kind, _ := s.Dialect.Token(client.Refresh)
	return kind
}

// another reports whether a refresh handed out a refresh token that is not the one from before. Without one nothing was
// rotated (RFC 6749 section 6).
func another(grant, before *client.Grant) bool {
	value := grant.Value(client.Refresh)
	return value != "" && value != before.Value(client.Refresh)
}

// twins: tokens that are made of an account and the second are the same for two sessions that refresh at once, and end
// together. The sessions begin at different times, so that they are two.
func twins(group *scene.Group, requirement string) {
	const rounds = 2 // the two answers of one round can be of different seconds by chance
	c := group.Never("sessions-share", "two sessions of an account that refresh in the same second never get the same token", func(t *scene.Trial) {
		if t.Habits().OneSession {
			t.NotApplicable("an account has one session at this target")
		}
		first := t.Renewable("")
		t.Wait(t.Now().Add(2 * time.Second))
		sessions := [2]*client.Grant{first, t.Renewable("")}
		if access, refresh := client.Same(sessions[0], sessions[1]); access || refresh {
			t.NotApplicable("the target hands out a live token again, so that there is one session")
		}
		for range rounds {
			for _, session := range sessions {
				t.AwaitEarliest(session.Value(client.Refresh))
			}
			t.AtOnce(len(sessions), func(i int) { sessions[i] = t.Renewed(sessions[i]) })
			for kind, token := range sessions[0].Tokens {
				if token.Value == sessions[1].Value(kind) {
					t.Found(sessions[1].Reply, words.A(kind+" token")+" of its own", fmt.Sprintf("the %s token that another session got in the same second", kind))
				}
			}
			if t.Failed() {
				return
			}
		}
	}, requirement)
	c.Requests += 2 * rounds
	c.Phase, c.Needs, c.Claims = engine.Timeline, append(c.Needs, target.NeedTime), append(c.Claims, engine.Shares("clock"))
}
