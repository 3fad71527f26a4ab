package reports

import (
	"time"

	"gonogo/specs"
)

// Observer follows a run while it goes on. The calls come as Begin once, then
// CaseEnded in any order and from any goroutine, then End once with the
// decided report. A case that is handed over is no longer changed by anyone.
type Observer interface {
	Begin(Header)
	// CaseEnded hands over a case of the dialect at this index of
	// Header.Dialects, already waived if it is to be (see Waive). An index
	// and not an id, because a run may hold one dialect at two targets.
	CaseEnded(dialect int, c Case)
	End(*Report)
}

// Observers calls each of several observers in turn.
type Observers []Observer

// Begin calls Begin of each.
func (o Observers) Begin(h Header) {
	for _, each := range o {
		each.Begin(h)
	}
}

// CaseEnded calls CaseEnded of each.
func (o Observers) CaseEnded(dialect int, c Case) {
	for _, each := range o {
		each.CaseEnded(dialect, c)
	}
}

// End calls End of each.
func (o Observers) End(r *Report) {
	for _, each := range o {
		each.End(r)
	}
}

// Header is what is known of a run before its first case: enough to say, should
// nothing else follow, what is missing.
type Header struct {
	Schema   string          `json:"schema"`
	Tool     Tool            `json:"tool"`
	Started  time.Time       `json:"started"`
	Seed     int64           `json:"seed"`
	Policy   Policy          `json:"policy"`
	Dialects []DialectHeader `json:"dialects"`
}

// DialectHeader is what is known of a dialect before its first case.
type DialectHeader struct {
	ID           string          `json:"id"`
	Document     Document        `json:"document"`
	Target       Target          `json:"target"`
	Planned      int             `json:"planned"`      // how many cases there will be
	Requirements []Requirement   `json:"requirements"` // without outcomes, with the ids of the planned cases
	Deviations   []string        `json:"deviations"`
	Checklist    []ChecklistItem `json:"checklist"` // without outcomes
}

// Unfinished returns the report of a run of which no case has ended yet: it is
// incomplete for the given reason. A run that is killed leaves it behind where
// its reports are written at the end.
func Unfinished(h Header, why string) *Report {
	r := h.skeleton()
	r.Interrupted = why
	Decide(r, h.Policy)
	return r
}

func (h Header) skeleton() *Report {
	r := &Report{Tool: h.Tool, Started: h.Started, Seed: h.Seed}
	for _, d := range h.Dialects {
		r.Dialects = append(r.Dialects, d.skeleton())
	}
	return r
}

// HeaderOf returns the header of a run from its report, in which the cases may
// be there or still to come. Planned is the number of distinct cases that its
// requirements name and of those that it holds.
func HeaderOf(r *Report) Header {
	h := Header{Schema: SchemaID, Tool: r.Tool, Started: r.Started, Seed: r.Seed, Policy: r.Policy}
	if h.Policy.Gate == "" {
		h.Policy.Gate = specs.Standard
	}
	for _, d := range r.Dialects {
		planned := map[string]bool{}
		dh := DialectHeader{ID: d.ID, Document: d.Document, Target: d.Target, Deviations: d.Deviations}
		for _, row := range d.Requirements {
			for _, id := range row.Cases {
				planned[id] = true
			}
			row.Outcome = ""
			dh.Requirements = append(dh.Requirements, row)
		}
		for _, item := range d.Checklist {
			item.Outcome = ""
			dh.Checklist = append(dh.Checklist, item)
		}
		for _, c := range d.Cases {
			planned[c.ID] = true
		}
		dh.Planned = len(planned)
		h.Dialects = append(h.Dialects, dh)
	}
	h.tidy()
	return h
}

func (h *Header) tidy() {
	h.Schema = SchemaID
	h.Started = h.Started.UTC().Truncate(time.Millisecond)
	dialects := make([]DialectHeader, len(h.Dialects))
	for i, d := range h.Dialects {
		dialects[i] = headerOf(d.skeleton(), d.Planned)
	}
	h.Dialects = dialects
}

// skeleton returns a dialect of which no case has ended yet. It shares no list
// with the header.
func (h DialectHeader) skeleton() *Dialect {
	d := &Dialect{ID: h.ID, Document: h.Document, Target: h.Target}
	d.Requirements = append(d.Requirements, h.Requirements...)
	d.Deviations = append(d.Deviations, h.Deviations...)
	d.Checklist = append(d.Checklist, h.Checklist...)
	d.tidy()
	return d
}

func headerOf(d *Dialect, planned int) DialectHeader {
	return DialectHeader{
		ID: d.ID, Document: d.Document, Target: d.Target, Planned: planned,
		Requirements: d.Requirements, Deviations: d.Deviations, Checklist: d.Checklist,
	}
}
