package engine

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/target"
	"gonogo/internal/traceparent"
	"gonogo/reports"
)

// run is one plan being run against one target.
type run struct {
	plan       *Plan
	target     *target.Target
	options    Options
	again      []string
	started    time.Time
	observe    func(reports.Case)
	connection *client.Connection
	timeline   *timeline
	claims     *claims
	memory     any // of the plan's cases
	slots      chan struct{}
	waits      *waits

	denied       map[string]string // cases that the limits leave no room for, with why
	failedLogins atomic.Int64
	satOut       atomic.Bool // a throttle of wrong credentials was waited for, for real

	mu      sync.Mutex
	results map[string]reports.Case
	remarks []string

	reproduced *Trial // of the case that a script is wanted of; nil: it has not ended
	cut        string // why the run was cut short
}

// run runs the plan and returns what it found, undecided. It has a result for every case of the plan, and each is
// shown as it ends, from several goroutines.
func (r *run) run(ctx context.Context, observe func(c reports.Case)) *reports.Dialect {
	defer r.connection.Close()
	r.observe = observe
	err, facts := r.ready(ctx), Facts{}
	if r.started = time.Now(); err == nil {
		facts, err = r.probe(ctx)
	}
	if err != nil {
		outcome, reason := classify(ctx, err)
		for _, c := range r.plan.Cases {
			r.end(r.trial(c), outcome, reason, 0)
		}
		r.cutShort(reason)
		return r.dialect(facts)
	}
	r.claims.takeTurns, r.claims.alone = facts.TakeTurns, facts.Alone
	r.phases(ctx, facts.Late)
	switch {
	case r.connection.Gone(): // a case may have kept it to itself
		r.cutShort(exchange.ErrGone.Error())
	case ctx.Err() != nil:
		r.cutShort(interrupted)
	}
	return r.dialect(facts)
}

// newRun looks whether the job can be run.
func newRun(j Job, options Options, trace traceparent.Trace) (*run, error) {
	plan, t, ids := j.Plan, j.Target, map[string]bool{}
	for _, c := range plan.Cases {
		if ids[c.ID] { // one result would hide the other
			return nil, fmt.Errorf("the plan has two cases with the id %s", c.ID)
		}
		ids[c.ID] = true
	}
	if options.Parallel <= 0 {
		options.Parallel = max(t.Limits.Parallel, 1)
	}
	w := &waits{}
	connection, err := client.Open(t, trace, func(status int, pause time.Duration) {
		w.add(fmt.Sprintf("the target is busy (%d)", status), time.Now().Add(pause))
	})
	if err != nil {
		return nil, err
	}
	if options.Reproduce != "" {
		connection.Record()
	}
	r := &run{
		plan: plan, target: t, options: options, again: j.Again, connection: connection, waits: w,
		denied: plan.Denied(t.Limits), claims: newClaims(), slots: make(chan struct{}, options.Parallel),
		results: map[string]reports.Case{},
	}
	if plan.Memory != nil {
		r.memory = plan.Memory()
	}
	for range options.Parallel {
		r.slots <- struct{}{}
	}
	r.timeline = newTimeline(t.Limits.MaxWait, r.slots)
	r.timeline.waits = w
	if t.Clock != nil {
		r.timeline.advance, r.timeline.unit = connection.MoveClock, client.ClockUnit(t.Clock)
	}
	return r, nil
}

// probeLogins is how often a probe may present something else than the credentials it was given, to find out why they
// are refused.
const probeLogins = 2

func (r *run) probe(ctx context.Context) (facts Facts, err error) {
	if r.plan.Probe == nil {
		return Facts{}, nil
	}
	err = guarded(ctx, r.trial(Case{
		ID: r.plan.Dialect.ID + "/probe", Phase: Ordinary, FailedLogins: probeLogins,
		Run: func(ctx context.Context, t *Trial) (err error) {
			facts, err = r.plan.Probe(ctx, t)
			return err
		},
	}))
	if silent, ok := errors.AsType[*exchange.NoAnswer](err); ok {
		err = CouldNotRun("the probe got no answer: %v", silent.Cause)
	}
	return facts, err
}

func (r *run) phases(ctx context.Context, late bool) {
	byPhase := map[Phase][]Case{}
	for _, c := range r.plan.Cases {
		if late && c.Late && c.Phase != Audit {
			c.Phase, c.Needs = Timeline, append(slices.Clone(c.Needs), target.NeedTime)
		}
		if slices.Contains(c.Needs, target.NeedBrowser) { // these take longest, so they begin first
			byPhase[c.Phase] = slices.Insert(byPhase[c.Phase], 0, c)
			continue
		}
		byPhase[c.Phase] = append(byPhase[c.Phase], c)
	}
	realTime := r.timeline.advance == nil
	var waits sync.WaitGroup
	if realTime {
		r.launch(ctx, &waits, byPhase[Timeline])
	}
	for _, phase := range []Phase{Ordinary, Exclusive} {
		var all sync.WaitGroup
		r.launch(ctx, &all, byPhase[phase])
		all.Wait()
	}
	if !realTime {
		r.drive(ctx, byPhase[Timeline])
	}
	waits.Wait()
	var last sync.WaitGroup
	r.launch(ctx, &last, byPhase[Last])
	last.Wait()
	for _, c := range byPhase[Audit] {
		r.one(ctx, c)
	}
}

