package reports

import (
	"fmt"
	"time"

	"gonogo/reports/words"
)

// BodyLimit is how many bytes of a body a report keeps: a longer one is cut and marked. The
// mark counts, so that a body that was cut is not cut again.
const BodyLimit = 4 << 10

// tidy brings r into the form that every format can rely on: lists are never
// nil, bodies are cut, an outcome is one of the eight.
func (r *Report) tidy() {
	if r.Schema == "" {
		r.Schema = SchemaID
	}
	// What JSON keeps: no monotonic clock, no zone.
	r.Started = r.Started.UTC().Truncate(time.Millisecond)
	r.Dialects = list(r.Dialects)
	r.Load = list(r.Load)
	for i, run := range r.Load {
		r.Load[i] = run.tidied()
	}
	for i := range r.Capacity {
		c := &r.Capacity[i]
		c.Mixed = list(c.Mixed)
		c.Because, c.Objectives, c.Gates = list(c.Because), list(c.Objectives), list(c.Gates)
	}
	for i := range r.Comparisons {
		c := &r.Comparisons[i]
		c.Because, c.Notes, c.Rounds = list(c.Because), list(c.Notes), list(c.Rounds)
	}
	r.IncompleteBecause = list(r.IncompleteBecause)
	r.WaiverProblems = list(r.WaiverProblems)
	for i := range r.WaiverProblems {
		p := &r.WaiverProblems[i]
		p.Cases, p.Dialects = list(p.Cases), list(p.Dialects)
	}
	for _, d := range r.Dialects {
		d.tidy()
		for i, c := range d.Cases {
			d.Cases[i] = c.tidied()
		}
	}
}

func (d *Dialect) tidy() {
	d.Requirements = list(d.Requirements)
	for i := range d.Requirements {
		d.Requirements[i].Cases = list(d.Requirements[i].Cases)
	}
	d.Cases = list(d.Cases)
	d.IncompleteBecause = list(d.IncompleteBecause)
	d.Deviations = list(d.Deviations)
	d.Notes = list(d.Notes)
	for i := range d.Threats {
		d.Threats[i].Rows = list(d.Threats[i].Rows)
	}
	for i := range d.Document.Coverage {
		section := &d.Document.Coverage[i]
		section.Rows, section.Unjudged = list(section.Rows), list(section.Unjudged)
	}
	d.Lives.tidy()
	d.Checklist = list(d.Checklist)
	for i := range d.Checklist {
		d.Checklist[i].Requirements = list(d.Checklist[i].Requirements)
	}
}

// tidied returns a tidy copy of c. It writes to nothing that c shares: several
// observers may hold the same case.
func (c Case) tidied() Case {
	if !c.Outcome.Valid() {
		c.Reason = fmt.Sprintf("the harness recorded %q, which is no outcome", c.Outcome)
		c.Outcome = Error
	}
	switch {
	case c.Outcome != Waived:
		c.Waiver = nil
	case c.Waiver == nil:
		c.Outcome, c.Reason = Error, "the harness recorded waived, but no waiver"
	}
	c.Requirements = list(c.Requirements)
	c.Needs = list(c.Needs)
	c.Findings = list(c.Findings)
	exchanges := make([]Exchange, len(c.Exchanges))
	for i, x := range c.Exchanges {
		exchanges[i] = x.tidied()
	}
	c.Exchanges = exchanges
	return c
}

func (x Exchange) tidied() Exchange {
	x.Request.Body = words.Cut(x.Request.Body, BodyLimit, "body")
	x.Response.Body = words.Cut(x.Response.Body, BodyLimit, "body")
	if x.Request.Headers == nil {
		x.Request.Headers = map[string][]string{}
	}
	if x.Response.Headers == nil {
		x.Response.Headers = map[string][]string{}
	}
	return x
}

// list returns s, or an empty list in place of nil: a list in a report is
// never null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
