package reports

import (
	"fmt"
	"slices"
	"strings"

	"gonogo/reports/words"
	"gonogo/specs"
)

// Verdict is the answer for a dialect and for the run. It is one of the
// three words that a report can have. A run that failed and is incomplete too has the
// verdict no-go and Complete false, so that whoever compares the verdict with
// the three words need not know a fourth.
type Verdict string

// The verdicts.
const (
	Go         Verdict = "go"
	NoGo       Verdict = "no-go"
	Incomplete Verdict = "incomplete"
)

// Valid reports whether v is one of the three words.
func (v Verdict) Valid() bool { return v == Go || v == NoGo || v == Incomplete }

// The exit codes of a command that wrote a report. Code 2, usage or
// configuration, is the caller's: nothing was sent, so there is no report.
const (
	ExitGo         = 0
	ExitNoGo       = 1
	ExitIncomplete = 3
)

// Policy is what the user asked of the verdict.
type Policy struct {
	// Gate is the level from which up a violation fails. The engine has
	// already applied it to each case (below it a violation is a warn); here
	// it is only recorded. Default: Standard.
	Gate specs.Level `json:"gate"`
	// Strict turns documented rows that were not exercised into incomplete.
	Strict bool `json:"strict"`
}

// Decide computes everything in r that follows from its cases: outcomes of
// requirements and checklist items, counts, the verdicts and what they rest
// on. It trusts the outcome of a case, and reads nothing but r and p. It may be
// called again, after waivers or a merge; the same input gives the same report.
func Decide(r *Report, p Policy) {
	if p.Gate == "" {
		p.Gate = specs.Standard
	}
	r.Policy = p
	r.tidy()
	var because []string
	if r.Interrupted != "" {
		because = append(because, r.Interrupted)
	}
	noGo := len(r.WaiverProblems) > 0
	for i, d := range r.Dialects {
		waiversWrong := slices.ContainsFunc(r.WaiverProblems, func(w WaiverProblem) bool {
			return slices.Contains(w.Dialects, d.ID)
		})
		d.decide(p, waiversWrong)
		noGo = noGo || d.Verdict == NoGo
		for _, why := range d.IncompleteBecause {
			because = append(because, r.Label(i)+": "+why)
		}
	}
	for i, run := range r.Load {
		loadNoGo, why := r.JudgeLoad(run)
		noGo = noGo || loadNoGo
		if why != "" {
			because = append(because, fmt.Sprintf("load run %d: %s", i+1, why))
		}
	}
	for _, c := range r.Capacity {
		capacityNoGo, why := c.Judge()
		noGo = noGo || capacityNoGo
		if why != "" {
			because = append(because, c.Label()+": "+why)
		}
	}
	for _, c := range r.Comparisons {
		comparedNoGo, why := c.Judge()
		noGo = noGo || comparedNoGo
		if why != "" {
			because = append(because, c.Label()+": "+why)
		}
	}
	if len(r.Dialects)+len(r.Load)+len(r.Comparisons) == 0 {
		because = append(because, "nothing ran: the report holds no dialect and no load run")
	}
	r.IncompleteBecause = list(because)
	r.Complete = len(because) == 0
	r.Verdict = verdict(noGo, r.Complete)
}

// ExitCode returns the exit code for a decided report: 0 go, 1 no-go, 3 incomplete. Whatever is
// not plainly go or no-go is incomplete, an undecided report included.
func ExitCode(r *Report) int {
	switch {
	case r != nil && r.Verdict == NoGo:
		return ExitNoGo
	case r != nil && r.Verdict == Go && r.Complete:
		return ExitGo
	}
	return ExitIncomplete
}

func verdict(noGo, complete bool) Verdict {
	switch {
	case noGo:
		return NoGo
	case !complete:
		return Incomplete
	}
	return Go
}

func (d *Dialect) decide(p Policy, waiversWrong bool) {
	d.Counts = Counts{}
	results := make(map[string]Case, len(d.Cases))
	ran := 0
	for _, c := range d.Cases {
		*d.Counts.at(c.Outcome)++
		results[c.ID] = c
		if c.ran() {
			ran++
		}
	}
	d.decideRows(results)
	d.decideChecklist()
	d.decideThreats()

	var because []string
	if d.Incomplete != "" {
		because = append(because, d.Incomplete)
	}
	if n := d.Counts.CouldNotRun; n > 0 {
		because = append(because, words.Cases(n)+" could not run")
	}
	if n := d.Counts.Error; n > 0 {
		because = append(because, words.Cases(n)+" ended in an error of the harness")
	}
	if missing := len(d.Missing()); missing > 0 {
		because = append(because, words.Cases(missing)+" left no result")
	}
	if ran == 0 {
		because = append(because, "no case ran")
	}
	if rows := d.unexercised(); p.Strict && len(rows) > 0 {
		because = append(because, "not exercised, which --strict asks for: "+words.Join(rows))
	}
	d.IncompleteBecause = list(because)
	d.Complete = len(because) == 0
	d.Verdict = verdict(d.Counts.Fail > 0 || waiversWrong, d.Complete)
}

