package load

import (
	"sync/atomic"
	"time"
)

// How often something is tried that clients would not do. A share of one in 32 finds what happens once in a while
// within a second at 200/s, and leaves the load what it was.
const (
	checkEvery  = 32
	replayEvery = 32
	raceEvery   = 32

	// Whole answers are held to the document, which takes 10 to 20 µs: all of a kind up to 100 a second, and of more so many.
	readPause = 8 * time.Millisecond   // between two of them, on average
	readAhead = 250 * time.Millisecond // worth of them may be read at once
)

// sampling are the things of which only a few are looked at, whichever worker does it.
type sampling struct {
	issued, refreshed, renewed, refreshing, endings turns
	read                                            [parts]sample
	every                                           bool // answer is read: nothing waits for it
}

// sow has all turns chosen by a run's seed, each of them otherwise.
func (s *sampling) sow(seed int64) {
	all := []*turns{&s.issued, &s.refreshed, &s.renewed, &s.refreshing, &s.endings}
	for i := range s.read {
		all = append(all, &s.read[i].turns)
	}
	for i, each := range all {
		each.seed = mixed(mixed(uint64(seed)) + uint64(i))
	}
}

// turns choose one of so many: of each n in a row one is chosen, by chance. A count alone would be in step with whatever
// the target does every second, fourth or hundredth time, and of two servers behind one address, one of which is broken,
// might see only the other.
type turns struct {
	seed  uint64
	taken atomic.Uint64
}

// one reports whether it is this turn that is chosen among n. The first turn of all is.
func (t *turns) one(n uint64) bool {
	turn := t.taken.Add(1) - 1
	block := turn / n
	return turn%n == mixed(t.seed+block)%n || block == 0 && turn == 0
}

// mixed spreads a number over all bits (the finalizer of SplitMix64).
func mixed(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// sample picks answers that are readPause apart on average, by chance, and may fall behind and catch up by readAhead.
type sample struct {
	turns turns
	next  atomic.Int64 // none is due before, in Unix nanoseconds
}

func (s *sample) due(sent time.Time) bool {
	now, next := sent.UnixNano(), s.next.Load()
	if now < next {
		return false
	}
	pause := mixed(s.turns.seed+s.turns.taken.Add(1)) % uint64(2*readPause)
	return s.next.CompareAndSwap(next, max(next, now-int64(readAhead))+int64(pause))
}
