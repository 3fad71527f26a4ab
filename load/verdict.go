package load

import (
	"fmt"
	"slices"
	"time"

	"gonogo/load/attack"
	"gonogo/reports"
	"gonogo/reports/words"
)

// shortBy is by how much a run may miss the rate that it was asked for and still be about it.
const shortBy = 0.01

// lateAt is how late a request may leave, at the 99th percentile, before the numbers are the generator's: half of
// what counts as standing still, and twenty times what an ordinary timer is late by at 1,000/s (1.1 ms,
// docs/performance.md).
const lateAt = 25 * time.Millisecond

// unshared is the part of its connections' time that a generator may take for itself before it counts.
const unshared = 0.05

// conclude draws the verdict of what was measured.
func (r *run) conclude(as shape, m measured) *reports.LoadRun {
	out := r.described(as)
	if m.result != nil {
		m.result.Fill(out)
	}
	if r.group != nil {
		var late time.Duration
		if m.result != nil {
			out.Started, late = m.began.Add(r.asked.WarmUp).UTC(), m.result.Late
		}
		out.Generators = []reports.LoadGenerator{r.group.generator(out, late)}
	}
	out.Sessions = m.sessions
	out.Examples = m.examples
	r.told(out)
	if delays := r.account.connection.Delays.Note(); delays != "" {
		out.Notes = append(out.Notes, "beside the load, "+delays)
	}
	if why := r.ledger.moved.Load(); why != nil {
		m.moved, m.because = true, append(m.because, *why)
	}
	for i, text := range m.because {
		m.because[i] = r.ledger.redactor.Answer(text)
	}
	decide(out, m, r.asked.objectives)
	return out
}

// told writes down what the ledger has, but for examples.
func (r *run) told(out *reports.LoadRun) {
	out.Histories = r.followed
	out.Notes, out.Violations, out.Warnings = r.ledger.noted(), r.ledger.violations(), r.ledger.warnings()
	for _, w := range out.Warnings {
		out.Notes = append(out.Notes, fmt.Sprintf("%s (%s), against %s, whose level makes a warning of it: got %s", w.Kind, words.Times(w.Count), w.Requirement, w.Finding.Got))
	}
}

// decide draws a verdict from a run's numbers and violations.
func decide(out *reports.LoadRun, m measured, objectives []objective) {
	out.Notes = append(out.Notes, aside(out, objectives)...)
	whose := limit{out, m.result, unshared}
	generator, note := ownTrouble(out)
	if note != "" {
		out.Notes = append(out.Notes, note)
	}
	if m.result != nil && out.Requests > 0 {
		if why := whose.growing(); why != "" {
			out.Notes = append(out.Notes, why)
		}
	}
	troubled := len(generator) > 0 || len(out.Frozen) > 0
	incomplete := append(slices.Clone(m.because), generator...)
	if len(incomplete) == 0 || out.Requests > 0 {
		incomplete = append(incomplete, whose.keptUp()...)
	}
	out.Shortfalls = incomplete
	weigh(out, objectives, func(o objective) (target bool, why string) {
		target, why = whose.missed(o, troubled)
		switch {
		case !target || o.metric == violationsMetric:
		case m.gone: // which is no finding
			return false, "of a target that disappeared"
		case m.moved:
			return false, "of a target whose clock somebody else moved"
		}
		return target, why
	})
}

