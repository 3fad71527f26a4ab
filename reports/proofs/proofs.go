// Package proofs holds what a run of gonogo prove found: which defects of the
// reference server were caught, and which liberties tripped nothing; which of
// the broken clients were caught, and that no good one was accused. It must
// never know how a proof is run.
package proofs

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"time"

	"gonogo/reports"
	"gonogo/reports/words"
)

// SchemaID is the value of the "schema" field of a report of gonogo prove.
const SchemaID = "gonogo/prove/1"

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of a report of gonogo
// prove.
func Schema() []byte { return slices.Clone(schema) }

// Outcome is what became of a proof, or of one run of it.
type Outcome string

// What can become of a proof.
const (
	Caught      Outcome = "caught"       // a case of the requirement that is violated failed
	Survived    Outcome = "survived"     // none did
	Passed      Outcome = "passed"       // a liberty, the clean server or a good client tripped nothing
	FalseAlarm  Outcome = "false-alarm"  // it did
	NotProvable Outcome = "not-provable" // nothing can be seen on this machine
	NoResult    Outcome = "no-result"    // it did not come to its end, or never began
)

// order is the order of a proof's outcome among those of its runs: the
// first of these that any run has. A run that shows nothing is not made up for
// by another that does.
var order = []Outcome{Survived, FalseAlarm, NoResult, NotProvable, Caught, Passed}

// NothingProved is the verdict of a prove in which nothing went wrong and
// nothing was shown either. Like go, it ends with exit code 0: what is not
// provable here is no fault of the harness.
const NothingProved reports.Verdict = "nothing-proved"

// Report is one run of gonogo prove. Whoever proves fills in the runs;
// Decide fills in the rest.
type Report struct {
	Schema     string       `json:"schema"`
	Tool       reports.Tool `json:"tool"`
	Started    time.Time    `json:"started"`
	DurationMS int64        `json:"duration_ms"`
	Seed       int64        `json:"seed"`   // that of every run
	Repeat     int          `json:"repeat"` // how many runs each proof was to have
	reports.Origin
	Complete bool            `json:"complete"`
	Verdict  reports.Verdict `json:"verdict"`
	// Interrupted says why it ended early; "" if it did not.
	Interrupted string          `json:"interrupted"`
	Counts      map[Outcome]int `json:"counts"` // proofs by outcome
	Proofs      []Proof         `json:"proofs"`
	// Untripped are the cases that ran, and that no defect of this run made fail.
	Untripped []string `json:"untripped"`
}

// Proof is one thing to be shown: that a defect of the server or a fault of a
// client is caught, or that a liberty, the server as it is (the kind clean) or
// a good client trips nothing.
type Proof struct {
	Kind        string   `json:"kind"` // clean, defect, liberty, client, fault
	ID          string   `json:"id"`   // of the defect, liberty or fault; the style of a good client; "clean" for the server as it is
	Dialect     string   `json:"dialect"`
	Profile     string   `json:"profile,omitempty"` // of the document, of a clean run; a quirk has the first that judges its row
	Requirement string   `json:"requirement"`       // "" for the server as it is and for a good client
	Text        string   `json:"text"`              // what the server, or the client, does
	Outcome     Outcome  `json:"outcome"`
	Reason      string   `json:"reason"`    // of the first run with this outcome
	CaughtBy    []string `json:"caught_by"` // the failed cases of the requirement, in any run
	Runs        []Run    `json:"runs"`
}

// Run is one run of a proof.
type Run struct {
	Outcome    Outcome  `json:"outcome"`
	Reason     string   `json:"reason"`
	CaughtBy   []string `json:"caught_by"`
	DurationMS int64    `json:"duration_ms"`
}

// Decide computes what follows from the runs. A proof with fewer runs than were
// to be has no result, unless one of them was wrong.
func (r *Report) Decide() {
	r.Schema = SchemaID
	r.Started = r.Started.UTC().Truncate(time.Millisecond)
	r.Proofs, r.Untripped = append([]Proof{}, r.Proofs...), append([]string{}, r.Untripped...) // never null
	r.Counts = map[Outcome]int{}
	for _, o := range order {
		r.Counts[o] = 0
	}
	for i := range r.Proofs {
		r.Proofs[i].decide(r.Repeat)
		r.Counts[r.Proofs[i].Outcome]++
	}
	// Counts do not show it: what survived once may lack its other runs.
	lacks := func(p Proof) bool {
		return len(p.Runs) < max(r.Repeat, 1) || slices.ContainsFunc(p.Runs, func(run Run) bool { return run.Outcome == NoResult })
	}
	r.Complete = r.Interrupted == "" && len(r.Proofs) > 0 && !slices.ContainsFunc(r.Proofs, lacks)
	switch {
	case r.Counts[Survived]+r.Counts[FalseAlarm] > 0:
		r.Verdict = reports.NoGo
	case !r.Complete:
		r.Verdict = reports.Incomplete
	case r.Counts[Caught]+r.Counts[Passed] == 0:
		r.Verdict = NothingProved
	default:
		r.Verdict = reports.Go
	}
}

func (p *Proof) decide(repeat int) {
	p.Runs, p.CaughtBy = append([]Run{}, p.Runs...), []string{}
	repeat = max(repeat, 1)
	worst := Run{Outcome: NoResult, Reason: fmt.Sprintf("%d of %s came to an end", len(p.Runs), words.Count(repeat, "run"))}
	if len(p.Runs) >= repeat {
		worst = p.Runs[0]
	}
	for i := range p.Runs {
		run := &p.Runs[i]
		run.CaughtBy = append([]string{}, run.CaughtBy...)
		p.CaughtBy = append(p.CaughtBy, run.CaughtBy...)
		if slices.Index(order, run.Outcome) < slices.Index(order, worst.Outcome) {
			worst = *run
		}
	}
	slices.Sort(p.CaughtBy)
	p.CaughtBy = slices.Compact(p.CaughtBy)
	p.Outcome, p.Reason = worst.Outcome, worst.Reason
}

// Tally says how the runs ended, the worst first.
func (p Proof) Tally() string {
	var parts []string
	for _, o := range order {
		n := 0
		for _, run := range p.Runs {
			if run.Outcome == o {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	return words.Join(parts)
}

// DurationMS is how long all runs took together.
func (p Proof) DurationMS() int64 {
	var ms int64
	for _, run := range p.Runs {
		ms += run.DurationMS
	}
	return ms
}

// ExitCode returns the exit code that goes with the verdict.
func (r *Report) ExitCode() int {
	switch r.Verdict {
	case reports.NoGo:
		return reports.ExitNoGo
	case reports.Go, NothingProved:
		return reports.ExitGo
	}
	return reports.ExitIncomplete
}

// WriteJSON writes a decided report of gonogo prove as one indented JSON
// value.
func WriteJSON(w io.Writer, r *Report) error { return reports.Indented(w, r) }
