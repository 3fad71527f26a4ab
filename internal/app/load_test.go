package app_test

import (
	"encoding/json"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonogo/reports"
	"gonogo/testdata/fifth"
)

// short is a load that is long enough for every thing a scenario tries now and then to be tried.
var short = []string{"--rate", "200", "--duration", "1s", "--working-set", "60"}

// atOnce keeps the loads of this package's tests from being each other's trouble.
var atOnce = make(chan struct{}, 3)

// loaded is a run of load with its report.
func loaded(t *testing.T, args ...string) (outcome, *reports.Report, *reports.LoadRun) {
	t.Helper()
	atOnce <- struct{}{}
	defer func() { <-atOnce }()
	file := filepath.Join(t.TempDir(), "report.json")
	o := gonogo(t, slices.Concat([]string{"load", "--report", "json=" + file}, args)...)
	if o.code == 2 {
		t.Fatalf("nothing was sent:\n%s", o)
	}
	report := reportIn(t, file)
	runs := report.Load
	if len(runs) != 1 {
		t.Fatalf("the report has %d load runs; the tool said\n%s", len(runs), o)
	}
	return o, report, runs[0]
}

// sound wants a go: every request sent, and every answer as it should be. On a machine where others are busy the
// generator itself may stand still or come late; it must say so then, and nothing against the target.
func sound(t *testing.T, o outcome, run *reports.LoadRun, requests int64) {
	t.Helper()
	if busy(run) {
		t.Logf("the machine was busy: %q", run.Because)
		o.exits(t, 3)
	} else {
		o.exits(t, 0)
		if run.Requests != requests || run.Unsent != 0 {
			t.Errorf("%d requests are wanted, not %d and %d unsent", requests, run.Requests, run.Unsent)
		}
	}
	if run.Errors > 0 || len(run.Violations) > 0 || run.Starved > 0 || run.Requests == 0 {
		t.Errorf("of %d requests %d are errors, %d had no token, and the violations are %+v in\n%s", run.Requests, run.Errors, run.Starved, run.Violations, o)
	}
}

// busy reports a run whose only fault is that this machine had no time for it.
func busy(run *reports.LoadRun) bool {
	return len(run.Because) > 0 && !slices.ContainsFunc(run.Because, func(why string) bool {
		return !strings.HasPrefix(why, "the generator ") && !strings.HasPrefix(why, "it could not keep up") && !strings.Contains(why, "the generator's own trouble") &&
			!strings.Contains(why, "the generator may be the cause") &&
			!strings.Contains(why, "because all connections were busy") && !strings.Contains(why, "because those before them had not been answered")
	})
}

// parts are how many requests of each kind a run had.
func parts(run *reports.LoadRun) map[string]int64 {
	of := map[string]int64{}
	for _, p := range run.Parts {
		of[p.Name] = p.Requests
	}
	return of
}

// sends is what each scenario must have sent.
var sends = map[string][]string{
	"issue": {"issue", "check"}, "validate": {"validate"}, "use": {"use"}, "refresh": {"refresh", "check"},
	"mix": {"issue", "validate", "refresh"}, "storm": {"use", "refresh"},
}

func TestLoadOfEveryDialectAndScenario(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		for scenario, wanted := range sends {
			t.Run(dialect+" "+scenario, func(t *testing.T) {
				t.Parallel()
				s := serve(t, dialect)
				o, report, run := loaded(t, append([]string{"--target", s.file(dialect), "--scenario", scenario}, short...)...)
				sound(t, o, run, 200)
				if !busy(run) && (report.Verdict != reports.Go || !report.Complete || run.Verdict != reports.Go || !endsWith(o.stdout, "\nGO: 200 requests, 0 errors\n")) {
					t.Errorf("the verdict is %s, complete %t, in\n%s", report.Verdict, report.Complete, o)
				}
				sent := parts(run)
				for _, part := range wanted {
					if sent[part] == 0 {
						t.Errorf("no request of %s is among %v", part, sent)
					}
				}
				if run.Dialect != dialect || run.Document.SHA256 == "" || run.Target.BaseURL != s.api || run.Latency.P99 == 0 || len(run.Seconds) == 0 {
					t.Errorf("the report lacks something: %+v", run)
				}
			})
		}
	}
}

// pantry is a target file for a server that the harness knows from its document alone.
func pantry(t *testing.T, o fifth.Options) string {
	t.Helper()
	server, err := fifth.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	document, err := filepath.Abs("../../" + fifth.DocumentPath)
	if err != nil {
		t.Fatal(err)
	}
	return written(t, "pantry.yaml", fifth.TargetYAML(server, document))
}

