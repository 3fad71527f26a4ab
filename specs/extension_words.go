package specs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"gonogo/internal/spell"
	"gonogo/internal/yamlfile"
)

// written says how a text is written that the schema has a pattern for, by the pattern: what it is not, and an example.
var written = map[string]string{
	`^[0-9a-f]{64}$`:                              "is no SHA-256; write 64 hex digits in small letters, as sha256sum prints them",
	`^RFC[0-9]+-[0-9]+(\.[0-9]+)*$`:               "is no threat; write RFC, its number and the section, like RFC6819-4.6.6",
	`^(/[^ ]+|location\?[A-Za-z_][A-Za-z0-9_]*)$`: "is no place in an answer; write a JSON pointer like /data/access_token, or a parameter of a redirect like location?code",
	`^[A-Za-z_][A-Za-z0-9_]*$`:                    "is no name; write letters, digits and underscores, like refresh_token",
	`^[a-z0-9]+(-[a-z0-9]+)*$`:                    "is no id; write small letters and digits, with a dash between words, like badge-office",
	`^[a-z0-9]+([.-][a-z0-9]+)*$`:                 "is no name of a profile; write small letters and digits, with dots or dashes between, like draft-2",
	`^[A-Z0-9]+(-[A-Z0-9]+(\.[A-Z0-9]+)*)+$`:      "is no id of a requirement; write capitals and digits with at least one dash, like BO-REFRESH-2",
	`^[A-Za-z-]+$`:                                "is no header; write letters and dashes, like Retry-After",
	`^([a-z]+\.)?[A-Za-z_][A-Za-z0-9_]*$`:         "is no field of a credential; write ROLE.FIELD or FIELD, like user.password",
	`^([0-9]+(ms|s|m|h))+$`:                       "is no duration; write one like 30s, 60m or 336h",
}

// extensionProblem is what a schema of x-gonogo has against a value, in words. path is where the x-gonogo stands.
func extensionProblem(src *source, path []string, e *jsonschema.ValidationError) []Problem {
	at := slices.Concat(path, e.InstanceLocation)
	name := strings.Join(append([]string{extensionKey}, e.InstanceLocation...), "/")
	say := func(place []string, message, fix string) Problem {
		return Problem{Place: src.at(place...), Message: message, Fix: fix}
	}
	node, _ := src.find(at...)
	var all []Problem
	switch k := e.ErrorKind.(type) {
	case *kind.Pattern:
		what, fix, _ := strings.Cut(written[k.Want], "; ")
		all = append(all, say(at, name+": "+yamlfile.Quote(k.Got)+" "+what, fix))
	case *kind.Enum:
		var known []string
		for _, word := range k.Want {
			known = append(known, fmt.Sprint(word))
		}
		all = append(all, say(at, name+" cannot be "+yamlfile.Quote(node.Text), spell.Hint(node.Text, known, "it is one of ")))
	case *kind.Const:
		all = append(all, say(at, name+" cannot be "+yamlfile.Quote(node.Text), "it is "+fmt.Sprint(k.Want)))
	case *kind.Required:
		for _, key := range k.Missing {
			all = append(all, say(at, name+" has no "+key, "add it"))
		}
	case *kind.AdditionalProperties:
		for _, key := range k.Properties {
			all = append(all, say(append(slices.Clone(at), key), name+" has no key "+key, spell.Hint(key, known(e), "its keys are ")))
		}
	case *kind.Type:
		all = append(all, say(at, fmt.Sprintf("%s is %s, but %s belongs here", name, typed(k.Got), typed(k.Want...)), "write it so"))
	case *kind.MinLength, *kind.MinItems, *kind.MinProperties:
		all = append(all, say(at, name+" is empty", "give it a value, or leave it out"))
	case *kind.UniqueItems:
		all = append(all, say(at, name+" has the same twice", "keep one"))
	default:
		all = append(all, say(at, name+": "+e.ErrorKind.LocalizedString(english), "gonogo spec show --yaml "+Builtin()[0]+" prints a document that is right"))
	}
	return all
}

// known are the keys that the schema has where a value has others.
func known(e *jsonschema.ValidationError) []string {
	_, pointer, _ := strings.Cut(e.SchemaURL, "#/")
	root, _ := yamlfile.Read("x-gonogo.schema.json", ExtensionSchema, yamlfile.Rules{})
	rule, _, _ := root.Find(append(strings.Split(pointer, "/"), "properties")...)
	return slices.Sorted(slices.Values(rule.Keys()))
}

// typed names types of JSON as people who write YAML do.
func typed(names ...string) string {
	words := map[string]string{"object": "a mapping", "array": "a list", "string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false", "null": "nothing"}
	var all []string
	for _, name := range names {
		all = append(all, words[name])
	}
	return strings.Join(all, " or ")
}

var english = message.NewPrinter(language.English)
