package reports

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"sync"
	"time"
)

// The types of the lines of a jsonl stream.
const (
	lineHeader = "header"
	lineCase   = "case"
	lineFooter = "footer"
)

// headerLine is what is known of a run before its first case.
type headerLine struct {
	Type    string    `json:"type"`
	Schema  string    `json:"schema"`
	Tool    Tool      `json:"tool"`
	Started time.Time `json:"started"`
	Seed    int64     `json:"seed"`
	TraceID string    `json:"trace_id,omitempty"`
	Repeat  int       `json:"repeat,omitempty"`
	Origin
	Policy   Policy          `json:"policy"`
	Dialects []headerDialect `json:"dialects"`
}

type headerDialect struct {
	ID           string          `json:"id"`
	Document     Document        `json:"document"`
	Subject      string          `json:"subject,omitempty"`
	Profile      string          `json:"profile,omitempty"`
	Target       Target          `json:"target"`
	Planned      int             `json:"planned"`      // how many cases there will be
	Requirements []Requirement   `json:"requirements"` // without outcomes, with the ids of the planned cases
	Deviations   []string        `json:"deviations"`
	Checklist    []ChecklistItem `json:"checklist"`         // without outcomes
	Threats      []Threat        `json:"threats,omitempty"` // without states
}

// headerOf is the header of a run, of which cases may have ended or not.
func headerOf(r *Report) *headerLine {
	begun := Begun(r)
	h := &headerLine{lineHeader, begun.Schema, begun.Tool, begun.Started, begun.Seed, begun.TraceID, begun.Repeat, begun.Origin, begun.Policy, []headerDialect{}}
	for i, d := range begun.Dialects {
		h.Dialects = append(h.Dialects, headerDialect{d.ID, d.Document, d.Subject, d.Profile, d.Target, r.Dialects[i].Planned(), d.Requirements, d.Deviations, d.Checklist, d.Threats})
	}
	return h
}

// begun is the report that the header begins.
func (h *headerLine) begun() *Report {
	r := &Report{Tool: h.Tool, Started: h.Started, Seed: h.Seed, TraceID: h.TraceID, Repeat: h.Repeat, Origin: h.Origin, Policy: h.Policy}
	for _, d := range h.Dialects {
		r.Dialects = append(r.Dialects, &Dialect{ID: d.ID, Document: d.Document, Subject: d.Subject, Profile: d.Profile, Target: d.Target, Requirements: d.Requirements, Deviations: d.Deviations, Checklist: d.Checklist, Threats: d.Threats})
	}
	return r
}

type caseLine struct {
	Type    string `json:"type"`
	Dialect string `json:"dialect"`
	Index   int    `json:"index"` // of the dialect in header and footer
	Case    Case   `json:"case"`
}

// footerLine is the report with the ids of its cases in place of the cases.
type footerLine struct {
	Type     string `json:"type"`
	Expected int    `json:"expected"` // cases in the stream, each id of a dialect once
	Report
	Dialects []footerDialect `json:"dialects"`
}

type footerDialect struct {
	Dialect
	Cases []string `json:"cases"`
}

// caseKey tells the cases of a run apart, also where two dialects of it have
// one id.
type caseKey struct {
	dialect int
	id      string
}

// JSONL is the Observer that writes the format jsonl: a header line, a line
// for each case as it ends, a footer. A case that changed after its line was
// written gets another line at the end, and the later line counts. Each line is
// one write, so that a process that is killed leaves every case that had ended.
type JSONL struct {
	mu      sync.Mutex
	w       io.Writer
	file    *os.File // what CreateJSONL opened, to be closed
	header  *headerLine
	written map[caseKey]uint64
	seed    maphash.Seed
	err     error
}

// NewJSONL returns an Observer that streams to w, which must not buffer.
func NewJSONL(w io.Writer) *JSONL {
	return &JSONL{w: w, written: map[caseKey]uint64{}, seed: maphash.MakeSeed()}
}

// CreateJSONL is NewJSONL for a file, which it empties first.
func CreateJSONL(path string) (*JSONL, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("the report cannot be written: %w", err)
	}
	j := NewJSONL(f)
	j.file = f
	return j, nil
}

// Begin writes the header line.
func (j *JSONL) Begin(r *Report) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.begin(r)
}

func (j *JSONL) begin(r *Report) {
	j.header = headerOf(r)
	j.write(j.header)
}

// CaseEnded writes the line of a case.
func (j *JSONL) CaseEnded(dialect int, c Case) {
	j.mu.Lock()
	defer j.mu.Unlock()
	id := ""
	if j.header != nil && dialect >= 0 && dialect < len(j.header.Dialects) {
		id = j.header.Dialects[dialect].ID
	}
	j.writeCase(dialect, id, c)
}

func (j *JSONL) writeCase(dialect int, id string, c Case) {
	line := j.line(caseLine{lineCase, id, dialect, c.tidied()})
	key, sum := caseKey{dialect, c.ID}, maphash.Bytes(j.seed, line)
	if before, ok := j.written[key]; ok && before == sum {
		return
	}
	j.written[key] = sum
	j.put(line)
}

// End writes the lines of cases that are not yet in the stream as they are in
// the report, and the footer.
func (j *JSONL) End(r *Report) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.header == nil {
		j.begin(r)
	}
	footer := footerLine{Type: lineFooter, Report: *r, Dialects: []footerDialect{}}
	for i, d := range r.Dialects {
		f := footerDialect{Dialect: *d, Cases: []string{}}
		for _, c := range d.Cases {
			j.writeCase(i, d.ID, c)
			f.Cases = append(f.Cases, c.ID)
		}
		footer.Expected += len(f.Cases)
		footer.Dialects = append(footer.Dialects, f)
	}
	j.write(footer)
	if j.file != nil && j.err == nil && isRegular(j.file) {
		j.err = j.file.Sync()
	}
}

// Close closes the file of CreateJSONL and returns the first error that any
// line met.
func (j *JSONL) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file != nil {
		if err := j.file.Close(); j.err == nil {
			j.err = err
		}
		j.file = nil
	}
	if j.err != nil {
		return fmt.Errorf("the jsonl report is not whole: %w", j.err)
	}
	return nil
}

func (j *JSONL) write(line any) { j.put(j.line(line)) }

func (j *JSONL) line(v any) []byte {
	var b bytes.Buffer
	if err := encoder(&b).Encode(v); err != nil && j.err == nil {
		j.err = err
	}
	return b.Bytes()
}

func (j *JSONL) put(line []byte) {
	if j.err == nil {
		_, j.err = j.w.Write(line)
	}
}

// isRegular spares a pipe or a terminal the Sync that it cannot do.
func isRegular(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}
