// Package replay makes of what a case sent and got a script for a POSIX shell that does it again: with credentials from the
// environment, with tokens out of the answers that it gets itself, and with an end that says whether the failure is still
// there. It must never know what a case is about, and never write a secret down.
package replay

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"gonogo/internal/exchange"
	"gonogo/internal/target"
	"gonogo/reports/words"
)

// Recording is a case that was run.
type Recording struct {
	Case, Title string
	Rows        []string // the requirements that it checks, each as a sentence
	Target      *target.Target
	Redactor    *exchange.Redactor
	All         []*exchange.Exchange      // everything that was sent in the run, in order
	Steps       []*exchange.Exchange      // what the case sent, in order
	Clock       func(time.Time) time.Time // the target's time, of a moment of the run
	Findings    []Finding
}

// Finding is what the script is to show.
type Finding struct {
	Sent, Wanted, Got string
	Exchange          *exchange.Exchange // nil: none shows it
	Shown             Shown
}

// Shown says what of the answer shows a finding.
type Shown int

// What can show one.
const (
	ByEye  Shown = iota // something that a shell cannot see, such as what stands within a token
	Status              // the status alone
	Answer              // the members of the body and what stands there, or a header
	Behind              // bytes behind the end of the answer
)

// Script is the text of the script. The error is a sentence, where no script can be made that holds no secret.
func (r Recording) Script() (string, error) {
	w := &writer{
		Recording: r, at: map[*exchange.Exchange]int{}, walks: map[*exchange.Exchange]*exchange.Exchange{},
		vars: map[string]string{}, env: map[string]string{}, used: map[string]int{},
		texts: map[*exchange.Exchange][]string{}, secrets: map[*exchange.Exchange][]string{}, finds: map[*exchange.Exchange][]find{},
	}
	for i, x := range r.All {
		w.at[x] = i
	}
	w.known()
	w.need()
	for i, x := range w.steps {
		w.step(i, x)
	}
	w.end()
	text := w.head() + w.body.String()
	if left := slices.DeleteFunc(r.Redactor.Finds(text), w.harmless); len(left) > 0 {
		return "", fmt.Errorf("no script can be written for %s: %s in it cannot be taken from the environment or an answer", r.Case, words.Count(len(left), "secret"))
	}
	return text, nil
}

// writer writes one script.
type writer struct {
	Recording
	at    map[*exchange.Exchange]int // in All
	steps []*exchange.Exchange       // those of the case, and those whose answers they need
	walks map[*exchange.Exchange]*exchange.Exchange

	vars  map[string]string // of the shell, by value
	order []string          // the values, as they became known
	env   map[string]string // what the script takes from its environment: name, and what it is
	made  []string          // values that were made up by the harness and stand in the script as they are
	used  map[string]int    // how many variables have a name
	body  strings.Builder

	texts   map[*exchange.Exchange][]string // what requests say
	secrets map[*exchange.Exchange][]string // that stand there
	finds   map[*exchange.Exchange][]find   // what later requests may carry of an answer
	handed  map[string]bool                 // what answers of the run carried, in small letters
}

func (w *writer) printf(format string, args ...any) { fmt.Fprintf(&w.body, format, args...) }

// remember gives a value a variable.
func (w *writer) remember(value, name string) {
	if len(value) < shortest || w.vars[value] != "" {
		return
	}
	w.vars[value] = name
	w.order = append(w.order, value)
}

// shortest is how long a text is that is worth a variable; shorter ones stand in too many places by chance.
const shortest = 4

// name is a variable name that is not taken.
func (w *writer) name(base string) string {
	base = strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(base)), "_")
	if base == "" || base[0] >= '0' && base[0] <= '9' {
		base = "value_" + base
	}
	w.used[base]++
	return fmt.Sprintf("%s_%d", base, w.used[base])
}

// known are the target's credentials and headers.
func (w *writer) known() {
	for role, credential := range w.Target.Credentials {
		for field, value := range credential.Fields {
			name := cmp.Or(w.Target.Variable("credentials", role, field), "GONOGO_"+upper(role)+"_"+upper(field))
			w.environment(name, value, "credentials."+role+"."+field)
		}
	}
	for name, value := range w.Target.Headers {
		w.environment(cmp.Or(w.Target.Variable("headers", name), "GONOGO_HEADER_"+upper(name)), value, "the header "+name)
	}
	slices.Sort(w.order)
}

func (w *writer) environment(name, value, what string) {
	if w.vars[value] == "" {
		w.remember(value, name)
		w.env[name] = what
	}
}

func upper(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(text))
}

// need finds the steps: those of the case, and before them what they need the answers of. What a human did on the way to
// a redirect is one step.
func (w *writer) need() {
	needed := map[*exchange.Exchange]bool{}
	var add func(x *exchange.Exchange)
	add = func(x *exchange.Exchange) {
		if needed[x] || x == nil {
			return
		}
		needed[x] = true
		for _, from := range w.sources(x, needed) {
			add(from)
		}
		for _, text := range w.textsOf(x) { // whoever was told first of an account that was made up
			for _, value := range freshText.FindAllString(text, -1) {
				first := slices.IndexFunc(w.All, func(other *exchange.Exchange) bool { return w.mentions(other, value) })
				if first >= 0 && first < w.at[x] {
					add(w.All[first])
				}
			}
		}
		if begin := w.walk(x); begin != nil {
			w.walks[x] = begin
		}
	}
	for _, x := range w.Steps {
		if _, sent := w.at[x]; sent {
			add(x)
		}
	}
	for _, x := range w.All {
		if needed[x] && !w.within(x) {
			w.steps = append(w.steps, x)
		}
	}
}

// sources are the answers that a request has values from, each the first of those that carried the value. What an answer
// carried that is needed anyway wants no other.
func (w *writer) sources(x *exchange.Exchange, needed map[*exchange.Exchange]bool) []*exchange.Exchange {
	from := map[string]*exchange.Exchange{} // by value
	for _, earlier := range w.All[:w.at[x]] {
		for _, f := range w.found(earlier) {
			if w.vars[f.value] != "" || !w.carries(x, f.value) || w.mentions(earlier, f.value) {
				continue
			}
			if former := from[f.value]; former == nil || needed[earlier] && !needed[former] {
				from[f.value] = earlier
			}
		}
	}
	inOrder := slices.SortedFunc(maps.Values(from), func(a, b *exchange.Exchange) int { return w.at[a] - w.at[b] })
	return slices.Compact(inOrder)
}

// walk is the request that began what a human did until an answer led to a redirect URI; nil: that is no such answer.
func (w *writer) walk(x *exchange.Exchange) *exchange.Exchange {
	if !x.Redirected() {
		return nil
	}
	place, _, _ := strings.Cut(x.Header.Get("Location"), "?")
	place, _, _ = strings.Cut(place, "#")
	at, err := url.Parse(place)
	if err != nil || at.Host == "" || w.Target.Serves(at) {
		return nil
	}
	for i := w.at[x]; i >= 0; i-- {
		if begin := w.All[i]; begin.Method == "GET" && strings.Contains(begin.URL, url.QueryEscape(place)) {
			return begin
		}
	}
	return nil
}

// within reports whether a request is one of those that a human sent on a page.
func (w *writer) within(x *exchange.Exchange) bool {
	for end, begin := range w.walks {
		if x != end && w.at[x] >= w.at[begin] && w.at[x] < w.at[end] {
			return true
		}
	}
	return false
}

// harmless reports that a value may stand in the script: the harness made it up.
func (w *writer) harmless(value string) bool { return slices.Contains(w.made, value) }
