package reports

import "fmt"

// htmlCapacity is the section of one search for a capacity.
type htmlCapacity struct {
	Capacity
	Key, Label string
	Words      string
	Reasons    []string
	Facts      []htmlFact
	ByStep     table
}

// htmlCapacityOf takes the steps from the report's load runs: they are those of the same dialect, target and scenario.
func htmlCapacityOf(i int, c Capacity, runs []*LoadRun) *htmlCapacity {
	h := &htmlCapacity{Capacity: c, Key: fmt.Sprintf("capacity-%d", i+1), Label: c.label()}
	h.Words, h.Reasons = c.verdictWords()
	h.Facts = []htmlFact{
		{"capacity", c.Result()}, {"target", c.Target.BaseURL}, {"document", c.Document.named()},
		{"held to", join(c.Objectives)}, {"precision", percent(c.Precision)}, {"steps", fmt.Sprint(c.Steps)},
	}
	h.ByStep = table{Caption: "Steps", Head: []string{"step", "asked", "achieved", "p50", "p99", "errors", "what came of it"}}
	for _, run := range runs {
		if !c.Has(run) {
			continue
		}
		h.ByStep.Rows = append(h.ByStep.Rows, []string{
			fmt.Sprint(run.Step.Number), PerSecond(run.Step.Rate), rate(run.Achieved), duration(run.Latency.P50), duration(run.Latency.P99),
			grouped(run.Errors), plain(run.Step.words()),
		})
	}
	return h
}

// look is the verdict in whose colour a step's outcome is shown.
func (o StepOutcome) look() Verdict {
	switch o {
	case StepHeld:
		return Go
	case StepViolated:
		return NoGo
	}
	return Incomplete
}
