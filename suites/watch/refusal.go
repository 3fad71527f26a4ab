package watch

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"gonogo/internal/front"
	"gonogo/internal/lineage"
	"gonogo/specs"
)

// refusal is an answer of an intermediary: what the API itself would add is not known here.
func refusal(status int) *front.Answer {
	a := &front.Answer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte("{}")}
	if status == http.StatusUnauthorized {
		a.Header.Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	}
	return a
}

// refuses is how the document says that a request is refused for its token: a client may go by the error that it names. Where it names none
// that is the status.
func (s *stage) refuses(e *lineage.Event, status int) *front.Answer {
	if e.Seen == nil || e.Seen.Op == nil {
		return refusal(status)
	}
	said := s.dialect.Refusal(e.Seen.Op.Operation, specs.WrongToken).Answers
	if len(said) == 0 {
		return refusal(status)
	}
	a := refusal(cmp.Or(said[0].Status, status))
	if said[0].Schema != nil {
		a.Body, _ = json.Marshal(sample(said[0].Schema)) // of what JSON has
	}
	return a
}

// refusing refuses the first requests of a sort for their tokens.
func (s *stage) refusing(name string, n int, which func(*lineage.Event) bool, status int) func(*lineage.Event) front.Deed {
	first := atMost(n, which, front.Deed{Name: name})
	return func(e *lineage.Event) front.Deed {
		deed := first(e)
		if deed.Name != "" {
			deed.Instead = s.refuses(e, status)
		}
		return deed
	}
}

// deepest is how far a schema is followed, which may contain itself.
const deepest = 8

// sample is an object that a schema of an error describes, with what it must have and what has but one value.
func sample(schema *openapi3.Schema) map[string]any {
	object := map[string]any{}
	fill(object, schema, deepest)
	return object
}

// fill adds the members of an object that a schema has. A value that one part of the schema names is more than one that another only requires.
func fill(object map[string]any, schema *openapi3.Schema, depth int) {
	if depth == 0 {
		return
	}
	for _, part := range schema.AllOf {
		fill(object, part.Value, depth-1)
	}
	for name, property := range schema.Properties {
		switch of := property.Value; {
		case len(of.Enum) > 0:
			object[name] = of.Enum[0]
		case of.Type.Is("object"):
			inner, _ := object[name].(map[string]any)
			if inner == nil {
				inner = map[string]any{}
				object[name] = inner
			}
			fill(inner, of, depth-1)
		case object[name] == nil && slices.Contains(schema.Required, name):
			object[name] = plain(of)
		}
	}
}

// plain is a value of a schema's type.
func plain(schema *openapi3.Schema) any {
	switch {
	case schema.Type.Is("boolean"):
		return false
	case schema.Type.Is("integer"), schema.Type.Is("number"):
		return 0
	}
	return "refused"
}
