package yamlfile

import (
	"encoding/json"
	"slices"
	"strconv"

	"gonogo/specs/problem"
)

// Kind is the shape of a value.
type Kind int

// The kinds.
const (
	Null Kind = iota
	Scalar
	Mapping
	List
)

func (k Kind) String() string {
	return [...]string{"nothing", "a single value", "a mapping", "a list"}[k]
}

// Node is a value with the place where it begins. What an alias stands for is where its anchor is.
type Node struct {
	Kind         Kind
	Line, Column int
	Text         string // of a scalar: as it stands in the file
	Value        any    // of a scalar: string, int64, uint64, float64 or bool
	Pairs        []Pair // of a mapping, in the order of the text
	Items        []*Node

	values int // how many values it is, if its aliases were written out
}

// Pair is a key with its place, and its value.
type Pair struct {
	Key          string
	Line, Column int
	Value        *Node
}

func (n *Node) scalar(text string, value any) { n.Kind, n.Text, n.Value = Scalar, text, value }

func (n *Node) pair(key string) *Pair {
	i := slices.IndexFunc(n.Pairs, func(p Pair) bool { return p.Key == key })
	if i < 0 {
		return nil
	}
	return &n.Pairs[i]
}

// Keys lists a mapping's keys in the order of the text.
func (n *Node) Keys() []string {
	var keys []string
	for _, p := range n.Pairs {
		keys = append(keys, p.Key)
	}
	return keys
}

// child is the value at a key or an index, with the place of the key or of the item.
func (n *Node) child(step string) (value *Node, line, column int) {
	if p := n.pair(step); p != nil {
		return p.Value, p.Line, p.Column
	}
	if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Items) {
		return n.Items[i], n.Items[i].Line, n.Items[i].Column
	}
	return nil, 0, 0
}

// Find walks keys and indexes. It returns the deepest value that it reached, where that stands (a value of a
// mapping: where its key does), and whether it is the one asked for.
func (n *Node) Find(path ...string) (value *Node, at problem.Place, found bool) {
	value, at = n, problem.Place{Line: min(1, n.Line), Column: min(1, n.Column)}
	for _, step := range path {
		next, line, column := value.child(step)
		if next == nil {
			return value, at, false
		}
		value, at.Line, at.Column = next, line, column
	}
	return value, at, true
}

// Walk visits every pair of a mapping (key is empty for items of a list), parents first, with the line of its key.
func (n *Node) Walk(visit func(key string, value *Node, line int)) {
	for _, p := range n.Pairs {
		visit(p.Key, p.Value, p.Line)
		p.Value.Walk(visit)
	}
	for _, item := range n.Items {
		visit("", item, item.Line)
		item.Walk(visit)
	}
}

// Any is the value as map[string]any, []any, string, int64, uint64, float64, bool or nil.
func (n *Node) Any() any {
	switch n.Kind {
	case Mapping:
		made := make(map[string]any, len(n.Pairs))
		for _, p := range n.Pairs {
			made[p.Key] = p.Value.Any()
		}
		return made
	case List:
		made := make([]any, len(n.Items))
		for i, item := range n.Items {
			made[i] = item.Any()
		}
		return made
	default:
		return n.Value
	}
}

// Decode reads the value into a Go one, as encoding/json does.
func (n *Node) Decode(into any) error {
	text, err := json.Marshal(n.Any())
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
