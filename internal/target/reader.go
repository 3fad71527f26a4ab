package target

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonogo/internal/spell"
	"gonogo/internal/yamlfile"
	"gonogo/specs"
)

// Errors is everything wrong with a target file, and with the document it names, in the order of their lines.
type Errors = specs.Problems

// reader walks the file's tree and collects every problem. Its messages quote what stands in the file, never
// what that was expanded to, and quote nothing of fields that can hold a secret.
type reader struct {
	file     string
	env      func(string) (string, bool)
	dialect  *specs.Dialect // nil when the document could not be read: what depends on it is not judged
	target   *Target
	problems Errors
}

func (r *reader) fail(line int, message, fix string) {
	problem := specs.Problem{Place: specs.Place{File: r.file, Line: line}, Message: message, Fix: fix}
	if !slices.Contains(r.problems, problem) { // an alias is read where it is used, its value complained of once
		r.problems = append(r.problems, problem)
	}
}

func (r *reader) note(line int, message string) {
	r.target.Notes = append(r.target.Notes, fmt.Sprintf("%s:%d: %s", r.file, line, message))
}

// is checks the shape of a value.
func (r *reader) is(n *yamlfile.Node, at string, want yamlfile.Kind) bool {
	if at == "" {
		at = "the file"
	}
	switch {
	case n.Kind == want:
		return true
	case n.Kind == yamlfile.Null:
		r.fail(n.Line, at+" has no value", "give it one, or leave it out")
	default:
		r.fail(n.Line, fmt.Sprintf("%s is %s, but %s belongs here", at, n.Kind, want), shapes[want])
	}
	return false
}

var shapes = map[yamlfile.Kind]string{
	yamlfile.Scalar:  "write it as one value",
	yamlfile.Mapping: "write it as keys with values",
	yamlfile.List:    "write it like [one, two]",
}

// pairs are the keys of a mapping.
func (r *reader) pairs(n *yamlfile.Node, at string) []yamlfile.Pair {
	if !r.is(n, at, yamlfile.Mapping) {
		return nil
	}
	return n.Pairs
}

// keys reads a mapping with a fixed set of keys.
func (r *reader) keys(n *yamlfile.Node, at string, known ...string) map[string]*yamlfile.Node {
	found := map[string]*yamlfile.Node{}
	for _, p := range r.pairs(n, at) {
		if !slices.Contains(known, p.Key) {
			r.fail(p.Line, "unknown key "+yamlfile.Join(at, p.Key), spell.Hint(p.Key, known, "the keys here are "))
			continue
		}
		found[p.Key] = p.Value
	}
	return found
}

// text reads a value that takes no placeholder.
func (r *reader) text(n *yamlfile.Node, at string) (string, bool) {
	if !r.is(n, at, yamlfile.Scalar) {
		return "", false
	}
	expanded, ok := r.expand(n, at, nil)
	return expanded.String(), ok
}

// filled reads a value that may not be empty; name is an example of one, or what it is.
func (r *reader) filled(n *yamlfile.Node, at string) (string, bool) {
	text, ok := r.text(n, at)
	if ok && strings.TrimSpace(text) == "" {
		r.fail(n.Line, at+" is empty", "give it a value")
		return "", false
	}
	return text, ok
}

// word reads one of a few words.
func (r *reader) word(n *yamlfile.Node, at string, words ...string) (string, bool) {
	text, ok := r.text(n, at)
	if ok && !slices.Contains(words, text) {
		r.fail(n.Line, fmt.Sprintf("%s cannot be %s", at, yamlfile.Quote(n.Text)), spell.Hint(n.Text, words, "it is one of "))
		return "", false
	}
	return text, ok
}

// wordOf is word for words of a type.
func wordOf[W ~string](r *reader, n *yamlfile.Node, at string, words ...W) (W, bool) {
	var known []string
	for _, word := range words {
		known = append(known, string(word))
	}
	text, ok := r.word(n, at, known...)
	return W(text), ok
}

func (r *reader) boolean(n *yamlfile.Node, at string) bool {
	text, _ := r.word(n, at, "true", "false")
	return text == "true"
}

// duration reads a time of at least least and at most most.
func (r *reader) duration(n *yamlfile.Node, at string, least, most time.Duration) (time.Duration, bool) {
	text, ok := r.text(n, at)
	if !ok {
		return 0, false
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		r.fail(n.Line, fmt.Sprintf("%s %s is not a duration", at, yamlfile.Quote(n.Text)), "write it like 30s, 60m or 336h")
		return 0, false
	}
	if d < least || d > most {
		r.fail(n.Line, fmt.Sprintf("%s %s is out of range", at, yamlfile.Quote(n.Text)), fmt.Sprintf("choose %s to %s", short(least), short(most)))
		return 0, false
	}
	return d, true
}

// number reads a number of at least least and at most most.
func (r *reader) number(n *yamlfile.Node, at string, least, most float64, whole bool) (float64, bool) {
	text, ok := r.text(n, at)
	if !ok {
		return 0, false
	}
	what, f, err := "number", 0.0, error(nil)
	if whole {
		what = "whole number"
		var i int64
		i, err = strconv.ParseInt(text, 10, 64)
		f = float64(i)
	} else {
		f, err = strconv.ParseFloat(text, 64)
	}
	scope := fmt.Sprintf("%s to %s", plain(least), plain(most))
	if err != nil || f != f {
		r.fail(n.Line, fmt.Sprintf("%s %s is not a %s", at, yamlfile.Quote(n.Text), what), "choose "+scope)
		return 0, false
	}
	if f < least || f > most {
		r.fail(n.Line, fmt.Sprintf("%s %s is out of range", at, yamlfile.Quote(n.Text)), "choose "+scope)
		return 0, false
	}
	return f, true
}

func plain(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

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
