package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Capacity is what a search for the highest rate that a target holds came to: an entry of Report.Capacity. Its steps
// are entries of Report.Load that have a Step.
type Capacity struct {
	Dialect  string   `json:"dialect"`
	Document Document `json:"document"`
	Target   Target   `json:"target"`
	Scenario string   `json:"scenario"`

	Verdict  Verdict  `json:"verdict"`
	Complete bool     `json:"complete"`
	Because  []string `json:"because"` // why it is no go, or incomplete: a sentence each

	Found     float64 `json:"found"`     // the highest rate that was held, in a second; 0: none was
	Confirmed bool    `json:"confirmed"` // it was held when it was tried again
	AtLeast   bool    `json:"at_least"`  // nothing says that the target holds no more
	NotHeld   float64 `json:"not_held"`  // the lowest rate that the target did not hold; 0: there is none
	Limit     Limit   `json:"limit"`
	Why       string  `json:"why"` // why no more was held, or asked for: a sentence

	Precision  float64         `json:"precision"` // a share of one: by how much more Found may at most be
	Objectives []string        `json:"objectives"`
	Gates      []LoadObjective `json:"gates"` // objectives that are held against what was found
	Steps      int             `json:"steps"`
}

// Limit is what kept a search from a higher rate.
type Limit string

// The limits.
const (
	LimitTarget    Limit = "target"
	LimitGenerator Limit = "generator"
	LimitAllowed   Limit = "allowed" // the target file, or who asked, allows no more
	LimitNone      Limit = "none"    // the search did not come to its end
)

// LoadStep says that a load run was a step of a search for a capacity, and what came of it.
type LoadStep struct {
	Number  int         `json:"number"` // from 1
	Rate    float64     `json:"rate"`   // that was asked for, in a second
	Confirm bool        `json:"confirm"`
	Outcome StepOutcome `json:"outcome"`
	Why     string      `json:"why"` // it was not held
}

// StepOutcome is what came of a step.
type StepOutcome string

// The outcomes of a step.
const (
	StepHeld     StepOutcome = "held"
	StepNotHeld  StepOutcome = "not-held" // by the target
	StepUnclear  StepOutcome = "unclear"  // the generator had trouble of its own, so nothing is known of the target
	StepViolated StepOutcome = "violated" // an answer is a no-go at any speed
	StepCutShort StepOutcome = "cut-short"
)

// Valid reports whether it is one of the five words.
func (o StepOutcome) Valid() bool {
	return slices.Contains([]StepOutcome{StepHeld, StepNotHeld, StepUnclear, StepViolated, StepCutShort}, o)
}

// Has reports whether a load run is a step of the search: of the same dialect, target and scenario.
func (c Capacity) Has(run *LoadRun) bool {
	return run.Step != nil && run.Dialect == c.Dialect && run.Target == c.Target && run.Scenario == c.Scenario
}

// PerSecond prints a rate without more digits than it has: 800/s.
func PerSecond(rate float64) string { return strconv.FormatFloat(rate, 'f', -1, 64) + "/s" }

// Result is what was found, in words.
func (c Capacity) Result() string {
	text := ""
	switch {
	case c.Found == 0 && c.NotHeld > 0:
		text = "no rate was held, down to " + PerSecond(c.NotHeld)
	case c.Found == 0:
		text = "no rate was held"
	case !c.AtLeast:
		text = fmt.Sprintf("it holds %s, and not %s", PerSecond(c.Found), PerSecond(c.NotHeld))
	default:
		text = "it holds at least " + PerSecond(c.Found)
	}
	if c.Found > 0 && !c.Confirmed {
		text += " (not confirmed)"
	}
	switch {
	case c.Limit == LimitGenerator:
		text += "; the generator, not the target, was the limit"
	case c.Limit == LimitAllowed:
		return text + ", " + c.Why
	}
	if c.Why != "" {
		text += " (" + c.Why + ")"
	}
	return text
}

// label names a search.
func (c Capacity) label() string { return fmt.Sprintf("capacity of %s, %s", c.Dialect, c.Scenario) }

// verdictWords are the verdict in capitals, and what it rests on.
func (c Capacity) verdictWords() (words string, why []string) {
	if c.Verdict == NoGo {
		return verdictWords(c.Verdict, c.Complete, c.Because, nil, nil)
	}
	return verdictWords(c.Verdict, c.Complete, nil, c.Because, []string{c.Result()})
}

// judge reads the verdict of a search. Anything but one of the three words is incomplete.
func (c Capacity) judge() (noGo bool, incomplete string) {
	switch {
	case !c.Verdict.Valid():
		incomplete = "it gives no verdict"
	case c.Verdict == Incomplete || !c.Complete:
		incomplete = strings.Join(c.Because, "; ")
		if incomplete == "" || c.Verdict == NoGo {
			incomplete = "it is incomplete"
		}
	}
	return c.Verdict == NoGo, incomplete
}

func (c Capacity) junit() junitCase {
	j := junitCase{Classname: runSuite + ".capacity", Name: plain(c.label()), SystemOut: junitOutputOf(plain(c.Result()))}
	because := plainLines(c.Because)
	switch noGo, incomplete := c.judge(); {
	case noGo:
		j.Failure = junitProblemOf("fail", strings.Join(c.Because, "; "), because)
	case incomplete != "":
		j.Error = junitProblemOf("incomplete", incomplete, because)
	}
	return j
}
