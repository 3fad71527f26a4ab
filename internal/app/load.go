package app

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gonogo/internal/target"
	"gonogo/load"
	"gonogo/reports"
	"gonogo/specs"
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
		Args: cobra.MaximumNArgs(1),
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
	outputs, err := parseReports(f.reports)
	if err != nil {
		return err
	}
	hits, err := openHits(f.out, outputs)
	if err != nil {
		return err
	}
	defer func() { _ = hits.close() }() // after a fault; else it is closed by then
	if err := outputs.writable(); err != nil {
		return err
	}
	metrics, err := f.openMetrics(ctx)
	if err != nil {
		return err
	}
	defer metrics.close()
	stop, err := a.loadTarget(ctx, dialects, f, &config)
	if err != nil {
		return err
	}
	defer stop()
	if err := load.Check(config); err != nil {
		return usageError{err}
	}
	streams, err := outputs.open()
	if err != nil {
		return err
	}
	return a.runLoad(ctx, f, config, outputs, streams, hits, metrics)
}

// runLoad is the run with everything that follows it, and its reports.
func (a *App) runLoad(ctx context.Context, f loadFlags, config load.Config, outputs outputs, streams []*reports.JSONL, hits *hitsFile, metrics *metricsServer) error {
	report := &reports.Report{Schema: reports.SchemaID, Tool: tool(), Started: time.Now().UTC(), Seed: config.Seed, Policy: reports.Policy{Gate: reports.Level(config.Gate)}}
	observers := reports.Observers{outputs.begun()}
	for _, stream := range streams {
		observers = append(observers, stream)
	}
	observers.Begin(reports.HeaderOf(report))
	progress := a.newProgress(f.quiet, config)
	config.Keep, config.Agent = hits.sink(), "gonogo/"+Version
	config.Progress = func(p load.Progress) {
		metrics.set(p)
		progress.show(p)
	}
	run, err := load.Run(ctx, config)
	progress.end()
	if err != nil {
		return usageError{err}
	}
	if ctx.Err() != nil {
		report.Interrupted = "the run was interrupted"
	}
	if err := report.AddLoad(run); err != nil {
		return harnessError{err}
	}
	report.DurationMS = time.Since(report.Started).Milliseconds()
	reports.Decide(report, report.Policy)
	observers.End(report)
	if err := reports.WriteLoadText(a.stdout, run, reports.TerminalOptions{Color: a.wantsColor(), Quiet: f.quiet}); err != nil {
		return harnessError{err}
	}
	a.exit = reports.ExitCode(report)
	return lostHits(hits.close(), a.exit, outputs.write(report, streams))
}

// lostHits adds to what became of the reports what became of the file of --out.
func lostHits(lost error, exit int, err error) error {
	switch {
	case lost == nil:
		return err
	case err == nil:
		return reportError{exit: exit, error: harnessError{lost}}
	}
	return reportError{exit: exit, error: harnessError{fmt.Errorf("%w; %w", err, lost)}}
}

// loadTarget settles what is put under load. stop ends what was started for it.
func (a *App) loadTarget(ctx context.Context, dialects []string, f loadFlags, config *load.Config) (stop func(), err error) {
	if f.target != "" {
		t, d, err := target.Load(f.target, a.env)
		if err != nil {
			return nil, usageError{err}
		}
		if len(dialects) > 0 && dialects[0] != d.ID {
			return nil, usagef("%s is a target of the dialect %s, not of %s", f.target, d.ID, dialects[0])
		}
		config.Dialect, config.Target = d, t
		return func() {}, f.mayLoad(t, config.Shape)
	}
	if len(dialects) == 0 {
		return nil, usagef("say what to put under load: a dialect, for the reference server, or --target FILE")
	}
	d, err := specs.Load(dialects[0])
	if err != nil {
		return nil, usageError{err}
	}
	if !served(d.ID) {
		return nil, usagef("the reference server does not speak %s; name a target with --target", d.ID)
	}
	if f.http2 {
		return nil, usagef("--http2 needs a target with an https address, and the reference server has none; name one with --target")
	}
	server, err := startServer(ctx, d.ID)
	if err != nil {
		return nil, harnessError{fmt.Errorf("the reference server does not start in a process of its own: %w", err)}
	}
	config.Dialect = d
	if config.Target, _, err = target.Load(server.targetFile, a.env); err != nil {
		server.stop()
		return nil, harnessError{fmt.Errorf("the target file of the reference server is wrong: %w", err)}
	}
	return server.stop, nil
}

// mayLoad refuses a target that is somebody's by accident.
func (f loadFlags) mayLoad(t *target.Target, shape load.Shape) error {
	if _, err := t.Transport(); err != nil {
		return usagef("%s: %w", f.target, err)
	}
	if f.http2 && t.BaseURL.Scheme != "https" {
		return usagef("--http2 needs an https address, and %s has %s", f.target, t.BaseURL.Redacted())
	}
	if t.Loopback() {
		return nil
	}
	if !f.remote {
		return usagef("%s is at %s, which is not this machine: a load test could take somebody's service down; give --allow-remote if this target is yours to put under load", f.target, t.BaseURL.Redacted())
	}
	if highest := shape.Highest(); highest == 0 || highest > t.Limits.MaxRPS {
		asked := fmt.Sprintf("%v/s", highest)
		if highest == 0 {
			asked = "as much as the connections allow"
		}
		return usagef("%s: limits.max_rps allows this target %v/s, and the run asks for %s; raise it there, or ask for less", f.target, t.Limits.MaxRPS, asked)
	}
	return nil
}
