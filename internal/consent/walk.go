package consent

import (
	"context"
	"errors"
	"sync"
)

// screen is what the human looks at: one page after the other.
type screen interface {
	// look reads the page that stands there now, and says what may be concluded from it.
	look(ctx context.Context) (*page, readiness, error)
	// act fills in and presses.
	act(ctx context.Context, p *page, m *move) error
	// wait lets a page that is not settled go on for a moment.
	wait(ctx context.Context) error
}

// readiness says how far the page on a screen is.
type readiness int

const (
	moving  readiness = iota // it is still being built
	ready                    // what it asks for may be done; that it asks for nothing means nothing yet
	settled                  // nothing more is expected of it: the walk may end here
	over                     // there is no page any more
)

// maxMoves is how often something is pressed in one walk.
const maxMoves = 30

// walk is one human's way through the pages.
type walk struct {
	human
	progress
	sender   Sender
	language string

	mu         sync.Mutex // a browser asks for several things side by side
	res        Result
	alters     bool  // with what is pressed next
	hops       int   // redirects in a row
	shown      int   // pages
	unanswered error // of a request that a script made: what the page lacks then is no fault of its own
	told       bool  // a page was told who the user is
	ended      bool
	err        error         // with ended
	over       chan struct{} // closed with ended
}

// decide takes a walk, and a second one where the first shows that refusing has to come earlier.
func decide(send Sender, r Request, take func(*walk) error) (Result, error) {
	first, err := newWalk(send, r)
	if err != nil {
		return Result{}, err
	}
	err = take(first)
	res := first.result()
	if err != nil || r.Decision != Deny || res.Redirect == nil || res.Decided || !first.passedRefusal {
		return res, err
	}
	// It came back signed in and never asked: then the refusal was the sign-in page's own "Cancel". Walk again, as
	// another browser would, and press that.
	second, err := newWalk(send, r)
	if err != nil {
		return res, nil
	}
	second.refuseEarly = true
	err = take(second)
	again := second.result()
	if err != nil || again.Redirect == nil {
		return res, nil
	}
	return again, nil
}

// newWalk is a walk that has not begun.
func newWalk(send Sender, r Request) (*walk, error) {
	if r.Authorize == nil || r.Authorize.Host == "" {
		return nil, errors.New("the authorization page has no address")
	}
	back, err := newReturns(r)
	if err != nil {
		return nil, err
	}
	w := &walk{human: human{Request: r, back: back}, sender: send, over: make(chan struct{})}
	if r.Hints.SignInLabel+r.Hints.ApproveLabel+r.Hints.DenyLabel == "" {
		w.language = "en, *;q=0.5" // the words of the lists; with hints, whatever language the person who wrote them saw
	}
	return w, nil
}

// take goes from page to page until the walk is over.
func (w *walk) take(ctx context.Context, s screen) error {
	for moves := 0; ; {
		p, is, err := s.look(ctx)
		switch {
		case err != nil:
			return err
		case is == over:
			w.signedIn = w.signedIn || w.passwordSent
			return nil
		case is >= ready:
			m, after, err := w.judge(p, w.progress)
			if m == nil && is == settled && !w.isOver() {
				w.progress = after
				return w.endOn(p, err)
			}
			if m == nil {
				break
			}
			if err := w.keptHome(p, m); err != nil {
				return err
			}
			if after.decided && !w.decided && w.Pause != nil {
				if err := w.Pause(ctx); err != nil {
					return err
				}
			}
			w.alters = w.Alter != nil && after.decided != w.decided != w.Alter.SignIn
			w.progress = after
			if moves++; moves > maxMoves {
				return &Error{Kind: Loop, Why: "the pages do not end", URL: place(p.url), Page: p.gist()}
			}
			if err := s.act(ctx, p, m); err != nil {
				return err
			}
			continue
		}
		if err := s.wait(ctx); err != nil {
			return err
		}
	}
}

// result is how the walk went.
func (w *walk) result() Result {
	w.mu.Lock()
	defer w.mu.Unlock()
	res := w.res
	res.SignedIn, res.Decided = w.signedIn, w.decided
	return res
}
