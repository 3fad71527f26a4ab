package watch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gonogo/internal/exchange"
	"gonogo/internal/front"
	"gonogo/internal/lineage"
	"gonogo/internal/version"
	"gonogo/reports"
	text "gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// report is what was seen until now, with its waivers and its verdict.
func (w *watched) report(ctx context.Context) *reports.Report {
	r := w.found(ctx)
	engine.Conclude(r, []*specs.Dialect{w.dialect}, w.waivers, engine.Options{Policy: w.config.Policy, History: w.config.History, Planned: w.config.Planned})
	return r
}

// found is what was seen until now, judged case by case.
func (w *watched) found(ctx context.Context) *reports.Report {
	r := &reports.Report{Schema: reports.SchemaID, Tool: version.Tool(), Started: w.started.UTC(), DurationMS: time.Since(w.started).Milliseconds(), TraceID: w.trace.String(), Policy: w.config.Policy, Origin: reports.Origin{Environment: version.Here()}}
	d := &reports.Dialect{
		ID: w.dialect.ID, Subject: reports.SubjectClient, Profile: w.dialect.Profile, Requests: w.total,
		Document: reports.Document{Title: w.dialect.Title, Version: w.dialect.Version, SHA256: w.dialect.SHA256},
		Target:   reports.Target{BaseURL: w.connection.Redactor.URL(w.config.Target.BaseURL.String()), Again: w.config.Again, Network: w.config.Target.Network(), Watched: w.front.URL("").String()},
	}
	if w.config.Target.OnDisk {
		d.Target.File = w.config.Target.File
	}
	if !w.dialect.BuiltIn {
		d.Document.File = w.dialect.File
	}
	accused := accusations{}
	for _, l := range looks(w.dialect) {
		if w.config.Only == nil || w.config.Only(l.id(w.dialect)) {
			d.Cases = append(d.Cases, w.judged(l, accused))
		}
	}
	w.accused = accused
	d.Lives = w.lives(w.started, accused)
	for _, row := range w.dialect.ClientRows {
		shown := reports.Requirement{ID: row.ID, Level: row.Level, Text: row.Text, Where: row.At.String(), Positive: true}
		for _, c := range d.Cases {
			if slices.Contains(c.Requirements, row.ID) {
				shown.Cases = append(shown.Cases, c.ID)
			}
		}
		if len(shown.Cases) > 0 {
			d.Requirements = append(d.Requirements, shown)
		}
	}
	d.Notes = w.notes()
	if w.unplayed > 0 {
		d.Cut = fmt.Sprintf("--for left out %d of %s", w.unplayed, text.Count(len(script), "situation"))
	}
	if w.config.Page != nil && w.config.Browses && w.user == nil {
		d.Incomplete = "browser is required, but " + w.config.Browser.Missing()
	} else if len(w.faults) > 0 {
		d.Incomplete = w.connection.Redactor.Answer(w.faults[0])
	} else if w.total == 0 {
		d.Incomplete = "the client made no request"
		if w.given != nil {
			d.Incomplete = "the client made no request by the clock of --fake-clock, by which waits on locks hang, as in Python's threading: try FAKETIME_DONT_FAKE_MONOTONIC=1 in front of the command of --run"
		}
	} else if w.dropped > 0 {
		d.Incomplete = fmt.Sprintf("the client made more requests than a watch keeps (%d, beside calls that go well), such as a login for each call, so the watch ended", keptEvents)
	} else if why := w.unanswered(); why != "" {
		d.Incomplete = w.connection.Redactor.Answer(why)
	}
	if ctx.Err() != nil {
		r.Interrupted = "the watch was interrupted"
	}
	r.Dialects = []*reports.Dialect{d}
	return r
}

// unanswered says that the API behind gave no answer, if so: nobody knows what the client would have done with one.
func (w *watched) unanswered() string {
	count, why := 0, ""
	for _, e := range w.all() {
		if e.Deed == front.Gone && e.Received { // a client that went meanwhile got none anyhow
			count++
			why = cmp.Or(why, e.Why)
		}
	}
	if count == 0 {
		return ""
	}
	return fmt.Sprintf("the API behind did not answer %s: %s", text.Count(count, "request"), why)
}

// judged is one case and what it came to. What its findings show goes to accused.
func (w *watched) judged(l look, accused accusations) reports.Case {
	row, _ := w.dialect.ClientRow(l.row)
	s := l.see(w.stage)
	c := reports.Case{ID: l.id(w.dialect), Title: l.title, Level: row.Level, Requirements: []string{l.row}, Polarity: reports.Positive}
	c.Outcome, c.Reason = l.outcome(s, row.Level, w.config.Policy.Gate)
	redactor := w.connection.Redactor
	c.Reason = redactor.Answer(c.Reason)
	for _, f := range s.found {
		found := reports.Finding{Requirement: l.row, Sent: redactor.String(f.sent), Wanted: redactor.String(f.wanted), Got: redactor.Answer(f.got), Where: l.at.String()}
		if f.event != nil {
			found.Exchange = new(len(c.Exchanges))
			accused[f.event] = append(accused[f.event], reports.Accusation{Case: c.ID, Finding: len(c.Findings)})
			c.Exchanges = append(c.Exchanges, w.evidence(f.event))
		}
		c.Findings = append(c.Findings, found)
	}
	if len(s.found) == 0 {
		for _, e := range s.shown {
			c.Exchanges = append(c.Exchanges, w.evidence(e))
		}
	}
	return c
}

// evidence is an exchange as a report shows it.
func (w *watched) evidence(e *lineage.Event) reports.Exchange {
	x := &exchange.Exchange{
		Sent: e.Arrived, Received: e.Done, Method: e.Request.Method, URL: e.Request.URL.String(), RequestHeader: e.Request.Header.Clone(), RequestBody: e.Request.Body,
	}
	x.RequestHeader.Del("Host") // the address says it
	if a := e.Exchange.Answer; a != nil {
		x.Status, x.Header, x.Body, x.Cut = a.Status, a.Header, a.Body, a.Cut
	} else {
		x.Err = fmt.Errorf("the client was given no answer: %s", e.Deed)
	}
	return w.connection.Redactor.Evidence(x, w.started)
}

// notes say what became of the situations, and what is not in the report.
func (w *watched) notes() (all []string) {
	var late []string
	for _, s := range script {
		switch played := w.outcomes[s.id]; {
		case played == nil || played.why == "":
		case played.why == endedBefore:
			late = append(late, s.id)
		default:
			all = append(all, fmt.Sprintf("%s (%s): %s", s.id, s.title, played.why))
		}
	}
	if len(late) > 0 {
		all = append(all, strings.Join(late, ", ")+": "+endedBefore)
	}
	if w.config.Page != nil && w.user == nil {
		all = append(all, "the client's page was not opened, and no user came there: "+w.config.Browser.Missing())
	}
	if w.unfake != "" {
		all = append(all, w.unfake)
	}
	if w.lost != "" {
		all = append(all, "of a user's coming to the client's page nothing came, at least once: "+w.lost)
	}
	return all
}
