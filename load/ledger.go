package load

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/reports"
)

// ledger takes in what is found while a run goes on, from any goroutine: violations, answers that are errors, and what
// is worth knowing. It keeps the first of each kind, redacted.
type ledger struct {
	offer    *offer
	redactor *exchange.Redactor
	began    atomic.Pointer[time.Time] // the run's first intended request

	counts [violations]atomic.Int64
	moved  atomic.Pointer[string]             // why tokens ended that nobody is to blame for; nil: none did
	met    [parts][lastStatus + 1]atomic.Bool // errors, since the attack began

	mu       sync.Mutex
	first    [violations]*reports.LoadViolation
	advice   map[advised]*reports.LoadViolation
	examples []reports.LoadExample
	notes    []string
}

const (
	lastStatus   = 999 // three digits (RFC 9110 section 15)
	mostExamples = 8   // of an attack
)

func newLedger(o *offer, redactor *exchange.Redactor) *ledger {
	l := &ledger{offer: o, redactor: redactor}
	l.begin(0)
	return l
}

// begin says that an attack's first intended request is due after the warm-up. Examples are those of one attack.
func (l *ledger) begin(warmUp time.Duration) {
	at := time.Now().Add(warmUp)
	l.began.Store(&at)
	for p := range l.met {
		for status := range l.met[p] {
			l.met[p][status].Store(false)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.examples = nil
}

// advised is what breaks a row that is too weak for a no-go: good practice, say.
type advised struct {
	kind        violation
	requirement string
}

// violated counts a violation, and reports whether it is one at the level that counts. The exchange is asked for only when
// it is the first of its kind.
func (l *ledger) violated(f finding, evidence func() *exchange.Exchange) bool {
	requirement := cmp.Or(f.row, l.offer.requirement(f.violation, f.call))
	if !l.offer.dialect.Judges(requirement) { // under the profile nobody promises that it does not happen
		return false
	}
	if l.offer.advises(requirement) {
		l.advise(advised{f.violation, requirement}, func() *reports.LoadViolation { return l.found(f, requirement, evidence) })
		return false
	}
	if l.counts[f.violation].Add(1) > 1 {
		return true
	}
	found := l.found(f, requirement, evidence)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.first[f.violation] = found
	return true
}

// excuses reports whether a token ended because somebody else moved the target's clock, which err says.
func (l *ledger) excuses(err error) bool {
	if err == nil {
		return false
	}
	why := err.Error()
	l.moved.Store(&why)
	return true
}

// advise counts what is no no-go.
func (l *ledger) advise(a advised, found func() *reports.LoadViolation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.advice == nil {
		l.advice = map[advised]*reports.LoadViolation{}
	}
	if l.advice[a] == nil {
		l.advice[a] = found()
	}
	l.advice[a].Count++
}

// warnings are what advise counted, in an order of their own.
func (l *ledger) warnings() (all []reports.LoadViolation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.advice {
		all = append(all, *w)
	}
	slices.SortFunc(all, func(a, b reports.LoadViolation) int {
		return strings.Compare(a.Kind+a.Requirement, b.Kind+b.Requirement)
	})
	return all
}

func (l *ledger) found(f finding, requirement string, evidence func() *exchange.Exchange) *reports.LoadViolation {
	op := f.call.op
	v := &reports.LoadViolation{Kind: violationWords[f.violation], Requirement: requirement, Part: f.part, History: f.events, Finding: reports.Finding{
		Requirement: requirement, Sent: strings.TrimSpace(op.Name() + " " + f.why), Wanted: f.wanted, Got: l.redactor.Answer(f.got), Where: op.At.String(),
	}}
	if x := evidence(); x != nil { // it can be gone when somebody else has found it out
		shown := l.redactor.Evidence(x, *l.began.Load())
		shown.AtMS = max(shown.AtMS, 0) // what came before the run came at its begin
		v.Exchange, v.Finding.Exchange = &shown, new(0)
	}
	return v
}

// violations are the first of each kind, with how many there were.
func (l *ledger) violations() []reports.LoadViolation {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []reports.LoadViolation
	for kind, first := range l.first {
		if first != nil {
			v := *first
			v.Count = l.counts[kind].Load()
			found = append(found, v)
		}
	}
	return found
}

// failed keeps an answer that is an error and no violation, if it is the first of its kind: a 503 says nothing of a
// token, and what it carried may say what is wrong with the server. What was sent in the warm-up is no part of the run.
func (l *ledger) failed(p part, status int, sent time.Time, evidence func() *exchange.Exchange) {
	began := *l.began.Load()
	if status > lastStatus || sent.Before(began) || l.met[p][status].Swap(true) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.examples) == mostExamples {
		return
	}
	shown := l.redactor.Evidence(evidence(), began)
	l.examples = append(l.examples, reports.LoadExample{Request: partNames[p], Answer: client.Got(status), Exchange: &shown})
}

// errors are the answers that failed kept, by what was asked, and then by status.
func (l *ledger) errors() []reports.LoadExample {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := slices.Clone(l.examples)
	slices.SortFunc(all, func(a, b reports.LoadExample) int {
		return strings.Compare(a.Request+" "+a.Answer, b.Request+" "+b.Answer)
	})
	return all
}

// note remembers what is worth knowing and judges nothing.
func (l *ledger) note(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notes = append(l.notes, fmt.Sprintf(format, args...))
}

// noted is what is worth knowing.
func (l *ledger) noted() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.notes)
}
