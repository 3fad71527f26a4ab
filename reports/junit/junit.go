// Package junit writes a report as JUnit XML. It must never know how a verdict
// comes about.
package junit

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"gonogo/reports"
	"gonogo/reports/viewer"
)

// Write writes a decided report as JUnit XML: a suite for each dialect, a test
// case for each case, as viewer.Suites has them.
func Write(w io.Writer, r *reports.Report) error {
	all := suites{Name: "gonogo", Time: seconds(r.DurationMS)}
	for _, each := range viewer.Suites(r) {
		s := &suite{Name: each.Name, Properties: runProperties(r)}
		if each.Dialect != nil {
			s.Properties = dialectProperties(r, each.Dialect)
		}
		for _, t := range each.Tests {
			s.add(t)
		}
		all.add(s, r.Started)
	}
	return all.write(w)
}

func dialectProperties(r *reports.Report, d *reports.Dialect) []property {
	list := properties("dialect", d.ID, "verdict", string(d.Verdict), "complete", fmt.Sprint(d.Complete), "target.base_url", d.Target.BaseURL,
		"document.title", d.Document.Title, "document.version", d.Document.Version, "document.sha256", d.Document.SHA256)
	if d.Profile != "" {
		list = append(list, properties("profile", d.Profile)...)
	}
	for i, text := range d.Deviations {
		list = append(list, properties(fmt.Sprintf("declared.%d", i+1), text)...)
	}
	for i, text := range d.Notes {
		list = append(list, properties(fmt.Sprintf("note.%d", i+1), text)...)
	}
	return append(list, runProperties(r)...)
}

// runProperties are those of the run. They stand in every suite, because
// viewers have no place for those of a file.
func runProperties(r *reports.Report) []property {
	all := properties("run.verdict", string(r.Verdict), "run.complete", fmt.Sprint(r.Complete), "seed", fmt.Sprint(r.Seed),
		"gate", string(r.Policy.Gate), "strict", fmt.Sprint(r.Policy.Strict),
		"tool.name", r.Tool.Name, "tool.version", r.Tool.Version, "tool.commit", r.Tool.Commit)
	for _, name := range slices.Sorted(maps.Keys(r.Labels)) {
		all = append(all, properties("label."+name, r.Labels[name])...)
	}
	return all
}
