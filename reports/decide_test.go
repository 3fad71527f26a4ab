package reports_test

import (
	"slices"
	"strings"
	"testing"

	"gonogo/reports"
	"gonogo/reports/testdata/samples"
	"gonogo/specs"
)

const (
	pass, warn, waived, fail       = reports.Pass, reports.Warn, reports.Waived, reports.Fail
	notApplicable, notExercised    = reports.NotApplicable, reports.NotExercised
	couldNotRun, harness           = reports.CouldNotRun, reports.Error
	goes, noGo, incomplete         = reports.Go, reports.NoGo, reports.Incomplete
	documented, standard, practice = specs.Documented, specs.Standard, specs.Practice
)

func TestVerdict(t *testing.T) {
	strict := reports.Policy{Strict: true}
	for _, row := range []struct {
		name     string
		outcomes []reports.Outcome
		policy   reports.Policy
		change   func(*reports.Report)
		verdict  reports.Verdict
		complete bool
		exit     int
		because  string // a part of the reasons
	}{
		{name: "all pass", outcomes: []reports.Outcome{pass, pass}, verdict: goes, complete: true, exit: 0},
		{name: "a practice row is violated", outcomes: []reports.Outcome{pass, warn}, verdict: goes, complete: true, exit: 0},
		{name: "only a warning ran", outcomes: []reports.Outcome{warn}, verdict: goes, complete: true, exit: 0},
		{name: "a violation is waived", outcomes: []reports.Outcome{waived}, verdict: goes, complete: true, exit: 0},
		{name: "not-applicable beside a pass", outcomes: []reports.Outcome{pass, notApplicable}, verdict: goes, complete: true, exit: 0},
		{name: "not-exercised beside a pass", outcomes: []reports.Outcome{pass, notExercised}, verdict: goes, complete: true, exit: 0},
		{name: "one fails", outcomes: []reports.Outcome{pass, fail}, verdict: noGo, complete: true, exit: 1},
		{name: "one could not run", outcomes: []reports.Outcome{pass, couldNotRun}, verdict: incomplete, exit: 3, because: "kh: 1 case could not run"},
		{name: "the harness erred", outcomes: []reports.Outcome{pass, harness}, verdict: incomplete, exit: 3, because: "kh: 1 case ended in an error of the harness"},
		{name: "fail and could-not-run", outcomes: []reports.Outcome{fail, couldNotRun}, verdict: noGo, exit: 1, because: "could not run"},
		{name: "fail and error", outcomes: []reports.Outcome{fail, harness}, verdict: noGo, exit: 1, because: "error of the harness"},
		{name: "waived and could-not-run", outcomes: []reports.Outcome{waived, couldNotRun}, verdict: incomplete, exit: 3},
		{name: "no case at all", verdict: incomplete, exit: 3, because: "kh: no case ran"},
		{name: "only not-applicable", outcomes: []reports.Outcome{notApplicable}, verdict: incomplete, exit: 3, because: "no case ran"},
		{name: "only not-exercised", outcomes: []reports.Outcome{notExercised}, verdict: incomplete, exit: 3, because: "no case ran"},
		{name: "a word that is no outcome", outcomes: []reports.Outcome{pass, "passed"}, verdict: incomplete, exit: 3, because: "error of the harness"},
		{name: "no word at all", outcomes: []reports.Outcome{pass, ""}, verdict: incomplete, exit: 3, because: "error of the harness"},
		{name: "strict, all documented rows exercised", outcomes: []reports.Outcome{pass, notExercised}, policy: strict, verdict: goes, complete: true, exit: 0},
		{
			name: "strict, a documented row is not", outcomes: []reports.Outcome{pass}, policy: strict, verdict: incomplete, exit: 3,
			change: func(r *reports.Report) { addRow(r, documented, notExercised) }, because: "kh: not exercised, which --strict asks for: KH-B-1",
		},
		{
			name: "the same, not strict", outcomes: []reports.Outcome{pass}, verdict: goes, complete: true, exit: 0,
			change: func(r *reports.Report) { addRow(r, documented, notExercised) },
		},
		{
			name: "strict, a standard row is not", outcomes: []reports.Outcome{pass}, policy: strict, verdict: goes, complete: true, exit: 0,
			change: func(r *reports.Report) { addRow(r, standard, notExercised) },
		},
		{
			name: "strict, a practice row is not", outcomes: []reports.Outcome{pass}, policy: strict, verdict: goes, complete: true, exit: 0,
			change: func(r *reports.Report) { addRow(r, practice, notExercised) },
		},
		{
			name: "strict and a failure", outcomes: []reports.Outcome{fail}, policy: strict, verdict: noGo, exit: 1,
			change: func(r *reports.Report) { addRow(r, documented, notExercised) },
		},
		{
			name: "the dialect was cut short", outcomes: []reports.Outcome{pass}, verdict: incomplete, exit: 3,
			change: func(r *reports.Report) { r.Dialects[0].Incomplete = "the target is gone since 12s" }, because: "kh: the target is gone since 12s",
		},
		{
			name: "the run was interrupted", outcomes: []reports.Outcome{pass}, verdict: incomplete, exit: 3,
			change: func(r *reports.Report) { r.Interrupted = "interrupted by the user" }, because: "interrupted by the user",
		},
		{
			name: "interrupted after a failure", outcomes: []reports.Outcome{fail}, verdict: noGo, exit: 1,
			change: func(r *reports.Report) { r.Interrupted = "interrupted by the user" }, because: "interrupted by the user",
		},
		{
			name: "a planned case left no result", outcomes: []reports.Outcome{pass}, verdict: incomplete, exit: 3,
			change: func(r *reports.Report) {
				r.Dialects[0].Requirements[0].Cases = []string{"kh/a/a", "kh/a/lost"}
			}, because: "kh: 1 case left no result",
		},
		{
			name: "a waiver expired", outcomes: []reports.Outcome{pass, waived}, verdict: noGo, complete: true, exit: 1,
			change: func(r *reports.Report) { r.WaiverProblems = []reports.WaiverProblem{{Trouble: reports.Expired}} },
		},
		{
			name: "a waiver is stale and a case could not run", outcomes: []reports.Outcome{pass, couldNotRun}, verdict: noGo, exit: 1,
			change: func(r *reports.Report) { r.WaiverProblems = []reports.WaiverProblem{{Trouble: reports.Stale}} },
		},
		{
			name: "only a could-not-run that is waived", outcomes: []reports.Outcome{waived}, verdict: incomplete, exit: 3,
			change: func(r *reports.Report) { r.Dialects[0].Cases[0].Waiver.Outcome = couldNotRun }, because: "no case ran",
		},
		{
			name: "waived without a waiver", outcomes: []reports.Outcome{pass, waived}, verdict: incomplete, exit: 3,
			change: func(r *reports.Report) { r.Dialects[0].Cases[1].Waiver = nil }, because: "error of the harness",
		},
		{name: "no dialect", change: func(r *reports.Report) { r.Dialects = nil }, verdict: incomplete, exit: 3, because: "nothing ran"},
		{name: "only a good load run", change: load(reports.LoadRun{Verdict: reports.Go, Complete: true}), verdict: goes, complete: true, exit: 0},
		{name: "a load run broke an objective", change: load(reports.LoadRun{Verdict: reports.NoGo, Complete: true}), verdict: noGo, complete: true, exit: 1},
		{name: "a load run is incomplete", change: load(reports.LoadRun{Verdict: reports.Incomplete}), verdict: incomplete, exit: 3, because: "load run 1: it is incomplete"},
		{name: "a load run is both", change: load(reports.LoadRun{Verdict: reports.NoGo}), verdict: noGo, exit: 1},
		{name: "a load run without a verdict", change: load(reports.LoadRun{Complete: true}), verdict: incomplete, exit: 3, because: "load run 1: it gives no verdict"},
		{name: "one dialect of two has no case", outcomes: []reports.Outcome{pass}, verdict: incomplete, exit: 3, because: "pos: no case ran",
			change: func(r *reports.Report) { r.Dialects = append(r.Dialects, &reports.Dialect{ID: "pos"}) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := samples.Of(row.outcomes...)
			if row.change != nil {
				row.change(r)
			}
			for range 2 { // the second time must change nothing
				reports.Decide(r, row.policy)
				if r.Verdict != row.verdict || r.Complete != row.complete || reports.ExitCode(r) != row.exit {
					t.Fatalf("verdict %s, complete %t, exit %d; want %s, %t, %d", r.Verdict, r.Complete, reports.ExitCode(r), row.verdict, row.complete, row.exit)
				}
				because := strings.Join(r.IncompleteBecause, "\n")
				if !strings.Contains(because, row.because) || (because == "") != row.complete {
					t.Fatalf("incomplete because %q, want %q in it", because, row.because)
				}
			}
		})
	}
}

