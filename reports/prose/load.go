package prose

import (
	"cmp"
	"fmt"
	"strings"

	"gonogo/reports"
	"gonogo/reports/words"
)

// Load names a load run, which is the i-th of its report.
func Load(i int, r *reports.LoadRun) string {
	switch {
	case r.Scenario == "":
		return fmt.Sprintf("load run %d", i+1)
	case r.Step != nil:
		return fmt.Sprintf("step %d: %s", r.Step.Number, words.PerSecond(r.Step.Rate))
	case r.Dialect == "":
		return "load " + r.Scenario
	}
	return fmt.Sprintf("load %s of %s", r.Scenario, r.Dialect)
}

// OfLoad is the verdict of a load run; of a step of a search, what came of it.
func OfLoad(r *reports.LoadRun) Verdict {
	if r.Step != nil {
		why := cmp.Or(r.Step.Why, sums(r))
		return Verdict{look(r.Step.Outcome), strings.ToUpper(strings.ReplaceAll(string(r.Step.Outcome), "-", " ")), []string{why}}
	}
	v := OfLoadItself(r)
	if v.Verdict == reports.Go && len(r.Because) == 0 && len(r.Objectives) > 0 {
		v.Why = append(v.Why, words.Count(len(r.Objectives), "objective")+" held")
	}
	if v.Verdict == reports.Go && len(r.Warnings) > 0 {
		v.Why = append(v.Why, words.Count(len(r.Warnings), "warning"))
	}
	return v
}

// OfLoadItself is the verdict that a load run gave itself, a step or not, beneath its objectives.
func OfLoadItself(r *reports.LoadRun) Verdict {
	switch {
	case !r.Verdict.Valid():
		return Verdict{r.Verdict, "INCOMPLETE", []string{"it gives no verdict"}}
	case r.Verdict == reports.NoGo: // its reasons are among the same sentences
		return verdict(r.Verdict, r.Complete, r.Because, nil, nil)
	case len(r.Because) > 0:
		return verdict(r.Verdict, r.Complete, nil, r.Because, r.Because)
	}
	return verdict(r.Verdict, r.Complete, nil, nil, []string{sums(r)})
}

func sums(r *reports.LoadRun) string {
	return words.Many(r.Requests, "request") + ", " + words.Many(r.Errors, "error")
}

// OfCapacity is the verdict of a search.
func OfCapacity(c reports.Capacity) Verdict {
	if c.Verdict == reports.NoGo {
		return verdict(c.Verdict, c.Complete, c.Because, nil, nil)
	}
	return verdict(c.Verdict, c.Complete, nil, c.Because, []string{Result(c)})
}

// look is the verdict in whose colour a step's outcome is shown.
func look(o reports.StepOutcome) reports.Verdict {
	switch o {
	case reports.StepHeld:
		return reports.Go
	case reports.StepViolated:
		return reports.NoGo
	}
	return reports.Incomplete
}

// Step says what came of a step.
func Step(s reports.LoadStep) string {
	text := strings.ReplaceAll(string(s.Outcome), "-", " ")
	if s.Outcome == reports.StepViolated {
		text = "violation"
	}
	if s.Confirm {
		text += ", when it was tried again"
	}
	if s.Why != "" {
		text += ": " + s.Why
	}
	return text
}

// Objective says with a mark and in words whether an objective was held.
func Objective(o reports.LoadObjective) (mark, word string) {
	if o.Held {
		return "✓", "held"
	}
	return "✗", "not held"
}

// mostAnswers is how many kinds of answers a text shows.
const mostAnswers = 8

// Answers are what was answered and how often, most frequent first.
func Answers(r *reports.LoadRun) string {
	var texts []string
	for i, a := range r.Answers {
		if i == mostAnswers {
			texts = append(texts, fmt.Sprintf("and %d more kinds", len(r.Answers)-i))
			break
		}
		texts = append(texts, fmt.Sprintf("%s ×%s", a.What, words.Grouped(a.Count)))
	}
	return words.Join(texts)
}

// Parts are the kinds of requests that were sent.
func Parts(r *reports.LoadRun) (sent []reports.LoadPart) {
	for _, p := range r.Parts {
		if p.Requests > 0 {
			sent = append(sent, p)
		}
	}
	return sent
}

