package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/target"
	"gonogo/internal/traceparent"
	"gonogo/internal/version"
	"gonogo/reports"
	"gonogo/specs"
)

// Job is a plan and the target to run it at.
type Job struct {
	Plan   *Plan
	Target *target.Target
	Again  []string // arguments with which gonogo check runs it in the same way, for the report; optional
}

// Options say how jobs are run. The zero value is usable.
type Options struct {
	Policy    reports.Policy    // from which level down a violation fails, and what makes a run incomplete
	Parallel  int               // how many cases of a job are at work at once; default the target's limit
	Seed      int64             // decides every choice that is left to chance
	Origin    reports.Origin    // where the report comes from
	Require   []target.Need     // needs whose absence leaves their cases could-not-run instead of not-exercised
	Browser   *chromium.Browser // shows pages where that takes more than reading them; whoever set it closes it; nil: none
	Repeat    int               // how often every case is run; 0 is once
	History   *reports.History  // of earlier runs; nil: nobody keeps them
	WaitReady time.Duration     // how long a target that is not there yet is waited for; 0: it is there
	Waivers   string            // a file of waivers, instead of those that the target files name

	// NoEvidence leaves out what was sent and got, of which nobody but a reader of the report makes use.
	NoEvidence bool

	// Reproduce is a case of which Prepared.Script is wanted; empty: none.
	Reproduce string

	// Planned are the ids of all cases of these dialects and of whatever else a file of waivers may name, chosen or
	// not. It is asked only if there are waivers.
	Planned func([]*specs.Dialect) []string
}

// Prepared is a run of several jobs of which nothing has been sent yet.
type Prepared struct {
	rounds  [][]*run // for each time that the cases are run, a run of each job
	options Options
	waivers []reports.Waiver
	trace   traceparent.Trace
}

// Run prepares jobs and runs them.
func Run(ctx context.Context, jobs []Job, options Options) (*reports.Report, error) {
	p, err := Prepare(jobs, options)
	if err != nil {
		return nil, err
	}
	return p.Run(ctx), nil
}

// Prepare looks over everything that can be wrong before anything is sent. An error is about the configuration: a
// target's connection or its waivers.
func Prepare(jobs []Job, options Options) (*Prepared, error) {
	if options.Policy.Gate == "" {
		options.Policy.Gate = specs.Standard
	}
	p := &Prepared{options: options, trace: traceparent.New()}
	for range max(options.Repeat, 1) {
		var round []*run
		for _, j := range jobs {
			r, err := newRun(j, options, p.trace)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", j.Target.File, err)
			}
			round = append(round, r)
		}
		p.rounds = append(p.rounds, round)
	}
	var targets []*target.Target
	for _, j := range jobs {
		targets = append(targets, j.Target)
	}
	var err error
	p.waivers, err = LoadWaivers(options.Waivers, targets...)
	return p, err
}

// LoadWaivers reads the waivers of a file, or where it has no name those of the files that the targets name.
func LoadWaivers(file string, targets ...*target.Target) ([]reports.Waiver, error) {
	files := []string{file}
	if file == "" {
		files = nil
		for _, t := range targets {
			if t.Waivers != "" && !slices.Contains(files, t.Waivers) {
				files = append(files, t.Waivers)
			}
		}
	}
	var all []reports.Waiver
	for _, file := range files {
		waivers, err := reports.LoadWaivers(file)
		if err != nil {
			return nil, err
		}
		all = append(all, waivers...)
	}
	return all, nil
}

// Conclude decides a report when all cases of these dialects have ended, whoever judged them. Of the options it takes
// Policy, History and Planned.
func Conclude(report *reports.Report, dialects []*specs.Dialect, waivers []reports.Waiver, options Options) {
	if len(waivers) > 0 {
		var planned []string
		if options.Planned != nil {
			planned = options.Planned(dialects)
		}
		reports.ApplyWaivers(report, waivers, planned, options.History, time.Now())
	}
	reports.Decide(report, options.Policy)
}

