// Package yamlfile reads the YAML that people write by hand (documents, target files, waivers) into a tree that
// knows the line of every value, and says of what is wrong where it stands and how to mend it.
//
// JSON is YAML too. Aliases stand for the value of their anchor. What a file may cost is bounded: its size, its
// depth, and what its aliases amount to. No message shows a value, for it could be a secret.
//
// It must never know what a file is about.
package yamlfile

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"gonogo/specs/problem"
)

// Rules are what a kind of file is held to.
type Rules struct {
	Bytes    int  // the most that a file may have; 0: as many as it likes
	Values   int  // the most that it may amount to with its aliases written out; 0: a million
	Extended bool // tags and merge keys are understood; otherwise they are mistakes
}

// The bounds of every file. The YAML library recurses on nesting, and a stack that overflows cannot be recovered
// from. The largest built-in document has a tenth of a percent of the values, and a few lines of nested aliases
// are worth billions.
const (
	maxDepth  = 100
	maxValues = 1_000_000
)

// Read reads the tree of a file. Of a key that comes twice the first value is kept and the problem told; with any
// other problem there is no tree. Nor is there one of an empty file, which is no problem here.
func Read(file string, data []byte, rules Rules) (root *Node, problems problem.List) {
	rules.Values = cmp.Or(rules.Values, maxValues)
	r := &reader{file: file, rules: rules, anchors: map[string]*Node{}}
	defer func() {
		if recover() != nil { // the library's fault, on input that is YAML to nobody
			root, problems = nil, problem.List{{Place: problem.Place{File: file, Line: 1, Column: 1}, Message: "this is not YAML", Fix: "correct the syntax"}}
		}
	}()
	body := r.parse(data)
	if body == nil || r.broken {
		return nil, r.problems
	}
	root = r.node(body, "")
	if r.broken {
		return nil, r.problems
	}
	return root, r.problems
}

type reader struct {
	file     string
	rules    Rules
	anchors  map[string]*Node // an anchor is known only after its value, so that nothing is cyclic
	problems problem.List
	broken   bool // there is a problem with which there is no tree
}

// fail tells a problem with which there is no tree.
func (r *reader) fail(line int, message, fix string) {
	r.broken = true
	r.problems = append(r.problems, problem.Problem{Place: problem.Place{File: r.file, Line: line, Column: 1}, Message: message, Fix: fix})
}

// parse is the file's only YAML document; nil without one.
func (r *reader) parse(data []byte) ast.Node {
	if r.rules.Bytes > 0 && len(data) > r.rules.Bytes {
		r.fail(1, fmt.Sprintf("the file has more than %d KiB", r.rules.Bytes>>10), "make it smaller, or name another file")
		return nil
	}
	if data = bytes.TrimPrefix(data, []byte("\ufeff")); !utf8.Valid(data) {
		r.fail(1+bytes.Count(data[:firstInvalid(data)], []byte("\n")), "this is not UTF-8", "save the file as UTF-8")
		return nil
	}
	if json.Valid(data) { // JSON may be indented with tabs, and between its values only; YAML may not
		data = bytes.ReplaceAll(data, []byte("\t"), []byte(" "))
	}
	tokens := lexer.Tokenize(string(data))
	if line, deep := tooDeep(tokens); deep {
		r.fail(line, fmt.Sprintf("values are nested more than %d levels deep", maxDepth), "write them flatter")
		return nil
	}
	tree, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line, message, fix := 1, "", "correct the syntax of this line"
		if e, ok := err.(yaml.Error); ok {
			message = ": " + words(e.GetMessage())
			if e.GetToken() != nil {
				line = e.GetToken().Position.Line
			}
		}
		if strings.Contains(message, `'\t'`) {
			message, fix = ": a tab stands where YAML has spaces", "indent this line with spaces"
		}
		r.fail(line, "this is not YAML"+message, fix)
		return nil
	}
	var found ast.Node
	for _, doc := range tree.Docs {
		switch {
		case doc.Body == nil || doc.Body.Type() == ast.CommentType:
		case found != nil:
			r.fail(position(doc.Body).Line, "a second YAML document begins here", "keep one document in a file")
			return nil
		default:
			found = doc.Body
		}
	}
	return found
}

// firstInvalid is where a text stops being UTF-8.
func firstInvalid(data []byte) int {
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}

// words keeps the library's own words of a message and drops what it quotes.
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

