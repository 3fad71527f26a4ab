package consent

import (
	"path"
	"slices"
	"strings"
)

// longLabel is where a text is no longer a button's: links in prose use all the words of the lists.
const longLabel = 60

// lean is what the control itself says: first what a human reads, then what its programmer called it.
func (c *control) lean() lean {
	weak := neutral
	for _, said := range []string{c.label, c.aria} {
		if said == "" || len(said) > longLabel && c.kind == "link" {
			continue
		}
		switch l := leanOf(said); {
		case l == assents || l == denies:
			return l
		case weak == neutral:
			weak = l
		}
		if signsIn(said) == 2 {
			return neutral // a sign-in button, whatever its name
		}
	}
	if c.kind == "link" || c.kind == "button" {
		return weak
	}
	if l := leanOfName(c.value); l != neutral {
		return l
	}
	if l, told := leanOfPair(c.name, c.value); l != neutral && (told || !c.sharesName()) {
		return l
	}
	for _, name := range []string{c.id, lastSegment(strings.TrimSpace(c.attr("formaction")))} {
		if l := leanOfName(name); l != neutral {
			return l
		}
	}
	return weak
}

// sharesName reports a name that cannot tell the form's buttons apart.
func (c *control) sharesName() bool {
	return c.form != nil && slices.ContainsFunc(c.form.controls, func(o *control) bool { return o != c && o.isSubmit() && o.name == c.name })
}

// formLean is what a form with one button says by where it goes and what it hides: for labels in no language we know.
func (p *page) formLean(f *form) lean {
	if len(f.submits()) != 1 {
		return neutral
	}
	for _, c := range f.controls {
		if c.kind != "hidden" {
			continue
		}
		if l, told := leanOfPair(c.name, c.value); l != neutral && told {
			return l
		}
		if strings.EqualFold(c.value, "delete") && strings.TrimLeft(c.name, "_") == "method" {
			return denies
		}
		if l := leanOfName(c.value); l != neutral && len(split(c.value)) == 1 {
			return l
		}
	}
	if nav, err := p.press(f, nil, nil); err == nil {
		alone := nav.to.Path != p.url.Path
		for _, other := range p.forms {
			if o, err := p.press(other, nil, nil); other != f && (err != nil || o.to.Path == nav.to.Path) {
				alone = false
			}
		}
		if alone {
			return leanOfName(lastSegment(nav.to.Path))
		}
	}
	return neutral
}

func lastSegment(ref string) string {
	ref, _, _ = strings.Cut(ref, "?")
	if ref == "" || strings.HasSuffix(ref, "/") {
		return ""
	}
	return path.Base(ref)
}

// decision finds how to give the answer want on this page; nil if there is no way.
func (p *page) decision(want Decision, h Hints, back returns) *move {
	hint, wanted := h.ApproveLabel, assents
	if want == Deny {
		hint, wanted = h.DenyLabel, denies
	}
	if c := p.hinted(hint); c != nil {
		return p.moveFor(c, want)
	}
	for _, f := range p.forms {
		if m := f.chosen(want, hint); m != nil && !f.cookies {
			return m
		}
	}
	best, bestScore := (*control)(nil), 0
	for _, c := range p.pressable() {
		if s := p.score(c, wanted, back); s > bestScore {
			best, bestScore = c, s
		}
	}
	if best == nil {
		return nil
	}
	return p.moveFor(best, want)
}

// score rates a control for the wanted answer; zero is never pressed.
func (p *page) score(c *control, wanted lean, back returns) int {
	l := c.lean()
	if c.kind == "button" && clickGoes(c) == "" {
		return 0 // only a script knows what it does
	}
	toClient := c.href != nil && back.has(c.href)
	switch {
	case l == wanted:
		if c.kind == "link" && !c.asButton() && !toClient {
			return 80
		}
		return 100
	case l == -wanted:
		return 0
	case c.isSubmit() && p.formLean(c.form) == wanted:
		return 60
	case l == wanted/2 && l != neutral:
		// A weak word is believed where it cannot be a search box's, and not on an error page.
		if c.kind == "link" && (wanted == assents || !toClient) || p.status >= 400 || c.form != nil && c.form.wantsText() {
			return 0
		}
		return 20
	}
	return 0
}

func (f *form) wantsText() bool {
	return slices.ContainsFunc(f.controls, func(c *control) bool { return c.usable() && (c.isText() || c.kind == "search") && !c.has("readonly") })
}

// hinted finds the control that a hint names: exactly, else as part of its label.
func (p *page) hinted(hint string) *control {
	all := p.pressable()
	for _, c := range all {
		if c.named(hint) {
			return c
		}
	}
	for _, c := range all {
		if len(hint) > 3 && strings.Contains(strings.ToLower(squeeze(c.label)), strings.ToLower(squeeze(hint))) {
			return c
		}
	}
	return nil
}

// named reports that a hint of the target file means this control.
func (c *control) named(hint string) bool {
	return same(hint, c.label, c.aria, c.name, c.id) || c.presses() && same(hint, c.value) || !c.presses() && same(hint, c.attr("placeholder"))
}

// same reports a hint that is one of the texts of a page.
func same(hint string, texts ...string) bool {
	hint = squeeze(hint)
	return hint != "" && slices.ContainsFunc(texts, func(s string) bool { return strings.EqualFold(squeeze(s), hint) })
}

// moveFor presses c; on approval the boxes that the browser insists on are ticked.
func (p *page) moveFor(c *control, want Decision) *move {
	m := &move{form: c.form, button: c, fill: entries{}}
	if want == Approve && c.isSubmit() {
		m.tickRequired()
	}
	return m
}

// tickRequired ticks the boxes without which a browser does not send the form.
func (m *move) tickRequired() {
	for _, box := range m.form.controls {
		if _, filled := m.fill[box]; !filled && box.kind == "checkbox" && box.has("required") && !box.disabled {
			m.fill[box] = ticked
		}
	}
}

// navigate is the request that a move leads to.
func (p *page) navigate(m *move) (navigation, error) {
	if m.button != nil && !m.button.isSubmit() {
		if m.button.href != nil {
			to := *m.button.href
			if p.alter != nil {
				p.alter(nil, &to)
			}
			return navigation{method: "GET", to: &to}, nil
		}
		to, err := parseReference(p.base, clickGoes(m.button))
		if err != nil || clickGoes(m.button) == "" {
			return navigation{}, p.fault(CannotSee, p.takesScripts("only a script knows what the button does"))
		}
		return navigation{method: "GET", to: to}, nil
	}
	return p.press(m.form, m.button, m.fill)
}

// clickGoes is the address in a button's onclick="location.href='…'".
func clickGoes(c *control) string {
	if m := scriptMove.FindStringSubmatch(c.attr("onclick")); m != nil {
		return scriptString(m[1])
	}
	return ""
}

// wayBack is a link with the answer in it, as on "You may now return to the application".
func (p *page) wayBack(back returns, want Decision, decided bool) *control {
	if p.asks() || p.scriptsSay("opener") {
		return nil
	}
	for _, c := range p.loose {
		if c.href == nil || c.unseen || !carriesAnswer(c.href.RawQuery) && !carriesAnswer(c.href.EscapedFragment()) {
			continue
		}
		if back.has(c.href) && (decided || (c.lean() < neutral) == (want == Deny)) {
			return c
		}
	}
	return nil
}
