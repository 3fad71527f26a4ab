package kit

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// Key is the first half of the SHA-256 of a token, code or session id. A fixed
// size keeps the table free of pointers, which the garbage collector then never
// walks; a hash makes any token format fit, and the store cannot give away what
// it holds. Half of it is enough: a guess hits one of 8 million keys with a
// chance of 2^-105.
type Key struct{ low, high uint64 }

// KeyOf is the key of a token, code or session id.
func KeyOf(token string) Key {
	h := hashOf(token)
	return Key{binary.LittleEndian.Uint64(h[:]), binary.LittleEndian.Uint64(h[8:])}
}

// hashOf hashes a copy on the stack: a conversion to bytes would allocate for
// what is longer than 32 of them, which every token is.
func hashOf(text string) [sha256.Size]byte {
	var space [128]byte
	return sha256.Sum256(append(space[:0], text...))
}

// Entry is a stored value with what the store itself needs to know of it.
type Entry[V any] struct {
	Value   V
	Expires int64 // Unix nanoseconds on the server's clock
	Spent   bool  // a single-use value that was used and is remembered
}

// AliveAt: the value has not expired, or only within the leeway.
func (e Entry[V]) AliveAt(now time.Time, leeway time.Duration) bool {
	return now.UnixNano() < satAdd(e.Expires, int64(leeway))
}

// satAdd keeps "never expires" from wrapping around.
func satAdd(a, b int64) int64 {
	if sum := a + b; b < 0 || sum >= a {
		return sum
	}
	return Never
}

// Never is the expiry of a thing that does not expire.
const Never = int64(^uint64(0) >> 1)

// ErrFull is answered with 503 and Retry-After: forgetting a live token to
// make room would look like a fault of the server.
var ErrFull = errors.New("the store is full")

// shards is chosen so that two cores rarely meet on one lock, and a sweep
// holds up a small part of the store at a time.
const shards = 64

// Store holds what the server remembers between requests: tables in memory,
// each with a lock of its own. Rotation and single use are race-free because of
// Take and Spend alone: of any number of concurrent calls for one key, exactly
// one succeeds.
type Store[V any] struct {
	limit  int64
	count  atomic.Int64
	shards [shards]shard[V]
}

type shard[V any] struct {
	sync.RWMutex
	table[V]
	_ [32]byte // keeps neighbouring locks off one cache line
}

// NewStore makes a store for so many values.
func NewStore[V any](limit int64) *Store[V] { return &Store[V]{limit: limit} }

// shard takes bits of the key that the table leaves alone.
func (s *Store[V]) shard(k Key) *shard[V] { return &s.shards[k.high%shards] }

// Put enters a value, in the place of the one under its key; ErrFull.
func (s *Store[V]) Put(k Key, v V, expires int64) error {
	if s.count.Load() >= s.limit {
		return ErrFull
	}
	e := Entry[V]{Value: v, Expires: expires}
	shard := s.shard(k)
	shard.Lock()
	defer shard.Unlock()
	if there := shard.find(k); there != nil {
		*there = e
		return nil
	}
	shard.add(k, e)
	s.count.Add(1)
	return nil
}

// Enter is Put. Where there is no room, what has expired makes some: nothing that is over keeps people out.
func (s *Store[V]) Enter(k Key, v V, now, expires time.Time) error {
	if s.Put(k, v, expires.UnixNano()) == nil {
		return nil
	}
	s.Sweep(now)
	return s.Put(k, v, expires.UnixNano())
}

// Get finds a value, also one that has expired or was spent.
func (s *Store[V]) Get(k Key) (Entry[V], bool) {
	shard := s.shard(k)
	shard.RLock()
	defer shard.RUnlock()
	if e := shard.find(k); e != nil {
		return *e, true
	}
	return Entry[V]{}, false
}

// Take removes a value that is not spent; only the call that removed it
// answers true.
func (s *Store[V]) Take(k Key) (Entry[V], bool) {
	shard := s.shard(k)
	shard.Lock()
	defer shard.Unlock()
	there := shard.find(k)
	if there == nil {
		return Entry[V]{}, false
	}
	e := *there
	if e.Spent {
		return e, false
	}
	shard.remove(k)
	s.count.Add(-1)
	return e, true
}

// Spend marks a value as used and keeps it, so that a replay can be told from
// a value never seen; first is true for one call only.
func (s *Store[V]) Spend(k Key) (e Entry[V], first bool) {
	shard := s.shard(k)
	shard.Lock()
	defer shard.Unlock()
	there := shard.find(k)
	if there == nil {
		return Entry[V]{}, false
	}
	first = !there.Spent
	there.Spent = true
	return *there, first
}

// SpendOnce is Spend, where only who came first matters.
func (s *Store[V]) SpendOnce(k Key) (first bool) {
	_, first = s.Spend(k)
	return first
}

// DropIf forgets the values that drop picks.
func (s *Store[V]) DropIf(drop func(V) bool) {
	s.each(func(e Entry[V]) bool { return drop(e.Value) })
}

// Sweep forgets what expired before a time.
func (s *Store[V]) Sweep(before time.Time) {
	limit := before.UnixNano()
	s.each(func(e Entry[V]) bool { return e.Expires < limit })
}

// each removes the entries that the function picks, a shard at a time.
func (s *Store[V]) each(remove func(Entry[V]) bool) {
	for i := range s.shards {
		shard := &s.shards[i]
		shard.Lock()
		s.count.Add(-int64(shard.removeIf(remove)))
		shard.Unlock()
	}
}

// Len is how many values there are.
func (s *Store[V]) Len() int { return int(s.count.Load()) }
