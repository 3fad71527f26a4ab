package thirdparty

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// How often each server is put under load of a kind: make prove-model.
var rounds = flag.Int("rounds", 0, "put each server under load so often")

// modelled are the loads that each target can be asked for. Their sessions are over in two seconds.
var modelled = []struct {
	host      host
	file      string
	scenarios []string
}{
	{hosts[0], "target.yaml", []string{"mix=issue:1,validate:1,refresh:1", "refresh", "session"}},
	{hosts[1], "target.yaml", []string{"mix=issue:1,validate:1,use:1,refresh:1", "refresh", "session"}},
	{hosts[2], "target.yaml", []string{"session"}},
	{hosts[2], "target-user.yaml", []string{"mix=validate:1,use:1,refresh:1", "refresh"}},
	{hosts[3], "target.yaml", []string{"mix=issue:1,validate:1,use:1,refresh:1", "refresh", "session"}},
}

// TestServersUnderTheModel: what others wrote does nothing that the model of a service has no place for, however often one looks.
func TestServersUnderTheModel(t *testing.T) {
	if *rounds == 0 {
		t.Skip("it is make prove-model")
	}
	for _, m := range modelled {
		t.Run(m.host.name+" "+m.file, func(t *testing.T) {
			at := m.host.start(t)
			for _, scenario := range m.scenarios {
				t.Run(scenario, func(t *testing.T) { m.host.load(t, at, filepath.Join(m.host.name, m.file), scenario) })
			}
		})
	}
}

// load puts a host under load again and again, and wants nothing said against it.
func (h host) load(t *testing.T, at, targetFile, scenario string) {
	t.Helper()
	families, answers, undecided := 0, 0, 0
	for range *rounds {
		report := filepath.Join(t.TempDir(), "report.json")
		rate := []string{"--rate", "50"}
		if scenario == "session" {
			rate = []string{"--rate", "10", "--refreshes", "3", "--period", "250ms", "--logout", "50%"}
		}
		load := exec.Command(filepath.Join(cache, "gonogo"), append([]string{"load", "--quiet", "--target", targetFile, "--scenario", scenario,
			"--duration", "1s", "--working-set", "20", "--connections", "4", "--report", "json=" + report}, rate...)...)
		load.Env = append(os.Environ(), "BASE_URL="+at)
		said, _ := load.CombinedOutput() // that the machine had no time for it stands in the report
		var got struct {
			Load []struct {
				Requests, Errors     int
				Violations, Warnings []any
				Histories            struct{ Families, Events, Undecided int }
			}
		}
		text, err := os.ReadFile(report)
		if err == nil {
			err = json.Unmarshal(text, &got)
		}
		if err != nil || len(got.Load) != 1 {
			t.Fatalf("no report (%v):\n%s", err, said)
		}
		run := got.Load[0]
		if run.Requests == 0 || run.Errors > 0 || len(run.Violations)+len(run.Warnings) > 0 {
			t.Errorf("of %d requests %d are errors, %d kinds of violations and %d of warnings:\n%s", run.Requests, run.Errors, len(run.Violations), len(run.Warnings), said)
		}
		families, answers, undecided = families+run.Histories.Families, answers+run.Histories.Events, undecided+run.Histories.Undecided
	}
	t.Logf("%d runs: %d answers of %d families, of which %d could not be told", *rounds, answers, families, undecided)
}
