package app

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/onsi/ginkgo/v2/types"

	"gonogo/internal/chromium"
	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/specs"
	"gonogo/suites"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
)

// job is one dialect to be checked at one target.
type job struct {
	dialect *specs.Dialect
	target  *target.Target
	plan    *engine.Plan
	stop    func() // frees what the target needs; may be nil
}

// session is one run: jobs side by side, one report.
type session struct {
	jobs     []*job
	options  engine.Options
	policy   reports.Policy
	waivers  []reports.Waiver
	observer reports.Observers
	seed     int64
}

// run runs every job and returns the decided report.
func (s *session) run(ctx context.Context) (*reports.Report, error) {
	started := time.Now()
	report := &reports.Report{Schema: reports.SchemaID, Tool: tool(), Started: started.UTC(), Seed: s.seed, Policy: s.policy}
	for _, j := range s.jobs {
		report.Dialects = append(report.Dialects, engine.Describe(j.plan, j.target.BaseURL.Redacted()))
	}
	s.observer.Begin(reports.HeaderOf(report))
	if slices.ContainsFunc(s.jobs, func(j *job) bool { return showsPages(j.plan, j.target, s.options.Browser) }) {
		s.options.Browser.Begin() // while the first cases run
	}
	errs := make([]error, len(s.jobs))
	var all sync.WaitGroup
	for _, group := range suites.Sharing(s.targets()) {
		all.Go(func() {
			for _, i := range group {
				report.Dialects[i], errs[i] = s.one(ctx, i, s.jobs[i], report.Dialects[i])
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		report.Interrupted = "the run was interrupted"
	}
	report.DurationMS = time.Since(started).Milliseconds()
	if len(s.waivers) > 0 {
		reports.ApplyWaivers(report, s.waivers, catalog.IDs(s.dialects()), time.Now())
	}
	reports.Decide(report, s.policy)
	s.observer.End(report)
	return report, nil
}

func (s *session) one(ctx context.Context, index int, j *job, described *reports.Dialect) (*reports.Dialect, error) {
	options := s.options
	options.Seed = s.seed
	options.Observe = func(c reports.Case) {
		reports.Waive(&c, s.waivers, time.Now())
		s.observer.CaseEnded(index, c)
	}
	result, err := engine.Run(ctx, j.plan, j.target, options)
	if err != nil {
		return described, harnessError{err} // jobs looked at the configuration before
	}
	return result, nil
}

// targets are those of all jobs.
func (s *session) targets() []*target.Target {
	var targets []*target.Target
	for _, j := range s.jobs {
		targets = append(targets, j.target)
	}
	return targets
}

// dialects are those of all jobs.
func (s *session) dialects() []*specs.Dialect {
	var dialects []*specs.Dialect
	for _, j := range s.jobs {
		dialects = append(dialects, j.dialect)
	}
	return dialects
}

// plans reports whether a case is among those that the run would try.
func (s *session) plans(id string) bool {
	return slices.ContainsFunc(s.jobs, func(j *job) bool {
		return slices.ContainsFunc(j.plan.Cases, func(c engine.Case) bool { return c.ID == id })
	})
}

// showsPages reports whether a case of the plan will want the browser.
func showsPages(plan *engine.Plan, t *target.Target, browser *chromium.Browser) bool {
	need := target.NeedBrowser
	if t.Consent.Mode == target.ConsentBrowser {
		need = target.NeedConsent
	}
	if have, _ := t.Provides(need, browser.Missing()); have != target.Provided {
		return false
	}
	return slices.ContainsFunc(plan.Cases, func(c engine.Case) bool { return slices.Contains(c.Needs, need) })
}

func (s *session) close() {
	if s.options.Browser != nil {
		s.options.Browser.Close()
	}
	for _, j := range s.jobs {
		if j.stop != nil {
			j.stop()
		}
	}
}

// affordable refuses a plan that would cost the target more requests than its file allows.
func affordable(j *job) error {
	if need := j.plan.Requests(); need > j.target.Limits.Requests {
		return usagef("%s: the plan of %s may take up to %d requests, and limits.requests is %d; raise it, or choose cases with --case", j.target.File, j.dialect.ID, need, j.target.Limits.Requests)
	}
	return nil
}

// choice says which cases run: those whose id one of the globs matches, if there are any, and whose labels the
// filter accepts.
type choice struct {
	globs  []string
	labels types.LabelFilter
}

// choose keeps the cases of the choice.
func choose(j *job, of choice) {
	j.plan.Cases = slices.DeleteFunc(j.plan.Cases, func(c engine.Case) bool {
		named := len(of.globs) == 0 || slices.ContainsFunc(of.globs, func(glob string) bool { return reports.MatchCase(glob, c.ID) })
		return !named || !of.labels(j.plan.Labels(c))
	})
}
