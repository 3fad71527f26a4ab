package app

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"gonogo/reports"
)

func historyFlag(flags *pflag.FlagSet, dir *string) {
	flags.StringVar(dir, "history", "", "keep the report without its evidence in `DIR`, a file for each run, for gonogo report trend")
}

var errNoFolder = usageError{errors.New("--history is empty; name a folder")}

// openHistory reads what --history names, and finds out whether more can be kept there; nil without it.
func openHistory(dir string) (*reports.History, error) {
	if dir == "" {
		return nil, nil
	}
	history, err := reports.OpenHistory(dir)
	if err == nil {
		err = history.Writable()
	}
	if err != nil {
		return nil, usagef("--history %s: %w", dir, cause(err))
	}
	return history, nil
}

// keep keeps a decided report, unless its run was interrupted; without --history it does nothing.
func keep(history *reports.History, r *reports.Report) error {
	if r.Interrupted != "" {
		return nil
	}
	if err := history.Keep(r); err != nil {
		return reportError{exit: reports.ExitCode(r), error: harnessError{fmt.Errorf("--history %s: the run could not be kept: %w", history.Dir(), cause(err))}}
	}
	return nil
}
