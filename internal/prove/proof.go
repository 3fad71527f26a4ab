// Package prove shows that the cases see what they are for: every defect of the reference server is caught, and
// nothing is said against the server as it is, or against a liberty that it takes. Of the reference's clients likewise:
// a watch catches every broken one, and says nothing against the good ones.
//
// The package must never know how a report of it is shown.
package prove

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/embedded"
	"gonogo/internal/target"
	"gonogo/internal/version"
	"gonogo/reference"
	"gonogo/reports"
	"gonogo/reports/proofs"
	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
)

// Choose lists what is to be shown: of these dialects, or of all that the reference server speaks, everything, or just
// the defects and liberties that are named.
func Choose(dialects, defects, liberties []string) ([]proofs.Proof, error) {
	wants := among(dialects)
	var all []proofs.Proof
	some := len(defects)+len(liberties) > 0
	if !some {
		for _, id := range reference.Dialects() {
			if !wants(id) {
				continue
			}
			profiles, err := profilesOf(id)
			if err != nil {
				return nil, err
			}
			for _, profile := range profiles {
				all = append(all, proofs.Proof{Kind: Clean, ID: Clean, Dialect: id, Profile: profile, Text: "The server is as it is."})
			}
		}
	}
	for _, list := range []struct {
		kind   string
		named  []string
		quirks []reference.Quirk
	}{{Defect, defects, reference.Defects()}, {Liberty, liberties, reference.Liberties()}} {
		for _, name := range list.named {
			if !slices.ContainsFunc(list.quirks, func(q reference.Quirk) bool { return q.ID == name }) {
				return nil, fmt.Errorf("there is no %s %q; gonogo serve --%s list prints them", list.kind, name, list.kind)
			}
		}
		for _, q := range list.quirks {
			if wants(q.Dialect) && (!some || slices.Contains(list.named, q.ID)) {
				all = append(all, proofs.Proof{Kind: list.kind, ID: q.ID, Dialect: q.Dialect, Requirement: q.Requirement, Text: q.Text})
			}
		}
	}
	return unlessNone(all, dialects)
}

// among reports whether a dialect is one of those named, or none is.
func among(dialects []string) func(id string) bool {
	return func(id string) bool { return len(dialects) == 0 || slices.Contains(dialects, id) }
}

// unlessNone are the proofs that were chosen; the error says that nothing was.
func unlessNone(all []proofs.Proof, dialects []string) ([]proofs.Proof, error) {
	if len(all) == 0 {
		return nil, fmt.Errorf("nothing of what is named belongs to %s", strings.Join(dialects, ", "))
	}
	return all, nil
}

// profilesOf are the names of a document's profiles; one that is empty where there is none.
func profilesOf(dialect string) (names []string, err error) {
	d, err := specs.Load(dialect)
	if err != nil {
		return nil, err
	}
	for _, profile := range append(d.Profiles, specs.Profile{})[:max(len(d.Profiles), 1)] {
		names = append(names, profile.Name)
	}
	return names, nil
}

// Options say how proofs are run.
type Options struct {
	Repeat   int               // how often each
	Parallel int               // how many servers, or clients, are there at once
	Cases    int               // how many cases are at work at once against each; 0: as many as its target file allows
	Require  []target.Need     // needs without which nothing is proved; without another one a proof is not provable here
	Browser  *chromium.Browser // whoever set it closes it
}

// Report is the report of proofs of which none has run yet.
func Report(all []proofs.Proof, o Options) *proofs.Report {
	return &proofs.Report{Tool: version.Tool(), Started: time.Now(), Seed: seed, Repeat: o.Repeat, Proofs: all}
}

