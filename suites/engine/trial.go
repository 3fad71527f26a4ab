package engine

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"gonogo/internal/chromium"
	"gonogo/internal/exchange"
	"gonogo/internal/replay"
	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/specs"
)

// Trial is one case being run: what it may do, and where it records what it saw.
type Trial struct {
	run   *run
	Case  Case
	began time.Time

	mu        sync.Mutex
	findings  []found
	exchanges []*exchange.Exchange
	index     map[*exchange.Exchange]int // of each exchange, in exchanges
	unread    *exchange.Exchange         // an answer of which not everything was looked at; nil: none
	twice     int                        // the first exchange of this case that the target may have acted on twice, by index
	lanes     *exchange.Lanes            // of its races; nil: it has had none
	refusable bool                       // the next request presents wrong credentials; likewise
	wrong     int                        // logins with wrong credentials; not called by several goroutines at once
	waited    time.Duration              // for real; Wait is not called by several goroutines at once
}

// found is a finding, and whether it stands: one about what came after a request that the target may have
// acted on twice does not.
type found struct {
	Finding
	stands bool
}

// Finding is one mismatch between what was wanted and what came.
type Finding struct {
	Requirement string // the violated row; empty: the rows of the case
	Sent        string
	Wanted      string
	Got         string
	Where       string             // file:line; empty: where the case comes from
	Exchange    *exchange.Exchange // the one that shows it; may be nil
	Shown       replay.Shown       // what of its answer does, to whoever plays the case again
}

// shortestCookie is the length from which a cookie can name a session: 64 bits of entropy, which sessions need
// at the least (OWASP), take 11 letters of base64. Shorter ones are words, such as "accepted", that a report must
// be able to say.
const shortestCookie = 11

// Send sends a request to the target and keeps the exchange as evidence of this case. Errors are those of
// exchange.Client.Send; return them from Run as they are.
func (t *Trial) Send(ctx context.Context, req *http.Request) (*exchange.Exchange, error) {
	x, err := t.send(ctx, req)
	if x != nil {
		for _, cookie := range (&http.Response{Header: x.Header}).Cookies() {
			if len(cookie.Value) >= shortestCookie {
				t.Secret("cookie", cookie.Value)
			}
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		if i := t.keep(x); x.Twice && t.twice < 0 {
			t.twice = i
		}
	}
	return x, err
}

// send sends a request. One with wrong credentials on purpose waits for a target that throttles those once in a run, and
// not at all where the target's clock can be moved; what is answered then counts.
func (t *Trial) send(ctx context.Context, req *http.Request) (*exchange.Exchange, error) {
	if !t.refusable {
		return t.run.connection.Send(ctx, req)
	}
	t.refusable = false
	again := req.Clone(ctx)
	if req.GetBody != nil {
		again.Body, _ = req.GetBody() // of a body in memory
	}
	x, err := t.run.connection.Send(exchange.AtOnce(ctx), req)
	pause, busy := exchange.Busy(x)
	if err != nil || !busy || req.Body != nil && req.GetBody == nil || !t.run.sitOut(ctx, t.Case.Phase, pause) {
		return x, err
	}
	return t.run.connection.Send(exchange.AtOnce(ctx), again)
}

// keep takes an exchange into the evidence, once. t.mu is held.
func (t *Trial) keep(x *exchange.Exchange) int {
	if i, kept := t.index[x]; kept {
		return i
	}
	t.index[x] = len(t.exchanges)
	t.exchanges = append(t.exchanges, x)
	if t.unread == nil && x.Cut {
		t.unread = x
	}
	return t.index[x]
}

// Surplus is what came in this run that no request asked for, and after how many answers it was looked for.
func (t *Trial) Surplus() (found []exchange.Surplus, looked int) { return t.run.connection.Surplus() }

// Browser is what the run shows pages in; nil: none.
func (t *Trial) Browser() *chromium.Browser { return t.run.options.Browser }

// Quiet sends a request that is no evidence: it only prepares something.
func (t *Trial) Quiet(ctx context.Context, req *http.Request) (*exchange.Exchange, error) {
	return t.run.connection.Send(ctx, req)
}

// Wants reports whether a case of this run will make use of what the target provides.
func (t *Trial) Wants(need target.Need) bool { return t.run.wants(need) }

// Volley lines up n requests, whatever the target file's pace. A target file that allows a smaller burst grants fewer.
// The connections are the case's own, kept from one volley to the next.
func (t *Trial) Volley(ctx context.Context, n int) (*exchange.Volley, error) {
	if t.run.target.Limits.Gentle {
		return nil, NotExercised("it sends requests at once, which a gentle check does not")
	}
	if t.lanes == nil {
		lanes, err := t.run.connection.Lanes(ctx)
		if err != nil {
			return nil, err
		}
		t.lanes = lanes
	}
	return t.lanes.Volley(ctx, n)
}

// Remark is for the report: what is worth knowing of this case and judges nothing.
func (t *Trial) Remark(text string) { t.run.remark(t.Case.ID + ": " + text) }

// Unread says that an answer's rest would have mattered, which is longer than what is kept. Such a case never passes.
func (t *Trial) Unread(x *exchange.Exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.unread == nil {
		t.unread = x
	}
}

// cut is why a case cannot pass, of whose answers one is longer than what is kept; nil if there is none.
func (t *Trial) cut() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.unread
	if x == nil {
		return nil
	}
	return CouldNotRun("the answer to %s %s is longer than what is kept of it (%s), and nobody has looked at the rest",
		x.Method, withoutQuery(x.URL), cmp.Or(x.Oversized, fmt.Sprintf("its body, after %d bytes", len(x.Body))))
}

