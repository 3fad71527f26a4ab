// Package attack sends requests at a pace over a fixed number of connections and measures the answers.
//
// It is an open loop: a request's latency counts from when it was to be sent, whatever held it up. It must never
// know what a request is for or what its answer should have been: a Worker does.
package attack

import (
	"context"
	"io"
	"time"

	"gonogo/internal/wire"
)

// Worker makes the requests of one connection and judges their answers. Each connection has one of its own, called
// from one goroutine, so that a worker needs no lock for what is its own.
type Worker interface {
	// Fill writes the next request, all of it: nothing is added but Host and Content-Length. The request keeps its memory
	// from call to call and has been reset. ok is false when there is nothing to send now (a pool is empty): the intended
	// request counts as starved.
	Fill(request *wire.Request) (part int, ok bool)

	// Judge reads the answer to the request that was filled last. It must not keep any of it, a Settler no longer than until
	// it settles. err is why there was none, a *Failure; then the answer is empty, and what is Good counts as Bad. It is not called for a request that was
	// under way when the attack was stopped.
	Judge(answer *wire.Answer, err error, sent time.Time) Verdict
}

// Settler is a Worker that leaves a part of its judging for later: what is to be looked up in memory that no cache holds
// can be fetched meanwhile, and the server has the next request already.
type Settler interface {
	// Settle ends the judging of the latest answer, which is still there, and says what it is worth if that is less than Judge
	// has said. It is called once for each Judge: when the next request has left, or before the connection rests.
	Settle() Verdict
}

// Doubter is a Worker that wants to be told, before it judges, that the request was sent twice: the target may have
// acted on it twice, and only the second answer came. There are dialects that refresh by GET.
type Doubter interface{ Doubt() }

// Prober is a Worker of what is sent beside the pace, over a connection of its own.
type Prober interface {
	Worker

	// Wait waits until there is something to send, and reports whether there is; not once over is closed.
	Wait(over <-chan struct{}) bool
}

// Verdict is what an answer was worth.
type Verdict uint8

// The verdicts. A violation is an error, too.
const (
	Good Verdict = iota
	Bad
	Violation
)

// Plan is what is asked of an attack.
type Plan struct {
	Pace        Pace
	Duration    time.Duration
	WarmUp      time.Duration // before Duration, at the pace that the run begins with; measured apart
	Connections int
	Timeout     time.Duration // of one answer
	Parts       []string      // names of what Fill returns
	Workers     func(connection int) Worker

	// Chains begins a chain at a moment of the Pace, counted from the run's begin and below 0 in the warm-up; not ok:
	// there is no room for another. The Workers are Followers then. nil: the Pace has single requests.
	Chains func(begins time.Duration) (c Chain, ok bool)
	Tail   time.Duration // how long a chain takes at the most: so much longer than Duration is a run of them

	Beside Prober // optional; no part of its requests is one that a Worker sends

	// Start says when the attack begins, once all connections are there: its moments count from then, even if it is late. Optional: at
	// once. An error is one of Run.
	Start func(ctx context.Context) (time.Time, error)
}

// Watch is what is wanted of an attack beside its result. Each is optional.
type Watch struct {
	// Progress is told how it goes, every so often (0: every second) and at the end, from one goroutine. While it runs
	// nothing is collected, so it is to be quick.
	Progress func(Progress)
	Every    time.Duration

	// Meter counts what comes of the run's requests, beside the result.
	Meter *Meter

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
}
