package front

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// ServeHTTP is one exchange, from the request to the last byte but what net/http adds: conn.over ends it.
func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := r.Context().Value(connKey{}).(*conn)
	body, more, err := read(r.Body, l.front.config.MaxBody)
	if err != nil {
		panic(http.ErrAbortHandler) // the client went before its request was whole
	}
	x := l.arrived(r, body, more)
	if x == nil {
		panic(http.ErrAbortHandler)
	}
	c.on = x
	l.front.config.Begun(x.Exchange)
	h := &hand{listener: l, w: w, r: r, c: c, x: x, deed: l.front.config.Deed(x.Exchange), body: body, more: more}
	x.Deed = h.deed.Name
	h.run()
}

// read is a body, of at most room bytes, and whether there is more of it.
func read(from io.Reader, room int64) ([]byte, bool, error) {
	body, err := io.ReadAll(io.LimitReader(from, room+1))
	return body, int64(len(body)) > room, err
}

// arrived gives a request its number; nil once the front is closed.
func (l *listener) arrived(r *http.Request, body []byte, more bool) *live {
	header := r.Header.Clone()
	header.Set("Host", r.Host)
	kept := body
	if more {
		kept = body[:l.front.config.MaxBody:l.front.config.MaxBody]
	}
	x := &Exchange{
		Server: l.name, From: r.RemoteAddr,
		Request: Request{Method: r.Method, URL: addressed(l.place.scheme, r), Header: header, Body: kept, Cut: more},
	}
	f := l.front
	f.settle()
	x.Situation = f.config.Situation()
	f.arriving.Lock()
	defer f.arriving.Unlock()
	if f.closed {
		return nil
	}
	f.active.Add(1)
	f.number++
	x.Number, x.Arrived, x.At = f.number, time.Now(), f.config.Now()
	return &live{Exchange: x, left: make(chan struct{})}
}

// hand is a request on its way.
type hand struct {
	*listener
	w    http.ResponseWriter
	r    *http.Request
	c    *conn
	x    *live
	deed Deed
	body []byte
	more bool // the rest of the body is still to be read
}

func (h *hand) run() {
	switch {
	case h.r.Method == http.MethodConnect: // a tunnel has no exchanges
		h.give(own(http.StatusNotImplemented, "no tunnels"), framing{length: true}, nil)
	case h.deed.Instead != nil:
		h.give(*h.deed.Instead, framing{length: true}, nil)
	case h.server.Upstream == nil:
		h.give(own(http.StatusNotFound, "nothing stands behind this address"), framing{length: true}, nil)
	default:
		h.forward()
	}
}

// forward hands the request on, and its answer back.
func (h *hand) forward() {
	response, err := h.front.transport.RoundTrip(h.outgoing())
	if err == nil && (response.StatusCode < 200 || response.StatusCode > 999) {
		_ = response.Body.Close()
		err = fmt.Errorf("an answer with the status %03d", response.StatusCode)
	}
	if err != nil {
		h.missing(err)
		return
	}
	defer response.Body.Close()
	origin := &Answer{Status: response.StatusCode, Header: response.Header.Clone()}
	h.x.Origin = origin
	shape := framing{length: response.Header.Get("Content-Length") != "", trailer: func() http.Header { return response.Trailer }}
	if isStream(response.Header) {
		h.give(Answer{Status: origin.Status, Header: response.Header, Cut: true}, shape, response.Body)
		return
	}
	body, more, err := read(response.Body, h.front.config.MaxBody)
	origin.Body, origin.Cut = body, more
	switch {
	case more:
		origin.Body = body[:h.front.config.MaxBody:h.front.config.MaxBody]
		h.give(Answer{Status: origin.Status, Header: response.Header, Body: origin.Body, Cut: true}, shape, io.MultiReader(bytes.NewReader(body[len(origin.Body):]), response.Body))
	case err != nil:
		h.brokenOff(err)
		h.give(Answer{Status: origin.Status, Header: response.Header, Body: body}, shape, failing{err})
	default:
		h.give(h.rewritten(*origin, response.Header), shape, nil)
	}
}

// missing is said where upstream gave no answer.
func (h *hand) missing(err error) {
	if h.front.ctx.Err() != nil {
		h.x.Deed, h.x.Why = Ended, errClosed.Error()
		h.front.leave(h.x)
		h.c.reset()
		panic(http.ErrAbortHandler)
	}
	h.x.Deed, h.x.Why = Gone, "upstream gave no answer: "+err.Error()
	h.deed = Deed{}
	h.give(own(http.StatusBadGateway, "the API that is watched gave no answer"), framing{length: true}, nil)
}

// brokenOff is noted where upstream's answer, or the front itself, ended before the answer's end.
func (h *hand) brokenOff(err error) {
	h.deed.Change = nil
	h.x.Deed, h.x.Why = Broken, "upstream broke its answer off: "+err.Error()
	if h.front.ctx.Err() != nil {
		h.x.Deed, h.x.Why = Ended, errClosed.Error()
	}
}

// own is an answer of the front's.
func own(status int, says string) Answer {
	return Answer{Status: status, Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, Body: []byte("gonogo watch: " + says + "\n")}
}

// failing is the rest of a body that does not come.
type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }

func isStream(header http.Header) bool {
	return strings.HasPrefix(strings.ToLower(header.Get("Content-Type")), "text/event-stream")
}

// outgoing is the request as upstream gets it.
func (h *hand) outgoing() *http.Request {
	upstream := h.server.Upstream
	header := h.r.Header.Clone()
	endToEnd(header)
	if strings.Contains(strings.ToLower(h.r.Header.Get("TE")), "trailers") {
		header.Set("TE", "trailers")
	}
	for _, name := range []string{"Origin", "Referer"} {
		for i, value := range header[name] {
			header[name][i] = h.front.links.home(value, h.r.Host, h.listener)
		}
	}
	if _, said := header["User-Agent"]; !said {
		header["User-Agent"] = nil // else net/http says its own
	}
	u := *h.r.URL
	u.Scheme, u.Host, u.User = upstream.Scheme, upstream.Host, nil
	if written, _, _ := strings.Cut(h.r.RequestURI, "?"); strings.HasPrefix(written, "/") && !strings.HasPrefix(written, "//") && written != u.EscapedPath() {
		u.Opaque = written // as it was written, which no rule of escaping would give back
	}
	out := (&http.Request{Method: h.r.Method, URL: &u, Host: upstream.Host, Header: header, ContentLength: h.r.ContentLength, Trailer: h.r.Trailer}).WithContext(h.front.ctx)
	switch {
	case h.more: // upstream may answer before it has all of it
		_ = http.NewResponseController(h.w).EnableFullDuplex()
		out.Body = io.NopCloser(io.MultiReader(bytes.NewReader(h.body), h.r.Body))
	case len(h.body) > 0 || h.r.ContentLength < 0:
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(h.body)), nil }
		out.Body, _ = out.GetBody()
	default:
		out.Body = http.NoBody
	}
	return out
}

// hopByHop are the fields that are for the next hop only (RFC 9110 section 7.6.1), beside those that Connection names.
var hopByHop = []string{"Connection", "Proxy-Connection", "Keep-Alive", "TE", "Transfer-Encoding", "Upgrade"}

func endToEnd(header http.Header) {
	for _, line := range header["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			header.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range hopByHop {
		header.Del(name)
	}
}