// launch begins cases as slots and claims allow. What claims the same comes in the order of the plan, however many are at
// work at once, so that what one case leaves behind meets the same others in every run.
func (r *run) launch(ctx context.Context, all *sync.WaitGroup, cases []Case) {
	all.Go(func() {
		for pending := slices.Clone(cases); len(pending) > 0; {
			next, err := r.claims.next(ctx, r.slots, pending)
			if err != nil {
				for _, c := range pending {
					r.endEarly(ctx, c, err)
				}
				return
			}
			c := pending[next]
			pending = slices.Delete(pending, next, next+1)
			all.Go(func() {
				defer func() {
					r.claims.release(c.Claims)
					r.slots <- struct{}{}
				}()
				r.inSlot(ctx, c)
			})
		}
	})
}

// drive runs the timeline's cases under a clock that can be moved.
func (r *run) drive(ctx context.Context, cases []Case) {
	var all sync.WaitGroup
	pending := slices.Clone(cases)
	begin := func() bool {
		for {
			next := r.claims.try(pending)
			if next < 0 {
				return len(pending) == 0
			}
			c := pending[next]
			pending = slices.Delete(pending, next, next+1)
			r.timeline.enter()
			all.Go(func() {
				defer r.timeline.leave()
				defer r.claims.release(c.Claims)
				r.one(ctx, c)
			})
		}
	}
	err := r.timeline.drive(ctx, begin)
	all.Wait()
	for _, c := range pending {
		r.endEarly(ctx, c, err)
	}
}

func (r *run) trial(c Case) *Trial {
	return &Trial{run: r, Case: c, began: time.Now(), index: map[*exchange.Exchange]int{}, twice: -1}
}

// one runs a case in a slot of its own and keeps its result, whatever happens in it.
func (r *run) one(ctx context.Context, c Case) {
	select {
	case <-r.slots:
	case <-ctx.Done():
		r.endEarly(ctx, c, ctx.Err())
		return
	}
	defer func() { r.slots <- struct{}{} }()
	r.inSlot(ctx, c)
}

// inSlot is one, in a slot that the case has already.
func (r *run) inSlot(ctx context.Context, c Case) {
	switch stop := r.unmet(c); {
	case ctx.Err() != nil:
		r.endEarly(ctx, c, ctx.Err())
	case r.connection.Gone(): // also for cases that send nothing: what they would look over is not the whole
		r.endEarly(ctx, c, exchange.ErrGone)
	case stop != nil:
		r.endEarly(ctx, c, stop)
	case r.denied[c.ID] != "":
		r.endEarly(ctx, c, &Stop{reports.NotExercised, r.denied[c.ID]})
	default:
		began := time.Now()
		trial, err := r.settled(ctx, c)
		outcome, reason := r.judge(ctx, trial, err)
		r.end(trial, outcome, reason, time.Since(began))
	}
}

// unmet looks whether the target offers what a case needs.
func (r *run) unmet(c Case) *Stop {
	for _, need := range c.Needs {
		have, why := r.target.Provides(need, r.options.Browser.Missing())
		switch {
		case have == target.Provided:
		case have == target.DeclaredAbsent:
			return &Stop{reports.NotApplicable, why}
		case have == target.Missing:
			return &Stop{reports.CouldNotRun, why}
		case r.required(need):
			return &Stop{reports.CouldNotRun, string(need) + " is required, but " + why}
		default:
			return &Stop{reports.NotExercised, why}
		}
	}
	return nil
}

func (r *run) required(need target.Need) bool {
	return slices.Contains(r.options.Require, need)
}

// showsPages reports whether a case of the plan will want the browser.
func (r *run) showsPages() bool {
	if r.target.Consent.Mode == target.ConsentBrowser {
		return r.wants(target.NeedConsent)
	}
	return r.wants(target.NeedBrowser)
}

// wants reports whether a case of the plan will make use of what the target provides.
func (r *run) wants(need target.Need) bool {
	have, _ := r.target.Provides(need, r.options.Browser.Missing())
	return have == target.Provided && slices.ContainsFunc(r.plan.Cases, func(c Case) bool { return slices.Contains(c.Needs, need) })
}

func (r *run) endEarly(ctx context.Context, c Case, err error) {
	outcome, reason := classify(ctx, err)
	r.end(r.trial(c), outcome, reason, 0)
}

func (r *run) end(trial *Trial, outcome reports.Outcome, reason string, took time.Duration) {
	result := trial.result(r.plan, outcome, reason, took)
	r.mu.Lock()
	r.results[trial.Case.ID] = result
	if trial.Case.ID == r.options.Reproduce {
		r.reproduced = trial
	}
	r.mu.Unlock()
	r.observe(result)
}

func (r *run) remark(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remarks = append(r.remarks, text)
}

func (r *run) cutShort(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cut == "" {
		r.cut = why
	}
}

// rand is decided by the run's seed and what it is for, not by who asks first.
func (r *run) rand(purpose string, n int) int {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(purpose))
	return rand.New(rand.NewPCG(uint64(r.options.Seed), sum.Sum64())).IntN(n)
}
