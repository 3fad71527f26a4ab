package flows

import (
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// rotation: a refresh token works once. After a replay or a lost race the target may revoke the whole family,
// so nobody has to win, and what the winner got need not work afterwards.
func rotation(s *scene.Scene, declared specs.Flow) []engine.Case {
	op := s.Ops.First(specs.RoleRefresh)
	if op == nil {
		return nil
	}
	book := s.NewBook("refresh-rotation", declared.At)
	book.Requests, book.Late = 8, true
	book.Works("chain", "each refresh token of a chain works once, in turn", func(a *scene.Act) error {
		grant, err := a.Grant("")
		if err != nil {
			return err
		}
		for range 3 {
			reply, err := a.Refresh(grant)
			if err != nil {
				return err
			}
			if !a.Succeeds(reply) {
				return nil
			}
			grant = a.Collect(grant.Role, reply)
		}
		return nil
	}, declared.Requirement)
	book.Never("old-token-refused", "the old refresh token is refused after a refresh", func(a *scene.Act) error {
		grant, err := a.Grant("")
		if err != nil {
			return err
		}
		if _, err := renewed(a, grant); err != nil {
			return err
		}
		return replay(a, grant)
	}, declared.Requirement)
	book.Never("old-token-refused-later", "the refresh token before the last is refused, too", func(a *scene.Act) error {
		grant, err := a.Grant("")
		if err != nil {
			return err
		}
		next := grant
		for range 2 {
			if next, err = renewed(a, next); err != nil {
				return err
			}
		}
		return replay(a, grant)
	}, declared.Requirement)
	race := book.Never("race", "of refreshes that race with one token, at most one wins", func(a *scene.Act) error {
		for range raceRounds {
			grant, err := a.FreshGrant("")
			if err != nil {
				return err
			}
			if err := a.Ripen(grant.Value(scene.Refresh)); err != nil {
				return err
			}
			if err := atMostOneWins(a, "refreshes with one token", func(a *scene.Act) (*scene.Reply, error) {
				return a.RefreshWith(grant.Role, grant.Value(scene.Refresh), "in a race of many with the same token")
			}); err != nil || a.Failed() {
				return err
			}
		}
		return nil
	}, declared.Requirement)
	race.Requests = raceRounds * (2*racers + 2)
	return book.Cases
}

func replay(a *scene.Act, spent *scene.Grant) error {
	reply, err := a.RefreshWith(spent.Role, spent.Value(scene.Refresh), "with a refresh token that was used before")
	if err != nil {
		return err
	}
	_, err = a.Refused(reply)
	return err
}
