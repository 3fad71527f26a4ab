package engine

import (
	"context"
	"errors"
	"fmt"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/reports"
)

// Stop is why a case did not come to an end, as an outcome and a sentence.
type Stop struct {
	Outcome reports.Outcome
	Reason  string
}

func (s *Stop) Error() string { return s.Reason }

// CouldNotRun stops a case because something promised or needed is missing or broke.
func CouldNotRun(format string, args ...any) error {
	return &Stop{reports.CouldNotRun, fmt.Sprintf(format, args...)}
}

// NotExercised stops a case because it would cost what the user did not grant.
func NotExercised(format string, args ...any) error {
	return &Stop{reports.NotExercised, fmt.Sprintf(format, args...)}
}

// NotApplicable stops a case because the document does not promise it here.
func NotApplicable(format string, args ...any) error {
	return &Stop{reports.NotApplicable, fmt.Sprintf(format, args...)}
}

// interrupted is the reason of what a run had to leave out because its context ended.
const interrupted = "the run was interrupted"

// classify turns the error of a case into an outcome and its reason. A *exchange.NoAnswer is not here: it
// is a finding.
func classify(ctx context.Context, err error) (reports.Outcome, string) {
	if stop, ok := errors.AsType[*Stop](err); ok {
		return stop.Outcome, stop.Reason
	}
	if unable, ok := errors.AsType[*client.Unable](err); ok {
		return map[client.Why]reports.Outcome{client.Broken: reports.CouldNotRun, client.NotPromised: reports.NotApplicable, client.NotGranted: reports.NotExercised}[unable.Why], unable.Reason
	}
	if throttled, ok := errors.AsType[*exchange.Throttled](err); ok {
		return reports.NotExercised, throttled.Error()
	}
	switch {
	case errors.Is(err, exchange.ErrGone):
		return reports.CouldNotRun, exchange.ErrGone.Error()
	case ended(ctx, err):
		return reports.CouldNotRun, interrupted
	default:
		return reports.Error, err.Error()
	}
}

// ended reports an error that came because the run's context ended, or will before anything else can happen.
// Another context that ends is the case's own affair.
func ended(ctx context.Context, err error) bool {
	_, limited := ctx.Deadline()
	return ctx.Err() != nil && errors.Is(err, context.Canceled) ||
		(ctx.Err() != nil || limited) && errors.Is(err, context.DeadlineExceeded)
}
