package reports_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/testdata/samples"
)

// repeated is a case that ended like this in one run after the other.
func repeated(id string, outcomes ...reports.Outcome) reports.Case {
	var before *reports.Case
	for i, o := range outcomes {
		c := samples.Case(id, o)
		c.Reason = fmt.Sprint("run ", i+1)
		after := reports.Repeated(before, c)
		before = &after
	}
	return *before
}

func TestRepeated(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		outcomes []reports.Outcome
		want     reports.Outcome
		from     string // the run that is shown
		flaky    bool
		says     string
	}{
		{[]reports.Outcome{pass, pass}, pass, "run 1", false, ""},
		{[]reports.Outcome{pass, fail, pass, fail}, fail, "run 2", true, "flaky: 2 pass, 2 fail in 4 runs"},
		{[]reports.Outcome{fail, pass}, fail, "run 1", true, "flaky: 1 pass, 1 fail in 2 runs"},
		{[]reports.Outcome{fail, fail}, fail, "run 1", false, "the same in 2 runs"},
		{[]reports.Outcome{warn, pass, warn}, warn, "run 1", true, "flaky: 1 pass, 2 warn in 3 runs"},
		{[]reports.Outcome{couldNotRun, fail}, fail, "run 2", false, "1 fail, 1 could-not-run in 2 runs"},
		{[]reports.Outcome{pass, couldNotRun}, couldNotRun, "run 2", false, "1 pass, 1 could-not-run in 2 runs"},
		{[]reports.Outcome{pass, notExercised}, pass, "run 1", false, "1 pass, 1 not-exercised in 2 runs"},
		{[]reports.Outcome{fail}, fail, "run 1", false, ""},
	} {
		got := repeated("kh/a/a", c.outcomes...)
		if got.Outcome != c.want || got.Reason != c.from || got.Runs.Flaky != c.flaky || got.Runs.Total != len(c.outcomes) {
			t.Errorf("%v is %s of %s, %+v; wanted %s of %s", c.outcomes, got.Outcome, got.Reason, got.Runs, c.want, c.from)
		}
		if says := prose.Runs(got); says != c.says {
			t.Errorf("%v reads %q, wanted %q", c.outcomes, says, c.says)
		}
	}
}

