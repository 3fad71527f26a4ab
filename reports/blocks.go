package reports

import (
	"fmt"
	"slices"
	"strings"
)

// blocks prints every case of the given outcomes with all that is known of it,
// the outcomes in the order given.
func (s *screen) blocks(d *Dialect, outcomes ...Outcome) {
	for _, o := range outcomes {
		done := map[string]bool{} // reasons whose cases are printed
		for _, c := range d.Cases {
			if c.Outcome != o {
				continue
			}
			if alike := d.alike(c); len(alike) > 1 {
				if !done[c.Reason] {
					s.sharedBlock(d, c, alike)
				}
				done[c.Reason] = true
				continue
			}
			s.block(d, c)
		}
	}
}

func (s *screen) block(d *Dialect, c Case) {
	_, color := look(c.Outcome)
	s.blank()
	s.line("%s  %s", s.paint(color, strings.ToUpper(string(c.Outcome))), plain(c.Title))
	s.labelled("case", c.ID)
	for _, id := range c.Requirements {
		s.labelled("requirement", d.rowText(id))
	}
	s.labelled("reason", c.Reason)
	curl := ""
	for i, f := range c.Findings {
		if len(c.Findings) > 1 {
			s.line("  finding %d of %d", i+1, len(c.Findings))
		}
		if len(c.Requirements) > 1 || !slices.Contains(c.Requirements, f.Requirement) {
			s.labelled("violates", f.Requirement)
		}
		s.labelled("sent", f.Sent)
		s.labelled("wanted", f.Wanted)
		s.labelled("got", f.Got)
		s.verbatim("where", f.Where)
		switch line := c.curl(f); {
		case line != "" && line == curl:
			s.labelled("curl", "the same as above")
		default:
			s.verbatim("curl", line)
			curl = line
		}
	}
}

// alike returns the cases that share this one's outcome and reason and have
// nothing else to tell: a target that went away gives one block, not sixty.
func (d *Dialect) alike(c Case) []Case {
	bare := func(c Case) bool { return c.Reason != "" && len(c.Findings) == 0 }
	if !bare(c) || c.Outcome == Fail {
		return nil
	}
	var same []Case
	for _, other := range d.Cases {
		if other.Outcome == c.Outcome && other.Reason == c.Reason && bare(other) {
			same = append(same, other)
		}
	}
	return same
}

func (s *screen) sharedBlock(d *Dialect, c Case, alike []Case) {
	_, color := look(c.Outcome)
	s.blank()
	s.line("%s  %s for one reason", s.paint(color, strings.ToUpper(string(c.Outcome))), cases(len(alike)))
	s.labelled("reason", c.Reason)
	s.labelled("requirement", join(rowsOf(alike)))
	s.labelled("cases", ids(alike))
}

// curl returns the line that sends a finding's request again.
func (c Case) curl(f Finding) string {
	if f.Exchange == nil || *f.Exchange < 0 || *f.Exchange >= len(c.Exchanges) {
		return ""
	}
	return c.Exchanges[*f.Exchange].Curl
}

func (d *Dialect) rowText(id string) string {
	row := d.requirement(id)
	if row == nil {
		return id
	}
	text := fmt.Sprintf("%s (%s): %s", row.ID, row.Level, row.Text)
	if row.Where != "" {
		text += fmt.Sprintf(" [%s]", row.Where)
	}
	return text
}

// waived prints who answers for which known violation, and until when.
func (s *screen) waived(d *Dialect) {
	if d.Counts.Waived == 0 {
		return
	}
	s.blank()
	s.line("Waived: %s", cases(d.Counts.Waived))
	for _, c := range d.Cases {
		if w := c.Waiver; w != nil {
			text := fmt.Sprintf("%s (%s): %s; %s answers for it until %s", c.ID, w.Outcome, w.Reason, w.Owner, w.Expires)
			if w.Issue != "" {
				text += ", " + w.Issue
			}
			s.paragraph("  ", text)
		}
	}
}

// notExercised prints what it would take to exercise the rest, a paragraph for
// each reason.
func (s *screen) notExercised(d *Dialect) {
	if d.Counts.NotExercised == 0 {
		return
	}
	s.blank()
	s.line("Not exercised: %s", cases(d.Counts.NotExercised))
	var reasons []string
	grouped := map[string][]Case{}
	for _, c := range d.Cases {
		if c.Outcome == NotExercised {
			if grouped[c.Reason] == nil {
				reasons = append(reasons, c.Reason)
			}
			grouped[c.Reason] = append(grouped[c.Reason], c)
		}
	}
	for _, reason := range reasons {
		group := grouped[reason]
		if reason == "" {
			reason = "no reason was recorded"
		}
		s.paragraph("  ", cases(len(group))+": "+reason)
		s.paragraph("    ", join(rowsOf(group)))
	}
}

// rowsOf returns the requirements of cases, each once, in order.
func rowsOf(cs []Case) []string {
	var rows []string
	for _, c := range cs {
		for _, id := range c.Requirements {
			if !slices.Contains(rows, id) {
				rows = append(rows, id)
			}
		}
	}
	return rows
}

func ids(cs []Case) string {
	var ids []string
	for _, c := range cs {
		ids = append(ids, c.ID)
	}
	return strings.Join(ids, "\n")
}
