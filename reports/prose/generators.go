package prose

import (
	"fmt"

	"gonogo/reports"
	"gonogo/reports/words"
)

// Generators says how many generators made a run together, and how closely, after that word; empty of a run that one made.
func Generators(r *reports.LoadRun) string {
	if len(r.Generators) == 0 || len(r.Generators) == 1 && r.Generators[0].Of < 2 {
		return ""
	}
	if len(r.Generators) == 1 {
		return fmt.Sprintf("number %d of %d, whose requests are these", r.Generators[0].Number, r.Generators[0].Of)
	}
	lost := 0
	for _, g := range r.Generators {
		if g.Lost != "" {
			lost++
		}
	}
	text := fmt.Sprint(len(r.Generators))
	if lost > 0 {
		text += fmt.Sprintf(", of which %d lost", lost)
	}
	if skew := r.Skew(); skew > 0 {
		text += fmt.Sprintf("; begun within %s of each other", words.Micros(skew.Microseconds()))
	}
	return text
}

// ByGenerator are the numbers of each generator that made a run with others, as rows under a head; none of a run that one made.
func ByGenerator(r *reports.LoadRun) (head []string, rows [][]string) {
	if len(r.Generators) < 2 {
		return nil, nil
	}
	for _, g := range r.Generators {
		name := fmt.Sprint(g.Number)
		if g.Host != "" {
			name += " on " + words.Plain(g.Host)
		}
		row := []string{name, words.Grouped(g.Requests), words.Grouped(g.Errors), words.Rate(g.Achieved), words.Duration(g.P50), words.Duration(g.P99), words.Duration(g.Late), clock(g)}
		if g.Lost != "" {
			row = []string{name, "lost", "", "", "", "", "", ""}
		}
		rows = append(rows, row)
	}
	return []string{"generator", "requests", "errors", "achieved", "p50", "p99", "began late by", "clock"}, rows
}

// clock is how a generator's clock stood to the lead's.
func clock(g reports.LoadGenerator) string {
	if g.Ahead == 0 && g.Within == 0 {
		return "the lead's"
	}
	us, side := g.Ahead, "ahead"
	if us < 0 {
		us, side = -us, "behind"
	}
	return fmt.Sprintf("%s %s, ± %s", words.Duration(us), side, words.Duration(g.Within+max(g.Drift, -g.Drift)))
}
