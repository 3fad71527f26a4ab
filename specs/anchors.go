package specs

import (
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// expander puts the anchored value in the place of every alias, so that a path leads through it. The lines
// stay those of the text: what an alias stands for is where its anchor is.
type expander struct {
	file     string
	anchors  map[string]expanded
	problems Problems
}

// expanded is a node with how many nodes it would be if it were written out.
type expanded struct {
	node ast.Node
	size int
}

// maxNodes bounds what a document expands to: the largest built-in one is a tenth of a percent of it, and a
// few lines of nested aliases are worth billions.
const maxNodes = 1_000_000

func (e *expander) expand(node ast.Node) expanded {
	size := 1
	inner := func(n ast.Node) ast.Node {
		x := e.expand(n)
		size = min(size+x.size, maxNodes+1)
		return x.node
	}
	switch n := node.(type) {
	case *ast.AnchorNode:
		x := e.expand(n.Value)
		e.anchors[n.Name.GetToken().Value] = x
		return x
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		x, known := e.anchors[name]
		if !known {
			e.fail(n, fmt.Sprintf("there is no anchor &%s above this line", name), "write the value out, or put the anchor before its first use")
			return expanded{ast.Null(n.GetToken()), 1}
		}
		return x
	case *ast.TagNode:
		if n.Value == nil {
			break
		}
		n.Value = inner(n.Value)
		switch n.Value.(type) {
		case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode: // the tag says nothing new
			return expanded{n.Value, size}
		}
	case *ast.SequenceNode:
		for i, value := range n.Values {
			n.Values[i] = inner(value)
		}
	case *ast.MappingNode:
		n.Values = e.merge(n.Values, inner)
	case *ast.MappingValueNode:
		if n.Value != nil {
			n.Value = inner(n.Value)
		}
	}
	if size > maxNodes && len(e.problems) == 0 {
		e.fail(node, "the aliases below this line stand for too much", "write out what is meant")
	}
	return expanded{node, size}
}

// merge expands the values of a mapping and puts the pairs of its merge keys (<<) beside its own, which win.
func (e *expander) merge(values []*ast.MappingValueNode, inner func(ast.Node) ast.Node) []*ast.MappingValueNode {
	var own, merged []*ast.MappingValueNode
	for _, pair := range values {
		if pair.Value != nil {
			pair.Value = inner(pair.Value)
		}
		if _, isMerge := pair.Key.(*ast.MergeKeyNode); !isMerge {
			own = append(own, pair)
			continue
		}
		if list, ok := pair.Value.(*ast.SequenceNode); ok {
			for _, one := range list.Values {
				merged = append(merged, pairs(one)...)
			}
			continue
		}
		merged = append(merged, pairs(pair.Value)...)
	}
	for _, pair := range merged {
		if !slices.ContainsFunc(own, func(known *ast.MappingValueNode) bool { return keyText(known) == keyText(pair) }) {
			own = append(own, pair)
		}
	}
	return own
}

func (e *expander) fail(node ast.Node, message, fix string) {
	e.problems = append(e.problems, Problem{Place: Place{e.file, firstTokenLine(node)}, Message: message, Fix: fix})
}
