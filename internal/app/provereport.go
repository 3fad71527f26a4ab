package app

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"time"

	"gonogo/internal/version"
	"gonogo/reports"
)

// proveFormats are the report formats of prove: what is proved is no case of a dialect, so the others have
// nowhere to put it.
var proveFormats = map[string]func(io.Writer, *reports.ProveReport) error{
	"json":  reports.WriteProveJSON,
	"junit": reports.WriteProveJUnit,
}

// newProveReport is the report of proofs of which none has run yet.
func newProveReport(proofs []proof, repeat int, began time.Time) *reports.ProveReport {
	r := &reports.ProveReport{Tool: version.Tool(), Started: began, Seed: proofSeed, Repeat: repeat}
	for _, p := range proofs {
		r.Proofs = append(r.Proofs, reports.Proof{
			Kind: p.kind, ID: cmp.Or(p.quirk.ID, p.kind), Dialect: p.dialect,
			Requirement: p.quirk.Requirement, Text: cmp.Or(p.quirk.Text, "The server is as it is."),
		})
	}
	return r
}

// ran is one run of the proof, for the report.
func (p proof) ran(came told, ms int64) reports.ProofRun {
	run := reports.ProofRun{Outcome: reports.Passed, Reason: cmp.Or(came.wrong, came.broken, came.unprovable), CaughtBy: came.by, DurationMS: ms}
	switch {
	case came.wrong != "":
		_, run.Reason, _ = strings.Cut(came.wrong, ": ") // the outcome says the word before it
		run.Outcome = reports.FalseAlarm
		if p.kind == "defect" {
			run.Outcome = reports.Survived
		}
	case came.broken != "":
		run.Outcome = reports.NoResult
	case came.unprovable != "":
		run.Outcome = reports.NotProvable
	case p.kind == "defect":
		run.Outcome = reports.Caught
	}
	return run
}

// beginProve is begun for prove.
func (o outputs) beginProve(r *reports.ProveReport) {
	early := *r
	early.Proofs, early.Interrupted = slices.Clone(r.Proofs), unfinished
	early.Decide()
	o.replace(func(format string) func(io.Writer) error {
		return func(w io.Writer) error { return proveFormats[format](w, &early) }
	})
}

func (o outputs) writeProve(r *reports.ProveReport) error {
	r.Decide()
	return o.render(r.ExitCode(), nil, func(format string, failed []string) func(io.Writer) error {
		shown := *r
		if format == "junit" && len(failed) > 0 {
			shown.Proofs = slices.Clone(r.Proofs)
			shown.Interrupted = unwritten + ": " + strings.Join(failed, "; ")
			shown.Decide()
		}
		return func(w io.Writer) error { return proveFormats[format](w, &shown) }
	})
}
