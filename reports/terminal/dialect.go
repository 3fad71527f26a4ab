package terminal

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/words"
	"gonogo/specs"
)

// quietDialect is all that --quiet shows of a dialect. Where it is the only one its verdict is that of the run.
func (s *screen) quietDialect(label string, d *reports.Dialect, oneOfMany bool) {
	if oneOfMany {
		s.verdict(label+": ", prose.OfDialect(d))
	}
	if rows := prose.Warned(d); len(rows) > 0 {
		s.line("%s", "warnings: "+words.Join(rows))
	}
	if d.Counts.Fail+d.Counts.CouldNotRun+d.Counts.Error > 0 {
		s.blocks(d, reports.Fail, reports.CouldNotRun, reports.Error)
		s.blank()
	}
}

// dialect is a dialect at full length, with a line for each of its cases if they are wanted.
func (s *screen) dialect(label string, d *reports.Dialect, cases bool) {
	s.line("%s: %s", s.paint(bold, words.Plain(label)), words.Plain(strings.TrimSpace(d.Document.Title+" "+d.Document.Version)))
	s.labelled("profile", d.Profile)
	s.labelled("at", d.Target.BaseURL)
	s.labelled("watched at", d.Target.Watched)
	s.labelled("cut short", d.Incomplete)
	for _, text := range d.Deviations {
		s.labelled("declared", text)
	}
	for _, text := range d.Notes {
		s.labelled("note", text)
	}
	s.rows(d)
	if cases {
		s.blank()
		for _, c := range d.Cases {
			s.caseLine(c)
		}
	}
	s.checklist(d)
	s.blocks(d, reports.Fail, reports.Error, reports.CouldNotRun, reports.Warn)
	s.flaky(d)
	s.waived(d)
	s.notExercised(d)
}

// wordWidth is the length of the longest outcome, not-applicable.
const wordWidth = len(reports.NotApplicable)

// rows prints a line for each requirement: mark, id, level, text, outcome.
func (s *screen) rows(d *reports.Dialect) {
	if len(d.Requirements) == 0 {
		return
	}
	ids := 0
	for _, row := range d.Requirements {
		ids = max(ids, utf8.RuneCountInString(row.ID))
	}
	levels := len(specs.Documented)
	// Two of indent, the mark and a space, two between the columns.
	before := 2 + 2 + ids + 2 + levels + 2
	text := s.width - (before + 2 + wordWidth)
	s.blank()
	for _, row := range d.Requirements {
		color := outcomeColor(row.Outcome)
		head := fmt.Sprintf("  %s %-*s  %-*s", s.paint(color, prose.Mark(row.Outcome)), ids, words.Plain(row.ID), levels, row.Level)
		outcome := s.paint(color, string(row.Outcome))
		if text < narrowText {
			s.line("%s  %s", head, outcome)
			s.paragraph("      ", row.Text)
			continue
		}
		for i, line := range words.Wrap(words.Plain(row.Text), text) {
			if i == 0 {
				s.line("%s  %-*s  %s", head, text, line, outcome)
			} else {
				s.line("%*s%s", before, "", line)
			}
		}
	}
}

// narrowText is the width below which a requirement's text stands under its line instead of in a column.
const narrowText = 40

// caseLine prints a case in one line: mark, outcome, id, duration.
func (s *screen) caseLine(c reports.Case) {
	color := outcomeColor(c.Outcome)
	s.line("  %s %s  %s  %s", s.paint(color, prose.Mark(c.Outcome)), s.paint(color, fmt.Sprintf("%-*s", wordWidth, c.Outcome)),
		words.Plain(c.ID), words.Millis(c.DurationMS))
}

// checklist prints the document's staging checklist, ticked or crossed: what the server has to do with it.
func (s *screen) checklist(d *reports.Dialect) {
	if len(d.Checklist) == 0 {
		return
	}
	items := 0
	for _, item := range d.Checklist {
		items = max(items, utf8.RuneCountInString(item.Item))
	}
	s.blank()
	s.line("Staging checklist: the server's half")
	for _, item := range d.Checklist {
		color := outcomeColor(item.Outcome)
		mark, word, because := prose.Item(d, item)
		if because != "" {
			because = ": " + because
		}
		s.line("  %s %-*s  %s", s.paint(color, mark), min(items, s.width/2), words.Plain(item.Item), s.paint(color, word)+because)
	}
}

// flaky prints which cases failed in some runs and not in others, and how often.
func (s *screen) flaky(d *reports.Dialect) {
	all := prose.Flaky(d)
	if len(all) == 0 {
		return
	}
	s.blank()
	s.line("Flaky: %s", words.Cases(len(all)))
	for _, text := range all {
		s.paragraph("  ", text)
	}
}

// waived prints who answers for which known violation, and until when.
func (s *screen) waived(d *reports.Dialect) {
	if d.Counts.Waived == 0 {
		return
	}
	s.blank()
	s.line("Waived: %s", words.Cases(d.Counts.Waived))
	for _, c := range d.Cases {
		if c.Waiver != nil {
			s.paragraph("  ", c.ID+" "+prose.Waiver(c.Waiver))
		}
	}
}

// notExercised prints what it would take to exercise the rest, a paragraph for
// each reason.
func (s *screen) notExercised(d *reports.Dialect) {
	if d.Counts.NotExercised == 0 {
		return
	}
	s.blank()
	s.line("Not exercised: %s", words.Cases(d.Counts.NotExercised))
	for _, g := range prose.Groups(prose.With(d.Cases, reports.NotExercised)) {
		s.paragraph("  ", words.Cases(len(g.Cases))+": "+g.Reason)
		s.paragraph("    ", words.Join(g.Rows()))
	}
}

func (s *screen) waiverProblems(r *reports.Report) {
	if len(r.WaiverProblems) == 0 {
		return
	}
	s.blank()
	s.line("%s", s.paint(red, "Waivers to mend: "+fmt.Sprint(len(r.WaiverProblems))))
	for _, p := range r.WaiverProblems {
		s.paragraph("  ", p.String())
	}
}

// runs says how often the cases were to run, if more than once.
func runs(r *reports.Report) string {
	if r.Repeat < 2 {
		return ""
	}
	return ", " + words.Count(r.Repeat, "run")
}

// summary is the numbers of the run, and what to do next.
func (s *screen) summary(r *reports.Report) {
	var waited int64
	for _, d := range r.Dialects {
		waited += d.WaitedMS
	}
	s.blank()
	s.labelled("cases", prose.Tally(r.Counts()))
	took := fmt.Sprintf("%s, %s waited, %s, seed %d", words.Millis(r.DurationMS), words.Millis(waited), words.Count(r.Requests(), "request"), r.Seed)
	if len(r.Dialects) > 0 && r.Dialects[0].Subject == reports.SubjectClient { // which waits for a client, and leaves nothing to chance
		took = fmt.Sprintf("%s, %s seen", words.Millis(r.DurationMS), words.Count(r.Requests(), "request"))
	}
	s.labelled("took", took+runs(r))
	s.verbatim("next", prose.Next(r))
	s.blank()
}
