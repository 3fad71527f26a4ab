package app

import (
	"context"
	"slices"
	"sync"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/specs"
	"gonogo/suites"
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
	browser  *chromium.Browser // of all jobs; nil: none
}

// run runs every job and returns the decided report.
func (s *session) run(ctx context.Context) (*reports.Report, error) {
	started := time.Now()
	report := &reports.Report{Schema: reports.SchemaID, Tool: tool(), Started: started.UTC(), Seed: s.seed, Policy: s.policy}
	for _, j := range s.jobs {
		report.Dialects = append(report.Dialects, engine.Describe(j.plan, j.target.BaseURL.Redacted()))
	}
	s.observer.Begin(reports.HeaderOf(report))
	if slices.ContainsFunc(s.jobs, func(j *job) bool { return showsPages(j.plan, j.target) }) {
		s.browser.Begin() // while the first cases run
	}
	errs := make([]error, len(s.jobs))
	var all sync.WaitGroup
	for _, group := range sharing(s.jobs) {
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
		reports.ApplyWaivers(report, s.waivers, s.allPlanned(), time.Now())
	}
	reports.Decide(report, s.policy)
	s.observer.End(report)
	return report, nil
}

// sharing groups jobs, by index, that must not run side by side because one control serves them: a clock that
// one job moves ages the tokens of the other, and a secret that it regenerates locks the other out.
func sharing(jobs []*job) [][]int {
	var groups [][]int
	for i, j := range jobs {
		hosts := j.controls()
		meets := func(group []int) bool {
			return slices.ContainsFunc(group, func(other int) bool {
				return slices.ContainsFunc(jobs[other].controls(), func(host string) bool { return slices.Contains(hosts, host) })
			})
		}
		group := []int{i}
		for _, g := range groups {
			if meets(g) {
				group = append(g, group...)
			}
		}
		slices.Sort(group) // the user's order
		groups = append(slices.DeleteFunc(groups, meets), group)
	}
	return groups
}

// controls are the hosts of a job's control APIs.
func (j *job) controls() []string {
	var hosts []string
	if j.target.Clock != nil {
		hosts = append(hosts, j.target.Clock.Advance.URL.Host)
	}
	if j.target.Operator.RotateSecret != nil {
		hosts = append(hosts, j.target.Operator.RotateSecret.URL.Host)
	}
	return hosts
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

// allPlanned are the ids of every case of every dialect there is: a waiver file may serve several runs.
func (s *session) allPlanned() []string {
	var planned []string
	add := func(d *specs.Dialect) {
		for _, c := range suites.Plan(d, nil).Cases {
			planned = append(planned, c.ID)
		}
	}
	for _, j := range s.jobs {
		add(j.dialect)
	}
	for _, id := range specs.Builtin() {
		if slices.ContainsFunc(s.jobs, func(j *job) bool { return j.dialect.ID == id }) {
			continue
		}
		if d, err := specs.Load(id); err == nil {
			add(d)
		}
	}
	return planned
}

// plans reports whether a case is among those that the run would try.
func (s *session) plans(id string) bool {
	return slices.ContainsFunc(s.jobs, func(j *job) bool {
		return slices.ContainsFunc(j.plan.Cases, func(c engine.Case) bool { return c.ID == id })
	})
}

// showsPages reports whether a case of the plan will want the browser.
func showsPages(plan *engine.Plan, t *target.Target) bool {
	need := engine.NeedBrowser
	if t.Consent.Mode == target.ConsentBrowser {
		need = engine.NeedConsent
	}
	if have, _ := t.Provides(string(need)); have != target.Provided {
		return false
	}
	return slices.ContainsFunc(plan.Cases, func(c engine.Case) bool { return slices.Contains(c.Needs, need) })
}

func (s *session) close() {
	if s.browser != nil {
		s.browser.Close()
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

// choose keeps the cases that a glob names.
func choose(j *job, globs []string) {
	if len(globs) == 0 {
		return
	}
	j.plan.Cases = slices.DeleteFunc(j.plan.Cases, func(c engine.Case) bool {
		return !slices.ContainsFunc(globs, func(glob string) bool { return reports.MatchCase(glob, c.ID) })
	})
}
