package markdown

import (
	"fmt"
	"strings"

	"gonogo/reports"
	"gonogo/reports/prose"
)

// threats is the table of what a dialect's rows answer, folded away behind its counts.
func (m *markdown) threats(label string, d *reports.Dialect) {
	if len(d.Threats) == 0 {
		return
	}
	var rows [][]string
	for _, t := range prose.Threats(d) {
		var answers []string
		for _, answer := range prose.AnswersTo(d, t) {
			if answer.Outcome == reports.Pass {
				answers = append(answers, escaped(answer.Row))
				continue
			}
			answers = append(answers, fmt.Sprintf("%s (%s)", escaped(answer.Row), answer.Outcome))
		}
		if len(answers) == 0 {
			answers = []string{"no requirement answers it"}
		}
		rows = append(rows, []string{prose.ThreatMark(t.State) + " " + prose.ThreatState(t.State), escaped(t.Text), escaped(prose.Source(t)), strings.Join(answers, ", ")})
	}
	var b markdown
	b.fold("%s, threats: %s", html(label), html(prose.ThreatCounts(d)))
	b.table([]string{"state", "threat", "described in", "requirements"}, func(int) bool { return false }, rows)
	b.unfold()
	if m.b.Len()+b.b.Len() <= limit {
		m.b.WriteString(b.b.String())
	}
}
