package reports

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"gonogo/internal/spell"
	"gonogo/internal/yamlfile"
	"gonogo/reports/words"
	"gonogo/specs/problem"
)

// waiverKeys are the keys of a waiver (docs/reports.md); issue and flaky are optional.
var waiverKeys = []string{"case", "outcome", "reason", "issue", "owner", "expires", "flaky"}

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

// ParseWaivers reads a list of waivers (docs/reports.md); file is its name in error
// messages. It reports every mistake at once, a line each: file, line, what is
// wrong, and the fix. An empty file holds no waivers.
func ParseWaivers(file string, data []byte) ([]Waiver, error) {
	root, problems := yamlfile.Read(file, data, yamlfile.Rules{})
	f := waiverFile{name: file, problems: problems}
	var waivers []Waiver
	if root != nil && root.Kind != yamlfile.Null {
		if root.Kind != yamlfile.List {
			f.wrong(root, "waivers are a list", "begin each with a dash: - {case: …, outcome: fail, reason: …, owner: …, expires: 2027-01-31}")
		}
		for _, item := range root.Items {
			waivers = append(waivers, f.waiver(item))
		}
	}
	if len(f.problems) > 0 {
		return nil, f.problems
	}
	return waivers, nil
}

type waiverFile struct {
	name     string
	problems problem.List
}

func (f *waiverFile) wrong(at *yamlfile.Node, message, fix string) {
	f.problems = append(f.problems, problem.Problem{Place: f.place(at), Message: message, Fix: fix})
}

func (f *waiverFile) place(at *yamlfile.Node) problem.Place {
	return problem.Place{File: f.name, Line: at.Line, Column: at.Column}
}

func (f *waiverFile) waiver(item *yamlfile.Node) Waiver {
	if item.Kind != yamlfile.Mapping {
		f.wrong(item, "a waiver is a mapping with the keys "+words.Join(waiverKeys), "")
		return Waiver{}
	}
	nodes, texts := map[string]*yamlfile.Node{}, map[string]string{}
	for _, pair := range item.Pairs {
		switch {
		case !slices.Contains(waiverKeys, pair.Key):
			f.wrong(pair.Value, fmt.Sprintf("a waiver has no key %q", pair.Key), spell.Hint(pair.Key, waiverKeys, "its keys are "))
		case pair.Value.Kind == yamlfile.Mapping || pair.Value.Kind == yamlfile.List:
			f.wrong(pair.Value, pair.Key+" is a text", "write it on one line, in quotes if it holds any of * : { } [ ] # &")
			texts[pair.Key] = "unreadable" // said once is enough
		default:
			nodes[pair.Key], texts[pair.Key] = pair.Value, strings.TrimSpace(pair.Value.Text)
		}
	}
	for _, key := range waiverKeys {
		if key != "issue" && key != "flaky" && texts[key] == "" {
			f.wrong(item, "the waiver has no "+key, missing[key])
		}
	}
	w := Waiver{
		Case: texts["case"], Outcome: Outcome(texts["outcome"]), Reason: texts["reason"], Issue: texts["issue"],
		Owner: texts["owner"], Expires: texts["expires"], Flaky: texts["flaky"] == "true", Where: f.place(item).String(),
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
func (f *waiverFile) check(w Waiver, nodes map[string]*yamlfile.Node) {
	if n := nodes["case"]; n != nil && w.Case != "" {
		if err := CheckGlob(w.Case); err != nil {
			f.wrong(n, fmt.Sprintf("case: %v", err), "")
		}
	}
	if n := nodes["outcome"]; n != nil && w.Outcome != "" && !slices.Contains(waivable, w.Outcome) {
		f.wrong(n, fmt.Sprintf("outcome: %q cannot be waived", w.Outcome), spell.Hint(string(w.Outcome), waivable, "write one of "))
	}
	if n := nodes["flaky"]; n != nil && n.Text != "true" && n.Text != "false" {
		f.wrong(n, fmt.Sprintf("flaky: %q is neither true nor false", n.Text), "write true for a failure that comes and goes")
	}
	if n := nodes["expires"]; n != nil && w.Expires != "" {
		if _, err := time.Parse(time.DateOnly, w.Expires); err != nil {
			f.wrong(n, fmt.Sprintf("expires: %q is no date", w.Expires), "write it as 2027-01-31")
		}
	}
}
