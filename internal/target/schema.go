package target

import (
	"bytes"
	"cmp"
	_ "embed" // the schema
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"gonogo/internal/spell"
	"gonogo/internal/yamlfile"
)

// Schema is the JSON Schema of a target file, from which editors complete too: shape, words and ranges. What it
// cannot say, because it depends on the document or on this machine, is checked beside it.
//
//go:embed target.schema.json
var Schema []byte

// The schema is there twice: compiled, and for a file in which something is wrong, as a tree that keeps the order of its
// keys and the words for that.
var (
	compiled = sync.OnceValue(compile)
	tree     = sync.OnceValue(func() *yamlfile.Node {
		root, problems := yamlfile.Read("target.schema.json", Schema, yamlfile.Rules{})
		if len(problems) > 0 {
			panic(problems)
		}
		return root
	})
)

func compile() *jsonschema.Schema {
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		panic("target: the schema is not JSON: " + err.Error()) // a broken build, never input
	}
	raw.(map[string]any)["$defs"].(map[string]any)["variable"] = false // values come expanded
	// an address, for a bare name is looked for in the folder of the run, whose name may be of any letters
	const address = "https://gonogo.invalid/target.schema.json"
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(address, raw); err != nil {
		panic(err)
	}
	return compiler.MustCompile(address)
}

// ruleOf is the place in the schema that an error speaks of.
func ruleOf(e *jsonschema.ValidationError) *yamlfile.Node {
	_, pointer, _ := strings.Cut(e.SchemaURL, "#/")
	found, _, _ := tree().Find(strings.Split(pointer, "/")...)
	return found
}

// said is a text that a rule has under a key, or under a key of that.
func said(rule *yamlfile.Node, path ...string) string {
	if value, _, found := rule.Find(path...); found {
		return value.Text
	}
	return ""
}

// checkShape complains of everything that the schema does not allow, and marks it.
func (r *reader) checkShape(expanded *yamlfile.Node) {
	if invalid, ok := compiled().Validate(expanded.Any()).(*jsonschema.ValidationError); ok {
		r.complain(invalid)
	}
}

func (r *reader) complain(e *jsonschema.ValidationError) {
	if _, alternatives := e.ErrorKind.(*kind.AnyOf); alternatives {
		r.complain(e.Causes[0]) // the others are what may stand in its place
		return
	}
	for _, cause := range e.Causes {
		r.complain(cause)
	}
	path, rule := e.InstanceLocation, ruleOf(e)
	if len(e.Causes) > 0 || r.wrong(path) {
		return
	}
	at := named(path)
	below := func(key string) []string { return append(slices.Clone(path), key) }
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		properties, _, _ := rule.Find("properties")
		for _, key := range k.Properties {
			r.fail(below(key), "unknown key "+yamlfile.Join(at, key), spell.Hint(key, properties.Keys(), "the keys here are "))
		}
	case *kind.Required:
		for _, key := range k.Missing {
			r.say(below(key), at, said(rule, "x-missing", key))
		}
	case *kind.DependentRequired:
		for _, key := range k.Missing {
			r.say(below(k.Prop), yamlfile.Join(at, k.Prop), said(rule, "x-missing", key))
		}
	case *kind.MinItems, *kind.MinProperties:
		r.say(path, at, said(rule, "x-empty"))
	case *kind.UniqueItems:
		again := below(strconv.Itoa(max(k.Duplicates[0], k.Duplicates[1])))
		r.fail(again, at+" names "+r.node(again...).Text+" twice", "keep one")
	default:
		r.mark(path)
		r.complainOfValue(path, at, rule, e.ErrorKind)
	}
}

// complainOfValue says why a value is not what belongs in its place.
func (r *reader) complainOfValue(path []string, at string, rule *yamlfile.Node, why jsonschema.ErrorKind) {
	n := r.node(path...)
	entry := at
	if isIndex(path) {
		entry = "an entry of " + at
	}
	if at == "" {
		entry = "the file"
	}
	what, mend, _ := strings.Cut(said(rule, "errorMessage"), "; ")
	types, _, _ := rule.Find("type")
	want := yamlfile.Scalar
	switch first := types.Text; {
	case first == "object" || len(types.Items) > 0 && types.Items[0].Text == "object":
		want = yamlfile.Mapping
	case first == "array":
		want = yamlfile.List
	}
	words, isWord := why.(*kind.Enum)
	switch {
	case n.Kind == yamlfile.Null:
		r.fail(path, entry+" has no value", "give it one, or leave it out")
	case n.Kind != want:
		r.fail(path, fmt.Sprintf("%s is %s, but %s belongs here", entry, n.Kind, want), cmp.Or(mend, shapes[want]))
	case r.blank(path):
		r.fail(path, entry+" is empty", "give it a value")
	case types.Text == "integer" || types.Text == "number":
		what = map[bool]string{true: "is not a whole number", false: "is not a number"}[types.Text == "integer"]
		if _, isNumber := why.(*kind.Type); !isNumber {
			what = "is out of range"
		}
		r.fail(path, fmt.Sprintf("%s %s %s", at, yamlfile.Quote(n.Text), what), fmt.Sprintf("choose %s to %s", said(rule, "minimum"), said(rule, "maximum")))
	case what != "":
		r.fail(path, fmt.Sprintf("%s %s %s", at, yamlfile.Quote(n.Text), what), mend)
	case isWord:
		var known []string
		for _, word := range words.Want {
			known = append(known, fmt.Sprint(word))
		}
		r.fail(path, fmt.Sprintf("%s cannot be %s", entry, yamlfile.Quote(n.Text)), spell.Hint(n.Text, known, "it is one of "))
	default:
		r.fail(path, entry+" is not what belongs here", "see docs/target-file.md")
	}
}

var shapes = map[yamlfile.Kind]string{
	yamlfile.Scalar:  "write it as one value",
	yamlfile.Mapping: "write it as keys with values",
	yamlfile.List:    "write it like [one, two]",
}

// named is a path as messages name it; an entry of a list goes by the name of the list.
func named(path []string) string {
	at := ""
	for _, step := range path {
		if !isIndex([]string{step}) {
			at = yamlfile.Join(at, step)
		}
	}
	return at
}

// isIndex reports whether a path ends with the number of an entry.
func isIndex(path []string) bool {
	if len(path) == 0 {
		return false
	}
	_, err := strconv.Atoi(path[len(path)-1])
	return err == nil
}
