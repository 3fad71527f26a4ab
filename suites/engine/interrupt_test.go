package engine_test

import (
	"context"
	"testing"
	"time"

	"gonogo/suites/engine"
)

// TestACaseThatComputesIsLeftBehind: it neither waits for anything nor looks at its context.
func TestACaseThatComputesIsLeftBehind(t *testing.T) {
	t.Parallel()
	b := newBench(t, nowhere, "limits: {timeout: 50ms}")
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan struct{})
	b.add("computes", func(context.Context, *engine.Trial) error {
		interrupt()
		<-ended
		return nil
	})
	b.add("comes-after", passes)
	b.options.Parallel = 1
	began := time.Now()
	d := b.run(ctx)
	close(ended)
	wantShown(t, d, "computes: could-not-run, the run was interrupted", "comes-after: could-not-run, the run was interrupted")
	if took := time.Since(began); took > 30*time.Second { // far beyond what it may take
		t.Errorf("it took %s", took)
	}
}
