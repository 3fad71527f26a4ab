package app

import (
	"fmt"
	"os"
	"strings"

	"gonogo/reports"
	"gonogo/reports/terminal"
	"gonogo/reports/words"
	"gonogo/suites/engine"
)

func (a *App) wantsColor() bool {
	value, _ := a.env("NO_COLOR")
	return value == "" && a.onTerminal()
}

// onTerminal reports whether somebody sees the output as it is written.
func (a *App) onTerminal() bool {
	file, ok := a.stdout.Writer.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (a *App) printPlan(jobs []engine.Job) error {
	for _, j := range jobs {
		denied := j.Plan.Denied(j.Target.Limits)
		left := ""
		if len(denied) > 0 {
			left = fmt.Sprintf("; beyond the limits of the target file, and so not exercised: %s", words.Cases(len(denied)))
		}
		if _, err := fmt.Fprintf(a.stdout, "%s at %s: %d cases, up to %d requests, %d logins with wrong credentials%s\n",
			j.Plan.Dialect.ID, j.Target.BaseURL.Redacted(), len(j.Plan.Cases), j.Plan.Requests(), j.Plan.FailedLogins(), left); err != nil {
			return err
		}
		for _, c := range j.Plan.Cases {
			if _, err := fmt.Fprintf(a.stdout, "  %-58s %s%s%s\n", c.ID, strings.Join(c.Requirements, " "), needsOf(c), notGranted(denied[c.ID])); err != nil {
				return err
			}
		}
	}
	return nil
}

// notGranted says why a case will not be exercised, if so.
func notGranted(why string) string {
	if why == "" {
		return ""
	}
	return "; not exercised: " + why
}

// printTrace prints every exchange of a case, redacted as in a report.
func (a *App) printTrace(report *reports.Report, id string) {
	for _, d := range report.Dialects {
		for _, c := range d.Cases {
			if c.ID != id {
				continue
			}
			_, _ = fmt.Fprintf(a.stdout, "\ntrace of %s: %s\n", c.ID, c.Outcome)
			for i, x := range c.Exchanges {
				_, _ = fmt.Fprintf(a.stdout, "\n[%d] at %d ms, %d ms\n%s", i, x.AtMS, x.DurationMS, terminal.Exchange(x))
			}
		}
	}
}