// Run runs the proofs of a report, puts in what came of them, and decides it. ended is told of each run as it ends, of
// one at a time.
func Run(ctx context.Context, report *proofs.Report, o Options, ended func(p proofs.Proof, run proofs.Run)) {
	began := time.Now()
	tripped := map[string]bool{} // the cases that ran, by id: whether a defect made them fail
	slots := make(chan struct{}, o.Parallel)
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, i := range order(report.Proofs, o.Repeat) {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break // what has begun is waited for
		}
		p := &report.Proofs[i]
		all.Go(func() {
			defer func() { <-slots }()
			run, cases := proofOf(*p).run(ctx, engine.Options{Seed: seed, Parallel: o.Cases, Require: o.Require, Browser: o.Browser, NoEvidence: true})
			mu.Lock()
			defer mu.Unlock()
			p.Runs = append(p.Runs, run)
			for _, c := range cases {
				if c.Outcome.Ran() {
					tripped[c.ID] = tripped[c.ID] || broken(p.Kind) && c.Outcome == reports.Fail && slices.ContainsFunc(c.Requirements, c.Violates)
				}
			}
			ended(*p, run)
		})
	}
	all.Wait()
	for _, id := range slices.Sorted(maps.Keys(tripped)) {
		if !tripped[id] { // a check that nobody has seen fail proves nothing
			report.Untripped = append(report.Untripped, id)
		}
	}
	report.DurationMS = time.Since(began).Milliseconds()
	if ctx.Err() != nil {
		report.Interrupted = interrupted
	}
	report.Decide()
}

// order is in which order proofs begin, each as often as it is repeated. Those that take a browser are spread among the
// others: they wait for its windows most of the time, and many at once would leave nobody to do anything else.
func order(all []proofs.Proof, repeat int) []int {
	var kinds [2][]int // without a browser, and with one
	plans := map[string]*engine.Plan{}
	for i, p := range all {
		kind := 0
		if proofOf(p).browses(plans) {
			kind = 1
		}
		kinds[kind] = append(kinds[kind], i)
	}
	type place struct {
		at    float64 // a share of all
		proof int
	}
	var places []place
	for n := range repeat {
		for _, each := range kinds {
			for k, i := range each {
				places = append(places, place{float64(n) + float64(k)/float64(len(each)), i})
			}
		}
	}
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(a.at, b.at) })
	var order []int
	for _, p := range places {
		order = append(order, p.proof)
	}
	return order
}

const interrupted = "the run was interrupted"

// The kinds of proofs: of the server as it is, with a defect, and with a liberty; of a good client, and of a broken one.
const (
	Clean   = "clean"
	Defect  = "defect"
	Liberty = "liberty"
	Client  = "client"
	Fault   = "fault"
)

// broken tells the kinds that are to be caught from those that nothing may be said against.
func broken(kind string) bool { return kind == Defect || kind == Fault }

// proof is one server to run the cases against, or one client to watch, and what is to be shown of it.
type proof struct{ kind, id, dialect, profile, requirement string }

func proofOf(p proofs.Proof) proof { return proof{p.Kind, p.ID, p.Dialect, p.Profile, p.Requirement} }

// browses reports whether a proof takes a browser. plans are those that were made already.
func (p proof) browses(plans map[string]*engine.Plan) bool {
	if p.kind == Client || p.kind == Fault {
		return false
	}
	d, err := p.document()
	if err != nil {
		return false // the run says it
	}
	plan := plans[p.dialect+"/"+d.Profile]
	if plan == nil {
		plan = catalog.Plan(d)
		plans[p.dialect+"/"+d.Profile] = plan
	}
	accepts := p.concerned(plan)
	return slices.ContainsFunc(plan.Cases, func(c engine.Case) bool {
		return slices.Contains(c.Needs, target.NeedBrowser) && accepts(c)
	})
}

