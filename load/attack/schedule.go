package attack

import (
	"sync"
	"time"

	"github.com/tsenart/vegeta/v12/lib"
)

// schedule hands out the moments at which requests are to be sent, in order, to whichever connection is free. It asks
// the pacer in the schedule's own time, not in the clock's: a pacer that was asked late would make the schedule late,
// and a latency that counts from a late schedule hides what made it late.
//
// One lock for all connections is enough: it is held for 20 ns, so 100,000 requests a second keep it busy for 0.2 % of
// the time.
type schedule struct {
	mu     sync.Mutex
	pacer  vegeta.Pacer
	warm   time.Duration // the pacer's zero
	end    time.Duration
	hits   uint64        // of the current phase
	at     time.Duration // in the current phase
	warmed bool
	over   bool
}

// The warm-up keeps to the pace that the run begins with.
func newSchedule(pacer vegeta.Pacer, warmUp, duration time.Duration) *schedule {
	return &schedule{pacer: pacer, warm: warmUp, end: duration, warmed: warmUp <= 0}
}

// next is when the next request is to be sent, counted from the attack's start.
func (s *schedule) next() (at time.Duration, ok bool) {
	s.mu.Lock()
	at, ok = s.step()
	s.mu.Unlock()
	return at, ok
}

func (s *schedule) step() (time.Duration, bool) {
	if s.over {
		return 0, false
	}
	if !s.warmed {
		at := s.warm
		if rate := s.pacer.Rate(0); rate > 0 {
			at = time.Duration(float64(s.hits) / rate * 1e9)
		}
		if s.hits++; at < s.warm {
			return at, true
		}
		s.warmed, s.hits = true, 0
	}
	wait, stop := s.pacer.Pace(s.at, s.hits)
	if at := s.at + max(wait, 0); !stop && at < s.end {
		s.at = at
		s.hits++
		return s.warm + at, true
	}
	s.over = true
	return 0, false
}

// rest takes what nobody has taken and is due before a moment, and tells each.
func (s *schedule) rest(before time.Duration, each func(at time.Duration)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		at, ok := s.step()
		if !ok || at >= before {
			return
		}
		each(at)
	}
}

// position is the moment up to which everything has been taken.
func (s *schedule) position() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over:
		return s.warm + s.end
	case !s.warmed:
		return 0
	default:
		return s.warm + s.at
	}
}
