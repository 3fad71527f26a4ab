package reference

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// answer is what a handler decides. Turning it into bytes, and every liberty
// in how it travels, is the business of one place: write.
type answer struct {
	status    int
	body      object   // a JSON object …
	media     []string // … of another type than application/json
	page      []byte   // … or an HTML page
	pageMedia string   // of a page that is not HTML
	token     bool     // carries a token, or would have: must not be cached
	challenge string   // WWW-Authenticate
	location  string
	allow     string
	policy    string // Content-Security-Policy
	sharedBy  string // the one other origin whose pages may read this
	cookie    *http.Cookie
	fate      fate
}

// fate is what defects of ANY-5XX do to a request instead of answering it.
type fate byte

const (
	answered fate = iota
	dropped       // the connection is closed without an answer
	hung          // nothing happens until the client gives up
)

func (a answer) refusal() bool { return a.status >= 400 }

// ok is a success.
func ok(body object) answer { return answer{status: http.StatusOK, body: body} }

// issued is a success of a token endpoint (RFC 6749 5.1: not to be cached).
func issued(body object) answer { return answer{status: http.StatusOK, body: body, token: true} }

// refused is an error in the shape of RFC 6749 5.2, for the documents that
// leave it open. The description must not repeat anything that could be a secret.
func refused(status int, code, description string) answer {
	return answer{status: status, token: true,
		body: object{{"error", text(code)}, {"error_description", text(description)}}}
}

// refuse is a refusal that no handler of the dialect decided on.
func (d *desk) refuse(status int, code, description string) answer {
	if d.shape != nil {
		return d.shape(status, description)
	}
	return refused(status, code, description)
}

// full answers errFull.
func full() answer {
	return refused(http.StatusServiceUnavailable, "temporarily_unavailable", "The test server is full; restart it.")
}

// crash stands for the code of a careless server: the server answers 500.
func crash(why string) answer { panic("deliberate defect: " + why) }

// Header values that are the same in every answer, shared between them: a
// header map may hold any slice as long as nobody writes to it.
var (
	jsonType    = []string{"application/json"}
	jsonCharset = []string{"application/json;charset=UTF-8"}
	problemType = []string{"application/problem+json"}
	htmlType    = []string{"text/html; charset=utf-8"}
	textType    = []string{"text/plain; charset=utf-8"}
	noStore     = []string{"no-store"}
	noCache     = []string{"no-cache"}
	nosniff     = []string{"nosniff"}
)

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// write sends an answer as its dialect's liberties want it sent.
func (d *desk) write(w http.ResponseWriter, now time.Time, a answer) {
	h := w.Header()
	switch {
	case d.undated:
		h["Date"] = nil // or net/http would add its own
	case !d.dateStands:
		h["Date"] = d.clock.dateHeader(now)
	}
	if a.token && !d.has(d.common.cacheable) {
		h["Cache-Control"] = noStore
		h["Pragma"] = noCache // RFC 6749 5.1
	}
	if a.challenge != "" {
		h["Www-Authenticate"] = []string{a.challenge}
	}
	if a.allow != "" {
		h["Allow"] = []string{a.allow}
	}
	if a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests {
		h["Retry-After"] = []string{"1"}
	}
	if d.has(d.common.closes) {
		h["Connection"] = []string{"close"}
	}
	if a.page != nil || a.location != "" {
		d.writePage(w, a)
		return
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	body := d.render(h, a, (*buffer)[:0])
	*buffer = body[:0]
	if a.status == http.StatusNoContent {
		body = nil
		delete(h, "Content-Type")
	}
	status := a.status
	if status == http.StatusOK && a.token && a.body != nil && d.has(d.common.created) {
		status = http.StatusCreated
	}
	d.send(w, status, body)
}

// render writes the body and says what it is.
func (d *desk) render(h http.Header, a answer, b []byte) []byte {
	if a.refusal() {
		reason := http.StatusText(a.status)
		switch {
		case d.has(d.common.errorsHTML):
			h["Content-Type"] = htmlType
			return append(b, "<!DOCTYPE html><title>"+reason+"</title><h1>"+reason+"</h1>\n"...)
		case d.has(d.common.errorsText):
			h["Content-Type"] = textType
			return append(b, reason+"\n"...)
		case d.has(d.common.errorsEmpty):
			return b
		}
	}
	h["Content-Type"] = jsonType
	if d.has(d.common.charset) {
		h["Content-Type"] = jsonCharset
	}
	if a.media != nil {
		h["Content-Type"] = a.media
	}
	body := a.body
	if d.has(d.common.extraMembers) {
		body = append(body, member{"trace", text("t-" + strconv.FormatUint(d.sequence.Load(), 10))},
			member{"meta", raw(`{"node":7,"tags":["a","b"],"next":null}`)})
	}
	return append(body.appendJSON(b, d.has(d.common.decimals)), '\n')
}

func (d *desk) send(w http.ResponseWriter, status int, body []byte) {
	w.WriteHeader(status)
	if d.has(d.common.chunked) && len(body) > 1 {
		// Flushing before the end is known is what makes net/http use chunks.
		flusher, _ := w.(http.Flusher)
		_, _ = w.Write(body[:len(body)/2])
		if flusher != nil {
			flusher.Flush()
		}
		body = body[len(body)/2:]
	}
	_, _ = w.Write(body)
}

// writePage sends a page for a human, or the redirect after one.
func (d *desk) writePage(w http.ResponseWriter, a answer) {
	h := w.Header()
	h["Cache-Control"] = noStore
	h["X-Content-Type-Options"] = nosniff
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer") // the URL of a page may carry a code
	if a.policy != "" {
		h.Set("Content-Security-Policy", a.policy)
	}
	if a.cookie != nil {
		http.SetCookie(w, a.cookie)
	}
	if a.location != "" {
		// As decided, byte for byte: http.Redirect would clean the path.
		h.Set("Location", a.location)
	}
	if a.sharedBy != "" {
		h.Set("Access-Control-Allow-Origin", a.sharedBy)
		h.Set("Vary", "Origin")
	}
	h["Content-Type"] = htmlType
	if a.pageMedia != "" {
		h["Content-Type"] = []string{a.pageMedia}
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.page)
}

// allowed is the value of an Allow header.
func allowed(methods map[string]handler) string {
	var list []string
	for _, m := range []string{"GET", "HEAD", "POST", "PUT", "OPTIONS"} {
		if m == "OPTIONS" || methods[m] != nil {
			list = append(list, m)
		}
	}
	return strings.Join(list, ", ")
}
