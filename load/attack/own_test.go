package attack_test

import (
	"context"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"gonogo/internal/wire"
	"gonogo/load/attack"
)

// What this machine has no room to send was never sent: it is no request, no error, and no server that is gone.
func TestLimitsOfThisMachineAreNoErrors(t *testing.T) {
	for why, cause := range map[attack.Why]error{
		attack.NoFiles: os.NewSyscallError("socket", syscall.EMFILE), attack.NoPorts: os.NewSyscallError("connect", syscall.EADDRNOTAVAIL), attack.NoMemory: os.NewSyscallError("socket", syscall.ENOBUFS),
	} {
		t.Run(why.String(), func(t *testing.T) {
			server := serveRaw(t, answering(okay))
			var mu sync.Mutex
			made := 0
			room := func(ctx context.Context, network, address string) (net.Conn, error) {
				mu.Lock()
				defer mu.Unlock()
				if made++; made > 2 {
					return nil, &net.OpError{Op: "dial", Net: network, Err: cause}
				}
				var d net.Dialer
				return d.DialContext(ctx, network, address)
			}
			r := run(t, plan(server.url, 400, 500*time.Millisecond, 8), attack.Over(&http.Transport{DialContext: room}, false, server.url), attack.Watch{})
			if r.Intended != 200 || r.Denied[why] == 0 || r.Requests != 200-r.Denied[why] || r.Answered != r.Requests {
				t.Errorf("of %d requests %d were sent, %d answered, and denied were %v", r.Intended, r.Requests, r.Answered, r.Denied)
			}
			if r.Errors != 0 || len(r.Failures) != 0 || r.Ended != "" || r.Latency.TotalCount() != r.Requests {
				t.Errorf("%d errors, failures %v, ended %q, %d times", r.Errors, r.Failures, r.Ended, r.Latency.TotalCount())
			}
		})
	}
}

// A limit that is met while a name is looked up has its cause in the text alone.
func TestALookupThatHasNoRoom(t *testing.T) {
	to := &url.URL{Scheme: "http", Host: "target.example"}
	lookup := func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "dial udp: socket: too many open files", Name: "target.example"}}
	}
	r := run(t, plan(to, 100, 200*time.Millisecond, 2), attack.Over(&http.Transport{DialContext: lookup}, false, to), attack.Watch{})
	if r.Denied[attack.NoFiles] != 20 || r.Requests != 0 || r.Ended != "" {
		t.Errorf("%d requests, denied %v, ended %q", r.Requests, r.Denied, r.Ended)
	}
}

func TestQuantilesAreOfTheNearestRank(t *testing.T) {
	for n := 1; n <= 60; n++ {
		h := hdrhistogram.New(1, 1_000_000, 3)
		for i := 1; i <= n; i++ {
			_ = h.RecordValue(int64(i))
		}
		for _, q := range []float64{0, .25, .5, .9, .95, .99, .999, 1} {
			want := int64(max(math.Ceil(math.Round(q*float64(n)*1e6)/1e6), 1))
			if got := attack.Quantile(h, q); got != want {
				t.Errorf("the %v quantile of 1 to %d is %d, not %d", q, n, got, want)
			}
		}
	}
	if got := attack.Quantile(hdrhistogram.New(1, 10, 3), .5); got != 0 {
		t.Errorf("the median of nothing is %d", got)
	}
}

// A request that is due at the very end belongs to no run, however the moment is rounded.
func TestNoMoreRequestsThanAreDue(t *testing.T) {
	for rate := .1; rate < 1000; rate += 1.7 {
		for _, length := range []float64{1, 2, 3, 5, 10, 60} {
			due := math.Round(rate*length*1e6) / 1e6
			pace, end := attack.Constant(rate), time.Duration(length*1e9)
			n := 0.
			for at, ok := pace.Due(n); ok && at < end; at, ok = pace.Due(n) {
				if n++; n > due+1 {
					break
				}
			}
			if n != math.Ceil(due) {
				t.Fatalf("%v/s for %vs are %v requests, not %v", rate, length, n, math.Ceil(due))
			}
		}
	}
}

// stopping is a worker that stands still once, with all the others, and judges what leaves in the burst after it bad.
type stopping struct {
	poster
	shared *stop
}

type stop struct {
	mu    sync.Mutex
	sent  int
	after int           // how many requests
	still time.Duration // for how long nobody sends anything
	until time.Time
	bad   int // how many of the next answers are errors
	every int // how many answers there are to an error, all the time; 0: there is none
	n     int
}

func (s *stopping) Fill(request *wire.Request) (int, bool) {
	s.shared.mu.Lock()
	if s.shared.sent++; s.shared.sent == s.shared.after {
		s.shared.until = time.Now().Add(s.shared.still)
	}
	until := s.shared.until
	s.shared.mu.Unlock()
	time.Sleep(time.Until(until)) // what is tested is time
	return s.poster.Fill(request)
}

func (s *stopping) Judge(*wire.Answer, error, time.Time) attack.Verdict {
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	if s.shared.n++; s.shared.every > 0 && s.shared.n%s.shared.every == 0 {
		return attack.Bad
	}
	if s.shared.sent > s.shared.after && s.shared.bad > 0 {
		s.shared.bad--
		return attack.Bad
	}
	return attack.Good
}

