package engine

import (
	"fmt"
	"maps"
	"slices"

	"gonogo/reports"
	"gonogo/reports/words"
	"gonogo/specs"
)

// described is the plan as a report shows it before anything has run.
func (r *run) described() *reports.Dialect {
	plan := r.plan
	d := &reports.Dialect{
		ID:       plan.Dialect.ID,
		Profile:  plan.Dialect.Profile,
		Document: reports.Document{Title: plan.Dialect.Title, Version: plan.Dialect.Version, SHA256: plan.Dialect.SHA256},
		Target:   reports.Target{BaseURL: r.connection.Redactor.URL(r.target.BaseURL.String()), Again: r.again, Network: r.target.Network()},
	}
	if r.target.OnDisk {
		d.Target.File = r.target.File
	}
	if !plan.Dialect.BuiltIn {
		d.Document.File = plan.Dialect.File
	}
	for _, section := range plan.Dialect.Coverage() {
		d.Document.Coverage = append(d.Document.Coverage, sectionOf(section))
	}
	d.Threats = threats(plan.Dialect)
	positive := plan.positive()
	for _, requirement := range plan.Dialect.Requirements {
		row := rowOf(requirement)
		row.Positive = positive[requirement.ID]
		for _, c := range plan.Cases {
			if slices.Contains(c.Requirements, requirement.ID) {
				row.Cases = append(row.Cases, c.ID)
			}
		}
		if len(row.Cases) > 0 { // a row that this selection does not touch is not its business
			d.Requirements = append(d.Requirements, row)
		}
	}
	for _, item := range plan.Dialect.Checklist {
		if slices.ContainsFunc(item.Requirements, func(id string) bool { return !hasRow(d.Requirements, id) }) {
			continue // a selection that leaves out a part of it says nothing about it
		}
		d.Checklist = append(d.Checklist, reports.ChecklistItem{Item: item.Item, Requirements: item.Requirements})
	}
	return d
}

// addFound adds rows that no case of this run is about, and that a case found violated all the same: it stood on them.
func (r *run) addFound(d *reports.Dialect) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, requirement := range r.plan.Dialect.Requirements {
		violates := func(c Case) bool { return r.results[c.ID].Violates(requirement.ID) }
		if !hasRow(d.Requirements, requirement.ID) && slices.ContainsFunc(r.plan.Cases, violates) {
			d.Requirements = append(d.Requirements, rowOf(requirement))
		}
	}
}

func rowOf(requirement specs.Requirement) reports.Requirement {
	return reports.Requirement{ID: requirement.ID, Level: requirement.Level, Text: requirement.Text, Where: requirement.At.String()}
}

func sectionOf(section specs.Section) reports.Section {
	shown := reports.Section{Text: section.Text, Heading: section.Heading, Rows: section.Rows}
	for _, statement := range section.Unjudged {
		shown.Unjudged = append(shown.Unjudged, reports.Statement{Text: statement.Text, Reason: statement.Reason})
	}
	return shown
}

// threats are those that the dialect faces, with the rows that answer each, whether this selection has them or not.
func threats(d *specs.Dialect) (faced []reports.Threat) {
	for _, threat := range d.Facing() {
		shown := reports.Threat{ID: threat.ID, Text: threat.Text}
		for _, requirement := range d.Requirements {
			if slices.Contains(requirement.Threats, threat.ID) {
				shown.Rows = append(shown.Rows, requirement.ID)
			}
		}
		faced = append(faced, shown)
	}
	return faced
}

func hasRow(rows []reports.Requirement, id string) bool {
	return slices.ContainsFunc(rows, func(row reports.Requirement) bool { return row.ID == id })
}

// dialect is everything the run found, cases in the order of the plan.
func (r *run) dialect(facts Facts) *reports.Dialect {
	d := r.described()
	r.addFound(d)
	d.Requests = r.connection.Sent()
	d.WaitedMS = r.timeline.longest().Milliseconds()
	for _, note := range append(slices.Clone(r.target.Notes), facts.Notes...) {
		d.Notes = append(d.Notes, r.connection.Redactor.Answer(note))
	}
	for _, note := range []string{r.connection.Delays.Note(), words.Resent(int64(r.connection.Resent()), int64(d.Requests))} {
		if note != "" {
			d.Notes = append(d.Notes, note)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(r.target.Expect)) {
		d.Deviations = append(d.Deviations, fmt.Sprintf("the target file expects the %s token to live %s instead of the documented lifetime", key, r.target.Expect[key]))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.Sort(r.remarks)
	for _, remark := range slices.Compact(r.remarks) {
		d.Notes = append(d.Notes, r.connection.Redactor.Answer(remark))
	}
	d.Incomplete = r.connection.Redactor.Answer(r.cut)
	for _, c := range r.plan.Cases {
		d.Cases = append(d.Cases, r.results[c.ID])
	}
	return d
}
