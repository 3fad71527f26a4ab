// Package suites makes the plan of a dialect: every contract case of its operations and every case of the
// flows that its document declares.
//
// It must never know a particular dialect, nor how a plan is run or reported.
package suites

import (
	"gonogo/internal/target"
	"gonogo/specs"
	"gonogo/suites/contract"
	"gonogo/suites/engine"
	"gonogo/suites/flows"
	"gonogo/suites/scene"
)

// Plan is everything there is to check of a dialect at a target. With a nil target the plan can be listed and
// described, not run.
func Plan(dialect *specs.Dialect, t *target.Target) *engine.Plan {
	s := scene.New(dialect, t)
	return &engine.Plan{
		Dialect: dialect,
		Cases:   append(contract.Cases(s), flows.Cases(s)...),
		Probe:   s.Probe,
	}
}
