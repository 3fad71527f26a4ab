package terminal

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/words"
)

// screen composes lines for a terminal: aligned, wrapped, and free of
// whatever a target's answer could do to a terminal.
type screen struct {
	b     strings.Builder
	width int
	folds bool // whole lines are broken, too: it is a terminal
	color bool
}

// The ANSI colours in use; every coloured word also says what the colour says.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	dim    = "2"
	bold   = "1"
)

// labelWidth fits the longest label of a block, "requirement", and a gap.
const labelWidth = 13

// outcomeColor is the colour of an outcome's mark and word.
func outcomeColor(o reports.Outcome) string {
	switch o {
	case reports.Pass:
		return green
	case reports.Warn, reports.Waived:
		return yellow
	case reports.NotApplicable, reports.NotExercised:
		return dim
	}
	return red
}

func verdictColor(v reports.Verdict) string {
	switch v {
	case reports.NoGo:
		return red
	case reports.Go:
		return green
	}
	return yellow
}

func (s *screen) paint(color, text string) string {
	if !s.color {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

func (s *screen) line(format string, args ...any) {
	text := strings.TrimRight(fmt.Sprintf(format, args...), " ")
	if s.folds {
		text = Fold(text, s.width)
	}
	s.b.WriteString(text)
	s.b.WriteByte('\n')
}

func (s *screen) blank() { s.b.WriteByte('\n') }

func (s *screen) print(w io.Writer) error {
	_, err := io.WriteString(w, s.b.String())
	return err
}

// paragraph writes text wrapped behind indent, each line of it on lines of its
// own.
func (s *screen) paragraph(indent, text string) { s.hanging(indent, "", len(indent), text) }

// labelled writes a label and, in a column beside it, the text. Without a text
// there is no line.
func (s *screen) labelled(label, text string) {
	if text != "" {
		s.hanging("  ", label, 2+labelWidth, text)
	}
}

func (s *screen) hanging(indent, label string, column int, text string) {
	pad := column - len(indent) - utf8.RuneCountInString(label)
	begin := indent + label + strings.Repeat(" ", max(pad, 0))
	for _, paragraph := range strings.Split(text, "\n") {
		for _, line := range words.Wrap(words.Plain(paragraph), s.width-column) {
			s.line("%s%s", begin, line)
			begin = strings.Repeat(" ", column)
		}
	}
}

// verbatim is labelled without wrapping, for what is to be copied, if it is not wider than a terminal.
func (s *screen) verbatim(label, text string) {
	switch {
	case text == "":
	case s.folds:
		s.labelled(label, text)
	default:
		s.line("  %-*s%s", labelWidth, label, words.Plain(text))
	}
}

// command is verbatim for what a shell is to run: on a terminal it goes on where the shell goes on reading it.
func (s *screen) command(label, text string) {
	if text == "" || !s.folds {
		s.verbatim(label, text)
		return
	}
	column := 2 + labelWidth
	for i, line := range continued(words.Plain(text), s.width-column) {
		if i > 0 {
			label = ""
		}
		fmt.Fprintf(&s.b, "  %-*s%s\n", labelWidth, label, line)
	}
}

// finding writes what a finding says.
func (s *screen) finding(f reports.Finding) {
	for _, fact := range prose.Facts(f) {
		if fact.Code {
			s.verbatim(fact.Name, fact.Text)
		} else {
			s.labelled(fact.Name, fact.Text)
		}
	}
}

// verdict is a verdict and its reasons; its words are the first, but for a label.
func (s *screen) verdict(label string, v prose.Verdict) {
	lines := words.Wrap(words.Plain(label+v.Words+v.Because()), s.width-2)
	lines[0] = strings.Replace(lines[0], v.Words, s.paint(verdictColor(v.Verdict), v.Words), 1)
	s.line("%s", strings.Join(lines, "\n  "))
}
