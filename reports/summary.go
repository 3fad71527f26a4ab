package reports

import (
	"fmt"
	"slices"
	"strings"
)

// summary ends the report: numbers, the verdict in capitals, what to do next.
func (s *screen) summary(r *Report) {
	var counts Counts
	var waited int64
	requests := 0
	for _, d := range r.Dialects {
		counts = counts.Plus(d.Counts)
		waited += d.WaitedMS
		requests += d.Requests
	}
	s.blank()
	s.labelled("cases", tally(counts))
	s.labelled("took", fmt.Sprintf("%s, %s waited, %s, seed %d", milliseconds(r.DurationMS), milliseconds(waited), count(requests, "request"), r.Seed))
	if next := r.next(); next != "" {
		s.verbatim("next", next)
	}
	s.blank()
	s.runVerdict(r)
}

func (s *screen) dialectSummary(label string, d *Dialect) {
	s.labelled("cases", tally(d.Counts))
	s.labelled("took", fmt.Sprintf("%s waited, %s", milliseconds(d.WaitedMS), count(d.Requests, "request")))
	s.dialectVerdict(label, d)
}

func (s *screen) dialectVerdict(label string, d *Dialect) {
	words, why := d.verdictWords()
	s.verdictLine(label+": ", d.Verdict, words, why)
}

// verdictWords are a dialect's verdict in capitals, and what it rests on.
func (d *Dialect) verdictWords() (words string, why []string) {
	noGo := against(d.Counts, 0)
	if d.Verdict == NoGo && len(noGo) == 0 {
		noGo = []string{"a waiver to mend"}
	}
	return verdictWords(d.Verdict, d.Complete, noGo, d.IncompleteBecause, held(d.Counts))
}

// runVerdict is the last line: the verdict is its first word.
func (s *screen) runVerdict(r *Report) {
	words, why := r.verdictWords()
	s.verdictLine("", r.Verdict, words, why)
}

// verdictWords are the run's verdict in capitals, and what it rests on.
func (r *Report) verdictWords() (words string, why []string) {
	var counts Counts
	for _, d := range r.Dialects {
		counts = counts.Plus(d.Counts)
	}
	loads := 0
	for _, run := range r.Load {
		if noGo, _ := r.judge(run); noGo && r.step(run) == nil {
			loads++
		}
	}
	noGo := against(counts, len(r.WaiverProblems))
	if loads > 0 {
		noGo = append(noGo, count(loads, "load run")+" no-go")
	}
	for _, c := range r.Capacity {
		if c.Verdict == NoGo {
			noGo = append(noGo, c.Because...)
		}
	}
	holds := held(counts)
	if len(r.Dialects) == 0 && len(r.Capacity) > 0 {
		holds = nil
		for _, c := range r.Capacity {
			holds = append(holds, c.Result())
		}
	} else if len(r.Dialects) == 0 {
		holds = []string{count(len(r.Load), "load run") + " held"}
	}
	return verdictWords(r.Verdict, r.Complete, noGo, r.IncompleteBecause, holds)
}

// against returns the reasons for a no-go that counts and waivers give.
func against(counts Counts, waivers int) []string {
	var why []string
	if counts.Fail > 0 {
		why = append(why, cases(counts.Fail)+" failed")
	}
	if waivers > 0 {
		why = append(why, count(waivers, "waiver")+" to mend")
	}
	return why
}

// verdictWords chooses, of the reasons for each verdict, those that count.
func verdictWords(v Verdict, complete bool, noGo, incomplete, holds []string) (words string, why []string) {
	switch {
	case v == NoGo && complete:
		return "NO-GO", noGo
	case v == NoGo:
		return "NO-GO, and incomplete", append(slices.Clone(noGo), incomplete...)
	case v == Go:
		return "GO", holds
	}
	return "INCOMPLETE", incomplete
}

func (s *screen) verdictLine(label string, v Verdict, words string, why []string) {
	color := yellow
	switch v {
	case NoGo:
		color = red
	case Go:
		color = green
	}
	text := words
	if len(why) > 0 {
		text += ": " + plain(strings.Join(why, "; "))
	}
	lines := wrap(plain(label)+text, s.width-2)
	lines[0] = strings.Replace(lines[0], words, s.paint(color, words), 1)
	for i, line := range lines {
		if i > 0 {
			line = "  " + line
		}
		s.line("%s", line)
	}
}

// held says what a go rests on.
func held(counts Counts) []string {
	why := []string{cases(counts.Pass) + " passed"}
	if counts.Warn > 0 {
		why = append(why, count(counts.Warn, "warning"))
	}
	if counts.Waived > 0 {
		why = append(why, fmt.Sprintf("%d waived", counts.Waived))
	}
	if counts.NotExercised > 0 {
		why = append(why, fmt.Sprintf("%d not exercised", counts.NotExercised))
	}
	return why
}

// tally lists the outcomes that occurred, in the contract's order.
func tally(counts Counts) string {
	var parts []string
	for _, o := range Outcomes() {
		if n := counts.Of(o); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return join(parts)
}

func (s *screen) waiverProblems(r *Report) {
	if len(r.WaiverProblems) == 0 {
		return
	}
	s.blank()
	s.line("%s", s.paint(red, "Waivers to mend: "+fmt.Sprint(len(r.WaiverProblems))))
	for _, p := range r.WaiverProblems {
		s.paragraph("  ", p.String())
	}
}

// next names the one thing to do first; "" if there is nothing to do.
func (r *Report) next() string {
	for _, o := range []Outcome{Fail, Error, CouldNotRun, Warn} {
		for _, d := range r.Dialects {
			for _, c := range d.Cases {
				switch {
				case c.Outcome != o || o == CouldNotRun && d.Incomplete != "":
				case (o == Fail || o == Warn) && len(c.Requirements) > 0:
					return "gonogo explain " + c.blamed()
				default:
					return fmt.Sprintf("the same command with --case '%s' --trace '%s'", c.ID, c.ID)
				}
			}
		}
		if o == Fail && len(r.WaiverProblems) > 0 {
			return "mend the waiver at " + r.WaiverProblems[0].Where
		}
	}
	if r.Verdict == Incomplete && slices.ContainsFunc(r.Dialects, func(d *Dialect) bool { return d.Incomplete != "" }) {
		return "mend what is said above, and then the same command again"
	}
	return ""
}

// blamed returns the requirement that a bad case violates: what its first
// finding says, or its first.
func (c Case) blamed() string {
	for _, f := range c.Findings {
		if f.Requirement != "" {
			return f.Requirement
		}
	}
	return c.Requirements[0]
}
