package reports

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// screen composes lines for a terminal: aligned, wrapped, and free of
// whatever a target's answer could do to a terminal.
type screen struct {
	b     strings.Builder
	width int
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

func (s *screen) paint(color, text string) string {
	if !s.color || color == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

func (s *screen) line(format string, args ...any) {
	s.b.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " "))
	s.b.WriteByte('\n')
}

func (s *screen) blank() { s.b.WriteByte('\n') }

// paragraph writes text wrapped behind indent, each line of it on lines of its
// own. A word longer than a line is not broken: it may be a path to copy.
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
		for _, line := range wrap(plain(paragraph), s.width-column) {
			s.line("%s%s", begin, line)
			begin = strings.Repeat(" ", column)
		}
	}
}

// verbatim is labelled without wrapping, for what is to be copied.
func (s *screen) verbatim(label, text string) {
	if text != "" {
		s.line("  %-*s%s", labelWidth, label, plain(text))
	}
}

// wrap splits text at spaces into lines of at most width characters; there is
// always a first line.
func wrap(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case utf8.RuneCountInString(*last)+1+utf8.RuneCountInString(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

// short cuts text to width characters, and says so with an ellipsis.
func short(text string, width int) string {
	text = strings.Join(strings.Fields(plain(text)), " ")
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	return strings.TrimRight(string(runes[:max(width-1, 0)]), " ,;:") + "…"
}

// plain makes what a target sent harmless on a terminal: escape sequences,
// control characters and direction marks become visible.
func plain(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r == '\u00a0':
			b.WriteByte(' ')
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
