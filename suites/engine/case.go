// Package engine plans and runs cases: needs, claims, phases, the timeline, outcomes.
//
// It must never know what a case checks: no flow, no dialect, no token, no test framework.
package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/specs"
)

// Case is one check. Its id is dialect/flow/case in kebab-case, stable for ever.
type Case struct {
	ID           string
	Title        string // a sentence that says what must hold
	Requirements []string
	Polarity     reports.Polarity
	Needs        []target.Need
	Claims       []Claim
	Phase        Phase
	Late         bool   // moved to the timeline where Facts.Late says that what it does takes a wait
	Requests     int    // at most how many requests it sends; zero: 4
	FailedLogins int    // at most how many of them present wrong credentials on purpose
	Guesses      bool   // others present credentials that are incomplete, unreadable or of nobody, which a target may count likewise
	Burst        int    // how many of them it sends at once, to see which is first; zero: none
	Awaits       Ending // what cases of the timeline wait for
	At           specs.Place

	// Run checks. It records findings on the trial; the error it returns says why it could not come to an
	// end: NotExercised, NotApplicable, CouldNotRun, an error of Trial.Send, or a fault of the harness.
	// Findings count even then.
	Run func(ctx context.Context, t *Trial) error
}

// Ending is what a case of the timeline waits for at the most: the end of a token, of which often only the target says when it comes.
type Ending struct {
	Kind      string  // of the token whose end it waits for; empty: it waits for seconds
	Lifetimes float64 // so many of them, where that is not one
	Moved     bool    // where the target's clock cannot be moved it does without
}

// Phase says when in a run a case has its turn.
type Phase int

// The phases, in order. Timeline cases of a target without a clock control begin with the ordinary ones, so
// that their waits pass while the others work.
const (
	Ordinary  Phase = iota // side by side
	Exclusive              // take something from everybody: a secret, a session
	Timeline               // wait for the target's clock
	Last                   // may lock an account: nobody needs it any more
	Audit                  // look over everything that was sent
)

// Claim is something on the target that a case touches: "account:primary", "secret:second", "clock".
type Claim struct {
	Name      string
	Exclusive bool // nobody else may touch it meanwhile
}

// Shares claims a thing together with others.
func Shares(name string) Claim { return Claim{Name: name} }

// Takes claims a thing alone.
func Takes(name string) Claim { return Claim{Name: name, Exclusive: true} }

// Plan is what a run does: the cases of one dialect. It is data: a run changes nothing of it, so that it can be run as
// often as one likes, also twice at the same time.
type Plan struct {
	Dialect *specs.Dialect
	Cases   []Case

	// Memory makes what the cases of one run share: what they were handed out, what the probe found. It is called
	// once for each run, and cases get it by Trial.Memory. nil: they share nothing.
	Memory func() any

	// Probe looks at the target before any case runs. An error that is not a Stop ends the run as a fault
	// of the harness; a Stop becomes the reason why no case could run.
	Probe func(ctx context.Context, t *Trial) (Facts, error)

	shown map[string]bool // of a selection: the requirements that some case of the whole plan shows to hold
}

// Facts are what the probe found out.
type Facts struct {
	TakeTurns bool     // a second session of an account ends the first: cases of one account take turns
	Alone     []string // further things that cases can only claim alone at this target, by the beginning of their names
	Late      bool     // what Late cases do takes a wait at this target
	Notes     []string // for the report
}

// Only is the plan with those of its cases that keep accepts.
func (p *Plan) Only(keep func(Case) bool) *Plan {
	some := *p
	some.Cases, some.shown = nil, p.positive()
	for _, c := range p.Cases {
		if keep(c) {
			some.Cases = append(some.Cases, c)
		}
	}
	return &some
}

// positive are the requirements that have a case which shows what must work, be it among the selected ones or not.
func (p *Plan) positive() map[string]bool {
	if p.shown != nil {
		return p.shown
	}
	shown := map[string]bool{}
	for _, c := range p.Cases {
		for _, id := range c.Requirements {
			shown[id] = shown[id] || c.Polarity == reports.Positive
		}
	}
	return shown
}

// defaultRequests is what a plan reckons with for a case that does not say.
const defaultRequests = 4

// Requests is at most how many requests the plan sends.
func (p *Plan) Requests() int {
	total := 0
	for _, c := range p.Cases {
		total += c.requests()
	}
	return total
}

func (c Case) requests() int { return cmp.Or(c.Requests, defaultRequests) }

// FailedLogins is at most how many requests with wrong credentials the plan sends.
func (p *Plan) FailedLogins() int {
	total := 0
	for _, c := range p.Cases {
		total += c.FailedLogins
	}
	return total
}

// Denied are the cases that do not fit into what the limits grant a run, by id, each with the reason as a sentence. What
// there is goes to the cases in the order of their ids, so that it does not depend on which of them is at work first.
func (p *Plan) Denied(limits target.Limits) map[string]string {
	denied, requests, logins := map[string]string{}, limits.Requests, limits.FailedLogins
	whose := "limits.failed_logins"
	if limits.Gentle {
		whose = "a gentle check"
	}
	for _, c := range slices.SortedFunc(slices.Values(p.Cases), func(a, b Case) int { return cmp.Compare(a.ID, b.ID) }) {
		switch {
		case c.Burst > 0 && limits.Gentle:
			denied[c.ID] = fmt.Sprintf("it sends up to %d requests at once, which a gentle check does not", c.Burst)
		case c.Guesses && limits.Gentle:
			denied[c.ID] = "it presents credentials that are incomplete or of nobody, which may count as wrong ones and which a gentle check does not send"
		case c.FailedLogins > logins:
			denied[c.ID] = fmt.Sprintf("it takes %d more than the %d logins with wrong credentials of %s", c.FailedLogins-logins, limits.FailedLogins, whose)
		case c.requests() > requests:
			denied[c.ID] = fmt.Sprintf("it takes up to %d more than the %d requests of limits.requests", c.requests()-requests, limits.Requests)
		default:
			requests, logins = requests-c.requests(), logins-c.FailedLogins
		}
	}
	return denied
}

// Level is the weakest level among a case's requirements: a violation counts no more than the weakest thing
// that it shows to be violated.
func (p *Plan) Level(c Case) specs.Level {
	level := specs.Documented
	for _, id := range c.Requirements {
		if requirement, ok := p.Dialect.Row(id); ok && requirement.Level.Weaker(level) {
			level = requirement.Level
		}
	}
	return level
}
