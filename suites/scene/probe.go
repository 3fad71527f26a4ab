package scene

import (
	"context"
	"errors"
	"net/http"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// Probe looks at the target before any case runs: is it there, do the credentials work, does a second issue
// end the first session or hand out the same tokens, how does its clock stand.
func Probe(ctx context.Context, t *engine.Trial) (engine.Facts, error) {
	a := begin(ctx, t)
	err := a.probe()
	habits := a.Habits()
	return engine.Facts{TakeTurns: habits.TakeTurns(), Late: habits.LateRefresh, Notes: habits.Notes()}, unless(err)
}

func (a *Act) probe() error {
	if err := a.reach(); err != nil {
		return err
	}
	a.KnownGood(a.knock)
	op := a.First(specs.RoleIssue)
	if op == nil {
		return nil
	}
	if err := a.SettleIn(a.ctx); unless(err) != nil {
		return err
	}
	if a.Habits().NoAccount != "" {
		return nil // for the cases to judge
	}
	reply, err := a.Call(op, operation.Args{}, "to see whether the credentials work")
	if err != nil {
		return err
	}
	a.Skewed(reply)
	if reply.Status == http.StatusNotFound || reply.Status == http.StatusMethodNotAllowed {
		return engine.CouldNotRun("the target has no %s %s: it was answered %s; check base_url in the target file", op.Method, op.URL().Path, reply.Got())
	}
	if _, made := a.Registered(); reply.Refused() && !made {
		return engine.CouldNotRun("the target refuses the primary credentials: %s was answered %s; check credentials.primary in the target file", op.Name(), reply.Got())
	}
	if !reply.Succeeded() || reply.Tokens[client.Access] == "" {
		return nil // for the cases to judge
	}
	first := a.Collect(operation.Primary, reply)
	if err := a.TryCompanions(a.ctx, first.Value(client.Access)); err != nil {
		return err
	}
	second, err := a.SecondIssue(a.ctx, first)
	if err != nil || second == nil {
		return err
	}
	return a.EarlyRefresh(a.ctx, second)
}

// reach asks for anything at all.
func (a *Act) reach() error {
	_, err := a.Trial.Send(a.ctx, a.knock(a.ctx))
	if errors.Is(err, exchange.ErrGone) {
		return engine.CouldNotRun("%v", err)
	}
	return unless(err)
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
