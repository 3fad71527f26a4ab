package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gonogo/internal/fleet"
	"gonogo/internal/version"
	"gonogo/load"
	"gonogo/reports/words"
)

// generateFlags are the flags of generate.
type generateFlags struct {
	secretFile string
	out        string
	within     time.Duration
	quiet      bool
}

func (a *App) generateCommand() *cobra.Command {
	var f generateFlags
	cmd := &cobra.Command{
		Use:   "generate nats://HOST:PORT",
		Short: "Join a load run that several machines make together",
		Long: `generate joins the run of a gonogo load that was started with --lead, makes its part of the load, and hands what it measured to
the lead, which adds up the parts, judges and reports. What is sent to whom comes from the lead; the secrets of the target do
not: each ${NAME} of its target file is taken from this process's environment, each ${file:PATH} from this machine, relative
to the folder that it was started in.

Exit codes: 0 its part is with the lead, whatever that judges; 2 it cannot join or cannot do what it is asked for, and has sent
nothing; 3 it has lost the lead, or was ended itself.`,
		Example: `  gonogo load --target perf.yaml --scenario issue --rate 40000 --lead 0.0.0.0:4222 --generators 2 --join-secret-file join.secret
  gonogo generate nats://lead.example:4222 --join-secret-file join.secret          on each of two machines`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.generate(cmd.Context(), args[0], f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	secretFlag(flags, &f.secretFile)
	flags.StringVar(&f.out, "out", "", "write the times of every request of this generator to `FILE`, for vegeta report and vegeta plot; no tokens are in it")
	flags.DurationVar(&f.within, "wait-ready", 0, "wait so long for a lead that does not answer yet, as `D` like 30s")
	flags.BoolVar(&f.quiet, "quiet", false, "print nothing but what is wrong")
	return cmd
}

// joinKeys are those of the join secret in a file; mend says what to do about one that is of no use.
func (a *App) joinKeys(file, mend string) (*fleet.Keys, error) {
	const most = 64 << 10
	from := a.stdin
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return nil, usagef("--join-secret-file %s: it cannot be read: %w", file, cause(err))
		}
		defer func() { _ = opened.Close() }()
		from = opened
	}
	text, err := io.ReadAll(io.LimitReader(from, most))
	if err != nil {
		return nil, usagef("--join-secret-file %s: it cannot be read: %w", file, cause(err))
	}
	keys, err := fleet.KeysOf(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, usagef("--join-secret-file %s: %w; %s", file, err, mend)
	}
	return keys, nil
}

func (a *App) generate(ctx context.Context, at string, f generateFlags) error {
	address, err := fleet.Place(at)
	switch {
	case err != nil:
		return usageError{err}
	case f.secretFile == "":
		return usagef("give with --join-secret-file the secret that the lead has")
	case f.within < 0:
		return usagef("--wait-ready %s: a wait cannot be negative", f.within)
	}
	keys, err := a.joinKeys(f.secretFile, "take the one that the lead has")
	if err != nil {
		return err
	}
	hits, err := openHits(f.out, nil, []string{f.secretFile})
	if err != nil {
		return err
	}
	defer func() { _ = closeHits(hits) }() // after a fault; else it is closed by then
	g, err := a.joined(ctx, address, keys, f.within)
	if err != nil {
		return unfit(err)
	}
	defer g.Close()
	config, err := g.Config(a.env)
	if err == nil {
		err = config.Check()
	}
	if err != nil {
		g.Refuse(err.Error())
		return usageError{err}
	}
	if !f.quiet {
		_, _ = fmt.Fprintf(a.stdout, "joined %s as generator %d of %d\n", at, g.Index+1, g.Count)
	}
	shown := &progress{now: a.now, before: "waiting for the other generators"}
	config.Progress = func(p load.Progress) { shown.set(p) }
	if hits != nil {
		config.Keep = hits
	}
	status := a.tell(f.quiet, shown.say)
	run, err := g.Run(ctx, config)
	status.end()
	if err != nil && ctx.Err() == nil {
		return unfit(err)
	}
	if lost := closeHits(hits); lost != nil {
		return harnessError{lost}
	}
	if err == nil && !f.quiet {
		_, _ = fmt.Fprintf(a.stdout, "%s measured, and handed to the lead\n", words.Count(int(run.Requests), "request"))
	}
	if ctx.Err() != nil {
		return harnessError{errors.New(interrupted)}
	}
	return nil
}

// joined joins a lead, which may take a while to answer.
func (a *App) joined(ctx context.Context, address string, keys *fleet.Keys, within time.Duration) (*fleet.Generator, error) {
	const pause = 500 * time.Millisecond
	for until := a.now().Add(within); ; {
		g, err := fleet.Join(ctx, address, keys, version.Tool())
		_, wrong := errors.AsType[fleet.Unfit](err)
		if err == nil || wrong || !a.now().Add(pause).Before(until) {
			return g, err
		}
		select {
		case <-a.after(pause):
		case <-ctx.Done():
			return nil, err
		}
	}
}

// unfit is an error of a generator with its exit code.
func unfit(err error) error {
	if _, wrong := errors.AsType[fleet.Unfit](err); wrong {
		return usageError{err}
	}
	return harnessError{err}
}
