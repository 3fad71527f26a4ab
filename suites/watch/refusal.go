package watch

import (
	"cmp"
	"encoding/json"
	"net/http"

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
		a.Body, _ = json.Marshal(sample(said[0].Schema, deepest)) // of what JSON has
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

// sample is a value that a schema of an error describes, with what it must have.
func sample(schema *openapi3.Schema, depth int) any {
	members, value := map[string]any{}, any("refused")
	add := func(one any) {
		if object, is := one.(map[string]any); is {
			merge(members, object)
		} else {
			value = one
		}
	}
	for _, part := range schema.AllOf {
		if depth > 0 {
			add(sample(part.Value, depth-1))
		}
	}
	for name, property := range schema.Properties {
		must := len(property.Value.Enum) > 0 || property.Value.Type.Is("object")
		for _, required := range schema.Required {
			must = must || required == name
		}
		if must && depth > 0 {
			add(map[string]any{name: sample(property.Value, depth-1)})
		}
	}
	switch {
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	case schema.Type.Is("object") || len(members) > 0:
		return members
	case schema.Type.Is("boolean"):
		return false
	case schema.Type.Is("integer"), schema.Type.Is("number"):
		return 0
	}
	return value
}

// merge adds the members of an object to another's. A value that is named is more than one that is only required.
func merge(into, from map[string]any) {
	for name, value := range from {
		inner, is := value.(map[string]any)
		if known, both := into[name].(map[string]any); is && both {
			merge(known, inner)
		} else if into[name] == nil || value != any("refused") {
			into[name] = value
		}
	}
}
