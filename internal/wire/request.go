// Package wire writes HTTP/1.1 requests and reads the answers, in memory that is kept from one to the next: without an
// allocation, which is what a load generator has no time for. It knows as much of RFC 9112 as a client needs that sends
// one request at a time, and it takes and refuses what net/http takes and refuses; where it does not, its tests say so.
//
// It must never know a socket's ways (package attack does), nor what a request is for.
package wire

import "strconv"

// Request is a request as it is to go over a connection.
type Request struct {
	Method string
	Scheme string // http or https
	Host   string // whom to connect to; a port may follow
	Named  string // what the Host field says, if that is not Host
	Target []byte // path and query, or whatever else the request line is to have
	Fields []byte // header lines, each with its line end, as Add writes them; not Host, not Content-Length
	Body   []byte
}

// Reset empties the request and keeps its memory.
func (r *Request) Reset() {
	*r = Request{Target: r.Target[:0], Fields: r.Fields[:0], Body: r.Body[:0]}
}

// Add adds a header line.
func (r *Request) Add(name string, value []byte) {
	r.Fields = append(append(r.Fields, name...), ": "...)
	r.Fields = append(AppendValue(r.Fields, value), "\r\n"...)
}

// AppendValue writes a header's value with a space for each character that would end it: a token that somebody else made
// must not become a header of its own (RFC 9110, 5.5).
func AppendValue(into, value []byte) []byte {
	at := len(into)
	into = append(into, value...)
	for i, c := range into[at:] {
		if c < ' ' && c != '\t' || c == 0x7f {
			into[at+i] = ' '
		}
	}
	return into
}

// All are the header lines, one after the other.
func (r *Request) All(yield func(name, value []byte) bool) { fields(r.Fields)(yield) }

// AppendTo writes the whole request (RFC 9112, 2.1).
func (r *Request) AppendTo(into []byte) []byte {
	into = append(append(into, r.Method...), ' ')
	into = append(append(into, r.Target...), " HTTP/1.1\r\nHost: "...)
	if r.Named != "" {
		into = append(into, r.Named...)
	} else {
		into = append(into, r.Host...)
	}
	into = append(append(into, "\r\n"...), r.Fields...)
	if len(r.Body) > 0 || r.wantsLength() {
		into = strconv.AppendInt(append(into, "Content-Length: "...), int64(len(r.Body)), 10)
		into = append(into, "\r\n"...)
	}
	return append(append(into, "\r\n"...), r.Body...)
}

// wantsLength reports whether servers expect to be told that the body is empty (RFC 9110, 8.6).
func (r *Request) wantsLength() bool {
	switch r.Method {
	case "POST", "PUT", "PATCH":
		return true
	}
	return false
}

// Safe reports whether the method changes nothing (RFC 9110, 9.2.1).
func (r *Request) Safe() bool { return r.Method == "GET" || r.Method == "HEAD" }
