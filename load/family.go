package load

import (
	"sync/atomic"
	"time"

	"gonogo/internal/client"
)

// family is a client that refreshes: its latest pair. One connection at a time has it, so that no refresh token is
// sent twice but on purpose.
type family struct {
	access, refresh []byte
	ready           time.Time // when every replica knows it; zero: at once
	doubtful        bool      // an answer to its refresh was lost or unclear: the token may have been used
	history         *history  // nil: it is not followed

	// Of a client in a storm.
	born  phase // in which the access token was handed out
	ended bool  // the access token was refused
	lost  bool  // and so was the refresh token
}

func newFamily(g *client.Grant) *family {
	return &family{access: []byte(g.Value(client.Access)), refresh: []byte(g.Value(client.Refresh))}
}

// renew has a family go on with a new pair. A refresh may leave the refresh token as it was.
func (f *family) renew(a, r []byte) {
	f.access, f.doubtful = append(f.access[:0], a...), false
	if len(r) > 0 {
		f.refresh = append(f.refresh[:0], r...)
	}
}

// spareFamilies is how many are kept ready to take the place of one whose token was lost.
const spareFamilies = 64

// put lays something where other connections take it, and reports whether there was room.
func put[T any](into chan T, v T) bool {
	select {
	case into <- v:
		return true
	default:
		return false
	}
}

// take is something that another connection has put there; ok is false if there is nothing.
func take[T any](from chan T) (v T, ok bool) {
	select {
	case v = <-from:
		return v, true
	default:
		return v, false
	}
}

// spentToken is a refresh token that was used, for another connection to present again.
type spentToken struct {
	token   []byte
	from    int       // the connection that used it
	ready   time.Time // when every replica knows that; zero: at once
	history *history
}

// race is a refresh token that two connections present at the same time.
type race struct {
	token []byte
	from  int
	state atomic.Int32
	wins  atomic.Int32

	elsewhere *elsewhere // the other side, where another generator has it; nil: another connection
	history   *history
}

// The states of a race.
const (
	offered int32 = iota
	accepted
	closed // the first has its answer, and no second came
)

func (r *race) accept() bool { return r.state.CompareAndSwap(offered, accepted) }

// close ends a race that nobody has accepted, and reports whether it was one.
func (r *race) close() bool { return r.state.CompareAndSwap(offered, closed) }

// run reports whether two have taken part. Nobody can any more.
func (r *race) run() bool { return !r.close() && r.state.Load() == accepted }
