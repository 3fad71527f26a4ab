package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/target"
	"gonogo/reference"
	"gonogo/reports"
	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
)

// proof is one server to run the cases against.
type proof struct {
	dialect string
	quirk   reference.Quirk
	kind    string // clean, defect, liberty
}

func (p proof) String() string {
	if p.kind == "clean" {
		return p.dialect + " as it is"
	}
	return p.kind + " " + p.quirk.ID
}

// told is what came of one proof. Its zero value is that all is as it should be.
type told struct {
	wrong      string // a survivor or a false alarm
	unprovable string // nothing could be seen here, and why
	broken     string // the proof itself did not come to its end

	by []string // the cases that caught a defect
}

func (t told) fine() bool { return t.wrong == "" && t.unprovable == "" && t.broken == "" }

func (t told) String() string {
	return cmp.Or(t.wrong, t.broken, t.unprovable, "as it should be")
}

// run runs every case of the dialect against one server and says what came of it.
func (p proof) run(ctx context.Context, require []target.Need, browser *chromium.Browser, seen *sightings) told {
	result, err := p.check(ctx, require, browser)
	if err != nil {
		return told{broken: "did not come to its end: " + err.Error()}
	}
	if ctx.Err() != nil {
		return told{broken: "did not come to its end: the run was interrupted"}
	}
	seen.add(p, result)
	if p.kind == "defect" {
		return p.caught(result)
	}
	return p.quiet(result)
}

func (p proof) check(ctx context.Context, require []target.Need, browser *chromium.Browser) (*reports.Dialect, error) {
	d, err := specs.Load(p.dialect)
	if err != nil {
		return nil, err
	}
	var defects, liberties []string
	switch p.kind {
	case "defect":
		defects = []string{p.quirk.ID}
	case "liberty":
		liberties = []string{p.quirk.ID}
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
	options := engine.Options{Seed: proofSeed, Require: require, Browser: browser}
	if p.kind == "defect" {
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
	serves := func(c engine.Case) bool { return slices.Contains(c.Requirements, p.quirk.Requirement) }
	if p.kind == "clean" || p.kind == "liberty" && slices.ContainsFunc(plan.Cases, func(c engine.Case) bool {
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
func (p proof) caught(d *reports.Dialect) told {
	var by, others []string
	for _, c := range d.Cases {
		switch {
		case c.Outcome != reports.Fail:
		case slices.Contains(c.Requirements, p.quirk.Requirement):
			by = append(by, c.ID)
		default:
			others = append(others, c.ID)
		}
	}
	if len(by) > 0 {
		return told{by: by}
	}
	if unseen := p.unseen(d); !unseen.fine() {
		return unseen
	}
	if len(others) > 0 {
		return told{wrong: fmt.Sprintf("SURVIVED: no case of %s failed, only %s", p.quirk.Requirement, strings.Join(others, ", "))}
	}
	return told{wrong: fmt.Sprintf("SURVIVED: no case of %s failed", p.quirk.Requirement)}
}

// unseen says why no case of the proof's requirement could look: a survivor of cases that did not run is none,
// and a liberty that nobody looked at was not shown to pass.
func (p proof) unseen(d *reports.Dialect) told {
	var needs, reasons []string
	required := false
	for _, c := range d.Cases {
		if !slices.Contains(c.Requirements, p.quirk.Requirement) {
			continue
		}
		switch c.Outcome {
		case reports.NotExercised:
		case reports.CouldNotRun:
			required = true
		default:
			return told{}
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
		return told{}
	case p.kind == "liberty" && len(needs) == 0 && !required:
		return told{} // a server that has no such thing to look at is not blamed for it
	case required:
		return told{broken: "could not be proved: " + reasons[0]}
	}
	return told{unprovable: "not provable here: " + append(needs, reasons...)[0]}
}

// quiet wants nothing that a run of the clean server would not have: no failure, nothing that could not run.
func (p proof) quiet(d *reports.Dialect) told {
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
			if p.kind == "clean" {
				loud = append(loud, text)
			}
		}
	}
	if d.Incomplete != "" {
		loud = append(loud, d.Incomplete)
	}
	switch {
	case len(loud) > 0:
		return told{wrong: "FALSE ALARM: " + strings.Join(loud, "; ")}
	case len(lame) > 0 && p.kind == "clean":
		return told{broken: "could not be proved: " + strings.Join(lame, "; ")}
	}
	return p.unseen(d)
}

func firstFinding(c reports.Case) string {
	if len(c.Findings) == 0 {
		return ""
	}
	f := c.Findings[0]
	return fmt.Sprintf("(%s → %s → %s)", f.Sent, f.Wanted, f.Got)
}
