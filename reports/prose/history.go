package prose

import (
	"fmt"

	"gonogo/reports"
	"gonogo/reports/words"
)

// Moment is a line of a history: when its request left, how long its answer took, and what they were. Those that cannot all
// be true are marked.
type Moment struct{ At, Took, What string }

// History is a violation's, of which about so many moments are told, those that contradict each other in any case.
func History(v reports.LoadViolation, most int) (lines []Moment) {
	left, skipped := most, 0
	for _, e := range v.History {
		if left--; left < 0 && !e.Against {
			skipped++
			continue
		}
		mark := "  "
		if e.Against {
			mark = "✗ "
		}
		at := words.Duration(e.At)
		if e.At < 0 {
			at = "-" + words.Duration(-e.At)
		}
		lines = append(lines, Moment{at, words.Duration(e.Took), mark + words.Plain(e.What) + " → " + words.Plain(e.Got)})
	}
	if skipped > 0 {
		lines = append(lines, Moment{What: "  … and " + words.Count(skipped, "more moment") + ", which the report has"})
	}
	return lines
}

// Histories says how much of a run was held to the model of a service; empty: nothing.
func Histories(r *reports.LoadRun) string {
	h := r.Histories
	if h == nil {
		return ""
	}
	text := fmt.Sprintf("%s in the histories of %d token families, held to a model of the service", words.Count(h.Events, "answer"), h.Families)
	if h.Undecided > 0 {
		text += fmt.Sprintf("; of %d it cannot tell", h.Undecided)
	}
	return text
}
