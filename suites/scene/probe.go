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
	err := untilStopped(a.probe)
	habits := a.Habits()
	return engine.Facts{TakeTurns: habits.TakeTurns(), Late: habits.LateRefresh, Notes: habits.Notes()}, unless(err)
}

func (a *Act) probe() {
	a.reach()
	a.KnownGood(a.knock)
	op := a.First(specs.RoleIssue)
	if op == nil {
		return
	}
	a.Stop(unless(a.SettleIn(a.ctx)))
	if a.Habits().NoAccount != "" {
		return // for the cases to judge
	}
	reply := a.Call(op, operation.Args{}, "to see whether the credentials work")
	a.Skewed(reply)
	if reply.Status == http.StatusNotFound || reply.Status == http.StatusMethodNotAllowed {
		a.CouldNotRun("the target has no %s %s: it was answered %s; check base_url in the target file", op.Method, op.URL().Path, reply.Got())
	}
	if _, made := a.Registered(); reply.Refused() && !made {
		a.CouldNotRun("the target refuses the primary credentials: %s was answered %s; check credentials.primary in the target file", op.Name(), reply.Got())
	}
	if !reply.Succeeded() || reply.Tokens[client.Access] == "" {
		return // for the cases to judge
	}
	first := a.Collect(operation.Primary, reply)
	a.Stop(a.TryCompanions(a.ctx, first.Value(client.Access)))
	if second := must(a.SecondIssue(a.ctx, first)); second != nil {
		a.Stop(a.EarlyRefresh(a.ctx, second))
	}
}

// reach asks for anything at all.
func (a *Act) reach() {
	_, err := a.Trial.Send(a.ctx, a.knock(a.ctx))
	if errors.Is(err, exchange.ErrGone) {
		a.CouldNotRun("%v", err)
	}
	a.Stop(unless(err))
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
