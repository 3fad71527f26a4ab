package app

import (
	"encoding/json"
	"slices"

	"gonogo/internal/target"
	"gonogo/reference"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/watch"
)

// explained is what explain says of an id, for programs. What is empty is left out.
type explained struct {
	ID       string   `json:"id"`
	Kind     string   `json:"kind"`     // requirement, case, situation, defect or liberty
	Dialects []string `json:"dialects"` // that have it; a row of every dialect can have other words in some
	Text     string   `json:"text"`
	At       string   `json:"at,omitempty"` // file and line of the document

	Level    specs.Level            `json:"level,omitempty"`
	Actor    specs.Actor            `json:"actor,omitempty"` // whom a requirement binds
	Where    []string               `json:"where,omitempty"` // in the published text, by its headings
	Profiles []string               `json:"profiles,omitempty"`
	Levels   map[string]specs.Level `json:"levels,omitempty"`
	Threats  []specs.Threat         `json:"threats,omitempty"`
	Watched  []explainedWatch       `json:"watched,omitempty"`   // of a requirement of clients, and of a case of them
	Waits    string                 `json:"waits_for,omitempty"` // of a situation

	Requirements []string        `json:"requirements,omitempty"` // what a case checks, a defect violates, a liberty leans on
	Needs        []target.Need   `json:"needs,omitempty"`
	Cases        []explainedCase `json:"cases,omitempty"`
	Defects      []explainedItem `json:"defects,omitempty"`
	Liberties    []explainedItem `json:"liberties,omitempty"`
}

// explainedWatch is how a requirement of clients is watched: by a flow of the document, or by what its roles imply.
type explainedWatch struct {
	Flow  string `json:"flow,omitempty"`
	Looks string `json:"looks_for"`
	May   string `json:"allowed"`
	Mend  string `json:"mend"`
}

type explainedCase struct {
	ID    string        `json:"id"`
	Title string        `json:"title"`
	Needs []target.Need `json:"needs,omitempty"`
}

type explainedItem struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

func (e explained) String() string {
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		panic("app: an explanation is no JSON: " + err.Error()) // texts and lists always are
	}
	return string(text) + "\n"
}

// rowData explains a row with the cases and quirks of all dialects that have it.
func (e *explainer) rowData(d *specs.Dialect, row specs.Requirement) explained {
	said := explained{
		ID: row.ID, Kind: "requirement", Text: row.Text, At: row.At.String(), Level: row.Level, Actor: row.Actor,
		Where: append([]string{row.Where}, row.Also...), Profiles: row.Profiles, Levels: row.Levels,
	}
	for _, plan := range e.plans {
		if _, has := plan.Dialect.Row(row.ID); has {
			said.Dialects = append(said.Dialects, plan.Dialect.ID)
		}
	}
	for _, threat := range specs.Threats() {
		if slices.Contains(row.Threats, threat.ID) {
			said.Threats = append(said.Threats, threat)
		}
	}
	if row.Actor == specs.ActorClient {
		said.Watched = watchedOf(d, row.ID)
		for _, plan := range e.plans {
			for _, c := range watch.Plan(plan.Dialect).Cases {
				if slices.Contains(c.Requirements, row.ID) {
					said.Cases = append(said.Cases, explainedCase{ID: c.ID, Title: c.Title})
				}
			}
		}
		return said
	}
	said.Actor = specs.ActorServer
	for _, plan := range e.plans {
		for _, c := range plan.Cases {
			if slices.Contains(c.Requirements, row.ID) {
				said.Cases = append(said.Cases, explainedCase{c.ID, c.Title, c.Needs})
			}
		}
	}
	said.Defects, said.Liberties = itemsOf(e.defects, said.Dialects, row.ID), itemsOf(e.liberties, said.Dialects, row.ID)
	return said
}

// itemsOf are the quirks of dialects that are about one of these requirements.
func itemsOf(quirks []reference.Quirk, dialects []string, requirements ...string) (items []explainedItem) {
	for _, q := range quirks {
		if slices.Contains(dialects, q.Dialect) && slices.Contains(requirements, q.Requirement) {
			items = append(items, explainedItem{q.ID, q.Text})
		}
	}
	return items
}

func (e *explainer) caseData(plan *engine.Plan, c engine.Case) explained {
	dialects := []string{plan.Dialect.ID}
	return explained{
		ID: c.ID, Kind: "case", Dialects: dialects, Text: c.Title, At: c.At.String(), Requirements: c.Requirements, Needs: c.Needs,
		Defects: itemsOf(e.defects, dialects, c.Requirements...),
	}
}

func (e *explainer) clientCaseData(d *specs.Dialect, c engine.Case) explained {
	said := explained{ID: c.ID, Kind: "case", Dialects: []string{d.ID}, Text: c.Title, At: c.At.String(), Actor: specs.ActorClient, Requirements: c.Requirements}
	for _, row := range c.Requirements {
		said.Watched = append(said.Watched, watchedOf(d, row)...)
	}
	return said
}

// situationData explains a situation, which clients of every dialect may meet.
func (e *explainer) situationData(s watch.Situation) explained {
	said := explained{ID: s.ID, Kind: "situation", Text: s.Title, Waits: s.Waits}
	for _, plan := range e.plans {
		said.Dialects = append(said.Dialects, plan.Dialect.ID)
	}
	return said
}

// watchedOf is how a row of clients is watched.
func watchedOf(d *specs.Dialect, row string) (all []explainedWatch) {
	flows, told := d.Watched(row)
	for i, watch := range told {
		all = append(all, explainedWatch{flows[i].Name, watch.Looks, watch.May, watch.Mend})
	}
	return all
}

func (e *explainer) quirkData(q reference.Quirk) explained {
	return explained{ID: q.ID, Kind: q.Kind(), Dialects: []string{q.Dialect}, Text: q.Text, Requirements: []string{q.Requirement}}
}
