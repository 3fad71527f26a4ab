package exchange

import (
	"strings"
)

// minOpaque is from how many characters of base64url or hex in a row on a text looks like a token to somebody who has
// never seen it. Shorter runs are words, dates, and numbers; sixteen bytes in hex are 32.
const minOpaque = 20

// Answer is a text that the target sent, as a report may show it. Beside every secret that the run knows it
// hides what merely looks like one: a refusal may leak a token that is still on its way to somebody else, or
// one that nobody was ever given.
func (r *Redactor) Answer(text string) string {
	text = r.String(text)
	var out strings.Builder
	kept := 0 // text before this index is in out already
	for from := 0; from < len(text); {
		length, letters, digits := run(text[from:])
		if length >= minOpaque && letters && digits { // not x-www-form-urlencoded, a line of dashes, a long number
			out.WriteString(text[kept:from])
			out.WriteString("‹opaque " + r.fingerprint(text[from:from+length]) + "›")
			kept = from + length
		}
		from += max(length, 1)
	}
	if kept == 0 {
		return text
	}
	return out.String() + text[kept:]
}

// run measures the characters of base64url or hex that a text begins with.
func run(text string) (length int, letters, digits bool) {
	for ; length < len(text); length++ {
		switch c := text[length]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			letters = true
		case c >= '0' && c <= '9':
			digits = true
		case strings.IndexByte("_+=~-", c) < 0:
			return length, letters, digits
		}
	}
	return length, letters, digits
}
