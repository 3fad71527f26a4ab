package consent

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"gonogo/internal/chromium"
)

// mostPressed is how often something is pressed on a client's pages before its user has come to the API's.
const mostPressed = 3

// leave says what to press on a page of the client's. Who comes back from the API's pages presses nothing more.
func (e *errand) leave(p *page, before progress) (*move, progress, error) {
	e.mu.Lock()
	left := len(e.windows) > 0
	e.mu.Unlock()
	switch {
	case left || p.url.Scheme == "about":
		return nil, before, nil
	case p.status >= http.StatusBadRequest:
		return nil, before, p.fault(Helper, "the client's page answers "+http.StatusText(p.status))
	case len(before.pressed) == mostPressed:
		return nil, before, p.fault(Loop, "the client's pages do not send the user off")
	}
	c, err := p.departure(e.Label, e.isHome)
	if err != nil {
		return nil, before, err
	}
	before.pressed = append(slices.Clip(before.pressed), c.label)
	return p.moveFor(c, Approve), before, nil
}

// departure is what sends the user off: what is named, else a link to the API, else what says so, else the only thing that can be pressed.
func (p *page) departure(label string, home func(*url.URL) bool) (*control, error) {
	if label != "" {
		if c := p.hinted(label); c != nil {
			return c, nil
		}
		return nil, p.fault(CannotSee, "nothing on the client's page is called \""+label+"\"")
	}
	all := slices.DeleteFunc(p.pressable(), func(c *control) bool { return c.form != nil && c.form.asksWho() })
	var best []*control
	most := 0
	for _, c := range all {
		switch score := c.sendsOff(home); {
		case score > most:
			best, most = []*control{c}, score
		case score == most && score > 0 && !c.twin(best[0]):
			best = append(best, c)
		}
	}
	switch {
	case len(best) == 1:
		return best[0], nil
	case len(best) == 0 && len(all) == 1:
		return all[0], nil
	}
	why := "it cannot be told what on the client's page sends the user off"
	if len(best) == 0 && slices.ContainsFunc(p.forms, (*form).asksWho) {
		why = "the client's page asks for a name and password of its own, which nobody knows here"
	}
	lost := p.fault(CannotSee, why)
	lost.Mend = "; name what does by the text on it (--page-label)"
	return nil, lost
}

// asksWho reports a form that asks for something: the user of the API has no answer for the client.
func (f *form) asksWho() bool {
	return slices.ContainsFunc(f.controls, func(c *control) bool { return c.usable() && (c.isText() || c.kind == "password") })
}

// twin reports two controls that do the same, such as a link in the head of a page and its button.
func (c *control) twin(other *control) bool {
	return c.label == other.label || c.href != nil && other.href != nil && c.href.String() == other.href.String()
}

// sendsOff rates a control for sending the user off; zero: nothing speaks for it.
func (c *control) sendsOff(home func(*url.URL) bool) int {
	if c.href != nil && home(c.href) {
		return 100
	}
	said := strings.TrimSpace(c.label + " " + c.aria)
	words := split(uncamel(short(said)))
	switch {
	case len(said) > longLabel || anyOf(words, elsewhere...) || pairs(words, "log", "out") || pairs(words, "sign", "out") || pairs(words, "sign", "up") || decides(c.lean()) && c.lean() < 0:
		return 0
	case anyOf(words, "login", "signin", "logon", "signon") || pairs(words, "sign", "in") || pairs(words, "log", "in"):
		return 80
	case c.lean() == assents:
		return 70
	case anyOf(words, "connect", "link", "with", "using", "start", "begin"):
		return 60
	case c.lean() == weakAssent:
		return 40
	}
	return 0
}

// foreign is a host that is no client's and no API's. Nobody asks for it: its page is made here.
const foreign = "elsewhere.invalid"

// post has a window from elsewhere say something to the opener of a popup, and closes it.
func (e *errand) post(ctx context.Context, opener *chromium.Window, said []string) error {
	if len(said) == 0 {
		return nil
	}
	heard, err := opener.Listens(ctx, "message")
	if err == nil {
		e.mu.Lock()
		e.said = said
		e.mu.Unlock()
		err = e.postFrom(ctx, opener)
	}
	if errors.Is(err, chromium.ErrChanged) {
		return nil // the opener has gone on meanwhile
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.trip.Heard = heard && err == nil
	return err
}

func (e *errand) postFrom(ctx context.Context, opener *chromium.Window) error {
	window, err := opener.Popup(ctx, "https://"+foreign+"/")
	if err != nil {
		return err
	}
	for limit := time.Now().Add(e.live.Patience); !window.State().Closed; {
		if time.Now().After(limit) {
			return errors.New("a window from elsewhere did not close")
		}
		if err := e.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// answerElsewhere is the page of the window from elsewhere.
func (e *errand) answerElsewhere() *chromium.Answer {
	e.mu.Lock()
	said := e.said
	e.mu.Unlock()
	quoted, err := json.Marshal(said)
	if err != nil {
		return nil
	}
	answer := blank()
	answer.Body = append(answer.Body, "<script>for (const said of "+string(quoted)+") opener.postMessage(JSON.parse(said), '*'); setTimeout(close, 50)</script>"...)
	return answer
}
