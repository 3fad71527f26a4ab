package prose

import (
	"fmt"
	"strings"

	"gonogo/reports"
	"gonogo/reports/trend"
	"gonogo/reports/words"
)

// TrendOf names a group of a trend.
func TrendOf(g *trend.Group) string {
	text := string(g.Kind)
	switch g.Kind {
	case trend.Load:
		text = g.Scenario
	case trend.Capacity:
		text += " of " + g.Scenario
	case trend.Comparison:
		text += " by " + g.Metric + " of " + g.Scenario
	}
	return g.Dialect + ": " + strings.Join(without("", text, g.Shape, g.Profile), ", ")
}

// TrendFacts say what all runs of a group have alike.
func TrendFacts(g *trend.Group) []Fact {
	var facts []Fact
	for _, f := range []Fact{{Name: "at", Text: g.At}, {Name: "made on", Text: g.Host}, {Name: "labels", Text: (reports.Origin{Labels: g.Labels}).Labelled()}} {
		if f.Text != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

func without(drop string, all ...string) (left []string) {
	for _, each := range all {
		if each != drop {
			left = append(left, each)
		}
	}
	return left
}

// Named is a run for an axis or a column: what was run, in short, else the day.
func Named(r *trend.Run) string {
	name := r.Revision
	if name == "" {
		return r.Started.UTC().Format("01-02 15:04")
	}
	if sha, dirty := strings.CutSuffix(name, "-dirty"); len(sha) == 40 {
		name = sha[:7]
		if dirty {
			name += "+" // and what is not committed
		}
	}
	return words.Short(words.Plain(name), 14)
}

// TrendVerdict is a run's verdict as people read it.
func TrendVerdict(r *trend.Run) string {
	words := map[reports.Verdict]string{reports.Go: "GO", reports.NoGo: "NO-GO"}[r.Verdict]
	switch {
	case words == "":
		return "INCOMPLETE"
	case !r.Complete:
		return words + ", INCOMPLETE"
	}
	return words
}

// TrendRows are the runs of a group as rows: when, what, numbers, verdict, and what else there is to say. breaks are, by the index of the row
// that they stand before, why that cannot be held against the one before.
func TrendRows(g *trend.Group) (head []string, rows [][]string, breaks map[int]string) {
	numbers := map[trend.Kind][]string{
		trend.Load: {"p50", "p99", "p99.9", "achieved", "errors"}, trend.Capacity: {"found"}, trend.Comparison: {"B / A", "from", "to"},
		trend.Check: {"pass", "fail", "could not run"}, trend.Watch: {"pass", "fail", "could not run"},
	}[g.Kind]
	head = append(append([]string{"began (UTC)", "revision"}, numbers...), "verdict")
	breaks = map[int]string{}
	for i, r := range g.Runs {
		row := []string{r.Started.UTC().Format("2006-01-02 15:04"), "-"}
		if r.Revision != "" {
			row[1] = Named(r)
		}
		switch g.Kind {
		case trend.Load:
			for _, us := range []int64{r.Latency.P50, r.Latency.P99, r.Latency.P999} {
				row = append(row, words.Micros(us))
			}
			row = append(row, words.Rate(r.Achieved), words.Grouped(r.Errors))
		case trend.Capacity:
			row = append(row, words.Rate(r.Achieved))
		case trend.Comparison:
			for _, v := range []float64{r.Shown.Ratio, r.Shown.Low, r.Shown.High} {
				row = append(row, fmt.Sprintf("%.3f", v))
			}
		default:
			row = append(row, fmt.Sprint(r.Counts.Pass), fmt.Sprint(r.Counts.Fail), fmt.Sprint(r.Counts.CouldNotRun))
		}
		said := TrendVerdict(r)
		if labels := differing(g, r); labels != "" {
			said += "; " + labels
		}
		if len(r.Because) > 0 && said != "GO" && r.Verdict != reports.Go {
			said += ": " + words.Short(words.Plain(strings.Join(r.Because, "; ")), 160)
		}
		rows = append(rows, append(row, said))
		if r.Break != "" {
			breaks[i] = r.Break
		}
	}
	return head, rows, breaks
}

// differing are the labels of a run that not all of its group have alike, and that its name does not say.
func differing(g *trend.Group, r *trend.Run) string {
	left := map[string]string{}
	for name, value := range r.Labels {
		if _, all := g.Labels[name]; !all && value != r.Revision {
			left[name] = value
		}
	}
	return words.Plain((reports.Origin{Labels: left}).Labelled())
}

// TrendTitle says what there is of a run.
func TrendTitle(g *trend.Group, i int) string {
	head, rows, breaks := TrendRows(g)
	text := ""
	for at, cell := range rows[i] {
		if at > 1 && at < len(head)-1 {
			cell = head[at] + " " + cell
		}
		text += cell + ", "
	}
	text = strings.TrimSuffix(text, ", ")
	if host := g.Runs[i].Host; host != "" {
		text += "; on " + host
	}
	if why := breaks[i]; why != "" {
		text += "; not to be held against the run before: " + why
	}
	return words.Plain(text)
}
