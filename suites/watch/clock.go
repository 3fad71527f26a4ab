package watch

import (
	"context"
	"errors"
	"time"

	"gonogo/internal/fakeclock"
	"gonogo/internal/lineage"
)

// checkClock wants a command whose clock is moved, and an API whose clock is.
func (c Config) checkClock() error {
	switch {
	case !c.FakeClock:
		return nil
	case c.Command == "":
		return errors.New("--fake-clock is for a command that the watch starts: name it with --run")
	case len(c.Lifetimes) > 0:
		return errors.New("--fake-clock moves the client's clock with the API's, and with --lifetime nobody moves that: choose one")
	case c.Target.Clock == nil:
		return errors.New("--fake-clock moves the client's clock with the API's, and the target file has no clock.advance that moves that")
	}
	return nil
}

// giveClock makes the clock that the command is given, where this machine has one.
func (w *watched) giveClock() {
	if !w.config.FakeClock {
		return
	}
	var err error
	if w.given, err = fakeclock.New(); err != nil {
		w.unfake = "the client's clock is not moved: " + err.Error()
	}
}

// probeClock moves the client's clock from now on, if it obeys: what its command consists of is tried, as it is when it has begun to call.
func (w *watched) probeClock(ctx context.Context) {
	if w.given == nil || w.process == nil {
		return
	}
	if err := w.given.Obeyed(ctx, w.process.Programs()); err != nil {
		w.unfake = "the client's clock is not moved: " + err.Error()
		return
	}
	w.fake = w.given
}

// takeClock removes it.
func (w *watched) takeClock() {
	if w.given != nil {
		w.given.Close()
	}
}

// moveFake has the client's clock show the API's time.
func (s *stage) moveFake() error {
	if s.fake == nil {
		return nil
	}
	return s.fake.Set(time.Until(s.now()))
}

// knowsTime reports whether the client has the API's time: it asks for it, or its own clock is moved with the API's.
func (s *stage) knowsTime() bool { return s.fake != nil || s.asksTime() }

// looks gives a client that has the API's time the chance to see what that is, and then to do what it does of it. One that did not ask before
// the end of another token is not waited for again. When a client looks at its own clock nobody sees, but that it has new tokens.
func (s *stage) looks(ctx context.Context, c *scene, within time.Duration) bool {
	since := time.Now()
	if s.fake != nil {
		s.await(ctx, within, func(e *lineage.Event) bool { return e.Arrived.After(since) && tokenCall(e) && e.OK() })
		s.settle(ctx, c)
		return true
	}
	looked := s.asksTime() && !s.blind && s.heard.looksAt(ctx, since, within)
	s.settle(ctx, c)
	return looked || s.heard.looksAt(ctx, since, 0)
}