// past is a history in which the cases of kh, in order, ended like this in one run after the other.
func past(t *testing.T, at string, runs ...[]reports.Outcome) *reports.History {
	t.Helper()
	dir := t.TempDir()
	for i, outcomes := range runs {
		r := samples.Of(outcomes...)
		r.Schema, r.Dialects[0].Target.BaseURL = reports.SchemaID, at
		var text bytes.Buffer
		if err := reports.WriteJSON(&text, r); err != nil {
			t.Fatal(err)
		}
		kept(t, dir, i, text.Bytes())
	}
	h, err := reports.OpenHistory(dir)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// kept is a file of a run, as Keep writes it, without the time that a disk takes.
func kept(t *testing.T, dir string, i int, text []byte) {
	t.Helper()
	name := fmt.Sprintf("%s-%08x.json", samples.Started.Add(time.Duration(i)*time.Second).Format("20060102T150405.000Z"), i)
	if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// times is a run, so often.
func times(n int, run ...reports.Outcome) [][]reports.Outcome {
	return slices.Repeat([][]reports.Outcome{run}, n)
}

func TestAFlakyWaiver(t *testing.T) {
	t.Parallel()
	const here, there = "http://127.0.0.1:4711/kh", "https://stage.example.com"
	w := samples.Waiver("kh/a/b")
	w.Flaky = true
	glob := w
	glob.Case = "kh/a/*"
	lame := w
	lame.Outcome = couldNotRun
	for _, c := range []struct {
		name    string
		waiver  reports.Waiver
		history *reports.History
		now     []reports.Outcome
		stale   bool
		exit    int
	}{
		{"it failed", w, nil, []reports.Outcome{pass, fail}, false, 0},
		{"it did not fail, and nobody keeps runs", w, nil, []reports.Outcome{pass, pass}, false, 0},
		{"never in 19 runs", w, past(t, here, times(18, pass, pass)...), []reports.Outcome{pass, pass}, false, 0},
		{"never in 20 runs", w, past(t, here, times(19, pass, pass)...), []reports.Outcome{pass, pass}, true, 1},
		{"the port of this machine is none of its address", w, past(t, "http://localhost:1/kh", times(19, pass, pass)...), []reports.Outcome{pass, pass}, true, 1},
		{"never in 20 runs of another target", w, past(t, there, times(20, pass, pass)...), []reports.Outcome{pass, pass}, false, 0},
		{"once, 20 runs ago", w, past(t, here, append(times(1, pass, fail), times(18, pass, pass)...)...), []reports.Outcome{pass, pass}, false, 0},
		{"once, 21 runs ago", w, past(t, here, append(times(1, pass, fail), times(19, pass, pass)...)...), []reports.Outcome{pass, pass}, true, 1},
		{"runs in which it was not looked at are none", w, past(t, here, append(times(15, pass, pass), times(15, pass, notExercised)...)...), []reports.Outcome{pass, pass}, false, 0},
		{"runs without it are none", w, past(t, here, append(times(15, pass, pass), times(15, pass)...)...), []reports.Outcome{pass, pass}, false, 0},
		{"one of its cases fails now and then", glob, past(t, here, append(times(10, pass, pass), times(10, fail, pass)...)...), []reports.Outcome{pass, pass}, false, 0},
		{"it could not run now and then", lame, past(t, here, append(times(19, pass, pass), times(1, pass, couldNotRun)...)...), []reports.Outcome{pass, pass}, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := samples.Of(c.now...)
			r.Dialects[0].Target.BaseURL = here
			reports.ApplyWaivers(r, []reports.Waiver{c.waiver}, nil, c.history, samples.Started)
			reports.Decide(r, reports.Policy{})
			if reports.ExitCode(r) != c.exit || len(r.WaiverProblems) > 0 != c.stale {
				t.Fatalf("exit %d, %+v", reports.ExitCode(r), r.WaiverProblems)
			}
			if c.stale && !strings.Contains(r.WaiverProblems[0].String(), "is stale: no case that it matches ended in fail in the last 20 runs of each ("+c.history.Dir()+"); delete the waiver") {
				t.Errorf("it says %s", r.WaiverProblems[0])
			}
		})
	}
}

func TestAHistoryIsKept(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "kept", "here")
	first, err := reports.OpenHistory(dir)
	if err != nil {
		t.Fatal(err)
	}
	full := samples.Report()
	load := samples.Load()
	full.Load = []*reports.LoadRun{&load}
	if err := first.Keep(full); err != nil {
		t.Fatal(err)
	}
	one, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	text, err := os.ReadFile(one[0])
	if err != nil {
		t.Fatal(err)
	}
	again, err := reports.ReadFile(one[0])
	if err != nil || again.Dialects[0].Counts != full.Dialects[0].Counts || again.Load[0].Latency.P99 != load.Latency.P99 || again.Verdict != full.Verdict {
		t.Errorf("what is kept is another report (%v)", err)
	}
	for _, evidence := range []string{"‹", "curl", "Authorization", "a refresh token with", "binary"} {
		if strings.Contains(string(text), evidence) {
			t.Errorf("%q is in what is kept", evidence)
		}
	}
	if len(full.Dialects[0].Cases[1].Exchanges) == 0 || len(load.Seconds) == 0 {
		t.Error("what was kept has taken from the report")
	}
	for i := range reports.KeptRuns + 9 {
		kept(t, dir, i+1, text)
	}
	if err := os.WriteFile(filepath.Join(dir, "README"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := reports.OpenHistory(dir)
	if last := samples.Of(pass); err != nil || h.Keep(last) != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	all, _ := os.ReadDir(dir)
	if len(files) != reports.KeptRuns || len(all) != reports.KeptRuns+1 || !strings.Contains(files[0], "20261121T100010.000Z-") {
		t.Errorf("%d runs are kept, %d files, the first is %s", len(files), len(all), files[0])
	}
	if err := os.WriteFile(files[6], []byte(`{"schema": "gonogo/history/1", "dialects": [{"id": "kh", "at": "", "cases": {"kh/a/a": "pass"}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := reports.OpenHistory(dir); err != nil {
		t.Errorf("a run of an earlier version is %v", err)
	}
	if err := os.WriteFile(files[7], []byte(`{"schema": "gonogo/report/9"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := reports.OpenHistory(dir); err == nil || err.Error() != files[7]+" is no run that gonogo kept; delete it" {
		t.Errorf("a file of another kind is %v", err)
	}
}

func TestAFlakyWaiverIsRead(t *testing.T) {
	t.Parallel()
	const text = "- {case: 'kh/a', outcome: fail, reason: r, owner: o, expires: 2027-01-31, flaky: %s}\n"
	for value, want := range map[string]bool{"true": true, "false": false} {
		waivers, err := reports.ParseWaivers("w.yaml", fmt.Appendf(nil, text, value))
		if err != nil || waivers[0].Flaky != want {
			t.Errorf("flaky: %s is %+v, %v", value, waivers, err)
		}
	}
	if _, err := reports.ParseWaivers("w.yaml", fmt.Appendf(nil, text, "often")); err == nil || !strings.Contains(err.Error(), `flaky: "often" is neither true nor false; write true for a failure that comes and goes`) {
		t.Errorf("flaky: often is %v", err)
	}
}
