package terminal

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Fold breaks a line at spaces so that it fits into a terminal, what follows a little deeper than the line begins. A word
// that is wider by itself is not broken: it may be a path to copy. Colours have no width.
func Fold(line string, width int) string {
	indent := len(line) - len(strings.TrimLeft(line, " "))
	deeper := strings.Repeat(" ", min(indent+4, width/2))
	var lines []string
	for {
		end := within(line, width)
		if end == len(line) {
			return strings.Join(append(lines, line), "\n")
		}
		at := strings.LastIndexByte(line[:end+1], ' ') // the space may stand where the line is full
		if strings.TrimLeft(line[:at+1], " ") == "" {
			next := strings.IndexByte(strings.TrimLeft(line, " "), ' ')
			if next < 0 {
				return strings.Join(append(lines, line), "\n")
			}
			at = len(line) - len(strings.TrimLeft(line, " ")) + next
		}
		lines = append(lines, strings.TrimRight(line[:at], " "))
		line = deeper + strings.TrimLeft(line[at:], " ")
	}
}

// Page folds every line of a text to the width of a terminal. A command of this program goes on where a shell goes on
// reading it.
func Page(text string, width int) string {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		before, command, found := strings.Cut(line, "gonogo ")
		if !found || strings.TrimSpace(before) != "" && !strings.HasSuffix(before, ": ") && !strings.HasSuffix(before, "   ") {
			lines = append(lines, Fold(line, width))
			continue
		}
		for i, part := range continued("gonogo "+command, width-utf8.RuneCountInString(before)) {
			if i > 0 {
				before = strings.Repeat(" ", utf8.RuneCountInString(before))
			}
			lines = append(lines, before+part)
		}
	}
	return strings.Join(lines, "\n")
}

// within is how many bytes of a line fit into a width: up to the first character that does not.
func within(line string, width int) int {
	seen, escape := 0, false
	for i, r := range line {
		switch {
		case r == '\x1b':
			escape = true
		case escape:
			escape = r != 'm'
		case seen == width:
			return i
		default:
			seen++
		}
	}
	return len(line)
}

// continued breaks a command between its arguments, each line but the last with the backslash that has a shell read on.
func continued(command string, width int) []string {
	var lines []string
	line := ""
	for i, argument := range arguments(command, width-len(` \`)) {
		switch {
		case i == 0:
			line = argument
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(argument)+len(` \`) > width:
			lines = append(lines, line+` \`)
			line = argument
		default:
			line += " " + argument
		}
	}
	return append(lines, line)
}

// arguments splits a command at the spaces that neither quotes nor a backslash hold. A flag keeps its value where both have
// room on a line.
func arguments(command string, room int) []string {
	var all []string
	begin, quoted, escaped := 0, false, false
	for i, r := range command {
		switch {
		case escaped:
			escaped = false
		case quoted:
			quoted = r != '\''
		case r == '\'':
			quoted = true
		case r == '\\':
			escaped = true
		case r == ' ':
			all = append(all, command[begin:i])
			begin = i + 1
		}
	}
	all = append(all, command[begin:])
	for i := len(all) - 2; i > 0; i-- {
		pair := all[i] + " " + all[i+1]
		if strings.HasPrefix(all[i], "-") && !strings.HasPrefix(all[i+1], "-") && utf8.RuneCountInString(pair) <= room && i+2 < len(all) {
			all = slices.Replace(all, i, i+2, pair)
		}
	}
	return all
}