// Cite takes an exchange of another case into this one's evidence.
func (t *Trial) Cite(x *exchange.Exchange) *exchange.Exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keep(x)
	return x
}

// Number is where an exchange stands in this case's evidence, from 1; it is taken in if it is not there.
func (t *Trial) Number(x *exchange.Exchange) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.keep(x) + 1
}

// Find records a finding. Its exchange is kept as evidence.
func (t *Trial) Find(f Finding) { t.find(f, false) }

// find records a finding, which may stand whatever was repeated before. One about a row that is not judged under the plan's
// profile is none.
func (t *Trial) find(f Finding, stands bool) {
	if !t.run.plan.Dialect.Judges(f.Requirement) {
		return
	}
	if f.Where == "" {
		f.Where = t.Case.At.String()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	at := len(t.exchanges)
	if f.Exchange != nil {
		at = t.keep(f.Exchange)
	}
	t.findings = append(t.findings, found{f, stands || t.twice < 0 || at < t.twice})
}

// doubt is why none of the findings stands; nil if one does, or there are none.
func (t *Trial) doubt() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.findings) == 0 || t.standing() > 0 {
		return nil
	}
	x, f := t.exchanges[t.twice], t.findings[0]
	return CouldNotRun("an answer to %s %s was lost and the request repeated, so the target may have acted on it twice; then this says nothing: %s; wanted %s; got %s",
		x.Method, withoutQuery(x.URL), f.Sent, f.Wanted, f.Got)
}

func withoutQuery(address string) string {
	path, _, _ := strings.Cut(address, "?")
	return path
}

// standing counts the findings that stand. t.mu is held.
func (t *Trial) standing() int {
	n := 0
	for _, f := range t.findings {
		if f.stands {
			n++
		}
	}
	return n
}

// level is the case's, or where it found something that is violated at a stronger one, that.
func (t *Trial) level(plan *Plan) specs.Level {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.levelOf(plan)
}

