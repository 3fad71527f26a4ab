package attack

import (
	"iter"
	"math"
	"sync"
	"time"
)

// Pace says when the requests of a run are due. The zero value is as fast as the connections allow.
type Pace struct {
	Begin float64 // requests in a second at the run's begin; a warm-up keeps to it

	// Due is when the n-th request is due, counted from 0 and from the run's begin, and no earlier than the one before.
	// ok is false when there is none any more.
	Due func(n float64) (at time.Duration, ok bool)

	// Gap is how far the n-th request lies behind the one before it, and the first behind the begin, where an even pace
	// has 1. nil is an even pace, whose first request is due at once.
	Gap func(n uint64) float64

	// Turn and Turns have an attack send every Turns-th of these requests, from the Turn-th on, counted over warm-up and run: the
	// others are those of other generators. Turns 0 is all of them.
	Turn, Turns uint64
}

// Constant is the same rate all the time, and as fast as the connections allow if it is 0. Its first request is due at
// once and not after one interval, so that n seconds hold n times the rate.
func Constant(rate float64) Pace {
	if rate == 0 {
		return Pace{}
	}
	return Pace{Begin: rate, Due: func(n float64) (time.Duration, bool) { return Moment(n / rate), true }}
}

// Moment is a number of seconds to the nearest nanosecond. One that is cut off lets a request into a run that was due at
// its end.
func Moment(seconds float64) time.Duration { return time.Duration(math.Round(seconds * 1e9)) }

// Moments are when the requests are due that an attack at the pace sends, from its start on.
func (p Pace) Moments(warmUp, duration time.Duration) iter.Seq[time.Duration] {
	return func(yield func(time.Duration) bool) {
		s := newSchedule(p, warmUp, duration)
		for at, ok := s.next(); ok && yield(at); at, ok = s.next() {
		}
	}
}

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
	taken  uint64        // of both phases
	place  float64       // of the next request in its phase, counted from 0
	at     time.Duration // in the current phase
	warmed bool
	over   bool
}

func newSchedule(pace Pace, warmUp, duration time.Duration) *schedule {
	s := &schedule{pace: pace, warm: warmUp, end: duration, warmed: warmUp <= 0}
	s.begin()
	return s
}

// begin puts the first request of a phase in its place.
func (s *schedule) begin() {
	if s.place = 0; s.pace.Gap != nil {
		s.place = s.pace.Gap(s.taken)
	}
}

// take is on to the next request.
func (s *schedule) take() {
	s.taken++
	if s.pace.Gap == nil {
		s.place++
	} else {
		s.place += s.pace.Gap(s.taken)
	}
}

// next is when the next request is to be sent, counted from the attack's start.
func (s *schedule) next() (at time.Duration, ok bool) {
	s.mu.Lock()
	at, ok = s.step()
	s.mu.Unlock()
	return at, ok
}

// step is on to the next request that is this generator's.
func (s *schedule) step() (at time.Duration, ok bool) {
	for {
		turn := s.taken
		if at, ok = s.pass(); !ok || s.pace.Turns < 2 || turn%s.pace.Turns == s.pace.Turn {
			return at, ok
		}
	}
}

// pass is on to the next request, whosever it is.
func (s *schedule) pass() (time.Duration, bool) {
	if s.over {
		return 0, false
	}
	if !s.warmed {
		at := Moment(s.place / s.pace.Begin)
		if s.take(); at < s.warm {
			return at, true
		}
		s.warmed = true
		s.begin()
	}
	if at, ok := s.pace.Due(s.place); ok && at < s.end {
		s.at = max(s.at, at)
		s.take()
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
