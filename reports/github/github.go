// Package github writes a report as workflow commands of GitHub Actions: printed by a step, they are shown as annotations, beside the line of
// the file that they are about. It must never know how a verdict comes about.
package github

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/viewer"
	"gonogo/reports/words"
	"gonogo/specs/problem"
)

// most is how many annotations of a level GitHub shows of a step; the last of them says how many there are beyond.
const most = 10

// Write writes an error for each test that keeps the run from go, a warning for each warning, and the verdict as a notice.
func Write(w io.Writer, r *reports.Report) error {
	var wrong, warnings []annotation
	for _, suite := range viewer.Suites(r) {
		for _, t := range suite.Tests {
			switch {
			case t.Red():
				wrong = append(wrong, of(t))
			case t.Kind == string(reports.Warn):
				warnings = append(warnings, of(t))
			}
		}
	}
	var out strings.Builder
	write(&out, "error", wrong)
	write(&out, "warning", warnings)
	verdict := prose.OfRun(r)
	write(&out, "notice", []annotation{{title: "gonogo", text: verdict.Words + verdict.Because()}})
	_, err := io.WriteString(w, out.String())
	return err
}

// Refuse writes what a run was refused for, before it began: an error for each problem, at its line.
func Refuse(w io.Writer, err error) error {
	all := []annotation{{title: "gonogo", text: words.Lines(err.Error())}}
	var problems problem.List
	if errors.As(err, &problems) {
		all = nil
		for _, p := range problems.Fatal() {
			a := annotation{title: "gonogo", file: p.Place.File, line: p.Place.Line}
			p.Place = problem.Place{}
			a.text = words.Plain(strings.TrimPrefix(p.String(), ": "))
			all = append(all, a)
		}
	}
	var out strings.Builder
	write(&out, "error", all)
	_, failed := io.WriteString(w, out.String())
	return failed
}

type annotation struct {
	title, text, file string
	line              int
}

// of is a test as an annotation: under the requirement that it is about, with its own name.
func of(t viewer.Test) annotation {
	a := annotation{title: t.Name, text: t.Message}
	if t.Case != nil && len(t.Case.Findings) > 0 {
		a.title = prose.Blamed(*t.Case)
		a.text = t.Name + "\n" + strings.TrimPrefix(t.Message, a.title+": ")
	}
	a.file, a.line = viewer.Place(t.Where)
	return a
}

func write(out *strings.Builder, level string, all []annotation) {
	shown := all
	if len(all) > most {
		shown = append(all[:most-1:most-1], annotation{title: "gonogo", text: fmt.Sprintf("%s more, which GitHub does not show; the report has them", words.Count(len(all)-most+1, level))})
	}
	for _, a := range shown {
		var properties []string
		if a.file != "" {
			properties = append(properties, "file="+property(a.file))
		}
		if a.line > 0 {
			properties = append(properties, fmt.Sprintf("line=%d", a.line))
		}
		properties = append(properties, "title="+property(a.title))
		fmt.Fprintf(out, "::%s %s::%s\n", level, strings.Join(properties, ","), data.Replace(a.text))
	}
}

// What would end a command, or one of its properties, is escaped as GitHub's own toolkit does it.
var data = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")

func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data.Replace(text))
}
