// Package prose says what a report holds, in the words that all its forms
// share: a verdict and its reasons, a finding in a line, which cases share one
// reason, what came of a step. Each sentence has its home here. The package
// must never know how a form sets it: no colour, no width, no markup.
package prose

import (
	"fmt"
	"slices"
	"strings"

	"gonogo/reports"
	"gonogo/reports/words"
)

// Verdict is a verdict in capitals, and what it rests on.
type Verdict struct {
	Verdict reports.Verdict // in whose colour it is shown
	Words   string
	Why     []string
}

// Because is what stands behind the words: ": " and the reasons, or nothing.
func (v Verdict) Because() string {
	if len(v.Why) == 0 {
		return ""
	}
	return ": " + strings.Join(v.Why, "; ")
}

// verdict chooses, of the reasons for each verdict, those that count.
func verdict(v reports.Verdict, complete bool, noGo, incomplete, holds []string) Verdict {
	switch {
	case v == reports.NoGo && complete:
		return Verdict{v, "NO-GO", noGo}
	case v == reports.NoGo:
		return Verdict{v, "NO-GO, and incomplete", append(slices.Clone(noGo), incomplete...)}
	case v == reports.Go:
		return Verdict{v, "GO", holds}
	}
	return Verdict{v, "INCOMPLETE", incomplete}
}

// OfRun is the verdict of the whole run.
func OfRun(r *reports.Report) Verdict {
	loads := 0
	for _, run := range r.Load {
		if noGo, _ := r.JudgeLoad(run); noGo && !r.IsStep(run) {
			loads++
		}
	}
	counts := r.Counts()
	noGo := against(counts, len(r.WaiverProblems))
	if loads > 0 {
		noGo = append(noGo, words.Count(loads, "load run")+" no-go")
	}
	var found []string
	for _, c := range r.Capacity {
		found = append(found, Result(c))
		if c.Verdict == reports.NoGo {
			noGo = append(noGo, c.Because...)
		}
	}
	for _, c := range r.Comparisons {
		found = append(found, Compared(c))
		if c.Verdict == reports.NoGo {
			noGo = append(noGo, c.Because...)
		}
	}
	holds := held(counts)
	for _, d := range r.Dialects {
		holds = append(holds, cut(d)...)
	}
	switch {
	case len(r.Dialects) == 0 && len(found) > 0:
		holds = found
	case len(r.Dialects) == 0:
		holds = []string{words.Count(len(r.Load), "load run") + " held"}
	}
	return verdict(r.Verdict, r.Complete, noGo, r.IncompleteBecause, holds)
}

// OfDialect is the verdict of a dialect.
func OfDialect(d *reports.Dialect) Verdict {
	noGo := against(d.Counts, 0)
	if len(noGo) == 0 {
		noGo = []string{"a waiver to mend"}
	}
	return verdict(d.Verdict, d.Complete, noGo, d.IncompleteBecause, append(held(d.Counts), cut(d)...))
}

// against returns the reasons for a no-go that counts and waivers give.
func against(counts reports.Counts, waivers int) []string {
	var why []string
	if counts.Fail > 0 {
		why = append(why, words.Cases(counts.Fail)+" failed")
	}
	if waivers > 0 {
		why = append(why, words.Count(waivers, "waiver")+" to mend")
	}
	return why
}

// cut is what a user's own limit left out: a go that is not of everything says so.
func cut(d *reports.Dialect) []string {
	if d.Cut == "" {
		return nil
	}
	return []string{d.Cut}
}

// held says what a go rests on.
func held(counts reports.Counts) []string {
	why := []string{words.Cases(counts.Pass) + " passed"}
	if counts.Warn > 0 {
		why = append(why, words.Count(counts.Warn, "warning"))
	}
	if counts.Waived > 0 {
		why = append(why, fmt.Sprintf("%d waived", counts.Waived))
	}
	if counts.NotExercised > 0 {
		why = append(why, fmt.Sprintf("%d not exercised", counts.NotExercised))
	}
	return why
}

// Tally lists the outcomes that occurred, in their order.
func Tally(counts reports.Counts) string {
	var parts []string
	for _, o := range reports.Outcomes() {
		if n := counts.Of(o); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return words.Join(parts)
}

// Next names the one thing to do first; "" if there is nothing to do.
func Next(r *reports.Report) string {
	for _, o := range []reports.Outcome{reports.Fail, reports.Error, reports.CouldNotRun, reports.Warn} {
		for _, d := range r.Dialects {
			for _, c := range d.Cases {
				switch {
				case c.Outcome != o || o == reports.CouldNotRun && d.Incomplete != "":
				case (o == reports.Fail || o == reports.Warn) && len(c.Requirements) > 0:
					return Explain(d, Blamed(c))
				default:
					return Check(d, "--case", c.ID, "--trace", c.ID)
				}
			}
		}
		if o == reports.Fail && len(r.WaiverProblems) > 0 {
			return "mend the waiver at " + r.WaiverProblems[0].Where
		}
	}
	if r.Verdict == reports.Incomplete && slices.ContainsFunc(r.Dialects, func(d *reports.Dialect) bool { return d.Incomplete != "" }) {
		return "mend what is said above, and then the same command again"
	}
	return ""
}
