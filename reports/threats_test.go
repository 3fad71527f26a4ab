package reports_test

import (
	"fmt"
	"testing"

	"gonogo/reports"
	"gonogo/specs"
)

// rowsThat are requirements KH-T-0, KH-T-1, … with an outcome each, by one case of their own.
func rowsThat(outcomes ...reports.Outcome) *reports.Report {
	d := &reports.Dialect{ID: "kitchenhub"}
	for i, o := range outcomes {
		id, name := fmt.Sprintf("KH-T-%d", i), fmt.Sprintf("kitchenhub/threat/%d", i)
		d.Requirements = append(d.Requirements, reports.Requirement{ID: id, Level: specs.Standard, Cases: []string{name}})
		c := reports.Case{ID: name, Level: specs.Standard, Requirements: []string{id}, Outcome: o}
		if o == reports.Waived {
			c.Waiver = &reports.AppliedWaiver{Outcome: reports.Fail}
		}
		d.Cases = append(d.Cases, c)
	}
	return &reports.Report{Dialects: []*reports.Dialect{d}}
}

func TestAThreatIsMitigatedByRowsThatPassed(t *testing.T) {
	for _, row := range []struct {
		outcomes []reports.Outcome
		want     reports.ThreatState
	}{
		{nil, reports.NotLookedAt},
		{[]reports.Outcome{pass, pass}, reports.Mitigated},
		{[]reports.Outcome{pass, notApplicable}, reports.Mitigated},
		{[]reports.Outcome{pass, notExercised}, reports.PartlyMitigated},
		{[]reports.Outcome{pass, couldNotRun}, reports.PartlyMitigated},
		{[]reports.Outcome{notExercised, couldNotRun}, reports.NotLookedAt},
		{[]reports.Outcome{notApplicable}, reports.NotLookedAt},
		{[]reports.Outcome{pass, fail}, reports.NotMitigated},
		{[]reports.Outcome{pass, warn}, reports.NotMitigated},
		{[]reports.Outcome{waived, pass}, reports.NotMitigated},
		{[]reports.Outcome{couldNotRun, fail}, reports.NotMitigated},
	} {
		r := rowsThat(row.outcomes...)
		threat := reports.Threat{ID: "RFC6819-4.6.3"}
		for _, of := range r.Dialects[0].Requirements {
			threat.Rows = append(threat.Rows, of.ID)
		}
		r.Dialects[0].Threats = []reports.Threat{threat}
		reports.Decide(r, reports.Policy{})
		if got := r.Dialects[0].Threats[0].State; got != row.want {
			t.Errorf("rows that are %v: %s, want %s", row.outcomes, got, row.want)
		}
	}
}

// A row that the selection leaves out was not looked at, and says nothing of the threat.
func TestAThreatIsNotMitigatedByRowsThatWereNotSelected(t *testing.T) {
	r := rowsThat(pass)
	r.Dialects[0].Threats = []reports.Threat{{ID: "RFC6819-4.6.3", Rows: []string{"KH-T-0", "KH-T-7"}}, {ID: "RFC9700-4.1", Rows: []string{"KH-T-7"}}}
	reports.Decide(r, reports.Policy{})
	for i, want := range []reports.ThreatState{reports.PartlyMitigated, reports.NotLookedAt} {
		if got := r.Dialects[0].Threats[i].State; got != want {
			t.Errorf("%s is %s, want %s", r.Dialects[0].Threats[i].ID, got, want)
		}
	}
}

// A row passes only if a positive case of it ran, where it has one: nothing is shown by a target that refuses everything.
func TestARowPassesOnlyIfAPositiveCaseRan(t *testing.T) {
	for _, row := range []struct {
		name     string
		positive []reports.Outcome // of the selected positive cases; the one negative case passes
		elsewise bool              // the document has a positive case, selected or not
		waived   reports.Outcome   // what a waiver was for
		want     reports.Outcome
	}{
		{name: "a positive case passed", positive: []reports.Outcome{pass}, elsewise: true, want: pass},
		{name: "one of two passed", positive: []reports.Outcome{notExercised, pass}, elsewise: true, want: pass},
		{name: "the row has none", want: pass},
		{name: "it was not exercised", positive: []reports.Outcome{notExercised}, elsewise: true, want: notExercised},
		{name: "the selection leaves it out", elsewise: true, want: notExercised},
		{name: "it is not promised here", positive: []reports.Outcome{notApplicable}, elsewise: true, want: pass},
		{name: "one is not promised, another not exercised", positive: []reports.Outcome{notApplicable, notExercised}, elsewise: true, want: notExercised},
		{name: "it could not run", positive: []reports.Outcome{couldNotRun}, elsewise: true, want: couldNotRun},
		{name: "that it fails is waived", positive: []reports.Outcome{waived}, elsewise: true, waived: fail, want: waived},
		{name: "that it could not run is waived", positive: []reports.Outcome{waived}, elsewise: true, waived: couldNotRun, want: waived},
		{name: "a report from before it was told", positive: []reports.Outcome{notExercised}, want: notExercised},
	} {
		r := rowsThat(pass)
		d := r.Dialects[0]
		d.Requirements[0].Positive = row.elsewise
		d.Cases[0].Polarity = reports.Negative
		for i, o := range row.positive {
			c := reports.Case{ID: fmt.Sprintf("kitchenhub/works/%d", i), Level: specs.Standard, Requirements: []string{"KH-T-0"}, Polarity: reports.Positive, Outcome: o}
			if o == reports.Waived {
				c.Waiver = &reports.AppliedWaiver{Outcome: row.waived}
			}
			d.Cases = append(d.Cases, c)
		}
		reports.Decide(r, reports.Policy{})
		if got := d.Requirements[0].Outcome; got != row.want {
			t.Errorf("%s: the row is %s, want %s", row.name, got, row.want)
		}
	}
}
