package reports_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gonogo/reports"
	"gonogo/reports/testdata/samples"
)

func TestWaivers(t *testing.T) {
	expired := samples.Waiver("kh/a/b")
	expired.Expires = "2026-11-20"
	warning := samples.Waiver("kh/a/b")
	warning.Outcome = warn
	unseen := samples.Waiver("kh/a/b")
	unseen.Outcome = couldNotRun
	for _, row := range []struct {
		name     string
		outcomes []reports.Outcome // of kh/a/a, kh/a/b, …
		waivers  []reports.Waiver
		planned  []string
		verdict  reports.Verdict
		exit     int
		waived   int
		problems []string
	}{
		{name: "a failure is waived", outcomes: []reports.Outcome{pass, fail}, waivers: []reports.Waiver{samples.Waiver("kh/a/b")}, verdict: goes, exit: 0, waived: 1},
		{name: "by a glob", outcomes: []reports.Outcome{pass, fail, fail}, waivers: []reports.Waiver{samples.Waiver("kh/*")}, verdict: goes, exit: 0, waived: 2},
		{name: "another failure is not", outcomes: []reports.Outcome{fail, fail}, waivers: []reports.Waiver{samples.Waiver("kh/a/b")}, verdict: noGo, exit: 1, waived: 1},
		{name: "a warning is waived", outcomes: []reports.Outcome{pass, warn}, waivers: []reports.Waiver{warning}, verdict: goes, exit: 0, waived: 1},
		{name: "a could-not-run is waived", outcomes: []reports.Outcome{pass, couldNotRun}, waivers: []reports.Waiver{unseen}, verdict: goes, exit: 0, waived: 1},
		{
			name: "another outcome is not waived", outcomes: []reports.Outcome{pass, fail}, waivers: []reports.Waiver{warning}, verdict: noGo, exit: 1,
			problems: []string{"waivers.yaml:1: the waiver for kh/a/b is stale: no case that it matches ends in warn any more; delete the waiver"},
		},
		{
			name: "an expired waiver waives nothing", outcomes: []reports.Outcome{pass, fail}, waivers: []reports.Waiver{expired}, verdict: noGo, exit: 1,
			problems: []string{"waivers.yaml:1: the waiver for kh/a/b expired on 2026-11-20; mend the target and delete the waiver, or let ana agree to a new date"},
		},
		{
			name: "an expired waiver beside one in force", outcomes: []reports.Outcome{pass, fail}, waivers: []reports.Waiver{expired, samples.Waiver("kh/a/b")}, verdict: noGo, exit: 1, waived: 1,
			problems: []string{"waivers.yaml:1: the waiver for kh/a/b expired on 2026-11-20; mend the target and delete the waiver, or let ana agree to a new date"},
		},
		{
			name: "a stale waiver", outcomes: []reports.Outcome{pass, pass}, waivers: []reports.Waiver{samples.Waiver("kh/a/*")}, verdict: noGo, exit: 1,
			problems: []string{"waivers.yaml:1: the waiver for kh/a/* is stale: no case that it matches ends in fail any more; delete the waiver"},
		},
		{
			name: "an unmatched waiver", outcomes: []reports.Outcome{pass}, waivers: []reports.Waiver{samples.Waiver("kh/rotation/*")}, verdict: noGo, exit: 1,
			problems: []string{"waivers.yaml:1: the waiver for kh/rotation/* matches no case; correct the glob (the same command with --plan lists the ids) or delete the waiver"},
		},
		{
			name: "misspelt waivers", outcomes: []reports.Outcome{pass}, planned: []string{"kitchen/rotation/race", "kitchen/rotation/old"}, verdict: noGo, exit: 1,
			waivers: []reports.Waiver{samples.Waiver("kitchn/rotation/*"), samples.Waiver("kitchen/rotaton/r*"), samples.Waiver("kitchen/rotation/rase"), samples.Waiver("kitchn/rotation/x*"), samples.Waiver("*/x")},
			problems: []string{
				"waivers.yaml:1: the waiver for kitchn/rotation/* matches no case; did you mean kitchen/rotation/*?",
				"waivers.yaml:1: the waiver for kitchen/rotaton/r* matches no case; did you mean kitchen/rotation/r*?",
				"waivers.yaml:1: the waiver for kitchen/rotation/rase matches no case; did you mean kitchen/rotation/race?",
				"waivers.yaml:1: the waiver for kitchn/rotation/x* matches no case; correct the glob (the same command with --plan lists the ids) or delete the waiver",
				"waivers.yaml:1: the waiver for */x matches no case; correct the glob (the same command with --plan lists the ids) or delete the waiver",
			},
		},
		{
			name: "a waiver for a requirement", outcomes: []reports.Outcome{pass}, waivers: []reports.Waiver{samples.Waiver("kh-a-1")}, verdict: noGo, exit: 1,
			problems: []string{"waivers.yaml:1: the waiver for kh-a-1 matches no case; that is a requirement, and waivers name cases, such as kh/a/a"},
		},
		{
			name: "an ambiguous pair waives nothing", outcomes: []reports.Outcome{pass, fail}, waivers: []reports.Waiver{samples.Waiver("kh/a/b"), samples.Waiver("kh/*/b")}, verdict: noGo, exit: 1,
			problems: []string{
				"waivers.yaml:1: the waiver for kh/a/b shares 1 case with another waiver (kh/a/b); let each case match one waiver",
				"waivers.yaml:1: the waiver for kh/*/b shares 1 case with another waiver (kh/a/b); let each case match one waiver",
			},
		},
		{name: "a deselected case is not unmatched", outcomes: []reports.Outcome{pass}, waivers: []reports.Waiver{samples.Waiver("kh/b/*")}, planned: []string{"kh/b/a"}, verdict: goes, exit: 0},
		{name: "nor is its waiver stale", outcomes: []reports.Outcome{pass}, waivers: []reports.Waiver{samples.Waiver("kh/*")}, planned: []string{"kh/b/a"}, verdict: goes, exit: 0},
		{name: "a wait that nobody granted does not make it stale", outcomes: []reports.Outcome{pass, notExercised}, waivers: []reports.Waiver{samples.Waiver("kh/a/*")}, verdict: goes, exit: 0},
		{name: "a target that went away does not either", outcomes: []reports.Outcome{pass, couldNotRun}, waivers: []reports.Waiver{samples.Waiver("kh/a/*")}, verdict: incomplete, exit: 3},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := samples.Of(row.outcomes...)
			for range 2 { // the second time must change nothing
				reports.ApplyWaivers(r, row.waivers, row.planned, nil, samples.Started)
				reports.Decide(r, reports.Policy{})
				if r.Verdict != row.verdict || reports.ExitCode(r) != row.exit || r.Dialects[0].Counts.Waived != row.waived {
					t.Fatalf("verdict %s, exit %d, %d waived; want %s, %d, %d", r.Verdict, reports.ExitCode(r), r.Dialects[0].Counts.Waived, row.verdict, row.exit, row.waived)
				}
				var problems []string
				for _, p := range r.WaiverProblems {
					problems = append(problems, p.String())
				}
				if got, want := strings.Join(problems, "\n"), strings.Join(row.problems, "\n"); got != want {
					t.Fatalf("problems\n%s\nwant\n%s", got, want)
				}
			}
		})
	}
}

