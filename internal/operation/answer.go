package operation

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"gonogo/internal/exchange"
	"gonogo/specs"
)

// Answer is an exchange read as the answer of its operation.
type Answer struct {
	*exchange.Exchange
	Op         *Op
	Tokens     map[string]string // by kind, wherever in this answer they stand
	Mismatches []Mismatch        // with the document
	body       any
	isJSON     bool
}

// Mismatch is one way in which an answer differs from the document. It never quotes the answer's value
// beyond its type.
type Mismatch struct {
	At     string // JSON pointer into the body, "" for the body itself
	Wanted string
	Got    string
}

// Read reads an exchange as the answer of the operation.
func (op *Op) Read(x *exchange.Exchange) *Answer {
	a := &Answer{Exchange: x, Op: op, Tokens: map[string]string{}}
	if !x.Answered() {
		return a
	}
	value, err := decodeStrict(x.Body)
	a.isJSON = err == nil
	a.body = value
	a.Mismatches = op.compare(x, value, err)
	for _, kind := range op.set.dialect.Tokens {
		if text, ok := a.Text(kind.At); ok && text != "" {
			a.Tokens[kind.Name] = text
		}
	}
	return a
}

// Value looks a pointer up in the answer: in its JSON body, or in its Location.
func (a *Answer) Value(at specs.Pointer) (any, bool) {
	if _, redirected := at.InLocation(); redirected {
		location, err := url.Parse(a.Header.Get("Location"))
		if err != nil || !a.Redirected() {
			return nil, false
		}
		return at.Location(location)
	}
	if !a.isJSON {
		return nil, false
	}
	return at.Body(a.body)
}

// Text is Value where it is text.
func (a *Answer) Text(at specs.Pointer) (string, bool) {
	value, ok := a.Value(at)
	text, isText := value.(string)
	return text, ok && isText
}

// IsJSON reports that the body is exactly one JSON value.
func (a *Answer) IsJSON() bool { return a.isJSON }

// Lifetime is what the answer announces for a token kind it carries: the remaining time, and the number as
// it was written. Moments are counted from the answer's Date, or from when it was received.
func (a *Answer) Lifetime(kind specs.TokenKind) (remaining time.Duration, written string, ok bool) {
	value, found := a.Value(kind.Lifetime.Announced)
	if kind.Lifetime.Announced == "" || !found {
		return 0, "", false
	}
	return a.Remaining(value, kind.Lifetime.Unit)
}

// Remaining reads a number or moment that says how much time is left.
func (a *Answer) Remaining(value any, unit specs.Unit) (remaining time.Duration, written string, ok bool) {
	now, dated := a.Date()
	if !dated {
		now = a.Received
	}
	switch v := value.(type) {
	case float64:
		written = strconv.FormatFloat(v, 'f', -1, 64)
		if unit == specs.Epoch {
			return time.Unix(int64(v), 0).Sub(now), written, true
		}
		step := unit.Step()
		if step == 0 || v > float64(1<<62/step) {
			return 0, written, false
		}
		return time.Duration(v * float64(step)), written, true
	case string:
		at, err := time.Parse(time.RFC3339, v)
		if err != nil || unit != specs.RFC3339 {
			return 0, v, false
		}
		return at.Sub(now), v, true
	}
	return 0, fmt.Sprint(value), false
}

// compare validates the answer against the response that the document describes for its status. A refusal
// without a description, and a description without content, accept anything; a success must be one that the
// document describes.
func (op *Op) compare(x *exchange.Exchange, value any, decodeErr error) []Mismatch {
	response := op.documented(x.Status)
	if response == nil && x.Succeeded() {
		return []Mismatch{{Wanted: "a success that the document describes", Got: "status " + strconv.Itoa(x.Status)}}
	}
	if response == nil {
		return nil
	}
	var schema *openapi3.Schema
	for name, media := range response.Content {
		if media.Schema != nil && isJSON(name) {
			schema = media.Schema.Value
		}
	}
	if schema == nil {
		return nil
	}
	if decodeErr != nil {
		return []Mismatch{{Wanted: "one JSON value", Got: decodeErr.Error()}}
	}
	return mismatches(schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsResponse()))
}

// isJSON reports a media type whose bodies are JSON: application/json, or with the suffix +json (RFC 6839).
func isJSON(media string) bool {
	name, _, _ := strings.Cut(strings.ToLower(media), ";")
	name = strings.TrimSpace(name)
	return name == "application/json" || strings.HasSuffix(name, "+json")
}

// documented is the response that the document describes for a status: the exact one, the range, the default.
func (op *Op) documented(status int) *openapi3.Response {
	responses := op.Doc.Responses
	for _, key := range []string{strconv.Itoa(status), strconv.Itoa(status/100) + "XX", strconv.Itoa(status/100) + "xx", "default"} {
		if ref := responses.Value(key); ref != nil {
			return ref.Value
		}
	}
	return nil
}

// mismatches flattens the library's error tree into pointers and keywords; its own texts quote values.
func mismatches(err error) []Mismatch {
	if err == nil {
		return nil
	}
	var several openapi3.MultiError
	if errors.As(err, &several) {
		var all []Mismatch
		for _, one := range several {
			all = append(all, mismatches(one)...)
		}
		return all
	}
	var one *openapi3.SchemaError
	if !errors.As(err, &one) {
		return []Mismatch{{Wanted: "what the document describes", Got: "something else"}}
	}
	at := "/" + strings.Join(one.JSONPointer(), "/")
	if at == "/" {
		at = ""
	}
	return []Mismatch{{At: at, Wanted: wanted(one), Got: describe(one.Value)}}
}

func wanted(e *openapi3.SchemaError) string {
	schema := e.Schema
	switch e.SchemaField {
	case "required":
		return "this member"
	case "type":
		return "a value of type " + strings.Join(schema.Type.Slice(), " or ")
	case "nullable":
		return "not null"
	case "minLength":
		return fmt.Sprintf("at least %d characters", schema.MinLength)
	case "enum":
		words := make([]string, len(schema.Enum))
		for i, word := range schema.Enum {
			words[i] = fmt.Sprintf("%#v", word)
		}
		return strings.Join(words, " or ")
	case "pattern":
		return "text that matches " + schema.Pattern
	case "format":
		return "the format " + schema.Format
	default:
		return "what the schema says under " + e.SchemaField
	}
}

// describe names a value's type, never the value.
func describe(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		if v == "" {
			return "an empty string"
		}
		return fmt.Sprintf("a string of %d characters", len(v))
	case float64:
		return "the number " + strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case []any:
		return fmt.Sprintf("an array of %d", len(v))
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		if len(names) > 8 {
			names = append(names[:8], "…")
		}
		return "an object with " + strings.Join(names, ", ")
	default:
		return fmt.Sprintf("%T", v)
	}
}
