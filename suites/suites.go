// Package suites makes the plan of a dialect: every contract case of its operations and every case of the
// flows that its document declares.
//
// It must never know a particular dialect, nor how a plan is run or reported.
package suites

import (
	"os"

	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/contract"
	"gonogo/suites/engine"
	"gonogo/suites/flows"
	"gonogo/suites/scene"
)

// Console is where a person is asked for consent by hand (consent.mode manual).
type Console = scene.Console

// Plan is everything there is to check of a dialect at a target. With a nil target the plan can be listed and
// described, not run. Whoever consents by hand is asked on the process's own standard input and error.
func Plan(dialect *specs.Dialect, t *target.Target) *engine.Plan {
	return PlanAt(dialect, t, Console{In: os.Stdin, Out: os.Stderr})
}

// PlanAt is Plan with a console of the caller's.
func PlanAt(dialect *specs.Dialect, t *target.Target, console Console) *engine.Plan {
	s := scene.New(dialect, t, console)
	return &engine.Plan{
		Dialect: dialect,
		Cases:   append(contract.Cases(s), flows.Cases(s)...),
		Probe:   s.Probe,
	}
}
