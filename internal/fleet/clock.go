package fleet

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// Clock is how well a generator knew the lead's clock.
type Clock struct {
	Ahead  time.Duration // by how much its own was ahead of the lead's, which it allowed for
	Drift  time.Duration // by how much more after the run
	Within time.Duration // by how much that may be wrong: half of the quickest way there and back, of the slower one before and after
}

// The lead is asked for its time so often at the most, and no more once an answer came so soon that it makes no difference.
const (
	mostAsked  = 40
	leastAsked = 8
	soonEnough = 500 * time.Microsecond
)

// reading is a moment by the lead's clock and by this machine's, which only counts on.
type reading struct {
	lead, here time.Time
	within     time.Duration // half of the round trip
}

// at is the lead's time at a moment of this machine, as far as this reading can tell.
func (r reading) at(here time.Time) time.Time { return r.lead.Add(here.Sub(r.here)) }

func (r reading) now() time.Time { return r.at(time.Now()) }

// readClock asks the lead for its time and takes the answer that came soonest.
func readClock(ctx context.Context, conn *nats.Conn) (best reading, err error) {
	for i := range mostAsked {
		asked := time.Now()
		answer, err := conn.RequestWithContext(ctx, clockSubject, nil)
		if err != nil {
			return best, err
		}
		if len(answer.Data) != 8 {
			return best, fmt.Errorf("the lead's time came in %d bytes", len(answer.Data))
		}
		within := time.Since(asked) / 2
		if i == 0 || within < best.within {
			best = reading{time.Unix(0, int64(binary.BigEndian.Uint64(answer.Data))), asked.Add(within), within}
		}
		if i >= leastAsked && best.within < soonEnough {
			break
		}
	}
	return best, nil
}

// tellClock answers with this machine's time, which only counts on, whatever its clock is set to meanwhile.
func tellClock(conn *nats.Conn) error {
	begun := reading{lead: time.Now(), here: time.Now()}
	_, err := conn.Subscribe(clockSubject, func(m *nats.Msg) {
		_ = m.Respond(binary.BigEndian.AppendUint64(nil, uint64(begun.now().UnixNano()))) // who is gone needs none
	})
	return err
}
