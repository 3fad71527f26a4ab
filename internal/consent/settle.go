package consent

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A refresh within soon seconds is a way of moving on, within atOnce whatever else the page holds. Pages with
// something to read reload themselves after minutes, against a session's end.
const (
	atOnce = 3
	soon   = 10
)

// unasked is where the page sends the browser without being asked.
func (p *page) unasked(back returns) (navigation, bool) {
	for _, f := range p.forms {
		if p.submitsItself(f, back) {
			if nav, err := p.press(f, nil, nil); err == nil {
				return nav, true
			}
		}
	}
	asks := p.asks()
	if p.refresh != nil && (p.refresh.after <= atOnce || p.refresh.after <= soon && !asks) {
		return navigation{method: "GET", to: p.refresh.to}, true
	}
	if asks {
		return navigation{}, false
	}
	if to := p.scriptGoes(back); to != nil {
		return navigation{method: "GET", to: to}, true
	}
	return navigation{}, false
}

// submitsItself recognises the page of response_mode=form_post, and its relatives between sign-in servers: a form
// of hidden fields, a script that submits it, and at most a button for those without scripts.
func (p *page) submitsItself(f *form, back returns) bool {
	if !p.scripted() || p.scriptsSay("opener") {
		return false
	}
	alone := true // no button but one for those without scripts
	for _, c := range f.controls {
		switch {
		case c.isSubmit():
			alone = alone && (c.noscript || c.lean() == weakAssent)
		case c.kind != "hidden" && c.usable():
			return false
		}
	}
	if p.offers() || len(f.submits()) > 1 || len(f.controls) == 0 {
		return false
	}
	if nav, err := p.press(f, nil, nil); err == nil && back.has(nav.to) && carriesAnswer(encode(nav.fields)) {
		return true // whichever file its script is in
	}
	return len(p.forms) == 1 && p.scriptsSay("submit(") && (alone || strings.Contains(p.onload, "submit"))
}

// asks reports whether the page waits for a human.
func (p *page) asks() bool {
	asked := func(c *control) bool { return c.usable() && (c.isText() || c.kind == "password") }
	return slices.ContainsFunc(p.forms, func(f *form) bool { return !f.cookies && slices.ContainsFunc(f.controls, asked) }) ||
		slices.ContainsFunc(p.pressable(), func(c *control) bool { return c.kind != "link" }) || p.offers()
}

// offers reports something to approve or refuse with.
func (p *page) offers() bool {
	return slices.ContainsFunc(p.pressable(), func(c *control) bool { return !c.cookies && decides(c.lean()) })
}

// A script that navigates this window. opener.location and frame.location are other windows.
var scriptMove = regexp.MustCompile(`(?:^|[^\w.$])(?:(?:window|document|self|top|this|globalThis)\s*\.\s*)*location(?:\s*\.\s*href)?\s*(?:=\s*|\.\s*(?:replace|assign)\s*\(\s*)("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')`)

// scriptGoes is where a page's script sends the browser, as far as that can be read without running it: one
// literal address. A script that talks to an opener delivers there, and what else it holds is for other cases.
func (p *page) scriptGoes(back returns) *url.URL {
	if p.scriptsSay("opener") {
		return nil
	}
	var found []*url.URL
	for _, script := range append([]string{p.onload}, p.scripts...) {
		for _, m := range scriptMove.FindAllStringSubmatch(script, -1) {
			u, err := parseReference(p.base, scriptString(m[1]))
			if err != nil {
				continue
			}
			if back.has(u) {
				return u
			}
			found = append(found, u)
		}
	}
	if len(found) == 1 && (found[0].Scheme == "http" || found[0].Scheme == "https") {
		return found[0]
	}
	return nil
}

// scriptString reads a JavaScript string literal.
func scriptString(literal string) string {
	quote, body := literal[0], literal[1:len(literal)-1]
	var s strings.Builder
	for body != "" {
		c, _, rest, err := strconv.UnquoteChar(body, quote)
		if err != nil { // a backslash that means nothing
			body = body[1:]
			continue
		}
		s.WriteRune(c)
		body = rest
	}
	return s.String()
}
