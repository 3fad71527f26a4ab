package markdown

import (
	"fmt"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/words"
)

// verdict names what ran, and says what came of it.
func (m *markdown) verdict(name string, v prose.Verdict) {
	m.line("**%s: %s**%s", escaped(name), v.Words, escaped(v.Because()))
	m.blank()
}

func (m *markdown) objectives(all []reports.LoadObjective) {
	for _, o := range all {
		mark, word := prose.Objective(o)
		m.line("- %s %s %s, got %s", mark, word, escaped(o.Text), escaped(o.Got))
	}
}

// profile says under which profile of the document answers were judged, where it has any.
func (m *markdown) profile(name string) {
	if name != "" {
		m.line("- profile %s", escaped(name))
	}
}

// load is a load run: a table of its numbers, its objectives, and what went wrong.
func (m *markdown) load(i int, r *reports.LoadRun) {
	m.verdict(prose.Load(i, r), prose.OfLoad(r))
	if r.Scenario == "" {
		return
	}
	numbers := func(column int) bool { return column > 0 }
	m.table([]string{"target", "asked", "achieved", "requests", "errors", "p50", "p99", "p99.9", "longest"}, numbers, [][]string{{
		code(r.Target.BaseURL), prose.Asked(r), words.Rate(r.Achieved), words.Grouped(r.Requests), words.Grouped(r.Errors),
		words.Duration(r.Latency.P50), words.Duration(r.Latency.P99), words.Duration(r.Latency.P999), words.Duration(r.Latency.Max),
	}})
	if len(r.Parts) > 1 {
		var rows [][]string
		for _, p := range prose.Parts(r) {
			rows = append(rows, []string{code(p.Name), words.Grouped(p.Requests), words.Grouped(p.Errors), words.Duration(p.Latency.P50), words.Duration(p.Latency.P99), words.Duration(p.Latency.Max)})
		}
		m.table([]string{"request", "requests", "errors", "p50", "p99", "longest"}, numbers, rows)
	}
	if head, rows := prose.ByGenerator(r); len(rows) > 0 {
		for _, row := range rows {
			row[0] = escaped(row[0])
		}
		m.table(head, numbers, rows)
	}
	m.profile(r.Profile)
	m.objectives(r.Objectives)
	if text := prose.Generators(r); text != "" {
		m.line("- generators: %s", escaped(text))
	}
	if text := prose.Histories(r); text != "" {
		m.line("- %s", escaped(text))
	}
	if text := prose.Sessions(r); text != "" {
		m.line("- each session: %s", escaped(prose.Journey(r)))
		m.line("- sessions: %s", escaped(text))
		m.line("- a session took %s (p50), %s at the longest", words.Duration(r.Sessions.Length.P50), words.Duration(r.Sessions.Length.Max))
	}
	if len(r.Answers) > 0 && r.Errors > 0 {
		m.line("- answers: %s", escaped(prose.Answers(r)))
	}
	if text := prose.Generator(r); text != "" {
		m.line("- the generator %s", escaped(text))
	}
	if r.Errors > 0 && r.Failures.Max > 0 {
		m.line("- p99 of successes %s, of errors %s", words.Duration(r.Successes.P99), words.Duration(r.Failures.P99))
	}
	for _, note := range r.Notes {
		m.line("- note: %s", escaped(words.Short(note, maxText)))
	}
	for _, span := range r.Frozen {
		m.line("- %s", escaped(prose.Frozen(span)))
	}
	m.blank()
	for _, e := range r.Examples {
		m.fold("%s", html(words.Short(prose.Example(e), maxText)))
		if e.Exchange != nil {
			if body := words.Short(e.Exchange.Response.Body, maxText); body != "" {
				m.fenced("", body)
			}
			m.curl(e.Exchange.Curl)
		}
		m.unfold()
	}
	for _, v := range r.Violations {
		m.fold("✗ %s: %s", words.Times(v.Count), html(words.Short(v.Kind, maxText)))
		m.facts(append([]prose.Fact{{Name: "requirement", Text: v.Requirement}}, prose.Facts(v.Finding)...))
		if v.Exchange != nil {
			m.curl(v.Exchange.Curl)
		}
		m.unfold()
	}
}

// capacity is what a search found, what is held against it, and a line for each step.
func (m *markdown) capacity(c reports.Capacity, runs []*reports.LoadRun) {
	m.verdict(c.Label(), prose.OfCapacity(c))
	m.profile(c.Profile)
	m.objectives(c.Gates)
	m.line("- %s; %s, precision %s", escaped(prose.Result(c)), escaped(words.Join(c.Objectives)), words.Percent(c.Precision))
	m.blank()
	var rows [][]string
	for _, run := range runs {
		if c.Has(run) {
			rows = append(rows, []string{fmt.Sprint(run.Step.Number), words.PerSecond(run.Step.Rate), words.Rate(run.Achieved), words.Grouped(run.Errors),
				words.Duration(run.Latency.P99), code(words.Short(prose.Step(*run.Step), maxText))})
		}
	}
	m.table([]string{"step", "asked", "achieved", "errors", "p99", "what came of it"}, func(column int) bool { return column < 5 }, rows)
}

// comparison is what two sides of load runs say of each other, and a line for each round.
func (m *markdown) comparison(c reports.Comparison) {
	m.verdict(c.Label(), prose.OfComparison(c))
	m.profile(c.Profile)
	m.line("- %s", escaped(prose.Compared(c)))
	m.line("- A: %s; B: %s", escaped(prose.SideOf(c.A)), escaped(prose.SideOf(c.B)))
	m.blank()
	head, rows := prose.Rounds(c)
	for i := range rows {
		rows[i][5] = code(words.Short(rows[i][5], maxText))
	}
	m.table(head, func(column int) bool { return column > 1 && column < 5 }, rows)
	if caption, head, rows := prose.Others(c); len(rows) > 0 {
		m.line("%s:", escaped(caption))
		m.blank()
		m.table(head, func(column int) bool { return column == 1 }, rows)
	}
}
