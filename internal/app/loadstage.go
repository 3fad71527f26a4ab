package app

import (
	"context"
	"fmt"
	"time"

	"gonogo/load"
	"gonogo/reports"
)

// stage is what stands around a load run, or a search that is made of many: where its reports go, who watches it, and
// what was started for it.
type stage struct {
	outputs outputs
	hits    *hitsFile // nil without --out, which a search has not
	metrics *metricsServer
	streams []*reports.JSONL
	stop    func() // ends the reference server, if it is the target

	report    *reports.Report
	observers reports.Observers
}

// setStage makes ready what a run needs, in an order in which what is wrong with the command line is said before
// anything is sent or written over. fits looks over what can only be judged once the target is known.
func (a *App) setStage(ctx context.Context, dialects []string, f loadFlags, config *load.Config, fits func() error) (_ *stage, err error) {
	st := &stage{stop: func() {}}
	defer func() {
		if err != nil {
			st.clear()
		}
	}()
	if st.outputs, err = parseReports(f.reports); err != nil {
		return nil, err
	}
	if st.hits, err = openHits(f.out, st.outputs); err != nil {
		return nil, err
	}
	if err = st.outputs.writable(); err != nil {
		return nil, err
	}
	if st.metrics, err = f.openMetrics(ctx); err != nil {
		return nil, err
	}
	stop, err := a.loadTarget(ctx, dialects, f, config)
	if err != nil {
		return nil, err
	}
	st.stop = stop
	if err = fits(); err != nil {
		return nil, err
	}
	if err = load.Check(*config); err != nil {
		return nil, usageError{err}
	}
	st.streams, err = st.outputs.open()
	return st, err
}

// clear ends what was started. What is closed already stays so.
func (st *stage) clear() {
	st.stop()
	st.metrics.close()
	_ = st.hits.close() // after a fault; else it is closed by then
}

// begin opens the report.
func (st *stage) begin(config load.Config) {
	st.report = &reports.Report{
		Schema: reports.SchemaID, Tool: tool(), Started: time.Now().UTC(), Seed: config.Seed,
		Policy: reports.Policy{Gate: config.Gate},
	}
	st.observers = reports.Observers{st.outputs.begun()}
	for _, stream := range st.streams {
		st.observers = append(st.observers, stream)
	}
	st.observers.Begin(reports.HeaderOf(st.report))
}

// end decides the report, to which what ran has been added.
func (st *stage) end(ctx context.Context) {
	if ctx.Err() != nil {
		st.report.Interrupted = "the run was interrupted"
	}
	st.report.DurationMS = time.Since(st.report.Started).Milliseconds()
	reports.Decide(st.report, st.report.Policy)
	st.observers.End(st.report)
}

// write writes every report. The file of --out is closed first: whether it is whole is part of how the run ended.
func (st *stage) write(exit int) error {
	lost := st.hits.close()
	err := st.outputs.write(st.report, st.streams)
	switch {
	case lost == nil:
		return err
	case err == nil:
		return reportError{exit: exit, error: harnessError{lost}}
	}
	return reportError{exit: exit, error: harnessError{fmt.Errorf("%w; %w", err, lost)}}
}
