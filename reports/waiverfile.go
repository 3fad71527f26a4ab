package reports

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// waiverKeys are the keys of the contract's waiver; issue is optional.
var waiverKeys = []string{"case", "outcome", "reason", "issue", "owner", "expires"}

// waivable are the outcomes that a waiver may name: those that stand between a
// run and go. The others need no waiver, and waived is what it turns them into.
var waivable = []Outcome{Fail, Warn, CouldNotRun, NotExercised, Error}

// LoadWaivers reads a file of waivers.
func LoadWaivers(file string) ([]Waiver, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the waivers cannot be read: %w", err)
	}
	return ParseWaivers(file, data)
}

// ParseWaivers reads the contract's list of waivers; file is its name in error
// messages. It reports every mistake at once, a line each: file, line, what is
// wrong, and the fix. An empty file holds no waivers.
func ParseWaivers(file string, data []byte) ([]Waiver, error) {
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		line, message := 1, err.Error()
		var syntax yaml.Error
		if errors.As(err, &syntax) {
			line, message = syntax.GetToken().Position.Line, syntax.GetMessage()
		}
		return nil, fmt.Errorf("%s:%d: this is not YAML: %s; correct the line", file, line, message)
	}
	f := waiverFile{name: file}
	var waivers []Waiver
	for _, doc := range tree.Docs {
		switch body := doc.Body.(type) {
		case nil, *ast.NullNode, *ast.CommentGroupNode:
		case *ast.SequenceNode:
			for _, item := range body.Values {
				waivers = append(waivers, f.waiver(item))
			}
		default:
			f.wrong(body, "waivers are a list; begin each with a dash: - {case: …, outcome: fail, reason: …, owner: …, expires: 2027-01-31}")
		}
	}
	if len(f.mistakes) > 0 {
		return nil, errors.Join(f.mistakes...)
	}
	return waivers, nil
}

type waiverFile struct {
	name     string
	mistakes []error
}

func (f *waiverFile) wrong(at ast.Node, format string, args ...any) {
	f.mistakes = append(f.mistakes, fmt.Errorf("%s: %s", f.where(at), fmt.Sprintf(format, args...)))
}

func (f *waiverFile) where(n ast.Node) string {
	return fmt.Sprintf("%s:%d", f.name, n.GetToken().Position.Line)
}

func (f *waiverFile) waiver(item ast.Node) Waiver {
	m, ok := item.(*ast.MappingNode)
	if !ok {
		f.wrong(item, "a waiver is a mapping with the keys %s", join(waiverKeys))
		return Waiver{}
	}
	nodes, texts := map[string]ast.Node{}, map[string]string{}
	at := ast.Node(m)
	for i, pair := range m.Values {
		key := pair.Key.GetToken().Value
		if i == 0 {
			at = pair.Key
		}
		if !slices.Contains(waiverKeys, key) {
			f.wrong(pair.Key, "a waiver has no key %q; its keys are %s", key, join(waiverKeys))
			continue
		}
		if text, ok := scalar(pair.Value); ok {
			nodes[key], texts[key] = pair.Value, strings.TrimSpace(text)
		} else {
			f.wrong(pair.Value, "%s is a text; write it on one line, in quotes if it holds any of * : { } [ ] # &", key)
			texts[key] = "unreadable" // said once is enough
		}
	}
	for _, key := range waiverKeys {
		if key != "issue" && texts[key] == "" {
			f.wrong(at, "the waiver has no %s; %s", key, missing[key])
		}
	}
	w := Waiver{
		Case: texts["case"], Outcome: Outcome(texts["outcome"]), Reason: texts["reason"], Issue: texts["issue"],
		Owner: texts["owner"], Expires: texts["expires"], Where: f.where(at),
	}
	f.check(w, nodes)
	return w
}

// missing says what to write for each key that a waiver must have.
var missing = map[string]string{
	"case":    "name the cases that it waives, as case: 'DIALECT/refresh-rotation/*'",
	"outcome": "name what the cases end in, as outcome: fail",
	"reason":  "say why the cases may end that way",
	"owner":   "name who answers for it",
	"expires": "name its last day, as expires: 2027-01-31",
}

// check judges the values that were given; what is missing is already said.
func (f *waiverFile) check(w Waiver, nodes map[string]ast.Node) {
	if n := nodes["case"]; n != nil && w.Case != "" {
		if err := CheckGlob(w.Case); err != nil {
			f.wrong(n, "case: %v", err)
		}
	}
	if n := nodes["outcome"]; n != nil && w.Outcome != "" && !slices.Contains(waivable, w.Outcome) {
		var words []string
		for _, o := range waivable {
			words = append(words, string(o))
		}
		f.wrong(n, "outcome: %q cannot be waived; write one of %s", w.Outcome, join(words))
	}
	if n := nodes["expires"]; n != nil && w.Expires != "" {
		if _, err := time.Parse(time.DateOnly, w.Expires); err != nil {
			f.wrong(n, "expires: %q is no date; write it as 2027-01-31", w.Expires)
		}
	}
}

func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.NullNode:
		return "", true
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}
