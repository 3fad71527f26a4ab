package reference

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// maxMembers bounds the work that one hostile body can ask for; the largest
// documented body has three members.
const maxMembers = 100

// A bodyFault says why a body is not the JSON object that was asked for.
type bodyFault string

const (
	bodyEmpty     bodyFault = "the body is empty; a JSON object belongs there"
	bodyMalformed bodyFault = "the body is not well-formed JSON"
	bodyNoObject  bodyFault = "the body is JSON but not an object"
	bodyDuplicate bodyFault = "a member occurs twice in the body"
	bodyCrowded   bodyFault = "the body has too many members"
	bodyLarge     bodyFault = "the body is larger than 64 KiB"
	bodyMedia     bodyFault = "the body must be sent as application/json"
	bodyBroken    bodyFault = "the body could not be read to its end"
)

// field is one member of a received object, its value still undecoded.
type field struct {
	name string
	raw  []byte
}

type fields []field

func (f fields) get(name string) (field, bool) {
	for _, one := range f {
		if one.name == name {
			return one, true
		}
	}
	return field{}, false
}

func (f field) isText() bool { return len(f.raw) > 0 && f.raw[0] == '"' }

func (f field) isEmptyText() bool { return string(f.raw) == `""` }

func (f field) text() string { return unquote(f.raw) }

// readObject reads a body strictly: one object, well-formed UTF-8, no member
// twice, nothing after it. Members nobody asked for are the caller's to ignore.
func readObject(body []byte) (fields, bodyFault) {
	found, is := plainObject(body)
	if !is {
		i := skipSpace(body, 0)
		if i == len(body) {
			return nil, bodyEmpty
		}
		if !utf8.Valid(body) || !json.Valid(body) {
			return nil, bodyMalformed
		}
		if body[i] != '{' {
			return nil, bodyNoObject
		}
		found = wellFormedObject(body)
	}
	for i, f := range found {
		if _, twice := found[:i].get(f.name); twice {
			return nil, bodyDuplicate
		}
		if i == maxMembers {
			return nil, bodyCrowded
		}
	}
	return found, ""
}

// firstValue is the JSON value that a body begins with, for readers that stop
// at its end; the whole body if it begins with none.
func firstValue(body []byte) []byte {
	var first json.RawMessage
	if json.NewDecoder(bytes.NewReader(body)).Decode(&first) != nil {
		return body
	}
	return first
}

// plainObject reads in one pass what nearly every body is: an object of a few
// strings that stand for themselves. All else it leaves to the long way, which
// takes three passes.
func plainObject(body []byte) (found fields, is bool) {
	found = make(fields, 0, 3) // as many as the documented bodies have
	i := skipSpace(body, 0)
	if i == len(body) || body[i] != '{' {
		return nil, false
	}
	for len(found) < maxMembers {
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
		found = append(found, field{name, body[start:end]})
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

// wellFormedObject is an object of which the syntax is known to be right, so
// that finding the extent of each value is all that is left to do. It stops
// behind the first member too many.
func wellFormedObject(body []byte) fields {
	// A member of the documented bodies, or of our JWTs, takes 24 bytes or more.
	found := make(fields, 0, min(len(body)/24+1, maxMembers+1))
	for i := skipSpace(body, skipSpace(body, 0)+1); body[i] != '}' && len(found) <= maxMembers; {
		end := valueEnd(body, i)
		name := unquote(body[i:end])
		i = skipSpace(body, skipSpace(body, end)+1)
		end = valueEnd(body, i)
		found = append(found, field{name, body[i:end]})
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
