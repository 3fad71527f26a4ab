package consent

import (
	"net/url"
	"strings"
)

// Alteration is what a page carries from the request for consent, and a human sends back as something else.
type Alteration struct {
	Was, Is string
	SignIn  bool // where the human signs in, and not with the answer
}

// shortest is how long a value has to be for its place in a longer one to be no chance.
const shortest = 8

// of is a text of the page as it is sent back.
func (a *Alteration) of(text string) string {
	switch {
	case text == a.Was:
		return a.Is
	case len(a.Was) < shortest:
		return text
	}
	text = strings.ReplaceAll(text, url.QueryEscape(a.Was), url.QueryEscape(a.Is))
	return strings.ReplaceAll(text, a.Was, a.Is)
}

// alter changes what a request carries, in its fields and in the query of where it goes.
func (a *Alteration) alter(fields [][2]string, to *url.URL) (altered bool) {
	for i, field := range fields {
		if is := a.of(field[1]); is != field[1] {
			fields[i][1], altered = is, true
		}
	}
	pairs := strings.Split(to.RawQuery, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if is := a.of(unescape(value)); is != unescape(value) {
			pairs[i], altered = name+"="+url.QueryEscape(is), true
		}
	}
	to.RawQuery = strings.Join(pairs, "&")
	return altered
}
