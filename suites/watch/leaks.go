package watch

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gonogo/internal/lineage"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// secret is a credential that belongs into few requests.
type secret struct {
	field, value string
	written      []string // the value as requests may have it: raw, escaped, in base64
}

// leak is a secret that stood where none belongs.
type leak struct {
	what  string // the field, or the kind of token
	where string
	in    spot
	event *lineage.Event
}

// spot is where in a request something stood.
type spot int

const (
	inAddress spot = iota
	inHeader
	inBody
	inShared // a header that others read
	inOther  // a request to another host
)

// shared are headers that browsers hand on and servers write into their logs.
var shared = []string{"Referer", "User-Agent"}

// mostLeaks is how many are kept of each spot: a client that leaks does it in every request.
const mostLeaks = 50

func newSecret(field, value string) secret {
	written := []string{value}
	for _, other := range []string{url.QueryEscape(value), url.PathEscape(value), base64.StdEncoding.EncodeToString([]byte(value)), base64.URLEncoding.EncodeToString([]byte(value))} {
		if other = strings.TrimRight(other, "="); other != value {
			written = append(written, other)
		}
	}
	return secret{field, value, written}
}

func (s secret) in(text string) bool {
	for _, written := range s.written {
		if strings.Contains(text, written) {
			return true
		}
	}
	return false
}

func (s secret) inHeader(name string, values []string) bool {
	return s.in(strings.Join(values, "\n")) || name == "Authorization" && basicHolds(values, s.value)
}

// search looks for credentials and tokens where they do not belong. s.mu is held.
func (s *stage) search(e *lineage.Event) {
	add := func(what, where string, in spot) { s.keepLeak(leak{what, where, in, e}) }
	address := e.Request.URL.String()
	for _, secret := range s.secrets {
		for _, name := range shared { // of a login, too: who writes them down is not told what belongs there
			if secret.inHeader(name, e.Request.Header[name]) {
				add(secret.field, "the header "+name, inShared)
			}
		}
		takes, inQuery := takesField(e, secret.field)
		switch {
		case inQuery:
		case secret.in(address):
			add(secret.field, "the address", inAddress)
		case takes:
		case secret.in(string(e.Request.Body)):
			add(secret.field, "the body", inBody)
		default:
			for name, values := range e.Request.Header {
				if !slices.Contains(shared, name) && secret.inHeader(name, values) {
					add(secret.field, "the header "+name, inHeader)
				}
			}
		}
	}
	for name, values := range e.Request.URL.Query() {
		for _, value := range values {
			if t := s.book.Find(value); t != nil && !placed(e, value) {
				add(t.Kind, "the parameter "+name+" of the address", inAddress)
			}
		}
	}
	for _, name := range shared {
		for _, word := range words(e.Request.Header.Get(name)) {
			if t := s.book.Find(word); t != nil {
				add(t.Kind, "the header "+name, inShared)
			}
		}
	}
}

// keepLeak keeps a leak, if it is one of the first of its spot: what is in every request hides none elsewhere. s.mu is held.
func (s *stage) keepLeak(l leak) {
	of := 0
	for _, kept := range s.leaks {
		if kept.in == l.in {
			of++
		}
	}
	if of < mostLeaks {
		s.leaks = append(s.leaks, l)
	}
}

// mostOfOther is how much of a body to another host is read.
const mostOfOther = 1 << 20

// searchOther looks for credentials and tokens in a request to another host, where the answer of e had sent it.
func (s *stage) searchOther(e *lineage.Event, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, mostOfOther)) // what comes of one that is cut has arrived
	address := r.URL.RequestURI()
	if plain, err := url.QueryUnescape(address); err == nil {
		address += "\n" + plain
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	look := func(where, text string, holds func(secret) bool) {
		add := func(what string) {
			s.keepLeak(leak{what, where + " of a request to another host, where a redirect had sent it", inOther, e})
		}
		for _, word := range words(text) {
			if t := s.book.Find(word); t != nil {
				add(t.Kind)
			}
		}
		for _, secret := range s.secrets {
			if holds(secret) {
				add(secret.field)
			}
		}
	}
	for name, values := range r.Header {
		look("the header "+name, strings.Join(values, " "), func(one secret) bool { return one.inHeader(name, values) })
	}
	look("the address", address+" "+strings.ReplaceAll(address, "=", " "), func(one secret) bool { return one.in(address) })
	look("the body", string(body)+" "+strings.ReplaceAll(string(body), "=", " "), func(one secret) bool { return one.in(string(body)) })
}

// takesField reports whether the operation takes a field of the credentials, and whether in its address.
func takesField(e *lineage.Event, field string) (takes, inQuery bool) {
	if e.Seen.Op == nil {
		return false, false
	}
	for _, input := range e.Seen.Op.Inputs {
		if input.From.Field == field {
			takes, inQuery = true, inQuery || input.In == specs.InQuery
		}
	}
	for _, auth := range e.Seen.Op.Auth {
		takes = takes || slices.Contains(auth.Fields, field)
	}
	return takes, inQuery
}

// placed reports whether the document has a token in the address of this request.
func placed(e *lineage.Event, value string) bool {
	return slices.ContainsFunc(e.Seen.Shown, func(shown operation.Shown) bool { return shown.Value == value && shown.In == specs.InQuery })
}

func basicHolds(values []string, value string) bool {
	for _, header := range values {
		_, encoded, _ := strings.Cut(header, " ")
		plain, err := base64.StdEncoding.DecodeString(encoded)
		if err == nil && strings.Contains(string(plain), value) {
			return true
		}
	}
	return false
}

// words are the pieces of a text that can be tokens (RFC 6750 section 2.1).
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~+/=", r))
	})
}
