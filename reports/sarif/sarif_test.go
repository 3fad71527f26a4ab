package sarif_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"gonogo/reports"
	"gonogo/reports/sarif"
	"gonogo/reports/testdata/samples"
	"gonogo/specs"
)

// read is a log as a reader knows it.
type read struct {
	Version string
	Runs    []struct {
		Tool struct {
			Driver struct {
				Name, Version string
				Rules         []struct {
					ID                                      string
					ShortDescription, FullDescription, Help struct{ Text string }
					DefaultConfiguration                    struct{ Level string }
					Properties                              struct{ Tags []string }
				}
			}
		}
		AutomationDetails struct{ ID string }
		Invocations       []struct {
			ExecutionSuccessful bool
			ExitCode            int
		}
		Results []found
	}
}

type found struct {
	RuleID                      string
	RuleIndex                   int
	Level                       string
	Message                     struct{ Text string }
	Locations, RelatedLocations []struct {
		PhysicalLocation struct {
			ArtifactLocation struct{ URI string }
			Region           struct{ StartLine int }
		}
		LogicalLocations []struct{ FullyQualifiedName string }
	}
	PartialFingerprints map[string]string
	Suppressions        []struct{ Kind, Status, Justification string }
}

func logOf(t *testing.T, r *reports.Report) read {
	t.Helper()
	var b bytes.Buffer
	if err := sarif.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	var log read
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 {
		t.Fatalf("version %q with %d runs", log.Version, len(log.Runs))
	}
	return log
}

func TestSARIFIsRedWhereTheRunIs(t *testing.T) {
	for name, r := range samples.Variety() {
		run := logOf(t, r).Runs[0]
		red := slices.ContainsFunc(run.Results, func(f found) bool { return f.Level == "error" && len(f.Suppressions) == 0 })
		if code := reports.ExitCode(r); red != (code != reports.ExitGo) || run.Invocations[0].ExitCode != code {
			t.Errorf("%s: an error is there: %t, and the exit code is %d, said to be %d", name, red, code, run.Invocations[0].ExitCode)
		}
		prints := map[string]bool{}
		for _, f := range run.Results {
			if f.RuleID == "" || run.Tool.Driver.Rules[f.RuleIndex].ID != f.RuleID || f.Message.Text == "" || len(f.PartialFingerprints) == 0 {
				t.Errorf("%s: %+v", name, f)
			}
			for _, print := range f.PartialFingerprints {
				if prints[print] {
					t.Errorf("%s: two results are known by %s", name, print)
				}
				prints[print] = true
			}
		}
		for _, rule := range run.Tool.Driver.Rules {
			if rule.ShortDescription.Text == "" || rule.Help.Text == "" || rule.DefaultConfiguration.Level == "" {
				t.Errorf("%s: the rule %+v says too little", name, rule)
			}
		}
	}
}

// own is the sample with a document of the user's.
func own() *reports.Report {
	r := samples.Report()
	d := r.Dialects[0]
	d.Document.File, d.Target.File = "specs/own api.yaml", "ci/stage.yaml"
	d.Requirements[1].Where = "specs/own api.yaml:51"
	for i := range d.Cases {
		for j := range d.Cases[i].Findings {
			d.Cases[i].Findings[j].Where = "specs/own api.yaml:88"
		}
	}
	return r
}

