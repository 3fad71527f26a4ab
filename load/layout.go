package load

import (
	"bytes"
	"sync/atomic"
)

// layout is how a body was written: the text before each of its values, and after the last. A server writes answers of a
// kind alike, so most are read by comparing them to one that was read before, in a third of the time.
type layout struct {
	values []laidOut
	rest   []byte
}

// laidOut is a value of a layout, no object and no array.
type laidOut struct {
	before []byte
	quoted bool
	index  int // in found; -1: nobody looks for it
}

// layouts is the one that answers were last found to have. Answers that differ in more than their values are not learned for
// ever.
type layouts struct {
	latest  atomic.Pointer[layout]
	learned atomic.Int32
}

const mostLayouts = 16

// longestLaidOut is the longest body whose layout is worth keeping.
const longestLaidOut = 16 << 10

// from is pick.from for a body of this layout; not ok: it has another, or an escape in a value.
func (l *layout) from(body []byte, found [][]byte) (ok bool) {
	clear(found)
	for i := range l.values {
		v := &l.values[i]
		if !bytes.HasPrefix(body, v.before) {
			return false
		}
		body = body[len(v.before):]
		end := scalar(body, v.quoted)
		if end <= 0 {
			return false
		}
		if v.index >= 0 {
			found[v.index] = body[:end:end]
		}
		body = body[end:]
	}
	return bytes.Equal(body, l.rest)
}

// scalar is where a value ends that stands at the begin of a text; 0: it is not there, or not of that kind, or not plain.
func scalar(text []byte, quoted bool) (end int) {
	if len(text) == 0 || quoted != (text[0] == '"') {
		return 0
	}
	if quoted {
		end = bytes.IndexByte(text[1:], '"') + 2
		if end < 2 || bytes.IndexByte(text[:end], '\\') >= 0 {
			return 0
		}
		return end
	}
	for i, c := range text {
		switch c {
		case '{', '[':
			return 0
		case ',', '}', ']', ' ', '\t', '\n', '\r':
			return i
		}
	}
	return 0
}

// leaf is where a value stands in a body.
type leaf struct{ begin, end, index int }

// learn keeps the layout of a body by its values, in their order.
func (l *layouts) learn(body []byte, leaves []leaf) {
	if l.learned.Add(1) > mostLayouts {
		return
	}
	body = bytes.Clone(body)
	var out layout
	at := 0
	for _, v := range leaves {
		out.values = append(out.values, laidOut{before: body[at:v.begin], quoted: body[v.begin] == '"', index: v.index})
		at = v.end
	}
	out.rest = body[at:]
	l.latest.Store(&out)
}
