package engine

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"gonogo/internal/exchange"
	"gonogo/reports"
)

// Trial is one case being run: what it may do, and where it records what it saw.
type Trial struct {
	run  *run
	Case Case

	mu        sync.Mutex
	findings  []Finding
	exchanges []*exchange.Exchange
}

// Finding is one mismatch between what was wanted and what came.
type Finding struct {
	Requirement string // the violated row; empty: the rows of the case
	Sent        string
	Wanted      string
	Got         string
	Where       string             // file:line; empty: where the case comes from
	Exchange    *exchange.Exchange // the one that shows it; may be nil
}

// Send sends a request to the target and keeps the exchange as evidence of this case. Errors are those of
// exchange.Client.Send; return them from Run as they are.
func (t *Trial) Send(ctx context.Context, req *http.Request) (*exchange.Exchange, error) {
	x, err := t.run.client.Send(ctx, req)
	if x != nil {
		for _, cookie := range (&http.Response{Header: x.Header}).Cookies() {
			t.Secret("cookie", cookie.Value)
		}
		t.mu.Lock()
		t.exchanges = append(t.exchanges, x)
		t.mu.Unlock()
	}
	return x, err
}

// Quiet sends a request that is no evidence: it only prepares something.
func (t *Trial) Quiet(ctx context.Context, req *http.Request) (*exchange.Exchange, error) {
	return t.run.client.Send(ctx, req)
}

// Cite takes an exchange of another case into this one's evidence.
func (t *Trial) Cite(x *exchange.Exchange) *exchange.Exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.exchanges = append(t.exchanges, x)
	return x
}

// Find records a finding.
func (t *Trial) Find(f Finding) {
	if f.Where == "" {
		f.Where = t.Case.At.String()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.findings = append(t.findings, f)
}

// Failed reports whether the case has a finding.
func (t *Trial) Failed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.findings) > 0
}

// Secret makes a value secret in everything this run prints.
func (t *Trial) Secret(kind, value string) { t.run.redactor.Add(kind, value) }

// Now is the target's time: real time, plus what the clock was moved.
func (t *Trial) Now() time.Time { return t.run.timeline.now() }

// TargetTime turns a moment that just passed into the target's time.
func (t *Trial) TargetTime(at time.Time) time.Time {
	return at.Add(t.Now().Sub(time.Now())).Round(0)
}

// Wait blocks until the target's clock shows due; only cases of the Timeline phase may wait.
func (t *Trial) Wait(ctx context.Context, due time.Time) error {
	if t.Case.Phase != Timeline {
		return fmt.Errorf("%s waits outside the timeline", t.Case.ID)
	}
	return t.run.timeline.wait(ctx, due)
}

// FailedLogin must be called before a request that presents wrong credentials on purpose. It stops the case
// when the user's budget of such requests is used up: a target may lock an account.
func (t *Trial) FailedLogin() error {
	if budget := int64(t.run.target.Limits.FailedLogins); t.run.failedLogins.Add(1) > budget {
		return NotExercised("it takes one more login with wrong credentials; limits.failed_logins is %d", budget)
	}
	return nil
}

// ClockMoves reports whether waits cost no real time.
func (t *Trial) ClockMoves() bool { return t.run.timeline.advance != nil }

// Rand is a number that the run's seed decides, for choices that a report must be able to repeat.
func (t *Trial) Rand(n int) int { return t.run.rand(t.Case.ID, n) }

func (t *Trial) result(plan *Plan, outcome reports.Outcome, reason string, took time.Duration) reports.Case {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.run.redactor
	c := reports.Case{
		ID: t.Case.ID, Title: t.Case.Title, Level: reports.Level(plan.Level(t.Case)),
		Requirements: t.Case.Requirements, Polarity: t.Case.Polarity,
		Outcome: outcome, Reason: r.String(reason), DurationMS: took.Milliseconds(),
	}
	for _, need := range t.Case.Needs {
		c.Needs = append(c.Needs, string(need))
	}
	index := map[*exchange.Exchange]int{}
	for i, x := range t.exchanges {
		index[x] = i
		c.Exchanges = append(c.Exchanges, r.Evidence(x, t.run.started))
	}
	for _, f := range t.findings {
		found := reports.Finding{Requirement: f.Requirement, Sent: r.String(f.Sent), Wanted: r.String(f.Wanted), Got: r.String(f.Got), Where: f.Where}
		if i, ok := index[f.Exchange]; ok {
			found.Exchange = reports.At(i)
		}
		c.Findings = append(c.Findings, found)
	}
	return c
}

// KnownGood tells the run how to find out whether the target still answers anything.
func (t *Trial) KnownGood(make func(context.Context) *http.Request) { t.run.client.KnownGood(make) }