// decideRows sets every requirement's outcome.
func (d *Dialect) decideRows(results map[string]Case) {
	for i := range d.Requirements {
		row := &d.Requirements[i]
		ids := slices.Clone(row.Cases)
		for _, c := range d.Cases {
			if (slices.Contains(c.Requirements, row.ID) || c.Violates(row.ID)) && !slices.Contains(ids, c.ID) {
				ids = append(ids, c.ID)
			}
		}
		var outcomes []Outcome
		for _, id := range ids {
			o := CouldNotRun
			if c, ok := results[id]; ok {
				o = c.on(row.ID)
			}
			outcomes = append(outcomes, o)
		}
		row.Cases = list(ids)
		if row.Outcome = first(rowOrder, outcomes); row.Outcome == Pass && !d.seenToHold(row) {
			row.Outcome = NotExercised
		}
	}
}

// seenToHold reports whether a positive case of a row ran, where it has one: a target that refuses everything does nothing
// that must not happen. One that the document does not promise at this target is none.
func (d *Dialect) seenToHold(row *Requirement) bool {
	selected, promised := false, false
	for _, c := range d.Cases {
		if c.Polarity != Positive || !slices.Contains(row.Cases, c.ID) {
			continue
		}
		if c.ran() {
			return true
		}
		selected, promised = true, promised || c.Outcome != NotApplicable
	}
	return !promised && (selected || !row.Positive)
}

// Missing returns the planned cases that left no result. They have no outcome.
func (d *Dialect) Missing() []Case {
	seen := map[string]bool{}
	for _, c := range d.Cases {
		seen[c.ID] = true
	}
	var missing []Case
	for _, row := range d.Requirements {
		for _, id := range row.Cases {
			if !seen[id] {
				seen[id] = true
				missing = append(missing, Case{ID: id, Title: "the case left no result", Level: row.Level, Requirements: []string{row.ID}})
			}
		}
	}
	return missing
}

// Planned is how many cases there are: those that left a result, and those that
// a requirement names.
func (d *Dialect) Planned() int { return len(d.Cases) + len(d.Missing()) }

func (d *Dialect) decideChecklist() {
	for i := range d.Checklist {
		item := &d.Checklist[i]
		var outcomes []Outcome
		for _, id := range item.Requirements {
			outcomes = append(outcomes, d.OutcomeOf(id))
		}
		item.Outcome = first(tickOrder, outcomes)
	}
}

// OutcomeOf returns a requirement's outcome; a row that this run did not
// select was not exercised.
func (d *Dialect) OutcomeOf(id string) Outcome {
	if row := d.Requirement(id); row != nil {
		return row.Outcome
	}
	return NotExercised
}

// Requirement returns the row with this id; nil if the run did not select it.
func (d *Dialect) Requirement(id string) *Requirement {
	for i := range d.Requirements {
		if d.Requirements[i].ID == id {
			return &d.Requirements[i]
		}
	}
	return nil
}

func (d *Dialect) unexercised() []string {
	var ids []string
	for _, row := range d.Requirements {
		if row.Level == specs.Documented && row.Outcome == NotExercised {
			ids = append(ids, row.ID)
		}
	}
	return ids
}

// ran reports whether the case observed the target. A waived could-not-run did
// not: a run in which everything is waived unseen must not be go.
func (c Case) ran() bool {
	if c.Outcome == Waived && c.Waiver != nil {
		return c.Waiver.Outcome.Ran()
	}
	return c.Outcome.Ran()
}

// Label names a dialect of the report, or whose client was watched; where
// one dialect was checked at several targets, the target's address tells them
// apart.
func (r *Report) Label(i int) string {
	d := r.Dialects[i]
	name := d.ID
	if d.Subject == SubjectClient {
		name = "a client of " + d.ID
	}
	for j, other := range r.Dialects {
		if j != i && other.ID == d.ID && other.Subject == d.Subject {
			return name + " at " + d.Target.BaseURL
		}
	}
	return name
}

// IsStep reports whether a load run was a step of a search whose result is in the report.
func (r *Report) IsStep(run *LoadRun) bool {
	return run.Step != nil && run.Step.Outcome.Valid() && slices.ContainsFunc(r.Capacity, func(c Capacity) bool { return c.Has(run) })
}

// JudgeLoad reads the verdict that a load run gave itself: whether it is a no-go, and why it is incomplete. One without
// one of the three words says nothing, so it is incomplete. That a step of a search was not held is what the search was
// for, and its result says what to think of it; a violation in it is one all the same.
func (r *Report) JudgeLoad(run *LoadRun) (noGo bool, incomplete string) {
	switch {
	case r.IsStep(run):
		return run.Step.Outcome == StepViolated || len(run.Violations) > 0, ""
	case !run.Verdict.Valid():
		return false, "it gives no verdict"
	case run.Verdict == Incomplete || !run.Complete:
		incomplete = "it is incomplete"
	}
	return run.Verdict == NoGo, incomplete
}

// Judge reads the verdict of a search. Anything but one of the three words is incomplete.
func (c Capacity) Judge() (noGo bool, incomplete string) {
	switch {
	case !c.Verdict.Valid():
		incomplete = "it gives no verdict"
	case c.Verdict == Incomplete || !c.Complete:
		incomplete = strings.Join(c.Because, "; ")
		if incomplete == "" || c.Verdict == NoGo {
			incomplete = "it is incomplete"
		}
	}
	return c.Verdict == NoGo, incomplete
}
