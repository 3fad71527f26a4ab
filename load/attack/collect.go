package attack

import (
	"context"
	"fmt"
	"time"
)

const (
	// sweep is how often the collector comes for the records.
	sweep = 100 * time.Millisecond

	// unreachable is for how long, and minFailures how often, nothing but a failure to connect must be seen before the
	// server counts as gone. A restart takes less, and is worth measuring.
	unreachable = 5 * time.Second
	minFailures = 3

	// waited is for how long a request must have waited for a free connection to be counted. Less is lost in what a
	// timer is late by.
	waited = time.Millisecond
)

// collector turns records into a result, in a goroutine of its own.
type collector struct {
	run       *run
	recorders []*recorder
	full      <-chan struct{} // a recorder is
	watch     Watch
	stop      context.CancelFunc
	done      chan struct{}
	gone      chan struct{}

	result   *Result
	seconds  []*second
	closed   int // how many of them are
	statuses [1000]int64
	failures [whys]int64
	gaps     []*gap
	tenths   []tenth
	spare    []record
	keeper   *keeper
	ended    string

	reached  time.Duration // when the server last was
	failed   int           // connections that could not be made since
	progress progress
	self     *selfWatch
}

func collect(r *run, recorders []*recorder, full <-chan struct{}, watch Watch, stop context.CancelFunc) *collector {
	c := newCollector(r)
	c.recorders, c.full, c.watch, c.stop = recorders, full, watch, stop
	c.done, c.gone = make(chan struct{}), make(chan struct{})
	c.self = watchSelf()
	if watch.Keep != nil {
		c.keeper = keep(watch, r)
	}
	if c.watch.Every <= 0 {
		c.watch.Every = time.Second
	}
	go c.loop()
	return c
}

// newCollector makes a collector that has taken nothing yet.
func newCollector(r *run) *collector {
	c := &collector{
		run: r,
		result: &Result{
			Started: r.start.Add(r.plan.WarmUp), Duration: r.plan.Duration + r.plan.Tail, Connections: r.plan.Connections, Saturate: r.plan.Pace.Due == nil, Chained: r.plan.Chains != nil,
			Latency: newHistogram(runDigits), Service: newHistogram(runDigits), Lag: newHistogram(runDigits),
			Failed: newHistogram(runDigits), Statuses: map[int]int64{}, Failures: map[Why]int64{}, Denied: map[Why]int64{},
		},
		progress: progress{latency: newHistogram(secondDigits)},
	}
	for _, name := range r.plan.Parts {
		c.result.Parts = append(c.result.Parts, Part{Name: name, Latency: newHistogram(runDigits), Service: newHistogram(runDigits)})
	}
	return c
}

func (c *collector) loop() {
	defer close(c.gone)
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	before := c.run.now()
	for swept := before; ; {
		called := false
		select {
		case <-c.done:
			c.notice(before)
			c.sweep()
			c.tell()
			return
		case <-c.full:
			called = true
		case <-ticker.C:
		}
		before = c.notice(before)
		if called || before-swept >= sweep {
			swept = before
			c.sweep()
			if c.run.now()-c.progress.at >= c.watch.Every {
				c.tell()
			}
		}
	}
}

// notice notes a gap if there was one since the last beat.
func (c *collector) notice(before time.Duration) (now time.Duration) {
	if now = c.run.now(); now-before >= stall {
		c.gaps = append(c.gaps, &gap{from: before, to: now})
	}
	return now
}

func (c *collector) sweep() {
	now := c.run.now()
	for _, recorder := range c.recorders {
		records := recorder.swap(c.spare)
		for i := range records {
			c.take(&records[i])
		}
		c.spare = records[:0]
	}
	c.settle(now)
	c.closeSeconds(now)
	if c.keeper != nil {
		c.keeper.sweep()
	}
	if c.failed >= minFailures && now-c.reached >= unreachable {
		c.ended = fmt.Sprintf("the server could not be reached for %s (%s)", unreachable, c.detail())
		c.stop()
	}
}

func (c *collector) detail() string {
	if latest := c.run.detail.Load(); latest != nil {
		return *latest
	}
	return ""
}

