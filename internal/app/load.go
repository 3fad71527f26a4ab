package app

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"gonogo/load"
	"gonogo/reports"
)

func (a *App) loadCommand() *cobra.Command {
	var c load.Config
	f := loadFlags{config: &c}
	cmd := &cobra.Command{
		Use:   "load [DIALECT|TARGET.yaml|ISSUER-URL]",
		Short: "Put a target under load and judge every answer",
		Long: `load sends requests at a rate that does not yield to a slow target, measures each from the moment when it was due, and
judges every answer by what it says. A token that is handed out twice where the document wants a new one, one that was
used and still works, a fresh one that does not work, an error under the status of a success: each is a no-go at any speed.

Without --target it is the reference server that is put under load, in a process of its own. Load goes to this machine
only, unless --allow-remote says that the target is yours to put under load.

Scenarios: issue, validate, use, refresh, mix (issue:1,validate:8,refresh:1, or --scenario mix=…), storm, in which
everybody's access token ends in the same second (the target file needs a clock control), and session.

A session is a client that logs in, uses its token, refreshes it once in every --period, and logs out. --rate says how many
begin in a second; what its document has no operation for is left out. A run goes on until its last session has ended: for
--duration, and (--refreshes + 1) periods.`,
		Example: `  gonogo load DIALECT --scenario issue                      1000/s for 10 s over 16 connections
  gonogo load DIALECT --scenario refresh --rate 2000 --objective 'p99<20ms' --objective 'errors<0.1%'
  gonogo load --target perf.yaml --scenario mix=issue:1,validate:20 --shape ramp:100-2000 --duration 1m
  gonogo load --target perf.yaml --scenario session --rate 50 --refreshes 10 --period 5s --think 500ms-2s --logout 30%
  gonogo load --target perf.yaml --scenario mix --rate 80000 --generators 4
  gonogo load --target perf.yaml --scenario validate --pick zipf --out hits.gob && vegeta report hits.gob`,
		Args: oneDialect,
		RunE: func(cmd *cobra.Command, args []string) error {
			dialects, err := f.named(cmd, args)
			if err != nil {
				return err
			}
			return a.load(cmd.Context(), dialects, f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.addTo(flags, 10*time.Second)
	rate(flags, &c.Rate, "rate", 1000, "requests in a second, or sessions that begin (50); 0 is as many as the connections allow")
	arrivalsFlag(flags, &c)
	flags.StringVar(&c.Shape, "shape", "", "a rate that changes instead of --rate: `SHAPE` is ramp:FROM-TO or steps:A,B,…")
	f.addSession(flags)
	f.together.addTo(flags)
	flags.StringVar(&f.out, "out", "", "write every request's times to `FILE`, for vegeta report and vegeta plot; no tokens are in it")
	cmd.AddCommand(a.capacityCommand(), a.loadCompareCommand(), a.loadTargetsCommand(), a.loadJudgeCommand())
	return cmd
}

func (a *App) load(ctx context.Context, dialects []string, f loadFlags) error {
	if shape := f.config.Shape; f.given("rate") && shape != "" && shape != "constant" {
		return usagef("--rate and --shape %s are both about the rate; give one of them", shape)
	}
	together, err := a.settleTogether(&f)
	if err != nil {
		return err
	}
	st, err := a.setStage(ctx, dialects, f, func() error { return f.config.Check() })
	if err != nil {
		return err
	}
	defer st.clear()
	st.figure(f, true)
	run, err := a.loaded(ctx, st, f, together)
	st.status.end()
	if err != nil {
		return err
	}
	st.report.Load = append(st.report.Load, run)
	return st.end(ctx, func(w io.Writer) error { return st.options.WriteLoad(w, run) })
}

// loaded is what came of the load: of this process's own, or of several generators'.
func (a *App) loaded(ctx context.Context, st *stage, f loadFlags, together bool) (*reports.LoadRun, error) {
	if together {
		run, err := a.loadTogether(ctx, st, f)
		if err == nil {
			st.figures.Set(standing(run, st.progress.last())) // its generators told of the latest second before
		}
		return run, err
	}
	run, err := load.Run(ctx, *f.config)
	if err != nil {
		return nil, usageError{err}
	}
	return run, nil
}
