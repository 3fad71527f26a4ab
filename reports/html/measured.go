package html

import (
	"fmt"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/words"
)

// measured is the section of a load run, or of a search for a capacity.
type measured struct {
	Key, Label string
	Said       prose.Verdict
	Target     reports.Target
	What       string // was asked of the target, or found
	Requests   string
	Objectives objectives
	Trouble    []trouble
	Faults     []fault
	Facts      []prose.Fact
	Frozen     []prose.Fact // below the charts that mark them: there may be many
	Plots      []*plot
	Numbers    numbers
}

// objectives are what was held against what was measured.
type objectives struct {
	ID, Title string
	List      []reports.LoadObjective
}

// numbers are tables under one heading.
type numbers struct {
	ID, Title string
	Tables    []table
}

// trouble is a kind of violation, with the exchange of the first.
type trouble struct {
	reports.LoadViolation
	Shown *exchange
	Told  *table // its history; nil: it speaks for itself
}

func historyOf(v reports.LoadViolation) *table {
	if len(v.History) == 0 {
		return nil
	}
	t := &table{Caption: "Its history; the answers that are marked cannot all be true", Head: []string{"at", "took", "what"}, Told: true}
	for _, m := range prose.History(v, len(v.History)) {
		t.Rows = append(t.Rows, []string{m.At, m.Took, m.What})
	}
	return t
}

// fault is an answer that was an error and no violation.
type fault struct {
	reports.LoadExample
	Shown *exchange
}

func loadOf(i int, r *reports.LoadRun, room *room) *measured {
	h := &measured{
		Key: fmt.Sprintf("load-%d", i+1), Label: prose.Load(i, r), Said: prose.OfLoad(r), Target: r.Target, What: r.Shape, Requests: words.Many(r.Requests, "request"),
		Objectives: objectives{"objectives", "Objectives", r.Objectives},
	}
	if r.Scenario == "" {
		return h
	}
	h.loadFacts(r)
	for _, v := range r.Violations {
		h.Trouble = append(h.Trouble, trouble{v, room.shown(v.Exchange), historyOf(v)})
	}
	for _, e := range r.Examples {
		h.Faults = append(h.Faults, fault{e, room.shown(e.Exchange)})
	}
	for _, p := range []*plot{latencyPlot(r, h.Key), curvePlot(r, h.Key), ratePlot(r, h.Key)} {
		if p != nil {
			h.Plots = append(h.Plots, p)
		}
	}
	h.Numbers = numbers{"numbers", "Numbers", loadTables(r)}
	return h
}

// capacityOf takes the steps from the report's load runs.
func capacityOf(i int, c reports.Capacity, runs []*reports.LoadRun) *measured {
	h := &measured{
		Key: fmt.Sprintf("capacity-%d", i+1), Label: c.Label(), Said: prose.OfCapacity(c), Target: c.Target, What: prose.Result(c),
		Objectives: objectives{"gates", "Held against it", c.Gates},
	}
	h.fact("capacity", prose.Result(c))
	h.fact("target", c.Target.BaseURL)
	h.fact("document", prose.Document(c.Document))
	h.fact("profile", c.Profile)
	h.fact("held to", words.Join(c.Objectives))
	h.fact("precision", words.Percent(c.Precision))
	h.fact("steps", fmt.Sprint(c.Steps))
	steps := table{Caption: "In the order in which they were made", Told: true, Head: []string{"step", "asked", "achieved", "p50", "p99", "errors", "what came of it"}}
	for _, run := range runs {
		if c.Has(run) {
			steps.Rows = append(steps.Rows, []string{
				fmt.Sprint(run.Step.Number), words.PerSecond(run.Step.Rate), words.Rate(run.Achieved), words.Duration(run.Latency.P50), words.Duration(run.Latency.P99),
				words.Grouped(run.Errors), words.Plain(prose.Step(*run.Step)),
			})
		}
	}
	h.Numbers = numbers{"steps", "Steps", []table{steps}}
	return h
}

// comparisonOf is what two sides of load runs say of each other.
func comparisonOf(i int, c reports.Comparison) *measured {
	h := &measured{Key: fmt.Sprintf("comparison-%d", i+1), Label: c.Label(), Said: prose.OfComparison(c), Target: c.B.Target, What: prose.Compared(c)}
	h.fact("shown", prose.Compared(c))
	h.fact("A", prose.SideOf(c.A))
	h.fact("B", prose.SideOf(c.B))
	h.fact("shape", c.Shape)
	h.fact("document", prose.Document(c.Document))
	h.fact("profile", c.Profile)
	if c.Limit > 0 {
		h.fact("limit", "worse by "+words.Percent(c.Limit)+" at most")
	}
	for _, note := range c.Notes {
		h.fact("note", note)
	}
	head, rows := prose.Rounds(c)
	h.Numbers = numbers{"rounds", "Rounds", []table{{Caption: "In the order in which they were made", Told: true, Head: head, Rows: rows}}}
	if caption, head, rows := prose.Others(c); len(rows) > 0 {
		h.Numbers.Tables = append(h.Numbers.Tables, table{Caption: caption, Told: true, Head: head, Rows: rows})
	}
	return h
}

