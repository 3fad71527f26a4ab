package reports

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"time"
)

// ProveSchemaID is the value of the "schema" field of a report of gonogo prove.
const ProveSchemaID = "gonogo/prove/1"

//go:embed prove.schema.json
var proveSchema []byte

// ProveSchema returns the JSON Schema (draft 2020-12) of a report of gonogo
// prove.
func ProveSchema() []byte { return slices.Clone(proveSchema) }

// ProofOutcome is what became of a proof, or of one run of it.
type ProofOutcome string

// What can become of a proof.
const (
	Caught      ProofOutcome = "caught"       // a case of the defect's requirement failed
	Survived    ProofOutcome = "survived"     // none did
	Passed      ProofOutcome = "passed"       // a liberty, or the clean server, tripped nothing
	FalseAlarm  ProofOutcome = "false-alarm"  // it did
	NotProvable ProofOutcome = "not-provable" // nothing can be seen on this machine
	NoResult    ProofOutcome = "no-result"    // it did not come to its end, or never began
)

// proofOrder is the order of a proof's outcome among those of its runs: the
// first of these that any run has. A run that shows nothing is not made up for
// by another that does.
var proofOrder = []ProofOutcome{Survived, FalseAlarm, NoResult, NotProvable, Caught, Passed}

// NothingProved is the verdict of a prove in which nothing went wrong and
// nothing was shown either. Like go, it ends with exit code 0: what is not
// provable here is no fault of the harness.
const NothingProved Verdict = "nothing-proved"

// ProveReport is one run of gonogo prove. Whoever proves fills in the runs;
// Decide fills in the rest.
type ProveReport struct {
	Schema     string    `json:"schema"`
	Tool       Tool      `json:"tool"`
	Started    time.Time `json:"started"`
	DurationMS int64     `json:"duration_ms"`
	Seed       int64     `json:"seed"`   // that of every run
	Repeat     int       `json:"repeat"` // how many runs each proof was to have
	Complete   bool      `json:"complete"`
	Verdict    Verdict   `json:"verdict"`
	// Interrupted says why it ended early; "" if it did not.
	Interrupted string               `json:"interrupted"`
	Counts      map[ProofOutcome]int `json:"counts"` // proofs by outcome
	Proofs      []Proof              `json:"proofs"`
	// Untripped are the cases that ran, and that no defect of this run made fail.
	Untripped []string `json:"untripped"`
}

// Proof is one thing to be shown: that a defect is caught, or that a liberty or
// the server as it is (the kind clean) trips nothing.
type Proof struct {
	Kind        string       `json:"kind"` // clean, defect, liberty
	ID          string       `json:"id"`   // of the defect or liberty; "clean" for the server as it is
	Dialect     string       `json:"dialect"`
	Requirement string       `json:"requirement"` // "" for the server as it is
	Text        string       `json:"text"`        // what the server does
	Outcome     ProofOutcome `json:"outcome"`
	Reason      string       `json:"reason"`    // of the first run with this outcome
	CaughtBy    []string     `json:"caught_by"` // the failed cases of the requirement, in any run
	Runs        []ProofRun   `json:"runs"`
}

// ProofRun is one run of a proof.
type ProofRun struct {
	Outcome    ProofOutcome `json:"outcome"`
	Reason     string       `json:"reason"`
	CaughtBy   []string     `json:"caught_by"`
	DurationMS int64        `json:"duration_ms"`
}

// Decide computes what follows from the runs. A proof with fewer runs than were
// to be has no result, unless one of them was wrong.
func (r *ProveReport) Decide() {
	r.Schema = ProveSchemaID
	r.Started = r.Started.UTC().Truncate(time.Millisecond)
	r.Proofs, r.Untripped = list(r.Proofs), list(r.Untripped)
	r.Counts = map[ProofOutcome]int{}
	for _, o := range proofOrder {
		r.Counts[o] = 0
	}
	for i := range r.Proofs {
		r.Proofs[i].decide(r.Repeat)
		r.Counts[r.Proofs[i].Outcome]++
	}
	// Counts do not show it: what survived once may lack its other runs.
	lacks := func(p Proof) bool {
		return len(p.Runs) < max(r.Repeat, 1) || slices.ContainsFunc(p.Runs, func(run ProofRun) bool { return run.Outcome == NoResult })
	}
	r.Complete = r.Interrupted == "" && len(r.Proofs) > 0 && !slices.ContainsFunc(r.Proofs, lacks)
	switch {
	case r.Counts[Survived]+r.Counts[FalseAlarm] > 0:
		r.Verdict = NoGo
	case !r.Complete:
		r.Verdict = Incomplete
	case r.Counts[Caught]+r.Counts[Passed] == 0:
		r.Verdict = NothingProved
	default:
		r.Verdict = Go
	}
}

func (p *Proof) decide(repeat int) {
	p.Runs, p.CaughtBy = list(p.Runs), []string{}
	repeat = max(repeat, 1)
	worst := ProofRun{Outcome: NoResult, Reason: fmt.Sprintf("%d of %s came to an end", len(p.Runs), count(repeat, "run"))}
	if len(p.Runs) >= repeat {
		worst = p.Runs[0]
	}
	for i := range p.Runs {
		run := &p.Runs[i]
		run.CaughtBy = list(run.CaughtBy)
		p.CaughtBy = append(p.CaughtBy, run.CaughtBy...)
		if slices.Index(proofOrder, run.Outcome) < slices.Index(proofOrder, worst.Outcome) {
			worst = *run
		}
	}
	slices.Sort(p.CaughtBy)
	p.CaughtBy = slices.Compact(p.CaughtBy)
	p.Outcome, p.Reason = worst.Outcome, worst.Reason
}

// ExitCode returns the exit code that goes with the verdict.
func (r *ProveReport) ExitCode() int {
	switch r.Verdict {
	case NoGo:
		return ExitNoGo
	case Go, NothingProved:
		return ExitGo
	}
	return ExitIncomplete
}

// WriteProveJSON writes a decided report of gonogo prove as one indented JSON
// value.
func WriteProveJSON(w io.Writer, r *ProveReport) error {
	e := encoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
