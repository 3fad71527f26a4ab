package app

import (
	"fmt"

	"gonogo/reports"
)

// openHistory reads what --history names, and finds out whether more can be kept there; nil without it.
func (f checkFlags) openHistory() (*reports.History, error) {
	if f.history == "" || f.plan {
		return nil, nil
	}
	history, err := reports.OpenHistory(f.history)
	if err == nil {
		err = history.Writable()
	}
	if err != nil {
		return nil, usagef("--history %s: %w", f.history, cause(err))
	}
	return history, nil
}

// keep keeps the runs of a check whose exit code is known; without --history it does nothing.
func (f checkFlags) keep(history *reports.History, exit int) error {
	if err := history.Save(); err != nil {
		return reportError{exit: exit, error: harnessError{fmt.Errorf("--history %s: the run could not be kept: %w", f.history, cause(err))}}
	}
	return nil
}