// node makes a value of the library's tree one of ours. An alias shares the node of its anchor, so that nothing
// grows; only what it would amount to is counted.
func (r *reader) node(from ast.Node, at string) *Node {
	made := &Node{values: 1}
	if from != nil {
		made.Line, made.Column = position(from).Line, position(from).Column
	}
	switch n := from.(type) {
	case *ast.MappingNode:
		r.mapping(made, n.Values, at)
	case *ast.MappingValueNode:
		r.mapping(made, []*ast.MappingValueNode{n}, at)
	case *ast.SequenceNode:
		made.Kind = List
		for _, item := range n.Values {
			value := r.node(item, at)
			made.Items = append(made.Items, value)
			made.values += value.values
		}
	case *ast.AnchorNode:
		value := r.node(n.Value, at)
		r.anchors[n.Name.GetToken().Value] = value
		return value
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		if value, known := r.anchors[name]; known {
			return value
		}
		r.fail(made.Line, fmt.Sprintf("there is no anchor &%s above this line", name), "write the value out, or put the anchor before its first use; a text that begins with * is written in quotes")
	case *ast.TagNode:
		if !r.rules.Extended {
			r.fail(made.Line, "tags are not understood here", "write the value without "+strconv.Quote(n.Start.Value))
			break
		}
		value := *r.node(n.Value, at)
		if value.Kind == Scalar && n.Start.Value == "!!str" {
			value.Value = value.Text
		}
		return &value
	case *ast.NullNode:
	case *ast.StringNode:
		made.scalar(n.Value, n.Value)
	case *ast.LiteralNode:
		made.scalar(n.Value.Value, n.Value.Value)
	case *ast.IntegerNode:
		made.scalar(n.Token.Value, n.Value)
	case *ast.FloatNode:
		made.scalar(n.Token.Value, n.Value)
	case *ast.BoolNode:
		made.scalar(n.Token.Value, n.Value)
	case *ast.InfinityNode, *ast.NanNode:
		made.scalar(n.GetToken().Value, n.GetToken().Value)
	default:
		r.fail(made.Line, "this is not YAML that is understood here", "write the value out")
	}
	if made.values > r.rules.Values && !r.broken {
		r.fail(made.Line, "the aliases below this line stand for too much", "write out what is meant")
	}
	made.values = min(made.values, r.rules.Values+1)
	return made
}

// mapping reads the pairs of a mapping; those of a merge key (<<) stand behind its own, which win.
func (r *reader) mapping(made *Node, values []*ast.MappingValueNode, at string) {
	made.Kind = Mapping
	var merged []Pair
	for _, from := range values {
		where := from.Key.GetToken().Position
		key, ok := keyText(from.Key)
		if !ok {
			r.fail(where.Line, "a key is not a plain word", "write keys as text")
			continue
		}
		path := Join(at, key)
		value := r.node(from.Value, path)
		made.values += value.values
		if _, isMerge := from.Key.(*ast.MergeKeyNode); isMerge && r.rules.Extended {
			for _, one := range append([]*Node{value}, value.Items...) {
				merged = append(merged, one.Pairs...)
			}
			continue
		}
		if first := made.pair(key); first != nil {
			r.problems = append(r.problems, problem.Problem{Place: problem.Place{File: r.file, Line: where.Line, Column: where.Column}, Message: fmt.Sprintf("%s is given twice, first on line %d", path, first.Line), Fix: "keep one"})
			continue
		}
		made.Pairs = append(made.Pairs, Pair{key, where.Line, where.Column, value})
	}
	for _, pair := range merged {
		if made.pair(pair.Key) == nil {
			made.Pairs = append(made.Pairs, pair)
		}
	}
	if len(values) > 0 { // the library's token of a block mapping is its first colon
		first := values[0].Key.GetToken().Position
		made.Line, made.Column = first.Line, first.Column
	}
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

func position(n ast.Node) token.Position {
	if tk := n.GetToken(); tk != nil && tk.Position != nil {
		return *tk.Position
	}
	return token.Position{Line: 1, Column: 1}
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_-]{1,60}$`)

// Join is the path of a key in a message: a.b. Odd keys are quoted, so that a problem stays one line.
func Join(at, key string) string {
	if !plainWord.MatchString(key) {
		key = Quote(key)
	}
	if at == "" {
		return key
	}
	return at + "." + key
}

// Quote shows a piece of a file; a long one is cut, so that a mistake stays one readable line.
func Quote(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strconv.Quote(text)
}
