package app

import (
	"slices"
	"strings"

	"gonogo/internal/yamlfile"
)

// followed is a node, or what its $ref in the document stands for.
func (g *guesser) followed(n *yamlfile.Node) *yamlfile.Node {
	for range 16 {
		ref := textAt(n, "$ref")
		pointer, local := strings.CutPrefix(ref, "#/")
		if !local {
			return n
		}
		next, _, found := g.root.Find(strings.Split(pointer, "/")...)
		if !found {
			return n
		}
		n = next
	}
	return n
}

// below is followed of what stands at a path; nil if nothing does.
func (g *guesser) below(n *yamlfile.Node, path ...string) *yamlfile.Node {
	for _, step := range path {
		if n == nil {
			return nil
		}
		next, _, found := g.followed(n).Find(step)
		if !found {
			return nil
		}
		n = next
	}
	return g.followed(n)
}

// inputs are the names that an operation takes, as pointers into its body or query.
func (g *guesser) inputs(op *yamlfile.Node) []string {
	var all []string
	if parameters := g.below(op, "parameters"); parameters != nil {
		for _, item := range parameters.Items {
			if one := g.followed(item); textAt(one, "in") == "query" {
				all = append(all, "/"+textAt(one, "name"))
			}
		}
	}
	if body := g.below(op, "requestBody", "content"); body != nil {
		for _, media := range body.Keys() {
			all = append(all, g.properties(g.below(body, media, "schema"), "", 1)...)
		}
	}
	return all
}

// inHeader begins what stands for a parameter in a header.
const inHeader = "header/"

// headers are the names that an operation takes in headers.
func (g *guesser) headers(op *yamlfile.Node) (all []string) {
	if parameters := g.below(op, "parameters"); parameters != nil {
		for _, item := range parameters.Items {
			if one := g.followed(item); textAt(one, "in") == "header" {
				all = append(all, inHeader+textAt(one, "name"))
			}
		}
	}
	return all
}

// answer are the members of an operation's success.
func (g *guesser) answer(op *yamlfile.Node) []string {
	responses := g.below(op, "responses")
	if responses == nil {
		return nil
	}
	var all []string
	for _, status := range responses.Keys() {
		content := g.below(responses, status, "content")
		if !strings.HasPrefix(status, "2") || content == nil {
			continue
		}
		for _, media := range content.Keys() {
			all = append(all, g.properties(g.below(content, media, "schema"), "", 3)...)
		}
	}
	return all
}

// properties are the members of a schema and of those in it, as pointers.
func (g *guesser) properties(schema *yamlfile.Node, at string, depth int) (all []string) {
	if schema == nil || depth == 0 {
		return nil
	}
	if properties := g.below(schema, "properties"); properties != nil {
		for _, name := range properties.Keys() {
			all = append(all, at+"/"+name)
			all = append(all, g.properties(g.below(properties, name), at+"/"+name, depth-1)...)
		}
	}
	if parts := g.below(schema, "allOf"); parts != nil {
		for _, part := range parts.Items {
			all = append(all, g.properties(g.followed(part), at, depth)...)
		}
	}
	return all
}

// security are the schemes that an operation names, or the document for all.
func (g *guesser) security(op *yamlfile.Node) (names []string) {
	security := g.below(op, "security")
	if security == nil {
		security = g.below(g.root, "security")
	}
	if security == nil {
		return nil
	}
	for _, alternative := range security.Items {
		names = append(names, alternative.Keys()...)
	}
	return names
}

// bearer reports that an operation takes a Bearer token.
func (g *guesser) bearer(op *yamlfile.Node) bool {
	return slices.ContainsFunc(g.security(op), func(name string) bool {
		scheme := g.below(g.root, "components", "securitySchemes", name)
		return scheme != nil && bearing(scheme)
	})
}

// bearing reports a security scheme whose tokens are Bearer tokens, which they are where it says how they are had, too.
func bearing(scheme *yamlfile.Node) bool {
	return textAt(scheme, "type") == "http" && strings.EqualFold(textAt(scheme, "scheme"), "bearer") ||
		slices.ContainsFunc(scheme.Keys(), func(key string) bool { return key == "flows" || key == "openIdConnectUrl" })
}

// wantsParameters reports that an operation cannot be called without saying something.
func (g *guesser) wantsParameters(op *yamlfile.Node) bool {
	parameters := g.below(op, "parameters")
	return parameters != nil && slices.ContainsFunc(parameters.Items, func(item *yamlfile.Node) bool { return textAt(g.followed(item), "required") == "true" })
}

func textAt(n *yamlfile.Node, path ...string) string {
	if n == nil {
		return ""
	}
	if value, _, found := n.Find(path...); found {
		return value.Text
	}
	return ""
}

// oneOf is the first pointer that ends in one of these names, the names in their order.
func oneOf(pointers, names []string) string {
	for _, name := range names {
		for _, pointer := range pointers {
			if plain(last(pointer)) == plain(name) {
				return pointer
			}
		}
	}
	return ""
}

// plain is a name however its words are joined, and whether it asks or not, or is of nobody's standard.
func plain(name string) string {
	name = strings.TrimPrefix(strings.ToLower(name), "x-")
	return strings.TrimPrefix(strings.NewReplacer("_", "", "-", "").Replace(name), "is")
}

func last(pointer string) string { return pointer[strings.LastIndex(pointer, "/")+1:] }

// kebabOf makes an id of a title.
func kebabOf(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	if len(words) == 0 || len(words[0]) < 2 {
		return "mine"
	}
	return strings.Join(words, "-")
}
