package load

import (
	"encoding/binary"
	"hash/maphash"
	"sync"
	"unsafe"

	"github.com/dchest/siphash"
)

// seen remembers tokens that were handed out, so that one which comes a second time is noticed. Its memory does not
// grow: a token is remembered as 64 bits of a keyed hash, in one of many small sets that forgets its oldest for a
// newer one. So every repeat among the latest tokens is seen, as many as the table has room for, and one of a token
// from before that may not be.
//
// Nobody is accused by chance: the set comes from another 64 bits than what is kept in it. Of ten million tokens the
// chance that any two are taken for one is below 1 in 10^11.
type seen struct {
	place, mark maphash.Seed
	keyed       *[2]uint64 // makes marks and places that others make, too; nil: nobody else looks
	mask        uint64
	sets        []set
	locks       [lockCount]struct {
		sync.Mutex
		_ [56]byte // a cache line each
	}
}

// setSize is how many tokens share a set: with the place of the oldest they fill a cache line, so that a look costs
// one miss.
const setSize = 7

const lockCount = 256

type set struct {
	marks [setSize]uint64
	next  uint64 // the place of the oldest in the lowest byte, and then who was handed which
}

// The sizes of the table, in sets: the largest has room for 3.6 million tokens, and takes 34 MB.
const (
	leastSets = 1 << 11
	mostSets  = 1 << 19
)

// newSeen makes a table for about as many tokens as are expected.
func newSeen(expected int) *seen {
	sets := uint64(leastSets)
	for sets < mostSets && sets*setSize < 2*uint64(max(expected, 0)) {
		sets *= 2
	}
	return &seen{place: maphash.MakeSeed(), mark: maphash.MakeSeed(), mask: sets - 1, sets: make([]set, sets)}
}

// key has all who have the same one make the same fingerprints.
func (s *seen) key(key []byte) {
	s.keyed = &[2]uint64{binary.LittleEndian.Uint64(key), binary.LittleEndian.Uint64(key[8:])}
}

// fingerprint is what is remembered of a token, and what its place follows from.
type fingerprint struct{ mark, at uint64 }

// fingerprint finds a token's place and has it fetched: memory that is not in a cache takes longer than all the rest, so much else
// is best done before add looks into it. A text that is a token of two kinds is two tokens.
func (s *seen) fingerprint(kind int, token []byte) fingerprint {
	var mark, at uint64
	if s.keyed == nil {
		mark, at = maphash.Bytes(s.mark, token), maphash.Bytes(s.place, token)
	} else {
		mark, at = siphash.Hash128(s.keyed[0], s.keyed[1], token)
	}
	mark += uint64(kind) * 0x9e3779b97f4a7c15
	if mark == 0 { // which stands for an empty place
		mark = 1
	}
	prefetch(unsafe.Pointer(&s.sets[at&s.mask]))
	return fingerprint{mark, at}
}

// add remembers a token and reports whether it is new.
func (s *seen) add(t fingerprint) (isNew bool) {
	isNew, _ = s.addOf(t, 0)
	return isNew
}

// addOf is add of a token that somebody was handed; by is who was handed it before.
func (s *seen) addOf(t fingerprint, who byte) (isNew bool, by byte) {
	at := t.at & s.mask
	lock := &s.locks[at%lockCount]
	lock.Lock()
	defer lock.Unlock()
	in := &s.sets[at]
	for i, known := range in.marks {
		if known == t.mark {
			return false, byte(in.next >> (8 + 8*i))
		}
	}
	next := in.next & 0xff
	in.marks[next] = t.mark
	shift := 8 + 8*next
	in.next = in.next&^(0xff<<shift|0xff) | uint64(who)<<shift | (next+1)%setSize
	return true, 0
}
