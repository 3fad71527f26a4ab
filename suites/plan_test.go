package suites_test

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"gonogo/internal/target"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
	"gonogo/testdata/fifth"
)

// TestAPlanIsRunAsOftenAsOneLikes: a plan is data, and what a run learns is that run's own. One plan comes to the same
// outcomes when it is run twice, also at the same time, as two plans do.
func TestAPlanIsRunAsOftenAsOneLikes(t *testing.T) {
	t.Parallel()
	server, err := fifth.Start(fifth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	document, err := filepath.Abs("../" + fifth.DocumentPath)
	if err != nil {
		t.Fatal(err)
	}
	under, dialect, err := target.Parse("pantry-target.yaml", []byte(fifth.TargetYAML(server, document)), nil)
	if err != nil {
		t.Fatal(err)
	}
	under.Limits.FailedLogins = 1000 // each run has a budget of its own, and the server counts none
	outcomes := func(plan *engine.Plan) map[string]string {
		report, err := engine.Run(context.Background(), []engine.Job{{Plan: plan, Target: under}}, engine.Options{Seed: 1})
		if err != nil {
			t.Error(err)
			return nil
		}
		all := map[string]string{}
		for _, c := range report.Dialects[0].Cases {
			all[c.ID] = string(c.Outcome) + " " + c.Reason
		}
		return all
	}
	same := func(what string, want, got map[string]string) {
		t.Helper()
		for id := range want {
			if want[id] != got[id] {
				t.Errorf("%s: %s is %s, and in a plan of its own %s", what, id, got[id], want[id])
			}
		}
	}
	plan := catalog.PlanAt(dialect, under)
	plan.Cases = slices.DeleteFunc(plan.Cases, func(c engine.Case) bool {
		return slices.Contains(c.Needs, target.NeedOperator) // the next run's target file would have the secret from before
	})
	first, again := outcomes(plan), outcomes(plan)
	another := catalog.PlanAt(dialect, under)
	another.Cases = slices.DeleteFunc(another.Cases, func(c engine.Case) bool { return slices.Contains(c.Needs, target.NeedOperator) })
	own := outcomes(another)
	same("the first run", own, first)
	same("the second run", own, again)

	// side by side, without the cases that want a clock or an account for themselves: the server has one of each
	aside := *plan
	aside.Cases = slices.DeleteFunc(slices.Clone(plan.Cases), func(c engine.Case) bool { return c.Phase != engine.Ordinary })
	var at [2]map[string]string
	var both sync.WaitGroup
	for i := range at {
		both.Go(func() { at[i] = outcomes(&aside) })
	}
	both.Wait()
	for _, got := range at {
		for id := range got {
			if got[id] != own[id] {
				t.Errorf("side by side: %s is %s, and in a plan of its own %s", id, got[id], own[id])
			}
		}
	}
}
