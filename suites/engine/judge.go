package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"gonogo/internal/exchange"
	"gonogo/internal/replay"
	"gonogo/reports"
	"gonogo/specs"
)

// settled runs a case, and once more from the start when all it found is in doubt: after the answer to a
// request was lost and the request repeated, the target may have acted on it twice, and refuse a refresh token
// that it has just traded. What is in doubt again says nothing.
func (r *run) settled(ctx context.Context, c Case) (*Trial, error) {
	trial := r.trial(c)
	err := r.attempt(ctx, trial)
	doubt := trial.doubt()
	if doubt == nil || ctx.Err() != nil {
		return trial, err
	}
	again := r.trial(c)
	err = r.attempt(ctx, again)
	if renewed := again.doubt(); renewed != nil {
		doubt = renewed
	} else if err == nil || again.Failed() {
		return again, err
	}
	return again, doubt // nor may a repeat that ended early make anybody forget
}

// attempt runs a case once. A request that was not answered, while others are, is a finding.
func (r *run) attempt(ctx context.Context, trial *Trial) error {
	err := guarded(ctx, trial)
	if trial.lanes != nil {
		trial.lanes.Close()
	}
	silent, ok := errors.AsType[*exchange.NoAnswer](err)
	if !ok {
		return err
	}
	x := silent.Exchange
	trial.find(Finding{Sent: x.Method + " " + x.URL, Wanted: "an answer, twice asked", Got: silent.Error(), Exchange: x, Shown: replay.Status}, true)
	return nil
}

// afterwards is how long a case may at the most take to its end after its run was interrupted: to put a secret back takes
// a request. Whoever sends a SIGTERM waits some ten seconds.
const afterwards = 8 * time.Second

// guarded runs a case on a goroutine of its own: neither a panic nor the end of that goroutine is the end of
// the run. Both are faults of the harness. A case that computes and does not hear of an interrupt is left behind.
func guarded(ctx context.Context, trial *Trial) error {
	done := make(chan error, 1)
	go func() {
		err := fmt.Errorf("%s ended its goroutine", trial.Case.ID) // as testing.T.FailNow does
		defer func() {
			if panicked := recover(); panicked != nil {
				err = fmt.Errorf("panic in %s: %v\n%s", trial.Case.ID, panicked, debug.Stack())
			}
			done <- err
		}()
		err = trial.Case.Run(exchange.Sparing(ctx), trial)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(min(afterwards, trial.run.target.Limits.Timeout)):
		return ctx.Err()
	}
}

// judge turns what a case found, and how it ended, into its outcome. A finding stands even when the case
// could not come to its end.
func (r *run) judge(ctx context.Context, trial *Trial, err error) (reports.Outcome, string) {
	var reason string
	outcome := reports.Pass
	if err != nil {
		outcome, reason = classify(ctx, err)
	}
	if errors.Is(err, exchange.ErrGone) {
		r.cutShort("the target is gone since " + trial.Case.ID)
	}
	if doubt := trial.doubt(); doubt != nil && err == nil {
		outcome, reason = classify(ctx, doubt)
	}
	if cut := trial.cut(); cut != nil && outcome == reports.Pass {
		outcome, reason = classify(ctx, cut)
	}
	if trial.settledFindings() > 0 {
		outcome = reports.Fail
		if trial.level(r.plan).Weaker(specs.Level(r.options.Policy.Gate)) {
			outcome = reports.Warn
		}
	}
	return outcome, reason
}
