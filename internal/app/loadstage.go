package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"gonogo/internal/telemetry"
	"gonogo/internal/version"
	"gonogo/load"
	"gonogo/reports"
	"gonogo/reports/terminal"
)

// stage is what stands around a load run, or a search that is made of many: where its reports go, who watches it, and
// what was started for it.
type stage struct {
	app      *App
	outputs  outputs
	hits     *os.File // nil without --out, which a search has not
	metrics  *metricsServer
	figures  *telemetry.Figures // nil: nobody wants them
	progress *progress
	status   *status
	streams  []*reports.JSONL
	history  *reports.History // nil without --history
	stop     func()           // ends the reference server, if it is the target

	report   *reports.Report
	observer reports.Observer
	options  terminal.Options
}

// setStage makes ready what a run needs, in an order in which what is wrong with the command line is said before
// anything is sent or written over. check looks over what is asked for, before the target is known and once more then.
func (a *App) setStage(ctx context.Context, dialects []string, f loadFlags, check func() error) (_ *stage, err error) {
	if err := errors.Join(f.settle(), check()); err != nil {
		return nil, usageError{err}
	}
	st := &stage{app: a, stop: func() {}}
	defer func() {
		if err != nil {
			st.clear()
		}
	}()
	if st.outputs, err = a.parseReports(f.reports); err != nil {
		return nil, err
	}
	st.options = terminal.Options{Color: a.wantsColor(), Quiet: f.quiet, Width: a.width(a.stdout.Writer)}
	if err = st.outputs.writable(); err != nil {
		return nil, err
	}
	if st.history, err = openHistory(f.history); err != nil {
		return nil, err
	}
	if st.metrics, err = f.openMetrics(ctx); err != nil {
		return nil, err
	}
	if f.config.Target == nil {
		if f.config.Target, st.stop, err = a.loadTarget(ctx, dialects, f); err != nil {
			return nil, err
		}
	}
	if err = check(); err != nil {
		return nil, usageError{err}
	}
	if err = st.outputs.spares(slices.Concat(f.reads, f.config.Target.Reads())...); err != nil {
		return nil, err
	}
	if st.hits, err = openHits(f.out, st.outputs, f.config.Target.Reads()); err != nil {
		return nil, err
	}
	if st.streams, err = st.outputs.open(); err != nil {
		return nil, err
	}
	st.progress = &progress{now: a.now}
	st.status = a.tell(f.quiet, st.progress.say)
	f.config.Agent = "gonogo/" + version.Version
	f.config.Progress = func(p load.Progress) {
		st.figures.Set(p)
		st.progress.set(p)
	}
	if st.hits != nil {
		f.config.Keep = st.hits
	}
	st.begin(*f.config, a.originOf(f.cmd, f.origin))
	return st, nil
}

// figure has the figures of the run that comes kept, if Prometheus may ask for them or a collector is to be told.
func (st *stage) figure(f loadFlags, told bool) {
	var settings telemetry.Settings
	if told {
		settings, _ = telemetry.FromEnvironment(st.app.env) // what is wrong there is said at the end
	}
	if st.metrics == nil && !settings.Pushed() {
		return
	}
	c := f.config
	st.figures = settings.Figures(telemetry.Subject{Dialect: c.Target.Dialect(), Target: c.Target.Address(), Scenario: c.Scenario, Labels: f.origin.labels})
	c.Metered = true
	if st.metrics != nil {
		st.metrics.shown.Store(st.figures)
	}
}

// clear ends what was started. What is closed already stays so.
func (st *stage) clear() {
	if st.status != nil {
		st.status.end()
	}
	st.stop()
	st.metrics.close()
	over, cancel := context.WithCancel(context.Background())
	cancel()
	_ = st.figures.End(over) // where the load did not come to its end; nobody is told any more
	_ = closeHits(st.hits)   // after a fault; else it is closed by then
}

// say tells something beside how the run stands.
func (st *stage) say(text string) {
	st.status.erase()
	_, _ = fmt.Fprintln(st.app.folding(st.app.stderr), text)
}

// begin opens the report.
func (st *stage) begin(config load.Config, origin reports.Origin) {
	st.report = &reports.Report{
		Schema: reports.SchemaID, Tool: version.Tool(), Started: time.Now().UTC(), Seed: config.Seed, Origin: origin,
		Policy: reports.Policy{Gate: config.Level},
	}
	st.observer = st.outputs.observer(st.streams)
	st.observer.Begin(reports.Begun(st.report))
}

// end decides the report, to which what ran has been added, tells it on the terminal, and writes the reports.
func (st *stage) end(ctx context.Context, tell func(w io.Writer) error) error {
	defer st.app.telemeter(ctx, st.report, st.figures)
	if ctx.Err() != nil {
		st.report.Interrupted = interrupted
	}
	st.report.DurationMS = time.Since(st.report.Started).Milliseconds()
	reports.Decide(st.report, st.report.Policy)
	st.observer.End(st.report)
	if err := tell(st.app.stdout); err != nil {
		return harnessError{err}
	}
	st.app.exit = reports.ExitCode(st.report)
	return errors.Join(st.write(st.app.exit), keep(st.history, st.report))
}

// write writes every report. The file of --out is closed first: whether it is whole is part of how the run ended.
func (st *stage) write(exit int) error {
	lost := closeHits(st.hits)
	err := st.outputs.write(st.report, st.streams)
	switch {
	case lost == nil:
		return err
	case err == nil:
		return reportError{exit: exit, error: harnessError{lost}}
	}
	return reportError{exit: exit, error: harnessError{fmt.Errorf("%w; %w", err, lost)}}
}
