package app

import (
	"context"
	"fmt"

	"gonogo/internal/telemetry"
	"gonogo/reports"
)

// telemetry is where the environment wants a run told of. What cannot be understood of it is said, and is no reason to run nothing.
func (a *App) telemetry() telemetry.Settings {
	settings, wrong := telemetry.FromEnvironment(a.env)
	for _, sentence := range wrong {
		a.regrets(fmt.Errorf("telemetry: %s", sentence))
	}
	return settings
}

// regrets says what came of telemetry, which changes no verdict and no report.
func (a *App) regrets(err error) {
	if err != nil {
		_, _ = fmt.Fprintln(a.folding(a.stderr), "gonogo:", err)
	}
}

// telemeter tells the collector, if there is one, what came of a run whose reports are written.
func (a *App) telemeter(ctx context.Context, report *reports.Report) {
	a.regrets(a.telemetry().Spans(ctx, report))
}
