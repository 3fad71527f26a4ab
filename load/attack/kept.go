package attack

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"
)

// Hit is a request that another generator sent, and what came of it.
type Hit struct {
	At      time.Time // when it left; nobody knows when it was due
	Took    time.Duration
	Part    int // the index of what was asked
	Status  int // of the answer
	Why     Why // there is none
	Verdict Verdict
}

// Sum is the result of an attack that another generator made, of its hits in any order, which it sorts. Latency and service time are
// both from when a request left, and of the generator itself nothing is known.
func Sum(parts []string, hits []Hit) *Result {
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
	r := &run{plan: Plan{Parts: parts}}
	if len(hits) > 0 {
		r.start = hits[0].At
		r.plan.Duration = hits[len(hits)-1].At.Sub(r.start)
		r.end = r.plan.Duration + 1 // the last one is part of it
	}
	c := newCollector(r)
	for _, hit := range hits {
		at := hit.At.Sub(r.start)
		c.take(&record{
			intended: at, free: at, sent: at, answered: at + hit.Took, part: uint16(hit.Part), status: uint16(hit.Status), why: hit.Why, verdict: hit.Verdict,
		})
		for now := int(at / time.Second); c.closed < now; c.closed++ { // no hit of an earlier second follows
			c.seconds[c.closed].close()
		}
	}
	c.sum()
	return c.result
}

// tells are what Go's own HTTP client says of a request without an answer, in the order in which they are looked for.
var tells = []struct {
	text string
	why  Why
}{
	{"connection refused", Refused}, {"no such host", NoName}, {"tls: ", NoTLS}, {"x509: ", NoTLS}, {"Client.Timeout exceeded", TimedOut},
	{"deadline exceeded", TimedOut}, {"i/o timeout", TimedOut}, {"connection reset", Reset}, {"broken pipe", Reset}, {"unexpected EOF", Cut},
	{"malformed HTTP", Unreadable}, {"EOF", Closed}, {"dial ", NotConnected},
}

// WhyOf is why a request has no answer, by the words of a generator that sends with Go's own HTTP client. The words may hold secrets,
// and are in nothing that is returned.
func WhyOf(text string) Why {
	if own := OwnLimit(errors.New(text)); own != Answered {
		return own
	}
	for _, tell := range tells {
		if strings.Contains(text, tell.text) {
			return tell.why
		}
	}
	return Other
}
