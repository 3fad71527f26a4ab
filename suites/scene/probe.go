package scene

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// Probe looks at the target before any case runs: is it there, do the credentials work, does a second issue
// end the first session or hand out the same tokens, how does its clock stand.
func Probe(ctx context.Context, t *engine.Trial) (engine.Facts, error) {
	a := begin(ctx, t)
	var facts engine.Facts
	if err := a.reach(); err != nil {
		return facts, err
	}
	t.KnownGood(a.knock)
	op := a.First(specs.RoleIssue)
	if op == nil {
		return facts, nil
	}
	if err := a.settleIn(); err != nil {
		return facts, err
	}
	if a.facts.noAccount != "" {
		return facts, nil // for the cases to judge
	}
	first, err := a.Call(op, operation.Args{}, "to see whether the credentials work")
	if err != nil {
		return facts, unless(err)
	}
	facts.Notes = append(facts.Notes, a.skew(first)...)
	if first.Status == http.StatusNotFound || first.Status == http.StatusMethodNotAllowed {
		return facts, engine.CouldNotRun("the target has no %s %s: it was answered %s; check base_url in the target file", op.Method, op.URL().Path, first.Got())
	}
	if _, made := a.Registered(); first.Refused() && !made {
		return facts, engine.CouldNotRun("the target refuses the primary credentials: %s was answered %s; check credentials.primary in the target file", op.Name(), first.Got())
	}
	if !first.Succeeded() || first.Tokens[Access] == "" {
		return facts, nil // for the cases to judge
	}
	a.Collect(operation.Primary, first)
	notes, err := a.look(first.Tokens[Access])
	facts.Notes = append(facts.Notes, notes...)
	if err != nil {
		return facts, err
	}
	second, err := a.secondIssue(op, first, &facts)
	if err != nil || second == nil {
		return facts, err
	}
	return facts, a.lateRefresh(second, &facts)
}

// secondIssue finds out what a second issue does to the first one's tokens: both answers are legal.
func (a *Act) secondIssue(op *operation.Op, first *Reply, facts *engine.Facts) (*Grant, error) {
	use := a.First(specs.RoleUse)
	if use != nil && !a.Has(use) {
		return nil, nil
	}
	before, err := a.lives(use, first.Tokens[Access])
	if err != nil || !before {
		return nil, unless(err)
	}
	second, err := a.Call(op, operation.Args{}, "a second time, to see what becomes of the first tokens")
	if err != nil {
		return nil, unless(err)
	}
	grant := a.Collect(operation.Primary, second)
	if second.Tokens[Access] == first.Tokens[Access] || second.Tokens[Refresh] != "" && second.Tokens[Refresh] == first.Tokens[Refresh] {
		a.mu.Lock()
		a.facts.cachesTokens = true
		a.mu.Unlock()
		facts.TakeTurns = true
		facts.Notes = append(facts.Notes, "the target hands out a live token again; cases of one account take turns")
		return grant, nil
	}
	after, err := a.lives(use, first.Tokens[Access])
	if err == nil && !after {
		facts.TakeTurns = true
		facts.Notes = append(facts.Notes, "a second session of an account ends the first; cases of one account take turns")
	}
	return grant, unless(err)
}

func (a *Act) lives(use *operation.Op, access string) (bool, error) {
	if use == nil {
		return false, nil
	}
	reply, err := a.Use(use, access, "to see whether the token is live")
	return err == nil && reply.Succeeded(), err
}

// reach asks for anything at all.
func (a *Act) reach() error {
	x, err := a.Trial.Send(a.ctx, a.knock(a.ctx))
	if errors.Is(err, exchange.ErrGone) {
		why := "no answer"
		if x != nil && x.Err != nil {
			why = x.Err.Error()
		}
		return engine.CouldNotRun("the target cannot be reached at %s: %s", a.Target.BaseURL, why)
	}
	return unless(err)
}

// knock is a request that every target of the dialect answers somehow: an operation that needs a token, without one.
func (a *Act) knock(ctx context.Context) *http.Request {
	if use := a.First(specs.RoleUse); use != nil {
		if req, err := use.Request(ctx, operation.Args{NoAuth: true, Credential: a.credential}); err == nil {
			return req
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.Target.BaseURL.String(), nil)
	if err != nil {
		return nil
	}
	return req
}

// unless keeps the errors that end a run and drops a single request that went without an answer: that is for
// the cases to find.
func unless(err error) error {
	var silent *exchange.NoAnswer
	if errors.As(err, &silent) {
		return nil
	}
	return err
}

// skew notes how far the target's clock stands from ours. It is reported, not judged.
func (a *Act) skew(reply *Reply) []string {
	date, ok := reply.Date()
	if !ok {
		return nil
	}
	off := date.Sub(reply.Received).Round(time.Second)
	a.mu.Lock()
	a.facts.skew, a.facts.dated = off, true
	a.mu.Unlock()
	if off.Abs() <= 2*time.Second {
		return nil
	}
	return []string{fmt.Sprintf("the target's clock is off by %s", off)}
}

// aheadOfUs is by how much a target's Date may run ahead of what this run has moved its clock to. Date counts whole
// seconds, an answer may wait for a while, and the clocks of two machines drift apart.
const aheadOfUs = 5 * time.Second

// MovedByOthers stops a case when the target's clock stands further ahead than this run has moved it: another run
// has the same clock control, and a token that died early would be blamed on the target.
func (a *Act) MovedByOthers(reply *Reply) error {
	a.mu.RLock()
	off, known := a.facts.skew, a.facts.dated
	a.mu.RUnlock()
	date, ok := reply.Date()
	if !ok || !known {
		return nil
	}
	if ahead := date.Sub(a.TargetTime(reply.Received).Add(off)); ahead > aheadOfUs {
		return engine.CouldNotRun("the target's clock is %s ahead of where this run has moved it; does another run use the same clock control?", ahead.Round(time.Second))
	}
	return nil
}

// stands reports whether an answer's Date is where it would be if this run had not moved the target's clock. Steps that
// are no longer than Dates may be off by show nothing.
func (a *Act) stands(reply *Reply) bool {
	a.mu.RLock()
	off, known := a.facts.skew, a.facts.dated
	a.mu.RUnlock()
	date, ok := reply.Date()
	if !ok || !known || reply.Ahead <= 2*aheadOfUs {
		return false
	}
	still := reply.Received.Add(off)
	return date.Sub(still).Abs() < date.Sub(still.Add(reply.Ahead)).Abs()
}
