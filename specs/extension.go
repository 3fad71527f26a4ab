package specs

import (
	"bytes"
	_ "embed" // the extension's schema
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

const extensionKey = "x-gonogo"

// ExtensionSchema is the JSON Schema of x-gonogo; its $defs root, server, scheme, promise and operation are the
// places it can stand in.
//
//go:embed x-gonogo.schema.json
var ExtensionSchema []byte

// methods are the operations a path item can have, in the order the harness lists them.
var methods = []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete, http.MethodOptions, http.MethodHead, http.MethodPatch, http.MethodTrace}

var extensionSchemas = sync.OnceValue(func() map[string]*jsonschema.Schema {
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(ExtensionSchema))
	if err != nil {
		panic("specs: the schema of x-gonogo is not JSON: " + err.Error()) // a broken build, never input
	}
	// an address, for a bare name is looked for in the folder of the run, whose name may be of any letters
	const schema = "https://gonogo.invalid/x-gonogo.schema.json"
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schema, raw); err != nil {
		panic(err)
	}
	compiled := map[string]*jsonschema.Schema{}
	for _, part := range []string{"root", "server", "scheme", "promise", "operation"} {
		compiled[part] = compiler.MustCompile(schema + "#/$defs/" + part)
	}
	return compiled
})

// checkExtensions validates every x-gonogo of a document against its schema.
func checkExtensions(src *source) Problems {
	var problems Problems
	check := func(part string, path ...string) {
		problems = append(problems, checkExtension(src, part, append(path, extensionKey))...)
	}
	if !src.has(extensionKey) {
		return Problems{{Place: src.line(1), Message: "the document has no x-gonogo at its root", Fix: "add one with dialect, requirements, credentials and tokens (gonogo spec show --yaml " + Builtin()[0] + " prints one)"}}
	}
	check("root")
	for i := range src.length("servers") {
		check("server", "servers", fmt.Sprint(i))
	}
	for _, scheme := range src.keys("components", "securitySchemes") {
		check("scheme", "components", "securitySchemes", scheme)
	}
	checkOwnRows(src, check)
	for _, path := range src.keys("paths") {
		for i := range src.length("paths", path, "servers") {
			check("server", "paths", path, "servers", fmt.Sprint(i))
		}
		for _, method := range methods {
			check("operation", "paths", path, strings.ToLower(method))
		}
	}
	return problems
}

func checkExtension(src *source, part string, path []string) Problems {
	value, found := src.find(path...)
	if !found {
		return nil
	}
	err := extensionSchemas()[part].Validate(value.Any())
	invalid, ok := err.(*jsonschema.ValidationError)
	if !ok {
		return nil
	}
	var problems Problems
	for _, leaf := range leaves(invalid) {
		problems = append(problems, extensionProblem(src, path, leaf)...)
	}
	return problems
}

// leaves are the errors that name a cause. Of alternatives (oneOf) only the one that fits best is kept:
// the one whose discriminating word matched, else the one with the fewest errors.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	if _, ok := e.ErrorKind.(*kind.OneOf); ok {
		return closest(e)
	}
	var all []*jsonschema.ValidationError
	for _, cause := range e.Causes {
		all = append(all, leaves(cause)...)
	}
	return all
}

func closest(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	var best []*jsonschema.ValidationError
	for _, cause := range e.Causes {
		candidate := leaves(cause)
		if !wrongWord(candidate) && (best == nil || len(candidate) < len(best)) {
			best = candidate
		}
	}
	if best != nil {
		return best
	}
	var words []any
	at := e.InstanceLocation
	for _, cause := range e.Causes {
		for _, leaf := range leaves(cause) {
			switch k := leaf.ErrorKind.(type) {
			case *kind.Enum:
				words, at = append(words, k.Want...), leaf.InstanceLocation
			case *kind.Const:
				words, at = append(words, k.Want), leaf.InstanceLocation
			}
		}
	}
	if len(words) == 0 {
		return []*jsonschema.ValidationError{e.Causes[0]}
	}
	return []*jsonschema.ValidationError{{InstanceLocation: at, ErrorKind: &kind.Enum{Want: words}}}
}

// wrongWord reports that an alternative failed on the word that selects it.
func wrongWord(candidate []*jsonschema.ValidationError) bool {
	for _, leaf := range candidate {
		switch leaf.ErrorKind.(type) {
		case *kind.Enum, *kind.Const:
			return true
		}
	}
	return false
}
