// Package words puts numbers and foreign text into the form in which people
// read them: 2 cases, 1,234,567, 1.2 ms, an answer that can do nothing to a
// terminal. It must never know what it is that is counted or said.
package words

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A returns a noun behind its article, by how its first letter is mostly spoken: "an access token", "a code", "a username".
func A(noun string) string {
	start := strings.ToLower(noun)
	if strings.HasPrefix(start, "un") || start != "" && strings.Contains("aeio", start[:1]) {
		return "an " + noun
	}
	return "a " + noun
}

// Cases returns "1 case", "2 cases".
func Cases(n int) string { return Count(n, "case") }

// Count returns a number of things: "1 waiver", "1234 waivers".
func Count(n int, noun string) string { return number(n, noun, strconv.Itoa(n)) }

// Many is Count for numbers that need grouping: "1,234 requests".
func Many(n int64, noun string) string { return number(int(n), noun, Grouped(n)) }

func number(n int, noun, digits string) string {
	if n == 1 {
		return "1 " + noun
	}
	return digits + " " + noun + "s"
}

// Grouped prints 1234567 as 1,234,567.
func Grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Times says how often: once, 2 times, 1,650 times.
func Times(n int64) string {
	if n == 1 {
		return "once"
	}
	return Many(n, "time")
}

// Join returns "a, b, c".
func Join(parts []string) string { return strings.Join(parts, ", ") }

// UTC is how people write a moment.
const UTC = "2006-01-02 15:04:05 UTC"

// Duration prints microseconds with three digits, in the unit that people would take: 850 µs, 1.2 ms, 1.02 s.
func Duration(us int64) string {
	switch {
	case us < 1000:
		return strconv.FormatInt(us, 10) + " µs"
	case us < 999_500:
		return ThreeDigits(float64(us)/1e3) + " ms"
	}
	return ThreeDigits(float64(us)/1e6) + " s"
}

// Micros is Duration for the columns of a terminal: 850µs, 1.23ms, 12.3ms, 1.23s.
func Micros(us int64) string {
	d := time.Duration(us) * time.Microsecond
	for unit := 10 * time.Second; unit >= time.Millisecond; unit /= 10 {
		if d >= unit {
			d = d.Round(unit / 100)
			break
		}
	}
	return d.String()
}

// Millis prints milliseconds as people say them: 4ms, 1.2s, 1m31s.
func Millis(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	switch {
	case d >= time.Minute:
		d = d.Round(time.Second)
	case d >= time.Second:
		d = d.Round(100 * time.Millisecond)
	}
	return d.String()
}

// Moment prints milliseconds since a run began, in seconds.
func Moment(ms int64) string { return Decimal(float64(ms)/1000) + " s" }

// Rate prints with three digits how often something happened in a second.
func Rate(perSecond float64) string { return ThreeDigits(perSecond) + "/s" }

// PerSecond prints a rate that was asked for, without more digits than it has: 800/s.
func PerSecond(rate float64) string { return Decimal(rate) + "/s" }

// Percent prints a share of one.
func Percent(share float64) string { return Decimal(math.Round(share*1e8)/1e6) + " %" }

// ThreeDigits rounds to three digits, and never away what stands before the point.
func ThreeDigits(v float64) string {
	if v == 0 {
		return "0"
	}
	places := 2 - int(math.Floor(math.Log10(math.Abs(v))))
	scale := math.Pow(10, float64(max(places, 0)))
	return Decimal(math.Round(v*scale) / scale)
}

// Decimal prints a number without an exponent and without zeros at its end.
func Decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// Plain makes what a target sent harmless on a terminal, and one line: escape
// sequences, control characters and direction marks become visible.
func Plain(text string) string {
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

// Lines is Plain for a text of several lines.
func Lines(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(Plain(line), " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// Short is Plain for a text cut to width characters, which an ellipsis says.
func Short(text string, width int) string {
	text = strings.Join(strings.Fields(Plain(text)), " ")
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	return strings.TrimRight(string(runes[:max(width-1, 0)]), " ,;:") + "…"
}

// Cut returns text as UTF-8 of at most limit bytes, and says how much of what is missing.
// The mark counts, so that a text that was cut is not cut again.
func Cut(text string, limit int, what string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= limit {
		return text
	}
	mark := fmt.Sprintf("… [cut: the whole %s has %d bytes]", what, len(text))
	end := limit - len(mark)
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + mark
}

// Shell is a word of a command line for a POSIX shell, between quotes where it needs them.
func Shell(word string) string {
	bare := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:,=@%+", r)
	}
	if word != "" && strings.TrimFunc(word, bare) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Command is a command line of such words.
func Command(args ...string) string {
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = Shell(arg)
	}
	return strings.Join(quoted, " ")
}

// Wrap splits text at spaces into lines of at most width characters; there is
// always a first line. A longer word is not broken: it may be a path to copy.
func Wrap(text string, width int) []string {
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

// Resent says of requests in a sentence that some were sent a second time; "" if none was.
func Resent(again, requests int64) string {
	if again == 0 {
		return ""
	}
	return fmt.Sprintf("%s of %s requests were sent a second time, because the target closed the connection under them", Grouped(again), Grouped(requests))
}
