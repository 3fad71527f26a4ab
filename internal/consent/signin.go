package consent

import (
	"slices"
	"strings"
)

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
	for _, unseen := range []bool{false, true} { // a field that a script would reveal is better than none
		var found *signIn
		best := 0
		for _, f := range p.forms {
			if s, score := p.passwordForm(f, h, unseen); score > best {
				found, best = s, score
			}
		}
		if found != nil {
			return found
		}
		if !unseen && slices.ContainsFunc(p.pressable(), func(c *control) bool { return c.isSubmit() && decides(c.lean()) }) {
			return nil
		}
	}
	for _, f := range p.forms {
		if user := f.usernameStep(h); user != nil {
			return &signIn{form: f, user: user}
		}
	}
	return nil
}

// passwordForm reads a form as one that asks for a password, and says how likely it is the one to sign in with.
func (p *page) passwordForm(f *form, h Hints, unseen bool) (*signIn, int) {
	s := &signIn{form: f}
	passwords, score := 0, 3
	for _, c := range f.controls {
		switch {
		case c.disabled || c.unseen && !unseen || f.cookies:
		case c.fillable() && c.named(h.PasswordField):
			s.password, score = c, 10
		case c.kind == "password":
			passwords++
			if strings.EqualFold(c.attr("autocomplete"), "new-password") {
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
	if s.user = f.username(s.password, h); s.user != nil {
		score++
	}
	s.oneStep = f.chosen(Approve, h.ApproveLabel) != nil || slices.ContainsFunc(f.submits(), func(c *control) bool {
		return c.lean() == assents || c.named(h.ApproveLabel)
	})
	// Sent as it stands, such a form would put the password into a query: its author had a script do it.
	s.script = !p.live && f.word("method") == "" && !f.has("action") && (p.scripted() || f.attr("onsubmit") != "")
	return s, score
}

// username is the field for the user name beside the password.
func (f *form) username(password *control, h Hints) *control {
	var before, after, mail, auto *control
	passed := false
	for _, c := range f.controls {
		switch {
		case c == password:
			passed = true
			continue
		case !c.usable():
			continue
		case c.fillable() && c.named(h.UsernameField):
			return c
		case !c.isText() || c.has("readonly"):
			continue
		}
		if auto == nil && c.fillsIn("username") {
			auto = c
		}
		if mail == nil && (c.kind == "email" || c.fillsIn("email")) {
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
		if !c.usable() || c.has("readonly") || f.cookies {
			continue
		}
		if c.fillable() && c.named(h.UsernameField) {
			return c
		}
		if found == nil && c.isText() && (c.fillsIn("username") || c.fillsIn("email") || c.kind == "email" || c.namesUser()) {
			found = c
		}
	}
	buttons := f.submits()
	if len(buttons) == 0 || slices.ContainsFunc(buttons, func(c *control) bool {
		l := c.lean()
		return l == assents || signsIn(c.label) > 0 || l == neutral && len(buttons) == 1 && leanOf(c.label) == neutral && !strings.Contains(strings.ToLower(c.label), "subscribe")
	}) {
		return found
	}
	return nil
}

// fillsIn reports a word of the field's autocomplete.
func (c *control) fillsIn(what string) bool {
	return slices.Contains(strings.Fields(c.word("autocomplete")), what)
}

// namesUser reports a field whose name, id, label or placeholder speaks of who one is.
func (c *control) namesUser() bool {
	words := strings.ToLower(strings.Join([]string{c.name, c.id, c.label, c.aria, c.attr("placeholder")}, " "))
	return slices.ContainsFunc([]string{"user", "login", "mail", "account", "identif"}, func(word string) bool { return strings.Contains(words, word) })
}

// button is what sends the sign-in: the hint's, one that says so, the only one. ok is false if it cannot be told.
func (s *signIn) button(h Hints) (button *control, ok bool) {
	buttons := s.form.submits()
	for _, c := range buttons {
		if c.named(h.SignInLabel) {
			return c, true
		}
	}
	for _, wanted := range []int{2, 1} {
		for _, c := range buttons {
			if max(signsIn(c.label), signsIn(c.aria)) == wanted && c.lean() != denies {
				return c, true
			}
		}
	}
	rest := slices.DeleteFunc(slices.Clone(buttons), func(c *control) bool { return c.lean() == denies || c.lean() == weakDeny })
	switch {
	case len(rest) == 1:
		return rest[0], true
	case len(buttons) == 0:
		return nil, true
	}
	return nil, false
}
