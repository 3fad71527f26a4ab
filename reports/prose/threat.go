package prose

import (
	"fmt"
	"slices"
	"strings"

	"gonogo/reports"
)

// Threats are a dialect's threats, the worst first.
func Threats(d *reports.Dialect) []reports.Threat {
	sorted := slices.Clone(d.Threats)
	order := reports.ThreatStates()
	slices.SortStableFunc(sorted, func(a, b reports.Threat) int {
		return slices.Index(order, a.State) - slices.Index(order, b.State)
	})
	return sorted
}

// ThreatCounts says how many threats are in each state: "1 not mitigated, 12 mitigated".
func ThreatCounts(d *reports.Dialect) string {
	var said []string
	for _, state := range reports.ThreatStates() {
		n := 0
		for _, t := range d.Threats {
			if t.State == state {
				n++
			}
		}
		if n > 0 {
			said = append(said, fmt.Sprintf("%d %s", n, ThreatState(state)))
		}
	}
	return strings.Join(said, ", ")
}

// ThreatState is a state in words.
func ThreatState(s reports.ThreatState) string { return strings.ReplaceAll(string(s), "-", " ") }

// ThreatMark is a sign for a state, beside its word.
func ThreatMark(s reports.ThreatState) string {
	switch s {
	case reports.NotMitigated:
		return "✗"
	case reports.Mitigated:
		return "✓"
	case reports.PartlyMitigated:
		return "◐"
	}
	return "○"
}

// Answer is a requirement that answers a threat, and what came of it.
type Answer struct {
	Row     string
	Outcome reports.Outcome
}

// AnswersTo are the requirements that answer a threat; there may be none.
func AnswersTo(d *reports.Dialect, t reports.Threat) []Answer {
	answers := make([]Answer, len(t.Rows))
	for i, id := range t.Rows {
		answers[i] = Answer{id, d.OutcomeOf(id)}
	}
	return answers
}

// Source is where a threat is described: RFC6819-4.6.3 is "RFC 6819, 4.6.3".
func Source(t reports.Threat) string {
	document, section, _ := strings.Cut(t.ID, "-")
	return strings.Replace(document, "RFC", "RFC ", 1) + ", " + section
}
