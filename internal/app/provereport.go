package app

import (
	"io"
	"slices"
	"strings"

	"gonogo/reports/junit"
	"gonogo/reports/proofs"
)

// proveFormats are the report formats of prove: what is proved is no case of a dialect, so the others have
// nowhere to put it.
var proveFormats = map[string]func(io.Writer, *proofs.Report) error{
	"json":  proofs.WriteJSON,
	"junit": junit.WriteProof,
}

// beginProve is begun for prove.
func (o outputs) beginProve(r *proofs.Report) {
	early := *r
	early.Proofs, early.Interrupted = slices.Clone(r.Proofs), unfinished
	early.Decide()
	o.replace(func(format string) func(io.Writer) error {
		return func(w io.Writer) error { return proveFormats[format](w, &early) }
	})
}

// writeProve writes a decided report.
func (o outputs) writeProve(r *proofs.Report) error {
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
