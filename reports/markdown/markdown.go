// Package markdown writes a report as a short summary for a pull request: the
// verdict, numbers, what was violated first and how to see it again. It is
// GitHub's dialect of Markdown, which GitLab and Gitea read too. The package
// must never know how a verdict comes about.
package markdown

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/words"
)

// Write writes a decided report.
func Write(w io.Writer, r *reports.Report) error {
	m := &markdown{}
	verdict := prose.OfRun(r)
	m.line("## %s%s", verdict.Words, escaped(verdict.Because()))
	m.blank()
	m.about(r)
	m.dialects(r)
	for _, c := range r.Capacity {
		m.capacity(c, r.Load)
	}
	for _, c := range r.Comparisons {
		m.comparison(c)
	}
	for i, run := range r.Load {
		if !r.IsStep(run) || len(run.Violations) > 0 { // the others stand in the table of their search
			m.load(i, run)
		}
	}
	for _, p := range r.WaiverProblems {
		m.line("- Waiver to mend: %s", escaped(p.String()))
	}
	m.blank()
	for _, o := range []reports.Outcome{reports.Fail, reports.Error, reports.Warn} { // a warning must not take the room of a failure
		for i, d := range r.Dialects {
			m.violated(r.Label(i), d, o)
		}
	}
	for i, d := range r.Dialects {
		m.idle(r.Label(i), d)
	}
	for i, d := range r.Dialects {
		m.threats(r.Label(i), d)
	}
	if m.left > 0 {
		m.line("%s more: the html and json reports have everything.", words.Count(m.left, "violated requirement"))
	}
	_, err := io.WriteString(w, strings.TrimRight(m.b.String(), "\n")+"\n")
	return err
}

// GitHub takes 65,536 characters for a comment; whoever posts it may want to say something, too.
const limit = 50_000

// The longest text of a finding, and the longest curl line, that a summary repeats. A line cut short would send
// something else, so a longer one is left out.
const (
	maxText = 400
	maxCurl = 2000
)

type markdown struct {
	b    strings.Builder
	left int // violated requirements for which there was no room
}

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

func (m *markdown) blank() {
	if !strings.HasSuffix(m.b.String(), "\n\n") {
		m.b.WriteByte('\n')
	}
}

// table writes a table, and an empty line behind it. Numbers stand on the right; a cell is written as it is.
func (m *markdown) table(head []string, numbers func(column int) bool, rows [][]string) {
	rule := "|"
	for i := range head {
		if numbers(i) {
			rule += "--:|"
		} else {
			rule += "---|"
		}
	}
	m.line("| %s |\n%s", strings.Join(head, " | "), rule)
	for _, row := range rows {
		m.line("| %s |", strings.Join(row, " | "))
	}
	m.blank()
}

// about says what was run, in a line.
func (m *markdown) about(r *reports.Report) {
	parts := []string{strings.TrimSpace(r.Tool.Name + " " + r.Tool.Version), r.Started.Format(words.UTC), "took " + words.Millis(r.DurationMS), fmt.Sprintf("seed %d", r.Seed)}
	if labels := r.Labelled(); labels != "" {
		parts = append(parts, labels)
	}
	if r.Repeat > 1 {
		parts = append(parts, words.Count(r.Repeat, "run"))
	}
	if len(r.Dialects) > 0 {
		parts = append(parts, fmt.Sprintf("fails from level %s up", r.Policy.Gate))
	}
	m.line("%s", escaped(words.Join(parts)))
	m.blank()
}

// dialects is the table of counts, with a column for each outcome that occurred.
func (m *markdown) dialects(r *reports.Report) {
	if len(r.Dialects) == 0 {
		return
	}
	head, counts := []string{"dialect", "target", "verdict", "requests"}, r.Counts()
	occurred := slices.DeleteFunc(reports.Outcomes(), func(o reports.Outcome) bool { return counts.Of(o) == 0 })
	for _, o := range occurred {
		head = append(head, string(o))
	}
	var rows [][]string
	for _, d := range r.Dialects {
		row := []string{escaped(prose.Judged(d)), code(d.Target.BaseURL), prose.OfDialect(d).Words, fmt.Sprint(d.Requests)}
		for _, o := range occurred {
			row = append(row, fmt.Sprint(d.Counts.Of(o)))
		}
		rows = append(rows, row)
	}
	m.table(head, func(column int) bool { return column > 2 }, rows)
}

