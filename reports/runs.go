package reports

import (
	"maps"
	"slices"
)

// Runs is what became of a case in a check that ran its cases several times. The case itself is shown as it was in the
// first run of its worst outcome.
type Runs struct {
	Total    int             `json:"total"`
	Outcomes map[Outcome]int `json:"outcomes"` // how many runs ended in each; none is waived here
	// Flaky: it was violated in some runs, and held in others.
	Flaky bool `json:"flaky"`
}

// violated is in how many runs the case found something.
func (r Runs) violated() int { return r.Outcomes[Fail] + r.Outcomes[Warn] }

// Of is how many of the runs ended in an outcome, a violation being one whatever its level.
func (r Runs) Of(o Outcome) int {
	if o == Fail || o == Warn {
		return r.violated()
	}
	return r.Outcomes[o]
}

// worse reports whether an outcome is before another in what a repeated case is shown as.
func worse(a, b Outcome) bool { return slices.Index(rowOrder, a) < slices.Index(rowOrder, b) }

// Repeated is a case after one more run of it: before is nil after the first. Both are as they were before any waiver.
func Repeated(before *Case, now Case) Case {
	runs := Runs{Total: 1, Outcomes: map[Outcome]int{now.Outcome: 1}}
	shown := now
	if before != nil {
		runs.Total, runs.Outcomes = before.Runs.Total+1, maps.Clone(before.Runs.Outcomes) // an observer may hold the other
		runs.Outcomes[now.Outcome]++
		if !worse(now.Outcome, before.Outcome) {
			shown = *before
		}
	}
	runs.Flaky = runs.violated() > 0 && runs.Outcomes[Pass] > 0
	shown.Runs = &runs
	return shown
}

// AddRun adds one more run of the dialect at the same target: what it sent, waited for and had to say. The cases are
// Repeated's.
func (d *Dialect) AddRun(next *Dialect) {
	d.Requests += next.Requests
	d.WaitedMS += next.WaitedMS
	for _, note := range next.Notes {
		if !slices.Contains(d.Notes, note) {
			d.Notes = append(d.Notes, note)
		}
	}
	if d.Incomplete == "" {
		d.Incomplete = next.Incomplete
	}
}
