package specs

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// checkSays wants the members that a validate answer is read by to be in its success schema.
func (b *builder) checkSays(op *Operation) {
	if op.Says == nil {
		return
	}
	missing := func(at Pointer) {
		b.fail(b.atSays(op, at), fmt.Sprintf("the success schema of %s %s has no %s", op.Method, op.Path, at), "correct the pointer, or add the property to the schema")
	}
	if at := op.Says.Valid; op.answerAt(at) == nil {
		missing(at)
	} else if !maybe(op.answerAt(at), "boolean") {
		b.fail(b.atSays(op, at), fmt.Sprintf("%s is no boolean in the schema", at), "point to the member that says true for a live token")
	}
	if at := op.Says.Remaining; at == "" {
		return
	} else if schema := op.answerAt(at); schema == nil {
		missing(at)
	} else {
		b.checkUnit(b.atSays(op, at), at, op.Says.Unit, schema)
	}
}

// atSays is the place of a pointer in an operation's says.
func (b *builder) atSays(op *Operation, at Pointer) Place {
	says := append(slices.Clone(op.path), "says")
	for _, key := range b.src.keys(says...) {
		var value string
		if err := b.src.decode(&value, append(says, key)...); err == nil && value == string(at) {
			return b.atOp(op, "says", key)
		}
	}
	return b.atOp(op, "says")
}

// checkUnit wants a number for units that count, and text for a moment written out.
func (b *builder) checkUnit(place Place, at Pointer, unit Unit, schema *openapi3.Schema) {
	switch {
	case unit == RFC3339 && !maybe(schema, "string"):
		b.fail(place, fmt.Sprintf("%s counts %s, which is text, and is no string in the schema", at, unit), "correct the unit, or the property's type")
	case unit != RFC3339 && !maybe(schema, "integer") && !maybe(schema, "number"):
		b.fail(place, fmt.Sprintf("%s counts %s and is no number in the schema", at, unit), "correct the unit, or the property's type")
	}
}

// maybe reports whether a schema leaves room for a type.
func maybe(schema *openapi3.Schema, kind string) bool {
	return schema.Type == nil || len(*schema.Type) == 0 || schema.Type.Includes(kind)
}

// answerAt is the schema at a pointer into the success answers of an operation, or nil.
func (op *Operation) answerAt(at Pointer) *openapi3.Schema {
	if _, redirected := at.InLocation(); redirected {
		return nil
	}
	for _, answer := range op.successes() {
		if schema := property(answer.schema, at.Steps(), maxRefs); schema != nil {
			return schema
		}
	}
	return nil
}

// Promises reports whether every success of the operation has a member, by its schema.
func (op *Operation) Promises(at Pointer) bool {
	if _, redirected := at.InLocation(); redirected {
		return false
	}
	successes := op.successes()
	return len(successes) > 0 && !slices.ContainsFunc(successes, func(a answer) bool { return !promised(a.schema, at.Steps(), maxRefs) })
}

// Describes reports whether a success of the operation is documented to have a member, required or not.
func (op *Operation) Describes(at Pointer) bool { return op.answerAt(at) != nil }

func promised(schema *openapi3.Schema, steps []string, depth int) bool {
	if schema == nil || depth == 0 {
		return false
	}
	if len(steps) == 0 {
		return true
	}
	if ref := schema.Properties[steps[0]]; ref != nil && slices.Contains(schema.Required, steps[0]) {
		return promised(ref.Value, steps[1:], depth-1)
	}
	return slices.ContainsFunc(schema.AllOf, func(ref *openapi3.SchemaRef) bool { return promised(ref.Value, steps, depth-1) })
}

// property finds what stands at the end of a path of names, in any alternative of a schema. depth is how many
// schemas in schemas are looked into.
func property(schema *openapi3.Schema, steps []string, depth int) *openapi3.Schema {
	if schema == nil || depth == 0 {
		return nil
	}
	if len(steps) == 0 {
		return schema
	}
	if ref := schema.Properties[steps[0]]; ref != nil {
		return property(ref.Value, steps[1:], depth-1)
	}
	for _, ref := range slices.Concat(schema.AllOf, schema.OneOf, schema.AnyOf) {
		if found := property(ref.Value, steps, depth-1); found != nil {
			return found
		}
	}
	return nil
}

