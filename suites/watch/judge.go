package watch

import (
	"fmt"
	"maps"
	"slices"

	"gonogo/internal/lineage"
	"gonogo/reports"
	"gonogo/specs"
)

// look is a case of a watch: what of the exchanges it looks at, and what it found.
type look struct {
	flow, name string
	title      string // a sentence that says what must hold
	row        string
	at         specs.Place
	judge      func(*stage, *sight)
	hidden     string // why no exchange shows whether it holds, as a sentence; then nobody judges it. Empty: one may
}

// see judges what was seen.
func (l look) see(s *stage) *sight {
	seen := &sight{row: l.row, missing: l.hidden}
	if l.hidden == "" {
		l.judge(s, seen)
	}
	return seen
}

// Hidden is why no watch shows whether a client does what a row asks, as a sentence; empty: one may.
func Hidden(d *specs.Dialect, row string) (why string) {
	for _, l := range looks(d) {
		switch {
		case l.row != row:
		case l.hidden == "":
			return ""
		default:
			why = l.hidden
		}
	}
	return why
}

// sight is what a case saw.
type sight struct {
	row     string // of the case
	seen    int    // how often the client did what the case is about
	missing string // why it is not exercised, where it was not seen
	found   []finding
	shown   []*lineage.Event // exchanges that show the case held
}

// finding is a way in which the client did not do what it should.
type finding struct {
	sent, wanted, got string
	event             *lineage.Event
}

// saw takes note of an exchange that the case is about.
func (s *sight) saw(e *lineage.Event) {
	s.seen++
	if e != nil && len(s.shown) < 3 {
		s.shown = append(s.shown, e)
	}
}

// mostFindings is how many a case keeps: a client that does something wrong does it all the time.
const mostFindings = 5

func (s *sight) find(e *lineage.Event, wanted, got string, values ...any) {
	s.seen++
	if len(s.found) < mostFindings {
		s.found = append(s.found, finding{sent: sentence(e), wanted: wanted, got: fmt.Sprintf(got, values...), event: e})
	}
}

// sentence is a request as people name it.
func sentence(e *lineage.Event) string {
	if e == nil {
		return "all requests"
	}
	name := e.Request.Method + " " + e.Request.URL.Path
	for _, t := range e.Shown {
		name += " with ‹" + t.Name() + "›"
	}
	return name
}

// flow makes the cases of a declaration of the document, or of what its roles imply.
type flow func(d *specs.Dialect, declared specs.Flow) []look

// library is every flow of clients that a document can declare.
var library = map[string]flow{
	"requests":        requests,
	"use":             use,
	"refresh":         refreshing,
	"storage":         storage,
	"unit":            unit,
	"validate":        validating,
	"grace":           grace,
	"secret":          secrecy,
	"tokens-in-urls":  urls,
	"new-secret":      newSecretUsed,
	"code":            coding,
	"state":           stating,
	"issuer":          issuing,
	"kind":            whoFor,
	"popup":           popups,
	"not-retried":     notRetried,
	"proof-key":       proving,
	"expiry":          expiring,
	"envelope":        envelope,
	"time":            moment,
	"session-end":     sessionEnd,
	"refused-address": forbidden,
}

// looks are the cases of a document: what it declares of its clients, and what follows from its operations.
func looks(d *specs.Dialect) []look {
	var all []look
	for _, declared := range d.ClientFlows {
		var made []look
		if make := library[declared.Name]; make != nil {
			made = make(d, declared)
		}
		for _, l := range append(made, unseen(d, declared, made)...) {
			l.flow, l.at = declared.Name, declared.At
			all = append(all, l)
		}
	}
	return slices.DeleteFunc(append(all, implied(d)...), func(l look) bool { _, asked := d.ClientRow(l.row); return !asked }) // of another profile, or left out
}

// unseen are the rows of a declaration that no situation of this build shows.
func unseen(d *specs.Dialect, declared specs.Flow, seen []look) (rest []look) {
	for _, key := range slices.Sorted(maps.Keys(declared.Params)) {
		row, ok := d.ClientRow(declared.Params[key])
		if !ok || slices.ContainsFunc(seen, func(l look) bool { return l.row == row.ID }) || slices.ContainsFunc(rest, func(l look) bool { return l.row == row.ID }) {
			continue
		}
		rest = append(rest, look{name: key, row: row.ID, title: row.Text, hidden: "no situation of this build shows it"})
	}
	return rest
}

// outcome is what a case comes to, with the reason where it was not exercised.
func (l look) outcome(s *sight, level, gate specs.Level) (reports.Outcome, string) {
	switch {
	case len(s.found) > 0 && level.Weaker(gate):
		return reports.Warn, ""
	case len(s.found) > 0:
		return reports.Fail, ""
	case s.seen == 0:
		return reports.NotExercised, s.missing
	}
	return reports.Pass, ""
}

// id of a case is for ever.
func (l look) id(d *specs.Dialect) string { return d.ID + "/client-" + l.flow + "/" + l.name }
