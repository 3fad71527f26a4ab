package attack

import (
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Watch is what is wanted of an attack beside its result. Each is optional.
type Watch struct {
	// Progress is told how it goes, every so often (0: every second), from one goroutine. While it runs nothing is
	// collected, so it is to be quick.
	Progress func(Progress)
	Every    time.Duration

	// Keep takes one vegeta Result for each request of the run, in vegeta's gob encoding: the intended moment, the
	// latency from it, the status, no header and no body. It does not slow the attack: what it is too slow for is left
	// out and counted.
	Keep io.Writer

	// Requests says what a part sends, for Keep. URLs are templates or have nothing secret in them.
	Requests []Request
}

// Request is what a part sends.
type Request struct{ Method, URL string }

// Progress is how an attack goes.
type Progress struct {
	Elapsed    time.Duration // of the run; below 0 in the warm-up
	Left       time.Duration
	Rate       float64       // answers in a second, since the last Progress
	P50, P99   time.Duration // of those answers
	Requests   int64         // up to now
	Errors     int64
	Violations int64
	Starved    int64
	Behind     time.Duration // how late the last request left
}

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
	Latency *hdrhistogram.Histogram
}

// Second is a second of the run. A request and what became of it belong to the one in which it was to be sent; but Sent
// and Answered count what happened in this second, so what came after the end is in none.
type Second struct {
	Asked, Sent, Answered, Errors, Violations int64

	P50, P99, Max time.Duration // from the intended moment
}

// Result is what an attack measured. Histograms count microseconds. WarmUp is apart; nothing else counts it.
type Result struct {
	Started     time.Time // the run's first intended request
	Duration    time.Duration
	Connections int
	Protocol    string

	Ended string // why the attack ended early: a sentence; empty if it did not

	Tally
	WarmUp   Tally
	Intended int64 // requests that were to be sent, up to the end
	Answered int64 // requests with an answer, whatever it said
	Starved  int64 // intended ones for which a worker had nothing to send
	Unsent   int64 // intended ones whose turn did not come
	CutOff   int64 // sent, and under way when the attack was stopped
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

	within int64 // answered requests that left within Duration

	Latency *hdrhistogram.Histogram // from the intended moment
	Service *hdrhistogram.Histogram // from the real one
	Lag     *hdrhistogram.Histogram // how late requests left that had their moment and a free connection: our own doing
	Frozen  []Span

	Parts    []Part
	Seconds  []Second
	Statuses map[int]int64
	Failures map[Why]int64
	Detail   string // of the latest connection that could not be made
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
func (r *Result) Achieved() float64 {
	over, n := max(r.Duration, r.Sending), r.Answered
	if r.Unsent > 0 || r.Sending > r.Duration+grace/2 {
		over, n = r.Duration, r.within
	}
	if over <= 0 {
		return 0
	}
	return float64(n) / over.Seconds()
}
