package kit

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// MaxMembers bounds the work that one hostile body can ask for; the largest
// documented body has three members.
const MaxMembers = 100

// A bodyFault says why a body is not the JSON object that was asked for.
type BodyFault string

const (
	BodyEmpty     BodyFault = "the body is empty; a JSON object belongs there"
	BodyMalformed BodyFault = "the body is not well-formed JSON"
	BodyNoObject  BodyFault = "the body is JSON but not an object"
	BodyDuplicate BodyFault = "a member occurs twice in the body"
	BodyCrowded   BodyFault = "the body has too many members"
	BodyLarge     BodyFault = "the body is larger than 64 KiB"
	BodyMedia     BodyFault = "the body must be sent as application/json"
	BodyBroken    BodyFault = "the body could not be read to its end"
)

// Field is one member of a received object, its value still undecoded.
type Field struct {
	Name string
	Raw  []byte
}

type Fields []Field

func (f Fields) Get(name string) (Field, bool) {
	for _, one := range f {
		if one.Name == name {
			return one, true
		}
	}
	return Field{}, false
}

func (f Field) IsText() bool { return len(f.Raw) > 0 && f.Raw[0] == '"' }

// IsNumber: a JSON number is the only value that starts like one.
func (f Field) IsNumber() bool {
	return len(f.Raw) > 0 && (f.Raw[0] == '-' || '0' <= f.Raw[0] && f.Raw[0] <= '9')
}

func (f Field) IsEmptyText() bool { return string(f.Raw) == `""` }

func (f Field) Text() string { return unquote(f.Raw) }

// ReadObject reads a body strictly: one object, well-formed UTF-8, no member
// twice, nothing after it. Members nobody asked for are the caller's to ignore.
func ReadObject(body []byte) (Fields, BodyFault) {
	found, is := plainObject(body)
	if !is {
		i := skipSpace(body, 0)
		if i == len(body) {
			return nil, BodyEmpty
		}
		if !utf8.Valid(body) || !json.Valid(body) {
			return nil, BodyMalformed
		}
		if body[i] != '{' {
			return nil, BodyNoObject
		}
		found = WellFormedObject(body)
	}
	for i, f := range found {
		if _, twice := found[:i].Get(f.Name); twice {
			return nil, BodyDuplicate
		}
		if i == MaxMembers {
			return nil, BodyCrowded
		}
	}
	return found, ""
}

// FirstValue is the JSON value that a body begins with, for readers that stop
// at its end; the whole body if it begins with none.
func FirstValue(body []byte) []byte {
	var first json.RawMessage
	if json.NewDecoder(bytes.NewReader(body)).Decode(&first) != nil {
		return body
	}
	return first
}

// plainObject reads in one pass what nearly every body is: an object of a few
// strings that stand for themselves. All else it leaves to the long way, which
// takes three passes.
func plainObject(body []byte) (found Fields, is bool) {
	found = make(Fields, 0, 3) // as many as the documented bodies have
	i := skipSpace(body, 0)
	if i == len(body) || body[i] != '{' {
		return nil, false
	}
	for len(found) < MaxMembers {
		start := skipSpace(body, i+1)
		end := plainStringEnd(body, start)
		i = skipSpace(body, end)
		if end == start || i == len(body) || body[i] != ':' {
			return nil, false
		}
		name := string(body[start+1 : end-1])
		start = skipSpace(body, i+1)
		end = plainStringEnd(body, start)
		i = skipSpace(body, end)
		if end == start || i == len(body) {
			return nil, false
		}
		found = append(found, Field{name, body[start:end]})
		switch body[i] {
		case '}':
			return found, skipSpace(body, i+1) == len(body)
		case ',':
		default:
			return nil, false
		}
	}
	return nil, false
}

// plainStringEnd is where the string of plain characters that starts at i ends;
// i if none does.
func plainStringEnd(b []byte, i int) int {
	if i >= len(b) || b[i] != '"' {
		return i
	}
	for at := i + 1; at < len(b); at++ {
		switch {
		case b[at] == '"':
			return at + 1
		case !plain[b[at]]:
			return i
		}
	}
	return i
}

// WellFormedObject is an object of which the syntax is known to be right, so
// that finding the extent of each value is all that is left to do. It stops
// behind the first member too many.
func WellFormedObject(body []byte) Fields {
	// A member of the documented bodies, or of our JWTs, takes 24 bytes or more.
	found := make(Fields, 0, min(len(body)/24+1, MaxMembers+1))
	for i := skipSpace(body, skipSpace(body, 0)+1); body[i] != '}' && len(found) <= MaxMembers; {
		end := valueEnd(body, i)
		name := unquote(body[i:end])
		i = skipSpace(body, skipSpace(body, end)+1)
		end = valueEnd(body, i)
		found = append(found, Field{name, body[i:end]})
		if i = skipSpace(body, end); body[i] == ',' {
			i = skipSpace(body, i+1)
		}
	}
	return found
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// valueEnd is where the well-formed JSON value that starts at i ends.
func valueEnd(b []byte, i int) int {
	depth := 0
	for {
		switch b[i] {
		case '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			i++
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\t', '\n', '\r':
			i++
		default:
			for i < len(b) && b[i] > ' ' && b[i] != ',' && b[i] != '}' && b[i] != ']' {
				i++
			}
		}
		if depth == 0 {
			return i
		}
	}
}

func unquote(raw []byte) string {
	for _, c := range raw {
		if c == '\\' {
			var s string
			if json.Unmarshal(raw, &s) != nil {
				return ""
			}
			return s
		}
	}
	return string(raw[1 : len(raw)-1])
}
