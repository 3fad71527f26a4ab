package consent

import (
	"slices"
	"strings"
)

// gistLength is how much of a page a message quotes.
const gistLength = 200

// gist is a page in a line of plain text: title, headings, first sentence.
func (p *page) gist() string {
	var parts []string
	add := func(s string) {
		if s = squeeze(s); s != "" && !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	add(p.title)
	for i, h := range p.headings {
		if i == 2 {
			break
		}
		add(h)
	}
	rest := p.text
	for _, part := range parts {
		rest = strings.TrimSpace(strings.TrimPrefix(rest, part))
	}
	add(firstSentence(rest))
	s := strings.Join(parts, " | ")
	if s == "" && p.isHTML {
		s = "an empty page"
	}
	return clip(s, gistLength)
}

func firstSentence(s string) string {
	for _, end := range []string{". ", "! ", "? "} {
		if i := strings.Index(s, end); i >= 0 {
			s = s[:i+1]
		}
	}
	return s
}

func clip(s string, length int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > length {
		return strings.TrimSpace(string(runes[:length-1])) + "…"
	}
	return s
}
