package specs

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// OwnRow is the row that promises a header of an answer, or a member of its body, by the x-gonogo that it has; empty: it is
// promised as the rest of the answer is.
func OwnRow(extensions map[string]any) string {
	var said struct {
		Requirement string `json:"requirement"`
	}
	if extensions[extensionKey] == nil {
		return ""
	}
	text, err := json.Marshal(extensions[extensionKey])
	if err == nil {
		err = json.Unmarshal(text, &said)
	}
	if err != nil {
		return "" // checkExtensions says so
	}
	return said.Requirement
}

// OwnRows lists the rows that promise headers of the operation's answers or members of their bodies, in a fixed order.
func (op *Operation) OwnRows() []string {
	found := map[string]bool{}
	for _, row := range op.Withholds {
		found[row] = true
	}
	if op.Doc == nil || op.Doc.Responses == nil {
		return sortedNames(found)
	}
	for _, response := range op.Doc.Responses.Map() {
		if response.Value == nil {
			continue
		}
		for _, header := range response.Value.Headers {
			if header.Value != nil {
				found[OwnRow(header.Value.Extensions)] = true
			}
		}
	}
	for _, one := range op.answers(func(string) bool { return true }) {
		ownRows(one.schema, found, maxRefs)
	}
	delete(found, "")
	return sortedNames(found)
}

func ownRows(schema *openapi3.Schema, found map[string]bool, depth int) {
	if schema == nil || depth == 0 {
		return
	}
	found[OwnRow(schema.Extensions)] = true
	for _, name := range sortedNames(schema.Properties) {
		ownRows(schema.Properties[name].Value, found, depth-1)
	}
	for _, ref := range slices.Concat(schema.AllOf, schema.OneOf, schema.AnyOf) {
		ownRows(ref.Value, found, depth-1)
	}
}

// checkOwnRows wants an x-gonogo of a schema's property to be one that is read.
func checkOwnRows(src *source, check func(part string, path ...string)) {
	var walk func(path []string)
	walk = func(path []string) {
		for _, key := range src.keys(path...) {
			below := append(slices.Clone(path), key)
			if key == extensionKey {
				check("promise", path...)
				continue
			}
			walk(below)
		}
	}
	for _, schema := range src.keys("components", "schemas") {
		walk([]string{"components", "schemas", schema})
	}
	for _, response := range src.keys("components", "responses") {
		walk([]string{"components", "responses", response})
	}
	walk([]string{"components", "headers"})
	for _, path := range src.keys("paths") {
		for _, method := range methods {
			walk([]string{"paths", path, strings.ToLower(method), "responses"})
		}
	}
}