// answer is the JSON schema of a response, with its path in the document.
type answer struct {
	schema *openapi3.Schema
	path   []string
}

func (op *Operation) successes() []answer {
	found := op.answers(func(status string) bool { return strings.HasPrefix(status, "2") })
	if len(found) == 0 {
		return op.answers(func(status string) bool { return status == "default" })
	}
	return found
}

func (op *Operation) answers(want func(status string) bool) []answer {
	var found []answer
	if op.Doc.Responses == nil {
		return nil
	}
	for _, status := range sortedNames(op.Doc.Responses.Map()) {
		response := op.Doc.Responses.Value(status)
		if !want(status) || response.Value == nil {
			continue
		}
		for _, media := range sortedNames(response.Value.Content) {
			if content := response.Value.Content[media]; isJSON(media) && content.Schema != nil && content.Schema.Value != nil {
				found = append(found, answer{content.Schema.Value, []string{"paths", op.Path, strings.ToLower(op.Method), "responses", status, "content", media, "schema"}})
			}
		}
	}
	return found
}

// isJSON reports a media type whose bodies are JSON (RFC 6839 section 3.1).
func isJSON(media string) bool {
	name, _, _ := strings.Cut(strings.ToLower(media), ";")
	name = strings.TrimSpace(name)
	return name == mediaJSON || strings.HasSuffix(name, "+json")
}

// checkAnswers wants nothing in the schemas of answers that the validator would pass over: what breaks it would
// be called go. Only documents of OpenAPI 3.1 can have such keywords.
func (b *builder) checkAnswers(op *Operation) {
	if !b.doc.IsOpenAPI31OrLater() {
		return
	}
	for _, one := range op.answers(func(string) bool { return true }) {
		b.checkJudged(one.schema, one.path, map[*openapi3.Schema]bool{})
	}
}

func (b *builder) checkJudged(schema *openapi3.Schema, path []string, seen map[*openapi3.Schema]bool) {
	if schema == nil || seen[schema] {
		return
	}
	seen[schema] = true
	if schema.Const != nil { // const is an enum of one, which is judged
		schema.Enum = []any{schema.Const}
	}
	for _, keyword := range unjudged(schema) {
		b.once(b.src.follow(append(path, keyword)...), fmt.Sprintf("the keyword %s of JSON Schema is not judged", keyword), "say it with type, properties, required, enum, const, pattern, items or oneOf, or remove it")
	}
	if schema.Nullable {
		b.warnOnce(b.src.follow(append(path, "nullable")...), "OpenAPI 3.1 has no keyword nullable; it is read as in 3.0", "write the type as [integer, 'null'], or whatever it is")
	}
	inner := func(ref *openapi3.SchemaRef, steps ...string) {
		if ref != nil {
			b.checkJudged(ref.Value, slices.Concat(path, steps), seen)
		}
	}
	for _, name := range sortedNames(schema.Properties) {
		inner(schema.Properties[name], "properties", name)
	}
	inner(schema.Items, "items")
	inner(schema.Not, "not")
	inner(schema.AdditionalProperties.Schema, "additionalProperties")
	for _, several := range []struct {
		key     string
		schemas openapi3.SchemaRefs
	}{{"allOf", schema.AllOf}, {"oneOf", schema.OneOf}, {"anyOf", schema.AnyOf}} {
		for i, ref := range several.schemas {
			inner(ref, several.key, strconv.Itoa(i))
		}
	}
}

// unjudged are the keywords of a schema that constrain and that the validator of OpenAPI 3.0 schemas ignores.
func unjudged(s *openapi3.Schema) []string {
	has := map[string]bool{
		"prefixItems": len(s.PrefixItems) > 0, "contains": s.Contains != nil, "patternProperties": len(s.PatternProperties) > 0,
		"propertyNames": s.PropertyNames != nil, "dependentSchemas": len(s.DependentSchemas) > 0, "dependentRequired": len(s.DependentRequired) > 0,
		"unevaluatedItems":      s.UnevaluatedItems.Has != nil || s.UnevaluatedItems.Schema != nil,
		"unevaluatedProperties": s.UnevaluatedProperties.Has != nil || s.UnevaluatedProperties.Schema != nil,
		"if":                    s.If != nil, "$dynamicRef": s.DynamicRef != "",
	}
	maps.DeleteFunc(has, func(_ string, there bool) bool { return !there })
	return sortedNames(has)
}
