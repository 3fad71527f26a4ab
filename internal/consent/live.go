package consent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/exchange"
)

// Browser is the driver that shows the pages in a real browser, scripts and popup windows included, and reads and
// presses what stands on them as Form does. Every request of theirs still goes through the Sender, and the redirect
// URI is never fetched: the driver itself answers for its host.
func Browser(b *chromium.Browser) Driver { return browserDriver{b} }

type browserDriver struct{ browser *chromium.Browser }

const (
	// blink is how long a page with scripts must not have stirred before it is acted upon: what follows an answer
	// (a script reads it, draws a form) has been seen to take up to 60 ms on a busy machine.
	blink = 120 * time.Millisecond
	// standstill is how long it must not have stirred before the walk is taken to end there: pages wait with a
	// redirect so that people can read "You are being sent back".
	standstill = 1500 * time.Millisecond
	// glance is the pause between two looks at a page that stirs without any request.
	glance = 25 * time.Millisecond
	// leastPatience is how long a page may keep on stirring, however soon its requests are given up: on a machine
	// with two busy cores a new window alone has taken 2 s.
	leastPatience = 10 * time.Second
	// maxMoves is how often something is pressed in one walk.
	maxMoves = 30
)

func (d browserDriver) Decide(ctx context.Context, send Sender, r Request) (Result, error) {
	r.Patience = max(r.Patience, leastPatience)
	return decide(r, func(refuseEarly bool) (*walk, error) {
		w, err := newWalk(send, r, refuseEarly)
		if err != nil {
			return w, err
		}
		l := &live{w: w, send: send, answered: map[*chromium.Window]*exchange.Exchange{}, over: make(chan struct{})}
		err = l.take(ctx, d.browser)
		return w, l.sorry(ctx, err)
	})
}

// live is a walk through pages that a browser shows.
type live struct {
	w      *walk
	send   Sender
	visit  *chromium.Visit
	opener *chromium.Window // the client's page, for a popup

	mu       sync.Mutex // w.res is written by answers too
	answered map[*chromium.Window]*exchange.Exchange
	acted    sight     // the page that was last acted on, as it looked then
	pressed  time.Time // when the last move was made, or the walk began
	began    time.Time // of the first exchange since
	hops     int       // redirects in a row
	lastData error     // of a request that a script made
	err      error
	ended    bool
	over     chan struct{} // closed with ended
}

func (l *live) take(ctx context.Context, in *chromium.Browser) error {
	visit, err := in.Visit(ctx, l)
	if err != nil {
		return err
	}
	l.visit = visit
	defer visit.Close()
	first, err := visit.Open(ctx)
	if err != nil {
		return err
	}
	if l.w.r.Popup {
		if err := l.openPopup(ctx, first); err != nil {
			return err
		}
	} else if err := first.Go(ctx, l.w.r.Authorize.String()); err != nil && !l.isOver() {
		return err
	}
	if err := l.walk(ctx); err != nil || l.opener == nil {
		return err
	}
	return l.handing(ctx)
}

// walk goes from page to page.
func (l *live) walk(ctx context.Context) error {
	for moves := 0; ; moves++ {
		window, p, m, err := l.next(ctx)
		if err != nil || p == nil {
			return err
		}
		if moves == maxMoves {
			return &Error{Kind: Loop, Why: "the pages do not end", URL: place(p.url), Status: p.status, Page: p.gist()}
		}
		l.mu.Lock()
		l.pressed, l.began = time.Now(), time.Time{}
		l.mu.Unlock()
		if err := l.do(ctx, window, p, m); err != nil && !errors.Is(err, chromium.ErrChanged) {
			return err
		}
		if err := l.reacts(ctx, window); err != nil {
			return err
		}
	}
}

