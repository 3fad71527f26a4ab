package reports

import (
	"fmt"
	"slices"
)

// Capacity is what a search for the highest rate that a target holds came to: an entry of Report.Capacity. Its steps
// are entries of Report.Load that have a Step.
type Capacity struct {
	Dialect  string   `json:"dialect"`
	Document Document `json:"document"`
	Profile  string   `json:"profile,omitempty"` // as of a Dialect
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

	Low   float64 `json:"low"`   // no rate up to it is in doubt; with no rate in doubt it is Found
	High  float64 `json:"high"`  // none from it on is; with none in doubt it is NotHeld; 0: there is none
	Mixed []Mixed `json:"mixed"` // the rates that were held in one step and not in another

	Precision  float64         `json:"precision"` // a share of one: by how much more Found may at most be
	Objectives []string        `json:"objectives"`
	Gates      []LoadObjective `json:"gates"` // objectives that are held against what was found
	Steps      int             `json:"steps"`
}

// Mixed is how often a rate was held and how often it was not.
type Mixed struct {
	Rate    float64 `json:"rate"`
	Held    int     `json:"held"`
	NotHeld int     `json:"not_held"`
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
	return run.Step != nil && run.Dialect == c.Dialect && run.Target.BaseURL == c.Target.BaseURL && run.Scenario == c.Scenario
}

// Label names a search.
func (c Capacity) Label() string { return fmt.Sprintf("capacity of %s, %s", c.Dialect, c.Scenario) }
