package suites

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/onsi/ginkgo/v2/types"

	"gonogo/internal/chromium"
	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
)

// run is the engine at work for a whole suite.
type run struct {
	jobs    []*job
	waivers []reports.Waiver
	seed    int64
	browser *chromium.Browser // of all targets; it starts when a case first needs it
	cancel  context.CancelFunc
	done    chan struct{}
	found   *found // complete when done is closed

	mu    sync.Mutex
	ended map[caseKey]reports.Case
	ready map[caseKey]chan struct{} // closed when the case has ended
}

type caseKey struct {
	entry int
	id    string
}

// job is one target of the suite with those of its cases that were chosen.
type job struct {
	entry     *entry
	target    *target.Target
	plan      *engine.Plan
	described *reports.Dialect
}

// start asks the entries of which something was chosen for their targets, and begins the run. Whatever is wrong
// with a target is told before anything is sent.
func start(entries []*entry, suite suiteFacts, config types.SuiteConfig) (*run, error) {
	chosen, err := newSelection(suite.Description, suite.Labels, config)
	if err != nil {
		return nil, err
	}
	r := &run{
		seed: config.RandomSeed, done: make(chan struct{}), found: &found{Plans: make([]planned, len(entries))},
		ended: map[caseKey]reports.Case{}, ready: map[caseKey]chan struct{}{},
		browser: chromium.New(os.LookupEnv),
	}
	for i, e := range entries {
		ids := chosen.of(e)
		if len(ids) == 0 {
			continue
		}
		j, err := e.job()
		if err != nil {
			return nil, err
		}
		r.found.Plans[i] = j.choose(ids)
		if len(j.plan.Cases) == 0 {
			continue
		}
		if err := j.affordable(); err != nil {
			return nil, err
		}
		for _, c := range j.plan.Cases {
			r.ready[caseKey{i, c.ID}] = make(chan struct{})
		}
		j.described = engine.Describe(j.plan, j.target.BaseURL.Redacted())
		r.jobs, r.found.Of = append(r.jobs, j), append(r.found.Of, i)
	}
	if r.waivers, err = waiversOf(r.jobs); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	go r.all(ctx)
	return r, nil
}

// job asks for the target and makes its plan.
func (e *entry) job() (*job, error) {
	under, dialect, err := e.ask().load()
	if err != nil {
		return nil, err
	}
	if _, err := under.Transport(); err != nil { // now, while nothing has been sent
		return nil, fmt.Errorf("%s: %w", under.File, err)
	}
	known := slices.IndexFunc(e.trees, func(t tree) bool { return t.dialect.ID == dialect.ID })
	switch {
	case known < 0:
		return nil, fmt.Errorf("%s is a target of the dialect %s, of which the tree has no specs; name its document in the call of suites.Describe", under.File, dialect.ID)
	case e.trees[known].dialect.SHA256 != dialect.SHA256:
		return nil, fmt.Errorf("%s is held to the document %s, and the specs were made from %s; name the same one in the call of suites.Describe", under.File, dialect.File, e.trees[known].dialect.File)
	}
	return &job{entry: e, target: under, plan: catalog.PlanAt(dialect, under)}, nil
}

// choose leaves the chosen cases in the plan, and says what it had.
func (j *job) choose(ids map[string]bool) planned {
	p := planned{Dialect: j.plan.Dialect.ID, Cases: map[string]bool{}}
	for _, c := range j.plan.Cases {
		p.Cases[c.ID] = ids[c.ID]
	}
	j.plan.Cases = slices.DeleteFunc(j.plan.Cases, func(c engine.Case) bool { return !ids[c.ID] })
	return p
}

// affordable refuses a plan that would cost the target more requests than its file allows.
func (j *job) affordable() error {
	if need := j.plan.Requests(); need > j.target.Limits.Requests {
		return fmt.Errorf("%s: the plan of %s may take up to %d requests, and limits.requests is %d; raise it, or choose specs with a label filter",
			j.target.File, j.plan.Dialect.ID, need, j.target.Limits.Requests)
	}
	return nil
}

func waiversOf(jobs []*job) ([]reports.Waiver, error) {
	var all []reports.Waiver
	var read []string
	for _, j := range jobs {
		file := j.target.Waivers
		if file == "" || slices.Contains(read, file) {
			continue
		}
		waivers, err := reports.LoadWaivers(file)
		if err != nil {
			return nil, err
		}
		all, read = append(all, waivers...), append(read, file)
	}
	return all, nil
}

// all runs every job, side by side as far as their targets allow, and draws the verdict.
func (r *run) all(ctx context.Context) {
	defer close(r.done)
	defer r.browser.Close()
	started := time.Now()
	report := &reports.Report{Schema: reports.SchemaID, Started: started.UTC(), Seed: r.seed, Dialects: make([]*reports.Dialect, len(r.jobs))}
	var targets []*target.Target
	var dialects []*specs.Dialect
	for _, j := range r.jobs {
		targets, dialects = append(targets, j.target), append(dialects, j.plan.Dialect)
	}
	var all sync.WaitGroup
	for _, group := range Sharing(targets) {
		all.Go(func() {
			for _, i := range group {
				report.Dialects[i] = r.one(ctx, r.jobs[i])
			}
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		report.Interrupted = "the run was interrupted"
	}
	report.DurationMS = time.Since(started).Milliseconds()
	if len(r.waivers) > 0 {
		reports.ApplyWaivers(report, r.waivers, catalog.IDs(dialects), time.Now())
	}
	reports.Decide(report, reports.Policy{})
	r.found.Report = report
}

func (r *run) one(ctx context.Context, j *job) *reports.Dialect {
	d, err := engine.Run(ctx, j.plan, j.target, engine.Options{Seed: r.seed, Browser: r.browser, Observe: func(c reports.Case) {
		reports.Waive(&c, r.waivers, time.Now())
		key := caseKey{j.entry.index, c.ID}
		r.mu.Lock()
		defer r.mu.Unlock()
		if _, twice := r.ended[key]; !twice {
			close(r.ready[key])
		}
		r.ended[key] = c
	}})
	if err != nil { // the configuration was looked at before, so this is the harness's own fault
		d = j.described
		for _, c := range j.plan.Cases {
			d.Cases = append(d.Cases, reports.Case{ID: c.ID, Title: c.Title, Level: j.plan.Level(c), Requirements: c.Requirements, Outcome: reports.Error, Reason: err.Error()})
		}
	}
	return d
}

// complete reports whether every case has ended; the run itself may still be adding up.
func (r *run) complete() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.ended) == len(r.ready)
}

// wait waits for the end of the run, which ctx brings about early: cases that are at work then come to no end.
func (r *run) wait(ctx context.Context) {
	select {
	case <-r.done:
	case <-ctx.Done():
		r.cancel()
		<-r.done
	}
}

// result waits for a case. ok is false if the run ended without one.
func (r *run) result(ctx context.Context, entry int, id string) (d *reports.Dialect, c reports.Case, ok bool) {
	key := caseKey{entry, id}
	select {
	case <-r.ready[key]: // nil for a case that the run does not have: blocks
	case <-r.done:
	case <-ctx.Done():
		r.wait(ctx)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok = r.ended[key]
	for _, j := range r.jobs {
		if j.entry.index == entry {
			d = j.described
		}
	}
	return d, c, ok
}
