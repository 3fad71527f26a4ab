package consent

import (
	"context"
	"errors"
	"net/url"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/exchange"
)

// sight is what a look at a page saw.
type sight struct {
	html            string
	answer          *exchange.Exchange
	activity, moves int
	busy            bool
}

// look reads what the window shows.
func (l *live) look(ctx context.Context, window *chromium.Window) (*page, sight, error) {
	state := window.State()
	if state.Crashed {
		return nil, sight{}, &Error{Kind: Helper, Why: "the page crashed the browser"}
	}
	ctx, cancel := context.WithTimeout(ctx, l.w.r.Patience)
	defer cancel()
	look, err := window.Look(ctx)
	if err != nil {
		return nil, sight{}, l.stuck(ctx, nil, err)
	}
	at, err := url.Parse(look.URL)
	if err != nil {
		return nil, sight{}, chromium.ErrChanged
	}
	l.mu.Lock()
	answer := l.answered[window]
	l.mu.Unlock()
	busy := state.Busy || !look.Complete || answer == nil && at.Scheme == "about"
	return newLivePage(look, at, answer), sight{look.HTML, answer, state.Activity, state.Moves, busy}, nil
}

// stillness watches how long a page has looked the same.
type stillness struct {
	html     string
	activity int
	begun    time.Time
}

func (s *stillness) since(at sight, p *page) time.Duration {
	if s.begun.IsZero() || at.busy || at.html != s.html || at.activity != s.activity {
		*s = stillness{at.html, at.activity, time.Now()}
	}
	return time.Since(s.begun)
}

// lasts is how long the page must stand still before nothing more is expected of it.
func (p *page) lasts() time.Duration {
	if p.refresh != nil && p.refresh.after <= soon {
		return time.Duration(p.refresh.after*float64(time.Second)) + standstill
	}
	if !p.scripted() {
		return 0
	}
	return standstill
}

// sorry says what kept the browser from going on, in the driver's own words: about a browser that died, nothing
// can be said of the target.
func (l *live) sorry(ctx context.Context, err error) error {
	var lost *Error
	var silent *TransportError
	switch {
	case err == nil, errors.As(err, &lost), errors.As(err, &silent), ctx.Err() != nil:
		return err
	}
	return &Error{Kind: Helper, Why: "the page could not be shown", Err: err}
}

// stuck tells a page that keeps the browser busy from everything else that stops a command.
func (l *live) stuck(ctx context.Context, p *page, err error) error {
	if err == nil || !errors.Is(err, context.DeadlineExceeded) || ctx.Err() == nil {
		return err
	}
	at := ""
	if p != nil {
		at = place(p.url)
	}
	return &Error{Kind: Helper, Why: "the page keeps the browser busy and lets nothing be done", URL: at}
}
