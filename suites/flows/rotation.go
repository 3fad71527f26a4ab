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
	book := s.NewBook("refresh-rotation", declared.At)
	book.Requests, book.Late = 8, true
	book.Works("chain", "each refresh token of a chain works once, in turn", func(a *scene.Act) {
		grant := a.Grant("")
		for range 3 {
			reply := a.Refresh(grant)
			if !a.Succeeds(reply) {
				return
			}
			grant = a.Collect(grant.Role, reply)
		}
	}, declared.Requirement)
	book.Never("old-token-refused", "the old refresh token is refused after a refresh", func(a *scene.Act) {
		grant := a.Grant("")
		a.Renewed(grant)
		replay(a, grant)
	}, declared.Requirement)
	book.Never("old-token-refused-later", "the refresh token before the last is refused, too", func(a *scene.Act) {
		grant := a.Grant("")
		next := grant
		for range 2 {
			next = a.Renewed(next)
		}
		replay(a, grant)
	}, declared.Requirement)
	kind, _ := s.Dialect.Token(client.Refresh)
	later := book.Never("old-token-stays-dead", "a refresh token that was used never comes back to life while it would have lived", func(a *scene.Act) {
		spentForGood(a, kind)
	}, declared.Requirement)
	later.Phase, later.Needs = engine.Timeline, append(later.Needs, target.NeedTime)
	later.Claims = append(later.Claims, engine.Shares("clock"))
	race := book.Never("race", "of refreshes that race with one token, at most one wins", func(a *scene.Act) {
		for range raceRounds {
			grant := a.FreshGrant("")
			a.Ripen(grant.Value(client.Refresh))
			atMostOneWins(a, "refreshes with one token", func(a *scene.Act) *client.Reply {
				return a.RefreshWith(grant.Role, grant.Value(client.Refresh), "in a race of many with the same token")
			})
			if a.Failed() {
				return
			}
		}
	}, declared.Requirement)
	race.Requests = raceRounds * (2*racers + 2)
	return book.Cases
}

// spentForGood tries a used refresh token again long after: whoever remembers used ones for a while only has
// forgotten it by then. Nobody says of some how long they live; those outlive their access token at least.
func spentForGood(a *scene.Act, kind specs.TokenKind) {
	grant := a.FreshGrant("")
	a.Renewed(grant)
	spent, access := grant.Tokens[kind.Name], grant.Tokens[client.Access]
	looks := []time.Time{spent.Sent.Add(spent.Lifetime / 2), aliveAt(spent)}
	switch {
	case spent.Lifetime == 0 && access.Lifetime == 0:
		a.NotExercised("nothing says how long the refresh token lives")
	case spent.Lifetime == 0:
		looks = []time.Time{a.Now().Add(access.Lifetime / 2)}
	}
	for _, due := range looks {
		a.Wait(due)
		if replay(a, grant); a.Failed() {
			return
		}
	}
}

func replay(a *scene.Act, spent *client.Grant) {
	a.Refused(a.RefreshWith(spent.Role, spent.Value(client.Refresh), "with a refresh token that was used before"))
}
