package app

import (
	"io"
	"slices"
	"strings"

	"gonogo/reports"
)

// verdictFormats are those whose readers look at nothing but the file: no exit code, and no schema that has a place
// for what is missing. JUnit is the last, so that a CI viewer is told of all the others.
var verdictFormats = []string{"html", "md", "ctrf", "github", "sarif", "junit"}

func isVerdict(format string) bool { return slices.Contains(verdictFormats, format) }

// begun writes, as a run begins, every report that is else only written at its end: a reader that finds the green file of
// an earlier run where this one was killed believes it. What is written then is incomplete, and the report at the end takes
// its place.
type begun struct{ outputs }

// observer is who watches a run for the reports that are written before its end.
func (o outputs) observer(streams []*reports.JSONL) reports.Observer {
	observers := reports.Observers{begun{o}}
	for _, stream := range streams {
		observers = append(observers, stream)
	}
	return observers
}

const unfinished = "the run has not come to its end: this report was written as it began"

// Begin leaves it to the end of the run to complain of a file that cannot be written.
func (b begun) Begin(r *reports.Report) {
	report := reports.Unfinished(r, unfinished)
	b.replace(func(format string) func(io.Writer) error {
		return func(w io.Writer) error { return formats[format](w, report) }
	})
}

func (begun) CaseEnded(int, reports.Case) {}

func (begun) End(*reports.Report) {}

// verdictsLast puts them behind all others, so that they can say which of the others is missing.
func (o outputs) verdictsLast() outputs {
	place := func(each output) int { return slices.Index(verdictFormats, each.format) }
	return slices.SortedStableFunc(slices.Values(o), func(a, b output) int { return place(a) - place(b) })
}

// lacking is the report of a run whose other reports could not be written: its exit code is not 0, so what it
// shows must not be green.
func lacking(report *reports.Report, failed []string) *reports.Report {
	copied := *report
	copied.Interrupted = unwritten + ": " + strings.Join(failed, "; ")
	if report.Interrupted != "" {
		copied.Interrupted += "; " + report.Interrupted
	}
	reports.Decide(&copied, report.Policy)
	return &copied
}

// replace writes what is begun in place of every such file; into a pipe two documents would go.
func (o outputs) replace(render func(format string) func(io.Writer) error) {
	for _, each := range o {
		if each.format != "jsonl" && !each.isDevice() { // that is written as the run goes on
			_ = reports.WriteFile(each.path, render(each.format))
		}
	}
}
