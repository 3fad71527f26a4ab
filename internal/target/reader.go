package target

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonogo/internal/yamlfile"
	"gonogo/specs"
)

// Errors is everything wrong with a target file, and with the document it names, in the order of their lines.
type Errors = specs.Problems

// reader makes a target of a file and collects every problem. Its messages quote what stands in the file, never
// what that was expanded to, and quote nothing of fields that can hold a secret.
type reader struct {
	file     string
	env      func(string) (string, bool)
	open     func(name string) (file string, data []byte, err error) // finds the document
	root     *yamlfile.Node                                          // the file as it is written
	marked   map[string]bool                                         // paths of values that are wrong: they are looked at no more
	literal  bool                                                    // the file is a program's: ${…} means something only where a run fills it
	dialect  *specs.Dialect                                          // nil when the document could not be read: what depends on it is not judged
	target   *Target
	problems Errors
}

// fail tells a problem of the value at a path. What is missing has the line of what it is missing in, and is told
// after everything that stands there.
func (r *reader) fail(path []string, message, fix string) {
	problem := specs.Problem{Place: r.place(path), Message: message, Fix: fix}
	if !slices.Contains(r.problems, problem) { // an alias is read where it is used, its value complained of once
		r.problems = append(r.problems, problem)
	}
}

// say is fail for "what; mend" after a name; an empty text is no problem.
func (r *reader) say(path []string, name, text string) {
	if what, fix, _ := strings.Cut(text, "; "); what != "" {
		r.fail(path, strings.TrimSpace(name+" "+what), fix)
	}
}

func (r *reader) place(path []string) specs.Place {
	value, at, found := r.root.Find(path...)
	if !found {
		at.Line, at.Column = value.Line, math.MaxInt
	}
	at.File = r.file
	return at
}

func (r *reader) note(path []string, message string) {
	r.target.Notes = append(r.target.Notes, r.place(path).String()+": "+message)
}

func (r *reader) mark(path []string) { r.marked[strings.Join(path, "/")] = true }

// wrong reports whether a value, or one that it stands in, was complained of.
func (r *reader) wrong(path []string) bool {
	for i := range len(path) + 1 {
		if r.marked[strings.Join(path[:i], "/")] {
			return true
		}
	}
	return false
}

// given reports whether the file has a value at a path, right or wrong; usable, whether it has a right one.
func (r *reader) given(path ...string) bool {
	_, _, found := r.root.Find(path...)
	return found
}

func (r *reader) usable(path ...string) bool { return r.given(path...) && !r.wrong(path) }

// node is the value at a path as it is written; nothing, where there is none.
func (r *reader) node(path ...string) *yamlfile.Node {
	if n, _, found := r.root.Find(path...); found {
		return n
	}
	return &yamlfile.Node{}
}

func (r *reader) quoted(path ...string) string { return yamlfile.Quote(r.node(path...).Text) }

// expanded is the tree with every variable filled in and every value as what it looks like, a number or a word: what
// the schema judges. A value that cannot be expanded is complained of and marked.
func (r *reader) expanded(n *yamlfile.Node, path []string) *yamlfile.Node {
	made := *n
	made.Pairs, made.Items = slices.Clone(n.Pairs), slices.Clone(n.Items)
	for i, p := range made.Pairs {
		made.Pairs[i].Value = r.expanded(p.Value, slices.Concat(path, []string{p.Key}))
	}
	for i, item := range made.Items {
		made.Items[i] = r.expanded(item, slices.Concat(path, []string{strconv.Itoa(i)}))
	}
	if n.Kind != yamlfile.Scalar {
		return &made
	}
	allowed, template := r.placeholders(path)
	switch {
	case template && r.dialect == nil && path[0] == "operator": // nobody knows the placeholders
		r.mark(path)
	case template:
		if _, isText := n.Value.(string); isText || path[0] != "settings" {
			if _, ok := r.expand(path, n.Text, allowed); !ok {
				r.mark(path)
			}
		}
	default:
		text, ok := r.filled(path, n.Text)
		if !ok {
			r.mark(path)
		}
		made.Text, made.Value = text, text
		if f, err := strconv.ParseFloat(made.Text, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			made.Value = f
		}
		if made.Text == "true" || made.Text == "false" {
			made.Value = made.Text == "true"
		}
	}
	return &made
}

// placeholders are those that a field takes; template says that it is one that can take some.
func (r *reader) placeholders(path []string) (allowed []string, template bool) {
	if len(path) == 3 && (path[2] == "url" || path[2] == "body") {
		switch path[0] {
		case "clock":
			return durations, true
		case "operator":
			return r.credentialFields(), true
		}
	}
	switch at := named(path); {
	case strings.HasPrefix(at, "settings.revoke_body"):
		return []string{"access_token", "refresh_token"}, true
	case strings.HasPrefix(at, "settings.use.body"):
		return []string{"unique"}, true
	}
	return nil, false
}

// texts is the tree as a File is decoded from it: every single value as its text, the values of bodies as they are.
// What was complained of is left out.
func (r *reader) texts(n *yamlfile.Node, path []string) any {
	if r.wrong(path) {
		return nil
	}
	switch n.Kind {
	case yamlfile.Mapping:
		made := map[string]any{}
		for _, p := range n.Pairs {
			made[p.Key] = r.texts(p.Value, slices.Concat(path, []string{p.Key}))
		}
		return made
	case yamlfile.List:
		made := make([]any, len(n.Items))
		for i, item := range n.Items {
			made[i] = r.texts(item, slices.Concat(path, []string{strconv.Itoa(i)}))
		}
		return made
	case yamlfile.Scalar:
		if _, template := r.placeholders(path); template && path[0] == "settings" {
			return n.Value
		}
		return n.Text
	default:
		return nil
	}
}

// blank reports whether a value is nothing but white space once it is expanded.
func (r *reader) blank(path []string) bool {
	n := r.node(path...)
	text, ok := r.filled(path, n.Text)
	return ok && n.Kind == yamlfile.Scalar && strings.TrimSpace(text) == ""
}

// duration reads a time of at least least and at most most, which JSON Schema cannot bound.
func (r *reader) duration(path []string, text string, least, most time.Duration) (time.Duration, bool) {
	d, err := time.ParseDuration(text)
	if err != nil {
		r.fail(path, fmt.Sprintf("%s %s is not a duration", named(path), r.quoted(path...)), "write it like 30s, 60m or 336h")
		return 0, false
	}
	if d < least || d > most {
		r.fail(path, fmt.Sprintf("%s %s is out of range", named(path), r.quoted(path...)), fmt.Sprintf("choose %s to %s", short(least), short(most)))
		return 0, false
	}
	return d, true
}

// short is a duration without its zero tail: 24h, not 24h0m0s.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
