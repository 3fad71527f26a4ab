package consent

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// human is who walks, and what for.
type human struct {
	Request
	back        returns
	refuseEarly bool // refuse on the sign-in page

	onSite func(p *page, before progress) (*move, progress, error) // what to do on a page of the client's; nil: no such page is shown
}

// progress is what a human remembers of the pages before.
type progress struct {
	passedRefusal bool // a sign-in page offered a refusal, and it was not taken
	usernameSent  bool
	passwordSent  bool
	sentOneStep   bool
	signedIn      bool
	decided       bool
	pressed       []string // answers that were given
}

// move is something to press, and what to fill in before.
type move struct {
	form   *form
	button *control // nil: Enter
	fill   entries
}

// judge says what to do on a page, and what is to be remembered if that is done. A nil move ends the walk there; the
// error says that it ought not to.
func (h human) judge(p *page, before progress) (*move, progress, error) {
	switch {
	case h.Decision == Open:
		return nil, before, nil
	case h.onSite != nil && !h.isHome(p.url):
		return h.onSite(p, before)
	}
	j := judgement{human: h, progress: before, page: p}
	m, err := j.move()
	return m, j.progress, err
}

// judgement is of one page.
type judgement struct {
	human
	progress
	*page
}

func (j *judgement) move() (*move, error) {
	s := j.page.signIn(j.Hints)
	if s != nil && s.password == nil && (j.passwordSent || j.status >= 400 && j.status != 401) {
		s = nil // signed in, or an error page: whatever this field is, it does not ask who we are
	}
	if s != nil {
		return j.sign(s)
	}
	if j.passwordSent {
		if j.status == 401 {
			return nil, j.refused()
		}
		j.signedIn = true
	}
	if answer := j.decision(j.Decision, j.Hints, j.back); answer != nil {
		return j.answer(answer)
	}
	if j.decided {
		if buttons := j.pressable(); len(buttons) == 1 && buttons[0].isSubmit() && buttons[0].lean() == weakAssent && j.status < 400 {
			return j.answer(&move{form: buttons[0].form, button: buttons[0]}) // "You refused. [Continue]"
		}
	}
	if !j.Popup { // a link back is for windows without an opener
		if link := j.wayBack(j.back, j.Decision, j.decided); link != nil {
			return &move{button: link}, nil
		}
	}
	return nil, j.unread()
}

// sign sends a sign-in form.
func (j *judgement) sign(s *signIn) (*move, error) {
	again := s.password != nil && j.passwordSent || s.password == nil && j.usernameSent
	if again && (!s.oneStep || j.sentOneStep) {
		return nil, j.refused()
	}
	refusal := j.decision(Deny, j.Hints, j.back)
	if j.Decision == Deny && refusal != nil && (s.oneStep || j.refuseEarly) {
		return j.answer(refusal.with(s, j.Request))
	}
	if s.oneStep && j.Decision == Deny {
		return nil, j.lost("the page shows no way to refuse", "deny_label")
	}
	j.passedRefusal = j.passedRefusal || refusal != nil
	if j.Username == "" && j.Password == "" {
		return nil, j.lost("the page asks to sign in, and no user's name and password are given (credentials: user in the target file)", "")
	}
	if s.script {
		return nil, j.lost(j.takesScripts("the sign-in form works only by script"), "")
	}
	if s.oneStep {
		approval := j.decision(Approve, j.Hints, j.back)
		if approval == nil {
			return nil, j.lost("the page shows no way to approve", "approve_label")
		}
		if approval.form == s.form {
			j.passwordSent, j.sentOneStep = true, true
		}
		return j.answer(approval.with(s, j.Request))
	}
	button, ok := s.button(j.Hints)
	if !ok {
		return nil, j.lost("it cannot be told which button signs in", "sign_in_label")
	}
	if s.password != nil {
		j.passwordSent = true
	} else {
		j.usernameSent = true
	}
	return (&move{form: s.form, button: button}).with(s, j.Request), nil
}

// with is the move with the sign-in filled in, where both are of one form.
func (m *move) with(s *signIn, r Request) *move {
	if m.form != s.form {
		return m
	}
	if m.fill == nil {
		m.fill = entries{}
	}
	if s.user != nil {
		m.fill[s.user] = r.Username
	}
	if s.password != nil {
		m.fill[s.password] = r.Password
	}
	return m
}

// answer gives the answer.
func (j *judgement) answer(m *move) (*move, error) {
	nav, err := j.navigate(m)
	if err != nil {
		return nil, err
	}
	label := ""
	if m.button != nil {
		label = m.button.label
	}
	// Twice is a consent page that comes again after the sign-in; a third time is a circle.
	key := nav.method + " " + place(nav.to) + " " + label
	times := 0
	for _, pressed := range j.pressed {
		if pressed == key {
			times++
		}
	}
	if times == 2 {
		return nil, j.fault(Loop, "the page asks again and again")
	}
	j.pressed = append(slices.Clip(j.pressed), key)
	j.decided = true
	return m, nil
}

// shell is how little text the page has that a script has still to build.
const shell = 20

// unread tells a page that ends the walk from one that the driver cannot read.
func (j *judgement) unread() error {
	switch {
	case j.decided:
		return nil
	case j.status == 401 && j.header.Get("WWW-Authenticate") != "":
		return j.lost("the page asks for HTTP authentication, not with a form", "")
	case j.status >= 400:
		return nil // the target's own error page
	case slices.ContainsFunc(j.loose, func(c *control) bool { return c.kind == "password" && c.usable() }):
		return j.lost(j.takesScripts("the sign-in works only by script"), "")
	case !slices.ContainsFunc(j.pressable(), func(c *control) bool {
		return c.kind != "link" || c.asButton() || place(c.href) == place(j.url)
	}):
		if j.scripted() && len(strings.TrimSpace(j.text)) < shell {
			return j.lost(j.takesScripts("the page is built by script"), "")
		}
		return nil
	case !j.passwordSent && slices.ContainsFunc(j.forms, func(f *form) bool { return f.wantsText() && !f.cookies }):
		return j.lost("it cannot be told what the page asks for", "password_field")
	case j.Decision == Deny:
		return j.lost("the page shows no way to refuse", "deny_label")
	}
	return j.lost("the page shows no way to approve", "approve_label")
}

func (j *judgement) refused() error {
	j.signedIn, j.decided = false, false
	return j.fault(SignInRefused, "the sign-in was refused")
}

func (j *judgement) lost(why, hint string) error {
	if given := j.Hints.named(hint); given != "" {
		why, hint = why+fmt.Sprintf(", and nothing on it is what consent.%s of the target file names (%q)", hint, given), ""
	}
	e := j.fault(CannotSee, why)
	e.Hint = hint
	return e
}

// takesScripts says what would help with a page that needs its scripts, where they are not run.
func (p *page) takesScripts(why string) string {
	if p.live {
		return why
	}
	return why + "; the browser mode runs scripts"
}

// fault is what is wrong with the page, in the words of an Error.
func (p *page) fault(kind Kind, why string) *Error {
	e := &Error{Kind: kind, Why: why, URL: place(p.url), Page: p.gist()}
	for _, c := range p.pressable() {
		if label := cmp.Or(c.label, c.aria, c.value, c.name, c.id); label != "" && len(e.Buttons) < 12 {
			e.Buttons = append(e.Buttons, clip(label, longLabel))
		}
	}
	return e
}