// weigh draws the verdict of a run whose numbers, violations and shortfalls are known. missed says of an objective that is
// not held whether that was the target, and if not, why.
func weigh(out *reports.LoadRun, objectives []objective, missed func(objective) (target bool, why string)) {
	incomplete := slices.Clone(out.Shortfalls)
	var noGo []string
	for _, v := range out.Violations {
		noGo = append(noGo, fmt.Sprintf("%s (%s)", v.Kind, words.Times(v.Count)))
	}
	if out.Requests > 0 {
		for _, o := range objectives {
			judged := o.judge(out)
			of := o.counted(out)
			if o.part == all {
				of.requests = out.Requests // those beside are in none of its times
			}
			if need := o.requests(); of.requests > 0 && of.requests < need {
				out.Notes = append(out.Notes, fmt.Sprintf("%s is about the slowest answer alone: of %d requests none is beyond it; ask for %d or more", judged.Text, of.requests, need))
			}
			switch {
			case of.requests == 0:
				incomplete = append(incomplete, fmt.Sprintf("%s says nothing: no %s was sent", judged.Text, partNames[o.part]))
			case judged.Held:
			default:
				target, why := missed(o)
				judged.Whose = reports.WhoseTarget
				if target {
					noGo = append(noGo, fmt.Sprintf("%s is not held: %s", judged.Text, judged.Got))
					break
				}
				judged.Whose = reports.WhoseGenerator
				incomplete = append(incomplete, fmt.Sprintf("%s is not held (%s), %s", judged.Text, judged.Got, why))
			}
			out.Objectives = append(out.Objectives, judged)
		}
	}
	out.Because, out.Complete = append(noGo, incomplete...), len(incomplete) == 0
	out.Verdict = verdictOf(noGo, incomplete)
}

// verdictOf follows from what is no go, and what is incomplete.
func verdictOf(noGo, incomplete []string) reports.Verdict {
	switch {
	case len(noGo) > 0:
		return reports.NoGo
	case len(incomplete) > 0:
		return reports.Incomplete
	default:
		return reports.Go
	}
}

// aside is what is worth knowing about how requests and answers went over the wire, and judges nothing.
func aside(out *reports.LoadRun, objectives []objective) (notes []string) {
	if resent := words.Resent(out.Resent, out.Requests); resent != "" {
		notes = append(notes, resent)
	}
	if n := burstErrors(out); n > 0 {
		notes = append(notes, fmt.Sprintf("%d errors may have come of bursts that the generator made itself: %d requests had not left when they were due, and left at once (errors in a burst or within %s of it)", n, burstRequests(out), attack.Aftermath))
	}
	if out.Surplus > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d answers were followed by bytes that belong to none, such as a wrong Content-Length or a second answer leaves", out.Surplus, out.Requests))
	}
	if out.Asked == 0 && out.Requests > 0 && slices.ContainsFunc(objectives, func(o objective) bool { return o.timed() && o.metric != rateMetric }) {
		notes = append(notes, "as fast as possible no request is due at a moment, so a target that stalls is slow for one request of each connection, and not for all that would have come meanwhile; --rate shows that")
	}
	return notes
}

// stoodStill is for how long the generator itself did; of several, each of which sends its share of the requests, on the average.
func stoodStill(out *reports.LoadRun) (all time.Duration) {
	for _, span := range out.Frozen {
		all += time.Duration(span.ForMS) * time.Millisecond
	}
	sent := 0
	for _, g := range out.Generators {
		if g.Lost == "" {
			sent++
		}
	}
	return (all / time.Duration(max(sent, 1))).Round(time.Millisecond)
}

// burstErrors are the errors that may have come of the generator's own bursts, and burstRequests what those are made of.
func burstErrors(out *reports.LoadRun) (n int64) {
	for _, burst := range out.Bursts {
		n += burst.Errors
	}
	return n
}

func burstRequests(out *reports.LoadRun) (n int64) {
	for _, burst := range out.Bursts {
		n += burst.Requests
	}
	return n
}

// ownTrouble is what the generator itself did wrong, and what of it is only worth a note.
func ownTrouble(out *reports.LoadRun) (because []string, note string) {
	if out.Requests == 0 {
		return nil, ""
	}
	frozen := stoodStill(out)
	if frozen.Milliseconds() > int64(shortBy*float64(out.DurationMS)) {
		because = append(because, fmt.Sprintf("the generator itself stood still for %s", frozen))
	} else if frozen > 0 {
		note = fmt.Sprintf("the generator itself stood still for %s, which the highest latencies show", frozen)
	}
	if lag := time.Duration(out.Lag.P99) * time.Microsecond; lag > lateAt && frozen == 0 {
		because = append(because, fmt.Sprintf("the generator was late: one request in a hundred left %s or more after it was due, over a connection that was free", lag))
	}
	return because, note
}
