package attack_test

import (
	"bufio"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gonogo/internal/wire"
	"gonogo/load/attack"
)

// thread is a chain of requests, each due a step after the one before it.
type thread struct {
	begins, step time.Duration
	left         int
	answered     []time.Duration
}

func (c *thread) Next(answered time.Duration) (time.Duration, bool) {
	c.answered = append(c.answered, answered)
	if c.left--; c.left <= 0 {
		return 0, false
	}
	return c.begins + time.Duration(len(c.answered))*c.step, true
}

// follower has one chain at a time, and notes that no two connections have the same.
type follower struct {
	poster
	at   *thread
	busy *sync.Map
	t    *testing.T
}

func (f *follower) Follow(c attack.Chain) { f.at = c.(*thread) }

func (f *follower) Fill(request *wire.Request) (int, bool) {
	if _, twice := f.busy.LoadOrStore(f.at, true); twice {
		f.t.Error("a request of a chain left before the one before it was answered")
	}
	return f.poster.Fill(request)
}

func (f *follower) Judge(answer *wire.Answer, err error, sent time.Time) attack.Verdict {
	f.busy.Delete(f.at)
	return f.poster.Judge(answer, err, sent)
}

// threads is a plan of chains of three requests.
func threads(t *testing.T, url string, rate float64, connections, room int) (attack.Plan, *[]*thread) {
	var mu sync.Mutex
	var all []*thread
	var busy sync.Map
	return attack.Plan{
		Pace: attack.Constant(rate), Duration: time.Second, Tail: 300 * time.Millisecond, Connections: connections, Timeout: 10 * time.Second, Parts: []string{"post"},
		Workers: func(int) attack.Worker { return &follower{poster: poster{url: url + "/token"}, busy: &busy, t: t} },
		Chains: func(begins time.Duration) (attack.Chain, bool) {
			mu.Lock()
			defer mu.Unlock()
			if len(all) >= room {
				return nil, false
			}
			all = append(all, &thread{begins: begins, step: 100 * time.Millisecond, left: 3})
			return all[len(all)-1], true
		},
	}, &all
}

func TestChainsGoOnWhenTheirRequestsAreDue(t *testing.T) {
	server := serveRaw(t, answering(okay))
	for _, connections := range []int{1, 4, 16} {
		p, all := threads(t, server.url.String(), 100, connections, 1000)
		r := run(t, p, over(server.url), attack.Watch{})
		if r.Intended != 300 || r.Requests+r.Unsent != 300 || r.Errors != 0 || len(*all) != 100 || r.Crowded != 0 {
			t.Fatalf("of %d requests %d were sent, %d not; %d errors; %d chains, and %d did not begin", r.Intended, r.Requests, r.Unsent, r.Errors, len(*all), r.Crowded)
		}
		if r.Duration < time.Second || r.Duration > 1300*time.Millisecond {
			t.Errorf("it took %s", r.Duration)
		}
		slices.SortFunc(*all, func(a, b *thread) int { return int(a.begins - b.begins) })
		for i, c := range *all {
			if begins := time.Duration(i) * 10 * time.Millisecond; c.begins != begins {
				t.Fatalf("chain %d begins at %s", i, c.begins)
			}
			for k, at := range c.answered {
				if due := c.begins + time.Duration(k)*c.step; at < due {
					t.Errorf("request %d of a chain was answered %s before it was due", k, due-at)
				}
			}
		}
	}
}

// A server that stands still keeps nothing from being due: what chains would have asked meanwhile waits, and that shows.
func TestChainsShowAStall(t *testing.T) {
	var began sync.Once
	var begin atomic.Int64
	server := serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
		for readRequest(reader) == nil {
			if since := time.Duration(time.Now().UnixNano() - begin.Load()); since > 400*time.Millisecond && since < 900*time.Millisecond {
				time.Sleep(900*time.Millisecond - since)
			}
			if _, err := conn.Write([]byte(okay)); err != nil {
				return
			}
		}
	})
	p, _ := threads(t, server.url.String(), 100, 4, 1000)
	chains := p.Chains
	p.Chains = func(begins time.Duration) (attack.Chain, bool) {
		began.Do(func() { begin.Store(time.Now().UnixNano()) })
		return chains(begins)
	}
	r := run(t, p, over(server.url), attack.Watch{})
	// of 300 requests half a second's share was due in the stall, evenly spread over it
	if r.Requests+r.Unsent != 300 {
		t.Fatalf("%d requests", r.Requests)
	}
	late := int64(0)
	for _, bar := range r.Latency.Distribution() {
		if bar.From >= 100_000 {
			late += bar.Count
		}
	}
	if late < 80 {
		t.Errorf("%d requests took a tenth of a second or more, and 80 and more were due four tenths before the stall was over", late)
	}
}

func TestChainsThatFindNoRoom(t *testing.T) {
	server := serveRaw(t, answering(okay))
	p, all := threads(t, server.url.String(), 100, 4, 30)
	r := run(t, p, over(server.url), attack.Watch{})
	if len(*all) != 30 || r.Crowded != 70 || r.Intended != 90 {
		t.Errorf("%d chains, %d without room, %d requests", len(*all), r.Crowded, r.Intended)
	}
}