// run runs every case of the dialect against one server, or watches one client, and says what came of it, with the results
// of the cases.
func (p proof) run(ctx context.Context, options engine.Options) (run proofs.Run, cases []reports.Case) {
	began := time.Now()
	if scenario := p.scenario(); scenario != "" {
		run = p.load(ctx, scenario)
		run.DurationMS = time.Since(began).Milliseconds()
		return run, nil
	}
	var d *reports.Dialect
	var err error
	if p.kind == Client || p.kind == Fault {
		if why := p.hidden(); why != "" {
			return proofs.Run{Outcome: proofs.NotProvable, Reason: "not provable here: " + why}, nil
		}
		if missing := options.Browser.Missing(); missing != "" && p.hasPage() {
			if slices.Contains(options.Require, target.NeedBrowser) {
				return proofs.Run{Outcome: proofs.NoResult, Reason: "could not be proved: browser is required, but " + missing}, nil
			}
			return proofs.Run{Outcome: proofs.NotProvable, Reason: "not provable here: needs browser: " + missing}, nil
		}
		d, err = p.watch(ctx, options.Browser)
	} else {
		d, err = p.check(ctx, options, p.concerned)
	}
	// Others may stand on what is broken, and what befalls each ninth token befalls other cases in another order.
	for more := 0; more < orders && err == nil && ctx.Err() == nil && p.kind == Defect && p.caught(d).Outcome == proofs.Survived; more++ {
		d, err = p.check(ctx, options, func(*engine.Plan) func(engine.Case) bool { return anything })
		options.Seed++
	}
	switch {
	case err != nil:
		run = proofs.Run{Outcome: proofs.NoResult, Reason: "did not come to its end: " + err.Error()}
	case ctx.Err() != nil:
		run = proofs.Run{Outcome: proofs.NoResult, Reason: "did not come to its end: " + interrupted}
	case broken(p.kind):
		run, cases = p.caught(d), d.Cases
	default:
		run, cases = p.quiet(d), d.Cases
	}
	run.DurationMS = time.Since(began).Milliseconds()
	return run, cases
}

func anything(engine.Case) bool { return true }

// document is read as the first profile has it that judges the requirement, unless the proof is of another.
func (p proof) document() (*specs.Dialect, error) {
	d, err := specs.Load(p.dialect)
	if err != nil {
		return nil, err
	}
	return d.Profiled(cmp.Or(p.profile, d.Judging(p.requirement)))
}

// check runs those cases of the dialect against the server that a choice accepts.
func (p proof) check(ctx context.Context, options engine.Options, choice func(*engine.Plan) func(engine.Case) bool) (*reports.Dialect, error) {
	d, err := p.document()
	if err != nil {
		return nil, err
	}
	var defects, liberties []string
	switch p.kind {
	case Defect:
		defects = []string{p.id}
	case Liberty:
		liberties = []string{p.id}
	}
	server, err := embedded.Start(ctx, d, defects, liberties)
	if err != nil {
		return nil, err
	}
	defer server.Kill()
	t, err := server.Target()
	if err != nil {
		return nil, err
	}
	// a defect of a practice row must show, too; a liberty must pass at the level that gates by default
	if p.kind == Defect {
		t.Limits.Timeout = hangTimeout
		options.Policy.Gate = specs.Practice
	}
	plan := catalog.PlanAt(d, t)
	report, err := engine.Run(ctx, []engine.Job{{Plan: plan.Only(choice(plan)), Target: t}}, options)
	if err != nil {
		return nil, err
	}
	return report.Dialects[0], nil
}

// concerned accepts the cases that have something to show: of a defect those of its requirement, because others
// catch it only where they stand on it; of a liberty all. Where an audit catches the defect, all cases send what it looks
// over. A browser takes longer than everything else, and is left out unless the requirement is shown in it, or by
// nothing but the pages that it would show.
func (p proof) concerned(plan *engine.Plan) func(engine.Case) bool {
	serves := func(c engine.Case) bool { return slices.Contains(c.Requirements, p.requirement) }
	audited, onPages := false, true
	for _, c := range plan.Cases {
		if serves(c) {
			audited = audited || c.Phase == engine.Audit
			onPages = onPages && slices.Contains(c.Needs, target.NeedConsent)
		}
	}
	switch {
	case p.kind == Clean, p.kind == Liberty && onPages:
		return anything
	case p.kind == Defect && !audited:
		return serves
	}
	return func(c engine.Case) bool { return serves(c) || !slices.Contains(c.Needs, target.NeedBrowser) }
}

// seed makes a proof that fails fail again.
const seed = 1

// orders is in how many orders all cases are run before a defect is said to survive.
const orders = 3

// hangTimeout is how long a hanging answer is waited for: far above what an answer on loopback takes, and
// short enough that a defect that hangs does not hold up all others.
const hangTimeout = 1500 * time.Millisecond
