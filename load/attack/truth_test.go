package attack_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/tsenart/vegeta/v12/lib"

	"gonogo/internal/wire"
	"gonogo/load/attack"
)

// moments are when something happened, noted from many goroutines.
type moments struct {
	mu sync.Mutex
	at []time.Time
}

func (m *moments) note() {
	m.mu.Lock()
	m.at = append(m.at, time.Now())
	m.mu.Unlock()
}

func (m *moments) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.at)
}

// sorted are all moments, when nothing notes any more.
func (m *moments) sorted() []time.Time {
	slices.SortFunc(m.at, time.Time.Compare)
	return m.at
}

// witness is a server that notes when it is about to answer, and may stand still once.
type witness struct {
	*rawServer
	answers moments
	begin   sync.Once
	first   time.Time
}

func newWitness(t testing.TB, after, stall time.Duration) *witness {
	w := &witness{}
	w.rawServer = serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
		for readRequest(reader) == nil {
			w.begin.Do(func() { w.first = time.Now() })
			if since := time.Since(w.first); since >= after {
				time.Sleep(after + stall - since)
			}
			w.answers.note()
			if _, err := conn.Write([]byte(okay)); err != nil {
				return
			}
		}
	})
	return w
}

// seen is an attack as its own workers and what it kept say it went.
type seen struct {
	Intended, Answered []time.Time // of each request
	Judged             []time.Time // when each was judged, sorted
}

// see attacks a thousand times a second and keeps everything.
func see(t testing.TB, to *url.URL, connections int) (*attack.Result, seen) {
	var kept bytes.Buffer
	var judged moments
	p := plan(to, 1000, 4*time.Second, connections)
	p.Workers = func(int) attack.Worker {
		return &poster{url: to.String(), judge: func(_ *wire.Answer, err error) attack.Verdict {
			judged.note()
			if err != nil {
				return attack.Bad
			}
			return attack.Good
		}}
	}
	r, err := attack.Run(t.Context(), p, over(to), attack.Watch{Keep: &kept})
	if err != nil {
		t.Fatal(err)
	}
	saw := seen{Judged: judged.sorted()}
	for decode := vegeta.NewDecoder(&kept); ; {
		var one vegeta.Result
		if err := decode(&one); err == io.EOF {
			return r, saw
		} else if err != nil {
			t.Fatal(err)
		}
		saw.Intended, saw.Answered = append(saw.Intended, one.Timestamp), append(saw.Answered, one.End())
	}
}

// check compares what was measured with what others wrote down. An answer cannot have come before the server began to
// write it, nor after it was judged; so the nth answer lies between the nth of both, however busy the machine is. The
// intended moments are known. And a percentile of the histogram is the percentile of all of them, within 1 %. slack is
// for clocks of two processes.
func (s *seen) check(t *testing.T, started time.Time, server []time.Time, latency *hdrhistogram.Histogram, slack time.Duration) {
	t.Helper()
	if n := len(s.Intended); n != 4000 || len(server) != n || len(s.Judged) != n || latency.TotalCount() != int64(n) {
		t.Fatalf("%d requests were kept, %d answered by the server, %d judged, %d are in the histogram", n, len(server), len(s.Judged), latency.TotalCount())
	}
	var latencies []time.Duration
	for i := range s.Intended {
		latencies = append(latencies, s.Answered[i].Sub(s.Intended[i]))
	}
	slices.Sort(latencies)
	intended, answered := slices.SortedFunc(slices.Values(s.Intended), time.Time.Compare), slices.SortedFunc(slices.Values(s.Answered), time.Time.Compare)
	for i := range intended {
		if due := started.Add(time.Duration(i) * time.Millisecond); intended[i].Sub(due).Abs() > slack+time.Microsecond {
			t.Fatalf("request %d was due %s from its moment", i, intended[i].Sub(due))
		}
		if early, late := server[i].Sub(answered[i]), answered[i].Sub(s.Judged[i]); early > slack || late > slack {
			t.Fatalf("answer %d counts as come %s before the server sent it, or %s after it was judged", i, early, late)
		}
	}
	for _, p := range []float64{50, 90, 95, 99, 99.9} {
		want := latencies[int(math.Ceil(p/100*float64(len(latencies))))-1]
		is := time.Duration(latency.ValueAtPercentile(p)) * time.Microsecond
		if off := (is - want).Abs(); off > want/100+2*time.Microsecond {
			t.Errorf("p%v is %s in the histogram, %s in truth", p, is, want)
		}
	}
}

func TestStall(t *testing.T) {
	for _, connections := range []int{16, 64, 1000} {
		t.Run(fmt.Sprint(connections), func(t *testing.T) {
			server := newWitness(t, 1500*time.Millisecond, time.Second)
			r, saw := see(t, server.url, connections)
			if r.Requests != 4000 || r.Errors != 0 || r.Unsent != 0 {
				t.Errorf("%d requests of 4000, %d errors, %d unsent", r.Requests, r.Errors, r.Unsent)
			}
			saw.check(t, r.Started, server.answers.sorted(), r.Latency, 0)
			// A thousand requests are due while the server stands still, and wait from 1000 to 0 ms; a busy machine can only
			// add to that. A closed loop would report a millisecond or two.
			for p, least := range map[float64]int64{90: 600_000, 95: 800_000, 99: 960_000} {
				if is := r.Latency.ValueAtPercentile(p); is < least*97/100 {
					t.Errorf("p%v is %d µs; in truth it is %d µs or more", p, is, least)
				}
			}
			if connections < 1000 {
				if r.Queued < 800 {
					t.Errorf("%d requests waited for a free connection; %d did", r.Queued, 1000-connections)
				}
				if service, latency := r.Service.ValueAtPercentile(90), r.Latency.ValueAtPercentile(90); service > latency/2 {
					t.Errorf("the service time has the queue in it: p90 is %d µs, with %d µs of latency", service, latency)
				}
			}
			if lag, latency := r.Lag.ValueAtPercentile(90), r.Latency.ValueAtPercentile(90); lag > latency/2 {
				t.Errorf("the server's stall is called the harness's own lag: p90 is %d µs, with %d µs of latency", lag, latency)
			}
			// The stall is reckoned from the first request, which a busy machine sends late.
			stood := r.Started.Add(2 * time.Second).Sub(server.first.Add(1500 * time.Millisecond))
			if s := r.Seconds[1]; stood > 0 && float64(s.Answered) > float64(s.Asked)*(1-stood.Seconds()/2) {
				t.Errorf("in a second in which the server stood still for %s %d of %d were answered", stood, s.Answered, s.Asked)
			}
			asked, worst := int64(0), time.Duration(0)
			for i, s := range r.Seconds {
				asked += s.Asked
				worst = max(worst, time.Duration(s.Max)*time.Microsecond)
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

// A collector that is held up, here by a slow progress display, is no generator that stands still.
func TestBusyIsNotFrozen(t *testing.T) {
	server := serveRaw(t, answering(okay))
	var from, to time.Time
	r := run(t, plan(server.url, 1000, 2*time.Second, 16), over(server.url), attack.Watch{Progress: func(attack.Progress) {
		if from.IsZero() {
			from = time.Now()
			time.Sleep(400 * time.Millisecond) // what is tested is time
			to = time.Now()
		}
	}})
	if to.IsZero() {
		t.Fatal("no progress was told")
	}
	for _, span := range r.Frozen {
		began := r.Started.Add(span.At)
		if began.Before(to) && began.Add(span.For).After(from) && span.For > 200*time.Millisecond {
			t.Errorf("%v counts as standing still", span)
		}
	}
}
