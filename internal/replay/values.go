package replay

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"gonogo/internal/exchange"
	"gonogo/reports/words"
)

// find is a value of an answer, and the function of the script that takes it from there.
type find struct {
	value, name string
	take        string // "member access_token", "parameter code", "cookie session"
}

// found are the values of an answer that a later request may carry: strings of its JSON, parameters of a redirect, cookies.
func (w *writer) found(x *exchange.Exchange) []find {
	all, known := w.finds[x]
	if known {
		return all
	}
	if value, ok := x.JSON(); ok {
		all = members(all, value, "")
	}
	if at, err := url.Parse(x.Header.Get("Location")); err == nil && x.Redirected() {
		for _, query := range []string{at.RawQuery, at.Fragment} {
			values, _ := url.ParseQuery(query)
			for name := range values {
				all = append(all, find{values.Get(name), name, "parameter " + words.Shell(name)})
			}
		}
	}
	for _, cookie := range (&http.Response{Header: x.Header}).Cookies() {
		all = append(all, find{cookie.Value, cookie.Name, "cookie " + words.Shell(cookie.Name)})
	}
	all = slices.DeleteFunc(all, func(f find) bool { return len(f.value) < shortest })
	slices.SortFunc(all, func(a, b find) int { return strings.Compare(a.take, b.take) })
	w.finds[x] = all
	return all
}

func members(all []find, value any, name string) []find {
	switch v := value.(type) {
	case map[string]any:
		for member, below := range v {
			all = members(all, below, member)
		}
	case []any:
		for _, below := range v {
			all = members(all, below, "")
		}
	case string:
		if name != "" {
			all = append(all, find{v, name, "member " + words.Shell(name)})
		}
	}
	return all
}

// mentions reports whether a request carries a value, in any form.
func (w *writer) mentions(x *exchange.Exchange, value string) bool {
	return slices.ContainsFunc(w.textsOf(x), func(text string) bool { return strings.Contains(text, value) })
}

// carries is mentions, also of something that can be made from the value.
func (w *writer) carries(x *exchange.Exchange, value string) bool {
	return w.mentions(x, value) || len(value) >= 8 && slices.ContainsFunc(w.secretsOf(x), func(secret string) bool { return near(value, secret) })
}

// near reports whether one text is the other with its case turned, cut, or with something in between changed.
func near(a, b string) bool {
	begin, end := alike(a, b)
	return begin+end >= 8 && begin+end >= min(len(a), len(b))/2 || strings.EqualFold(a, b)
}

// secretsOf are the secrets in what a request says.
func (w *writer) secretsOf(x *exchange.Exchange) []string {
	all, known := w.secrets[x]
	if !known {
		for _, text := range w.textsOf(x) {
			for _, secret := range w.Redactor.Finds(text) {
				if !slices.Contains(all, secret) {
					all = append(all, secret)
				}
			}
		}
		w.secrets[x] = all
	}
	return all
}

// textsOf are what a request says, as it is sent and decoded.
func (w *writer) textsOf(x *exchange.Exchange) []string {
	all, known := w.texts[x]
	if known {
		return all
	}
	defer func() { w.texts[x] = all }()
	all = []string{x.URL, string(x.RequestBody)}
	for _, text := range slices.Clone(all) {
		if decoded, err := url.QueryUnescape(text); err == nil {
			all = append(all, decoded)
		}
	}
	var value any
	if json.Unmarshal(x.RequestBody, &value) == nil {
		for _, f := range members(nil, value, "") {
			all = append(all, f.value)
		}
	}
	for _, values := range x.RequestHeader {
		for _, value := range values {
			all = append(all, value)
			if name, secret, ok := basic(value); ok {
				all = append(all, name+":"+secret)
			}
		}
	}
	return all
}

// basic are the credentials of a header that holds any.
func basic(header string) (name, secret string, ok bool) {
	return (&http.Request{Header: http.Header{"Authorization": {header}}}).BasicAuth()
}

// part is a piece of a text: as it stands, or an expression of the shell.
type part struct{ literal, expr string }

// form is how a value is written where it stands.
type form struct {
	write func(string) string
	expr  func(variable string) string
}

var (
	asItIs = form{func(v string) string { return v }, func(name string) string { return "$" + name }}
	inURL  = form{url.QueryEscape, func(name string) string { return `$(url "$` + name + `")` }}
	inPath = form{url.PathEscape, inURL.expr}
	inJSON = form{func(v string) string {
		quoted, _ := json.Marshal(v)
		return string(quoted[1 : len(quoted)-1])
	}, func(name string) string { return `$(json "$` + name + `")` }}
)

// freshText is what the harness puts where a text must be new in each request, and the password that it makes up for an
// account of its own: what stands between the groups is left to chance.
var freshText = regexp.MustCompile(`((?:gonogo)?-)[a-z2-7]{12}\b()|(gonogo-[A-Za-z2-7]{4})[A-Za-z2-7]{8}\b()|(Gq7-)[A-Z2-7]{16}(-k)`)

// ownPassword begins what the harness makes up for accounts of its own.
const ownPassword = "Gq7-"

// parts takes a text apart into what stands in it anyway and the values that are known.
func (w *writer) parts(text string, forms ...form) []part {
	at, end, expr := w.first(text, forms)
	if expr == "" {
		return literal(text)
	}
	return append(append(literal(text[:at]), part{expr: expr}), w.parts(text[end:], forms...)...)
}

func literal(text string) []part {
	if text == "" {
		return nil
	}
	return []part{{literal: text}}
}

