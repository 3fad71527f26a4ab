package reports

import (
	"slices"

	"gonogo/specs"
)

// Observer follows a run while it goes on. The calls come as Begin once, then
// CaseEnded in any order and from any goroutine, then End once with the
// decided report. What is handed over is no longer changed by anyone.
type Observer interface {
	// Begin hands over what is known before the first case, see Begun.
	Begin(*Report)
	// CaseEnded hands over a case of the dialect at this index of the
	// report, already waived if it is to be (see Waive). An index and not an
	// id, because a run may hold one dialect at two targets.
	CaseEnded(dialect int, c Case)
	End(*Report)
}

// Observers calls each of several observers in turn.
type Observers []Observer

// Begin calls Begin of each.
func (o Observers) Begin(r *Report) {
	for _, each := range o {
		each.Begin(r)
	}
}

// CaseEnded calls CaseEnded of each.
func (o Observers) CaseEnded(dialect int, c Case) {
	for _, each := range o {
		each.CaseEnded(dialect, c)
	}
}

// End calls End of each.
func (o Observers) End(r *Report) {
	for _, each := range o {
		each.End(r)
	}
}

// Begun returns the report of a run as it is before its first case: enough to
// say, should nothing else follow, what is missing. No case has ended and
// nothing is decided. It shares no list with r.
func Begun(r *Report) *Report {
	begun := &Report{Tool: r.Tool, Started: r.Started, Seed: r.Seed, TraceID: r.TraceID, Repeat: r.Repeat, Origin: r.Origin, Policy: r.Policy}
	if begun.Policy.Gate == "" {
		begun.Policy.Gate = specs.Standard
	}
	for _, d := range r.Dialects {
		b := &Dialect{
			ID: d.ID, Document: d.Document, Profile: d.Profile, Target: d.Target,
			Requirements: slices.Clone(d.Requirements), Deviations: slices.Clone(d.Deviations), Checklist: slices.Clone(d.Checklist),
			Threats: slices.Clone(d.Threats),
		}
		for i := range b.Requirements {
			b.Requirements[i].Outcome = ""
		}
		for i := range b.Checklist {
			b.Checklist[i].Outcome = ""
		}
		for i := range b.Threats {
			b.Threats[i].State = ""
		}
		begun.Dialects = append(begun.Dialects, b)
	}
	begun.tidy()
	return begun
}

// Unfinished returns the report of a run of which no case has ended yet: it is
// incomplete for the given reason. A run that is killed leaves it behind where
// its reports are written at the end.
func Unfinished(r *Report, why string) *Report {
	r = Begun(r)
	r.Interrupted = why
	Decide(r, r.Policy)
	return r
}
