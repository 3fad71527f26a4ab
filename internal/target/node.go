package target

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// node is a value of the file with its line.
type node struct {
	kind  kind
	line  int
	text  string // of a scalar: as the file has it, not yet expanded
	value any    // of a scalar: string, int64, uint64, float64 or bool
	pairs []pair
	items []*node
}

type pair struct {
	key   string
	line  int
	value *node
}

type kind int

const (
	scalar kind = iota
	null
	mapping
	list
)

func (k kind) String() string {
	return [...]string{"a single value", "nothing", "a mapping", "a list"}[k]
}

// The bounds of a file. A target file with every key set is about 2 KiB and four levels deep; the YAML
// library recurses on nesting, and a stack that overflows cannot be recovered from.
const (
	maxSize  = 256 << 10
	maxDepth = 64
)

// syntaxError is a file that is not YAML, or YAML that target files do not use.
type syntaxError struct {
	line         int
	message, fix string
}

func (e *syntaxError) Error() string { return e.message }

// parseYAML reads the tree of a file. Its errors never show a value.
func parseYAML(data []byte) (root *node, err error) {
	defer func() {
		if recover() != nil { // the library's fault, on input that is YAML to nobody
			root, err = nil, &syntaxError{1, "this is not YAML", "correct the syntax"}
		}
	}()
	if len(data) > maxSize {
		return nil, &syntaxError{1, fmt.Sprintf("the file has more than %d KiB", maxSize>>10), "name a target file"}
	}
	tokens := lexer.Tokenize(string(data))
	if line, deep := tooDeep(tokens); deep {
		return nil, &syntaxError{line, fmt.Sprintf("values are nested more than %d levels deep", maxDepth), "write them flatter"}
	}
	tree, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line, message := 1, ""
		if e, ok := err.(yaml.Error); ok {
			message = ": " + words(e.GetMessage())
			if e.GetToken() != nil {
				line = e.GetToken().Position.Line
			}
		}
		return nil, &syntaxError{line, "this is not YAML" + message, "correct the syntax of this line"}
	}
	var bodies []ast.Node
	for _, doc := range tree.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType {
			bodies = append(bodies, doc.Body)
		}
	}
	if len(bodies) == 0 {
		return nil, &syntaxError{1, "the file is empty", "say at least dialect, base_url and credentials"}
	}
	if len(bodies) > 1 {
		return nil, &syntaxError{bodies[1].GetToken().Position.Line, "a second document begins here", "write one target a file"}
	}
	c := converter{anchors: map[string]*node{}}
	return c.convert(bodies[0])
}

// words keeps the library's own words of a message and drops what it quotes: that could be a secret.
func words(message string) string {
	message, _, _ = strings.Cut(message, "\n")
	message = quotation.ReplaceAllStringFunc(message, func(quoted string) string {
		if len(quoted) > 5 { // more than a bracket or an escape
			return "…"
		}
		return quoted
	})
	return strings.ReplaceAll(message, "\t", `\t`)
}

var quotation = regexp.MustCompile("\"[^\"]*(\"|$)|`[^`]*(`|$)|'[^']*('|$)")

// tooDeep counts brackets and indentation, whichever nests deeper.
func tooDeep(tokens token.Tokens) (line int, deep bool) {
	brackets, dashes := 0, 0
	row := 0
	var columns []int
	for _, tk := range tokens {
		if tk.Position == nil {
			continue
		}
		if tk.Position.Line != row {
			row, dashes = tk.Position.Line, 0
			for len(columns) > 0 && columns[len(columns)-1] >= tk.Position.Column {
				columns = columns[:len(columns)-1]
			}
			columns = append(columns, tk.Position.Column)
		}
		switch tk.Type {
		case token.MappingStartType, token.SequenceStartType:
			brackets++
		case token.MappingEndType, token.SequenceEndType:
			brackets--
		case token.SequenceEntryType, token.MappingKeyType, token.MappingValueType, token.TagType, token.AnchorType:
			dashes++
		}
		if brackets+dashes+len(columns) > 4*maxDepth || brackets > maxDepth || len(columns) > maxDepth {
			return row, true
		}
	}
	return 0, false
}

// converter turns the library's tree into nodes. An alias shares the node of its anchor, so that nothing
// grows, and an anchor is known only after its value, so that nothing is cyclic.
type converter struct{ anchors map[string]*node }

func (c *converter) convert(from ast.Node) (*node, error) {
	switch n := from.(type) {
	case *ast.MappingNode:
		return c.mapping(n, n.Values)
	case *ast.MappingValueNode:
		return c.mapping(n, []*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		made := &node{kind: list, line: line(n)}
		for _, item := range n.Values {
			value, err := c.convert(item)
			if err != nil {
				return nil, err
			}
			made.items = append(made.items, value)
		}
		return made, nil
	case *ast.AnchorNode:
		made, err := c.convert(n.Value)
		if err == nil {
			c.anchors[n.Name.GetToken().Value] = made
		}
		return made, err
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		made, ok := c.anchors[name]
		if !ok {
			return nil, &syntaxError{line(n), fmt.Sprintf("the alias *%s has no anchor before it", name), "write the value out"}
		}
		return made, nil
	case *ast.NullNode:
		return &node{kind: null, line: line(n)}, nil
	case *ast.StringNode:
		return &node{line: line(n), text: n.Value, value: n.Value}, nil
	case *ast.LiteralNode:
		return &node{line: line(n), text: n.Value.Value, value: n.Value.Value}, nil
	case *ast.IntegerNode:
		return &node{line: line(n), text: n.Token.Value, value: n.Value}, nil
	case *ast.FloatNode:
		return &node{line: line(n), text: n.Token.Value, value: n.Value}, nil
	case *ast.BoolNode:
		return &node{line: line(n), text: n.Token.Value, value: n.Value}, nil
	case *ast.InfinityNode, *ast.NanNode:
		text := n.GetToken().Value
		return &node{line: line(n), text: text, value: text}, nil
	case nil:
		return nil, &syntaxError{1, "this is not YAML: a value is missing", "correct the syntax"}
	default:
		return nil, &syntaxError{line(n), "target files use no tags, merge keys or directives", "write the value out"}
	}
}

func (c *converter) mapping(at ast.Node, values []*ast.MappingValueNode) (*node, error) {
	made := &node{kind: mapping, line: line(at)}
	for i, from := range values {
		key := from.Key.GetToken()
		if i == 0 {
			made.line = key.Position.Line // the library's token of a block mapping is its first colon
		}
		name, ok := keyText(from.Key)
		if !ok {
			return nil, &syntaxError{key.Position.Line, "a key is not a plain word", "write keys as text"}
		}
		value, err := c.convert(from.Value)
		if err != nil {
			return nil, err
		}
		made.pairs = append(made.pairs, pair{name, key.Position.Line, value})
	}
	return made, nil
}

func keyText(key ast.Node) (string, bool) {
	switch k := key.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.MergeKeyNode:
		return k.GetToken().Value, true
	default:
		return "", false
	}
}

func line(n ast.Node) int {
	if tk := n.GetToken(); tk != nil && tk.Position != nil {
		return tk.Position.Line
	}
	return 1
}
