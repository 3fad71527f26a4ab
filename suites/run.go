package suites

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/onsi/ginkgo/v2/types"

	"gonogo/internal/chromium"
	"gonogo/reports"
	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
	"gonogo/suites/watch"
)

// run is the engine at work for a whole suite, and who watches it.
type run struct {
	cancel context.CancelFunc
	done   chan struct{}
	found  *found // complete when done is closed

	mu       sync.Mutex
	dialects []*reports.Dialect // with their requirements, as the run begins
	ended    map[caseKey]reports.Case
	ready    map[caseKey]chan struct{} // closed when the case has ended
}

type caseKey struct {
	entry int
	id    string
}

// start asks the entries of which something was chosen for their targets, and begins the run. Whatever is wrong
// with a target is told before anything is sent.
func start(entries []*entry, suite suiteFacts, config types.SuiteConfig) (*run, error) {
	chosen, err := newSelection(suite.Description, suite.Labels, config)
	if err != nil {
		return nil, err
	}
	r := &run{
		done: make(chan struct{}), found: &found{Plans: make([]planned, len(entries))},
		ended: map[caseKey]reports.Case{}, ready: map[caseKey]chan struct{}{},
	}
	var jobs []engine.Job
	var watches []watching
	browser := chromium.New(os.LookupEnv)
	for i, e := range entries {
		ids := chosen.of(e)
		if len(ids) == 0 {
			continue
		}
		j, err := e.job()
		if err != nil {
			return nil, err
		}
		p := planned{Dialect: j.Plan.Dialect.ID, Cases: map[string]bool{}}
		for _, c := range j.Plan.Cases {
			p.Cases[c.ID] = ids[c.ID]
		}
		r.found.Plans[i] = p
		j.Plan = j.Plan.Only(func(c engine.Case) bool { return ids[c.ID] })
		if len(j.Plan.Cases) == 0 {
			continue
		}
		for _, c := range j.Plan.Cases {
			r.ready[caseKey{i, c.ID}] = make(chan struct{})
		}
		if e.client != nil {
			config, err := e.client.config(j.Target, j.Plan.Dialect, browser, func(id string) bool { return ids[id] })
			if err != nil {
				return nil, err
			}
			watches = append(watches, watching{i, config})
			continue
		}
		jobs, r.found.Of = append(jobs, j), append(r.found.Of, i)
	}
	for _, w := range watches { // after what the engine checks, as in the report
		r.found.Of = append(r.found.Of, w.entry)
	}
	prepared, err := engine.Prepare(jobs, options(config.RandomSeed, browser))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	go func() {
		defer close(r.done)
		defer browser.Close()
		r.found.Report = prepared.Run(ctx, r)
		for _, w := range watches {
			r.watch(ctx, w)
		}
	}()
	return r, nil
}

// watching is a client that is to be watched, for an entry.
type watching struct {
	entry  int
	config watch.Config
}

// watch watches a client, and adds what came of it to the report.
func (r *run) watch(ctx context.Context, w watching) {
	report, err := watch.Run(ctx, w.config)
	if err != nil {
		report = &reports.Report{Dialects: []*reports.Dialect{{ID: w.config.Dialect.ID, Subject: reports.SubjectClient, Incomplete: err.Error()}}}
	}
	r.mu.Lock()
	r.dialects = append(r.dialects, report.Dialects...)
	r.mu.Unlock()
	at := len(r.found.Report.Dialects)
	whole := r.found.Report
	if at == 0 {
		whole = report
		r.found.Report = report
	} else {
		whole.Dialects, whole.WaiverProblems = append(whole.Dialects, report.Dialects...), append(whole.WaiverProblems, report.WaiverProblems...)
	}
	reports.Decide(whole, reports.Policy{Gate: specs.Standard})
	for _, c := range report.Dialects[0].Cases {
		r.CaseEnded(at, c)
	}
}

// job asks for the target and makes its plan.
func (e *entry) job() (engine.Job, error) {
	under, dialect, err := e.target.load()
	if err != nil {
		return engine.Job{}, err
	}
	known := slices.IndexFunc(e.trees, func(t tree) bool { return t.dialect.ID == dialect.ID })
	switch {
	case known < 0:
		return engine.Job{}, fmt.Errorf("%s is a target of the dialect %s, of which the tree has no specs; name its document in the call of suites.Later", under.File, dialect.ID)
	case e.trees[known].dialect.SHA256 != dialect.SHA256:
		return engine.Job{}, fmt.Errorf("%s is held to the document %s, and the specs were made from %s; name the same one in the call of suites.Later", under.File, dialect.File, e.trees[known].dialect.File)
	}
	if e.client != nil {
		return engine.Job{Plan: watch.Plan(dialect), Target: under}, nil
	}
	return engine.Job{Plan: catalog.PlanAt(dialect, under), Target: under}, nil
}

// Begin keeps what the specs say of their requirements.
func (r *run) Begin(begun *reports.Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dialects = reports.Unfinished(begun, "").Dialects
}

// CaseEnded wakes the spec that waits for the case.
func (r *run) CaseEnded(dialect int, c reports.Case) {
	key := caseKey{r.found.Of[dialect], c.ID}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, twice := r.ended[key]; !twice {
		close(r.ready[key])
	}
	r.ended[key] = c
}

// End has nothing to add: whoever waits for the whole run waits for done.
func (r *run) End(*reports.Report) {}

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
	if ok {
		d = r.dialects[slices.Index(r.found.Of, entry)]
	}
	return d, c, ok
}
