package prove

import (
	"context"
	"slices"
	"time"

	"gonogo/internal/embedded"
	"gonogo/load"
	"gonogo/reference"
	"gonogo/reports"
	"gonogo/reports/proofs"
	"gonogo/specs"
)

// scenario is that of the load in which a defect shows; empty: a case is for it.
func (p proof) scenario() string {
	for _, q := range reference.Defects() {
		if p.kind == Defect && q.ID == p.id {
			return q.Load
		}
	}
	return ""
}

// loadRate and loadTime are how much load shows a defect: little, for other proofs run beside it.
const (
	loadRate = 50.
	loadTime = time.Second
)

// load puts the server under load, and wants a violation of the requirement.
func (p proof) load(ctx context.Context, scenario string) proofs.Run {
	came, err := p.underLoad(ctx, scenario)
	switch {
	case err != nil:
		return proofs.Run{Outcome: proofs.NoResult, Reason: "did not come to its end: " + err.Error()}
	case slices.ContainsFunc(came.Violations, func(v reports.LoadViolation) bool { return v.Requirement == p.requirement }):
		return proofs.Run{Outcome: proofs.Caught, CaughtBy: []string{p.dialect + "/load/" + scenario}}
	case ctx.Err() != nil:
		return proofs.Run{Outcome: proofs.NoResult, Reason: "did not come to its end: " + interrupted}
	}
	return proofs.Run{Outcome: proofs.Survived, Reason: "no violation of " + p.requirement + " was seen in a load of the scenario " + scenario}
}

func (p proof) underLoad(ctx context.Context, scenario string) (*reports.LoadRun, error) {
	d, err := p.document()
	if err != nil {
		return nil, err
	}
	server, err := embedded.Start(ctx, d, []string{p.id}, nil)
	if err != nil {
		return nil, err
	}
	defer server.Kill()
	t, err := load.ParseTarget("embedded", []byte(server.YAML()), nil)
	if err != nil {
		return nil, err
	}
	return load.Run(ctx, load.Config{
		Target: t, Scenario: scenario, Rate: loadRate, Duration: loadTime, Connections: 4, WorkingSet: 20, Pick: "uniform", Level: specs.Practice, Agent: "gonogo prove", Seed: seed,
	})
}
