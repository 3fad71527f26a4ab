package consent

import (
	"context"
	"errors"
	"net/http/cookiejar"
	"strings"
)

// Form is the driver that reads the page's forms and fills them in, with no browser and without scripts. Each
// walk has its own cookies.
func Form() Driver { return formDriver{} }

type formDriver struct{}

func (formDriver) Decide(ctx context.Context, send Sender, r Request) (Result, error) {
	return decide(r, func(refuseEarly bool) (*walk, error) { return takeWalk(ctx, send, r, refuseEarly) })
}

// decide takes a walk, and a second one where the first shows that refusing has to come earlier.
func decide(r Request, take func(refuseEarly bool) (*walk, error)) (Result, error) {
	first, err := take(false)
	if err != nil || r.Decision != Deny || first.res.Redirect == nil || first.res.Decided || !first.passedRefusal {
		return *first.res, err
	}
	// It came back signed in and never asked: then the refusal was the sign-in page's own "Cancel". Walk again, as
	// another browser would, and press that.
	second, err := take(true)
	if err != nil || second.res.Redirect == nil {
		return *first.res, nil
	}
	second.res.Visited = append(first.res.Visited, second.res.Visited...)
	return *second.res, nil
}

// walk is one browser's way through the pages.
type walk struct {
	b   *browser
	r   Request
	res *Result

	refuseEarly bool // refuse on the sign-in page
	progress
}

// progress is what a walk remembers of the pages it passed.
type progress struct {
	passedRefusal bool // a sign-in page offered a refusal, and it was not taken

	passwordSent, usernameSent, sentOneStep bool
	pressed                                 map[string]int
}

// newWalk is a walk that has not begun.
func newWalk(send Sender, r Request, refuseEarly bool) (*walk, error) {
	w := &walk{r: r, res: &Result{}, refuseEarly: refuseEarly, progress: progress{pressed: map[string]int{}}}
	if r.Authorize == nil || r.Authorize.Host == "" {
		return w, errors.New("the authorization page has no address")
	}
	ts, err := newTargets(r)
	if err != nil {
		return w, err
	}
	w.b = &browser{send: send, targets: ts, authorize: r.Authorize, res: w.res}
	if r.Hints.SignInLabel+r.Hints.ApproveLabel+r.Hints.DenyLabel == "" {
		w.b.language = "en, *;q=0.5" // the words of the lists; with hints, whatever language the person who wrote them saw
	}
	return w, nil
}

func takeWalk(ctx context.Context, send Sender, r Request, refuseEarly bool) (*walk, error) {
	w, err := newWalk(send, r, refuseEarly)
	if err != nil {
		return w, err
	}
	if w.b.jar, err = cookiejar.New(nil); err != nil {
		return w, err
	}
	p, err := w.b.open(ctx, navigation{method: "GET", to: r.Authorize}, nil)
	for {
		p, err = w.b.settle(ctx, p, err)
		if err != nil {
			return w, err
		}
		if p == nil {
			w.res.SignedIn = w.res.SignedIn || w.passwordSent
			return w, nil
		}
		m, done, stepErr := w.step(p)
		if done || stepErr != nil {
			return w, stepErr
		}
		nav, err := p.navigate(m)
		if err != nil {
			return w, err
		}
		p, err = w.b.open(ctx, nav, p)
		if err != nil {
			return w, err
		}
	}
}

// step decides what to do with a page that stands still.
func (w *walk) step(p *page) (m move, done bool, err error) {
	if w.r.Decision == Open {
		return m, true, nil
	}
	s := p.signIn(w.r.Hints)
	if s != nil && s.password == nil && p.status >= 400 && p.status != 401 {
		s = nil // an error page's form for something else
	}
	if w.passwordSent && s != nil && s.password == nil {
		s = nil // signed in: whatever this field is, it does not ask who we are
	}
	if s != nil {
		return w.sign(p, s)
	}
	if w.passwordSent {
		if p.status == 401 {
			return m, false, w.refused(p)
		}
		w.res.SignedIn = true
	}
	if w.r.Decision == SignIn {
		return m, true, nil
	}
	if answer, ok := p.decision(w.r.Decision, w.r.Hints, w.b.targets); ok {
		return w.press(p, answer)
	}
	if w.res.Decided {
		if buttons := p.pressable(); len(buttons) == 1 && buttons[0].isSubmit() && buttons[0].lean() == weakAssent && p.status < 400 {
			return w.press(p, move{form: buttons[0].form, button: buttons[0]}) // "You refused. [Continue]"
		}
	}
	if w.r.Popup {
		return m, true, w.nothing(p) // a link back is for windows without an opener
	}
	if link := p.wayBack(w.b.targets, w.r.Decision, w.res.Decided); link != nil {
		return move{button: link}, false, nil
	}
	return m, true, w.nothing(p)
}

