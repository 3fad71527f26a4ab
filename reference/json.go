package reference

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// object is a JSON object to be sent, in the order in which it is sent. It is
// appended by hand: encoding/json costs a tenth of a token server's requests.
type object []member

type member struct {
	name  string
	value value
}

// value is one JSON value: text, number, truth, null, an object, or ready-made
// JSON.
type value struct {
	kind   byte // 's', 'n', 'b', '0', 'o' or 'r'
	text   string
	number int64
	object *object
}

func text(s string) value   { return value{kind: 's', text: s} }
func number(n int64) value  { return value{kind: 'n', number: n} }
func null() value           { return value{kind: '0'} }
func nested(o object) value { return value{kind: 'o', object: &o} }
func raw(js string) value   { return value{kind: 'r', text: js} }
func truth(b bool) value {
	if b {
		return value{kind: 'b', number: 1}
	}
	return value{kind: 'b'}
}

// set replaces a member's value, or adds the member.
func (o object) set(name string, v value) object {
	for i := range o {
		if o[i].name == name {
			o[i].value = v
			return o
		}
	}
	return append(o, member{name, v})
}

// without is the object lacking one member.
func (o object) without(name string) object {
	kept := o[:0]
	for _, m := range o {
		if m.name != name {
			kept = append(kept, m)
		}
	}
	return kept
}

// appendJSON renders the object; decimals writes 60 as 60.0, which JSON holds
// to be the same number.
func (o object) appendJSON(b []byte, decimals bool) []byte {
	b = append(b, '{')
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, m.name)
		b = append(b, ':')
		switch m.value.kind {
		case 's':
			b = appendString(b, m.value.text)
		case 'n':
			b = strconv.AppendInt(b, m.value.number, 10)
			if decimals {
				b = append(b, ".0"...)
			}
		case 'b':
			b = strconv.AppendBool(b, m.value.number == 1)
		case 'o':
			b = m.value.object.appendJSON(b, decimals)
		case 'r':
			b = append(b, m.value.text...)
		default:
			b = append(b, "null"...)
		}
	}
	return append(b, '}')
}

// plain are the characters that a string's JSON has as they are. A table is
// what makes looking at each character of a JWT cheap.
var plain = func() (is [256]bool) {
	for c := ' '; c <= '~'; c++ {
		is[c] = !strings.ContainsRune(`"\<>&`, c)
	}
	return is
}()

func appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if !plain[s[i]] {
			quoted, _ := json.Marshal(s) // a string always marshals
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

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
	found := wellFormedObject(body)
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
