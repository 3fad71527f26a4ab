package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/reports/proofs"
	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
)

// proof is one server to run the cases against, and what is to be shown of it.
type proof proofs.Proof

func (p proof) String() string {
	if p.Kind == clean {
		return p.Dialect + " as it is"
	}
	return p.Kind + " " + p.ID
}

// The kinds of proofs.
const (
	clean   = "clean" // the server as it is
	defect  = "defect"
	liberty = "liberty"
)

// run runs every case of the dialect against one server and says what came of it, with the results of the cases.
func (p proof) run(ctx context.Context, options engine.Options) (run proofs.Run, cases []reports.Case) {
	began := time.Now()
	d, err := p.check(ctx, options)
	switch {
	case err != nil:
		run = proofs.Run{Outcome: proofs.NoResult, Reason: "did not come to its end: " + err.Error()}
	case ctx.Err() != nil:
		run = proofs.Run{Outcome: proofs.NoResult, Reason: "did not come to its end: " + interrupted}
	case p.Kind == defect:
		run, cases = p.caught(d), d.Cases
	default:
		run, cases = p.quiet(d), d.Cases
	}
	run.DurationMS = time.Since(began).Milliseconds()
	return run, cases
}

func (p proof) check(ctx context.Context, options engine.Options) (*reports.Dialect, error) {
	d, err := specs.Load(p.Dialect)
	if err != nil {
		return nil, err
	}
	var defects, liberties []string
	switch p.Kind {
	case defect:
		defects = []string{p.ID}
	case liberty:
		liberties = []string{p.ID}
	}
	server, err := startEmbedded(ctx, d, defects, liberties, nil)
	if err != nil {
		return nil, err
	}
	defer server.server.Kill()
	t, _, err := server.target()
	if err != nil {
		return nil, err
	}
	// a defect of a practice row must show, too; a liberty must pass at the level that gates by default
	if p.Kind == defect {
		t.Limits.Timeout = hangTimeout
		options.Policy.Gate = specs.Practice
	}
	plan := catalog.PlanAt(d, t)
	report, err := engine.Run(ctx, []engine.Job{{Plan: plan.Only(p.concerned(plan)), Target: t}}, options)
	if err != nil {
		return nil, err
	}
	return report.Dialects[0], nil
}

// concerned accepts the cases that have something to show. Those in a browser take longer than all others together,
// and cannot catch a defect of another requirement; and a liberty that is not about consent changes no page.
func (p proof) concerned(plan *engine.Plan) func(engine.Case) bool {
	serves := func(c engine.Case) bool { return slices.Contains(c.Requirements, p.Requirement) }
	if p.Kind == clean || p.Kind == liberty && slices.ContainsFunc(plan.Cases, func(c engine.Case) bool {
		return serves(c) && slices.Contains(c.Needs, target.NeedConsent)
	}) {
		return func(engine.Case) bool { return true }
	}
	return func(c engine.Case) bool { return serves(c) || !slices.Contains(c.Needs, target.NeedBrowser) }
}

// proofSeed makes a proof that fails fail again.
const proofSeed = 1

// hangTimeout is how long a hanging answer is waited for: far above what an answer on loopback takes, and
// short enough that a defect that hangs does not hold up all others.
const hangTimeout = 1500 * time.Millisecond

// caught wants a failed case of the requirement that the defect violates.
func (p proof) caught(d *reports.Dialect) proofs.Run {
	var by, others []string
	for _, c := range d.Cases {
		switch {
		case c.Outcome != reports.Fail:
		case slices.Contains(c.Requirements, p.Requirement):
			by = append(by, c.ID)
		default:
			others = append(others, c.ID)
		}
	}
	if len(by) > 0 {
		return proofs.Run{Outcome: proofs.Caught, CaughtBy: by}
	}
	if run, unseen := p.unseen(d); unseen {
		return run
	}
	reason := "no case of " + p.Requirement + " failed"
	if len(others) > 0 {
		reason += ", only " + strings.Join(others, ", ")
	}
	return proofs.Run{Outcome: proofs.Survived, Reason: reason}
}

// unseen says why no case of the proof's requirement could look, if so: a survivor of cases that did not run is none,
// and a liberty that nobody looked at was not shown to pass.
func (p proof) unseen(d *reports.Dialect) (run proofs.Run, unseen bool) {
	var needs, reasons []string
	required := false
	for _, c := range d.Cases {
		if !slices.Contains(c.Requirements, p.Requirement) {
			continue
		}
		switch c.Outcome {
		case reports.NotExercised:
		case reports.CouldNotRun:
			required = true
		default:
			return run, false
		}
		reasons = append(reasons, c.Reason)
		for _, need := range []target.Need{target.NeedBrowser, target.NeedOutsider} { // what a machine may lack
			if slices.Contains(c.Needs, string(need)) {
				needs = append(needs, "needs "+string(need))
			}
		}
	}
	switch {
	case len(reasons) == 0:
		return run, false
	case required:
		return proofs.Run{Outcome: proofs.NoResult, Reason: "could not be proved: " + reasons[0]}, true
	case p.Kind == liberty && len(needs) == 0:
		return run, false // a server that has no such thing to look at is not blamed for it
	}
	return proofs.Run{Outcome: proofs.NotProvable, Reason: "not provable here: " + append(needs, reasons...)[0]}, true
}

// quiet wants nothing that a run of the clean server would not have: no failure, nothing that could not run.
func (p proof) quiet(d *reports.Dialect) proofs.Run {
	var loud, lame []string
	for _, c := range d.Cases {
		text := strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s", c.ID, c.Outcome, c.Reason, firstFinding(c))), " ")
		switch c.Outcome {
		case reports.Fail:
			loud = append(loud, text)
		case reports.CouldNotRun, reports.Error:
			if slices.Contains(c.Needs, string(target.NeedBrowser)) && c.Outcome == reports.CouldNotRun {
				lame = append(lame, text) // the machine lacks it, whatever the server does
				continue
			}
			loud = append(loud, text)
		case reports.Warn:
			if p.Kind == clean {
				loud = append(loud, text)
			}
		}
	}
	if d.Incomplete != "" {
		loud = append(loud, d.Incomplete)
	}
	switch {
	case len(loud) > 0:
		return proofs.Run{Outcome: proofs.FalseAlarm, Reason: strings.Join(loud, "; ")}
	case len(lame) > 0 && p.Kind == clean:
		return proofs.Run{Outcome: proofs.NoResult, Reason: "could not be proved: " + strings.Join(lame, "; ")}
	}
	if run, unseen := p.unseen(d); unseen {
		return run
	}
	return proofs.Run{Outcome: proofs.Passed}
}

func firstFinding(c reports.Case) string {
	if len(c.Findings) == 0 {
		return ""
	}
	f := c.Findings[0]
	return fmt.Sprintf("(%s → %s → %s)", f.Sent, f.Wanted, f.Got)
}
