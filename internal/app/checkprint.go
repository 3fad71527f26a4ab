package app

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/reports/terminal"
	"gonogo/reports/words"
	"gonogo/suites/engine"
)

func (a *App) printPlan(jobs []engine.Job, repeat int) error {
	for _, j := range jobs {
		denied := j.Plan.Denied(j.Target.Limits)
		left := ""
		if len(denied) > 0 {
			left = fmt.Sprintf("; beyond what is granted, and so not exercised: %s", words.Cases(len(denied)))
		}
		granted := j.Plan.Only(func(c engine.Case) bool { return denied[c.ID] == "" })
		under := ""
		if profile := j.Plan.Dialect.Profile; profile != "" {
			under = " under " + profile
		}
		if err := a.page(fmt.Sprintf("%s%s at %s: %d cases, up to %d requests, %d logins with wrong credentials; %s%s\n",
			j.Plan.Dialect.ID, under, j.Target.BaseURL.Redacted(), len(j.Plan.Cases), granted.Requests(), granted.FailedLogins(), length(granted, j.Target), times(repeat)+left)); err != nil {
			return err
		}
		if how := gently(j); how != "" {
			if err := a.page("  " + how + "\n"); err != nil {
				return err
			}
		}
		if err := a.printCases(j.Plan, denied); err != nil {
			return err
		}
	}
	return nil
}

// printWatchPlan lists what a client is judged by. What is sent is the client's own affair.
func (a *App) printWatchPlan(j engine.Job) error {
	if err := a.page(fmt.Sprintf("clients of %s at %s: %s\n", j.Plan.Dialect.ID, j.Target.BaseURL.Redacted(), words.Cases(len(j.Plan.Cases)))); err != nil {
		return err
	}
	return a.printCases(j.Plan, nil)
}

// printCases lists cases, and says of those that are denied why.
func (a *App) printCases(plan *engine.Plan, denied map[string]string) error {
	for _, c := range plan.Cases {
		if err := a.page(fmt.Sprintf("  %-58s %s%s%s\n", c.ID, strings.Join(c.Requirements, " "), needsOf(c), notGranted(denied[c.ID]))); err != nil {
			return err
		}
	}
	return nil
}

// times says how often a plan runs, if more than once.
func times(repeat int) string {
	if repeat < 2 {
		return ""
	}
	return fmt.Sprintf("; all that %d times", repeat)
}

// length says how long a plan takes at a target, as far as that is known before: what it waits for, and what the target
// file's pace makes of its requests.
func length(plan *engine.Plan, t *target.Target) string {
	waits := slices.ContainsFunc(plan.Cases, func(c engine.Case) bool { return slices.Contains(c.Needs, target.NeedTime) })
	var parts []string
	switch {
	case !waits:
		parts = append(parts, "no waits")
	case t.Clock != nil:
		parts = append(parts, "no waits, for the target's clock is moved")
	case t.Limits.MaxWait == 0:
		parts = append(parts, "no waits, for limits.max_wait is 0")
	default:
		parts = append(parts, fmt.Sprintf("waits of up to %s in all (limits.max_wait)", t.Limits.MaxWait))
	}
	if t.Paced() {
		pace := time.Duration(float64(plan.Requests()) / t.Limits.MaxRPS * float64(time.Second))
		parts = append(parts, fmt.Sprintf("and up to %s for the requests (%s)", max(pace.Round(time.Second), time.Second), paceOf(t)))
	}
	return strings.Join(parts, ", ")
}

// paceOf says whose the pace of requests is.
func paceOf(t *target.Target) string {
	if t.Limits.Gentle {
		return fmt.Sprintf("--gentle: %v a second", t.Limits.MaxRPS)
	}
	return "limits.max_rps"
}

// gently says what a gentle check of a target does and leaves out; empty: it is none.
func gently(j engine.Job) string {
	l := j.Target.Limits
	if !l.Gentle {
		return ""
	}
	races, denied := 0, j.Plan.Denied(l)
	for _, c := range j.Plan.Cases {
		if c.Burst > 0 {
			races++
		}
	}
	return fmt.Sprintf("a gentle check: one case at a time, %v requests a second at the most, %s with wrong credentials, no races; for that it leaves out %s (%d of them races), and does not try how many sessions an account may have",
		l.MaxRPS, words.Count(l.FailedLogins, "login"), words.Cases(len(denied)), races)
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
