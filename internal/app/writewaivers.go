package app

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"gonogo/reports"
)

// checkDraft finds out before the run whether the waivers of --write-waivers can be written; a file that is there may hold reasons that
// somebody thought about.
func (f checkFlags) checkDraft() error {
	if f.writeWaivers == "" {
		if f.given("write-waivers") {
			return usagef("--write-waivers is empty; name a file")
		}
		return nil
	}
	if _, err := os.Lstat(f.writeWaivers); err == nil {
		return usagef("--write-waivers %s: there is one already; name another file, and take from it what is new", f.writeWaivers)
	}
	if err := reports.Writable(filepath.Dir(f.writeWaivers)); err != nil {
		return usagef("--write-waivers %s: nothing can be written there: %w", f.writeWaivers, cause(err))
	}
	return nil
}

// draft writes the waivers of --write-waivers, and says so.
func (a *App) draft(f checkFlags, report *reports.Report) error {
	if f.writeWaivers == "" {
		return nil
	}
	text, n := reports.DraftWaivers(report, time.Now())
	if n == 0 {
		_, _ = fmt.Fprintf(a.stderr, "no case failed that is not waived: %s is not written\n", f.writeWaivers)
		return nil
	}
	if err := reports.WriteFile(f.writeWaivers, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
		return reportError{exit: a.exit, error: harnessError{fmt.Errorf("--write-waivers %s: %w", f.writeWaivers, cause(err))}}
	}
	_, _ = fmt.Fprintf(a.stderr, "%s has %d waivers to be filled in: reason and owner\n", f.writeWaivers, n)
	return nil
}
