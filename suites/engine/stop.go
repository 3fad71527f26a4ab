package engine

import (
	"context"
	"errors"
	"fmt"

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

// classify turns the error of a case into an outcome and its reason. A *exchange.NoAnswer is not here: it
// is a finding.
func classify(err error) (reports.Outcome, string) {
	var stop *Stop
	var throttled *exchange.Throttled
	switch {
	case errors.As(err, &stop):
		return stop.Outcome, stop.Reason
	case errors.Is(err, exchange.ErrGone):
		return reports.CouldNotRun, exchange.ErrGone.Error()
	case errors.As(err, &throttled):
		return reports.CouldNotRun, throttled.Error()
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return reports.CouldNotRun, "the run was interrupted"
	default:
		return reports.Error, err.Error()
	}
}