func TestAWaivedCaseRecordsItsWaiver(t *testing.T) {
	w := samples.Waiver("kh/a/*")
	w.Issue = "https://tracker/7"
	r := samples.Of(fail)
	reports.ApplyWaivers(r, []reports.Waiver{w}, nil, nil, samples.Started)
	want := reports.AppliedWaiver{Case: "kh/a/*", Outcome: fail, Reason: "known", Issue: "https://tracker/7", Owner: "ana", Expires: "2027-01-31", Where: "waivers.yaml:1"}
	if got := r.Dialects[0].Cases[0].Waiver; got == nil || *got != want {
		t.Errorf("recorded %+v, want %+v", got, want)
	}
}

func TestAWaiverHoldsOnItsLastDay(t *testing.T) {
	w := samples.Waiver("*")
	for when, want := range map[string]bool{"2027-01-30T00:00:00Z": false, "2027-01-31T23:59:59Z": false, "2027-02-01T00:00:00Z": true} {
		now, err := time.Parse(time.RFC3339, when)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Expired(now); got != want {
			t.Errorf("at %s expired is %t", when, got)
		}
	}
}

func TestWaiverFile(t *testing.T) {
	path := temporary(t, `# known, and agreed with the vendor
- {case: 'kitchenhub/refresh-rotation/*', outcome: fail, reason: the vendor mends it, issue: https://tracker/7, owner: ana, expires: 2027-01-31}
- case: pos/user/created
  outcome: warn
  reason: |
    two
    lines
  owner: "ben"
  expires: "2027-02-28"
`)
	waivers, err := reports.LoadWaivers(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []reports.Waiver{
		{Case: "kitchenhub/refresh-rotation/*", Outcome: fail, Reason: "the vendor mends it", Issue: "https://tracker/7", Owner: "ana", Expires: "2027-01-31", Where: path + ":2"},
		{Case: "pos/user/created", Outcome: warn, Reason: "two\nlines", Owner: "ben", Expires: "2027-02-28", Where: path + ":3"},
	}
	if len(waivers) != 2 || waivers[0] != want[0] || waivers[1] != want[1] {
		t.Errorf("read %+v\nwant %+v", waivers, want)
	}
	for _, empty := range []string{"", "# none yet\n", "[]\n", "---\n"} {
		if waivers, err := reports.ParseWaivers("w.yaml", []byte(empty)); err != nil || len(waivers) != 0 {
			t.Errorf("%q: %v, %v", empty, waivers, err)
		}
	}
	asJSON := `[{"case": "a/*", "outcome": "fail", "reason": "r", "owner": "o", "expires": "2027-01-31"}]`
	if waivers, err := reports.ParseWaivers("w.json", []byte(asJSON)); err != nil || len(waivers) != 1 {
		t.Errorf("JSON is YAML: %v, %v", waivers, err)
	}
}

func TestWaiverFileMistakes(t *testing.T) {
	const rest = "outcome: fail, reason: r, owner: o, expires: 2027-01-31}"
	for _, row := range []struct{ file, want string }{
		{"- {case: a, cause: b, " + rest, `w.yaml:1: a waiver has no key "cause"; did you mean case?`},
		{"- {" + rest, "w.yaml:1: the waiver has no case; name the cases that it waives, as case: 'DIALECT/refresh-rotation/*'"},
		{"\n- {case: a, outcome: fail, owner: o, expires: 2027-01-31}", "w.yaml:2: the waiver has no reason; say why the cases may end that way"},
		{"- {case: a, outcome: fail, reason: ' ', owner: o, expires: 2027-01-31}", "w.yaml:1: the waiver has no reason; say why the cases may end that way"},
		{"- {case: a, outcome: fail, reason: r, expires: 2027-01-31}", "w.yaml:1: the waiver has no owner; name who answers for it"},
		{"- {case: a, outcome: fail, reason: r, owner: o}", "w.yaml:1: the waiver has no expires; name its last day, as expires: 2027-01-31"},
		{"- case: a\n  outcome: fail\n  reason: r\n  owner: o\n  expires: 31.1.2027", `w.yaml:5: expires: "31.1.2027" is no date; write it as 2027-01-31`},
		{"- {case: a, outcome: fail, reason: r, owner: o, expires: 2027-02-30}", `w.yaml:1: expires: "2027-02-30" is no date; write it as 2027-01-31`},
		{"- {case: a, outcome: broken, reason: r, owner: o, expires: 2027-01-31}", `w.yaml:1: outcome: "broken" cannot be waived; write one of fail, warn, could-not-run, not-exercised, error`},
		{"- {case: a, outcome: pass, reason: r, owner: o, expires: 2027-01-31}", `w.yaml:1: outcome: "pass" cannot be waived; write one of fail, warn, could-not-run, not-exercised, error`},
		{"- {case: a, outcome: failed, reason: r, owner: o, expires: 2027-01-31}", `w.yaml:1: outcome: "failed" cannot be waived; did you mean fail?`},
		{"- case: */a\n  outcome: fail\n", "w.yaml:1: there is no anchor &/a above this line; write the value out, or put the anchor before its first use; a text that begins with * is written in quotes"},
		{"\ufeff- {case: a, cause: b, " + rest, `w.yaml:1: a waiver has no key "cause"; did you mean case?`},
		{"- case: a\r\n  cause: b\r\n  outcome: fail\r\n  reason: r\r\n  owner: o\r\n  expires: 2027-01-31\r\n", `w.yaml:2: a waiver has no key "cause"; did you mean case?`},
		{"- {case: 'a/[b', " + rest, `w.yaml:1: case: the glob "a/[b" is ill-formed; close every [ with a ], and put \ only before the character that it quotes`},
		{"- {case: [a], " + rest, "w.yaml:1: case is a text; write it on one line, in quotes if it holds any of * : { } [ ] # &"},
		{"case: a", "w.yaml:1: waivers are a list; begin each with a dash: - {case: …, outcome: fail, reason: …, owner: …, expires: 2027-01-31}"},
		{"- a", "w.yaml:1: a waiver is a mapping with the keys case, outcome, reason, issue, owner, expires, flaky"},
		{"- {case: a, case: b, " + rest, "w.yaml:1: case is given twice, first on line 1; keep one"},
		{
			"- {case: a, outcome: fail, reason: r}",
			"w.yaml:1: the waiver has no owner; name who answers for it\nw.yaml:1: the waiver has no expires; name its last day, as expires: 2027-01-31",
		},
	} {
		waivers, err := reports.ParseWaivers("w.yaml", []byte(row.file))
		if err == nil || err.Error() != row.want {
			t.Errorf("%s\n got %v\nwant %s", row.file, err, row.want)
		}
		if waivers != nil {
			t.Errorf("%s: a file with a mistake gave waivers", row.file)
		}
	}
	if _, err := reports.LoadWaivers(filepath.Join(t.TempDir(), "none.yaml")); !os.IsNotExist(unwrap(err)) || !strings.HasPrefix(err.Error(), "the waivers cannot be read: ") {
		t.Errorf("a file that is not there: %v", err)
	}
}

func unwrap(err error) error {
	if u, ok := err.(interface{ Unwrap() error }); ok {
		return u.Unwrap()
	}
	return err
}

func FuzzParseWaivers(f *testing.F) {
	f.Add("- {case: a, outcome: fail, reason: r, owner: o, expires: 2027-01-31}")
	f.Add("- *x\n- <<: {a: 1}\n- ? [a]\n  : b\n- !!str x\n- &a {b: *a}")
	f.Fuzz(func(t *testing.T, file string) {
		_, _ = reports.ParseWaivers("w.yaml", []byte(file)) // nothing panics on input
	})
}

func TestMatchCase(t *testing.T) {
	for _, row := range []struct {
		glob, id string
		want     bool
	}{
		{"kitchenhub/refresh-rotation/*", "kitchenhub/refresh-rotation/old-token-refused", true},
		{"kitchenhub/*", "kitchenhub/refresh-rotation/old-token-refused", true},
		{"*/race-*", "pos/rotation/race-of-64", true},
		{"*", "a/b/c", true},
		{"a/b/c", "a/b/c", true},
		{"a/b/c", "a/b/cd", false},
		{"a/b", "a/b/c", false},
		{"kitchenhub/*", "kitchenmonki/a/b", false},
		{"a/?/c", "a/b/c", true},
		{"a/[bc]/c", "a/b/c", true},
		{"a/[b", "a/[b", false},
		{"", "a", false},
	} {
		if got := reports.MatchCase(row.glob, row.id); got != row.want {
			t.Errorf("%q on %q: %t", row.glob, row.id, got)
		}
	}
	if err := reports.CheckGlob(" "); err == nil {
		t.Error("an empty glob is accepted")
	}
}
