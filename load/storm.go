package load

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"gonogo/internal/client"
)

// storm is the second in which everybody's access token ends: the target's clock is moved, half way through the run,
// past the lifetime of all of them. Clients find out by a refusal, refresh, and go on.
type storm struct {
	after    time.Duration // of the first request
	move     func() error  // moves the clock
	outlives bool          // a refresh token lives on after it
	settle   time.Duration // limits.settle
	families [][]*family   // by connection

	once   sync.Once
	timer  *time.Timer
	phase  atomic.Int32
	failed atomic.Pointer[error]
}

// phase is how far a storm is. While the clock is being moved nobody can say what a token is worth.
type phase = int32

const (
	calm phase = iota
	breaking
	broken
)

// ready is when every replica of the target knows what it was told now; zero: at once.
func (s *storm) ready() time.Time { return after(s.settle) }

func (s *storm) begin() {
	s.once.Do(func() {
		s.timer = time.AfterFunc(s.after, func() {
			s.phase.Store(breaking)
			if err := s.move(); err != nil {
				s.failed.Store(&err)
				return
			}
			s.phase.Store(broken)
		})
	})
}

// ended is why a storm did not come; empty if it did.
func (s *storm) ended() string {
	if s.timer != nil {
		s.timer.Stop()
	}
	switch err := s.failed.Load(); {
	case err != nil:
		return "the target's clock could not be moved: " + (*err).Error()
	case s.phase.Load() != broken:
		return "the run ended before the target's clock was moved"
	}
	return ""
}

// stormUsers are the clients of one connection in a storm, one after the other.
type stormUsers struct {
	*storm
	offer    *offer
	families []*family
	turn     int
}

// next settles what the next client does.
func (u *stormUsers) next(t *task) bool {
	u.begin()
	now := u.phase.Load()
	*t = task{part: usePart}
	for range u.families {
		f := u.families[u.turn%len(u.families)]
		u.turn++
		if f.lost || !known(f.ready) {
			continue
		}
		*t = task{part: usePart, call: u.offer.tries, family: f, history: f.history, storm: u.storm, phase: now, fill: fill{access: f.access, refresh: f.refresh}}
		switch {
		case f.ended:
			t.part, t.call, t.wanted, t.why = refreshPart, u.offer.refresh, tokens, "after the access token has ended"
		case f.born == broken || f.born == calm && now == calm:
			t.wanted, t.why = alive, "with a live access token"
		case f.born == calm && now == broken:
			t.wanted, t.why = dead, fmt.Sprintf("with an access token, %s after its end", client.Leeway)
		default:
			t.wanted = either
		}
		return true
	}
	return false
}

// learn has a client draw its conclusion from an answer.
func (u *stormUsers) learn(t *task, got said, a, r []byte) {
	f := t.family
	switch {
	case t.part == usePart:
		if f.ended = got == no || got == yes && t.wanted == dead; f.ended {
			u.turn-- // it refreshes at once
		}
	case got == yes:
		f.renew(a, r)
		f.ready = u.ready()
		f.ended = false
		if f.born = t.phase; t.moved() {
			f.born = breaking
		}
	case got == nothingSaid:
		f.doubtful = true
	default:
		f.lost = true
	}
}

func (u *stormUsers) leave() {}