func TestAResultStandsAtALine(t *testing.T) {
	run := logOf(t, own()).Runs[0]
	at := func(f found) string { return f.Locations[0].PhysicalLocation.ArtifactLocation.URI }
	byRule := map[string][]found{}
	for _, f := range run.Results {
		byRule[f.RuleID] = append(byRule[f.RuleID], f)
	}
	rotation := byRule["KH-REFRESH-2"]
	if len(rotation) != 2 {
		t.Fatalf("the two findings of a case are %d results of %v", len(rotation), slices.Sorted(maps.Keys(byRule)))
	}
	f := rotation[0]
	if at(f) != "specs/own%20api.yaml" || f.Locations[0].PhysicalLocation.Region.StartLine != 88 || f.Locations[0].LogicalLocations[0].FullyQualifiedName != "kitchenhub/refresh-rotation/old-token-refused" {
		t.Errorf("it is at %+v", f.Locations)
	}
	if len(f.RelatedLocations) != 1 || f.RelatedLocations[0].PhysicalLocation.Region.StartLine != 51 {
		t.Errorf("the requirement is at %+v", f.RelatedLocations)
	}
	for _, part := range []string{"the old refresh token is refused after a refresh: wanted a 4xx, and no token in it; got 200 with an access_token\n", "sent POST /v2/auth/refresh", "gonogo explain --target ci/stage.yaml kitchenhub/refresh-rotation/old-token-refused"} {
		if !strings.Contains(f.Message.Text, part) {
			t.Errorf("there is no %q in %s", part, f.Message.Text)
		}
	}
	rule := run.Tool.Driver.Rules[f.RuleIndex]
	if rule.DefaultConfiguration.Level != "error" || !slices.Contains(rule.Properties.Tags, "documented") || !strings.Contains(rule.Help.Text, "gonogo explain --target ci/stage.yaml KH-REFRESH-2") {
		t.Errorf("the rule is %+v", rule)
	}
	if cache := byRule["ANY-CACHE"]; len(cache) != 1 || cache[0].Level != "warning" || run.Tool.Driver.Rules[cache[0].RuleIndex].DefaultConfiguration.Level != "warning" {
		t.Errorf("the violated practice is %+v", cache)
	}
	if waived := byRule["ANY-5XX"]; len(waived) != 1 || waived[0].Level != "error" || len(waived[0].Suppressions) != 1 || !strings.Contains(waived[0].Suppressions[0].Justification, "fixed in the next release") {
		t.Errorf("what is waived is %+v", waived)
	}
	if broken := byRule["gonogo-could-not-run"]; len(broken) != 2 || at(broken[0]) != "specs/own%20api.yaml" || !strings.Contains(broken[0].Message.Text, "502") {
		t.Errorf("what could not run is %+v", broken)
	}
	if run.AutomationDetails.ID != "gonogo/kitchenhub/" {
		t.Errorf("the category is %q", run.AutomationDetails.ID)
	}

	r := own()
	r.Dialects[0].Document.File = "" // built in
	for _, f := range logOf(t, r).Runs[0].Results {
		if at(f) != "ci/stage.yaml" || f.Locations[0].PhysicalLocation.Region.StartLine != 1 {
			t.Errorf("of a built-in document %s is at %+v", f.RuleID, f.Locations[0])
		}
	}
	r.Dialects[0].Target.File = "/srv/ci/a:b.yaml"
	if f := logOf(t, r).Runs[0].Results[0]; at(f) != "file:///srv/ci/a:b.yaml" {
		t.Errorf("an absolute path is %s", at(f))
	}
}

// TestAResultIsKnownAgain: when lines move, marks change, another case fails, and the port is another.
func TestAResultIsKnownAgain(t *testing.T) {
	prints := func(r *reports.Report) map[string]string {
		all := map[string]string{}
		for _, f := range logOf(t, r).Runs[0].Results {
			all[f.PartialFingerprints["primaryLocationLineHash"]] = f.RuleID
		}
		return all
	}
	before := prints(own())
	later := own()
	d := later.Dialects[0]
	d.Target.BaseURL = "http://127.0.0.1:4711"
	d.Cases[1].Findings[0].Where, d.Cases[1].Findings[0].Got = "specs/own api.yaml:90", "200 with ‹access 77ab01›"
	d.Cases = append(d.Cases, reports.Case{ID: "kitchenhub/a/first", Title: "first", Level: specs.Documented, Requirements: []string{"KH-REFRESH-2"}, Outcome: reports.Fail, Findings: []reports.Finding{{Wanted: "a", Got: "b"}}})
	reports.Decide(later, reports.Policy{})
	after := prints(later)
	if len(after) != len(before)+1 {
		t.Errorf("%d results became %d", len(before), len(after))
	}
	for print := range before {
		if after[print] != before[print] {
			t.Errorf("%s of %s is %q later", print, before[print], after[print])
		}
	}
}

func TestForeignTextIsNoPlaceholderAndNoLink(t *testing.T) {
	r := samples.Report()
	r.Dialects[0].Cases[1].Findings[0].Got = `{0} and [here](https://evil.example.com) {"error":1}` + "\x1b"
	var text string
	for _, f := range logOf(t, r).Runs[0].Results {
		text += f.Message.Text
	}
	if !strings.Contains(text, `got {{0}} and \[here\](https://evil.example.com) {"error":1}\u001b`) {
		t.Errorf("%s", text)
	}
}
