package load

import (
	"cmp"
	"sync"
	"sync/atomic"
	"time"

	"gonogo/internal/exchange"
	"gonogo/reports"
	"gonogo/specs"
)

// offence is a kind of answer that is a no-go at any speed.
type offence int

const (
	repeated     offence = iota // a token that must be new has been handed out before
	deadAccess                  // an access token does not work while it lives
	deadRefresh                 // a refresh token that nobody has used is refused
	replayed                    // a refresh token that was used works
	raceWon                     // of two refreshes that raced with one token, both won
	outlived                    // an access token works after its end
	falseSuccess                // an error under the status of a success
	emptySuccess                // a success without the tokens that it is about
	undocumented                // a success that the document does not describe
	revived                     // an access token works after it was revoked
	offences
)

var offenceWords = [offences]string{
	repeated:     "a token that must be new was handed out before",
	deadAccess:   "a live access token does not work",
	deadRefresh:  "a refresh token that was never used is refused",
	replayed:     "a refresh token that was used before works",
	raceWon:      "two refreshes that raced with one token both won",
	outlived:     "an access token works after its end",
	falseSuccess: "an error is answered as a success",
	emptySuccess: "a success lacks a token that it should carry",
	undocumented: "a success is not what the document describes",
	revived:      "a revoked access token works",
}

// violation is what a worker saw, in words for a report.
type violation struct {
	kind              offence
	requirement       string
	at                specs.Place
	sent, wanted, got string
}

// offenders counts violations by kind and keeps the first of each with its exchange.
type offenders struct {
	redactor *exchange.Redactor
	started  atomic.Pointer[time.Time] // the run's first intended request

	counts [offences]atomic.Int64
	mu     sync.Mutex
	first  [offences]*reports.LoadViolation
}

// begin says that the run's first intended request is due after the warm-up.
func (o *offenders) begin(warmUp time.Duration) {
	at := time.Now().Add(warmUp)
	o.started.Store(&at)
}

// add counts a violation. The exchange is asked for only when it is the first of its kind.
func (o *offenders) add(v violation, evidence func() *exchange.Exchange) {
	if o.counts[v.kind].Add(1) > 1 {
		return
	}
	x := o.redactor.Evidence(evidence(), *o.started.Load())
	found := &reports.LoadViolation{Kind: offenceWords[v.kind], Requirement: v.requirement, Exchange: &x, Finding: reports.Finding{
		Requirement: v.requirement, Sent: v.sent, Wanted: v.wanted, Got: o.redactor.Answer(v.got), Where: v.at.String(), Exchange: reports.At(0),
	}}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.first[v.kind] = found
}

// list are the first of each kind, with how many there were.
func (o *offenders) list() []reports.LoadViolation {
	o.mu.Lock()
	defer o.mu.Unlock()
	var found []reports.LoadViolation
	for kind, first := range o.first {
		if first != nil {
			v := *first
			v.Count = o.counts[kind].Load()
			found = append(found, v)
		}
	}
	return found
}

// requirement is the row that a kind of offence violates at an operation.
func (s *script) requirement(kind offence, e *errand) string {
	switch kind {
	case repeated:
		if e == s.issue {
			return cmp.Or(s.flow("uniqueness").Requirement, e.op.Success)
		}
	case replayed, raceWon:
		return cmp.Or(s.flow("rotation").Requirement, e.op.Refused)
	case outlived:
		return cmp.Or(s.expiry(access).Requirement, e.op.Refused)
	case revived:
		return cmp.Or(s.flow("revocation").Requirement, e.op.Refused)
	}
	return e.op.Success
}

// flow is the document's promise of a name; the zero value if it makes none.
func (s *script) flow(name string) specs.Flow {
	for _, flow := range s.dialect.Flows {
		if flow.Name == name {
			return flow
		}
	}
	return specs.Flow{}
}

// expiry is the document's promise that a kind of token ends.
func (s *script) expiry(kind string) specs.Flow {
	for _, flow := range s.dialect.Flows {
		if flow.Name == "expiry" && flow.Token == kind {
			return flow
		}
	}
	return specs.Flow{}
}
