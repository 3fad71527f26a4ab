package prove

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"gonogo/internal/embedded"
	"gonogo/reports"
	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
)

// jittery is a way to a server on which all that a client sends takes up to so long, each time another while.
func jittery(tb testing.TB, server string, atMost time.Duration) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", server)
			if err != nil {
				_ = near.Close()
				continue
			}
			go func() { _, _ = io.Copy(near, far); _ = near.Close() }()
			go func() {
				defer func() { _ = far.Close() }()
				buffer := make([]byte, 64<<10)
				for {
					n, err := near.Read(buffer)
					if err != nil {
						return
					}
					time.Sleep(rand.N(atMost)) // what the way takes
					if _, err := far.Write(buffer[:n]); err != nil {
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}

// raced runs the race case of a dialect against a defect, and returns the case with the number of its rounds and the
// spreads of their releases in microseconds.
func raced(tb testing.TB, dialect, id, defect string, jitter time.Duration) (c reports.Case, spreads []int64) {
	tb.Helper()
	d, err := specs.Load(dialect)
	if err != nil {
		tb.Fatal(err)
	}
	server, err := embedded.Start(context.Background(), d, []string{defect}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	defer server.Kill()
	t, err := server.Target()
	if err != nil {
		tb.Fatal(err)
	}
	if jitter > 0 {
		t.BaseURL.Host = jittery(tb, t.BaseURL.Host, jitter)
	}
	plan := catalog.PlanAt(d, t)
	report, err := engine.Run(context.Background(), []engine.Job{{Plan: plan.Only(func(c engine.Case) bool { return c.ID == id }), Target: t}}, engine.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	c = report.Dialects[0].Cases[0]
	members := 0
	for _, x := range c.Exchanges {
		if x.Together == nil {
			continue
		}
		if members++; members == x.Together.Requests {
			spreads, members = append(spreads, x.Together.SpreadUS), 0
		}
	}
	return c, spreads
}

// TestARaceIsWonThroughAJitteryWay: what takes longer than the way spreads requests is seen however busy the machine.
func TestARaceIsWonThroughAJitteryWay(t *testing.T) {
	t.Parallel()
	c, spreads := raced(t, "kitchenhub", "kitchenhub/refresh-rotation/race", "kitchenhub-refresh-race", 20*time.Millisecond)
	if c.Outcome != reports.Fail || len(spreads) == 0 {
		t.Errorf("%s after %d rounds: %s", c.Outcome, len(spreads), c.Reason)
	}
	if c.Exchanges[1].Together == nil || !strings.HasPrefix(c.Exchanges[1].Together.Protocol, "HTTP/") {
		t.Errorf("the evidence does not say how the requests left: %+v", c.Exchanges[1].Together)
	}
}

// BenchmarkNarrowWindow is how often a window of a millisecond is found, in how many rounds at most, and within how many
// microseconds the requests leave. A hundred runs take a quarter of a minute each:
//
//	go test ./internal/prove -run '^$' -bench NarrowWindow -benchtime 100x
func BenchmarkNarrowWindow(b *testing.B) {
	for _, c := range []struct{ name, dialect, id, defect string }{
		{"refresh", "kitchenhub", "kitchenhub/refresh-rotation/race", "kitchenhub-refresh-race-narrow"},
		{"refresh by GET", "kitchenmonki", "kitchenmonki/refresh-rotation/race", "kitchenmonki-refresh-race-narrow"},
	} {
		for _, jitter := range []time.Duration{0, 20 * time.Millisecond} {
			b.Run(c.name+" with jitter "+jitter.String(), func(b *testing.B) {
				var caught, most, total int
				var spreads []int64
				for range b.N {
					got, each := raced(b, c.dialect, c.id, c.defect, jitter)
					if got.Outcome == reports.Fail {
						caught++
					}
					most, total, spreads = max(most, len(each)), total+len(each), append(spreads, each...)
				}
				slices.Sort(spreads)
				within, _ := slices.BinarySearch(spreads, 1001)
				b.ReportMetric(float64(caught)/float64(b.N), "caught/op")
				b.ReportMetric(float64(most), "most-rounds")
				b.ReportMetric(float64(total)/float64(b.N), "rounds/op")
				b.ReportMetric(float64(spreads[len(spreads)/2]), "median-µs")
				b.ReportMetric(100*float64(within)/float64(len(spreads)), "%-under-1ms")
			})
		}
	}
}
