package operation

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"gonogo/internal/exchange"
	"gonogo/specs"
)

// compare validates the answer against the response that the document describes for its status. A refusal
// without a description, and a description without content, accept anything; a success must be one that the
// document describes.
func (op *Op) compare(x *exchange.Exchange, value any, decodeErr error) []Mismatch {
	response := op.documented(x.Status)
	if response == nil && x.Succeeded() {
		return []Mismatch{{Wanted: "a success that the document describes" + op.successes(), Got: "status " + strconv.Itoa(x.Status)}}
	}
	if response == nil {
		return nil
	}
	return append(headers(response, x), described(response, x, value, decodeErr)...)
}

// successes are the statuses of those that the document describes, in brackets.
func (op *Op) successes() string {
	var statuses []string
	for _, status := range slices.Sorted(maps.Keys(op.Doc.Responses.Map())) {
		if strings.HasPrefix(status, "2") {
			statuses = append(statuses, status)
		}
	}
	if len(statuses) == 0 {
		return " (it describes none)"
	}
	return " (" + strings.Join(statuses, " or ") + ")"
}

// described validates a body against a response.
func described(response *openapi3.Response, x *exchange.Exchange, value any, decodeErr error) []Mismatch {
	if x.Cut { // of a body that was cut nobody knows what it was
		return nil
	}
	schema := jsonSchema(response.Content, x.Header.Get("Content-Type"))
	if schema == nil {
		return nil
	}
	if decodeErr != nil {
		return []Mismatch{{Wanted: "one JSON value", Got: decodeErr.Error(), Requirement: specs.OwnRow(schema.Extensions)}}
	}
	return mismatches(schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsResponse(), uuids, uris, dateTimes))
}

