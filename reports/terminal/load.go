package terminal

import (
	"fmt"
	"io"
	"slices"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/words"
)

// WriteLoad prints a load run: what was measured, what was wrong with it, and the verdict last, where it is looked
// for.
func (o Options) WriteLoad(w io.Writer, run *reports.LoadRun) error {
	s := o.screen()
	s.loadNumbers(run)
	for _, e := range run.Examples {
		s.loadExample(e)
	}
	s.violations(run)
	s.apart()
	v := prose.OfLoadItself(run) // on one line, for whoever looks for it with grep
	s.line("%s%s", s.paint(verdictColor(v.Verdict), v.Words), words.Plain(v.Because()))
	return s.print(w)
}

// WriteStep, unless it is to be quiet, prints a step of a search as a line: the rate, p99, errors, and whether it was held.
func (o Options) WriteStep(w io.Writer, run *reports.LoadRun) error {
	if o.Quiet || run.Step == nil || run.Requests == 0 {
		return nil
	}
	s := o.screen()
	mark, color := "✓", green
	switch run.Step.Outcome {
	case reports.StepHeld:
	case reports.StepUnclear, reports.StepCutShort:
		mark, color = "?", yellow
	default:
		mark, color = "✗", red
	}
	s.line("%s %10s  p99 %-8s errors %-6d %s", s.paint(color, mark), words.PerSecond(run.Step.Rate), words.Micros(run.Latency.P99), run.Errors, words.Plain(prose.Step(*run.Step)))
	return s.print(w)
}

// WriteCapacity prints what a search came to: violations, what was held against it, what was found, and the verdict
// last.
func (o Options) WriteCapacity(w io.Writer, c *reports.Capacity, steps []*reports.LoadRun) error {
	s := o.screen()
	s.blank()
	s.line("%s: %s, %s of %s", s.paint(bold, words.Plain(c.Dialect)), words.Plain(c.Scenario), words.Count(c.Steps, "step"), words.Plain(words.Join(c.Objectives)))
	s.labelled("at", c.Target.BaseURL)
	s.labelled("profile", c.Profile)
	if len(c.Because) > 0 && !slices.Contains(c.Because, prose.Result(*c)) { // else the verdict says it
		s.labelled("capacity", prose.Result(*c))
	}
	s.labelled("precision", words.Percent(c.Precision))
	s.objectives(c.Gates)
	for _, step := range steps {
		s.violations(step)
	}
	s.apart()
	s.verdict("", prose.OfCapacity(*c))
	return s.print(w)
}

// WriteComparison prints what two sides of load runs say of each other: the rounds, what they show, and the verdict last.
func (o Options) WriteComparison(w io.Writer, c *reports.Comparison) error {
	s := o.screen()
	s.line("%s: %s, %s, in %s", s.paint(bold, words.Plain(c.Dialect)), words.Plain(c.Scenario), words.Plain(c.Shape), words.Count(len(c.Rounds), "round"))
	s.labelled("A", prose.SideOf(c.A))
	s.labelled("B", prose.SideOf(c.B))
	s.labelled("profile", c.Profile)
	if !o.Quiet {
		s.blank()
		head, rows := prose.Rounds(*c)
		for _, row := range append([][]string{head}, rows...) {
			s.line("  %-6s%-6s%12s%12s%8s  %s", row[0], row[1], row[2], row[3], row[4], row[5])
		}
		s.blank()
	}
	s.labelled("shown", prose.Compared(*c))
	if caption, head, rows := prose.Others(*c); !o.Quiet && len(rows) > 0 {
		s.blank()
		s.paragraph("  ", caption)
		for _, row := range append([][]string{head}, rows...) {
			s.line("  %-14s%8s  %-16s  %s", row[0], row[1], row[2], row[3])
		}
		s.blank()
	}
	for _, note := range c.Notes {
		s.labelled("note", note)
	}
	s.apart()
	v := prose.OfComparison(*c)
	s.line("%s%s", s.paint(verdictColor(v.Verdict), v.Words), words.Plain(v.Because()))
	return s.print(w)
}

// apart leaves a line between what there is and what follows it.
func (s *screen) apart() {
	if s.b.Len() > 0 {
		s.blank()
	}
}

