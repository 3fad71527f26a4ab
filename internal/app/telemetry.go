package app

import (
	"context"
	"fmt"

	"gonogo/internal/telemetry"
	"gonogo/reports"
)

// telemeter tells the collector that the environment names, if it names one, what came of a run whose reports are written; a load
// has figures beside. What goes wrong with that is said, and changes no verdict and no report.
func (a *App) telemeter(ctx context.Context, report *reports.Report, figures *telemetry.Figures) {
	settings, wrong := telemetry.FromEnvironment(a.env)
	for _, err := range []error{wrong, settings.Tell(ctx, report, figures)} {
		if err != nil {
			_, _ = fmt.Fprintln(a.folding(a.stderr), "gonogo:", err)
		}
	}
}