// Formats that the library does not look at by itself, or more narrowly. A UUID may be of any version and in any
// case; a URI needs a scheme (RFC 3986 section 3); t and z may be small (RFC 3339 section 5.6).
var (
	uuids     = openapi3.WithStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`))
	dateTimes = openapi3.WithStringFormatValidator("date-time", openapi3.NewRegexpFormatValidator(`^(?i)`+strings.TrimPrefix(openapi3.FormatOfStringDateTime, "^")))
	uris      = openapi3.WithStringFormatValidator("uri", openapi3.NewRegexpFormatValidator(`^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$`))
)

// jsonSchema is the schema that a body must match: that of the media type that the answer claims to have, if
// the document describes it, else of the first JSON one. A claimed and documented type that is not JSON has
// none; an undocumented claim is no way out.
func jsonSchema(content openapi3.Content, claimed string) *openapi3.Schema {
	var first *openapi3.Schema
	for _, name := range slices.Sorted(maps.Keys(content)) {
		var schema *openapi3.Schema
		if ref := content[name].Schema; ref != nil && isJSON(name) {
			schema = ref.Value
		}
		if bareMedia(name) == bareMedia(claimed) {
			return schema
		}
		if first == nil {
			first = schema
		}
	}
	return first
}

// isJSON reports a media type whose bodies are JSON: application/json, or with the suffix +json (RFC 6839).
func isJSON(media string) bool {
	name := bareMedia(media)
	return name == "application/json" || strings.HasSuffix(name, "+json")
}

func bareMedia(media string) string {
	name, _, _ := strings.Cut(strings.ToLower(media), ";")
	return strings.TrimSpace(name)
}

// documented is the response that the document describes for a status: the exact one, the range, the default.
func (op *Op) documented(status int) *openapi3.Response {
	if op.Doc == nil { // the target file names the operation, and nothing is said of its answers
		return undescribed
	}
	responses := op.Doc.Responses
	for _, key := range []string{strconv.Itoa(status), strconv.Itoa(status/100) + "XX", strconv.Itoa(status/100) + "xx", "default"} {
		if ref := responses.Value(key); ref != nil {
			return ref.Value
		}
	}
	return nil
}

// undescribed is a response of which nothing is said.
var undescribed = &openapi3.Response{}

// Differs compares an answer with a row of the document's error table.
func (a *Answer) Differs(row specs.ErrorAnswer) []Mismatch {
	if row.Status != 0 && a.Status != row.Status {
		return []Mismatch{{Wanted: "status " + strconv.Itoa(row.Status), Got: "status " + strconv.Itoa(a.Status)}}
	}
	var differs []Mismatch
	if row.Response != nil {
		var notJSON error
		if !a.isJSON {
			notJSON = errors.New("something else")
		}
		differs = append(headers(row.Response, a.Exchange), described(row.Response, a.Exchange, a.body, notJSON)...)
	}
	if row.Schema == nil || a.Cut {
		return differs
	}
	if !a.isJSON {
		return append(differs, Mismatch{Wanted: "one JSON value", Got: "something else"})
	}
	return append(differs, mismatches(row.Schema.VisitJSON(a.body, openapi3.MultiErrors(), openapi3.VisitAsResponse(), uuids, uris, dateTimes))...)
}

// mismatches flattens the library's error tree into pointers and keywords; its own texts quote values.
func mismatches(err error) []Mismatch {
	if err == nil {
		return nil
	}
	one, ok := err.(*openapi3.SchemaError) // not errors.As, which would look for the parts of an alternative first
	if !ok {
		var several openapi3.MultiError
		if !errors.As(err, &several) {
			return []Mismatch{{Wanted: "what the document describes", Got: "something else"}}
		}
		var all []Mismatch
		for _, each := range several {
			all = append(all, mismatches(each)...)
		}
		return all
	}
	if one.SchemaField == "allOf" && one.Origin != nil {
		return mismatches(one.Origin) // each part says more than their sum, and has the whole pointer
	}
	var at specs.Pointer
	for _, step := range one.JSONPointer() {
		at = at.To(step)
	}
	found := Mismatch{At: string(at), Wanted: wanted(one), Got: describe(one.Value)}
	if one.Schema != nil && one.SchemaField == "enum" {
		found.Got += almost(one.Value, one.Schema.Enum)
	}
	if one.Schema != nil {
		found.Requirement = specs.OwnRow(one.Schema.Extensions)
	}
	return []Mismatch{found}
}

// almost says in what a text differs from one of those that the document has, by the document's word alone: what the answer has may be
// somebody's secret.
func almost(value any, words []any) string {
	text, _ := value.(string)
	for _, each := range words {
		word, ok := each.(string)
		if !ok || !strings.EqualFold(strings.TrimSpace(text), strings.TrimSpace(word)) {
			continue
		}
		switch differs := fmt.Sprintf(", %q but for ", word); {
		case strings.EqualFold(text, word):
			return differs + "its case"
		case strings.TrimSpace(text) == strings.TrimSpace(word):
			return differs + "the space around it"
		default:
			return differs + "its case and the space around it"
		}
	}
	return ""
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
	case "oneOf", "anyOf", "not":
		return map[string]string{"oneOf": "exactly one", "anyOf": "at least one", "not": "none"}[e.SchemaField] + " of the described alternatives"
	case "properties":
		return "no member that the document does not name"
	case "uniqueItems":
		return "no item twice"
	case "multipleOf":
		return "a multiple of " + number(schema.MultipleOf)
	case "minLength":
		return "at least " + number(&schema.MinLength) + " characters"
	case "maxLength":
		return "at most " + number(schema.MaxLength) + " characters"
	case "minItems":
		return "at least " + number(&schema.MinItems) + " items"
	case "maxItems":
		return "at most " + number(schema.MaxItems) + " items"
	case "minProperties":
		return "at least " + number(&schema.MinProps) + " members"
	case "maxProperties":
		return "at most " + number(schema.MaxProps) + " members"
	case "minimum":
		return "at least " + number(schema.Min)
	case "maximum":
		return "at most " + number(schema.Max)
	case "exclusiveMinimum":
		return "more than " + number(schema.Min)
	case "exclusiveMaximum":
		return "less than " + number(schema.Max)
	}
	return "what the schema says under " + e.SchemaField
}

// number writes a bound; the library may complain of one that it keeps elsewhere.
func number[N uint64 | float64](bound *N) string {
	if bound == nil {
		return "another number"
	}
	return strconv.FormatFloat(float64(*bound), 'f', -1, 64)
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
		return fmt.Sprintf("a string of %d characters", utf8.RuneCountInString(v))
	case float64:
		format := byte('f')
		if math.Abs(v) >= 1e21 { // three hundred digits say no more than its size
			format = 'g'
		}
		return "the number " + strconv.FormatFloat(v, format, -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case []any:
		return fmt.Sprintf("an array of %d", len(v))
	case map[string]any:
		if len(v) == 0 {
			return "an empty object"
		}
		names := slices.Sorted(maps.Keys(v))
		if len(names) > 8 {
			names = append(names[:8], "…")
		}
		return "an object with " + strings.Join(names, ", ")
	default:
		return fmt.Sprintf("%T", v)
	}
}
