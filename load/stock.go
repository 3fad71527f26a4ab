package load

import (
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// holding is a live access token, and nothing of it changes: many connections present it side by side.
type holding struct {
	access []byte
	ends   time.Time // by our clock; zero: nobody says
}

// stock is the working set: the access tokens that clients hold. Its size is fixed.
type stock struct {
	places []atomic.Pointer[holding]
	oldest atomic.Uint64
}

func newStock(of []*holding) *stock {
	s := &stock{places: make([]atomic.Pointer[holding], len(of))}
	for i, h := range of {
		s.places[i].Store(h)
	}
	return s
}

// put has a token take the place of the one that has been there for longest.
func (s *stock) put(h *holding) {
	if len(s.places) > 0 {
		s.places[(s.oldest.Add(1)-1)%uint64(len(s.places))].Store(h)
	}
}

// margin is how long before its announced end a token is no longer presented: its answer would be the end's matter,
// and a target's clock may stand a second or two from ours.
const margin = 3 * time.Second

// most is how many places are tried for a token that lives: if so many in a row have ended, all have.
const most = 16

// at is the token of a place, or of one behind it that has not ended; nil if there is none.
func (s *stock) at(i int, now time.Time) *holding {
	for range min(most, len(s.places)) {
		if h := s.places[i%len(s.places)].Load(); h.ends.IsZero() || now.Add(margin).Before(h.ends) {
			return h
		}
		i++
	}
	return nil
}

// picker chooses places of a stock: each as often as any other, or a few of them most of the time.
type picker struct {
	random *rand.Rand
	zipf   *rand.Zipf // nil: uniform
	size   int
}

// The exponent of the Zipf distribution. With 1.1 a tenth of a thousand tokens draws about 70 % of the requests.
const exponent = 1.1

func newPicker(random *rand.Rand, size int, zipf bool) *picker {
	p := &picker{random: random, size: size}
	if zipf && size > 1 {
		p.zipf = rand.NewZipf(random, exponent, 1, uint64(size-1))
	}
	return p
}

func (p *picker) pick() int {
	if p.zipf != nil {
		return int(p.zipf.Uint64())
	}
	return p.random.IntN(max(p.size, 1))
}

// chain is a client that refreshes: its latest pair. One connection at a time has it, so that no refresh token is
// sent twice but on purpose.
type chain struct {
	access, refresh []byte
	doubtful        bool // an answer to its refresh was lost or unclear: the token may have been used

	// Of a client in a storm.
	born  int32 // the phase in which the access token was handed out
	ended bool  // the access token was refused
	lost  bool  // and so was the refresh token
}

// spentToken is a refresh token that was used, for another connection to present again.
type spentToken struct {
	token []byte
	from  int // the connection that used it
}

// duel is a refresh token that two connections present at the same time.
type duel struct {
	token []byte
	from  int
	state atomic.Int32
	wins  atomic.Int32
}

// The states of a duel.
const (
	offered int32 = iota
	accepted
	closed // the first has its answer, and no second came
)

func (d *duel) accept() bool { return d.state.CompareAndSwap(offered, accepted) }

// close ends a duel that nobody has accepted, and reports whether it was one.
func (d *duel) close() bool { return d.state.CompareAndSwap(offered, closed) }
