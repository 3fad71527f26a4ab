package attack_test

import (
	"bufio"
	"fmt"
	"math"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"gonogo/load/attack"
)

// witness is a server that writes down when it answered, and may stand still once.
type witness struct {
	*rawServer
	mu      sync.Mutex
	first   time.Time
	answers []time.Time
}

func newWitness(t testing.TB, after, stall time.Duration) *witness {
	w := &witness{}
	w.rawServer = serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
		for readRequest(reader) == nil {
			time.Sleep(w.wait(after, stall))
			if _, err := conn.Write([]byte(okay)); err != nil {
				return
			}
			w.mu.Lock()
			w.answers = append(w.answers, time.Now())
			w.mu.Unlock()
		}
	})
	return w
}

// wait is how long the server still stands still.
func (w *witness) wait(after, stall time.Duration) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.first.IsZero() {
		w.first = time.Now()
	}
	if since := time.Since(w.first); since >= after {
		return after + stall - since
	}
	return 0
}

func (w *witness) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.answers)
}

// latencies are what a client saw whose nth request was due at n intervals, if requests are served in their order.
func (w *witness) latencies(started time.Time, interval time.Duration) []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.SortFunc(w.answers, time.Time.Compare)
	var all []time.Duration
	for i, at := range w.answers {
		all = append(all, at.Sub(started.Add(time.Duration(i)*interval)))
	}
	slices.Sort(all)
	return all
}

// agree compares percentiles with the truth: 3 %, and 20 ms for what a loaded machine takes to hand an answer over. What
// a closed loop would report is off by 800 ms and more.
func agree(t *testing.T, got *hdrhistogram.Histogram, truth []time.Duration, percentiles ...float64) {
	t.Helper()
	for _, p := range percentiles {
		want := truth[min(int(math.Ceil(p/100*float64(len(truth))))-1, len(truth)-1)]
		is := time.Duration(got.ValueAtPercentile(p)) * time.Microsecond
		if off := (is - want).Abs(); off > want*3/100+20*time.Millisecond {
			t.Errorf("p%v is %s; the server's own record says %s", p, is, want)
		}
	}
}

func TestStall(t *testing.T) {
	for _, connections := range []int{16, 64, 1000} {
		t.Run(fmt.Sprint(connections), func(t *testing.T) {
			server := newWitness(t, 1500*time.Millisecond, time.Second)
			r := run(t, plan(server.url, 1000, 4*time.Second, connections), over(server.url), attack.Watch{})
			if r.Requests != 4000 || r.Errors != 0 || r.Unsent != 0 {
				t.Errorf("%d requests of 4000, %d errors, %d unsent", r.Requests, r.Errors, r.Unsent)
			}
			truth := server.latencies(r.Started, time.Millisecond)
			if p99 := truth[len(truth)*99/100]; p99 < 900*time.Millisecond {
				t.Fatalf("the server did not stall: its p99 is %s", p99)
			}
			agree(t, r.Latency, truth, 90, 95, 99)
			agree(t, r.Parts[0].Latency, truth, 99)
			if connections < 1000 {
				// the connections answer for what waited, the harness does not
				if r.Queued < 800 {
					t.Errorf("%d requests waited for a free connection; about %d did", r.Queued, 1000-connections)
				}
				if service := r.Service.ValueAtPercentile(90); service > 500_000 {
					t.Errorf("the service time has the queue in it: p90 is %d µs", service)
				}
			}
			if lag := r.Lag.ValueAtPercentile(99); lag > 300_000 {
				t.Errorf("the server's stall is called the harness's own lag: p99 is %d µs", lag)
			}
			asked, worst := int64(0), time.Duration(0)
			for i, s := range r.Seconds {
				asked += s.Asked
				worst = max(worst, s.Max)
				if s.Asked != 1000 {
					t.Errorf("second %d was asked for %d requests", i, s.Asked)
				}
			}
			if asked != 4000 || worst < 950*time.Millisecond {
				t.Errorf("the seconds hold %d requests, the slowest took %s", asked, worst)
			}
		})
	}
}