// first is the first value in a text; of several that begin there the longest.
func (w *writer) first(text string, forms []form) (at, end int, expr string) {
	at = len(text)
	for _, value := range w.order {
		for _, f := range forms {
			written := f.write(value)
			i := strings.Index(text, written)
			if i >= 0 && (i < at || i == at && i+len(written) > end) {
				at, end, expr = i, i+len(written), f.expr(w.vars[value])
			}
		}
	}
	if span := freshText.FindStringIndex(text); span != nil && span[0] < at {
		value := text[span[0]:span[1]]
		name := w.name("new")
		w.remember(value, name)
		w.printf("%s=%s\n", name, freshText.ReplaceAllString(value, "${1}${3}${5}$$(new)${2}${4}${6}"))
		return span[0], span[1], "$" + name
	}
	return at, end, expr
}

// settle gives a variable to every secret of a request that has none yet and holds none: what is near a known one is made
// from it, and what nobody can know is asked for.
func (w *writer) settle(x *exchange.Exchange) {
	for _, value := range w.secretsOf(x) {
		within := func(known string) bool { return len(known) >= 8 && strings.Contains(value, known) }
		if w.vars[value] != "" || slices.ContainsFunc(w.order, within) {
			continue
		}
		if expr := w.derived(value); expr != "" {
			name := w.name("wrong")
			w.printf("%s=%s\n", name, expr)
			w.remember(value, name)
			continue
		}
		if freshText.FindString(value) == value { // named where it first stands
			continue
		}
		if w.invented(value) {
			w.made = append(w.made, value)
			w.printf("made_up=yes\n")
			continue
		}
		name := w.name("asked")
		w.printf("ask %s %s\n", name, quoted("enter "+w.Redactor.String(value)+", which no answer before this step carries; the step is "+x.Method+" "+w.Redactor.URL(x.URL)))
		w.remember(value, name)
	}
}

// invented reports that a value is of the harness's own making: no answer had it before, and no target file, nor one of
// which it is only a variation.
func (w *writer) invented(value string) bool {
	if strings.Contains(value, ownPassword) {
		return true
	}
	mark := w.Redactor.String(value)
	return slices.ContainsFunc([]string{"wrong", "forged", "misread", "verifier"}, func(kind string) bool { return strings.HasPrefix(mark, "‹"+kind+" ") }) && !w.varies(value)
}

// varies reports that a value has most of what an answer of the run carried in it, whatever its case.
func (w *writer) varies(value string) bool {
	if w.handed == nil {
		w.handed = map[string]bool{}
		for _, x := range w.All {
			for _, f := range w.found(x) {
				if len(f.value) >= shortestToken {
					w.handed[strings.ToLower(f.value)] = true
				}
			}
		}
	}
	value = strings.ToLower(value)
	for handed := range w.handed {
		if begin, end := alike(handed, value); begin+end >= shortestToken {
			return true
		}
	}
	return false
}

// shortestToken is how long a text is that is worth a guess; two of that length have nothing in common by chance.
const shortestToken = 8

// derived is the expression that makes a value from one that is known: its other case, a piece of it, or it with
// something in between changed.
func (w *writer) derived(value string) string {
	for _, known := range w.order {
		name := w.vars[known]
		piped := func(command string) string { return `$(printf %s "$` + name + `" | ` + command + ")" }
		switch {
		case len(known) < shortestToken:
		case value == strings.ToUpper(known):
			return piped("tr a-z A-Z")
		case value == strings.ToLower(known):
			return piped("tr A-Z a-z")
		case value == swapped(known):
			return piped("tr 'a-zA-Z' 'A-Za-z'")
		}
	}
	if expr := w.resigned(value); expr != "" {
		return expr
	}
	best, expr := 7, ""
	for _, known := range w.order {
		begin, end := alike(known, value)
		if begin+end <= best || begin+end < min(len(known), len(value))/2 {
			continue
		}
		best = begin + end
		name := w.vars[known]
		expr = ""
		if begin > 0 {
			expr += fmt.Sprintf(`"$(printf %%s "$%s" | cut -c1-%d)"`, name, begin)
		}
		if middle := value[begin : len(value)-end]; middle != "" {
			expr += quoted(middle)
		}
		if end > 0 {
			expr += fmt.Sprintf(`"$(printf %%s "$%s" | cut -c%d-)"`, name, len(known)-end+1)
		}
	}
	return expr
}

// resigned is the expression of a JWT that has parts of a known one, and others of its own.
func (w *writer) resigned(value string) string {
	parts := strings.Split(value, ".")
	for _, known := range w.order {
		genuine := strings.Split(known, ".")
		if len(parts) != 3 || len(genuine) != 3 || parts[1] != genuine[1] && parts[2] != genuine[2] {
			continue
		}
		w.printf("made_up=yes\n")
		var out []string
		for i, part := range parts {
			if part == genuine[i] && part != "" {
				out = append(out, fmt.Sprintf(`"$(printf %%s "$%s" | cut -d. -f%d)"`, w.vars[known], i+1))
			} else {
				out = append(out, words.Shell(part))
			}
		}
		return strings.Join(out, ".")
	}
	return ""
}

// alike is how many bytes two texts have in common at their beginnings, and at their ends beside that.
func alike(a, b string) (begin, end int) {
	most := min(len(a), len(b))
	for begin < most && a[begin] == b[begin] {
		begin++
	}
	for end < most-begin && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	return begin, end
}

func swapped(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, text)
}