// next waits for something to press. A nil page says that the walk is over.
func (l *live) next(ctx context.Context) (*chromium.Window, *page, move, error) {
	limit := time.Now().Add(l.w.r.Patience)
	var still stillness
	for {
		if l.isOver() {
			return nil, nil, move{}, l.end()
		}
		window := l.current()
		if window == nil {
			return nil, nil, move{}, l.end()
		}
		p, at, err := l.look(ctx, window)
		switch {
		case errors.Is(err, chromium.ErrChanged):
			still = stillness{}
		case err != nil:
			return nil, nil, move{}, err
		default:
			quiet := still.since(at, p)
			impatient := time.Now().After(limit)
			enough := time.Duration(0)
			switch {
			case at.html == l.acted.html && at.answer == l.acted.answer:
				enough = standstill // pressed already, and nothing came of it yet
			case p.scripted():
				enough = blink
			}
			if !at.busy && quiet >= enough || impatient {
				m, done, err := l.step(p, quiet >= p.lasts() || impatient)
				if done || err != nil {
					return nil, nil, move{}, err
				}
				if m != nil {
					return window, p, *m, nil
				}
			}
		}
		if err := l.pause(ctx, glance); err != nil {
			return nil, nil, move{}, err
		}
	}
}

// step asks the walk what to do. What would end it counts only when final: a page may still be drawing its form.
func (l *live) step(p *page, final bool) (m *move, done bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return nil, false, nil
	}
	before, res := l.w.progress, *l.w.res
	before.pressed = maps.Clone(before.pressed)
	next, done, err := l.w.step(p)
	if !done && err == nil {
		return &next, false, nil
	}
	if !final {
		l.w.progress, *l.w.res = before, res
		return nil, false, nil
	}
	if err != nil && l.lastData != nil {
		err = l.lastData
	}
	if l.w.res.Redirect == nil && l.w.res.Stray == nil {
		l.w.res.Page = p.gist()
	}
	return nil, done, err
}

// do fills in and presses.
func (l *live) do(ctx context.Context, window *chromium.Window, p *page, m move) error {
	ctx, cancel := context.WithTimeout(ctx, l.w.r.Patience)
	defer cancel()
	var field *control
	if m.form != nil {
		for _, c := range m.form.controls {
			value, filled := m.fill[c]
			if !filled || c.mark == "" {
				continue
			}
			if err := window.Fill(ctx, c.mark, value); err != nil {
				return l.stuck(ctx, p, err)
			}
			field = c
		}
	}
	_, seen, err := l.look(ctx, window)
	if err != nil {
		return err
	}
	l.acted = seen
	for m.button != nil {
		pressed, err := window.Press(ctx, m.button.mark)
		if pressed || err != nil {
			return l.stuck(ctx, p, err)
		}
		// A button may wait for its fields to be looked at.
		if err := l.pause(ctx, glance); err != nil {
			return &Error{Kind: CannotSee, Why: "the button stays disabled", URL: place(p.url), Status: p.status, Page: p.gist(), Buttons: []string{m.button.label}}
		}
	}
	if field != nil {
		return l.stuck(ctx, p, window.Enter(ctx, field.mark))
	}
	return nil
}

// reacts waits until the page does something about what was pressed: a script may think for a while before it asks
// for anything.
func (l *live) reacts(ctx context.Context, window *chromium.Window) error {
	limit := time.Now().Add(l.w.r.Patience)
	windows := len(l.visit.Windows())
	for time.Now().Before(limit) && !l.isOver() {
		if state := window.State(); state.Closed || state.Moves != l.acted.moves || len(l.visit.Windows()) != windows {
			return nil
		}
		if _, seen, err := l.look(ctx, window); errors.Is(err, chromium.ErrChanged) || err == nil && seen.html != l.acted.html {
			return nil
		} else if err != nil {
			return err
		}
		if err := l.pause(ctx, glance); err != nil {
			return err
		}
	}
	return nil
}

// pause waits until something stirs, or for a moment.
func (l *live) pause(ctx context.Context, moment time.Duration) error {
	timer := time.NewTimer(moment)
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

func (l *live) isOver() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

// finish ends the walk. l.mu is held.
func (l *live) finish(err error) {
	if !l.ended {
		l.ended, l.err = true, err
		close(l.over)
	}
}

func (l *live) end() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.w.res.SignedIn = l.w.res.SignedIn || l.w.passwordSent
	return l.err
}
