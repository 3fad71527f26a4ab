package wire

import (
	"bytes"
	"iter"

	"gonogo/internal/coding"
)

// MaxBody and maxHead are far above any answer of a token endpoint and keep a server that never ends one from filling
// the memory: 1,000 connections with such answers are 1 GB.
const (
	MaxBody = 1 << 20
	maxHead = 256 << 10
)

// Answer is an answer. Its memory is the reader's, and holds until the next one is read.
type Answer struct {
	Status int
	Body   []byte
	Close  bool   // nothing else can come over its connection (RFC 9112, 9.3)
	fields []byte // header lines, each with its line end
}

// Reset empties the answer.
func (a *Answer) Reset() { *a = Answer{fields: a.fields[:0]} }

// Copy makes the answer one like another, in its own memory.
func (a *Answer) Copy(of *Answer) {
	*a = Answer{Status: of.Status, Close: of.Close, Body: append(a.Body[:0], of.Body...), fields: append(a.fields[:0], of.fields...)}
}

// Add adds a header line, for an answer that was not read here.
func (a *Answer) Add(name, value string) {
	a.fields = append(append(a.fields, name...), ": "...)
	a.fields = append(AppendValue(a.fields, []byte(value)), "\r\n"...)
}

// Unpack reads a body that is compressed, as far as there is room for it. One that cannot be read stays as it is.
func (a *Answer) Unpack() {
	if !coding.Packed(a.Body) {
		return
	}
	for name, value := range a.All {
		if !bytes.EqualFold(name, []byte("Content-Encoding")) {
			continue
		}
		if plain, err := coding.Decode(string(value), a.Body, MaxBody); err == nil && len(plain) <= MaxBody {
			a.Body = plain
		}
	}
}

// All are the header lines, names as the server wrote them.
func (a *Answer) All(yield func(name, value []byte) bool) { fields(a.fields)(yield) }

// fields are the names and values of header lines.
func fields(text []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for line := range lines(text) {
			if name, value, ok := cutField(line); ok && !yield(name, value) {
				return
			}
		}
	}
}

// lines are the lines of a text without their ends.
func lines(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(text) > 0 {
			line, rest, _ := bytes.Cut(text, []byte("\n"))
			if text = rest; !yield(bytes.TrimSuffix(line, []byte("\r"))) {
				return
			}
		}
	}
}

// cutField is a header line's name and value.
func cutField(line []byte) (name, value []byte, ok bool) {
	name, value, ok = bytes.Cut(line, []byte(":"))
	return name, bytes.Trim(value, " \t"), ok
}

// TimeoutAnswer is how a server begins that tells why it closes an idle connection (RFC 9110, 15.5.9).
const TimeoutAnswer = "HTTP/1.1 408"

// IsTimeout reports whether what came when nobody had asked is no more than that.
func IsTimeout(text []byte) bool { return bytes.HasPrefix(text, []byte(TimeoutAnswer)) }
