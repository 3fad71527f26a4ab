package wire

import (
	"bytes"
	"strconv"
	"strings"
)

// head is what of a status line and a header says how the rest is to be read.
type head struct {
	begin, end int // of the header lines, in the buffer
	status     int
	minor      byte // of the version
	sized      bool // there is a Content-Length
	length     int64
	coded      int  // how many Transfer-Encodings there are
	chunked    bool // and the one is chunked
	close      bool // what Connection says
	keepAlive  bool
}

// closes reports whether the connection ends with this answer (RFC 9112, 9.3).
func (h *head) closes() bool { return h.close || h.minor == '0' && !h.keepAlive }

// head reads a status line and header lines up to the empty one.
func (r *Reader) head(h *head) error {
	limit := r.at + maxHead
	status, err := r.line(limit)
	if err != nil {
		return err
	}
	if !h.statusLine(status) {
		return ErrMalformed
	}
	h.begin = r.at
	if err := r.lines(h, limit); err != nil {
		return err
	}
	if h.minor == '0' {
		h.coded, h.chunked = 0, false // HTTP/1.0 has none (RFC 9112, 6.1)
	}
	if h.coded > 1 || h.coded == 1 && !h.chunked {
		return ErrMalformed
	}
	return nil
}

// lines reads header lines up to the empty one.
func (r *Reader) lines(h *head, limit int) error {
	field, fieldEnd := -1, 0 // a line waits until it is known that the next does not go on with it
	for {
		at := r.at
		line, err := r.line(limit)
		if err != nil {
			return err
		}
		if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
			if field < 0 || bytes.IndexByte(r.buf[field:fieldEnd], ':') < 0 {
				return ErrMalformed
			}
			for i := fieldEnd; i < at; i++ {
				r.buf[i] = ' ' // a client may take the break for a space (RFC 9112, 5.2)
			}
			fieldEnd = at + len(line)
			continue
		}
		if field >= 0 && !h.field(r.buf[field:fieldEnd]) {
			return ErrMalformed
		}
		if len(line) == 0 {
			h.end = at
			return nil
		}
		field, fieldEnd = at, at+len(line)
	}
}

// statusLine reads HTTP/1.1 200 OK.
func (h *head) statusLine(line []byte) bool {
	const version = "HTTP/1."
	if len(line) < len(version)+2 || string(line[:len(version)]) != version || !digit(line[len(version)]) || line[len(version)+1] != ' ' {
		return false
	}
	h.minor = line[len(version)]
	code, _, _ := bytes.Cut(bytes.TrimLeft(line[len(version)+2:], " "), []byte(" "))
	if len(code) != 3 || !digit(code[0]) || !digit(code[1]) || !digit(code[2]) {
		return false
	}
	h.status = int(code[0]-'0')*100 + int(code[1]-'0')*10 + int(code[2]-'0')
	return true
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// field reads a header line (RFC 9112, 5).
func (h *head) field(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	if colon < 1 {
		return false
	}
	for _, c := range line[:colon] {
		if bytesOf[c]&inName == 0 {
			return false
		}
	}
	for _, c := range line[colon+1:] {
		if bytesOf[c]&inValue == 0 {
			return false
		}
	}
	switch colon {
	case len("Connection"):
		if bytes.EqualFold(line[:colon], []byte("Connection")) {
			h.connection(line[colon+1:])
		}
	case len("Content-Length"):
		if bytes.EqualFold(line[:colon], []byte("Content-Length")) {
			return h.contentLength(bytes.Trim(line[colon+1:], " \t"))
		}
	case len("Transfer-Encoding"):
		if bytes.EqualFold(line[:colon], []byte("Transfer-Encoding")) {
			h.coded++
			h.chunked = bytes.EqualFold(bytes.Trim(line[colon+1:], " \t"), []byte("chunked"))
		}
	}
	return true
}

func (h *head) connection(value []byte) {
	for word := range bytes.SplitSeq(value, []byte(",")) {
		switch word = bytes.Trim(word, " \t"); {
		case bytes.EqualFold(word, []byte("close")):
			h.close = true
		case bytes.EqualFold(word, []byte("keep-alive")):
			h.keepAlive = true
		}
	}
}

// contentLength takes the same length any number of times (RFC 9112, 6.3).
func (h *head) contentLength(value []byte) bool {
	length, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil || !digit(value[0]) || h.sized && h.length != length {
		return false
	}
	h.sized, h.length = true, length
	return true
}

// What a byte may be part of: a name (RFC 9110, 5.6.2), to which net/http adds the space, or a value (5.5).
const inName, inValue = 1, 2

var bytesOf = func() (of [256]byte) {
	for c := range of {
		switch {
		case c == '\t' || c >= 0x80:
			of[c] = inValue
		case c < ' ' || c == 0x7f:
		case c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || strings.IndexByte(" !#$%&'*+-.^_`|~", byte(c)) >= 0:
			of[c] = inName | inValue
		default:
			of[c] = inValue
		}
	}
	return of
}()