// Example says what was asked and answered.
func Example(e reports.LoadExample) string {
	return fmt.Sprintf("%s is answered %s", e.Request, e.Answer)
}

// Sent says how the requests of a run were sent, as far as it is known: of another generator's it is not.
func Sent(r *reports.LoadRun) string {
	if r.Connections == 0 {
		return r.Shape
	}
	return fmt.Sprintf("%s over %s, %s", r.Shape, words.Count(r.Connections, "connection"), r.Protocol)
}

// Asked is the rate that a run was asked for.
func Asked(r *reports.LoadRun) string {
	switch {
	case r.Asked > 0:
		return words.Rate(r.Asked)
	case r.Connections == 0 && r.Requests > 0: // another generator was asked
		return "not kept"
	}
	return "as fast as possible"
}

// Frozen says when the generator itself stood still.
func Frozen(s reports.Span) string {
	return fmt.Sprintf("the generator itself stood still for %s, %s after the run began", words.Millis(s.ForMS), words.Moment(s.AtMS))
}

// Generator says what of a run was the generator's own doing, whatever the verdict; empty of a run that does not know.
func Generator(r *reports.LoadRun) string {
	var said []string
	if r.Reading.Max > 0 {
		said = append(said, fmt.Sprintf("read answers up to %s late (p99)", words.Micros(r.Reading.P99)))
	}
	if r.Lag.Max > 0 {
		said = append(said, fmt.Sprintf("sent requests %s late (p99)", words.Micros(r.Lag.P99)))
	}
	var still, late, errors int64
	for _, span := range r.Frozen {
		still += span.ForMS
	}
	for _, burst := range r.Bursts {
		late += burst.Requests
		errors += burst.Errors
	}
	if still > 0 {
		said = append(said, "stood still for "+words.Millis(still))
	}
	if late > 0 {
		text := words.Many(late, "request") + " left late in bursts"
		if errors > 0 {
			text += ", of which " + words.Many(errors, "error") + " may have come"
		}
		said = append(said, text)
	}
	for _, each := range r.Denied {
		said = append(said, fmt.Sprintf("%s could not be sent: %s", words.Many(each.Count, "request"), each.What))
	}
	return strings.Join(said, "; ")
}

// Document names a document, its hash included.
func Document(d reports.Document) string {
	text := d.Title
	if d.Version != "" {
		text += " " + d.Version
	}
	if d.SHA256 != "" {
		text += ", SHA-256 " + d.SHA256
	}
	return text
}

// Spread says of which rates a search is not sure; empty of one that is.
func Spread(c reports.Capacity) string {
	if len(c.Mixed) == 0 {
		return ""
	}
	var each []string
	for _, m := range c.Mixed {
		each = append(each, fmt.Sprintf("%s was held in %d of %s", words.PerSecond(m.Rate), m.Held, words.Count(m.Held+m.NotHeld, "step")))
	}
	text := words.Join(each)
	if c.Low != c.Found || c.High != c.NotHeld {
		high := "any rate"
		if c.High > 0 {
			high = words.PerSecond(c.High)
		}
		text += fmt.Sprintf(", so it may be anything from %s to %s", words.PerSecond(c.Low), high)
	}
	return text
}

// Result says what a search found.
func Result(c reports.Capacity) string {
	text := ""
	switch {
	case c.Found == 0 && c.NotHeld > 0:
		text = "no rate was held, down to " + words.PerSecond(c.NotHeld)
	case c.Found == 0:
		text = "no rate was held"
	case !c.AtLeast:
		text = fmt.Sprintf("it holds %s, and not %s", words.PerSecond(c.Found), words.PerSecond(c.NotHeld))
	default:
		text = "it holds at least " + words.PerSecond(c.Found)
	}
	if c.Found > 0 && !c.Confirmed {
		text += " (not confirmed)"
	}
	if spread := Spread(c); spread != "" && c.Limit != reports.LimitNone {
		text += "; " + spread
	}
	switch {
	case c.Limit == reports.LimitGenerator:
		text += "; the generator, not the target, was the limit"
	case c.Limit == reports.LimitAllowed:
		return text + ", " + c.Why
	}
	if c.Why != "" {
		text += " (" + c.Why + ")"
	}
	return text
}