func TestLoadOfADialectThatNoCodeKnows(t *testing.T) {
	t.Parallel()
	for scenario := range sends {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			o, _, run := loaded(t, append([]string{"--target", pantry(t, fifth.Options{}), "--scenario", scenario}, short...)...)
			sound(t, o, run, 200)
		})
	}
	for _, fault := range []fifth.Fault{fifth.ReplayableRefresh, fifth.RefreshRace} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			o, _, run := loaded(t, append([]string{"--target", pantry(t, fifth.Options{Faults: []fifth.Fault{fault}}), "--scenario", "refresh"}, short...)...)
			o.exits(t, 1)
			if len(run.Violations) == 0 || run.Violations[0].Requirement != "PA-REFRESH-2" {
				t.Errorf("the violations are %+v", run.Violations)
			}
		})
	}
}

func TestLoadShapesWarmUpAndPopularity(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	for _, c := range []struct {
		args     []string
		shape    string
		requests int64
		warmUp   int64
	}{
		{[]string{"--scenario", "issue", "--shape", "ramp:100-300"}, "ramp 100/s to 300/s", 200, 0},
		{[]string{"--scenario", "use", "--shape", "steps:50,150,250", "--duration", "1200ms"}, "steps 50/s, 150/s, 250/s", 180, 0},
		{[]string{"--scenario", "validate", "--rate", "200", "--warm-up", "500ms", "--pick", "zipf"}, "constant 200/s", 200, 100},
	} {
		t.Run(c.shape, func(t *testing.T) {
			t.Parallel()
			o, _, run := loaded(t, append([]string{"--target", s.file("kitchenhub"), "--duration", "1s", "--working-set", "30"}, c.args...)...)
			if run.Errors > 0 || o.code != 0 && !busy(run) {
				t.Errorf("%d errors in\n%s", run.Errors, o)
			}
			if run.Shape != c.shape || run.Requests+run.Unsent < c.requests-2 || run.Requests > c.requests+2 || run.WarmUp < c.warmUp-2 || run.WarmUp > c.warmUp+2 {
				t.Errorf("it was %s, %d requests, %d before that", run.Shape, run.Requests, run.WarmUp)
			}
		})
	}
	t.Run("saturating", func(t *testing.T) {
		t.Parallel()
		o, _, run := loaded(t, "--target", s.file("kitchenhub"), "--scenario", "use", "--rate", "0", "--duration", "300ms", "--connections", "2", "--working-set", "30")
		if run.Errors > 0 || o.code != 0 && !busy(run) {
			t.Errorf("%d errors in\n%s", run.Errors, o)
		}
		if run.Shape != "saturating" || run.Asked != 0 || run.Requests < 20 {
			t.Errorf("it was %s, asked %v, %d requests", run.Shape, run.Asked, run.Requests)
		}
	})
}

func TestLoadOfTheEmbeddedServerLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	tool := binary(t)
	file := filepath.Join(t.TempDir(), "r.json")
	o := run(t, tool, append([]string{"load", "kitchenhub", "--scenario", "mix", "--report", "json=" + file}, short...)...)
	loads := reportIn(t, file).Load
	if len(loads) != 1 {
		t.Fatalf("the report has %d load runs; the tool said\n%s", len(loads), o)
	}
	sound(t, o, loads[0], 200)
	silent(t, loads[0].Target.BaseURL)
}

// silent wants nobody to listen at an address.
func silent(t *testing.T, address string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	if err == nil {
		_ = conn.Close()
		t.Errorf("somebody still listens at %s", address)
	}
}

func TestLoadReportsKeepTheRun(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	dir := t.TempDir()
	asLines, asJUnit := filepath.Join(dir, "r.jsonl"), filepath.Join(dir, "r.xml")
	_, report, run := loaded(t, append([]string{"--target", s.file("kitchenhub"), "--scenario", "issue", "--report", "jsonl=" + asLines, "--report", "junit=" + asJUnit}, short...)...)
	schema, line := schemas(t)
	var whole strings.Builder
	if err := reports.WriteJSON(&whole, report); err != nil {
		t.Fatal(err)
	}
	validates(t, schema, "json", whole.String())
	for each := range strings.Lines(contents(t, asLines)) {
		validates(t, line, "jsonl", each)
	}
	again := reportIn(t, asLines)
	if len(again.Load) != 1 || again.Verdict != report.Verdict {
		t.Errorf("jsonl has %d runs and the verdict %s", len(again.Load), again.Verdict)
	}
	one, _ := json.Marshal(again.Load[0])
	other, _ := json.Marshal(run)
	if string(one) != string(other) {
		t.Errorf("json and jsonl differ:\n%s\n%s", one, other)
	}
	if text := contents(t, asJUnit); !strings.Contains(text, `name="load run 1: load `) || strings.Contains(text, "<failure") || strings.Contains(text, "<error") != busy(run) {
		t.Errorf("junit says\n%s", text)
	}
}