// fact adds a name and what it is; without a text there is none.
func (h *measured) fact(name, text string) {
	if text != "" {
		h.Facts = append(h.Facts, prose.Fact{Name: name, Text: text})
	}
}

func (h *measured) loadFacts(r *reports.LoadRun) {
	for _, note := range r.Notes {
		h.fact("note", note)
	}
	h.fact("target", r.Target.BaseURL)
	h.fact("document", prose.Document(r.Document))
	h.fact("profile", r.Profile)
	h.fact("shape", r.Shape)
	h.fact("asked", prose.Asked(r))
	h.fact("achieved", words.Rate(r.Achieved))
	h.fact("requests", fmt.Sprintf("%s, and %s in the warm-up, which counts nowhere", words.Grouped(r.Requests), words.Grouped(r.WarmUp)))
	if r.Beside > 0 {
		h.fact("beside", words.Many(r.Beside, "request")+" at no time that was asked for, in no numbers but those of their kind")
	}
	h.fact("errors", words.Grouped(r.Errors))
	if r.Starved > 0 {
		h.fact("starved", words.Many(r.Starved, "request")+", for want of a token to spend")
	}
	h.fact("journey", prose.Journey(r))
	h.fact("sessions", prose.Sessions(r))
	h.fact("histories", prose.Histories(r))
	h.fact("took", words.Millis(r.DurationMS))
	if r.Connections > 0 {
		h.fact("connections", fmt.Sprintf("%d, %s", r.Connections, r.Protocol))
	}
	if !r.Started.IsZero() {
		h.fact("started", r.Started.Format(words.UTC))
	}
	h.fact("generators", prose.Generators(r))
	h.fact("generator", prose.Generator(r))
	for _, span := range r.Frozen {
		h.Frozen = append(h.Frozen, prose.Fact{Name: "frozen", Text: prose.Frozen(span)})
	}
}

func loadTables(r *reports.LoadRun) []table {
	head := []string{"mean", "p50", "p90", "p95", "p99", "p99.9", "longest"}
	row := func(d reports.Distribution, cells ...string) []string {
		for _, us := range []int64{d.Mean, d.P50, d.P90, d.P95, d.P99, d.P999, d.Max} {
			cells = append(cells, words.Duration(us))
		}
		return cells
	}
	times := table{Caption: "Times", Head: append([]string{""}, head...), Rows: [][]string{row(r.Latency, "latency, from the intended send time")}}
	if r.Errors > 0 && r.Errors < r.Requests {
		times.Rows = append(times.Rows, row(r.Successes, "of which successes"), row(r.Failures, "of which errors"))
	}
	times.Rows = append(times.Rows, row(r.Service, "service, from the real send time"), row(r.Lag, "lag, the harness's own"))
	if r.Reading.Max > 0 {
		times.Rows = append(times.Rows, row(r.Reading, "reading, how late the harness looks at what has come, in latency and service"))
	}
	if s := r.Sessions; s != nil && s.Length.Max > 0 {
		times.Rows = append(times.Rows, row(s.Length, "session, from when its login was due to its last answer"))
	}
	tables := []table{times}
	if len(r.Parts) > 1 {
		parts := table{Caption: "By request", Head: append([]string{"request", "requests", "errors"}, head...)}
		for _, part := range prose.Parts(r) {
			parts.Rows = append(parts.Rows, row(part.Latency, words.Plain(part.Name), words.Grouped(part.Requests), words.Grouped(part.Errors)))
		}
		tables = append(tables, parts)
	}
	if head, rows := prose.ByGenerator(r); len(rows) > 0 {
		tables = append(tables, table{Caption: "By generator", Head: head, Rows: rows})
	}
	if len(r.Answers) > 0 {
		answers := table{Caption: "Answers", Head: []string{"answer", "count"}}
		for _, answer := range r.Answers {
			answers.Rows = append(answers.Rows, []string{words.Plain(answer.What), words.Grouped(answer.Count)})
		}
		tables = append(tables, answers)
	}
	return tables
}
