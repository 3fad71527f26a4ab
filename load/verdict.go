package load

import (
	"fmt"
	"slices"
	"time"

	"gonogo/reports"
)

// shortBy is by how much a run may miss the rate that it was asked for and still be about it.
const shortBy = 0.01

// lateAt is how late a request may leave, at the 99th percentile, before the numbers are the generator's: half of
// what counts as standing still, and twenty times what an ordinary timer is late by at 1,000/s (1.1 ms,
// docs/performance.md).
const lateAt = 25 * time.Millisecond

// conclude draws the verdict. incomplete is why the run is not what was asked for, as sentences.
func (r *run) conclude(out *reports.LoadRun, incomplete []string) {
	out.Notes = slices.Clone(r.notes)
	if delays := r.delays.Note(); delays != "" {
		out.Notes = append(out.Notes, "beside the load, "+delays)
	}
	out.Violations = r.offenders.list()
	out.Notes = append(out.Notes, r.aside(out)...)
	whose := blame{out, r.measured, unshared}
	generator := r.ownTrouble(out)
	troubled := len(generator) > 0 || len(out.Frozen) > 0
	incomplete = append(incomplete, generator...)
	if len(incomplete) == 0 || out.Requests > 0 {
		incomplete = append(incomplete, r.keptUp(out)...)
	}

	var noGo []string
	for _, v := range out.Violations {
		noGo = append(noGo, fmt.Sprintf("%s (%s)", v.Kind, howOften(v.Count)))
	}
	if out.Requests > 0 {
		for _, o := range bounds(r.Objectives) {
			judged := o.judge(out)
			out.Objectives = append(out.Objectives, judged)
			if need := o.requests(); out.Requests < need {
				out.Notes = append(out.Notes, fmt.Sprintf("%s is about the slowest answer alone: of %d requests none is beyond it; ask for %d or more", judged.Text, out.Requests, need))
			}
			if judged.Held {
				continue
			}
			switch target, why := whose.missed(o, troubled); {
			case !target:
				incomplete = append(incomplete, fmt.Sprintf("%s is not held (%s), %s", judged.Text, judged.Got, why))
			case r.gone && o.metric != violationsMetric: // that a target disappears is no finding
				incomplete = append(incomplete, fmt.Sprintf("%s is not held (%s), of a target that disappeared", judged.Text, judged.Got))
			default:
				noGo = append(noGo, fmt.Sprintf("%s is not held: %s", judged.Text, judged.Got))
			}
		}
	}
	for i, text := range incomplete {
		incomplete[i] = r.redactor.Answer(text)
	}
	out.Because = append(noGo, incomplete...)
	out.Complete = len(incomplete) == 0
	switch {
	case len(noGo) > 0:
		out.Verdict = reports.NoGo
	case !out.Complete:
		out.Verdict = reports.Incomplete
	default:
		out.Verdict = reports.Go
	}
}

func howOften(n int64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// unshared is the part of its connections' time that a generator may take for itself before it counts.
const unshared = 0.05

// aside is what is worth knowing about how requests and answers went over the wire, and judges nothing.
func (r *run) aside(out *reports.LoadRun) (notes []string) {
	if out.Resent > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d requests were sent a second time, because the target closed the connection under them", out.Resent, out.Requests))
	}
	if out.Surplus > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d answers were followed by bytes that belong to none, such as a wrong Content-Length or a second answer leaves", out.Surplus, out.Requests))
	}
	if out.Asked == 0 && out.Requests > 0 && slices.ContainsFunc(r.Objectives, func(o Objective) bool { return o.timed() && o.metric != rateMetric }) {
		notes = append(notes, "as fast as possible no request is due at a moment, so a target that stalls is slow for one request of each connection, and not for all that would have come meanwhile; --rate shows that")
	}
	return notes
}

// keptUp says whether the run was what it was asked to be.
func (r *run) keptUp(out *reports.LoadRun) []string {
	var because []string
	switch {
	case out.Requests == 0:
		return []string{"nothing was sent"}
	case out.Asked > 0 && out.Achieved < out.Asked*(1-shortBy):
		text := fmt.Sprintf("it could not keep up: %.1f/s were asked for", out.Asked)
		if r.measured == nil {
			return append(because, fmt.Sprintf("%s, %.1f/s achieved", text, out.Achieved))
		}
		_, why := blame{out, r.measured, unshared}.rate()
		because = append(because, text+", "+why)
	}
	if float64(out.Starved) > shortBy*float64(out.Requests+out.Starved) {
		because = append(because, fmt.Sprintf("for %d requests there was no token to spend", out.Starved))
	}
	return because
}

// ownTrouble is what the generator itself did wrong.
func (r *run) ownTrouble(out *reports.LoadRun) []string {
	var because []string
	if out.Requests == 0 {
		return nil
	}
	frozen := time.Duration(0)
	for _, span := range out.Frozen {
		frozen += time.Duration(span.ForMS) * time.Millisecond
	}
	if frozen.Milliseconds() > int64(shortBy*float64(out.DurationMS)) {
		because = append(because, fmt.Sprintf("the generator itself stood still for %s", frozen))
	} else if frozen > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("the generator itself stood still for %s, which the highest latencies show", frozen))
	}
	if lag := time.Duration(out.Lag.P99) * time.Microsecond; lag > lateAt && frozen == 0 {
		because = append(because, fmt.Sprintf("the generator was late: one request in a hundred left %s or more after it was due, over a connection that was free", lag))
	}
	return because
}
