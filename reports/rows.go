package reports

import (
	"fmt"
	"unicode/utf8"

	"gonogo/specs"
)

// look is how an outcome is shown: a mark for the eye that scans, a colour.
// The word always stands beside them.
func look(o Outcome) (mark, color string) {
	switch o {
	case Pass:
		return "✓", green
	case Warn:
		return "!", yellow
	case Waived:
		return "~", yellow
	case Fail:
		return "✗", red
	case NotApplicable:
		return "-", dim
	case NotExercised:
		return "○", dim
	}
	return "?", red // could-not-run and error: nothing is known
}

// wordWidth is the length of the longest outcome, not-applicable.
const wordWidth = len(NotApplicable)

// rows prints a line for each requirement: mark, id, level, text, outcome.
func (s *screen) rows(d *Dialect) {
	if len(d.Requirements) == 0 {
		return
	}
	ids := 0
	for _, row := range d.Requirements {
		ids = max(ids, utf8.RuneCountInString(row.ID))
	}
	levels := len(specs.Documented)
	// Two of indent, the mark and a space, two between the columns.
	text := s.width - (2 + 2 + ids + 2 + levels + 2 + 2 + wordWidth)
	s.blank()
	for _, row := range d.Requirements {
		mark, color := look(row.Outcome)
		s.line("  %s %-*s  %-*s  %-*s  %s", s.paint(color, mark), ids, plain(row.ID), levels, row.Level,
			text, short(row.Text, text), s.paint(color, string(row.Outcome)))
	}
}

// caseLine prints a case in one line: mark, outcome, id, duration.
func (s *screen) caseLine(c Case) {
	mark, color := look(c.Outcome)
	s.line("  %s %s  %s  %s", s.paint(color, mark), s.paint(color, fmt.Sprintf("%-*s", wordWidth, c.Outcome)), plain(c.ID), milliseconds(c.DurationMS))
}

// checklist prints the document's staging checklist, ticked or crossed.
func (s *screen) checklist(d *Dialect) {
	if len(d.Checklist) == 0 {
		return
	}
	items := 0
	for _, item := range d.Checklist {
		items = max(items, utf8.RuneCountInString(item.Item))
	}
	s.blank()
	s.line("Staging checklist")
	for _, item := range d.Checklist {
		_, color := look(item.Outcome)
		mark, word, because := d.shown(item)
		if because != "" {
			because = ": " + because
		}
		s.line("  %s %-*s  %s", s.paint(color, mark), min(items, s.width/2), plain(item.Item), s.paint(color, word)+because)
	}
}

// shown is a checklist item in words: its mark, whether it holds, and what keeps it from that.
func (d *Dialect) shown(item ChecklistItem) (mark, word, because string) {
	mark, _ = look(item.Outcome)
	switch {
	case item.Outcome == Pass:
		return mark, "holds", ""
	case ticked(item.Outcome):
		return "✓", fmt.Sprintf("holds (%s)", item.Outcome), ""
	case item.Outcome == Fail || item.Outcome == Waived:
		return "✗", "does not hold", join(d.holdBack(item))
	}
	return mark, "not shown", join(d.holdBack(item))
}

// ticked reports whether a checklist item with this outcome holds: everything
// that it rests on ran, and nothing that gates went wrong.
func ticked(o Outcome) bool { return o == Pass || o == Warn }

// holdBack names the requirements that keep an item from its tick.
func (d *Dialect) holdBack(item ChecklistItem) []string {
	var ids []string
	for _, id := range item.Requirements {
		if o := d.outcomeOf(id); !ticked(o) && o != NotApplicable {
			ids = append(ids, fmt.Sprintf("%s %s", id, o))
		}
	}
	if len(ids) == 0 {
		return []string{string(item.Outcome)}
	}
	return ids
}
