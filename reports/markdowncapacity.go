package reports

// capacity is what a search found, what is held against it, and a line for each step.
func (m *markdown) capacity(c Capacity, runs []*LoadRun) {
	words, why := c.verdictWords()
	m.line("**%s: %s**%s", mdText(c.label()), words, mdText(because(why)))
	m.blank()
	for _, o := range c.Gates {
		m.objective(o)
	}
	m.line("- %s; %s, precision %s", mdText(c.Result()), mdText(join(c.Objectives)), percent(c.Precision))
	m.blank()
	m.line("| step | asked | achieved | errors | p99 | what came of it |\n|--:|--:|--:|--:|--:|---|")
	for _, run := range runs {
		if c.Has(run) {
			m.line("| %d | %s | %s | %s | %s | %s |", run.Step.Number, PerSecond(run.Step.Rate), rate(run.Achieved), grouped(run.Errors),
				duration(run.Latency.P99), mdCell(short(run.Step.words(), markdownText)))
		}
	}
	m.blank()
}

func (m *markdown) objective(o LoadObjective) {
	word := "✗ not held"
	if o.Held {
		word = "✓ held"
	}
	m.line("- %s %s, got %s", word, mdText(o.Text), mdText(o.Got))
}
