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
	readEvery   = 64                    // whole answers are held to the document, which takes 10 to 20 µs
	readPause   = 10 * time.Millisecond // between two of them
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

// sample picks one answer in readEvery, and none within readPause of another.
type sample struct {
	turns turns
	last  atomic.Int64 // in Unix nanoseconds
}

func (s *sample) due(sent time.Time) bool {
	if !s.turns.one(readEvery) {
		return false
	}
	now, last := sent.UnixNano(), s.last.Load()
	return now-last >= int64(readPause) && s.last.CompareAndSwap(last, now)
}
