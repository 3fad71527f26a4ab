package kit

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Answer is what a handler decides. Turning it into bytes, and every liberty
// in how it travels, is the business of one place: write.
type Answer struct {
	Retry     int64 // of a 429 or 503: in how many seconds to come back; 0 is 1
	Status    int
	Body      Object   // a JSON object …
	Page      []byte   // … or what is none, such as an HTML page
	Media     []string // what it is, if not application/json or HTML
	Token     bool     // carries a token, or would have: must not be cached
	Challenge string   // WWW-Authenticate
	Location  string
	Allow     string
	Policy    string // Content-Security-Policy
	SharedBy  string // the one other origin whose pages may read this
	Cookie    *http.Cookie
	Fate      Fate
	Why       Occasion
}

// Fate is what defects of ANY-5XX do to a request instead of answering it.
type Fate byte

const (
	Answered Fate = iota
	Dropped       // the connection is closed without an answer
	Hung          // nothing happens until the client gives up
)

// As is the answer, on an occasion.
func (a Answer) As(why Occasion) Answer {
	a.Why = why
	return a
}

// Refusal: the answer is an error.
func (a Answer) Refusal() bool { return a.Status >= 400 }

// OK is a success.
func OK(body Object) Answer { return Answer{Status: http.StatusOK, Body: body} }

// Issued is a success of a token endpoint (RFC 6749 5.1: not to be cached).
func Issued(body Object) Answer { return Answer{Status: http.StatusOK, Body: body, Token: true} }

// Refused is an error in the shape of RFC 6749 5.2, for the documents that
// leave it open. The description must not repeat anything that could be a secret.
func Refused(status int, code, description string) Answer {
	return Answer{Status: status, Token: true,
		Body: Object{{"error", Text(code)}, {"error_description", Text(description)}}}
}

// Header values that are the same in every answer, shared between them: a
// header map may hold any slice as long as nobody writes to it.
var (
	jsonType = []string{"application/json"}
	htmlType = []string{"text/html; charset=utf-8"}
	noStore  = []string{"no-store"}
	noCache  = []string{"no-cache"}
	nosniff  = []string{"nosniff"}
)

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// write sends an answer as its dialect's liberties want it sent.
func (s *Service) write(w http.ResponseWriter, now time.Time, c *Call, a Answer) {
	for _, change := range s.sending {
		a = change(c, a)
	}
	h := w.Header()
	h["Date"] = s.Clock.DateHeader(now)
	if a.Token {
		h["Cache-Control"] = noStore
		h["Pragma"] = noCache // RFC 6749 5.1
	}
	if a.Challenge != "" {
		h["Www-Authenticate"] = []string{a.Challenge}
	}
	if a.Allow != "" {
		h["Allow"] = []string{a.Allow}
	}
	if a.Status == http.StatusServiceUnavailable || a.Status == http.StatusTooManyRequests {
		h["Retry-After"] = []string{strconv.FormatInt(max(a.Retry, 1), 10)}
	}
	page := a.Page != nil || a.Location != ""
	if page {
		a.dressPage(w)
	}
	for _, change := range s.headers {
		change(h, a)
	}
	if page {
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Page)
		return
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	body := a.render(h, (*buffer)[:0])
	*buffer = body[:0]
	if s.send != nil {
		s.send(w, a.Status, body)
		return
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(body)
}

// render writes the body and says what it is.
func (a Answer) render(h http.Header, b []byte) []byte {
	if a.Status == http.StatusNoContent {
		return b
	}
	h["Content-Type"] = jsonType
	if a.Media != nil {
		h["Content-Type"] = a.Media
	}
	return append(a.Body.AppendJSON(b), '\n')
}

// dressPage has the header of a page for a human, or of the redirect after one.
func (a Answer) dressPage(w http.ResponseWriter) {
	h := w.Header()
	h["Cache-Control"] = noStore
	h["X-Content-Type-Options"] = nosniff
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer") // the URL of a page may carry a code
	if a.Policy != "" {
		h.Set("Content-Security-Policy", a.Policy)
	}
	if a.Cookie != nil {
		http.SetCookie(w, a.Cookie)
	}
	if a.Location != "" {
		// As decided, byte for byte: http.Redirect would clean the path.
		h.Set("Location", a.Location)
	}
	if a.SharedBy != "" {
		h.Set("Access-Control-Allow-Origin", a.SharedBy)
		h.Set("Vary", "Origin")
	}
	if len(a.Page) > 0 {
		h["Content-Type"] = htmlType
	}
	if a.Media != nil {
		h["Content-Type"] = a.Media
	}
}

// allowed is the value of an Allow header.
func allowed(methods map[string]Handler) string {
	var list []string
	for _, m := range []string{"GET", "HEAD", "POST", "PUT", "OPTIONS"} {
		if m == "OPTIONS" || methods[m] != nil {
			list = append(list, m)
		}
	}
	return strings.Join(list, ", ")
}
