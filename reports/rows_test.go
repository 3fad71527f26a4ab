package reports

import "testing"

// A finding that names another row is that row's, also where it is none of the case's; the case's own rows were not
// looked at then.
func TestAFindingUnderAnotherRowIsThatRows(t *testing.T) {
	t.Parallel()
	broken := Case{ID: "kh/flow/case", Requirements: []string{"KH-A-1"}, Outcome: Fail, Reason: "a token was refused at its first use", Findings: []Finding{{Requirement: "KH-B-1"}}}
	d := &Dialect{ID: "kh", Requirements: []Requirement{{ID: "KH-A-1", Cases: []string{"kh/flow/case"}}, {ID: "KH-B-1"}}, Cases: []Case{broken}}
	r := &Report{Dialects: []*Dialect{d}}
	Decide(r, Policy{})
	if a, b := d.OutcomeOf("KH-A-1"), d.OutcomeOf("KH-B-1"); a != CouldNotRun || b != Fail {
		t.Errorf("the case's own row is %s and the one it found violated %s", a, b)
	}
	if r.Verdict != NoGo || !d.Complete {
		t.Errorf("the run is %s, complete %t", r.Verdict, d.Complete)
	}
	d.Cases[0].Reason = ""
	if Decide(r, Policy{}); d.OutcomeOf("KH-A-1") != Pass {
		t.Errorf("a case that came to its end says %s of its own row", d.OutcomeOf("KH-A-1"))
	}
}
