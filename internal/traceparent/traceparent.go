// Package traceparent tells a target and its logs which request is whose: by the header traceparent of the W3C
// recommendation Trace Context, level 1.
//
// It must never know what a request is for, nor who collects traces.
package traceparent

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"sync/atomic"
)

// Name is that of the header, as net/http writes it.
const Name = "Traceparent"

// Trace is the id of a trace. The zero value is none, and no header tells of it.
type Trace [16]byte

// New makes an id. It says which run this was and decides nothing, so no seed repeats it: two runs with one seed are two
// runs in whatever logs have them.
func New() (t Trace) {
	for t == (Trace{}) {
		_, _ = rand.Read(t[:]) // never fails (Go 1.24)
	}
	return t
}

// String is 32 hexadecimal digits; "" for none.
func (t Trace) String() string {
	if t == (Trace{}) {
		return ""
	}
	return hex.EncodeToString(t[:])
}

// Read reads a header's value, of this version of the recommendation or a later one (section 3.2.2); not ok: it is none, and
// names no trace.
func Read(value string) (trace, span string, ok bool) {
	parts := strings.Split(value, "-")
	if len(parts) < 4 || !isID(parts[0], 2) || parts[0] == "ff" || parts[0] == "00" && len(parts) != 4 ||
		!isID(parts[1], 32) || !isID(parts[2], 16) || !isID(parts[3], 2) || zero(parts[1]) || zero(parts[2]) {
		return "", "", false
	}
	return parts[1], parts[2], true
}

func isID(text string, digits int) bool {
	return len(text) == digits && strings.Trim(text, "0123456789abcdef") == ""
}

func zero(id string) bool { return strings.Trim(id, "0") == "" }

// Flags of a header (section 3.2.2.5).
const (
	recorded = "-01" // the caller keeps this request's span, and asks to have it gone on with
	left     = "-00" // whether the request is traced is left to the server
)

// Source makes the headers of requests that are all of one trace. It is safe for several goroutines; nil makes none.
type Source struct {
	trace Trace
	spans ids
	next  atomic.Uint64
}

// Of makes the source of a trace; nil for none.
func Of(t Trace) *Source {
	if t == (Trace{}) {
		return nil
	}
	return &Source{trace: t, spans: newIDs()}
}

// Next is the value of the next request's header.
func (s *Source) Next() string {
	if s == nil {
		return ""
	}
	value := append(hex.AppendEncode(append(make([]byte, 0, 55), "00-"...), s.trace[:]), '-')
	return string(append(s.spans.append(value, s.next.Add(1)), recorded...))
}

// Many makes the headers of requests each of which is a trace of its own, for one goroutine: of a hundred thousand nobody
// makes one tree. The first half of every id is that of the run's, by which logs are searched. Nobody is asked to record
// them: that would measure a server's tracing.
type Many struct {
	begin []byte // up to that half
	ids   ids
	n     uint64
}

// ManyOf makes one for a goroutine; nil for none.
func ManyOf(t Trace) *Many {
	if t == (Trace{}) {
		return nil
	}
	return &Many{begin: hex.AppendEncode([]byte("00-"), t[:8]), ids: newIDs()}
}

// Append writes the value of the next request's header.
func (m *Many) Append(into []byte) []byte {
	m.n++
	into = m.ids.append(append(into, m.begin...), 2*m.n)
	into = m.ids.append(append(into, '-'), 2*m.n+1)
	return append(into, left...)
}

// ids are numbers without order, of which none comes twice: a counter, mixed as splitmix64 does.
type ids uint64

func newIDs() ids {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return ids(binary.LittleEndian.Uint64(b[:]))
}

// append writes the n-th as 16 hexadecimal digits. Servers that sample by a trace's id look at these.
func (from ids) append(into []byte, n uint64) []byte {
	z := uint64(from) + n*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	if z ^= z >> 31; z == 0 {
		z = 1 // zero is no id (section 3.2.2.4)
	}
	const digits = "0123456789abcdef"
	var b [16]byte
	for i := range b {
		b[15-i] = digits[z&15]
		z >>= 4
	}
	return append(into, b[:]...)
}
