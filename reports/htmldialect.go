package reports

import (
	"slices"
	"strings"
)

// htmlDialect is the section of one dialect at one target.
type htmlDialect struct {
	*Dialect
	Key       string // begins every anchor of the section
	Label     string
	Words     string
	Because   []string
	Tally     []htmlCount
	Checklist []htmlItem
	Bad       []htmlGroup // cases with something to show, by outcome
	Idle      []htmlIdle  // cases that say no more than a reason, by outcome and reason
	Rows      []htmlRow
	All       []htmlCase
	Waivers   []htmlWaiver
}

// htmlCount is how many cases ended in an outcome.
type htmlCount struct {
	Outcome Outcome
	N       int
}

// htmlItem is a line of the staging checklist.
type htmlItem struct {
	Outcome            Outcome
	Mark, Item, Word   string
	Because            string
	RequirementsOfItem []htmlLink
}

// htmlGroup is the articles of one outcome.
type htmlGroup struct {
	ID, Heading string
	Outcome     Outcome
	Cases       []htmlCase
}

// htmlIdle is cases that share an outcome and a reason.
type htmlIdle struct {
	Outcome Outcome
	Word    string // the outcome, or that there is none
	Reason  string
	Rows    []htmlLink
	Cases   []htmlCase
}

// htmlRow is a row of the requirement table.
type htmlRow struct {
	Requirement
	Anchor string
	Links  []htmlLink
}

// htmlWaiver is a waiver that was applied, with its cases.
type htmlWaiver struct {
	AppliedWaiver
	Cases []htmlLink
}

func htmlDialectOf(r *Report, i int, key string, room *evidenceRoom) *htmlDialect {
	h := &htmlDialect{Dialect: r.Dialects[i], Key: key, Label: r.label(i)}
	h.Words, h.Because = h.verdictWords()
	for _, o := range Outcomes() {
		if n := h.Counts.Of(o); n > 0 {
			h.Tally = append(h.Tally, htmlCount{o, n})
		}
	}
	for _, item := range h.Dialect.Checklist {
		shown := htmlItem{Outcome: item.Outcome, Item: item.Item, RequirementsOfItem: h.rowLinks(item.Requirements)}
		shown.Mark, shown.Word, shown.Because = h.shown(item)
		h.Checklist = append(h.Checklist, shown)
	}
	placed := map[string]bool{} // cases that are shown before the list of all
	for _, g := range []htmlGroup{
		{ID: "failures", Heading: "Failures", Outcome: Fail}, {ID: "errors", Heading: "Errors of the harness", Outcome: Error},
		{ID: "could-not-run", Heading: "Could not run", Outcome: CouldNotRun}, {ID: "warnings", Heading: "Warnings", Outcome: Warn},
		{ID: "waived", Heading: "Waived", Outcome: Waived},
	} {
		g.ID = key + "." + g.ID
		for _, c := range h.Cases {
			if c.Outcome == g.Outcome && !c.bare() {
				g.Cases = append(g.Cases, h.article(c, room))
				placed[c.ID] = true
			}
		}
		if len(g.Cases) > 0 {
			h.Bad = append(h.Bad, g)
		}
	}
	h.idle(placed, room)
	for _, row := range h.Requirements {
		shown := htmlRow{Requirement: row, Anchor: h.rowAnchor(row.ID)}
		for _, id := range row.Cases {
			shown.Links = append(shown.Links, htmlLink{"#" + h.anchor(id), strings.TrimPrefix(id, h.ID+"/"), ""})
		}
		h.Rows = append(h.Rows, shown)
	}
	for _, c := range h.Cases {
		h.All = append(h.All, h.line(c, !placed[c.ID]))
	}
	h.waivers()
	return h
}

// bare reports whether a case says no more than why nothing can be said.
func (c Case) bare() bool { return !c.Outcome.Ran() && len(c.Findings) == 0 }

// idle groups the cases that have no more to tell than why they did not run.
func (h *htmlDialect) idle(placed map[string]bool, room *evidenceRoom) {
	add := func(c Case, o Outcome, word, reason string) {
		if reason == "" {
			reason = "no reason was recorded"
		}
		at := slices.IndexFunc(h.Idle, func(g htmlIdle) bool { return g.Word == word && g.Reason == reason })
		if at < 0 {
			h.Idle, at = append(h.Idle, htmlIdle{Outcome: o, Word: word, Reason: reason}), len(h.Idle)
		}
		h.Idle[at].Cases = append(h.Idle[at].Cases, h.article(c, room))
		placed[c.ID] = true
	}
	for _, c := range h.withoutResult() {
		add(c, CouldNotRun, "no result", "the case was planned, and left no result")
	}
	for _, o := range []Outcome{Error, CouldNotRun, NotExercised, NotApplicable} {
		for _, c := range h.Cases {
			if c.Outcome == o && !placed[c.ID] {
				add(c, o, string(o), c.Reason)
			}
		}
	}
	for i := range h.Idle {
		var group []Case
		for _, c := range h.Idle[i].Cases {
			group = append(group, c.Case)
		}
		h.Idle[i].Rows = h.rowLinks(rowsOf(group))
	}
}

func (h *htmlDialect) waivers() {
	for _, c := range h.Cases {
		if c.Waiver == nil {
			continue
		}
		at := slices.IndexFunc(h.Waivers, func(w htmlWaiver) bool { return w.AppliedWaiver == *c.Waiver })
		if at < 0 {
			h.Waivers, at = append(h.Waivers, htmlWaiver{AppliedWaiver: *c.Waiver}), len(h.Waivers)
		}
		h.Waivers[at].Cases = append(h.Waivers[at].Cases, htmlLink{"#" + h.anchor(c.ID), c.ID, ""})
	}
}

// anchor is the id that a case has on the page: its own, where the dialect comes once.
func (h *htmlDialect) anchor(id string) string {
	if rest, ok := strings.CutPrefix(id, h.ID+"/"); ok {
		return h.Key + "/" + rest
	}
	return h.Key + "/" + id
}

func (h *htmlDialect) rowAnchor(id string) string { return h.Key + "." + id }

// rowLinks are links to requirements; one that this run did not select has no row to go to.
func (h *htmlDialect) rowLinks(ids []string) []htmlLink {
	var links []htmlLink
	for _, id := range ids {
		link := htmlLink{Text: id}
		if row := h.requirement(id); row != nil {
			link = htmlLink{"#" + h.rowAnchor(id), id, row.Text}
		}
		links = append(links, link)
	}
	return links
}
