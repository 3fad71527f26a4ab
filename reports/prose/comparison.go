package prose

import (
	"fmt"
	"math"

	"gonogo/reports"
	"gonogo/reports/words"
)

// Compared says what a comparison shows.
func Compared(c reports.Comparison) string {
	if c.Low == 0 {
		return fmt.Sprintf("nothing can be said of %s: there are too few rounds", c.Metric)
	}
	return fmt.Sprintf("%s of B is %.3f × that of A, with %s confidence from %.3f to %.3f (%s): %s",
		c.Metric, c.Ratio, words.Percent(c.Confidence), c.Low, c.High, apart(c.Shown), shownWords[c.Difference])
}

var shownWords = map[reports.Difference]string{
	reports.Worse: "worse", reports.Better: "better", reports.NoneShown: "no difference can be shown", reports.CannotTell: "what of it is the targets' cannot be told",
}

// apart is the difference itself, and from where to where it is.
func apart(s reports.Shown) string {
	one := func(v float64) string {
		text, sign := words.Rate(math.Abs(v)), " fewer"
		if !isRate(s) {
			text, sign = words.Duration(int64(math.Round(math.Abs(v)))), " less"
		}
		if v >= 0 {
			sign = " more"
		}
		return text + sign
	}
	return fmt.Sprintf("%s, from %s to %s", one(s.More), one(s.MoreLow), one(s.MoreHigh))
}

func isRate(s reports.Shown) bool { return s.Metric == "rate" }

// Others are the other metrics of a comparison as rows, under a caption that says how sure they are; none where there are none.
func Others(c reports.Comparison) (caption string, head []string, rows [][]string) {
	if len(c.Others) == 0 {
		return "", nil, nil
	}
	for _, s := range c.Others {
		if s.Low == 0 {
			rows = append(rows, []string{s.Metric, "-", "-", "there are too few rounds"})
			continue
		}
		rows = append(rows, []string{s.Metric, fmt.Sprintf("%.3f", s.Ratio), fmt.Sprintf("%.3f to %.3f", s.Low, s.High), fmt.Sprintf("%s (%s)", shownWords[s.Difference], apart(s))})
	}
	caption = fmt.Sprintf("Beside it, each with %s confidence, so that all %d hold with 95 %% (Bonferroni)", words.Percent(c.Others[0].Confidence), len(c.Others))
	return caption, []string{"metric", "B / A", "from, to", "shown"}, rows
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
		if value <= 0 {
			return "-"
		}
		if isRate(c.Shown) {
			return words.Rate(value)
		}
		return words.Duration(int64(value))
	}
	for i, r := range c.Rounds {
		ratio := "-"
		if r.A > 0 && r.B > 0 {
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