func addRow(r *reports.Report, l specs.Level, o reports.Outcome) {
	d := r.Dialects[0]
	d.Requirements = append(d.Requirements, reports.Requirement{ID: "KH-B-1", Level: l})
	d.Cases = append(d.Cases, reports.Case{ID: "kh/b/a", Level: l, Requirements: []string{"KH-B-1"}, Outcome: o})
}

func load(run reports.LoadRun) func(*reports.Report) {
	return func(r *reports.Report) {
		r.Dialects, r.Load = nil, []*reports.LoadRun{&run}
	}
}

func TestRequirementOutcome(t *testing.T) {
	for _, row := range []struct {
		outcomes []reports.Outcome
		want     reports.Outcome
	}{
		{[]reports.Outcome{pass, fail, couldNotRun, harness}, fail},
		{[]reports.Outcome{pass, couldNotRun, waived}, couldNotRun},
		{[]reports.Outcome{couldNotRun, harness, warn}, harness},
		{[]reports.Outcome{pass, warn, waived}, waived},
		{[]reports.Outcome{pass, warn, notExercised}, warn},
		{[]reports.Outcome{notExercised, pass, notApplicable}, pass},
		{[]reports.Outcome{notApplicable, notExercised}, notExercised},
		{[]reports.Outcome{notApplicable}, notApplicable},
		{nil, notExercised},
	} {
		r := samples.Of(row.outcomes...)
		reports.Decide(r, reports.Policy{})
		if got := r.Dialects[0].Requirements[0]; got.Outcome != row.want || len(got.Cases) != len(row.outcomes) {
			t.Errorf("%v: %s of %v, want %s", row.outcomes, got.Outcome, got.Cases, row.want)
		}
	}
}

