package specs

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"gonogo/internal/yamlfile"
	"gonogo/reports/words"
)

const correctOpenAPI = "correct it as the OpenAPI specification says"

// readOpenAPI reads a document's text as OpenAPI and reports everything that the library finds wrong with it.
func readOpenAPI(src *source, data []byte) (*openapi3.T, Problems) {
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err == nil {
		err = doc.Validate(context.Background(), openapi3.EnableMultiError())
	}
	if err == nil {
		return doc, nil
	}
	// What is wrong is looked up a second time with the places of everything, which the library keeps only
	// on demand: most documents are right.
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true
	if doc, err = loader.LoadFromData(data); err != nil {
		return nil, Problems{loadProblem(src, err)}
	}
	var problems Problems
	for _, one := range flatten(doc.Validate(context.Background(), openapi3.EnableMultiError())) {
		var section *openapi3.SectionValidationError
		if errors.As(one, &section) {
			one = section.Cause
		}
		problems = append(problems, Problem{Place: openapiPlace(src, one), Message: "OpenAPI: " + firstLine(one.Error()), Fix: correctOpenAPI})
	}
	return nil, problems
}

// checkVersion wants a version of OpenAPI that is read; the library takes any text for one.
func checkVersion(src *source) Problems {
	if src.has("swagger") {
		return Problems{{Place: src.at("swagger"), Message: "this is a Swagger 2 document", Fix: "convert it to OpenAPI 3.0"}}
	}
	version, found := src.find("openapi")
	if !found && (src.has("base_url") || src.has("credentials")) {
		return Problems{{Place: src.line(1), Message: "this is a target file, and no OpenAPI document", Fix: "gonogo check --target " + words.Shell(src.file) + " --plan reads it, and sends nothing"}}
	}
	if !found {
		return Problems{{Place: src.line(1), Message: "the document does not say which version of OpenAPI it follows", Fix: "add openapi: 3.0.3 and what else the OpenAPI specification asks for"}}
	}
	if read := (&openapi3.T{OpenAPI: version.Text}).OpenAPIMajorMinor(); read != "3.0" && read != "3.1" { // 3.1, unquoted, is a number
		return Problems{{Place: src.at("openapi"), Message: fmt.Sprintf("%q is no version of OpenAPI that is read here", version.Text), Fix: "write 3.0.3 or, with the schemas of JSON Schema 2020-12, 3.1.0"}}
	}
	return nil
}

func flatten(err error) []error {
	if several, ok := err.(openapi3.MultiError); ok {
		return several
	}
	return []error{err}
}

// wrongType is how the library's decoder says that a value has another type than its field.
var wrongType = regexp.MustCompile(`cannot unmarshal (\w+) into field (?:\w+\.)*(\w+) of type`)

// loadProblem is why a document could not even be read.
func loadProblem(src *source, err error) Problem {
	message := firstLine(err.Error())
	if at := strings.LastIndex(message, "json: "); at >= 0 { // YAML is read by way of JSON
		message = message[at+len("json: "):]
	}
	place := openapiPlace(src, err)
	if match := wrongType.FindStringSubmatch(message); match != nil {
		message = match[2] + " cannot be of type " + match[1]
		place = src.line(firstKey(src, match[2], match[1], place.Line))
	}
	if strings.Contains(message, "disallowed external reference") {
		return Problem{Place: place, Message: "OpenAPI: " + message, Fix: "references into other files are not followed: bundle the document into one file"}
	}
	return Problem{Place: place, Message: "OpenAPI: " + message, Fix: correctOpenAPI}
}

// firstKey is the line of the first key of this name whose value has the type that the decoder did not want.
func firstKey(src *source, name, kind string, otherwise int) int {
	line := 0
	src.root.Walk(func(key string, value *yamlfile.Node, at int) {
		if line == 0 && key == name && jsonKind(value) == kind {
			line = at
		}
	})
	if line == 0 {
		return otherwise
	}
	return line
}

// jsonKind names a value's type as the JSON decoder does.
func jsonKind(node *yamlfile.Node) string {
	switch node.Value.(type) {
	case bool:
		return "bool"
	case int64, uint64, float64:
		return "number"
	case string:
		return "string"
	}
	return map[yamlfile.Kind]string{yamlfile.Mapping: "object", yamlfile.List: "array"}[node.Kind]
}

// openapiPlace finds the line that an error of the OpenAPI library speaks of: the origin it carries, else the
// value it quotes, else the path or component it names.
func openapiPlace(src *source, err error) Place {
	if line := originLine(err); line > 0 {
		return src.line(line)
	}
	line := 0
	for _, quoted := range quotedText.FindAllString(firstLine(err.Error()), -1) {
		text, _ := strconv.Unquote(quoted)
		src.root.Walk(func(_ string, value *yamlfile.Node, at int) {
			if line == 0 && value.Value == text {
				line = at
			}
		})
	}
	if line > 0 {
		return src.line(line)
	}
	place := Place{File: src.file, Line: 1}
	for _, word := range strings.FieldsFunc(err.Error(), func(r rune) bool { return strings.ContainsRune(" \":,()`", r) }) {
		for _, branch := range [][]string{{"paths", word}, {"components", "schemas", word}, {"components", "responses", word}, {"components", "securitySchemes", word}, {word}} {
			if src.has(branch...) {
				place = src.at(branch...)
				break
			}
		}
	}
	return place
}

var quotedText = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// originLine is the place that the innermost error of a chain carries: each of the library's error types has a
// field of this name, and they share no interface.
func originLine(err error) int {
	line := 0
	for ; err != nil; err = errors.Unwrap(err) {
		value := reflect.ValueOf(err)
		if value.Kind() != reflect.Pointer || value.Elem().Kind() != reflect.Struct {
			continue
		}
		field := value.Elem().FieldByName("Origin")
		if !field.IsValid() || !field.CanInterface() {
			continue
		}
		origin, ok := field.Interface().(*openapi3.Origin)
		if !ok || origin == nil || origin.Key == nil {
			continue
		}
		line = origin.Key.Line
		var extra *openapi3.ExtraSiblingFieldsError
		if errors.As(err, &extra) {
			for _, name := range extra.Fields {
				if at, known := origin.Fields.Lookup(name); known {
					return at.Line
				}
			}
		}
	}
	return line
}
