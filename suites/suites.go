// Package suites makes the plan of a dialect, every contract case of its operations and every case of the flows
// that its document declares, and puts it into a Ginkgo tree: for this module's own "go test", for the Ginkgo
// CLI, and for whoever imports it.
//
//	var _ = suites.Describe(func() suites.Target { return suites.FromFile("stage.yaml") }, "DIALECT")
//
//	func TestStage(t *testing.T) { suites.RunSpecs(t, "stage") }
//
// A test without Ginkgo takes a plan and hands it to the engine:
//
//	plan, target, err := suites.FromFile("stage.yaml").Plan()
//	…
//	result, err := engine.Run(ctx, plan, target, engine.Options{})
//
// The engine runs the cases, here as in "gonogo check"; a spec only waits for its case and tells Ginkgo what
// became of it. The package must never know a particular dialect, nor judge anything itself.
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
