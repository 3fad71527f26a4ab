package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/spf13/cobra"
	vegeta "github.com/tsenart/vegeta/v12/lib"

	"gonogo/internal/version"
	"gonogo/load"
	"gonogo/reports"
	"gonogo/reports/words"
)

func (a *App) loadTargetsCommand() *cobra.Command {
	var asked load.Targets
	f := loadFlags{config: &asked.Config}
	cmd := &cobra.Command{
		Use:   "targets [DIALECT|TARGET.yaml|ISSUER-URL]",
		Short: "Feed vegeta with requests that have live tokens in them",
		Long: `targets writes the requests of a scenario to standard output, in vegeta's JSON format, one a line, for as long as somebody
reads them. What it writes holds live tokens and credentials: it is to be piped into vegeta, and not to be kept.

Give vegeta -lazy, or it waits for the last of targets without end. Scenarios: issue, validate, use, a mix of these, and
refresh, which spends a token for each target: as many as --count are obtained before, else as many as --working-set. Whatever
follows from answers (storm, a mix that refreshes) is for load.

It ends when its reader does, with 0. Exit codes: 1 what the document forbids was seen while tokens were obtained; 2 usage or
configuration, and nothing was sent; 3 no tokens could be had.`,
		Example: `  gonogo load targets --target perf.yaml --scenario validate | vegeta attack -lazy -format=json -rate 1000 -duration 30s > results.bin
  gonogo load targets --target perf.yaml --scenario refresh --count 3000 | vegeta attack -lazy -format=json -rate 100 -duration 30s > results.bin
  gonogo load judge results.bin --target perf.yaml --scenario refresh`,
		Args: oneDialect,
		RunE: func(cmd *cobra.Command, args []string) error {
			dialects, err := f.named(cmd, args)
			if err != nil {
				return err
			}
			return a.loadTargets(cmd.Context(), dialects, f, &asked)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.aimTo(flags)
	flags.IntVar(&asked.Count, "count", 0, "how many targets there are; 0 is without end")
	f.supplyTo(flags)
	levelFlag(flags, &asked.Level)
	aheadFlags(flags)
	flags.BoolVar(&f.quiet, "quiet", false, "say nothing but what is wrong")
	return cmd
}

func (a *App) loadTargets(ctx context.Context, dialects []string, f loadFlags, asked *load.Targets) (err error) {
	if err := errors.Join(f.settle(), asked.Check()); err != nil {
		return usageError{err}
	}
	if err := f.bounded(a.stdout.Writer, asked.Count, dialects); err != nil {
		return err
	}
	t, stop, err := a.loadTarget(ctx, dialects, f)
	defer stop()
	if err != nil {
		return err
	}
	asked.Target = t
	if err := asked.Check(); err != nil {
		return usageError{err}
	}
	stands := &progress{now: a.now}
	asked.Progress, asked.Agent = stands.set, "gonogo/"+version.Version
	status := a.tell(f.quiet, stands.say)
	targets, err := load.NewTargeter(ctx, *asked)
	status.end()
	switch {
	case ctx.Err() != nil: // which is how one ends it
		return nil
	case errors.Is(err, load.ErrUnready):
		return harnessError{err}
	case err != nil:
		return usageError{err}
	}
	defer targets.Close()
	say := func(format string, args ...any) {
		if !f.quiet {
			_, _ = fmt.Fprintf(a.folding(a.stderr), format+"\n", args...)
		}
	}
	violations, notes := targets.Found()
	for _, note := range notes {
		say("note: %s", note)
	}
	for _, v := range violations {
		a.exit = reports.ExitNoGo
		_, _ = fmt.Fprintf(a.folding(a.stderr), "VIOLATION  %s, %s (%s), while tokens were obtained: wanted %s, got %s\n", v.Kind, words.Count(int(v.Count), "time"), v.Requirement, v.Finding.Wanted, v.Finding.Got)
	}
	if n := targets.Count(); n > 0 {
		tokens := ""
		if asked.Scenario == refreshes {
			tokens = ", each with a refresh token of its own"
		}
		say("there are %s%s; what is written holds live tokens, and is to be piped, not kept", words.Count(n, "target"), tokens)
	}
	return a.feed(ctx, targets, say)
}

// refreshes is the scenario whose targets come to an end by themselves.
const refreshes = "refresh"

// bounded refuses targets without end for what takes them without end, and targets that would outlive the server that they are for.
func (f *loadFlags) bounded(to io.Writer, count int, dialects []string) error {
	if len(dialects) > 0 && f.target() == "" && (count > 0 || f.config.Scenario == refreshes) {
		return usagef("the reference server ends with the last target, before vegeta has sent it; start it with gonogo serve %s --targets DIR, and give --target DIR/%s.yaml", dialects[0], dialects[0])
	}
	file, ok := to.(*os.File)
	if !ok || count > 0 || f.config.Scenario == refreshes {
		return nil
	}
	if isTerminal(file) {
		return usagef("targets have no end, and live tokens in them: pipe them into vegeta attack -lazy -format=json, or give --count to look at some")
	}
	if about, err := file.Stat(); err == nil && about.Mode().IsRegular() {
		return usagef("targets have no end, and a file would be filled with them: pipe them into vegeta attack -lazy -format=json, or give --count; a file of them holds live tokens, which come to their end")
	}
	return nil
}

// feed writes targets until there is none any more, or nobody who reads them.
func (a *App) feed(ctx context.Context, targets *load.Targeter, say func(string, ...any)) error {
	hastened(a.stdout.Writer)
	ended := make(chan error, 1)
	go func() { // a reader may stand still, and Ctrl-C is to end it then, too
		out := bufio.NewWriter(a.stdout.Writer)
		encode := vegeta.NewJSONTargetEncoder(out)
		for {
			var target vegeta.Target
			err := targets.Next(&target)
			if err == nil {
				err = errors.Join(encode(&target), out.Flush()) // each at once: a token that waits grows old
			}
			if err != nil {
				ended <- err
				return
			}
		}
	}()
	var err error
	select {
	case <-ctx.Done():
		return nil
	case err = <-ended:
	}
	switch {
	case ctx.Err() != nil, errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrClosedPipe), errors.Is(err, os.ErrClosed):
		return nil // vegeta has what it wants
	case errors.Is(err, vegeta.ErrNoTargets):
		say("all %s are written, and there are no more", words.Count(targets.Count(), "target"))
		return nil
	case errors.Is(err, load.ErrUnready):
		return harnessError{err}
	}
	return harnessError{fmt.Errorf("standard output could not be written: %w", cause(err))}
}
