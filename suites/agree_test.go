package suites_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/onsi/ginkgo/v2/types"

	"gonogo/internal/app"
	"gonogo/reports"
	"gonogo/suites"
)

// states are what each outcome is to Ginkgo: nothing is green that was not seen to hold.
var states = map[reports.Outcome]types.SpecState{
	reports.Pass: types.SpecStatePassed, reports.Warn: types.SpecStatePassed,
	reports.Fail: types.SpecStateFailed, reports.CouldNotRun: types.SpecStateFailed, reports.Error: types.SpecStateFailed,
	reports.Waived: types.SpecStateSkipped, reports.NotApplicable: types.SpecStateSkipped, reports.NotExercised: types.SpecStateSkipped,
}

const knownReplay = `- {case: 'kitchenhub/refresh-rotation/*', outcome: fail, reason: rotation comes in May, owner: Noor, expires: 2999-12-31}
`

// TestEveryFaceHasTheSameReport compares what gonogo check, a Ginkgo suite and a plain test find, whole.
func TestEveryFaceHasTheSameReport(t *testing.T) {
	t.Parallel()
	const known = "- {case: 'kitchenhub/refresh-rotation/race', outcome: fail, reason: rotation comes in May, owner: Noor, expires: 2999-12-31}\n" +
		"- {case: 'kitchenhub/*/documented', outcome: fail, reason: was mended, owner: Noor, expires: 2999-12-31}\n"
	waivers := written(t, "waivers.yaml", known)
	fresh := func() (hub, monki string) { // a run moves the clock of its server
		s := serve(t, "--defect", "kitchenhub-refresh-replay", "--defect", "kitchenmonki-code-reuse-ignored")
		return rewritten(t, s.file("kitchenhub"), func(text string) string {
			return text + "waivers: " + waivers + "\nexpect: {access_token_lifetime: 3h}\n"
		}), s.file("kitchenmonki")
	}
	hub, monki := fresh()
	_, checked := checked(t, "--seed", "1", "--target", hub, "--target", monki)
	want := strings.Split(comparable(t, checked), "\n")
	for name, run := range map[string]func(targets ...suites.Target) (*reports.Report, error){
		"a suite": func(targets ...suites.Target) (*reports.Report, error) { return suites.Specs(1, targets...) },
		"a plain test": func(targets ...suites.Target) (*reports.Report, error) {
			return suites.Check(t.Context(), 1, targets...)
		},
	} {
		hub, monki := fresh()
		report, err := run(suites.FromFile(hub), suites.FromFile(monki))
		if err != nil {
			t.Fatal(err)
		}
		if differ := cmp.Diff(want, strings.Split(comparable(t, report), "\n")); differ != "" {
			t.Errorf("- check, + %s\n%s", name, differ)
		}
	}
}

