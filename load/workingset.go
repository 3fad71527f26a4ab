package load

import (
	"math/rand/v2"
	"sync/atomic"
	"time"

	"gonogo/internal/client"
)

// liveToken is an access token, and nothing of it changes: many connections present it side by side.
type liveToken struct {
	access  []byte
	ends    time.Time // by our clock; zero: nobody says
	ready   time.Time // when every replica knows it; zero: at once
	history *history  // nil: it is not followed
}

func newLiveToken(g *client.Grant) *liveToken {
	token := g.Tokens[client.Access]
	t := &liveToken{access: []byte(token.Value)}
	if token.Lifetime > 0 {
		t.ends = token.Sent.Add(token.Lifetime)
	}
	return t
}

// endsBefore reports whether the token's end is known and comes before a moment.
func (t *liveToken) endsBefore(moment time.Time) bool {
	return !t.ends.IsZero() && !moment.Before(t.ends)
}

// workingSet are the access tokens that clients hold. Its size is fixed.
type workingSet struct {
	places []atomic.Pointer[liveToken]
	oldest atomic.Uint64
}

// put has a token take the place of the one that has been there for longest.
func (s *workingSet) put(t *liveToken) {
	if len(s.places) > 0 {
		s.places[(s.oldest.Add(1)-1)%uint64(len(s.places))].Store(t)
	}
}

// margin is how long before its announced end a token is no longer presented: its answer would be the end's matter,
// and a target's clock may stand a second or two from ours.
const margin = 3 * time.Second

// most is how many places are tried for a token that lives: if so many in a row have ended, all have.
const most = 16

// at is the token of a place, or of one behind it that has not ended and that is known everywhere; nil if there is none.
func (s *workingSet) at(i int, now time.Time) *liveToken {
	for range min(most, len(s.places)) {
		if t := s.places[i%len(s.places)].Load(); !t.endsBefore(now.Add(margin)) && !t.ready.After(now) {
			return t
		}
		i++
	}
	return nil
}

// draw chooses places of a working set: each as often as any other, or a few of them most of the time.
type draw struct {
	random *rand.Rand
	zipf   *rand.Zipf // nil: uniform
	size   int
}

// The exponent of the Zipf distribution. With 1.1 a tenth of a thousand tokens draws about 70 % of the requests.
const exponent = 1.1

func newDraw(random *rand.Rand, size int, zipf bool) *draw {
	d := &draw{random: random, size: size}
	if zipf && size > 1 {
		d.zipf = rand.NewZipf(random, exponent, 1, uint64(size-1))
	}
	return d
}

func (d *draw) next() int {
	if d.zipf != nil {
		return int(d.zipf.Uint64())
	}
	return d.random.IntN(max(d.size, 1))
}