// violated is a block for each requirement that does not hold: what its first finding says, and the line that sends
// the request again.
func (m *markdown) violated(label string, d *reports.Dialect, o reports.Outcome) {
	cases := prose.With(d.Cases, o)
	same := map[string]int{}
	for _, c := range cases {
		same[prose.Blamed(c)]++
	}
	for _, c := range cases {
		if id := prose.Blamed(c); same[id] > 0 {
			m.block(label, d, c, id, same[id]-1)
			same[id] = 0
		}
	}
}

func (m *markdown) block(label string, d *reports.Dialect, c reports.Case, id string, same int) {
	var b markdown
	text := c.Title
	if row := d.Requirement(id); row != nil {
		text = fmt.Sprintf("(%s): %s", row.Level, row.Text)
	}
	b.fold("%s %s: <b>%s</b> %s", prose.Mark(c.Outcome), c.Outcome, html(id), html(words.Short(text, maxText)))
	facts := []prose.Fact{{Name: "dialect", Text: label}, {Name: "case", Text: c.ID}, {Name: "reason", Text: c.Reason}, {Name: "runs", Text: prose.Runs(c)}}
	var shown *reports.Exchange
	if len(c.Findings) > 0 {
		at := slices.IndexFunc(c.Findings, func(f reports.Finding) bool { return f.Requirement == id })
		f := c.Findings[max(at, 0)]
		facts, shown = append(facts, prose.Facts(f)...), c.Shown(f)
	}
	b.facts(facts)
	if shown != nil {
		_, line := prose.Reproduce(d, c, shown)
		b.curl(line)
	}
	if same > 0 {
		b.line("And %s more of this requirement.", words.Cases(same))
	}
	b.unfold()
	if m.b.Len()+b.b.Len() > limit {
		m.left++
		return
	}
	m.b.WriteString(b.b.String())
}

// fold begins what is folded away behind a summary.
func (m *markdown) fold(format string, args ...any) {
	m.line("<details><summary>"+format+"</summary>", args...)
	m.blank()
}

func (m *markdown) unfold() {
	m.line("</details>")
	m.blank()
}

// facts are names and texts in columns; what has no text is left out.
func (m *markdown) facts(facts []prose.Fact) {
	facts = slices.DeleteFunc(facts, func(f prose.Fact) bool { return f.Text == "" })
	width := 0
	for _, f := range facts {
		width = max(width, len(f.Name))
	}
	var said []string
	for _, f := range facts {
		said = append(said, fmt.Sprintf("%-*s %s", width, f.Name, words.Short(f.Text, maxText)))
	}
	m.fenced("", strings.Join(said, "\n"))
}

// curl is the line that sends a request again, or prints a script that does; "" does nothing.
func (m *markdown) curl(line string) {
	switch line = words.Plain(line); {
	case line == "":
	case utf8.RuneCountInString(line) > maxCurl:
		m.line("The curl line is too long for a summary; the html and json reports have it.")
	default:
		m.fenced("sh", line)
	}
}

// idle says what did not run, and why.
func (m *markdown) idle(label string, d *reports.Dialect) {
	const most = 8
	groups := prose.Groups(slices.Concat(d.Missing(), prose.With(d.Cases, reports.CouldNotRun, reports.NotExercised)))
	for i, g := range groups {
		if i == most {
			m.line("- %s: %d more reasons", escaped(label), len(groups)-most)
			break
		}
		m.line("- %s: %s **%s**: %s", escaped(label), words.Cases(len(g.Cases)), g.Word, escaped(words.Short(g.Reason, maxText)))
	}
	m.blank()
}
