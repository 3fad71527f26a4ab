package examples

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/tsenart/vegeta/v12/lib"

	"gonogo/load"
	"gonogo/reports"
	"gonogo/specs"
)

func loaded(ctx context.Context) (*reports.LoadRun, error) {
	target, err := load.ReadTarget("perf.yaml", os.LookupEnv)
	if err != nil {
		return nil, err
	}
	run, err := load.Run(ctx, load.Config{
		Target: target, Scenario: "refresh", Rate: 1000, Duration: 10 * time.Second, Connections: 16, WorkingSet: 1000,
		Pick: "uniform", Level: specs.Standard, Objectives: []string{"p99<20ms"}, Agent: "my gate",
	})
	if err != nil {
		return nil, err
	}
	fmt.Println(run.Verdict, run.Because)
	return run, nil
}

func TestLoad(t *testing.T) {
	run, err := loaded(t.Context())
	if err != nil || run.Requests == 0 || len(run.Violations) > 0 { // whether 20 ms are kept is this machine's affair
		t.Errorf("%+v, %v", run, err)
	}
}

func TestVegeta(t *testing.T) {
	target, err := load.ReadTarget("perf.yaml", os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	good := 0
	ctx := t.Context()
	targets, err := load.NewTargeter(ctx, load.Targets{Config: load.Config{Target: target, Scenario: "refresh", WorkingSet: 1000, Pick: "uniform", Level: specs.Standard, Agent: "my gate"}})
	if err != nil {
		t.Fatal(err)
	}
	defer targets.Close()
	for result := range vegeta.NewAttacker().Attack(targets.Next, vegeta.Rate{Freq: 100, Per: time.Second}, 10*time.Second, "refresh") {
		if result.Code == 200 {
			good++
		}
	}
	if good != 1000 {
		t.Errorf("%d of 1000 refreshes are answered 200", good)
	}
}