// sign sends a sign-in form.
func (w *walk) sign(p *page, s *signIn) (m move, done bool, err error) {
	again := s.password != nil && w.passwordSent || s.password == nil && w.usernameSent
	if again && (!s.oneStep || w.sentOneStep) {
		return m, false, w.refused(p)
	}
	refusal, refusable := p.decision(Deny, w.r.Hints, w.b.targets)
	if w.r.Decision == Deny && refusable && (s.oneStep || w.refuseEarly) {
		if refusal.form == s.form {
			refusal.fill = merge(refusal.fill, s.filled(w.r))
		}
		return w.press(p, refusal)
	}
	if s.oneStep && w.r.Decision == SignIn {
		return m, true, nil // signing in would be approving
	}
	if s.oneStep && w.r.Decision == Deny {
		return m, false, w.lost(p, "the page shows no way to refuse", "deny_label")
	}
	w.passedRefusal = w.passedRefusal || refusable
	if w.r.Username == "" && w.r.Password == "" {
		return m, false, w.lost(p, "the page asks to sign in, and no user's name and password are given (credentials: user in the target file)", "")
	}
	if s.script {
		return m, false, w.lost(p, "the sign-in form works only by script; the browser mode runs scripts", "")
	}
	if s.oneStep {
		approval, ok := p.decision(Approve, w.r.Hints, w.b.targets)
		if !ok {
			return m, false, w.lost(p, "the page shows no way to approve", "approve_label")
		}
		if approval.form == s.form {
			w.passwordSent, w.sentOneStep = true, true
			approval.fill = merge(approval.fill, s.filled(w.r))
		}
		return w.press(p, approval)
	}
	button, ok := s.button(w.r.Hints)
	if !ok {
		return m, false, w.lost(p, "it cannot be told which button signs in", "sign_in_label")
	}
	if s.password != nil {
		w.passwordSent = true
	} else {
		w.usernameSent = true
	}
	return move{form: s.form, button: button, fill: s.filled(w.r)}, false, nil
}

// press gives the answer.
func (w *walk) press(p *page, m move) (_ move, done bool, err error) {
	nav, err := p.navigate(m)
	if err != nil {
		return m, false, err
	}
	label := ""
	if m.button != nil {
		label = m.button.label
	}
	// Twice is a consent page that comes again after the sign-in; a third time is a circle.
	key := nav.method + " " + place(nav.to) + " " + label
	if w.pressed[key]++; w.pressed[key] > 2 {
		return m, false, &Error{Kind: Loop, Why: "the page asks again and again", URL: place(p.url), Status: p.status, Page: p.gist(), Buttons: p.labels()}
	}
	w.res.Decided = true
	return m, false, nil
}

func merge(a, b entries) entries {
	if a == nil {
		a = entries{}
	}
	for c, value := range b {
		a[c] = value
	}
	return a
}

// shell is how little text the page has that a script has still to build.
const shell = 20

// nothing tells a page that ends the walk from one that the driver cannot read.
func (w *walk) nothing(p *page) error {
	if w.res.Decided {
		return nil
	}
	if p.status == 401 && p.header.Get("WWW-Authenticate") != "" {
		return w.lost(p, "the page asks for HTTP authentication, not with a form", "")
	}
	if p.status >= 400 {
		return nil // the target's own error page
	}
	buttons := false
	for _, c := range p.pressable() {
		buttons = buttons || c.kind != "link" || c.asButton || place(c.href) == place(p.url)
	}
	for _, c := range p.loose {
		if c.kind == "password" && c.usable() {
			return w.lost(p, "the sign-in works only by script; the browser mode runs scripts", "")
		}
	}
	if !buttons {
		if p.scripted() && len(strings.TrimSpace(p.text)) < shell {
			return w.lost(p, "the page is built by script; the browser mode runs scripts", "")
		}
		return nil
	}
	if !w.passwordSent {
		for _, f := range p.forms {
			if f.wantsText() && !f.cookies {
				return w.lost(p, "it cannot be told what the page asks for", "password_field")
			}
		}
	}
	if w.r.Decision == Deny {
		return w.lost(p, "the page shows no way to refuse", "deny_label")
	}
	return w.lost(p, "the page shows no way to approve", "approve_label")
}

func (w *walk) refused(p *page) error {
	w.res.SignedIn, w.res.Decided = false, false
	return &Error{Kind: SignInRefused, Why: "the sign-in was refused", URL: place(p.url), Status: p.status, Page: p.gist(), Buttons: p.labels()}
}

func (w *walk) lost(p *page, why, hint string) error {
	return &Error{Kind: CannotSee, Why: why, URL: place(p.url), Status: p.status, Page: p.gist(), Buttons: p.labels(), Hint: hint}
}

// labels are what a human could press, for messages.
func (p *page) labels() []string {
	var out []string
	for _, c := range p.pressable() {
		label := c.label
		for _, other := range []string{c.aria, c.value, c.name, c.id} {
			if label == "" {
				label = other
			}
		}
		if label != "" && len(out) < 12 {
			out = append(out, clip(label, longLabel))
		}
	}
	return out
}
