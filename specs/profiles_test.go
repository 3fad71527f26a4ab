package specs_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonogo/specs"
)

// twoProfiles is the least document with two profiles: one row of the first alone, one that is practice under the second.
func twoProfiles(t testing.TB) *specs.Dialect {
	t.Helper()
	text := change(t, leastDocument(t),
		"  dialect: least\n", "  dialect: least\n  profiles: {old: as it was, new-2: as it is}\n",
		"{id: LE-FLOW-1,", "{profiles: [old], id: LE-FLOW-1,",
		"{id: LE-LOOK-1,", "{levels: {new-2: practice}, id: LE-LOOK-1,",
		"  flows:\n", "  checklist:\n    - {item: it looks, requirements: [LE-LOOK-1, LE-FLOW-1]}\n    - {item: it flows, requirements: [LE-FLOW-1]}\n  flows:\n",
	)
	for _, problem := range specs.Lint("least.yaml", []byte(text)) {
		t.Error(problem)
	}
	d, err := specs.Parse("least.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestADocumentIsReadUnderAProfile(t *testing.T) {
	t.Parallel()
	whole := twoProfiles(t)
	if whole.Profile != "" || !whole.Judges("LE-FLOW-1") || whole.Judging("LE-FLOW-1") != "old" || whole.Judging("") != "old" {
		t.Errorf("the whole document is read under %q, and its row of one profile first under %q", whole.Profile, whole.Judging("LE-FLOW-1"))
	}
	for _, c := range []struct {
		named, read string
		judged      bool
		level       specs.Level
		checklist   int
	}{{"", "old", true, specs.Documented, 2}, {"old", "old", true, specs.Documented, 2}, {"new-2", "new-2", false, specs.Practice, 1}} {
		d, err := whole.Profiled(c.named)
		if err != nil {
			t.Fatal(err)
		}
		again, err := d.Profiled(c.named) // of one that is read under a profile already
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []*specs.Dialect{d, again} {
			row, _ := d.Requirement("LE-LOOK-1")
			if d.Profile != c.read || d.Judges("LE-FLOW-1") != c.judged || !d.Judges("LE-NOWHERE-1") || row.Level != c.level || len(d.Checklist) != c.checklist {
				t.Errorf("%q: read under %q, LE-FLOW-1 judged: %v, LE-LOOK-1 %s, %d items", c.named, d.Profile, d.Judges("LE-FLOW-1"), row.Level, len(d.Checklist))
			}
		}
	}
	row, _ := whole.Requirement("LE-LOOK-1")
	if row.Level != specs.Documented || row.Bound() != "practice under new-2" {
		t.Errorf("the whole document has changed: %s, %s", row.Level, row.Bound())
	}
	other, err := whole.Profiled("new-2")
	if err == nil {
		other, err = other.Profiled("old") // back again
	}
	if err != nil || !other.Judges("LE-FLOW-1") || !slices.ContainsFunc(other.Requirements, func(r specs.Requirement) bool { return r.ID == "LE-FLOW-1" }) {
		t.Errorf("nothing leads from one profile to another: %v", err)
	}
}

func TestAnUnknownProfileIsToldFromNone(t *testing.T) {
	t.Parallel()
	d := twoProfiles(t)
	for named, want := range map[string]string{
		"new-3": `least has no profile "new-3"; did you mean new-2?`,
		"third": `least has no profile "third"; its profiles are old, new-2`,
	} {
		if _, err := d.Profiled(named); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	plain, err := specs.Parse("least.yaml", []byte(leastDocument(t)))
	if err != nil {
		t.Fatal(err)
	}
	if same, err := plain.Profiled(""); err != nil || same != plain {
		t.Errorf("a document without profiles is not read as it is: %v", err)
	}
	if _, err := plain.Profiled("old"); err == nil || !strings.Contains(err.Error(), "no profiles") {
		t.Errorf("it has a profile: %v", err)
	}
}

// What became of a section does not hang on the profile of a run.
func TestCoverageIsThatOfAllProfiles(t *testing.T) {
	t.Parallel()
	whole, err := specs.Load("oauth2")
	if err != nil {
		t.Fatal(err)
	}
	for _, profile := range whole.Profiles {
		read, err := whole.Profiled(profile.Name)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := read.Coverage(), whole.Coverage(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the coverage is %+v, and of the whole %+v", profile.Name, got, want)
		}
	}
}
