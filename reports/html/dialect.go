package html

import (
	"fmt"
	"slices"
	"strings"

	"gonogo/reports"
	"gonogo/reports/prose"
)

// dialect is the section of one dialect at one target.
type dialect struct {
	*reports.Dialect
	Key       string // begins every anchor of the section
	Label     string
	Said      prose.Verdict
	Checklist []item
	Bad       []group // cases with something to show, by outcome
	Idle      []idle  // cases that say no more than a reason, by outcome and reason
	Rows      []row
	All       []shownCase
	Waivers   []waiver
	Faced     []threat
	Text      []section
	Drawn     *lives // of a client's tokens; nil: there are none
}

// threat is a threat, with links to what answers it.
type threat struct {
	reports.Threat
	Mark, Word, Source string
	Answers            []answer
}

type answer struct {
	link
	Outcome reports.Outcome
}

// section is a heading of the published text, with links to what answers it.
type section struct {
	reports.Section
	Links []link
}

// item is a line of the server's half of the staging checklist.
type item struct {
	Outcome             reports.Outcome
	Item                string
	Mark, Word, Because string
}

// group is the articles of one outcome.
type group struct {
	ID, Heading string
	Outcome     reports.Outcome
	Cases       []shownCase
}

// idle is cases that share an outcome and a reason.
type idle struct {
	prose.Group
	Rows  []link
	Cases []shownCase
}

// row is a row of the requirement table.
type row struct {
	reports.Requirement
	Anchor string
	Links  []link
}

// waiver is a waiver that was applied, with its cases.
type waiver struct {
	reports.AppliedWaiver
	Cases []link
}

func dialectOf(r *reports.Report, i int, key string, room *room) *dialect {
	h := &dialect{Dialect: r.Dialects[i], Key: key, Label: r.Label(i), Said: prose.OfDialect(r.Dialects[i])}
	for _, of := range h.Dialect.Checklist {
		shown := item{Outcome: of.Outcome, Item: of.Item}
		shown.Mark, shown.Word, shown.Because = prose.Item(h.Dialect, of)
		h.Checklist = append(h.Checklist, shown)
	}
	h.Drawn = livesOf(h.Dialect, key, func(a reports.Accusation) string { return "#" + h.findingAnchor(a.Case, a.Finding) })
	placed := map[string]bool{} // cases that are shown before the list of all
	for _, g := range []group{
		{ID: "failures", Heading: "Failures", Outcome: reports.Fail}, {ID: "errors", Heading: "Errors of the harness", Outcome: reports.Error},
		{ID: "could-not-run", Heading: "Could not run", Outcome: reports.CouldNotRun}, {ID: "warnings", Heading: "Warnings", Outcome: reports.Warn},
		{ID: "waived", Heading: "Waived", Outcome: reports.Waived},
	} {
		g.ID = key + "." + g.ID
		for _, c := range prose.With(h.Cases, g.Outcome) {
			if !prose.Bare(c) {
				g.Cases = append(g.Cases, h.article(c, room))
				placed[c.ID] = true
			}
		}
		if len(g.Cases) > 0 {
			h.Bad = append(h.Bad, g)
		}
	}
	h.idle(placed, room)
	for _, of := range h.Requirements {
		shown := row{Requirement: of, Anchor: h.rowAnchor(of.ID)}
		for _, id := range of.Cases {
			shown.Links = append(shown.Links, link{"#" + h.anchor(id), strings.TrimPrefix(id, h.ID+"/"), ""})
		}
		h.Rows = append(h.Rows, shown)
	}
	for _, c := range h.Cases {
		h.All = append(h.All, h.line(c, !placed[c.ID]))
		h.waived(c)
	}
	for _, of := range prose.Threats(h.Dialect) {
		shown := threat{Threat: of, Mark: prose.ThreatMark(of.State), Word: prose.ThreatState(of.State), Source: prose.Source(of)}
		links := h.rowLinks(of.Rows)
		for i, a := range prose.AnswersTo(h.Dialect, of) {
			shown.Answers = append(shown.Answers, answer{links[i], a.Outcome})
		}
		h.Faced = append(h.Faced, shown)
	}
	for _, of := range h.Document.Coverage {
		h.Text = append(h.Text, section{of, h.rowLinks(of.Rows)})
	}
	return h
}

// idle groups the cases that have no more to tell than why they did not run.
func (h *dialect) idle(placed map[string]bool, room *room) {
	cases := slices.Concat(h.Missing(), prose.With(h.Cases, reports.Error, reports.CouldNotRun, reports.NotExercised, reports.NotApplicable))
	cases = slices.DeleteFunc(cases, func(c reports.Case) bool { return placed[c.ID] })
	for _, g := range prose.Groups(cases) {
		shown := idle{Group: g, Rows: h.rowLinks(g.Rows())}
		for _, c := range g.Cases {
			shown.Cases = append(shown.Cases, h.article(c, room))
			placed[c.ID] = true
		}
		h.Idle = append(h.Idle, shown)
	}
}

// waived puts a waived case under its waiver.
func (h *dialect) waived(c reports.Case) {
	if c.Waiver == nil {
		return
	}
	at := slices.IndexFunc(h.Waivers, func(w waiver) bool { return w.AppliedWaiver == *c.Waiver })
	if at < 0 {
		h.Waivers, at = append(h.Waivers, waiver{AppliedWaiver: *c.Waiver}), len(h.Waivers)
	}
	h.Waivers[at].Cases = append(h.Waivers[at].Cases, link{"#" + h.anchor(c.ID), c.ID, ""})
}

// anchor is the id that a case has on the page: its own, where the dialect comes once.
func (h *dialect) anchor(id string) string { return h.Key + "/" + strings.TrimPrefix(id, h.ID+"/") }

func (h *dialect) findingAnchor(id string, i int) string {
	return fmt.Sprintf("%s/%d", h.anchor(id), i+1)
}

func (h *dialect) rowAnchor(id string) string { return h.Key + "." + id }

// rowLinks are links to requirements; one that this run did not select has no row to go to.
func (h *dialect) rowLinks(ids []string) []link {
	var links []link
	for _, id := range ids {
		to := link{Text: id}
		if h.Requirement(id) != nil {
			to.Href = "#" + h.rowAnchor(id)
		}
		links = append(links, to)
	}
	return links
}
