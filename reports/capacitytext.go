package reports

import (
	"io"
	"slices"
)

// WriteStepText writes a step of a search as a line for people: the rate, p99, errors, and whether it was held.
func WriteStepText(w io.Writer, run *LoadRun, options TerminalOptions) error {
	if options.Quiet || run.Step == nil || run.Requests == 0 {
		return nil
	}
	s := newScreen(options)
	mark, color := "✓", green
	switch run.Step.Outcome {
	case StepHeld:
	case StepUnclear, StepCutShort:
		mark, color = "?", yellow
	default:
		mark, color = "✗", red
	}
	s.line("%s %10s  p99 %-8s errors %-6d %s", s.paint(color, mark), PerSecond(run.Step.Rate), micros(run.Latency.P99), run.Errors, plain(run.Step.words()))
	_, err := io.WriteString(w, s.b.String())
	return err
}

// words say what came of a step.
func (s LoadStep) words() string {
	text := map[StepOutcome]string{
		StepHeld: "held", StepNotHeld: "not held", StepUnclear: "unclear", StepViolated: "violation", StepCutShort: "cut short",
	}[s.Outcome]
	if s.Confirm {
		text += ", when it was tried again"
	}
	if s.Why != "" {
		text += ": " + s.Why
	}
	return text
}

// WriteCapacityText writes what a search came to: violations, what was held against it, what was found, and the verdict
// last.
func WriteCapacityText(w io.Writer, c *Capacity, steps []*LoadRun, options TerminalOptions) error {
	s := newScreen(options)
	if !options.Quiet {
		s.blank()
		s.line("%s: %s, %s of %s", s.paint(bold, plain(c.Dialect)), plain(c.Scenario), count(c.Steps, "step"), plain(join(c.Objectives)))
		s.labelled("at", c.Target.BaseURL)
		if len(c.Because) > 0 && !slices.Contains(c.Because, c.Result()) { // else the verdict says it
			s.labelled("capacity", c.Result())
		}
		s.labelled("precision", percent(c.Precision))
		for _, o := range c.Gates {
			s.objective(o)
		}
	}
	for _, step := range steps {
		for _, v := range step.Violations {
			s.loadViolation(v)
		}
	}
	if s.b.Len() > 0 {
		s.blank()
	}
	words, why := c.verdictWords()
	s.verdictLine("", c.Verdict, words, why)
	_, err := io.WriteString(w, s.b.String())
	return err
}

func newScreen(options TerminalOptions) *screen {
	width := options.Width
	if width == 0 {
		width = DefaultWidth
	}
	return &screen{width: max(width, 72), color: options.Color}
}
