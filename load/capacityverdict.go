package load

import (
	"fmt"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/words"
)

// found is what a search came to. One that found a rate is a go; whoever wants a certain one asks for it by a gate.
func (s *search) found() *reports.Capacity {
	c := &reports.Capacity{
		Dialect: s.run.offer.dialect.ID, Document: s.run.document(), Profile: s.run.offer.dialect.Profile, Target: reports.Target{BaseURL: s.run.offer.target.BaseURL.Redacted(), Network: s.run.offer.target.Network()},
		Scenario: s.asked.scenario.String(), Precision: s.precision, Confirmed: s.confirmed,
		Steps: len(s.steps), Found: s.floor(), NotHeld: s.missed(), AtLeast: !s.byTarget(),
	}
	c.Low, c.High = s.doubted()
	for _, rate := range s.mixed() {
		c.Mixed = append(c.Mixed, reports.Mixed{Rate: rate, Held: s.votes[rate].held, NotHeld: s.votes[rate].missed})
	}
	if s.ended == "" && !s.broken && s.vague() {
		s.ended = "how much it holds cannot be told on this machine, or the target changes: " + prose.Spread(*c)
	}
	for _, o := range s.asked.objectives {
		c.Objectives = append(c.Objectives, o.text)
	}
	switch {
	case s.broken || s.ended != "":
		c.Limit, c.AtLeast = reports.LimitNone, c.Found > 0 && c.NotHeld == 0
	case s.byTarget():
		c.Limit, c.Why = reports.LimitTarget, s.whys[s.missed()]
	case s.blocked > 0:
		c.Limit, c.Why = reports.LimitGenerator, s.whys[s.blocked]
	case s.allowed != "":
		c.Limit, c.Why = reports.LimitAllowed, "which is all that "+s.allowed+" allows"
	default:
		c.Limit, c.Why = reports.LimitGenerator, "it sends no more than "+perSecond(s.most)
	}
	noGo, incomplete := s.violations(), []string(nil)
	if s.ended != "" {
		incomplete = append(incomplete, s.ended)
	}
	open := len(s.gates) == 0
	for _, gate := range s.gates {
		judged := reports.LoadObjective{Text: gate.text, Got: perSecond(c.Found), Held: c.Confirmed && gate.holds(c.Found)}
		if c.AtLeast {
			judged.Got = "at least " + judged.Got
		}
		c.Gates = append(c.Gates, judged)
		switch {
		case judged.Held:
		case s.ended == "" && !s.broken && s.byTarget():
			noGo = append(noGo, fmt.Sprintf("%s is not held: %s", judged.Text, judged.Got))
		default: // nobody knows
			open = true
		}
	}
	switch {
	case s.broken:
	case c.Found == 0 && c.Limit == reports.LimitTarget:
		if len(s.gates) == 0 {
			noGo = append(noGo, prose.Result(*c)+"; for a lower rate ask for a longer --duration or fewer --connections")
		}
	case c.Limit == reports.LimitGenerator && open:
		incomplete = append(incomplete, prose.Result(*c))
	}
	c.Because, c.Complete = append(noGo, incomplete...), len(incomplete) == 0
	c.Verdict = verdictOf(noGo, incomplete)
	return c
}

// violations are the kinds that were met, with the rate at which they were.
func (s *search) violations() []string {
	var all []string
	at := ""
	if n := len(s.steps); n > 0 && s.steps[n-1].Step.Rate > 0 {
		at = ", at " + perSecond(s.steps[n-1].Step.Rate)
	}
	for _, v := range s.run.ledger.violations() {
		all = append(all, fmt.Sprintf("%s (%s%s)", v.Kind, words.Times(v.Count), at))
	}
	return all
}
