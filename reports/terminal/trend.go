package terminal

import (
	"fmt"
	"io"
	"unicode/utf8"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/trend"
	"gonogo/reports/words"
)

// WriteTrend prints kept runs, a table for each group, and what was left out.
func (o Options) WriteTrend(w io.Writer, t *trend.Trend) error {
	s := o.screen()
	for _, g := range t.Groups {
		s.line("%s: %s", s.paint(bold, words.Plain(prose.TrendOf(g))), words.Count(len(g.Runs), "run"))
		for _, f := range prose.TrendFacts(g) {
			s.labelled(f.Name, f.Text)
		}
		s.trendTable(g)
		s.blank()
	}
	for _, left := range t.Skipped {
		s.labelled("left out", left.File+": "+left.Why)
	}
	if len(t.Skipped) > 0 {
		s.blank()
	}
	s.line("%s of %s, %s left out", words.Count(t.Read, "report"), words.Count(len(t.Groups), "thing"), words.Count(len(t.Skipped), "file"))
	return s.print(w)
}

func (s *screen) trendTable(g *trend.Group) {
	head, rows, breaks := prose.TrendRows(g)
	width := make([]int, len(head)-1)
	for _, row := range append([][]string{head}, rows...) {
		for i := range width {
			width[i] = max(width[i], utf8.RuneCountInString(row[i]))
		}
	}
	print := func(row []string, color string) {
		text := "  "
		for i, wide := range width {
			if i > 1 {
				text += fmt.Sprintf("%*s  ", wide, row[i])
				continue
			}
			text += fmt.Sprintf("%-*s  ", wide, row[i])
		}
		s.line("%s%s", text, s.paint(color, row[len(row)-1]))
	}
	print(head, dim)
	for i, row := range rows {
		if why := breaks[i]; why != "" {
			s.paragraph("  ---- ", "from here on not to be held against those before: "+why)
		}
		color := verdictColor(g.Runs[i].Verdict)
		if g.Runs[i].Verdict == reports.Go && !g.Runs[i].Complete {
			color = yellow
		}
		print(row, color)
	}
}
