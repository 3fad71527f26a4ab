package junit_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"gonogo/reports"
	"gonogo/reports/junit"
	"gonogo/reports/proofs"
	"gonogo/reports/testdata/samples"
)

// proveReport has a proof for each of the kinds and outcomes, decided: a defect, unless its outcome is of a
// liberty.
func proveReport(repeat int, all ...[]proofs.Outcome) *proofs.Report {
	r := &proofs.Report{Tool: reports.Tool{Name: "gonogo", Version: "1.0.0"}, Started: samples.Started, DurationMS: 1500, Seed: 1, Repeat: repeat}
	for i, outcomes := range all {
		p := proofs.Proof{Kind: "defect", ID: "kh-" + string(rune('a'+i)), Dialect: "kh", Requirement: "KH-A-1", Text: "It forgets."}
		for _, o := range outcomes {
			run := proofs.Run{Outcome: o, DurationMS: 250}
			switch o {
			case proofs.Caught:
				run.CaughtBy = []string{"kh/a/b", "kh/a/a"}
			case proofs.Passed:
				p.Kind = "liberty"
			case proofs.FalseAlarm:
				p.Kind = "liberty"
				fallthrough
			default:
				run.Reason = "it is " + string(o)
			}
			p.Runs = append(p.Runs, run)
		}
		r.Proofs = append(r.Proofs, p)
	}
	r.Decide()
	return r
}