// Run runs the jobs, once, side by side as far as their targets allow, and returns the decided report. It has a
// result for every case, whatever happens: ctx ends the run early, and what had not run then could not run.
// Observers see each case as it ends, waived if it is to be.
func (p *Prepared) Run(ctx context.Context, observers ...reports.Observer) *reports.Report {
	observer, started := reports.Observers(observers), time.Now()
	if p.options.Origin.Environment == nil {
		p.options.Origin.Environment = version.Here()
	}
	report := &reports.Report{Schema: reports.SchemaID, Tool: version.Tool(), Started: started.UTC(), Seed: p.options.Seed, TraceID: p.trace.String(), Origin: p.options.Origin, Policy: p.options.Policy}
	var dialects []*specs.Dialect
	if len(p.rounds) > 1 {
		report.Repeat = len(p.rounds)
	}
	for _, r := range p.rounds[0] {
		report.Dialects = append(report.Dialects, r.described())
		dialects = append(dialects, r.plan.Dialect)
	}
	observer.Begin(reports.Begun(report))
	if slices.ContainsFunc(p.rounds[0], (*run).showsPages) {
		p.options.Browser.Begin() // while the first cases run
	}
	for n := range p.rounds {
		if n > 0 && ctx.Err() != nil {
			break // what was found by now stands
		}
		p.round(ctx, n, report, observer)
	}
	if ctx.Err() != nil {
		report.Interrupted = interrupted
	}
	report.DurationMS = time.Since(started).Milliseconds()
	Conclude(report, dialects, p.waivers, p.options)
	observer.End(report)
	return report
}

// round runs every job once more, and adds what came of it to the report.
func (p *Prepared) round(ctx context.Context, n int, report *reports.Report, observer reports.Observer) {
	found, before := make([]*reports.Dialect, len(report.Dialects)), make([]cases, len(report.Dialects))
	for i, d := range report.Dialects {
		before[i] = casesOf(d)
	}
	var all sync.WaitGroup
	for _, group := range p.turns() {
		all.Go(func() {
			for _, i := range group {
				found[i] = p.rounds[n][i].run(ctx, func(c reports.Case) {
					if len(p.rounds) > 1 {
						c = reports.Repeated(before[i][c.ID], c)
					}
					reports.Waive(&c, p.waivers, time.Now())
					observer.CaseEnded(i, c)
				})
			}
		})
	}
	all.Wait()
	for i, d := range found {
		if len(p.rounds) > 1 {
			p.rounds[n][i].results = nil // their evidence is what the report keeps of it
			for at, c := range d.Cases {
				d.Cases[at] = reports.Repeated(before[i][c.ID], c)
			}
		}
		if n > 0 {
			report.Dialects[i].Cases = d.Cases
			report.Dialects[i].AddRun(d)
			continue
		}
		report.Dialects[i] = d
	}
}

// cases are those of a dialect, by id.
type cases map[string]*reports.Case

func casesOf(d *reports.Dialect) cases {
	all := cases{}
	for i := range d.Cases {
		all[d.Cases[i].ID] = &d.Cases[i]
	}
	return all
}

// turns groups the runs, by index: those of one group take turns, because one control serves their targets. A clock
// that one run moves ages the tokens of the other, and a secret that it regenerates locks the other out.
func (p *Prepared) turns() [][]int {
	var groups [][]int
	for i, r := range p.rounds[0] {
		hosts := controls(r.target)
		meets := func(group []int) bool {
			return slices.ContainsFunc(group, func(other int) bool {
				return slices.ContainsFunc(controls(p.rounds[0][other].target), func(host string) bool { return slices.Contains(hosts, host) })
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

// controls are the hosts of a target's control APIs.
func controls(t *target.Target) []string {
	var hosts []string
	if t.Clock != nil {
		hosts = append(hosts, t.Clock.Advance.URL.Host)
	}
	if t.Operator.RotateSecret != nil {
		hosts = append(hosts, t.Operator.RotateSecret.URL.Host)
	}
	return hosts
}