// A generator that stood still makes up for it at once, and the errors that follow are told apart with their number.
func TestErrorsOfItsOwnBurstsAreToldApart(t *testing.T) {
	server := serveRaw(t, answering(okay))
	for _, c := range []struct {
		name       string
		still      time.Duration
		bad, least int64
	}{{"a burst", 300 * time.Millisecond, 40, 20}, {"more errors than a burst can cause", 50 * time.Millisecond, 700, 2}} {
		t.Run(c.name, func(t *testing.T) {
			shared := &stop{after: 500, still: c.still, bad: int(c.bad)}
			p := plan(server.url, 1000, 2*time.Second, 4)
			p.Workers = func(int) attack.Worker { return &stopping{poster{url: server.url.String()}, shared} }
			r := run(t, p, over(server.url), attack.Watch{})
			var late, errors int64
			for _, burst := range r.Bursts {
				late, errors = late+burst.Requests, errors+burst.Errors
			}
			if late < c.still.Milliseconds()/2 || errors < c.least || errors > min(c.bad, late+late/4) || r.Errors != c.bad {
				t.Errorf("%d requests left late, and of %d errors %d may have come of it: %v", late, r.Errors, errors, r.Bursts)
			}
			if r.Failed.TotalCount() != c.bad || !slices.ContainsFunc(r.Bursts, func(b attack.Burst) bool { return b.For > 0 && b.At >= 0 }) {
				t.Errorf("%d times are of errors, and the bursts are %v", r.Failed.TotalCount(), r.Bursts)
			}
		})
	}
}

// What fails as often as ever is not put down to a burst.
func TestErrorsThatThereAreAnywayAreOfNoBurst(t *testing.T) {
	server := serveRaw(t, answering(okay))
	for _, length := range []time.Duration{700 * time.Millisecond, 4 * time.Second} { // with nothing outside of the burst, and with much
		shared := &stop{after: 200, still: 200 * time.Millisecond, every: 10}
		p := plan(server.url, 1000, length, 4)
		p.Workers = func(int) attack.Worker { return &stopping{poster{url: server.url.String()}, shared} }
		r := run(t, p, over(server.url), attack.Watch{})
		var errors int64
		for _, burst := range r.Bursts {
			errors += burst.Errors
		}
		if r.Errors < 60 || errors > r.Errors/2 {
			t.Errorf("in %s, of %d errors %d are put down to bursts: %v", length, r.Errors, errors, r.Bursts)
		}
	}
}

// Answers that take longer and longer are told from those that do not.
func TestALatencyThatGrowsIsATrend(t *testing.T) {
	server := serveRaw(t, answering(okay))
	for _, c := range []struct {
		name string
		each time.Duration // by which each request takes longer
	}{{"it grows", 200 * time.Microsecond}, {"it does not", 0}} {
		t.Run(c.name, func(t *testing.T) {
			var mu sync.Mutex
			took := time.Duration(0)
			slow := func(ctx context.Context, network, address string) (net.Conn, error) {
				var d net.Dialer
				conn, err := d.DialContext(ctx, network, address)
				return &slowConn{conn, func() {
					mu.Lock()
					took += c.each
					while := took
					mu.Unlock()
					time.Sleep(while)
				}}, err
			}
			r := run(t, plan(server.url, 200, 2*time.Second, 64), attack.Over(&http.Transport{DialContext: slow}, false, server.url), attack.Watch{})
			if grew := r.Trend.Fit > .5 && r.Trend.To > 2*r.Trend.From+20*time.Millisecond; grew != (c.each > 0) {
				t.Errorf("the trend is %+v", r.Trend)
			}
		})
	}
}

// slowConn sleeps before each request.
type slowConn struct {
	net.Conn
	sleep func()
}

func (c *slowConn) Write(b []byte) (int, error) {
	c.sleep()
	return c.Conn.Write(b)
}

// sideways has so many requests beside the pace, every other of which is an error.
type sideways struct {
	poster
	left, sent int
}

func (s *sideways) Wait(over <-chan struct{}) bool {
	if s.left == 0 {
		<-over
		return false
	}
	s.left--
	return true
}

func (s *sideways) Fill(request *wire.Request) (int, bool) {
	_, ok := s.poster.Fill(request)
	return 1, ok
}

func (s *sideways) Judge(*wire.Answer, error, time.Time) attack.Verdict {
	if s.sent++; s.sent%2 == 0 {
		return attack.Bad
	}
	return attack.Good
}

// What is sent beside the pace takes no place of it, and is in none of its times.
func TestRequestsBesideThePace(t *testing.T) {
	server := serveRaw(t, answering(okay))
	p := plan(server.url, 200, time.Second, 4)
	p.Parts = append(p.Parts, "aside")
	p.Beside = &sideways{poster{url: server.url.String()}, 30, 0}
	r := run(t, p, over(server.url), attack.Watch{})
	if r.Intended != 200 || r.Requests != 200 || r.Errors != 0 || r.Beside.Requests != 30 || r.Beside.Errors != 15 {
		t.Errorf("of %d requests %d were sent, and beside them %+v", r.Intended, r.Requests, r.Beside)
	}
	if r.Latency.TotalCount() != 200 || r.Parts[0].Requests != 200 || r.Parts[1].Requests != 30 || r.Parts[1].Latency.TotalCount() != 30 || r.Statuses[200] != 230 {
		t.Errorf("%d times, the parts are %+v, the answers %v", r.Latency.TotalCount(), r.Parts, r.Statuses)
	}
	if r.Achieved() > 200 {
		t.Errorf("%v/s were achieved of 200", r.Achieved())
	}
}
