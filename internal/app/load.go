package app

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"gonogo/load"
	"gonogo/reports"
)

func (a *App) loadCommand() *cobra.Command {
	var f loadFlags
	cmd := &cobra.Command{
		Use:   "load [DIALECT]",
		Short: "Put a target under load and judge every answer",
		Long: `load sends requests at a rate that does not yield to a slow target, measures each from the moment when it was due, and
judges every answer by what it says. A token that is handed out twice, one that was used and still works, a fresh one
that does not work, an error under the status of a success: each is a no-go at any speed.

Without --target it is the reference server that is put under load, in a process of its own. Load goes to this machine
only, unless --allow-remote says that the target is yours to put under load.

Scenarios: issue, validate, use, refresh, mix (issue:1,validate:8,refresh:1, or --scenario mix=…), and storm, in which
everybody's access token ends in the same second (the target file needs a clock control).`,
		Example: `  gonogo load DIALECT --scenario issue                      1000/s for 10 s over 16 connections
  gonogo load DIALECT --scenario refresh --rate 2000 --objective 'p99<20ms' --objective 'errors<0.1%'
  gonogo load --target perf.yaml --scenario mix=issue:1,validate:20 --shape ramp:100-2000 --duration 1m
  gonogo load --target perf.yaml --scenario validate --pick zipf --out hits.gob && vegeta report hits.gob`,
		Args: oneDialect,
		RunE: func(cmd *cobra.Command, dialects []string) error {
			f.given = cmd.Flags().Changed
			return a.load(cmd.Context(), dialects, f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.addTo(flags, 10*time.Second)
	flags.Float64Var(&f.rate, "rate", 1000, "requests in a second; 0 is as many as the connections allow")
	flags.StringVar(&f.shape, "shape", "", "a rate that changes instead of --rate: `SHAPE` is ramp:FROM-TO or steps:A,B,…")
	flags.StringVar(&f.out, "out", "", "write every request's times to `FILE`, for vegeta report and vegeta plot; no tokens are in it")
	cmd.AddCommand(a.capacityCommand())
	return cmd
}

func (a *App) load(ctx context.Context, dialects []string, f loadFlags) error {
	config, err := f.config()
	if err != nil {
		return err
	}
	st, err := a.setStage(ctx, dialects, f, &config, func() error { return nil })
	if err != nil {
		return err
	}
	defer st.clear()
	return a.runLoad(ctx, f, config, st)
}

// runLoad is the run with everything that follows it, and its reports.
func (a *App) runLoad(ctx context.Context, f loadFlags, config load.Config, st *stage) error {
	st.begin(config)
	progress := a.newProgress(f.quiet, config)
	config.Keep, config.Agent = st.hits.sink(), "gonogo/"+Version
	config.Progress = func(p load.Progress) {
		st.metrics.set(p)
		progress.show(p)
	}
	run, err := load.Run(ctx, config)
	progress.end()
	if err != nil {
		return usageError{err}
	}
	st.report.Load = append(st.report.Load, run)
	st.end(ctx)
	if err := reports.WriteLoadText(a.stdout, run, reports.TerminalOptions{Color: a.wantsColor(), Quiet: f.quiet}); err != nil {
		return harnessError{err}
	}
	a.exit = reports.ExitCode(st.report)
	return st.write(a.exit)
}
