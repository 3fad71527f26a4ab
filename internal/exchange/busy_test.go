package exchange_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"gonogo/internal/exchange"
)

// pipes is a network of memory, on which a bubble's clock decides how long anything takes.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inBubble runs a check against a server in a bubble, where waiting costs nothing.
func inBubble(t *testing.T, handle http.HandlerFunc, o exchange.Options, check func(t *testing.T, c *exchange.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		server := &http.Server{Handler: handle}
		go func() { _ = server.Serve(network) }()
		o.Transport = &http.Transport{DialContext: network.dial}
		c := exchange.NewClient(o)
		knownGood(t, c, "http://target/alive")
		check(t, c)
		c.Close()
		_ = server.Close()
		synctest.Wait()
	})
}

// busyUntil answers a status with a Retry-After so many times, then 200.
func busyUntil(status int, header string, times int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if times--; times < 0 {
			_, _ = io.WriteString(w, "served")
			return
		}
		if header != "absent" {
			w.Header().Set("Retry-After", header)
		}
		w.WriteHeader(status)
	}
}

func TestBusyTargetIsWaitedFor(t *testing.T) {
	t.Parallel()
	date := func(in time.Duration) string {
		// a bubble's time begins at this moment
		return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(in).Format(http.TimeFormat)
	}
	for name, tc := range map[string]struct {
		status int
		header string
		times  int
		want   time.Duration // how long it takes; negative: patience was not enough
	}{
		"seconds":              {429, "7", 1, 7 * time.Second},
		"503":                  {503, "7", 1, 7 * time.Second},
		"all patience":         {429, "45", 1, 45 * time.Second},
		"beyond patience":      {429, "46", 1, -1},
		"in sum beyond":        {429, "20", 3, -1},
		"absent":               {429, "absent", 1, time.Second},
		"zero":                 {429, "0", 1, 100 * time.Millisecond},
		"zero, several times":  {429, "0", 4, 1500 * time.Millisecond},
		"zero, for ever":       {429, "0", 1 << 20, -1},
		"negative":             {429, "-5", 1, time.Second},
		"words":                {429, "soon", 1, time.Second},
		"fraction":             {429, "1.5", 1, time.Second},
		"overflows a duration": {429, "9223372037", 1, -1},
		"overflows an integer": {429, "99999999999999999999999", 1, -1},
		"date":                 {503, date(9 * time.Second), 1, 9 * time.Second},
		"date in the past":     {503, date(-time.Hour), 1, 100 * time.Millisecond},
		"date of a century":    {503, date(99 * 365 * 24 * time.Hour), 1, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			delays := &exchange.Delays{}
			o := exchange.Options{Timeout: 10 * time.Second, Patience: 45 * time.Second, Delays: delays}
			inBubble(t, busyUntil(tc.status, tc.header, tc.times), o, func(t *testing.T, c *exchange.Client) {
				began := time.Now()
				x, err := c.Send(t.Context(), request(t, http.MethodPost, "http://target/", "x"))
				took := time.Since(began)
				var throttled *exchange.Throttled
				switch {
				case tc.want < 0:
					if !errors.As(err, &throttled) || throttled.Status != tc.status || x == nil || x.Status != tc.status {
						t.Errorf("got %+v, %v; want *Throttled with the last answer", x, err)
					}
					if took > 45*time.Second || c.Sent() > 10 {
						t.Errorf("it took %s and %d requests to lose patience", took, c.Sent())
					}
				case err != nil || string(x.Body) != "served" || took != tc.want:
					t.Errorf("got %+v, %v after %s; want an answer after %s", x, err, took, tc.want)
				case tc.times == 1 && !strings.HasSuffix(delays.Note(), "asked once to come back later (429, or 503 with Retry-After), which took "+tc.want.String()),
					tc.times == 4 && !strings.HasSuffix(delays.Note(), "asked 4 times to come back later (429, or 503 with Retry-After), and one request waited "+tc.want.String()+" in all"):
					t.Errorf("after %d delays of %s in all the note is %q", tc.times, tc.want, delays.Note())
				}
			})
		})
	}
}

