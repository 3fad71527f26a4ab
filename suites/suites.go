// Package suites checks a server against the document of its auth dialect, from "go test":
//
//	func TestStage(t *testing.T) { suites.Test(t, suites.FromFile("stage.yaml")) }
//
// As a Ginkgo suite every case is a spec, beside specs of one's own and chosen by Ginkgo's flags:
//
//	var _ = suites.Describe(suites.FromFile("stage.yaml"))
//
//	func TestStage(t *testing.T) { ginkgo.RunSpecs(t, "stage") }
//
// What is checked, what becomes of it and the verdict are those of "gonogo check". The package must never know a
// particular dialect, nor judge anything itself.
package suites

import (
	"context"
	"math/rand/v2"
	"os"
	"testing"

	"gonogo/internal/chromium"
	"gonogo/reports"
	"gonogo/reports/terminal"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
)

// Test checks targets side by side, as far as they may be. Anything but go fails the test, with the report that
// "gonogo check" prints; what is wrong with a target is told before anything is sent.
func Test(t testing.TB, targets ...Target) {
	t.Helper()
	uncacheable()
	report, err := check(t.Context(), rand.Int64N(1_000_000_007), targets)
	if err != nil {
		t.Fatal(err)
	}
	if report.Verdict != reports.Go {
		_ = terminal.Write(t.Output(), report)
		t.Errorf("the verdict is %s", report.Verdict)
	}
}

// Describe puts the cases of targets into Ginkgo's tree: a container for each dialect and each flow in it, and a
// spec for each case, labelled with dialect, level, flow, requirement ids and needs. Call it at the top level, as
// one calls ginkgo.Describe. Building the tree contacts nothing, and what is wrong with a target is told when the
// suite begins. Two targets of one dialect are told apart by the names of their files.
//
// All specs that run are checked by one engine, side by side as far as they may be; a spec waits for its case and
// says what became of it. In a parallel run of the Ginkgo CLI one process does that for all. After the last spec the
// verdict is drawn, so what no spec can say, such as a waiver that is no longer true, fails the suite too; so does a
// choice that leaves no spec.
func Describe(targets ...Target) bool {
	var entries []*entry
	of := map[string]int{} // targets by dialect
	for _, t := range targets {
		e := newEntry(t)
		entries = append(entries, e)
		for _, tree := range e.trees {
			of[tree.dialect.ID]++
		}
	}
	for _, e := range entries {
		for _, t := range e.trees {
			if of[t.dialect.ID] > 1 && e.at != "" {
				t.rename(t.dialect.ID + " at " + e.at)
			}
		}
		current.add(e)
	}
	return true
}

func check(ctx context.Context, seed int64, targets []Target) (*reports.Report, error) {
	var jobs []engine.Job
	for _, t := range targets {
		under, dialect, err := t.load()
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, engine.Job{Plan: catalog.PlanAt(dialect, under), Target: under})
	}
	browser := chromium.New(os.LookupEnv)
	defer browser.Close()
	return engine.Run(ctx, jobs, options(seed, browser))
}

// options are those of every run here.
func options(seed int64, browser *chromium.Browser) engine.Options {
	return engine.Options{Seed: seed, Browser: browser, Planned: catalog.IDs}
}
