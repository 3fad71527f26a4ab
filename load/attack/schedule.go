package attack

import (
	"math"
	"sync"
	"time"
)

// Pace says when the requests of a run are due. The zero value is as fast as the connections allow.
type Pace struct {
	Begin float64 // requests in a second at the run's begin; a warm-up keeps to it

	// Due is when the n-th request is due, counted from 0 and from the run's begin, and no earlier than the one before.
	// ok is false when there is none any more.
	Due func(n uint64) (at time.Duration, ok bool)
}

// Constant is the same rate all the time, and as fast as the connections allow if it is 0. Its first request is due at
// once and not after one interval, so that n seconds hold n times the rate.
func Constant(rate float64) Pace {
	if rate == 0 {
		return Pace{}
	}
	return Pace{rate, func(n uint64) (time.Duration, bool) { return Moment(float64(n) / rate), true }}
}

// Moment is a number of seconds to the nearest nanosecond. One that is cut off lets a request into a run that was due at
// its end.
func Moment(seconds float64) time.Duration { return time.Duration(math.Round(seconds * 1e9)) }

// schedule hands out the moments at which requests are to be sent, in order, to whichever connection is free. When one is
// due depends on nothing that happens: a schedule that was late with what it hands out would hide what made it late.
//
// One lock for all connections is enough: it is held for 20 ns, so 100,000 requests a second keep it busy for 0.2 % of
// the time.
type schedule struct {
	mu     sync.Mutex
	pace   Pace
	warm   time.Duration // the run's begin
	end    time.Duration // of the run, from there
	taken  uint64        // of the current phase
	at     time.Duration // in the current phase
	warmed bool
	over   bool
}

func newSchedule(pace Pace, warmUp, duration time.Duration) *schedule {
	return &schedule{pace: pace, warm: warmUp, end: duration, warmed: warmUp <= 0}
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
		at := Moment(float64(s.taken) / s.pace.Begin)
		if s.taken++; at < s.warm {
			return at, true
		}
		s.warmed, s.taken = true, 0
	}
	if at, ok := s.pace.Due(s.taken); ok && at < s.end {
		s.at = max(s.at, at)
		s.taken++
		return s.warm + s.at, true
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