func (c *collector) take(one *record) {
	for _, gap := range c.gaps {
		gap.mark(one.sent)
		gap.mark(one.answered)
	}
	if one.fate == judged && one.why.own() {
		one.fate = denied
	}
	if one.fate == judged {
		if one.why.unreached() {
			c.failed++
		} else {
			c.reached, c.failed = max(c.reached, one.answered), 0
		}
		count(c.progress.latency, one.answered-one.intended)
	}
	at := one.intended - c.run.plan.WarmUp
	if one.beside {
		c.aside(one, at)
		return
	}
	if at < 0 {
		if one.fate == judged {
			c.result.WarmUp.add(one.verdict)
		}
		return
	}
	if one.fate == crowded { // nobody knows what it would have sent
		c.result.Crowded++
		return
	}
	r, second := c.result, c.second(at)
	r.Intended++
	second.Asked++
	switch one.fate {
	case starved:
		r.Starved++
		return
	case unsent:
		r.Unsent++
		return
	case denied:
		r.Denied[one.why]++
		return
	}
	if then := c.then(one.sent); then != nil {
		then.Sent++
	}
	r.Sending = max(r.Sending, one.sent-c.run.plan.WarmUp)
	if one.fate == cutOff {
		r.CutOff++
		return
	}
	r.add(one.verdict)
	if one.sent < c.run.end {
		r.ended++
	}
	part := &r.Parts[one.part]
	part.add(one.verdict)
	if one.also&Again != 0 {
		r.Again++
	}
	if one.also&Surplus != 0 {
		r.Surplus++
	}
	if one.why == Answered {
		r.Answered++
		if one.sent < c.run.end {
			r.within++
		}
		if then := c.then(one.answered); then != nil {
			then.Answered++
		}
		c.statuses[min(int(one.status), len(c.statuses)-1)]++
	} else {
		c.failures[one.why]++
	}
	latency := one.answered - one.intended
	count(part.Latency, latency)
	count(part.Service, one.answered-one.sent)
	if one.verdict != Good {
		count(r.Failed, latency)
	}
	c.mark(one, latency)
	c.watch.Meter.add(one)
	if !r.Saturate {
		count(r.Lag, one.sent-one.free)
		r.Freed = max(r.Freed, one.free-c.run.plan.WarmUp)
		if one.free-one.intended > waited {
			r.Queued++
		}
	}
	second.took(latency, one.verdict)
	if c.keeper != nil {
		c.keeper.add(one)
	}
}

// aside takes what was sent beside the pace.
func (c *collector) aside(one *record, at time.Duration) {
	if one.fate != judged || at < 0 {
		return
	}
	r, part := c.result, &c.result.Parts[one.part]
	r.Beside.add(one.verdict)
	part.add(one.verdict)
	part.beside = true
	count(part.Latency, one.answered-one.intended)
	count(part.Service, one.answered-one.sent)
	c.watch.Meter.add(one)
	if one.why == Answered {
		c.statuses[min(int(one.status), len(c.statuses)-1)]++
	} else {
		c.failures[one.why]++
	}
}

// then is the second in which something happened; nil after the run.
func (c *collector) then(at time.Duration) *second {
	if at >= c.run.end {
		return nil
	}
	return c.second(max(at-c.run.plan.WarmUp, 0))
}

// finish ends the collecting and says what came of it. Every connection has ended by then.
func (c *collector) finish(connections []Connection) *Result {
	close(c.done)
	<-c.gone
	r, run := c.result, c.run
	r.Own = c.self.end()
	r.Bursts = c.bursts()
	r.Trend = c.trend()
	if c.failed >= minFailures {
		r.Unreached = run.now() - c.reached
	}
	over := min(run.now(), run.end)
	if run.agenda != nil { // chains may be over before they would have been at the most
		r.Duration = max(over-run.plan.WarmUp, run.plan.Duration)
	}
	if run.stopped.Load() {
		r.Duration = max(over-run.plan.WarmUp, 0)
		if r.Ended = c.ended; r.Ended == "" {
			r.Ended = "the run was stopped"
		}
	}
	if times := run.times(); times != nil {
		times.rest(over, func(at time.Duration) {
			if at -= run.plan.WarmUp; at >= 0 {
				r.Intended++
				r.Unsent++
				c.second(at).Asked++
			}
		})
	}
	for _, gap := range c.gaps {
		c.freeze(gap)
	}
	r.Detail = c.detail()
	c.sum()
	for _, connection := range connections {
		if r.Protocol = connection.Protocol(); r.Protocol != "" {
			break
		}
	}
	if c.keeper != nil {
		r.Unkept, r.KeepErr = c.keeper.close()
	}
	return r
}

// sum adds up what was taken.
func (c *collector) sum() {
	r := c.result
	for _, part := range r.Parts {
		if part.beside {
			continue
		}
		r.Latency.Merge(part.Latency)
		r.Service.Merge(part.Service)
	}
	for status, n := range c.statuses {
		if n > 0 {
			r.Statuses[status] = n
		}
	}
	for why, n := range c.failures {
		if n > 0 {
			r.Failures[Why(why)] = n
		}
	}
	for _, second := range c.seconds {
		second.close()
		r.Seconds = append(r.Seconds, second.LoadSecond)
	}
}
