package specs

import (
	"strings"

	"gonogo/internal/yamlfile"
	"gonogo/specs/problem"
)

// Place is where something stands in a document; Problem and Problems are what is wrong with it.
type (
	Place    = problem.Place
	Problem  = problem.Problem
	Problems = problem.List
)

// source is a document's text with the line of every value in it.
type source struct {
	file string
	root *yamlfile.Node
}

func parseSource(file string, data []byte) (*source, error) {
	root, problems := yamlfile.Read(file, data, yamlfile.Rules{Extended: true})
	if len(problems) > 0 {
		return nil, problems
	}
	if root == nil {
		return nil, Problems{{Place: Place{File: file, Line: 1}, Message: "the file is empty", Fix: "put an OpenAPI document in it"}}
	}
	return &source{file, root}, nil
}

// find walks mapping keys and sequence indexes; it returns the deepest node it reached and whether that is
// the one asked for.
func (s *source) find(path ...string) (node *yamlfile.Node, found bool) {
	node, _, found = s.root.Find(path...)
	return node, found
}

// has reports whether there is a value at a path.
func (s *source) has(path ...string) bool {
	_, found := s.find(path...)
	return found
}

// at is the place of a path, or of its deepest ancestor that exists.
func (s *source) at(path ...string) Place {
	_, place, _ := s.root.Find(path...)
	place.File = s.file
	return place
}

// follow is at, going on where a $ref into this document leads.
func (s *source) follow(path ...string) Place {
	node, at, _ := s.root.Find()
	for _, step := range path {
		for range maxRefs {
			ref, _, found := node.Find("$ref")
			pointer, local := strings.CutPrefix(ref.Text, "#/")
			if !found || !local {
				break
			}
			node, at, _ = s.root.Find(Pointer("/" + pointer).Steps()...)
		}
		next, place, found := node.Find(step)
		if !found {
			break
		}
		node, at = next, place
	}
	at.File = s.file
	return at
}

// maxRefs is how many references in a row are followed: far more than people write, and an end for a ring.
const maxRefs = 32

// line is the place of a whole line.
func (s *source) line(line int) Place { return Place{File: s.file, Line: line} }

// keys lists a mapping's keys in the order of the text.
func (s *source) keys(path ...string) []string {
	if node, found := s.find(path...); found {
		return node.Keys()
	}
	return nil
}

// length is how many values the sequence at a path has.
func (s *source) length(path ...string) int {
	if node, found := s.find(path...); found {
		return len(node.Items)
	}
	return 0
}

// decode reads the value at a path; absent is fine.
func (s *source) decode(into any, path ...string) error {
	node, found := s.find(path...)
	if !found {
		return nil
	}
	return node.Decode(into)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
