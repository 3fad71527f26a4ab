// Package ctrf writes a report in the Common Test Report Format, JSON that many CI systems have viewers for (https://ctrf.io). It must never
// know how a verdict comes about.
package ctrf

import (
	"cmp"
	"io"
	"strings"
	"time"

	"gonogo/reports"
	"gonogo/reports/viewer"
)

// specVersion is the version of the format that is written.
const specVersion = "0.0.0"

// The members of the format that have something to say here. Durations and moments are in milliseconds.
type file struct {
	ReportFormat string    `json:"reportFormat"`
	SpecVersion  string    `json:"specVersion"`
	Timestamp    time.Time `json:"timestamp"`
	GeneratedBy  string    `json:"generatedBy"`
	Results      results   `json:"results"`
}

type results struct {
	Tool    tool           `json:"tool"`
	Summary summary        `json:"summary"`
	Tests   []test         `json:"tests"`
	Extra   map[string]any `json:"extra"`
}

type tool struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

type summary struct {
	Tests   int   `json:"tests"`
	Passed  int   `json:"passed"`
	Failed  int   `json:"failed"`
	Skipped int   `json:"skipped"`
	Pending int   `json:"pending"`
	Other   int   `json:"other"`
	Flaky   int   `json:"flaky"`
	Suites  int   `json:"suites"`
	Start   int64 `json:"start"`
	Stop    int64 `json:"stop"`
}

type test struct {
	Name      string   `json:"name"`
	Status    string   `json:"status"`
	Duration  int64    `json:"duration"`
	Suite     []string `json:"suite"`
	Message   string   `json:"message,omitempty"`
	Trace     string   `json:"trace,omitempty"`
	RawStatus string   `json:"rawStatus"`
	Tags      []string `json:"tags,omitempty"`
	FilePath  string   `json:"filePath,omitempty"`
	Line      int      `json:"line,omitempty"`
	Flaky     bool     `json:"flaky,omitempty"`
	Stdout    []string `json:"stdout,omitempty"`
}

// Write writes a decided report. What nothing can be said of is failed there as well: the format has no word for it that viewers show as red.
func Write(w io.Writer, r *reports.Report) error {
	start := r.Started.UnixMilli()
	out := file{
		ReportFormat: "CTRF", SpecVersion: specVersion, Timestamp: r.Started.Add(time.Duration(r.DurationMS) * time.Millisecond).UTC(), GeneratedBy: "gonogo",
		Results: results{
			Tool: tool{cmp.Or(r.Tool.Name, "gonogo"), r.Tool.Version}, Summary: summary{Start: start, Stop: start + r.DurationMS}, Tests: []test{},
			Extra: map[string]any{"verdict": r.Verdict, "complete": r.Complete, "labels": r.Labels},
		},
	}
	for _, suite := range viewer.Suites(r) {
		out.Results.Summary.Suites++
		for _, t := range suite.Tests {
			out.Results.add(suite.Name, t)
		}
	}
	return reports.Indented(w, out)
}

func (r *results) add(suite string, t viewer.Test) {
	written := test{Name: t.Name, Status: "passed", Duration: t.DurationMS, Suite: []string{suite}, Message: t.Message, Trace: t.Text, RawStatus: t.Kind}
	if class := strings.TrimPrefix(t.Class, suite+"."); class != suite {
		written.Suite = append(written.Suite, class)
	}
	if t.Output != "" {
		written.Stdout = strings.Split(strings.TrimSuffix(t.Output, "\n"), "\n")
	}
	written.FilePath, written.Line = viewer.Place(t.Where)
	if t.Case != nil {
		written.Tags = append([]string{string(t.Case.Level)}, t.Case.Requirements...)
		written.Flaky = t.Case.Runs != nil && t.Case.Runs.Flaky
	}
	r.Summary.Tests++
	switch {
	case t.Red():
		written.Status = "failed"
		r.Summary.Failed++
	case t.Status == viewer.Skipped:
		written.Status = "skipped"
		r.Summary.Skipped++
	default:
		r.Summary.Passed++
	}
	if written.Flaky {
		r.Summary.Flaky++
	}
	r.Tests = append(r.Tests, written)
}
