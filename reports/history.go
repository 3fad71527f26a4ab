package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// History is what became of earlier runs: a directory keeps a report of each, without what was sent and got.
type History struct {
	dir  string
	runs []pastRun // the latest last
}

// pastRun is what waivers want of a report that was kept.
type pastRun struct {
	Schema   string        `json:"schema"`
	Dialects []pastDialect `json:"dialects"`
}

type pastDialect struct {
	ID     string          `json:"id"`
	Target Target          `json:"target"`
	At     string          `json:"at"` // of HistorySchema alone: the target's place
	Cases  json.RawMessage `json:"cases"`

	ended map[string][]Outcome // by case, once for each time that it ran
}

// HistorySchema is the format that runs of checks were kept in once; they are still read.
const HistorySchema = "gonogo/history/1"

// KeptRuns is how many runs a directory keeps: ten times as many as a waiver is judged by, so that runs of a few cases do
// not push out what others have seen.
const KeptRuns = 200

// StaleAfter is in how many runs in a row, the latest, the cases of a flaky waiver must not have ended as it says for it to
// be stale. One that happens once in ten runs hides for so long one time in eight.
const StaleAfter = 20

var keptName = regexp.MustCompile(`^\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{8}\.json$`)

// OpenHistory reads the runs that a directory keeps, which need not be there yet.
func OpenHistory(dir string) (*History, error) {
	h := &History{dir: dir}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	names, err := h.names()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		file := filepath.Join(dir, name)
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var run pastRun
		if err := json.Unmarshal(data, &run); err != nil || run.read() != nil {
			return nil, fmt.Errorf("%s is no run that gonogo kept; delete it", file)
		}
		h.runs = append(h.runs, run)
	}
	return h, nil
}

// read takes the outcomes out of a run.
func (run *pastRun) read() error {
	for i := range run.Dialects {
		d := &run.Dialects[i]
		d.ended = map[string][]Outcome{}
		switch run.Schema {
		case HistorySchema:
			var cases map[string]Outcome
			if err := json.Unmarshal(d.Cases, &cases); err != nil {
				return err
			}
			for id, o := range cases {
				d.ended[id] = []Outcome{o}
			}
		case SchemaID:
			var cases []Case
			if err := json.Unmarshal(d.Cases, &cases); err != nil {
				return err
			}
			d.At = d.Target.Place()
			for _, c := range cases {
				d.ended[c.ID] = c.ended("")
			}
		}
	}
	if run.Schema != HistorySchema && run.Schema != SchemaID {
		return wrongSchema(run.Schema)
	}
	return nil
}

// names are the files of runs, the earliest first. Others are none of ours.
func (h *History) names() ([]string, error) {
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if keptName.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// Keep writes a decided report down, whole or not at all, and deletes the earliest beyond KeptRuns. A nil history keeps nothing.
func (h *History) Keep(r *Report) error {
	if h == nil {
		return nil
	}
	name := fmt.Sprintf("%s-%08x.json", r.Started.UTC().Format("20060102T150405.000Z"), rand.Uint32())
	if err := WriteFile(filepath.Join(h.dir, name), func(w io.Writer) error { return encoder(w).Encode(r.figures()) }); err != nil {
		return err
	}
	names, err := h.names()
	if err != nil {
		return err
	}
	for len(names) > KeptRuns {
		if err := os.Remove(filepath.Join(h.dir, names[0])); err != nil && !os.IsNotExist(err) { // another run may be at it
			return err
		}
		names = names[1:]
	}
	return nil
}

// figures is a report without evidence, and without what a history has no use for: outcomes, numbers and verdicts are left.
func (r *Report) figures() *Report {
	kept := *r
	kept.Dialects, kept.Load = nil, nil
	for _, d := range r.Dialects {
		of := *d
		of.Requirements, of.Checklist, of.Threats, of.Lives, of.Document.Coverage = nil, nil, nil, nil, nil
		of.Cases = nil
		for _, c := range d.Cases {
			c.Findings, c.Exchanges = nil, nil
			of.Cases = append(of.Cases, c.tidied())
		}
		of.tidy()
		kept.Dialects = append(kept.Dialects, &of)
	}
	for _, run := range r.Load {
		of := *run
		of.Seconds, of.Examples, of.Parts = nil, nil, nil
		for _, d := range []*Distribution{&of.Latency, &of.Service, &of.Lag, &of.Reading, &of.Successes, &of.Failures} {
			d.Curve, d.Binary = nil, nil
		}
		for _, p := range run.Parts {
			p.Latency.Curve, p.Latency.Binary, p.Service.Curve, p.Service.Binary = nil, nil, nil, nil
			of.Parts = append(of.Parts, p)
		}
		of.Violations, of.Warnings = unproven(run.Violations), unproven(run.Warnings)
		kept.Load = append(kept.Load, of.tidied())
	}
	kept.Dialects, kept.Load = list(kept.Dialects), list(kept.Load)
	return &kept
}

// unproven are violations without their evidence.
func unproven(all []LoadViolation) (left []LoadViolation) {
	for _, v := range all {
		left = append(left, LoadViolation{Kind: v.Kind, Requirement: v.Requirement, Count: v.Count})
	}
	return left
}

// Writable finds out whether a run can be kept.
func (h *History) Writable() error { return Writable(h.dir) }

// Dir is where the history is kept.
func (h *History) Dir() string { return h.dir }

// seen are the outcomes of a case at one of these targets of its dialect, now and in the runs that are kept, the latest first,
// but for runs in which it could not be looked at, unless that is what is wanted.
func (h *History) seen(id string, dialects []*Dialect, wanted Outcome) []Outcome {
	var all []Outcome
	add := func(ended []Outcome) {
		for _, o := range ended {
			if o == wanted || o != NotApplicable && !unseen(o) {
				all = append(all, o)
			}
		}
	}
	for _, d := range dialects {
		for _, c := range d.Cases {
			if c.ID == id {
				add(c.ended(wanted))
			}
		}
	}
	for _, run := range slices.Backward(h.runs) {
		for _, past := range run.Dialects {
			if slices.ContainsFunc(dialects, func(d *Dialect) bool { return d.ID == past.ID && d.Target.Place() == past.At }) {
				add(past.ended[id])
			}
		}
	}
	return all
}

// ended are the outcomes of a case before any waiver, one for each time that it ran: the one that is asked for first, because
// nobody knows which of them was.
func (c Case) ended(first Outcome) (all []Outcome) {
	if c.Runs == nil {
		return []Outcome{c.unwaived()}
	}
	others := slices.DeleteFunc(slices.Clone(rowOrder), func(o Outcome) bool { return o == first })
	for _, o := range append([]Outcome{first}, others...) {
		all = append(all, slices.Repeat([]Outcome{o}, c.Runs.Outcomes[o])...)
	}
	return all
}

// Place is a target's address, without the port where it is this machine's: that is another one in every run.
func (t Target) Place() string {
	u, err := url.Parse(t.BaseURL)
	if err != nil {
		return t.BaseURL
	}
	u.User = nil
	if address, err := netip.ParseAddr(u.Hostname()); u.Hostname() == "localhost" || err == nil && address.IsLoopback() {
		u.Host = "localhost"
	}
	return u.String()
}
