package consent

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/exchange"
)

// InBrowser is the driver that shows the pages in a real browser, scripts and popup windows included, and reads and
// presses what stands on them as Form does. Every request of theirs still goes through the Sender, and the redirect
// URI is never fetched: the driver itself answers for its host.
func InBrowser(b *chromium.Browser) Driver { return browserDriver{b} }

type browserDriver struct{ browser *chromium.Browser }

const (
	// scriptPause is how long a page with scripts must not have stirred before it is acted upon: what follows an answer
	// (a script reads it, draws a form) has been seen to take up to 60 ms on a busy machine.
	scriptPause = 120 * time.Millisecond
	// endPause is how long it must not have stirred before the walk is taken to end there: pages wait with a
	// redirect so that people can read "You are being sent back".
	endPause = 1500 * time.Millisecond
	// lookPause is the pause between two looks at a page that stirs without any request.
	lookPause = 25 * time.Millisecond
	// leastPatience is how long a page may keep on stirring, however soon its requests are given up: on a machine
	// with two busy cores a new window alone has taken 2 s.
	leastPatience = 10 * time.Second
)

func (d browserDriver) Decide(ctx context.Context, send Sender, r Request) (Result, error) {
	r.Patience = max(r.Patience, leastPatience)
	return decide(send, r, func(w *walk) error {
		l := &live{walk: w, answers: map[*chromium.Window]*exchange.Exchange{}}
		return l.explain(ctx, l.visitAt(ctx, d.browser))
	})
}

// live is a screen of windows that a browser shows.
type live struct {
	*walk
	visit  *chromium.Visit
	opener *chromium.Window // the client's page, for a popup

	window *chromium.Window // that was looked at last
	seen   sight            // what stood in it,
	since  time.Time        // and how long it has looked like that
	limit  time.Time        // when it is taken to stir for ever
	acted  sight            // the page that was last acted on, as it looked then
	idle   bool             // and nothing has come of that yet

	// Under walk.mu.
	answers map[*chromium.Window]*exchange.Exchange // to which each window shows its page
	pressed time.Time                               // when the last move was made, or the walk began
	began   time.Time                               // of the first exchange since
}

// sight is what a look at a page saw.
type sight struct {
	html            string
	answer          *exchange.Exchange
	activity, moves int
	windows         int
	busy            bool
}

func (l *live) visitAt(ctx context.Context, browser *chromium.Browser) error {
	visit, err := browser.Visit(ctx, l)
	if err != nil {
		return err
	}
	l.visit = visit
	defer visit.Close()
	first, err := visit.Open(ctx)
	if err != nil {
		return err
	}
	if l.Popup {
		if err := l.openPopup(ctx, first); err != nil {
			return err
		}
	} else if err := first.Go(ctx, l.Authorize.String()); err != nil && !l.isOver() {
		return err
	}
	l.limit = time.Now().Add(l.Patience)
	if err := l.take(ctx, l); err != nil || l.opener == nil {
		return err
	}
	return l.handing(ctx)
}

func (l *live) look(ctx context.Context) (*page, readiness, error) {
	if l.isOver() {
		return nil, over, l.err
	}
	if l.window = l.current(); l.window == nil {
		return nil, over, nil
	}
	p, at, err := l.read(ctx)
	if errors.Is(err, chromium.ErrChanged) {
		l.since = time.Time{}
		return nil, moving, nil
	}
	if err != nil {
		return nil, moving, err
	}
	if l.idle {
		// A script may think for a while before it asks for anything.
		if at.html == l.acted.html && at.moves == l.acted.moves && at.windows == l.acted.windows && time.Now().Before(l.limit) {
			return p, moving, nil
		}
		l.idle, l.limit = false, time.Now().Add(l.Patience)
	}
	if l.since.IsZero() || at.busy || at.html != l.seen.html || at.activity != l.seen.activity {
		l.since = time.Now()
	}
	l.seen = at
	still, enough := time.Since(l.since), time.Duration(0)
	switch {
	case at.html == l.acted.html && at.answer == l.acted.answer:
		enough = endPause // pressed already, and nothing came of it yet
	case p.scripted():
		enough = scriptPause
	}
	switch {
	case time.Now().After(l.limit):
		return p, settled, nil
	case at.busy || still < enough:
		return p, moving, nil
	case still < p.lasts():
		return p, ready, nil
	}
	return p, settled, nil
}

