package exchange

import (
	"regexp"
	"strings"
)

// minOpaque is from how many characters of base64url or hex in a row on a text looks like a token to somebody who has
// never seen it. Shorter runs are words, dates, and numbers; sixteen bytes in hex are 32.
const minOpaque = 20

// Answer is a text that the target sent, as a report may show it. Beside every secret that the run knows it
// hides what merely looks like one: a refusal may leak a token that is still on its way to somebody else, or
// one that nobody was ever given.
func (r *Redactor) Answer(text string) string {
	text = r.named(r.String(text))
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

// members are those by whose names a value is a secret, however short it is and whether or not the text around it can be
// read: the quotes may be escaped, once or several times, and the last one cut off. What is hidden already stays as it is.
var members = regexp.MustCompile(`(?i)((?:\\*"|'|&quot;|&#34;)(?:(?:access|refresh|id|auth)?_?token|client_?secret|secret|password)(?:\\*"|'|&quot;|&#34;)\s*:\s*(?:\\*"|'|&quot;|&#34;))([^"'\\&‹\s]{4,})`)

// named hides the values of members that have the name of a secret.
func (r *Redactor) named(text string) string {
	if !strings.ContainsAny(text, ":") || !strings.Contains(text, "oken") && !strings.Contains(text, "ecret") && !strings.Contains(text, "assword") {
		return text
	}
	return members.ReplaceAllStringFunc(text, func(found string) string {
		parts := members.FindStringSubmatch(found)
		return parts[1] + "‹opaque " + r.fingerprint(parts[2]) + "›"
	})
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
