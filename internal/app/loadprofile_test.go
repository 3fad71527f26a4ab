package app_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonogo/reports"
	"gonogo/specs"
)

// TestLoadUnderAProfile: a row counts under load as strongly as the profile has it, and one of another profile not at all.
func TestLoadUnderAProfile(t *testing.T) {
	t.Parallel()
	_, text, err := specs.Open("kitchenhub")
	if err != nil {
		t.Fatal(err)
	}
	const row = "    - id: KH-REFRESH-2\n      level: documented\n"
	document := strings.Replace(string(text), "  dialect: kitchenhub\n", "  dialect: kitchenhub\n  profiles: {strict: once, lenient: advised, old: as often as one likes}\n", 1)
	document = strings.Replace(document, row, row+"      profiles: [strict, lenient]\n      levels: {lenient: practice}\n", 1)
	mine := written(t, "mine.yaml", document)
	s := serve(t, "kitchenhub", "--defect", "kitchenhub-refresh-replay")
	target := edited(t, s.file("kitchenhub"), func(f fields) { f["dialect"] = mine })
	for _, c := range []struct {
		profile, level string
		violations     bool
	}{{"strict", "standard", true}, {"lenient", "standard", false}, {"lenient", "practice", true}, {"old", "practice", false}} {
		o, _, run := loaded(t, slices.Concat([]string{"--target", target, "--scenario", "refresh", "--profile", c.profile, "--level", c.level}, short)...)
		if run.Profile != c.profile || !strings.Contains(o.stdout, "  profile      "+c.profile) || len(run.Violations) > 0 != c.violations || len(run.Warnings) > 0 {
			t.Errorf("under %s, said to be %q: %d violations, %d warnings\n%s", c.profile, run.Profile, len(run.Violations), len(run.Warnings), o)
		}
		for _, v := range run.Violations {
			if v.Requirement != "KH-REFRESH-2" {
				t.Errorf("%s is named for %s", v.Requirement, v.Kind)
			}
		}
	}
	gonogo(t, "load", "--target", target, "--scenario", "refresh", "--profile", "ancient").refuses(t, `--profile: kitchenhub has no profile "ancient"; its profiles are strict, lenient, old`)
	gonogo(t, "load", "capacity", "--target", s.file("kitchenhub"), "--scenario", "refresh", "--profile", "strict").refuses(t, `--profile: kitchenhub has no profiles, and so no profile "strict"; leave it out`)
}

// TestACapacityUnderAProfile: what was looked for under a profile says so.
func TestACapacityUnderAProfile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "report.json")
	s := serve(t, "oauth2")
	atOnce <- struct{}{}
	o := gonogo(t, "load", "capacity", "--target", s.file("oauth2"), "--profile", "oauth2.1", "--scenario", "issue", "--most", "100", "--duration", "200ms", "--report", "json="+file)
	<-atOnce
	var found reports.Capacity
	if report := reportIn(t, file); len(report.Capacity) == 1 {
		found = report.Capacity[0]
	}
	if found.Profile != "oauth2.1" || !strings.Contains(o.stdout, "  profile      oauth2.1") {
		t.Errorf("it is said to be under %q:\n%s", found.Profile, o)
	}
}
