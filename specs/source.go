package specs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// source is a document's text with the line of every value in it.
type source struct {
	file string
	root ast.Node
}

func parseSource(file string, data []byte) (*source, error) {
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, Problems{{Place: Place{File: file, Line: errorLine(err)}, Message: "this is not YAML: " + firstLine(yamlMessage(err)), Fix: "correct the syntax of this line"}}
	}
	if len(tree.Docs) == 0 || tree.Docs[0].Body == nil {
		return nil, Problems{{Place: Place{File: file, Line: 1}, Message: "the file is empty", Fix: "put an OpenAPI document in it"}}
	}
	return &source{file: file, root: tree.Docs[0].Body}, nil
}

// find walks mapping keys and sequence indexes; it returns the deepest node it reached and whether that is
// the one asked for.
func (s *source) find(path ...string) (node ast.Node, line int, found bool) {
	node, line = s.root, 1
	for _, step := range path {
		next, at := child(node, step)
		if next == nil {
			return node, line, false
		}
		node, line = next, at
	}
	return node, line, true
}

// at is the place of a path, or of its deepest ancestor that exists.
func (s *source) at(path ...string) Place {
	_, line, _ := s.find(path...)
	return Place{File: s.file, Line: line}
}

// keys lists a mapping's keys in the order of the text.
func (s *source) keys(path ...string) []string {
	node, _, found := s.find(path...)
	if !found {
		return nil
	}
	var keys []string
	for _, pair := range pairs(node) {
		keys = append(keys, keyText(pair))
	}
	return keys
}

// decode reads the value at a path; absent is fine.
func (s *source) decode(into any, path ...string) error {
	node, _, found := s.find(path...)
	if !found {
		return nil
	}
	return yaml.NodeToValue(node, into)
}

func child(node ast.Node, step string) (ast.Node, int) {
	if list, ok := node.(*ast.SequenceNode); ok {
		var index int
		if _, err := fmt.Sscanf(step, "%d", &index); err == nil && index >= 0 && index < len(list.Values) {
			value := list.Values[index]
			return value, firstTokenLine(value)
		}
		return nil, 0
	}
	for _, pair := range pairs(node) {
		if keyText(pair) == step {
			return pair.Value, pair.Key.GetToken().Position.Line
		}
	}
	return nil, 0
}

func pairs(node ast.Node) []*ast.MappingValueNode {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	case *ast.AnchorNode:
		return pairs(n.Value)
	}
	return nil
}

func keyText(pair *ast.MappingValueNode) string {
	return strings.Trim(pair.Key.GetToken().Value, `"'`)
}

// firstTokenLine is the line a value begins on: a block mapping's own token is its first colon.
func firstTokenLine(node ast.Node) int {
	if inner := pairs(node); len(inner) > 0 {
		return inner[0].Key.GetToken().Position.Line
	}
	return node.GetToken().Position.Line
}

// Problem is something wrong in a document: where, what, and how to mend it.
type Problem struct {
	Place   Place
	Message string
	Fix     string
	Warning bool // worth mending, but the document can be used
}

func (p Problem) String() string {
	text := fmt.Sprintf("%s: %s", p.Place, p.Message)
	if p.Fix != "" {
		text += "; " + p.Fix
	}
	return text
}

func (p Place) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// Problems is every problem of a document, as an error.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// sorted orders problems by line, so that people mend a file from the top.
func (p Problems) sorted() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int { return a.Place.Line - b.Place.Line })
	return p
}

func yamlMessage(err error) string {
	if e, ok := err.(yaml.Error); ok {
		return e.GetMessage()
	}
	return err.Error()
}

func errorLine(err error) int {
	if e, ok := err.(yaml.Error); ok && e.GetToken() != nil {
		return e.GetToken().Position.Line
	}
	return 1
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
