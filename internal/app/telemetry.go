package app

import (
	"context"
	"fmt"

	"gonogo/internal/telemetry"
	"gonogo/reports"
)

// regrets says what came of telemetry, which changes no verdict and no report.
func (a *App) regrets(err error) {
	if err != nil {
		_, _ = fmt.Fprintln(a.folding(a.stderr), "gonogo:", err)
	}
}

// telemeter tells the collector that the environment names, if it names one, what came of a run whose reports are written. What
// cannot be understood of that is said, and is no reason to run nothing.
func (a *App) telemeter(ctx context.Context, report *reports.Report) {
	settings, wrong := telemetry.FromEnvironment(a.env)
	if wrong != "" {
		a.regrets(fmt.Errorf("telemetry: %s", wrong))
	}
	a.regrets(settings.Spans(ctx, report))
}
