package exchange

import (
	"regexp"
	"strings"
)

// opaque is what a token looks like to somebody who has never seen it: twenty or more characters of base64url
// or hex in a row. Shorter runs are words, dates, and numbers; sixteen bytes in hex are 32.
var opaque = regexp.MustCompile(`[A-Za-z0-9_+=~-]{20,}`)

// Answer is a text that the target sent, as a report may show it. Beside every secret that the run knows it
// hides what merely looks like one: a refusal may leak a token that is still on its way to somebody else, or
// one that nobody was ever given.
func (r *Redactor) Answer(text string) string {
	return opaque.ReplaceAllStringFunc(r.String(text), func(run string) string {
		if !strings.ContainsAny(run, "0123456789") || !strings.ContainsFunc(run, letter) {
			return run // x-www-form-urlencoded, a line of dashes, a long number
		}
		return "‹opaque " + r.fingerprint(run) + "›"
	})
}

func letter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