func proveJUnit(t *testing.T, r *proofs.Report) string {
	t.Helper()
	var b strings.Builder
	if err := junit.WriteProof(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestProveVerdict(t *testing.T) {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(proofs.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("https://gonogo.invalid/schemas/prove.schema.json", v); err != nil {
		t.Fatal(err)
	}
	schema := c.MustCompile("https://gonogo.invalid/schemas/prove.schema.json")

	type outcomes = []proofs.Outcome
	const caught, survived, passed, alarm, unprovable, none = proofs.Caught, proofs.Survived, proofs.Passed, proofs.FalseAlarm, proofs.NotProvable, proofs.NoResult
	for _, row := range []struct {
		name        string
		repeat      int
		proofs      []outcomes
		interrupted string
		outcomes    outcomes
		verdict     reports.Verdict
		complete    bool
		exit        int
	}{
		{name: "all is well", repeat: 1, proofs: []outcomes{{caught}, {passed}, {unprovable}}, outcomes: outcomes{caught, passed, unprovable}, verdict: reports.Go, complete: true, exit: 0},
		{name: "a survivor", repeat: 1, proofs: []outcomes{{survived}, {caught}}, outcomes: outcomes{survived, caught}, verdict: reports.NoGo, complete: true, exit: 1},
		{name: "a survivor and no result", repeat: 1, proofs: []outcomes{{survived}, {none}}, outcomes: outcomes{survived, none}, verdict: reports.NoGo, exit: 1},
		{name: "a false alarm", repeat: 1, proofs: []outcomes{{alarm}}, outcomes: outcomes{alarm}, verdict: reports.NoGo, complete: true, exit: 1},
		{name: "no result", repeat: 1, proofs: []outcomes{{none}, {caught}}, outcomes: outcomes{none, caught}, verdict: reports.Incomplete, exit: 3},
		{name: "interrupted", repeat: 1, proofs: []outcomes{{caught}}, interrupted: "the run was interrupted", outcomes: outcomes{caught}, verdict: reports.Incomplete, exit: 3},
		{name: "never began", repeat: 1, proofs: []outcomes{{}, {caught}}, outcomes: outcomes{none, caught}, verdict: reports.Incomplete, exit: 3},
		{name: "nothing proved", repeat: 1, proofs: []outcomes{{unprovable}}, outcomes: outcomes{unprovable}, verdict: proofs.NothingProved, complete: true, exit: 0},
		{name: "no proof at all", repeat: 1, verdict: reports.Incomplete, exit: 3},
		{name: "caught but once", repeat: 3, proofs: []outcomes{{caught, survived, caught}}, outcomes: outcomes{survived}, verdict: reports.NoGo, complete: true, exit: 1},
		{name: "a run is missing", repeat: 3, proofs: []outcomes{{caught, caught}}, outcomes: outcomes{none}, verdict: reports.Incomplete, exit: 3},
		{name: "survived, and a run is missing", repeat: 3, proofs: []outcomes{{caught, survived}}, outcomes: outcomes{survived}, verdict: reports.NoGo, exit: 1},
		{name: "survived, and a run broke", repeat: 2, proofs: []outcomes{{none, survived}}, outcomes: outcomes{survived}, verdict: reports.NoGo, exit: 1},
		{name: "three times", repeat: 3, proofs: []outcomes{{caught, caught, caught}, {passed, passed, passed}}, outcomes: outcomes{caught, passed}, verdict: reports.Go, complete: true, exit: 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := proveReport(row.repeat, row.proofs...)
			r.Interrupted = row.interrupted
			r.Decide()
			var got outcomes
			for _, p := range r.Proofs {
				got = append(got, p.Outcome)
			}
			if !slices.Equal(got, row.outcomes) || r.Verdict != row.verdict || r.Complete != row.complete || r.ExitCode() != row.exit {
				t.Errorf("outcomes %v, verdict %s, complete %t, exit %d", got, r.Verdict, r.Complete, r.ExitCode())
			}
			var b strings.Builder
			if err := proofs.WriteJSON(&b, r); err != nil {
				t.Fatal(err)
			}
			if v, err := jsonschema.UnmarshalJSON(strings.NewReader(b.String())); err != nil || schema.Validate(v) != nil {
				t.Errorf("%v, %v", err, schema.Validate(v))
			}
			if red := isRed(suitesIn(t, proveJUnit(t, r))); red != (row.exit != 0) {
				t.Errorf("red is %t in\n%s", red, proveJUnit(t, r))
			}
		})
	}
	if r := (&proofs.Report{}); r.ExitCode() != 3 || !isRed(suitesIn(t, proveJUnit(t, r))) {
		t.Error("a report that nobody decided is go")
	}
}

func TestProveJUnit(t *testing.T) {
	r := proveReport(2,
		[]proofs.Outcome{proofs.Survived, proofs.Caught}, []proofs.Outcome{proofs.Passed, proofs.Passed},
		[]proofs.Outcome{proofs.NotProvable, proofs.NotProvable}, []proofs.Outcome{proofs.Caught, proofs.Caught}, nil)
	r.Proofs[3].Dialect = "km"
	r.Interrupted = "the run was interrupted"
	r.Decide()
	want := map[string][]string{
		"prove kh": {
			"failed kh.defect kh-a 500ms it is survived",
			"skipped kh.defect kh-c 500ms it is not-provable",
			"error kh.defect kh-e 0s 0 of 2 runs came to an end",
			"passed kh.liberty kh-b 500ms",
		},
		"prove km":     {"passed km.defect kh-d 500ms"},
		"gonogo prove": {"error gonogo prove.run complete 0s incomplete: the run was interrupted"},
	}
	suites := suitesIn(t, proveJUnit(t, r))
	for _, s := range suites {
		if !slices.Equal(lines(s), want[s.Name]) {
			t.Errorf("%s: %q", s.Name, lines(s))
		}
		if s.Properties["verdict"] != "no-go" || s.Properties["repeat"] != "2" {
			t.Errorf("%s has the properties %v", s.Name, s.Properties)
		}
	}
	if len(suites) != len(want) {
		t.Errorf("%d suites", len(suites))
	}
	for text, part := range map[string]string{
		suites[0].Tests[0].Error.Error(): "runs         1 survived, 1 caught",
		suites[1].Tests[0].SystemOut:     "caught by    kh/a/a\n               kh/a/b",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("there is no %q in\n%s", part, text)
		}
	}
}