// levelOf is level. t.mu is held.
func (t *Trial) levelOf(plan *Plan) specs.Level {
	level := plan.Level(t.Case)
	for _, f := range t.findings {
		if requirement, ok := plan.Dialect.Requirement(f.Requirement); ok && f.stands && level.Weaker(requirement.Level) {
			level = requirement.Level
		}
	}
	return level
}

func (t *Trial) settledFindings() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.standing()
}

// Failed reports whether the case has a finding.
func (t *Trial) Failed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.findings) > 0
}

// Memory is what the plan's Memory made for this run.
func (t *Trial) Memory() any { return t.run.memory }

// Secret makes a value secret in everything this run prints.
func (t *Trial) Secret(kind, value string) { t.run.connection.Secret(kind, value) }

// Now is the target's time: real time, plus what the clock was moved.
func (t *Trial) Now() time.Time { return t.run.timeline.now() }

// TargetTime turns a moment that just passed into the target's time.
func (t *Trial) TargetTime(at time.Time) time.Time { return t.run.connection.TargetTime(at) }

// Wait blocks until the target's clock shows due; only cases of the Timeline phase may wait.
func (t *Trial) Wait(ctx context.Context, due time.Time) error {
	if t.Case.Phase != Timeline {
		return fmt.Errorf("%s waits outside the timeline", t.Case.ID)
	}
	return t.run.timeline.wait(ctx, t.Case.ID, due, &t.waited)
}

// FailedLogin must be called before a request that presents wrong credentials on purpose. A case may send as many as
// it was planned with: a target may lock an account, so the user limits them.
func (t *Trial) FailedLogin() error {
	t.run.failedLogins.Add(1)
	t.refusable = true
	if t.wrong++; t.wrong > t.Case.FailedLogins {
		return fmt.Errorf("%s sends more logins with wrong credentials than the %d it was planned with", t.Case.ID, t.Case.FailedLogins)
	}
	return nil
}

// WrongLogins is how many requests with wrong credentials this run has sent, or is about to.
func (t *Trial) WrongLogins() int { return int(t.run.failedLogins.Load()) }

// ClockMoves reports whether waits cost no real time.
func (t *Trial) ClockMoves() bool { return t.run.timeline.advance != nil }

// Rand is a number that the run's seed decides, for choices that a report must be able to repeat.
func (t *Trial) Rand(n int) int { return t.run.rand(t.Case.ID, n) }

func (t *Trial) result(plan *Plan, outcome reports.Outcome, reason string, took time.Duration) reports.Case {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.run.connection.Redactor
	c := reports.Case{
		ID: t.Case.ID, Title: t.Case.Title, Level: t.levelOf(plan),
		Requirements: t.Case.Requirements, Polarity: t.Case.Polarity,
		Outcome: outcome, Reason: r.Answer(reason), DurationMS: took.Milliseconds(),
	}
	if took > 0 {
		c.Began, c.Ended = t.began, time.Now()
	}
	for _, need := range t.Case.Needs {
		c.Needs = append(c.Needs, string(need))
	}
	evidence := !t.run.options.NoEvidence
	if evidence {
		for _, x := range t.exchanges {
			c.Exchanges = append(c.Exchanges, r.Evidence(x, t.run.started))
		}
	}
	for _, f := range t.findings {
		if !f.stands {
			continue
		}
		found := reports.Finding{Requirement: f.Requirement, Sent: r.String(f.Sent), Wanted: r.String(f.Wanted), Got: r.Answer(f.Got), Where: f.Where}
		if f.Exchange != nil && evidence {
			found.Exchange = new(t.index[f.Exchange])
		}
		c.Findings = append(c.Findings, found)
	}
	return c
}

// KnownGood tells the run how to find out whether the target still answers anything.
func (t *Trial) KnownGood(make func(context.Context) *http.Request) {
	t.run.connection.KnownGood(make)
}

// OwnAddress is the address that this machine's requests to the target come from, as far as this machine knows.
func (t *Trial) OwnAddress() netip.Addr { return t.run.connection.LocalAddress() }
