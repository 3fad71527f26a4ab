package attack_test

import (
	"bufio"
	"context"
	"io"
	"math"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gonogo/internal/wire"
	"gonogo/load/attack"
)

func TestSaturating(t *testing.T) {
	server := serveRaw(t, answering(okay))
	for name, pace := range map[string]attack.Pace{"no pace": {}, "a rate of none": attack.Constant(0)} {
		t.Run(name, func(t *testing.T) {
			p := plan(server.url, 0, time.Second, 8)
			p.Pace = pace
			r := run(t, p, over(server.url), attack.Watch{})
			if r.Requests < 100 || r.Errors != 0 || r.Asked() != 0 || r.Unsent != 0 || !r.Saturate {
				t.Errorf("%d requests, %d errors, asked %v, %d unsent", r.Requests, r.Errors, r.Asked(), r.Unsent)
			}
			if r.Lag.TotalCount() != 0 {
				t.Error("nothing was late, since nothing was due")
			}
			if got := r.Achieved(); got > float64(r.Requests)*1.01 || got < float64(r.Requests)/2 { // a busy machine ends late
				t.Errorf("achieved %v/s with %d requests in a second", got, r.Requests)
			}
		})
	}
}

// ramp is 200/s that grow by 200/s each second.
var ramp = attack.Pace{Begin: 200, Due: func(n float64) (time.Duration, bool) {
	return time.Duration((math.Sqrt(200*200+2*200*n) - 200) / 200 * 1e9), true
}}

// stops ends the attack after 100 requests.
var stops = attack.Pace{Begin: 1000, Due: func(n float64) (time.Duration, bool) { return attack.Moment(n / 1000), n < 100 }}

func TestPace(t *testing.T) {
	server := serveRaw(t, answering(okay))
	for _, test := range []struct {
		name    string
		pace    attack.Pace
		seconds []int64
		off     int64 // by which a second's count may miss
	}{
		{"constant", attack.Constant(1000), []int64{1000, 1000}, 0},
		{"a rate that divides no second", attack.Constant(1999), []int64{1999, 1999}, 0},
		{"a rate of no whole number", attack.Constant(100.5), []int64{101, 100}, 0},
		{"ramp", ramp, []int64{300, 500}, 1},
		{"one that stops", stops, []int64{100}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.seconds[0] <= 300 {
				t.Parallel() // it waits
			}
			p := plan(server.url, 0, 2*time.Second, 16)
			p.Pace = test.pace
			r := run(t, p, over(server.url), attack.Watch{})
			if len(r.Seconds) != len(test.seconds) {
				t.Fatalf("%d seconds: %v", len(r.Seconds), r.Seconds)
			}
			var sum, sent, answered int64
			for i, want := range test.seconds {
				s := r.Seconds[i]
				if got := s.Asked; max(got-want, want-got) > test.off {
					t.Errorf("second %d was asked for %d requests; want %d", i, got, want)
				}
				sum, sent, answered = sum+s.Asked, sent+s.Sent, answered+s.Answered
				if s.Sent == 0 || sent > sum || answered > sent {
					t.Errorf("up to second %d %d requests were asked for, %d sent, %d answered", i, sum, sent, answered)
				}
			}
			if r.Intended != sum || r.Requests != sum || r.Asked() != float64(sum)/2 {
				t.Errorf("%d intended, %d requests, %v/s asked", r.Intended, r.Requests, r.Asked())
			}
		})
	}
}

func TestWarmUp(t *testing.T) {
	var got atomic.Int64
	server := serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
		for readRequest(reader) == nil {
			got.Add(1)
			if _, err := io.WriteString(conn, okay); err != nil {
				return
			}
		}
	})
	p := plan(server.url, 0, time.Second, 8)
	p.Pace, p.WarmUp = ramp, 500*time.Millisecond
	began := time.Now()
	r := run(t, p, over(server.url), attack.Watch{})
	if r.WarmUp.Requests != 100 || r.Requests != 300 || got.Load() != 400 || r.Latency.TotalCount() != 300 {
		t.Errorf("%d in the warm-up, %d in the run, %d arrived, %d latencies", r.WarmUp.Requests, r.Requests, got.Load(), r.Latency.TotalCount())
	}
	if off := r.Started.Sub(began); off < p.WarmUp || len(r.Seconds) != 1 {
		t.Errorf("the run began after %s and has %d seconds", off, len(r.Seconds))
	}
}

func TestStarved(t *testing.T) {
	server := serveRaw(t, answering(okay))
	p := plan(server.url, 1000, 500*time.Millisecond, 4)
	var turn atomic.Int64
	p.Workers = func(int) attack.Worker {
		return filler{&poster{url: server.url.String()}, func() bool { return turn.Add(1)%5 != 0 }}
	}
	r := run(t, p, over(server.url), attack.Watch{})
	if r.Starved != 100 || r.Requests != 400 || r.Errors != 0 || r.Intended != 500 || r.Seconds[0].Sent != 400 {
		t.Errorf("%d starved, %d requests, %d errors, %d intended, %+v", r.Starved, r.Requests, r.Errors, r.Intended, r.Seconds)
	}
}

// filler has a request only now and then.
type filler struct {
	*poster
	has func() bool
}