func (s *screen) loadNumbers(run *reports.LoadRun) {
	s.line("%s: %s, %s", s.paint(bold, words.Plain(run.Dialect)), words.Plain(run.Scenario), words.Plain(prose.Sent(run)))
	s.labelled("at", run.Target.BaseURL)
	s.labelled("profile", run.Profile)
	s.loadNotes(run)
	if run.Requests == 0 {
		return
	}
	rate := fmt.Sprintf("%.1f/s achieved", run.Achieved)
	if run.Asked > 0 {
		rate += fmt.Sprintf(" of %.1f/s asked for", run.Asked)
	}
	if run.Beside > 0 {
		rate += fmt.Sprintf("; %s beside them", words.Grouped(run.Beside))
	}
	s.labelled("requests", fmt.Sprintf("%s in %s: %s", words.Grouped(run.Requests), words.Millis(run.DurationMS), rate))
	s.labelled("errors", fmt.Sprintf("%s (%.3g %%)", words.Grouped(run.Errors), 100*float64(run.Errors)/float64(run.Requests+run.Beside)))
	if run.Starved > 0 {
		s.labelled("starved", words.Many(run.Starved, "request")+" had no token to spend")
	}
	s.labelled("generators", prose.Generators(run))
	s.labelled("journey", prose.Journey(run))
	s.labelled("sessions", prose.Sessions(run))
	s.labelled("histories", prose.Histories(run))
	s.labelled("answers", prose.Answers(run))
	if text := prose.Generator(run); text != "" {
		s.labelled("generator", text)
	}
	s.blank()
	s.cells("", "mean", "p50", "p90", "p95", "p99", "p99.9", "max")
	for _, row := range []struct {
		name string
		of   reports.Distribution
	}{{"latency", run.Latency}, {"successes", apart(run, run.Successes)}, {"errors", apart(run, run.Failures)}, {"service", run.Service}, {"lag", run.Lag}, {"reading", run.Reading}, {"session", lengthOf(run)}} {
		d := row.of
		if d.Max == 0 && row.name != "latency" {
			continue
		}
		s.cells(row.name, words.Micros(d.Mean), words.Micros(d.P50), words.Micros(d.P90), words.Micros(d.P95), words.Micros(d.P99), words.Micros(d.P999), words.Micros(d.Max))
	}
	if len(run.Parts) > 1 {
		s.blank()
		s.cells("", "requests", "errors", "p50", "p99", "max")
		for _, p := range prose.Parts(run) {
			s.cells(words.Plain(p.Name), p.Requests, p.Errors, words.Micros(p.Latency.P50), words.Micros(p.Latency.P99), words.Micros(p.Latency.Max))
		}
	}
	if len(run.Objectives) > 0 {
		s.blank()
		s.objectives(run.Objectives)
	}
}

// apart is what successes or errors took, where there are both.
func apart(run *reports.LoadRun, d reports.Distribution) reports.Distribution {
	if run.Errors == 0 || run.Errors == run.Requests {
		return reports.Distribution{}
	}
	return d
}

// lengthOf is how long sessions took.
func lengthOf(run *reports.LoadRun) (d reports.Distribution) {
	if run.Sessions != nil {
		d = run.Sessions.Length
	}
	return d
}

// cells is a row of a table.
func (s *screen) cells(name string, cells ...any) {
	text := fmt.Sprintf("  %-*s", labelWidth, name)
	for _, cell := range cells {
		text += fmt.Sprintf("%9v", cell)
	}
	s.line("%s", text)
}

// loadNotes are printed first: one can say what was not judged.
func (s *screen) loadNotes(run *reports.LoadRun) {
	for _, note := range run.Notes {
		s.labelled("note", note)
	}
}

func (s *screen) objectives(all []reports.LoadObjective) {
	for _, o := range all {
		mark, word := prose.Objective(o)
		color := green
		if !o.Held {
			color = red
		}
		s.line("  %s %-20s %s: %s", s.paint(color, mark), words.Plain(o.Text), word, words.Plain(o.Got))
	}
}

func (s *screen) violations(run *reports.LoadRun) {
	for _, v := range run.Violations {
		s.blank()
		s.line("%s  %s, %s", s.paint(red, "VIOLATION"), words.Plain(v.Kind), words.Times(v.Count))
		s.labelled("requirement", v.Requirement)
		s.finding(v.Finding)
		label := "history"
		for _, m := range prose.History(v, shownMoments) {
			s.hanging("  ", label, 2+labelWidth, fmt.Sprintf("%9s +%-8s %s", m.At, m.Took, m.What))
			label = ""
		}
		s.verbatim("trace", prose.Trace(v.Exchange))
		if v.Exchange != nil {
			s.command("curl", v.Exchange.Curl)
		}
	}
}

// shownMoments is how much of a history a text has.
const shownMoments = 12

// loadExample shows an answer that was an error, and how to ask for it again.
func (s *screen) loadExample(e reports.LoadExample) {
	s.blank()
	s.line("%s  %s", s.paint(red, "ERROR"), words.Plain(prose.Example(e)))
	s.verbatim("trace", prose.Trace(e.Exchange))
	if e.Exchange != nil {
		s.labelled("body", words.Short(e.Exchange.Response.Body, exampleText))
		s.command("curl", e.Exchange.Curl)
	}
}

// exampleText is how many characters of an answer that was an error are shown in a text; the reports have it whole.
const exampleText = 200
