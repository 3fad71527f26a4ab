package flows

import (
	"fmt"
	"slices"
	"time"

	"gonogo/internal/client"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// lifetimes: every answer that hands out tokens announces the documented lifetimes. The refreshing and
// exchanging operations are held to their own rows, which promise the same fields.
func lifetimes(s *scene.Subject, declared specs.Flow) []engine.Case {
	var cases []engine.Case
	for _, op := range s.Ops.All() {
		group := s.NewGroup(declared.Name, declared.At)
		requirement := op.Success
		var mint func(t *scene.Trial) *client.Grant
		switch op.Role {
		case specs.RoleIssue:
			requirement = declared.Requirement
			mint = func(t *scene.Trial) *client.Grant { return t.Grant("") }
		case specs.RoleRefresh:
			group.Renewing(group.Requests)
			mint = refreshed
		case specs.RoleExchange:
			group.WithConsent()
			mint = func(t *scene.Trial) *client.Grant { return t.GrantByCode("") }
		default:
			continue
		}
		mayRepeat := op.Role != specs.RoleRefresh // a live token, at a target that does so
		for _, kind := range s.Dialect.Tokens {
			if kind.Lifetime.Announced == "" || kind.Lifetime.Documented == 0 || !op.Describes(kind.Lifetime.Announced) {
				continue
			}
			c := group.Works(op.ID+"-"+kind.Name, fmt.Sprintf("%s announces the documented lifetime of the %s", op.Name(), kind.Noun()), func(t *scene.Trial) {
				grant := mint(t)
				if _, there := grant.Reply.Value(kind.Lifetime.Announced); !there && !op.Promises(kind.Lifetime.Announced) {
					t.NotApplicable("the answer does not announce it, and need not")
				}
				if untold(t, grant.Reply) {
					t.Wait(t.Now().Add(client.DateShows + time.Second)) // real time is a part of it
					grant = mint(t)
				}
				announces(t, grant, kind, mayRepeat && t.CachesTokens())
				if op.Role == specs.RoleRefresh && !t.Failed() && grant.Value(client.Refresh) != "" {
					announces(t, t.Renewed(grant), kind, false) // by the refresh of what a refresh handed out, too
				}
			}, requirement)
			if kind.Lifetime.Unit.Step() == 0 && s.Target != nil && s.Target.Clock != nil {
				c.Phase, c.Claims, c.Requests = engine.Timeline, append(c.Claims, engine.Shares("clock")), 2*c.Requests
			}
		}
		cases = append(cases, group.Cases...)
	}
	return cases
}

func refreshed(t *scene.Trial) *client.Grant {
	return t.Renewed(t.Renewable(""))
}

// announces wants the announced lifetime to be the documented one, or one unit less by truncation. A token
// that is handed out again has less of it left.
func announces(t *scene.Trial, grant *client.Grant, kind specs.TokenKind, handedOutAgain bool) {
	want, unit := t.Expected(kind), kind.Lifetime.Unit
	// moments are given in whole seconds, and so is Date; a token was minted at any time of the request
	slack := max(unit.Step(), 2*time.Second+grant.Reply.Received.Sub(grant.Reply.Exchange.Sent))
	remaining, written, ok := grant.Reply.Lifetime(kind)
	wanted := fmt.Sprintf("%s of %s", kind.Lifetime.Announced, want)
	if step := unit.Step(); step > 0 {
		wanted = fmt.Sprintf("%s of %d (in %s)", kind.Lifetime.Announced, want/step, unit)
	}
	switch {
	case !ok:
		t.Found(grant.Reply, wanted, "nothing that counts "+string(unit))
	case remaining > scene.RoundedUp(want, unit)+slack-unit.Step(), remaining < want-slack && !handedOutAgain:
		movedBefore(t, grant.Reply)
		t.Found(grant.Reply, wanted, written+comparedWith(grant.Reply, unit, remaining))
	}
}

// lateness is by how much all moments at which the tokens of an answer end are later than is documented; not ok: it is not the
// same for all of them, or there is but one. Moments of one answer lie within a second or two of what they were to be.
func lateness(t *scene.Trial, reply *client.Reply) (by time.Duration, ok bool) {
	var late []time.Duration
	for _, kind := range t.Dialect.Tokens {
		if remaining, _, told := reply.Lifetime(kind); told && kind.Lifetime.Documented > 0 && kind.Lifetime.Unit.Step() == 0 {
			late = append(late, remaining-t.Expected(kind))
		}
	}
	if len(late) < 2 {
		return 0, false
	}
	by = slices.Min(late)
	return by, by > 2*time.Second && slices.Max(late)-by <= 2*time.Second
}

// untold reports that an answer's moments are all late by the same, and that nothing has shown yet whether Date tells of a clock that
// was moved before this run.
func untold(t *scene.Trial, reply *client.Reply) bool {
	_, late := lateness(t, reply)
	return late && t.ClockMoves() && reply.Ahead < client.DateShows
}

// movedBefore ends the case where an answer's moments are all late by the same and its Date does not follow the clock control. So
// looks a target whose clock was moved before this run, by another or by gonogo doctor; one that is wrong by as much in all of
// them cannot be told from it.
func movedBefore(t *scene.Trial, reply *client.Reply) {
	if by, late := lateness(t, reply); late && t.ClockMoves() && !t.DateFollows(reply.Answer) {
		t.CouldNotRun("all moments in the answer are %s later than documented, and its Date does not follow the clock control: if the clock was moved before this run, start the target anew", by.Round(time.Second))
	}
}

// comparedWith says what a moment was compared with: a Date that does not go with the rest of the target's clock shows
// in it.
func comparedWith(reply *client.Reply, unit specs.Unit, remaining time.Duration) string {
	if unit.Step() > 0 {
		return ""
	}
	now, from := reply.Now()
	relation := "after"
	if remaining < 0 {
		relation = "before"
	}
	return fmt.Sprintf(", which is %s %s %s, by %s", remaining.Abs().Round(time.Second), relation, now.UTC().Format(time.RFC3339), from)
}
