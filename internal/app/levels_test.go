package app_test

import (
	"fmt"
	"strings"
	"testing"

	"gonogo/reports"
)

func TestLevelsAndTheGate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		defect, row string
		exits       map[string]int
	}{
		{"kitchenhub-refresh-replay", "KH-REFRESH-2", map[string]int{"documented": 1, "standard": 1, "practice": 1}},
		{"kitchenhub-access-token-refreshes", "KH-REFRESH-3", map[string]int{"documented": 0, "standard": 1, "practice": 1}},
		{"kitchenhub-cacheable", "ANY-CACHE", map[string]int{"documented": 0, "standard": 0, "practice": 1}},
	} {
		t.Run(c.defect, func(t *testing.T) {
			t.Parallel()
			s := serve(t, "kitchenhub", "--defect", c.defect)
			for level, code := range c.exits {
				o, report := checked(t, "--target", s.file("kitchenhub"), "--level", level)
				o.exits(t, code)
				want := reports.Warn
				if code == 1 {
					want = reports.Fail
				}
				if got := verdicts(report)["kitchenhub "+c.row]; got != want {
					t.Errorf("--level %s: %s is %s", level, c.row, got)
				}
				if string(report.Policy.Gate) != level {
					t.Errorf("the report says %q", report.Policy.Gate)
				}
			}
		})
	}
}

// waiverFile waives the cases of a glob.
func waiverFile(t *testing.T, glob string, outcome reports.Outcome, expires string) string {
	t.Helper()
	return written(t, "waivers.yaml", fmt.Sprintf("- {case: '%s', outcome: %s, reason: known since spring, issue: https://example.com/7, owner: ops, expires: %s}\n", glob, outcome, expires))
}

func TestWaivers(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub", "--defect", "kitchenhub-refresh-replay")
	target := s.file("kitchenhub")
	_, plain := checked(t, "--target", target)
	var failed []string
	for _, c := range plain.Dialects[0].Cases {
		if c.Outcome == reports.Fail {
			failed = append(failed, fmt.Sprintf("- {case: '%s', outcome: fail, reason: known since spring, owner: ops, expires: 2099-01-31}\n", c.ID))
		}
	}
	waivers := written(t, "waivers.yaml", strings.Join(failed, ""))

	o, report := checked(t, "--target", target, "--waivers", waivers)
	o.exits(t, 0, fmt.Sprintf("Waived: %d cases", len(failed)), goes(report.Dialects[0].Counts),
		"  kitchenhub/refresh-rotation/old-token-refused (fail): known since spring; ops answers for it until")
	if got := verdicts(report)["kitchenhub KH-REFRESH-2"]; got != reports.Waived {
		t.Errorf("KH-REFRESH-2 is %s", got)
	}
	inFile := edited(t, target, func(f fields) { f["waivers"] = waivers })
	gonogo(t, "check", "--target", inFile).exits(t, 0)

	for _, c := range []struct {
		name, glob, expires string
		outcome             reports.Outcome
		trouble             reports.WaiverTrouble
	}{
		{"expired", "kitchenhub/refresh-rotation/old-token-refused", "2020-01-31", reports.Fail, reports.Expired},
		{"unmatched", "kitchenhub/nothing/*", "2099-01-31", reports.Fail, reports.Unmatched},
		{"stale", "kitchenhub/issue/documented-request", "2099-01-31", reports.Fail, reports.Stale},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := waiverFile(t, c.glob, c.outcome, c.expires)
			o, report := checked(t, "kitchenhub", "--waivers", file)
			o.exits(t, 1, "Waivers to mend: 1", "NO-GO: 1 waiver to mend")
			if len(report.WaiverProblems) != 1 || report.WaiverProblems[0].Trouble != c.trouble || report.WaiverProblems[0].Where != file+":1" {
				t.Errorf("the problems are %v", report.WaiverProblems)
			}
		})
	}
	// a waiver for what was not chosen is neither unmatched nor stale
	file := waiverFile(t, "kitchenmonki/refresh-rotation/*", reports.Fail, "2099-01-31")
	gonogo(t, "check", "kitchenhub", "--case", "*/issue/*", "--waivers", file).exits(t, 0)

	o = gonogo(t, "check", "kitchenhub", "--waivers", written(t, "waivers.yaml", "- {case: 'kitchenhub/*', outcome: fail}\n"))
	if o.code != 2 || !strings.Contains(o.stderr, "waivers.yaml:1: ") {
		t.Errorf("a waiver without an owner gives\n%s", o)
	}
	gonogo(t, "check", "kitchenhub", "--waivers", "/nowhere.yaml").exits(t, 2)
}