func (f filler) Fill(request *wire.Request) (int, bool) {
	if !f.has() {
		return 0, false
	}
	return f.poster.Fill(request)
}

// Two connections to a server that takes 100 ms cannot send 100 requests in a second, and the rest is told.
func TestUnsent(t *testing.T) {
	t.Parallel() // it waits
	server := serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
		for readRequest(reader) == nil {
			time.Sleep(100 * time.Millisecond) // a slow server
			if _, err := io.WriteString(conn, okay); err != nil {
				return
			}
		}
	})
	r := run(t, plan(server.url, 100, time.Second, 2), over(server.url), attack.Watch{})
	if r.Requests < 20 || r.Requests > 44 || r.Unsent != 100-r.Requests || r.Intended != 100 || r.Asked() != 100 {
		t.Errorf("%d requests, %d unsent of %d", r.Requests, r.Unsent, r.Intended)
	}
	if r.Achieved() > 20.5 {
		t.Errorf("achieved %v/s where 20/s are possible", r.Achieved())
	}
	if slowest := r.Latency.Max(); slowest < 900_000 {
		t.Errorf("the slowest request took %d µs, since it was due", slowest)
	}
	if said := strings.Join(r.Shortfalls(), "; "); !strings.Contains(said, "of 100 intended requests were not sent") {
		t.Error(said)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel() // it waits
	for name, answers := range map[string]int{"stuck connections": 0, "idle connections": 1 << 30} {
		t.Run(name, func(t *testing.T) {
			arrived := make(chan struct{}, 1000)
			server := serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
				for n := 0; readRequest(reader) == nil; n++ {
					arrived <- struct{}{}
					if n < answers {
						_, _ = io.WriteString(conn, okay)
					}
				}
			})
			ctx, cancel := context.WithCancel(t.Context())
			var at time.Time
			go func() {
				for range 4 {
					<-arrived
				}
				at = time.Now()
				cancel()
			}()
			p := plan(server.url, 4, time.Hour, 4)
			p.Timeout = time.Hour
			r, err := attack.Run(ctx, p, over(server.url), attack.Watch{})
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(at); took > 10*time.Second { // of an hour
				t.Errorf("it took %s to stop", took)
			}
			if r.Ended != "the run was stopped" || len(r.Shortfalls()) == 0 || r.Duration > 30*time.Second {
				t.Errorf("ended %q after %s: %q", r.Ended, r.Duration, r.Shortfalls())
			}
			switch {
			case answers == 0 && (r.CutOff != 4 || r.Requests != 0 || r.Errors != 0):
				t.Errorf("%d cut off, %d requests, %d errors", r.CutOff, r.Requests, r.Errors)
			case answers > 0 && r.Requests < 3:
				t.Errorf("%d requests are left of 4", r.Requests)
			}
			if r.Intended != r.Requests+r.CutOff+r.Unsent || r.Intended > 4*30+4 {
				t.Errorf("%d intended, %d requests, %d cut off, %d unsent", r.Intended, r.Requests, r.CutOff, r.Unsent)
			}
		})
	}
}

func TestServerKilled(t *testing.T) {
	t.Parallel() // it waits
	var conns sync.Map
	var got atomic.Int64
	var server *rawServer
	server = serveRaw(t, func(conn net.Conn, reader *bufio.Reader) {
		conns.Store(conn, true)
		for readRequest(reader) == nil {
			if got.Add(1) == 100 {
				_ = server.Close()
				conns.Range(func(conn, _ any) bool { return conn.(net.Conn).Close() == nil })
			}
			_, _ = io.WriteString(conn, okay)
		}
	})
	r := run(t, plan(server.url, 100, time.Hour, 4), over(server.url), attack.Watch{})
	if r.Statuses[200] < 95 || r.Failures[attack.Refused] < 400 {
		t.Errorf("%v %v", r.Statuses, r.Failures)
	}
	if !strings.HasPrefix(r.Ended, "the server could not be reached for 5s (dial tcp 127.0.0.1:") || r.Duration < 5*time.Second || r.Duration > 20*time.Second {
		t.Errorf("ended %q after %s", r.Ended, r.Duration)
	}
}

func TestPlansThatCannotBe(t *testing.T) {
	to := &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	for want, change := range map[string]func(*attack.Plan){
		"an attack needs at least one connection":                       func(p *attack.Plan) { p.Connections = 0 },
		"an attack needs a duration over 0":                             func(p *attack.Plan) { p.Duration = 0 },
		"a warm-up cannot be shorter than nothing":                      func(p *attack.Plan) { p.WarmUp = -1 },
		"an attack needs a timeout over 0 for its answers":              func(p *attack.Plan) { p.Timeout = 0 },
		"an attack needs the names of its parts, not 0 of them":         func(p *attack.Plan) { p.Parts = nil },
		"an attack needs workers":                                       func(p *attack.Plan) { p.Workers = nil },
		"a rate cannot be negative; give how many requests in a second": func(p *attack.Plan) { p.Pace = attack.Constant(-1) },
	} {
		p := plan(to, 10, time.Second, 1)
		change(&p)
		if _, err := attack.Run(t.Context(), p, over(to), attack.Watch{}); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