func TestCounts(t *testing.T) {
	all := reports.Outcomes()
	r := samples.Of(append(all, pass, "nonsense")...)
	reports.Decide(r, reports.Policy{})
	want := reports.Counts{Pass: 2, Warn: 1, Waived: 1, Fail: 1, NotApplicable: 1, NotExercised: 1, CouldNotRun: 1, Error: 2}
	if got := r.Dialects[0].Counts; got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
}

func TestChecklistTicksOnlyWhatRanWhole(t *testing.T) {
	d := samples.Report().Dialects[0]
	var got []reports.Outcome
	for _, item := range d.Checklist {
		got = append(got, item.Outcome)
	}
	if want := []reports.Outcome{pass, fail, notExercised}; !slices.Equal(got, want) {
		t.Errorf("checklist %v, want %v", got, want)
	}
}

func TestAWaiverProblemIsTheDialectsToo(t *testing.T) {
	r := samples.Of(pass)
	r.Dialects = append(r.Dialects, &reports.Dialect{ID: "pos", Cases: []reports.Case{samples.Case("pos/a/a", pass)}})
	r.WaiverProblems = []reports.WaiverProblem{{Trouble: reports.Stale, Dialects: []string{"pos"}}}
	reports.Decide(r, reports.Policy{})
	if got := r.Dialects[1].Verdict; got != noGo {
		t.Errorf("the dialect of the stale waiver is %s", got)
	}
	if got := r.Dialects[0].Verdict; got != goes {
		t.Errorf("the other dialect is %s", got)
	}
}

func TestAnUndecidedReportIsIncomplete(t *testing.T) {
	for _, r := range []*reports.Report{nil, {}, {Verdict: "fine"}, {Verdict: goes}} {
		if got := reports.ExitCode(r); got != reports.ExitIncomplete {
			t.Errorf("%+v exits %d", r, got)
		}
	}
}
