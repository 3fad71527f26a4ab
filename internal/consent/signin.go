package consent

import "strings"

// signIn is a form that asks who the human is.
type signIn struct {
	form     *form
	user     *control // nil: the page knows already
	password *control // nil: the first step of several
	oneStep  bool     // approving is this form's own button: there is no separate consent page
	script   bool     // only a script can send it
}

// signIn finds the form to sign in with; nil if the page asks for none.
func (p *page) signIn(h Hints) *signIn {
	var found *signIn
	for _, unseen := range []bool{false, true} { // a field that a script would reveal is better than none
		best := 0
		for _, f := range p.forms {
			if f.cookies {
				continue
			}
			if s, score := p.passwordForm(f, h, unseen); score > best {
				found, best = s, score
			}
		}
		if found != nil {
			return found
		}
		if !unseen && p.answerable() {
			return nil
		}
	}
	for _, f := range p.forms {
		if user := f.usernameStep(h); user != nil && !f.cookies {
			return &signIn{form: f, user: user}
		}
	}
	return nil
}

// answerable reports a page with an approval or a refusal to press.
func (p *page) answerable() bool {
	for _, c := range p.pressable() {
		if l := c.lean(); c.isSubmit() && (l == assents || l == denies) {
			return true
		}
	}
	return false
}

func (p *page) passwordForm(f *form, h Hints, unseen bool) (*signIn, int) {
	s := &signIn{form: f}
	passwords, score := 0, 3
	for _, c := range f.controls {
		if c.disabled || c.unseen && !unseen {
			continue
		}
		switch {
		case h.PasswordField != "" && c.called(h.PasswordField):
			s.password, score = c, 10
		case c.kind == "password":
			passwords++
			if c.fills == "new-password" {
				score = min(score, 1)
			}
			if s.password == nil {
				s.password = c
			}
		}
	}
	if s.password == nil {
		return nil, 0
	}
	if passwords > 1 && score < 10 {
		score = 1 // a registration asks twice
	}
	s.user = f.username(s.password, h)
	if s.user != nil {
		score++
	}
	for _, c := range f.submits() {
		if c.lean() == assents || h.ApproveLabel != "" && (same(c.label, h.ApproveLabel) || same(c.value, h.ApproveLabel) || same(c.name, h.ApproveLabel) || same(c.id, h.ApproveLabel)) {
			s.oneStep = true
		}
	}
	if _, chosen := p.chosen(f, Approve, h.ApproveLabel); chosen {
		s.oneStep = true
	}
	// Sent as it stands, such a form would put the password into a query: its author had a script do it.
	s.script = !p.live && f.method == "" && !f.hasAction && (p.scripted() || f.onsubmit != "")
	return s, score
}

// username is the field for the user name beside the password.
func (f *form) username(password *control, h Hints) *control {
	var before, after, mail, auto *control
	passed := false
	for _, c := range f.controls {
		if c == password {
			passed = true
			continue
		}
		if c.disabled || c.unseen {
			continue
		}
		if h.UsernameField != "" && c.called(h.UsernameField) {
			return c
		}
		if !c.isText() || c.readonly {
			continue
		}
		if auto == nil && fillsIn(c, "username") {
			auto = c
		}
		if mail == nil && (c.kind == "email" || fillsIn(c, "email")) {
			mail = c
		}
		if !passed {
			before = c
		} else if after == nil {
			after = c
		}
	}
	for _, c := range []*control{auto, mail, before} {
		if c != nil {
			return c
		}
	}
	if after != nil && after.namesUser() {
		return after
	}
	return nil
}

// usernameStep is the field of a form that asks for the user name alone.
func (f *form) usernameStep(h Hints) *control {
	var found *control
	for _, c := range f.controls {
		if !c.usable() || c.readonly {
			continue
		}
		if h.UsernameField != "" && c.called(h.UsernameField) {
			return c
		}
		if found == nil && c.isText() && (fillsIn(c, "username") || fillsIn(c, "email") || c.kind == "email" || c.namesUser()) {
			found = c
		}
	}
	if found == nil {
		return nil
	}
	buttons := f.submits()
	for _, c := range buttons {
		if l := c.lean(); l == assents || signsIn(c.label) > 0 || l == neutral && len(buttons) == 1 && leanOf(c.label) == neutral && !strings.Contains(strings.ToLower(c.label), "subscribe") {
			return found
		}
	}
	if len(buttons) == 0 {
		return found
	}
	return nil
}

func fillsIn(c *control, what string) bool {
	for token := range strings.FieldsSeq(c.fills) {
		if token == what {
			return true
		}
	}
	return false
}

// namesUser reports a field whose name, id, label or placeholder speaks of who one is.
func (c *control) namesUser() bool {
	words := strings.ToLower(strings.Join([]string{c.name, c.id, c.label, c.aria, c.hint}, " "))
	for _, word := range []string{"user", "login", "mail", "account", "identif"} {
		if strings.Contains(words, word) {
			return true
		}
	}
	return false
}

func (c *control) called(hint string) bool {
	if c.kind == "hidden" || c.isSubmit() || c.kind == "button" {
		return false
	}
	return same(c.name, hint) || same(c.id, hint) || same(c.label, hint) || same(c.aria, hint) || same(c.hint, hint)
}

// filled is what the human types.
func (s *signIn) filled(r Request) entries {
	fill := entries{}
	if s.user != nil {
		fill[s.user] = r.Username
	}
	if s.password != nil {
		fill[s.password] = r.Password
	}
	return fill
}

// button is what sends the sign-in: the hint's, one that says so, the only one. ok is false if it cannot be told.
func (s *signIn) button(h Hints) (button *control, ok bool) {
	buttons := s.form.submits()
	if h.SignInLabel != "" {
		for _, c := range buttons {
			if same(c.label, h.SignInLabel) || same(c.value, h.SignInLabel) || same(c.name, h.SignInLabel) || same(c.id, h.SignInLabel) || same(c.aria, h.SignInLabel) {
				return c, true
			}
		}
	}
	for _, wanted := range []int{2, 1} {
		for _, c := range buttons {
			if max(signsIn(c.label), signsIn(c.aria)) == wanted && c.lean() != denies {
				return c, true
			}
		}
	}
	var rest []*control
	for _, c := range buttons {
		if l := c.lean(); l != denies && l != weakDeny {
			rest = append(rest, c)
		}
	}
	switch {
	case len(rest) == 1:
		return rest[0], true
	case len(buttons) == 0:
		return nil, true
	}
	return nil, false
}
