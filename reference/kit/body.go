package kit

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"
)

// IsJSON: application/json with any parameters, in any case, or a +json type.
func IsJSON(contentType string) bool {
	if contentType == "application/json" { // what nearly everybody sends
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" ||
		strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json"))
}

// IsForm: application/x-www-form-urlencoded with any parameters.
func IsForm(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/x-www-form-urlencoded"
}

// MaxMembers bounds the work that one hostile body can ask for; the largest
// documented body has three members.
const MaxMembers = 100

// A BodyFault says why a body is not what was asked for, and with which status
// it is refused.
type BodyFault struct {
	Status int
	Said   string
}

var (
	BodyEmpty     = &BodyFault{http.StatusBadRequest, "the body is empty; a JSON object belongs there."}
	BodyMalformed = &BodyFault{http.StatusBadRequest, "the body is not well-formed JSON."}
	BodyNoObject  = &BodyFault{http.StatusBadRequest, "the body is JSON but not an object."}
	BodyDuplicate = &BodyFault{http.StatusBadRequest, "a member occurs twice in the body."}
	BodyCrowded   = &BodyFault{http.StatusBadRequest, "the body has too many members."}
	BodyBroken    = &BodyFault{http.StatusBadRequest, "the body could not be read to its end."}
	BodyLarge     = &BodyFault{http.StatusRequestEntityTooLarge, "the body is larger than 64 KiB."}
	BodyMedia     = &BodyFault{http.StatusUnsupportedMediaType, "the body must be sent as application/json."}
)

// Refuse is the refusal of a body in the shape of RFC 6749 5.2.
func (f *BodyFault) Refuse() Answer { return Refused(f.Status, "invalid_request", f.Said) }

// Field is one member of a received object, its value still undecoded.
type Field struct {
	Name string
	Raw  []byte
}

// Fields are the members of a received object, in their order.
type Fields []Field

// Get finds a member.
func (f Fields) Get(name string) (Field, bool) {
	for _, one := range f {
		if one.Name == name {
			return one, true
		}
	}
	return Field{}, false
}

// IsText: the value is a string.
func (f Field) IsText() bool { return len(f.Raw) > 0 && f.Raw[0] == '"' }

// IsNumber: a JSON number is the only value that starts like one.
func (f Field) IsNumber() bool {
	return len(f.Raw) > 0 && (f.Raw[0] == '-' || '0' <= f.Raw[0] && f.Raw[0] <= '9')
}

// Text is the text of a string.
func (f Field) Text() string {
	if bytes.IndexByte(f.Raw, '\\') < 0 {
		return string(f.Raw[1 : len(f.Raw)-1])
	}
	var s string
	_ = json.Unmarshal(f.Raw, &s) // what is no well-formed string is empty
	return s
}

// ReadObject reads a body strictly: one object, well-formed UTF-8, no member
// twice, nothing after it. Members nobody asked for are the caller's to ignore.
func ReadObject(body []byte) (Fields, *BodyFault) {
	found, is := PlainObject(body)
	if !is {
		start := bytes.TrimLeft(body, " \t\r\n")
		switch {
		case len(start) == 0:
			return nil, BodyEmpty
		case !utf8.Valid(body) || !json.Valid(body):
			return nil, BodyMalformed
		case start[0] != '{':
			return nil, BodyNoObject
		}
		found = wellFormedObject(body)
	}
	for i, f := range found {
		if _, twice := found[:i].Get(f.Name); twice {
			return nil, BodyDuplicate
		}
		if i == MaxMembers {
			return nil, BodyCrowded
		}
	}
	return found, nil
}

// wellFormedObject is an object of which the syntax is known to be right. It
// stops behind the first member too many.
func wellFormedObject(body []byte) Fields {
	found := Fields{}
	in := json.NewDecoder(bytes.NewReader(body))
	_, _ = in.Token() // {
	for in.More() && len(found) <= MaxMembers {
		name, _ := in.Token()
		var value json.RawMessage
		_ = in.Decode(&value)
		found = append(found, Field{name.(string), value})
	}
	return found
}

// ReadFirst is ReadObject for readers that stop at the end of the first JSON value.
func ReadFirst(body []byte) (Fields, *BodyFault) {
	var first json.RawMessage
	if json.NewDecoder(bytes.NewReader(body)).Decode(&first) == nil {
		body = first
	}
	return ReadObject(body)
}

// PlainObject reads in one pass what nearly every body is, and every JWT of
// this server: an object of a few strings that stand for themselves, and of
// whole numbers. All else it leaves to the long way, which takes several passes.
func PlainObject(body []byte) (found Fields, is bool) {
	found = make(Fields, 0, min(bytes.Count(body, []byte{','})+1, MaxMembers))
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
		if end = plainStringEnd(body, start); end == start {
			end = wholeNumberEnd(body, start)
		}
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

// wholeNumberEnd is likewise where a whole number ends; zero, and what starts
// with it, is for the long way.
func wholeNumberEnd(b []byte, i int) int {
	at := i
	for at < len(b) && '0' <= b[at] && b[at] <= '9' && b[i] != '0' {
		at++
	}
	return at
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}
