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

// rotation: a refresh token works once. After a replay or a lost race the target may revoke the whole family,
// so nobody has to win, and what the winner got need not work afterwards.
func rotation(s *scene.Subject, declared specs.Flow) []engine.Case {
	op := s.Ops.First(specs.RoleRefresh)
	if op == nil {
		return nil
	}
	group := s.NewGroup("refresh-rotation", declared.At)
	group.Renewing(8)
	kind := refreshKind(s)
	rotates := func(t *scene.Trial, next, grant *client.Grant) *client.Grant {
		if kind.Rotation == specs.RotationUnspecified && !another(next, grant) {
			t.NotApplicable("a refresh hands out no other refresh token here, so that nothing is rotated")
		}
		return next
	}
	rotated := func(t *scene.Trial, grant *client.Grant) *client.Grant { return rotates(t, t.Renewed(grant), grant) }
	group.Works("chain", "each refresh token of a chain works once, in turn", func(t *scene.Trial) {
		grant := t.Renewable("")
		links := longChain
		if t.Habits().LateRefresh { // each begins with a wait
			links = lateRounds
		}
		for range links {
			reply := t.Refresh(grant)
			if !t.Succeeds(reply) {
				return
			}
			grant = rotates(t, t.Collect(grant.Role, reply), grant)
		}
		t.MustBeLive(grant.Value(client.Access))
	}, declared.Requirement).Requests += longChain
	once := group.Never("old-token-refused", "the old refresh token is refused after a refresh", func(t *scene.Trial) {
		grant := t.Renewable("")
		rotated(t, grant)
		replayed(t, grant)
	}, declared.Requirement)
	scene.EndsSessions(once, operation.Primary)
	twice := group.Never("old-token-refused-later", "the refresh token before the last is refused, too", func(t *scene.Trial) {
		grant := t.Renewable("")
		next := grant
		for range 2 {
			next = rotated(t, next)
		}
		replayed(t, grant)
	}, declared.Requirement)
	scene.EndsSessions(twice, operation.Primary)
	revived := group.Never("old-token-after-login", "a new login of the account never brings a used refresh token back", func(t *scene.Trial) {
		grant := t.Renewable("")
		rotated(t, grant)
		if _, again := client.Same(grant, t.Renewable("")); again {
			t.NotApplicable("the new login hands out the used refresh token again; whether that works is for others to say")
		}
		replayed(t, grant)
	}, declared.Requirement)
	scene.EndsSessions(revived, operation.Primary)
	renewed := group.Never("renewed-token-refused", "the refresh token of a refresh, and of a refresh after it, is refused once it was used", func(t *scene.Trial) {
		for generation := 1; generation <= generations; generation++ {
			spent := t.Renewable("") // one of its own, for a replay may end the whole family
			for range generation {
				spent = rotated(t, spent)
			}
			rotated(t, spent)
			if replayed(t, spent); t.Failed() {
				return
			}
		}
	}, declared.Requirement)
	renewed.Requests *= generations
	scene.EndsSessions(renewed, operation.Primary)
	later := group.Never("old-token-stays-dead", "a refresh token that was used never comes back to life while it would have lived", func(t *scene.Trial) {
		grant := t.FreshGrantOf(client.Refresh, "")
		spent := grant.Tokens[kind.Name]
		looks := func() []time.Time { return []time.Time{spent.Sent.Add(spent.Lifetime / 2), aliveAt(spent)} }
		if spent.Lifetime == 0 { // nobody says of some how long they live; those outlive their access token at least
			access := ending(t, grant.Tokens[client.Access])
			looks = func() []time.Time { return []time.Time{t.Now().Add(access.Lifetime / 2)} }
		}
		rotated(t, grant)
		for _, due := range looks() { // whoever remembers used ones for a while only has forgotten it by then
			t.Wait(due)
			if replayed(t, grant); t.Failed() {
				return
			}
		}
	}, declared.Requirement)
	later.Phase, later.Needs, later.Awaits.Kind = engine.Timeline, append(later.Needs, target.NeedTime), client.Refresh
	later.Claims = append(later.Claims, engine.Shares("clock"))
	if s.Target != nil && s.Target.Clock != nil { // without a clock control everybody would wait for it
		scene.EndsSessions(later, operation.Primary)
	}
	race := group.Never("race", "of refreshes that race with one token, at most one wins", func(t *scene.Trial) {
		if kind.Rotation == specs.RotationUnspecified {
			rotated(t, t.FreshGrantOf(client.Refresh, ""))
		}
		round := 0
		tokenRace.of("refreshes with one token", gotTokens).oneWins(t, func() func(*scene.Trial) *client.Reply {
			grant := t.FreshGrantOf(client.Refresh, "")
			if round++; round%2 == 0 { // of those that a refresh hands out, too
				grant = t.Renewed(grant)
			}
			t.AwaitEarliest(grant.Value(client.Refresh))
			return func(t *scene.Trial) *client.Reply {
				return t.RefreshWith(grant.Role, grant.Value(client.Refresh), "in a race of many with the same token")
			}
		})
	}, declared.Requirement)
	race.Burst, race.Requests = tokenRace.racers, tokenRace.requests(3)+2
	scene.EndsSessions(race, operation.Primary)
	return append(group.Cases, byCodeRotation(s, declared, rotated)...)
}

// longChain is how often a session is refreshed in a row: more than anybody would count to who ends it after a few.
const longChain = 8

func replayed(t *scene.Trial, spent *client.Grant) {
	t.RefusedAsSaid(t.RefreshWith(spent.Role, spent.Value(client.Refresh), "with a refresh token that was used before"), specs.WrongToken)
}
