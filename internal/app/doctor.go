package app

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"gonogo/internal/chromium"
	"gonogo/reports"
	"gonogo/reports/terminal"
	"gonogo/reports/words"
	"gonogo/suites/doctor"
	"gonogo/suites/engine"
)

func (a *App) doctorCommand() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "doctor TARGET.yaml|ISSUER-URL|DIALECT…",
		Short: "Try what a target file says, and say what is in the way of a check",
		Long: `doctor tries a target as a person would who checks it for the first time: is it reached, by which addresses, with whose
certificate; how do the clocks stand; does each credential get tokens, is the redirect URI registered, does the user get past the
consent page; do the second address, the clock control and the operator's one answer. It says of each what to do where it fails, and
then what a check would run, what it would leave out, why, and what to add.

It sends some ten or twenty requests and no wrong login, unless a secret that is refused has characters which servers misread. It
revokes nothing. The clock is moved by three seconds where the target file says how.

Exit codes: 0 a check can run, 2 the target file is wrong (nothing was sent), 3 something is in the way.`,
		Example: `  gonogo doctor stage.yaml
  gonogo doctor https://login.example.com --client-id app --client-secret '${APP_SECRET}'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.given = cmd.Flags().Changed
			f.issuers, args = issuersAmong(args)
			dialects, targets, err := sorted(args)
			if err != nil {
				return err
			}
			f.targets = append(f.targets, targets...)
			return a.doctor(cmd.Context(), dialects, f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVar(&f.targets, "target", nil, "target `FILE`; may be given several times")
	profileFlag(flags, &f.profile)
	f.issuer.addTo(flags)
	return cmd
}

func (a *App) doctor(ctx context.Context, dialects []string, f checkFlags) error {
	if err := f.issuer.fit(f.issuers, f.targets); err != nil {
		return err
	}
	if len(dialects)+len(f.targets)+len(f.issuers) == 0 {
		return usagef("name what to try: a target file (gonogo init DIALECT writes one), or the address of an issuer")
	}
	browser := chromium.New(a.env)
	defer browser.Close()
	jobs, stop, err := a.jobs(ctx, dialects, f)
	defer stop()
	if err != nil {
		return err
	}
	for _, job := range jobs {
		if err := a.examine(ctx, job, browser); err != nil {
			return err
		}
	}
	return nil
}

// examine tries one target, and says what a check of it would be.
func (a *App) examine(ctx context.Context, job engine.Job, browser *chromium.Browser) error {
	var failed error
	say := func(format string, args ...any) {
		if _, err := fmt.Fprintf(a.folding(a.stdout), format+"\n", args...); err != nil && failed == nil {
			failed = err
		}
	}
	say("%s at %s", job.Plan.Dialect.ID, job.Target.BaseURL.Redacted())
	for _, note := range job.Target.Notes {
		say("  note: %s", note)
	}
	inTheWay := 0
	examined, err := doctor.Examine(ctx, job, browser, func(s doctor.Step) {
		if s.InTheWay() {
			inTheWay++
		}
		_, _ = io.WriteString(a.stdout, a.row(marks[s.Outcome]+" "+s.Name, s.Said))
	})
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", job.Target.File, err)}
	}
	check := words.Command(append([]string{"gonogo", "check"}, job.Again...)...)
	if ctx.Err() != nil {
		a.exit = reports.ExitIncomplete
		say("\nINTERRUPTED: not everything was tried")
		return failed
	}
	if inTheWay > 0 {
		a.exit = reports.ExitIncomplete
		say("\nIN THE WAY: %s; what stands there says what to do, and then: %s", words.Count(inTheWay, "thing"), strings.Replace(check, " check ", " doctor ", 1))
		return failed
	}
	var lacks func(engine.Case) string
	if job.Target.Discovered {
		lacks = func(c engine.Case) string { return unlockedBy(job.Target, c) }
	}
	a.foresee(job, examined.Prospect(lacks), say)
	if !job.Target.Loopback() {
		say("if it is somebody else's: check --gentle sends few requests a second, few wrong logins and no races")
	}
	say("\nREADY: after %s. Next: %s", words.Count(examined.Requests, "request"), check)
	return failed
}

// marks stand before a step by how it went.
var marks = map[reports.Outcome]string{
	reports.Pass: "✓", reports.Warn: "!", reports.NotApplicable: "-", reports.NotExercised: "-", reports.CouldNotRun: "✗", reports.Fail: "✗", reports.Error: "✗",
}

// nameColumn is how wide what stands before a sentence is.
const nameColumn = 24

// row is a sentence beside its name, wrapped.
func (a *App) row(name, sentence string) string {
	width := a.width(a.stdout.Writer)
	if width == 0 {
		width = terminal.Width
	}
	indent := nameColumn + 3
	lines := words.Wrap(sentence, max(width-indent, 30))
	var out strings.Builder
	for i, line := range lines {
		if i > 0 {
			name = ""
		}
		fmt.Fprintf(&out, "  %s%s %s\n", name, strings.Repeat(" ", max(nameColumn-len([]rune(name)), 0)), line)
	}
	return out.String()
}

// foresee says what a check would do, and what it would leave out.
func (a *App) foresee(job engine.Job, prospect doctor.Prospect, say func(string, ...any)) {
	runs := prospect.Runs
	say("\ncheck would run %d of %s, less what turns out not to apply: up to %s, %s with wrong credentials; %s",
		len(runs.Cases), words.Cases(len(job.Plan.Cases)), words.Count(runs.Requests(), "request"), words.Count(runs.FailedLogins(), "login"), length(runs, job.Target))
	if len(prospect.Left) == 0 {
		return
	}
	say("it would leave out %s:", words.Cases(len(job.Plan.Cases)-len(runs.Cases)))
	waiting := 0
	for _, left := range prospect.Left {
		why := left.Why
		if left.MaxWait > 0 {
			waiting += left.Cases
			why = fmt.Sprintf("with limits: {max_wait: %s} instead of %s they run too, in up to %s", left.MaxWait, job.Target.Limits.MaxWait, left.MaxWait)
		}
		_, _ = io.WriteString(a.stdout, a.row("- "+words.Cases(left.Cases), why))
	}
	if waiting > 0 {
		_, _ = io.WriteString(a.stdout, a.row("", fmt.Sprintf("or with clock: {advance: …}, a way to move the target's clock, all %d of these at once", waiting)))
	}
}
