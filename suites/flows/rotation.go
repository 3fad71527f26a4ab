package flows

import (
	"time"

	"gonogo/internal/client"
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// rotation: a refresh token works once. After a replay or a lost race the target may revoke the whole family,
// so nobody has to win, and what the winner got need not work afterwards.
func rotation(s *scene.Subject, declared specs.Flow) []engine.Case {
	op := s.Ops.First(specs.RoleRefresh)
	if op == nil {
		return nil
	}
	group := s.NewGroup("refresh-rotation", declared.At)
	group.Requests, group.Late = 8, true
	group.Works("chain", "each refresh token of a chain works once, in turn", func(t *scene.Trial) {
		grant := t.Grant("")
		for range 3 {
			reply := t.Refresh(grant)
			if !t.Succeeds(reply) {
				return
			}
			grant = t.Collect(grant.Role, reply)
		}
	}, declared.Requirement)
	group.Never("old-token-refused", "the old refresh token is refused after a refresh", func(t *scene.Trial) {
		grant := t.Grant("")
		t.Renewed(grant)
		replay(t, grant)
	}, declared.Requirement)
	group.Never("old-token-refused-later", "the refresh token before the last is refused, too", func(t *scene.Trial) {
		grant := t.Grant("")
		next := grant
		for range 2 {
			next = t.Renewed(next)
		}
		replay(t, grant)
	}, declared.Requirement)
	kind, _ := s.Dialect.Token(client.Refresh)
	later := group.Never("old-token-stays-dead", "a refresh token that was used never comes back to life while it would have lived", func(t *scene.Trial) {
		spentForGood(t, kind)
	}, declared.Requirement)
	later.Phase, later.Needs = engine.Timeline, append(later.Needs, target.NeedTime)
	later.Claims = append(later.Claims, engine.Shares("clock"))
	race := group.Never("race", "of refreshes that race with one token, at most one wins", func(t *scene.Trial) {
		tokenRace.of("refreshes with one token", gotTokens).oneWins(t, func() func(*scene.Trial) *client.Reply {
			grant := t.FreshGrant("")
			t.AwaitEarliest(grant.Value(client.Refresh))
			return func(t *scene.Trial) *client.Reply {
				return t.RefreshWith(grant.Role, grant.Value(client.Refresh), "in a race of many with the same token")
			}
		})
	}, declared.Requirement)
	race.Requests = tokenRace.requests(2)
	return group.Cases
}

// spentForGood tries a used refresh token again long after: whoever remembers used ones for a while only has
// forgotten it by then. Nobody says of some how long they live; those outlive their access token at least.
func spentForGood(t *scene.Trial, kind specs.TokenKind) {
	grant := t.FreshGrant("")
	t.Renewed(grant)
	spent, access := grant.Tokens[kind.Name], grant.Tokens[client.Access]
	looks := []time.Time{spent.Sent.Add(spent.Lifetime / 2), aliveAt(spent)}
	switch {
	case spent.Lifetime == 0 && access.Lifetime == 0:
		t.NotExercised("nothing says how long the refresh token lives")
	case spent.Lifetime == 0:
		looks = []time.Time{t.Now().Add(access.Lifetime / 2)}
	}
	for _, due := range looks {
		t.Wait(due)
		if replay(t, grant); t.Failed() {
			return
		}
	}
}

func replay(t *scene.Trial, spent *client.Grant) {
	t.Refused(t.RefreshWith(spent.Role, spent.Value(client.Refresh), "with a refresh token that was used before"))
}
