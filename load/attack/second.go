package attack

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"gonogo/reports"
)

// second is a second of the run while answers to its requests may still come. A request and what became of it belong to the
// one in which it was to be sent; but Sent and Answered count what happened in this second, so what came after the end is
// in none.
type second struct {
	reports.LoadSecond
	latency *hdrhistogram.Histogram // nil: no answer yet, or closed
	sweeps  int                     // since all its requests have been taken
	closed  bool
}

func (s *second) took(latency time.Duration, verdict Verdict) {
	if verdict != Good {
		s.Errors++
	}
	if verdict == Violation {
		s.Violations++
	}
	s.Max = max(s.Max, latency.Microseconds())
	if s.closed {
		return
	}
	if s.latency == nil {
		s.latency = newHistogram(secondDigits)
	}
	count(s.latency, latency)
}

// close leaves the percentiles and lets go of the histogram.
func (s *second) close() {
	if s.latency != nil {
		s.P50, s.P99 = Quantile(s.latency, .5), Quantile(s.latency, .99)
	}
	s.latency, s.closed = nil, true
}

func (c *collector) second(at time.Duration) *second {
	i := int(at / time.Second)
	for len(c.seconds) <= i {
		c.seconds = append(c.seconds, &second{LoadSecond: reports.LoadSecond{Second: len(c.seconds)}})
	}
	return c.seconds[i]
}

// closeSeconds closes those to whose requests no answer can come any more, so that a run of hours does not keep the
// histogram of every second. It counts sweeps and not time: in a stopped process none goes by.
func (c *collector) closeSeconds(now time.Duration) {
	if times := c.run.times(); times != nil {
		now = times.position()
	}
	taken := min(int((now-c.run.plan.WarmUp)/time.Second), len(c.seconds))
	for i := c.closed; i < taken; i++ {
		s := c.seconds[i]
		if s.sweeps++; s.sweeps > int((c.run.plan.Timeout+2*time.Second)/sweep) && i == c.closed {
			s.close()
			c.closed++
		}
	}
}
