package app

import (
	"context"
	"fmt"

	"gonogo/internal/telemetry"
	"gonogo/reports"
)

// telemeter tells the collector that the environment names, if it names one, what came of a run whose reports are written. What
// goes wrong with that is said, and changes no verdict and no report.
func (a *App) telemeter(ctx context.Context, report *reports.Report) {
	settings, err := telemetry.FromEnvironment(a.env)
	if err == nil {
		err = settings.Spans(ctx, report)
	}
	if err != nil {
		_, _ = fmt.Fprintln(a.folding(a.stderr), "gonogo:", err)
	}
}
