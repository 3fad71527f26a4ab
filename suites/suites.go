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
