package engine

import (
	"fmt"
	"slices"

	"gonogo/internal/replay"
)

// Script is a script that does again what the case of Options.Reproduce did, once the run has ended. The error is a
// sentence: there is nothing to do again, or a secret cannot be kept out of it.
func (p *Prepared) Script() (string, error) {
	var shown *Trial // of several runs, the first that found something
	for _, r := range slices.Concat(p.rounds...) {
		if t := r.reproduced; t != nil && (shown == nil || !shown.Failed() && t.Failed()) {
			shown = t
		}
	}
	if shown != nil {
		return shown.script()
	}
	return "", fmt.Errorf("%s was not run, so there is nothing to reproduce", p.options.Reproduce)
}

func (t *Trial) script() (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.exchanges) == 0 {
		return "", fmt.Errorf("%s sent nothing that could be reproduced: %s", t.Case.ID, t.run.results[t.Case.ID].Reason)
	}
	recording := replay.Recording{
		Case: t.Case.ID, Title: t.Case.Title, Target: t.run.target, Redactor: t.run.connection.Redactor,
		All: t.run.connection.Recorded(), Steps: t.exchanges, Clock: t.run.timeline.at,
	}
	for _, id := range t.Case.Requirements {
		if row, ok := t.run.plan.Dialect.Requirement(id); ok {
			recording.Rows = append(recording.Rows, fmt.Sprintf("%s (%s): %s", row.ID, row.Level, row.Text))
		}
	}
	for _, f := range t.findings {
		if f.stands {
			recording.Findings = append(recording.Findings, replay.Finding{Sent: f.Sent, Wanted: f.Wanted, Got: f.Got, Exchange: f.Exchange, Shown: f.Shown})
		}
	}
	return recording.Script()
}