// TestEveryFaceRefusesAlike: what is wrong with a target is said in the same words, before anything is sent.
func TestEveryFaceRefusesAlike(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	for name, more := range map[string]string{
		"a misspelt key":     "limit: {parallel: 2}\n",
		"no waivers":         "waivers: /nowhere/waivers.yaml\n",
		"waivers of nothing": "waivers: " + written(t, "waivers.yaml", "- {case: '*'}\n") + "\n",
	} {
		file := rewritten(t, s.file("kitchenhub"), func(text string) string { return text + more })
		var out bytes.Buffer
		code := app.Run(t.Context(), []string{"check", "--target", file}, whereProgramsAre, strings.NewReader(""), &out, &out)
		if want, ok := strings.CutPrefix(out.String(), "gonogo: "); code != 2 || !ok {
			t.Errorf("%s: check ends with %d: %s", name, code, out.String())
		} else {
			_, specs := suites.Specs(1, suites.FromFile(file))
			_, plain := suites.Check(t.Context(), 1, suites.FromFile(file))
			for _, err := range []error{specs, plain} {
				if err == nil || err.Error() != strings.TrimSpace(want) {
					t.Errorf("%s: %v, and check says %s", name, err, want)
				}
			}
		}
	}
	if n := s.requests(t); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// TestTooFewRequestsLeaveTheSameCasesOut: a plan over the limits of its target file is run as far as they reach, and both
// faces leave out the same cases, for the same reasons.
func TestTooFewRequestsLeaveTheSameCasesOut(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	file := rewritten(t, s.file("kitchenhub"), func(text string) string { return text + "limits: {requests: 100}\n" })
	_, checked := checked(t, "--seed", "1", "--target", file)
	found := map[string]func() (*reports.Report, error){
		"a suite":      func() (*reports.Report, error) { return suites.Specs(1, suites.FromFile(file)) },
		"a plain test": func() (*reports.Report, error) { return suites.Check(t.Context(), 1, suites.FromFile(file)) },
	}
	const why = "more than the 100 requests of limits.requests"
	want := beyond(checked, why)
	if all := len(checked.Dialects[0].Cases); len(want) == 0 || len(want) == all {
		t.Fatalf("%d of %d cases do not fit", len(want), all)
	}
	if n := s.requests(t); n == 0 {
		t.Error("check sent no request")
	}
	for name, run := range found {
		report, err := run()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if differ := cmp.Diff(want, beyond(report, why)); differ != "" {
			t.Errorf("- check, + %s\n%s", name, differ)
		}
	}
	specs := suite(t, []string{file}, "-ginkgo.v").specs()
	for id, reason := range want {
		if spec := specs[id]; spec.State != types.SpecStateSkipped || spec.Failure.Message != string(reports.NotExercised)+": "+reason {
			t.Errorf("the spec of %s is %s: %s", id, spec.State, spec.Failure.Message)
		}
	}
}

// beyond are the cases of a report that are not exercised for a reason, by id, each with its reason as a whole.
func beyond(r *reports.Report, why string) map[string]string {
	out := map[string]string{}
	for _, c := range r.Dialects[0].Cases {
		if c.Outcome == reports.NotExercised && strings.HasSuffix(c.Reason, why) {
			out[c.ID] = c.Reason
		}
	}
	return out
}

// momentary is what two runs never have alike: moments, the offset of a clock, addresses, which of a race shows it.
var momentary = regexp.MustCompile(`"(?:trace|span)_id": "[0-9a-f]+"|\d\d:\d\d:\d\d\.\d+|span [0-9a-f]{16}|clock is off by \w+|127\.0\.0\.1:\d+|"exchange": \d+`)

// comparable is the text of a report without what is momentary.
func comparable(t *testing.T, r *reports.Report) string {
	t.Helper()
	r.Started, r.DurationMS, r.TraceID, r.Environment.Flags, r.Commit = time.Time{}, 0, "", nil, "" // flags and the work tree are a command's
	for _, d := range r.Dialects {
		d.Lives = nil                                                                                                       // moments of one run
		d.Target.File, d.Target.Again = "", nil                                                                             // a command line is of one face only, and each run has a server of its own
		d.Notes = slices.DeleteFunc(d.Notes, func(note string) bool { return strings.Contains(note, "this race is weak") }) // on a busy machine
		for i := range d.Cases {
			d.Cases[i].DurationMS, d.Cases[i].Exchanges = 0, nil
		}
	}
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return momentary.ReplaceAllString(string(text), "…")
}

func TestBothFacesAgree(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, dialect string
		serve         []string
		target        func(t *testing.T, text string) string // changes the target file
		sees          []reports.Outcome                      // that must be among the outcomes, lest the comparison say little
		says          string                                 // in Ginkgo's output
	}{
		{"clean", "kitchenhub", nil, nil, []reports.Outcome{reports.Pass, reports.NotApplicable}, "SUCCESS!"},
		{"clean", "kitchenmonki", nil, nil, []reports.Outcome{reports.Pass}, "SUCCESS!"},
		{"replay", "kitchenhub", []string{"--defect", "kitchenhub-refresh-replay"}, nil, []reports.Outcome{reports.Fail}, "FAIL!"},
		{"cacheable", "kitchenhub", []string{"--defect", "kitchenhub-cacheable"}, nil, []reports.Outcome{reports.Warn}, "WARN"},
		{"code reused", "kitchenmonki", []string{"--defect", "kitchenmonki-code-replay"}, func(_ *testing.T, text string) string {
			return withoutBrowser(text)
		}, []reports.Outcome{reports.Fail}, "FAIL!"},
		{"replay waived", "kitchenhub", []string{"--defect", "kitchenhub-refresh-replay"}, func(t *testing.T, text string) string {
			return text + "waivers: " + written(t, "waivers.yaml", knownReplay) + "\n"
		}, []reports.Outcome{reports.Waived}, "SUCCESS!"},
		{"stale waiver", "kitchenhub", nil, func(t *testing.T, text string) string {
			return text + "waivers: " + written(t, "waivers.yaml", knownReplay) + "\n"
		}, []reports.Outcome{reports.Pass}, "the verdict is no-go: "},
		{"gone", "kitchenhub", nil, func(t *testing.T, text string) string {
			return strings.ReplaceAll(text, "base_url: http://", "base_url: https://")
		}, []reports.Outcome{reports.CouldNotRun}, "COULD-NOT-RUN"},
		{"without a clock", "kitchenhub", nil, func(t *testing.T, text string) string {
			before, rest, _ := strings.Cut(text, "clock:")
			return before + "operator:" + strings.SplitN(rest, "operator:", 2)[1]
		}, []reports.Outcome{reports.NotExercised}, "SUCCESS!"},
	} {
		t.Run(c.dialect+" "+c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, append([]string{c.dialect}, c.serve...)...)
			file := s.file(c.dialect)
			if c.target != nil {
				file = rewritten(t, file, func(text string) string { return c.target(t, text) })
			}
			code, report := checked(t, "--target", file)
			run := suite(t, []string{file}, "-ginkgo.v")
			if (code == 0) != (run.code == 0) {
				t.Errorf("check ends with %d, the suite with %d", code, run.code)
			}
			run.has(t, c.says)
			agree(t, report, run)
			for _, o := range c.sees {
				if report.Dialects[0].Counts.Of(o) == 0 {
					t.Errorf("no case ended in %s", o)
				}
			}
		})
	}
}

