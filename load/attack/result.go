package attack

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"gonogo/reports"
)

// Span is a stretch of time. Moments of a result count from the run's first intended request, after the warm-up.
type Span struct{ At, For time.Duration }

// Tally counts requests and what their answers were worth.
type Tally struct{ Requests, Errors, Violations int64 }

func (t *Tally) add(verdict Verdict) {
	t.Requests++
	if verdict != Good {
		t.Errors++
	}
	if verdict == Violation {
		t.Violations++
	}
}

// Part is what came of one kind of request.
type Part struct {
	Name string
	Tally
	Latency, Service *hdrhistogram.Histogram

	beside bool
}

// Result is what an attack measured. Histograms count microseconds. WarmUp is apart; nothing else counts it.
type Result struct {
	Started     time.Time // the run's first intended request
	Duration    time.Duration
	Connections int
	Protocol    string

	Late time.Duration // how much later than Plan.Start says it began

	Ended string // why the attack ended early: a sentence; empty if it did not

	Tally
	WarmUp   Tally
	Beside   Tally // what was sent beside the pace; in its parts and in Statuses and Failures, and nowhere else
	Intended int64 // requests that were to be sent, up to the end
	Answered int64 // requests with an answer, whatever it said
	Starved  int64 // intended ones for which a worker had nothing to send
	Unsent   int64 // intended ones whose turn did not come
	CutOff   int64 // sent, and under way when the attack was stopped
	Crowded  int64 // chains that did not begin, because as many were under way as may be
	Queued   int64 // sent late because every connection was waiting for an answer
	Again    int64 // sent a second time because the server had closed an idle connection
	Surplus  int64 // answers with bytes behind them that belong to none
	Unkept   int64 // not written to Watch.Keep, which was too slow or refused

	KeepErr error // of Watch.Keep

	Unreached time.Duration // how long before the end the server was last reached, if nobody reached it since

	Sending  time.Duration // until the last request left; more than Duration if there was a backlog
	Freed    time.Duration // until the last one had its moment and a free connection, whatever the generator did
	Own      Own           // warm-up included
	Saturate bool
	Chained  bool // requests came in chains, and none before the one before it was answered

	within int64 // answered requests that left within Duration
	ended  int64 // the same with those that came to nothing

	Latency *hdrhistogram.Histogram // from the intended moment
	Service *hdrhistogram.Histogram // from the real one
	Lag     *hdrhistogram.Histogram // how late requests left that had their moment and a free connection: our own doing
	Failed  *hdrhistogram.Histogram // those of Latency that are of errors
	Frozen  []Span
	Bursts  []Burst
	Trend   Trend

	Parts    []Part
	Seconds  []reports.LoadSecond
	Statuses map[int]int64
	Failures map[Why]int64
	Denied   map[Why]int64 // intended requests that this machine had no room to send
	Detail   string        // of the latest connection that could not be made
}

// Asked is the rate that was asked for, on average; 0 if that was as fast as possible.
func (r *Result) Asked() float64 {
	if r.Saturate || r.Duration <= 0 {
		return 0
	}
	return float64(r.Intended) / r.Duration.Seconds()
}

// Achieved is the rate of answers. A run that was behind by half a second at its end has not kept up, and counts what left
// within it: what left later says nothing of the rate that was asked for. Any other counts all that was answered
// and takes until the last request had left, so that a hiccup in the last moment costs nothing.
func (r *Result) Achieved() float64 { return r.each(r.Answered, r.within) }

// Kept is like Achieved, with the requests that have no answer: who sends them on time has kept up, and what a target may
// leave without an answer is a matter of its errors.
func (r *Result) Kept() float64 { return r.each(r.Requests, r.ended) }

func (r *Result) each(n, within int64) float64 {
	over := max(r.Duration, r.Sending)
	if r.Unsent > 0 || r.Sending > r.Duration+grace/2 {
		over, n = r.Duration, within
	}
	if over <= 0 {
		return 0
	}
	return float64(n) / over.Seconds()
}
