package watch

import (
	"context"
	"slices"
	"sync"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/front"
	"gonogo/internal/lineage"
	"gonogo/specs"
)

// session is what a client holds of one grant.
type session struct{ access, refresh *lineage.Token }

// held is the session that a situation is played on: a client may hold tokens of its own beside a user's, and what it does with a session
// shows where that can be refreshed. A user's comes first, then the newest; without any, the newest access token is all there is.
func (s *stage) held() (h session) {
	tokens := s.book.Tokens()
	for _, t := range slices.Backward(tokens) {
		live := t.Delivered && t.Replaced == nil && t.Refused == nil && t.Revoked == nil && (t.Ends.IsZero() || t.Ends.After(s.now()))
		if t.Kind == client.Refresh && live && (h.refresh == nil || h.refresh.Grant != specs.RoleExchange && t.Grant == specs.RoleExchange) {
			h.refresh = t
		}
	}
	if h.refresh != nil {
		h.access = s.newestOf(client.Access, h.refresh.Family)
	}
	if h.access == nil {
		h.access = s.book.Newest(client.Access)
	}
	return h
}

// renewed reports whether the client has received a newer token of the same kind and grant.
func (s *stage) renewed(t *lineage.Token) bool {
	return slices.ContainsFunc(s.book.Tokens(), func(other *lineage.Token) bool {
		return other.Kind == t.Kind && other.Grant == t.Grant && other.Delivered && other.Given.Number > t.Given.Number
	})
}

// asksFor reports whether a request asks for tokens of a grant, with a refresh token or from the start.
func asksFor(grant specs.Role) func(*lineage.Event) bool {
	return func(e *lineage.Event) bool { return tokenCall(e) && grantOf(e) == grant }
}

// grantOf is the grant of which a request asks for tokens.
func grantOf(e *lineage.Event) specs.Role {
	if t := e.Of(client.Refresh); refresh(e) && t != nil {
		return t.Grant
	}
	return e.Role()
}

// good is a use that was answered well, with a token of old's grant that is newer.
func good(old *lineage.Token) func(*lineage.Event) bool {
	return func(e *lineage.Event) bool {
		t := e.Of(client.Access)
		return isUse(e) && e.OK() && t != nil && (old == nil || t.Grant == old.Grant && t.Given.Number > old.Given.Number)
	}
}

// well waits until a call is answered well, with a token newer than old, after an exchange. It gives a client that pauses for a while the
// time for it, by the API's clock too.
func (s *stage) well(ctx context.Context, c *scene, old *lineage.Token, after *lineage.Event) bool {
	return s.patient(ctx, c, func(e *lineage.Event) bool { return (after == nil || e.Arrived.After(after.Arrived)) && good(old)(e) }) != nil
}

// resumed waits until the client calls again.
func (s *stage) resumed(ctx context.Context, c *scene, after *lineage.Event) bool {
	return s.patient(ctx, c, func(e *lineage.Event) bool { return e.Arrived.After(after.Done) && isUse(e) }) != nil
}

// longestPause is what a client may pause by the API's clock, and shortly how long it is waited for before that is moved.
const (
	longestPause = time.Minute
	shortly      = 3 * time.Second
)

func (s *stage) patient(ctx context.Context, c *scene, want func(*lineage.Event) bool) *lineage.Event {
	first := min(shortly, c.Patience)
	calling, cancel := s.heard.untilPause(ctx)
	e := s.await(calling, first, want)
	cancel()
	if e != nil {
		return e
	}
	if s.attend(ctx, c) {
		if e := s.await(ctx, first, want); e != nil {
			return e
		}
	}
	if s.clock && ctx.Err() == nil && s.advance(ctx, s.now().Add(longestPause)) != nil {
		return nil
	}
	left := c.Patience - first
	if s.user != nil { // who pauses may want its user only then
		if e := s.await(ctx, first, want); e != nil {
			return e
		}
		if !s.attend(ctx, c) {
			left -= first
		}
	}
	return s.await(ctx, left, want)
}

// bout waits for so many exchanges of a sort since another, or until the client rests: it only asks for the time, or does nothing at all for
// longer than one that goes on needs on a slow machine.
func (s *stage) bout(ctx context.Context, c *scene, since *lineage.Event, n int, which func(*lineage.Event) bool) {
	ctx, stop := context.WithTimeout(ctx, c.Patience)
	defer stop()
	ctx, cancel := s.heard.untilPause(ctx)
	defer cancel()
	seen := map[int]bool{}
	for came := 0; came < n; {
		e := s.await(ctx, shortly, func(e *lineage.Event) bool { return !e.Arrived.Before(since.Arrived) && !seen[e.Number] })
		if e == nil {
			return
		}
		if seen[e.Number] = true; which(e) {
			came++
		}
	}
}

// tokenCall is a request for tokens.
func tokenCall(e *lineage.Event) bool {
	switch e.Role() {
	case specs.RoleIssue, specs.RoleRefresh, specs.RoleExchange:
		return true
	}
	return false
}

func refresh(e *lineage.Event) bool { return e.Role() == specs.RoleRefresh }

// pass lets time pass: what was under way before has arrived then. No event says so.
func pass(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// gate is where exchanges wait until it is opened.
type gate struct {
	opened chan struct{}
	open   func() // once or more
}

func newGate() *gate {
	g := &gate{opened: make(chan struct{})}
	g.open = sync.OnceFunc(func() { close(g.opened) })
	return g
}

func (g *gate) pass(ctx context.Context) {
	select {
	case <-g.opened:
	case <-ctx.Done():
	}
}

// longestCode is how long a code is waited for that a client was given. Most live for less.
const longestCode = time.Minute

// redeemed waits until no code is on its way between a user and the API, for a while after its end: a clock that was moved meanwhile would
// end it, and hide that it came late.
func (s *stage) redeemed(ctx context.Context) {
	for _, a := range s.attempts() {
		left := a.code.Ends.Sub(s.now())
		if a.code.Delivered && a.code.Given.Deed == "" && len(a.exchanges) == 0 && left > 0 {
			s.await(ctx, min(left, longestCode)+shortly, func(e *lineage.Event) bool { return e.Role() == specs.RoleExchange && slices.Contains(e.Shown, a.code) })
		}
	}
}

// atMost does something to the first exchanges of a sort.
func atMost(n int, which func(*lineage.Event) bool, deed front.Deed) func(*lineage.Event) front.Deed {
	left := newCounter(n)
	return func(e *lineage.Event) front.Deed {
		if !which(e) || !left.take() {
			return front.Deed{}
		}
		return deed
	}
}

// of are the kept exchanges of a role.
func (s *stage) of(role specs.Role) []*lineage.Event {
	var found []*lineage.Event
	for _, e := range s.all() {
		if e.Role() == role {
			found = append(found, e)
		}
	}
	return found
}