// checked runs "gonogo check" and reads its report.
func checked(t *testing.T, flags ...string) (int, *reports.Report) {
	t.Helper()
	return ends(t, "check", flags...)
}

// ends runs a command of gonogo that judges, and reads its report.
func ends(t *testing.T, command string, flags ...string) (int, *reports.Report) {
	t.Helper()
	asJSON := filepath.Join(t.TempDir(), "r.json")
	var out bytes.Buffer
	code := app.Run(t.Context(), append([]string{command, "--quiet", "--report", "json=" + asJSON}, flags...), whereProgramsAre, strings.NewReader(""), &out, &out)
	report, err := reports.ReadFile(asJSON)
	if err != nil {
		t.Fatalf("%v; %s says: %s", err, command, out.String())
	}
	return code, report
}

// agree wants the same outcome of every case, told in Ginkgo's own way.
func agree(t *testing.T, report *reports.Report, run ginkgoRun) {
	t.Helper()
	specs := run.specs()
	var cases []string
	for _, c := range report.Dialects[0].Cases {
		cases = append(cases, c.ID)
		spec := specs[c.ID]
		if spec.State != states[c.Outcome] {
			t.Errorf("%s is %s, and its spec %s: %s", c.ID, c.Outcome, spec.State, spec.Failure.Message)
			continue
		}
		entry := c.ID + ": " + string(c.Outcome) + ", "
		if !strings.HasPrefix(spec.ReportEntries[0].StringRepresentation(), entry) {
			t.Errorf("the entry of %s is %q, not %q", c.ID, spec.ReportEntries[0].StringRepresentation(), entry)
		}
		switch spec.State {
		case types.SpecStateFailed:
			if want := strings.ToUpper(string(c.Outcome)) + "  " + c.Title; !strings.HasPrefix(spec.Failure.Message, want) {
				t.Errorf("%s fails with %q, not %q", c.ID, spec.Failure.Message, want)
			}
		case types.SpecStateSkipped:
			if !strings.HasPrefix(spec.Failure.Message, string(c.Outcome)) || c.Waiver == nil && !strings.HasSuffix(spec.Failure.Message, c.Reason) {
				t.Errorf("%s is skipped with %q: %s %s", c.ID, spec.Failure.Message, c.Outcome, c.Reason)
			}
		}
	}
	slices.Sort(cases)
	if found := slices.Sorted(maps.Keys(specs)); !slices.Equal(found, cases) {
		t.Errorf("check has %d cases, the suite %d", len(cases), len(found))
	}
}