func TestRetryDateIsReadByTheTargetsOwnClock(t *testing.T) {
	t.Parallel()
	first := true
	handle := func(w http.ResponseWriter, _ *http.Request) {
		if !first {
			return
		}
		first = false
		theirs := time.Now().Add(-3 * time.Hour)
		w.Header().Set("Date", theirs.UTC().Format(http.TimeFormat))
		w.Header().Set("Retry-After", theirs.Add(5*time.Second).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	inBubble(t, handle, exchange.Options{Timeout: time.Second, Patience: time.Minute}, func(t *testing.T, c *exchange.Client) {
		began := time.Now()
		x, err := c.Send(t.Context(), request(t, http.MethodGet, "http://target/", ""))
		if took := time.Since(began); err != nil || x.Status != 200 || took != 5*time.Second {
			t.Errorf("got %+v, %v after %s; want 200 after 5s", x, err, took)
		}
	})
}

func TestPlain503IsAnAnswer(t *testing.T) {
	t.Parallel()
	o := exchange.Options{Timeout: time.Second, Patience: time.Minute}
	inBubble(t, busyUntil(503, "absent", 1), o, func(t *testing.T, c *exchange.Client) {
		x, err := c.Send(t.Context(), request(t, http.MethodGet, "http://target/", ""))
		if err != nil || x.Status != 503 || c.Sent() != 1 {
			t.Errorf("got %+v, %v after %d requests; want the 503", x, err, c.Sent())
		}
	})
}

func TestCancelWhileWaitingForABusyTarget(t *testing.T) {
	t.Parallel()
	o := exchange.Options{Timeout: time.Second, Patience: time.Hour}
	inBubble(t, busyUntil(429, "600", 1), o, func(t *testing.T, c *exchange.Client) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		x, err := c.Send(ctx, request(t, http.MethodGet, "http://target/", ""))
		if !errors.Is(err, context.DeadlineExceeded) || x == nil || x.Status != 429 || time.Since(began) != 3*time.Second {
			t.Errorf("got %+v, %v after %s", x, err, time.Since(began))
		}
	})
}

func TestHangIsAFindingWithinTwoTimeouts(t *testing.T) {
	t.Parallel()
	for name, hang := range map[string]func(http.ResponseWriter){
		"before the head": func(http.ResponseWriter) {},
		"in the body":     func(w http.ResponseWriter) { w.(http.Flusher).Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handle := func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/alive" {
					return
				}
				hang(w)
				<-r.Context().Done()
			}
			inBubble(t, handle, exchange.Options{Timeout: 10 * time.Second}, func(t *testing.T, c *exchange.Client) {
				began := time.Now()
				_, err := c.Send(t.Context(), request(t, http.MethodGet, "http://target/", ""))
				var silent *exchange.NoAnswer
				if took := time.Since(began); !errors.As(err, &silent) || took > 20*time.Second {
					t.Fatalf("got %v after %s; want *NoAnswer after 20s", err, took)
				}
				if want := "no answer came: nothing came within 10s"; err.Error() != want {
					t.Errorf("it says %q, want %q", err, want)
				}
			})
		})
	}
}

func TestEverythingHangs(t *testing.T) {
	t.Parallel()
	handle := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	inBubble(t, handle, exchange.Options{Timeout: 10 * time.Second}, func(t *testing.T, c *exchange.Client) {
		began := time.Now()
		_, err := c.Send(t.Context(), request(t, http.MethodGet, "http://target/", ""))
		if took := time.Since(began); !errors.Is(err, exchange.ErrGone) || took != 30*time.Second {
			t.Errorf("got %v after %s; want ErrGone after three timeouts", err, took)
		}
	})
}

func TestLimiterPaces(t *testing.T) {
	t.Parallel()
	o := exchange.Options{Timeout: time.Second, Limiter: rate.NewLimiter(10, 5)}
	inBubble(t, func(http.ResponseWriter, *http.Request) {}, o, func(t *testing.T, c *exchange.Client) {
		began := time.Now()
		for range 25 {
			x, err := c.Send(t.Context(), request(t, http.MethodGet, "http://target/", ""))
			if err != nil {
				t.Fatal(err)
			}
			if x.Received.Sub(x.Sent) > 50*time.Millisecond {
				t.Fatalf("the wait for the limiter counts as the target's time: %s", x.Received.Sub(x.Sent))
			}
		}
		if took := time.Since(began); took < 2*time.Second || took > 2100*time.Millisecond {
			t.Errorf("a burst of 5 and 20 more at 10 a second took %s, want 2s", took)
		}
	})
}
