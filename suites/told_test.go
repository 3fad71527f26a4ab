package suites

import (
	"strings"
	"testing"

	"gonogo/reports"
	"gonogo/specs"
)

// A suite that is cut short by Ctrl-C or --fail-fast leaves specs that did not come to speak of what was found.
func TestWhatNoSpecToldIsToldAtTheEnd(t *testing.T) {
	e := &entry{trees: []tree{{dialect: &specs.Dialect{ID: "d"}, leaves: []leaf{{id: "d/f/a", texts: []string{"d at x.yaml", "f", "a: …"}}}}}}
	s := &suite{entries: []*entry{e}}
	end := &found{Of: []int{0}, Report: &reports.Report{Dialects: []*reports.Dialect{{ID: "d", Cases: []reports.Case{
		{ID: "d/f/a", Title: "told", Outcome: reports.Fail},
		{ID: "d/f/b", Title: "not told", Outcome: reports.Fail, Findings: []reports.Finding{{Sent: "this", Wanted: "that", Got: "another"}}},
		{ID: "d/f/c", Title: "interrupted", Outcome: reports.CouldNotRun},
		{ID: "d/f/d", Title: "fine", Outcome: reports.Pass},
	}}}}}
	untold := s.untold(end, map[string]bool{tellingKey("d at x.yaml", "d/f/a"): true})
	if len(untold) != 1 || !strings.HasPrefix(untold[0], "FAIL  not told") || !strings.Contains(untold[0], "another") {
		t.Errorf("%q", untold)
	}
}

func TestACaseThatTheRunDidNotHave(t *testing.T) {
	p := planned{Dialect: "d", Cases: map[string]bool{"d/f/a": true, "d/f/b": false}}
	for _, c := range []struct {
		plan    planned
		id      string
		outcome reports.Outcome
	}{
		{p, "d/f/a", reports.Error}, // chosen, and no result
		{p, "d/f/b", reports.Error}, // not chosen, and yet a spec asks
		{p, "d/f/c", reports.NotApplicable},
		{p, "other/f/a", reports.NotApplicable},
		{planned{}, "d/f/a", reports.Error},
	} {
		if got := c.plan.without(c.id); got.Outcome != c.outcome || got.Reason == "" {
			t.Errorf("%s is %s: %s", c.id, got.Outcome, got.Reason)
		}
	}
}

// The fields of a Target are values and no text of a target file: nothing in them is expanded.
func TestTheFieldsOfATargetAreTakenLiterally(t *testing.T) {
	const strange = "s${NOT_SET}$${x}: 'quoted\"\n#"
	target := Target{
		Dialect: "kitchenhub", BaseURL: "http://127.0.0.1:1/prefix", Headers: map[string]string{"X-Key": "k${file:none}"},
		Credentials: map[string]map[string]string{"primary": {"client_id": "1", "client_secret": strange}}, Absent: []string{"second"},
	}
	under, _, err := target.load()
	if err != nil {
		t.Fatal(err)
	}
	if got := under.Credentials["primary"].Fields; got["client_secret"] != strange || got["client_id"] != "1" || under.Headers["X-Key"] != "k${file:none}" {
		t.Errorf("the target has %q, %q", got, under.Headers)
	}
	if under.BaseURL.Path != "/prefix" {
		t.Errorf("it is at %s", under.BaseURL)
	}
	if _, _, err := (Target{Dialect: "kitchenhub"}).load(); err == nil || !strings.Contains(err.Error(), "base_url") {
		t.Errorf("a target without an address gives %v", err)
	}
}
