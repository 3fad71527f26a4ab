package attack

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// progress is what there was since the last Progress.
type progress struct {
	at      time.Duration
	latency *hdrhistogram.Histogram
}

func (c *collector) tell() {
	now := c.run.now()
	if c.watch.Progress == nil {
		return
	}
	p, r := &c.progress, c.result
	c.watch.Progress(Progress{
		Elapsed: now - c.run.plan.WarmUp, Left: max(c.run.end-now, 0),
		Rate: float64(p.latency.TotalCount()) / (now - p.at).Seconds(), P50: us(Quantile(p.latency, .5)), P99: us(Quantile(p.latency, .99)),
		Requests: r.Requests, Errors: r.Errors + r.Beside.Errors, Violations: r.Violations + r.Beside.Violations, Starved: r.Starved,
	})
	p.at = now
	p.latency.Reset()
}

func us(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