// current is the window that a human would look at: the one opened last. A page may do its sign-in in another.
func (l *live) current() *chromium.Window {
	windows := l.visit.Windows()
	for i := len(windows) - 1; i >= 0; i-- {
		if windows[i] != l.opener && !windows[i].State().Closed {
			return windows[i]
		}
	}
	return nil
}

// read reads what the window shows.
func (l *live) read(ctx context.Context) (*page, sight, error) {
	state := l.window.State()
	if state.Crashed {
		return nil, sight{}, &Error{Kind: Helper, Why: "the page crashed the browser"}
	}
	ctx, cancel := context.WithTimeout(ctx, l.Patience)
	defer cancel()
	look, err := l.window.Look(ctx)
	if err != nil {
		return nil, sight{}, stuck(ctx, "", err)
	}
	at, err := url.Parse(look.URL)
	if err != nil {
		return nil, sight{}, chromium.ErrChanged
	}
	l.mu.Lock()
	answer := l.answers[l.window]
	l.mu.Unlock()
	busy := state.Busy || !look.Complete || answer == nil && at.Scheme == "about"
	return newLivePage(look, at, answer), sight{look.HTML, answer, state.Activity, state.Moves, len(l.visit.Windows()), busy}, nil
}

// lasts is how long the page must stand still before nothing more is expected of it.
func (p *page) lasts() time.Duration {
	switch {
	case p.refresh != nil && p.refresh.after <= soon:
		return time.Duration(p.refresh.after*float64(time.Second)) + endPause
	case p.scripted():
		return endPause
	}
	return 0
}

func (l *live) act(ctx context.Context, p *page, m *move) error {
	l.mu.Lock()
	l.pressed, l.began = time.Now(), time.Time{}
	l.mu.Unlock()
	err := l.press(ctx, p, m)
	l.idle, l.since, l.limit = err == nil, time.Time{}, time.Now().Add(l.Patience)
	if errors.Is(err, chromium.ErrChanged) {
		return nil
	}
	return err
}

func (l *live) press(ctx context.Context, p *page, m *move) error {
	ctx, cancel := context.WithTimeout(ctx, l.Patience)
	defer cancel()
	var field *control
	if m.form != nil {
		for _, c := range m.form.controls {
			value, filled := m.fill[c]
			if !filled || c.attr(chromium.Mark) == "" {
				continue
			}
			if err := l.window.Fill(ctx, c.attr(chromium.Mark), value); err != nil {
				return stuck(ctx, place(p.url), err)
			}
			field = c
		}
	}
	_, seen, err := l.read(ctx)
	if err != nil {
		return err
	}
	l.acted = seen
	for m.button != nil {
		pressed, err := l.window.Press(ctx, m.button.attr(chromium.Mark))
		if pressed || err != nil {
			return stuck(ctx, place(p.url), err)
		}
		// A button may wait for its fields to be looked at.
		if err := l.wait(ctx); err != nil {
			disabled := p.fault(CannotSee, "the button stays disabled")
			disabled.Buttons = []string{m.button.label}
			return disabled
		}
	}
	if field != nil {
		return stuck(ctx, place(p.url), l.window.Enter(ctx, field.attr(chromium.Mark)))
	}
	return nil
}

// wait waits until something stirs, or for a moment.
func (l *live) wait(ctx context.Context) error {
	timer := time.NewTimer(lookPause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.visit.Stirred():
	case <-l.over:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if l.visit.Lost() {
		return fmt.Errorf("%w: it ended by itself", chromium.ErrLost)
	}
	return nil
}

// explain says what kept the browser from going on, in the driver's own words: about a browser that died, nothing
// can be said of the target.
func (l *live) explain(ctx context.Context, err error) error {
	var lost *Error
	var silent *TransportError
	if err == nil || errors.As(err, &lost) || errors.As(err, &silent) || ctx.Err() != nil {
		return err
	}
	return &Error{Kind: Helper, Why: "the page could not be shown", Err: err}
}

// stuck tells a page that keeps the browser busy from everything else that stops a command.
func stuck(ctx context.Context, at string, err error) error {
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		return &Error{Kind: Helper, Why: "the page keeps the browser busy and lets nothing be done", URL: at}
	}
	return err
}
