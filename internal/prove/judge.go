package prove

import (
	"fmt"
	"slices"
	"strings"

	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/reports/proofs"
)

// caught wants a failed case of the requirement that the defect violates.
func (p proof) caught(d *reports.Dialect) proofs.Run {
	var by, others []string
	for _, c := range d.Cases {
		switch {
		case c.Outcome != reports.Fail:
		case c.Violates(p.requirement):
			by = append(by, c.ID)
		default:
			others = append(others, c.ID)
		}
	}
	if len(by) > 0 {
		return proofs.Run{Outcome: proofs.Caught, CaughtBy: by}
	}
	if run, unseen := p.unseen(d); unseen && p.kind == Defect { // the watch was to bring a client to whatever it can show
		return run
	}
	if p.kind == Fault && d.Incomplete != "" { // a client that was not watched to the end is no survivor
		return proofs.Run{Outcome: proofs.NoResult, Reason: "did not come to its end: " + d.Incomplete}
	}
	reason := "no case of " + p.requirement + " failed"
	for _, c := range d.Cases {
		if c.Reason != "" && slices.Contains(c.Requirements, p.requirement) {
			reason += " (" + c.Reason + ")"
		}
	}
	if len(others) > 0 {
		reason += ", only " + strings.Join(others, ", ")
	}
	return proofs.Run{Outcome: proofs.Survived, Reason: reason}
}

// unseen says why no case of the proof's requirement could look, if so, or of a defect not every case, for want of what
// the machine lacks: a survivor of cases that did not run is none, and a liberty that nobody looked at was not shown to
// pass.
func (p proof) unseen(d *reports.Dialect) (run proofs.Run, unseen bool) {
	var needs, reasons []string
	required, seen := false, false
	for _, c := range d.Cases {
		if !slices.Contains(c.Requirements, p.requirement) {
			continue
		}
		switch c.Outcome {
		case reports.NotExercised:
		case reports.CouldNotRun:
			required = true
		default:
			seen = true
			continue
		}
		reasons = append(reasons, c.Reason)
		for _, need := range []target.Need{target.NeedBrowser, target.NeedOutsider} { // what a machine may lack
			if slices.Contains(c.Needs, string(need)) {
				needs = append(needs, "needs "+string(need))
			}
		}
	}
	switch {
	case len(reasons) == 0, seen && (p.kind != Defect || len(needs) == 0):
		return run, false
	case required:
		return proofs.Run{Outcome: proofs.NoResult, Reason: "could not be proved: " + reasons[0]}, true
	case p.kind == Liberty && len(needs) == 0:
		return run, false // a server that has no such thing to look at is not blamed for it
	}
	return proofs.Run{Outcome: proofs.NotProvable, Reason: "not provable here: " + append(needs, reasons...)[0]}, true
}

// quiet wants nothing that a run of the clean server, or a watch of a good client, would not have: no failure, nothing that could not run.
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
			if p.kind == Clean || p.kind == Client {
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
	case len(lame) > 0 && p.kind == Clean:
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
