package specs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
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
	if json.Valid(data) { // JSON may be indented with tabs, and between its values only; YAML may not
		data = bytes.ReplaceAll(data, []byte("\t"), []byte(" "))
	}
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, Problems{{Place: Place{File: file, Line: errorLine(err)}, Message: "this is not YAML: " + firstLine(yamlMessage(err)), Fix: "correct the syntax of this line"}}
	}
	if len(tree.Docs) == 0 || tree.Docs[0].Body == nil {
		return nil, Problems{{Place: Place{File: file, Line: 1}, Message: "the file is empty", Fix: "put an OpenAPI document in it"}}
	}
	for _, more := range tree.Docs[1:] {
		if more.Body != nil {
			return nil, Problems{{Place: Place{file, firstTokenLine(more.Body)}, Message: "a second YAML document begins here", Fix: "keep one document in a file"}}
		}
	}
	src := &source{file: file}
	e := expander{anchors: map[string]expanded{}, file: file}
	src.root = e.expand(tree.Docs[0].Body).node
	if len(e.problems) > 0 {
		return nil, e.problems
	}
	return src, nil
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

// has reports whether there is a value at a path.
func (s *source) has(path ...string) bool {
	_, _, found := s.find(path...)
	return found
}

// at is the place of a path, or of its deepest ancestor that exists.
func (s *source) at(path ...string) Place {
	_, line, _ := s.find(path...)
	return Place{File: s.file, Line: line}
}

// follow is find, going on where a $ref into this document leads.
func (s *source) follow(path ...string) Place {
	node, line := s.root, 1
	for _, step := range path {
		for range maxRefs {
			ref, ok := localRef(node)
			if !ok {
				break
			}
			node, line, _ = s.find(ref...)
		}
		next, at := child(node, step)
		if next == nil {
			break
		}
		node, line = next, at
	}
	return Place{File: s.file, Line: line}
}

// maxRefs is how many references in a row are followed: far more than people write, and an end for a ring.
const maxRefs = 32

func localRef(node ast.Node) ([]string, bool) {
	value, _ := child(node, "$ref")
	text, ok := value.(*ast.StringNode)
	if !ok {
		return nil, false
	}
	pointer, local := strings.CutPrefix(text.Value, "#/")
	return Pointer("/" + pointer).Steps(), local
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

// length is how many values the sequence at a path has.
func (s *source) length(path ...string) int {
	node, _, found := s.find(path...)
	if list, ok := node.(*ast.SequenceNode); ok && found {
		return len(list.Values)
	}
	return 0
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
		if index, err := strconv.Atoi(step); err == nil && index >= 0 && index < len(list.Values) {
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
	}
	return nil
}

func keyText(pair *ast.MappingValueNode) string {
	if text, ok := pair.Key.(*ast.StringNode); ok {
		return text.Value
	}
	return pair.Key.GetToken().Value
}

// firstTokenLine is the line a value begins on: a block mapping's own token is its first colon.
func firstTokenLine(node ast.Node) int {
	if inner := pairs(node); len(inner) > 0 {
		return inner[0].Key.GetToken().Position.Line
	}
	if token := node.GetToken(); token != nil {
		return token.Position.Line
	}
	return 1
}

// walk visits every pair of a mapping and every scalar, parents first.
func walk(node ast.Node, visit func(key string, value ast.Node, line int)) {
	if list, ok := node.(*ast.SequenceNode); ok {
		for _, value := range list.Values {
			visit("", value, firstTokenLine(value))
			walk(value, visit)
		}
		return
	}
	for _, pair := range pairs(node) {
		visit(keyText(pair), pair.Value, pair.Key.GetToken().Position.Line)
		walk(pair.Value, visit)
	}
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

func (s *source) problem(line int, fix, format string, args ...any) Problem {
	return Problem{Place: Place{s.file, line}, Message: fmt.Sprintf(format, args...), Fix: fix}
}
