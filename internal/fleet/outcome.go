package fleet

import (
	"fmt"

	"gonogo/load"
	"gonogo/reports"
)

// Outcome is what came of a run of several generators.
type Outcome struct {
	// Refused is why a generator could not even begin, in words; empty: all could. Nothing was sent then.
	Refused string

	runs  []*reports.LoadRun      // of the generators that handed in what they measured
	lost  []reports.LoadGenerator // the others
	short []string                // what the run was not, beside that
}

// outcome is what there is when nothing more will come.
func (l *Lead) outcome() Outcome {
	o := Outcome{Refused: l.refused}
	if l.asked != "" && !l.going {
		o.short = append(o.short, l.asked)
	}
	for _, m := range l.members {
		switch {
		case m == nil || !l.going:
		case m.result == nil:
			o.lost = append(o.lost, reports.LoadGenerator{
				Number: m.index + 1, Of: len(l.members), Host: m.Host, Lost: fmt.Sprintf("%s (%s process %d)", m.lost, m.Host, m.PID),
			})
		default:
			o.take(l.named(m), m)
		}
	}
	return o
}

// take counts in what a generator handed in.
func (o *Outcome) take(name string, m *member) {
	r := m.result
	for i := range r.Run.Generators {
		g := &r.Run.Generators[i]
		g.Host, g.Ahead, g.Drift, g.Within = m.Host, r.Clock.Ahead.Microseconds(), r.Clock.Drift.Microseconds(), r.Clock.Within.Microseconds()
	}
	o.runs = append(o.runs, r.Run)
	if m.lost != "" {
		o.short = append(o.short, fmt.Sprintf("%s was lost for a while: %s", name, m.lost))
	}
	if r.Ended != "" {
		o.short = append(o.short, fmt.Sprintf("%s %s", name, r.Ended))
	}
	if r.Dropped > 0 {
		o.short = append(o.short, fmt.Sprintf("%s had no room for %d messages of the others", name, r.Dropped))
	}
}

// Run is all that was measured as one run of c, the load that the plan is of.
func (o Outcome) Run(c load.Config) (*reports.LoadRun, error) {
	if len(o.runs) == 0 {
		why := o.short
		for _, g := range o.lost {
			why = append(why, fmt.Sprintf("generator %d of %d was lost: %s", g.Number, g.Of, g.Lost))
		}
		run, err := load.Unsent(c, why...)
		if err == nil {
			run.Generators = o.lost
		}
		return run, err
	}
	run, err := load.Merge(o.runs, o.lost...)
	if err != nil {
		return nil, fmt.Errorf("what the generators measured cannot be added up: %w", err)
	}
	load.FallShort(run, o.short...)
	return run, nil
}
