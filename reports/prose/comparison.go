package prose

import (
	"fmt"

	"gonogo/reports"
	"gonogo/reports/words"
)

// Compared says what a comparison shows.
func Compared(c reports.Comparison) string {
	if c.Low == 0 {
		return fmt.Sprintf("nothing can be said of %s: there are too few rounds", c.Metric)
	}
	text := fmt.Sprintf("%s of B is %.3f × that of A, with %s confidence from %.3f to %.3f", c.Metric, c.Ratio, words.Percent(c.Confidence), c.Low, c.High)
	switch c.Difference {
	case reports.Worse:
		return text + ": worse"
	case reports.Better:
		return text + ": better"
	case reports.NoneShown:
		return text + ": no difference can be shown"
	}
	return text + ": what of it is the targets' cannot be told"
}

// OfComparison is the verdict of a comparison.
func OfComparison(c reports.Comparison) Verdict {
	if c.Verdict == reports.NoGo {
		return verdict(c.Verdict, c.Complete, c.Because, nil, nil)
	}
	return verdict(c.Verdict, c.Complete, nil, c.Because, []string{Compared(c)})
}

// Rounds are the rounds of a comparison as rows: number, which side was first, both sides, B / A, and whether it counts.
func Rounds(c reports.Comparison) (head []string, rows [][]string) {
	shown := func(value float64) string {
		if c.Metric == "rate" {
			return words.Rate(value)
		}
		return words.Duration(int64(value))
	}
	for i, r := range c.Rounds {
		ratio := "-"
		if r.A > 0 {
			ratio = fmt.Sprintf("%.3f", r.B/r.A)
		}
		counts := "counts"
		if r.Why != "" {
			counts = r.Why
		}
		rows = append(rows, []string{fmt.Sprint(i + 1), map[string]string{"a": "A", "b": "B"}[r.First], shown(r.A), shown(r.B), ratio, words.Plain(counts)})
	}
	return []string{"round", "first", c.Metric + " of A", c.Metric + " of B", "B / A", "counts"}, rows
}

// SideOf says what a side of a comparison is: its name, its labels, and where it is.
func SideOf(s reports.Side) string {
	text := s.Target.BaseURL
	if labels := (reports.Origin{Labels: s.Labels}).Labelled(); labels != "" {
		text = labels + " at " + text
	}
	return text
}
