package trend_test

import (
	"testing"

	"gonogo/reports"
	"gonogo/reports/testdata/samples"
	"gonogo/reports/trend"
)

// on is the trend of one load that was run on these machines, one after the other.
func on(hosts ...string) []*trend.Group {
	_, kept := samples.Kept()
	var files []string
	var all []*reports.Report
	for i, host := range hosts {
		r, e := *kept[i], *kept[i].Environment
		e.Host, r.Environment = host, &e
		files, all = append(files, host), append([]*reports.Report{&r}, all...) // the latest first, which is not their order
	}
	return trend.Of(files, all, func(a, b trend.Kept) string {
		if a.Report.Environment.Host != b.Report.Environment.Host {
			return "another machine"
		}
		return ""
	})
}

func TestALineBreaksWhereTheMachineIsAnother(t *testing.T) {
	t.Parallel()
	groups := on("a", "a", "b", "b", "b")
	if len(groups) != 1 || groups[0].Host != "" {
		t.Fatalf("%d groups", len(groups))
	}
	for i, run := range groups[0].Runs {
		if i > 0 && run.Started.Before(groups[0].Runs[i-1].Started) || (run.Break != "") != (i == 2) {
			t.Errorf("run %d: %+v", i, run)
		}
	}
	trend.Last(groups, 3)
	if len(groups[0].Runs) != 3 || groups[0].Runs[0].Break != "" || groups[0].Runs[2].Host != "b" {
		t.Errorf("the latest are %+v", groups[0].Runs)
	}
}

func TestMachinesThatTakeTurnsHaveALineEach(t *testing.T) {
	t.Parallel()
	groups := on("a", "b", "a", "b", "b")
	if len(groups) != 2 || groups[0].Host != "a" || len(groups[0].Runs) != 2 || groups[1].Host != "b" || len(groups[1].Runs) != 3 {
		t.Fatalf("%+v", groups)
	}
	for _, g := range groups {
		for _, run := range g.Runs {
			if run.Break != "" || run.Host != g.Host {
				t.Errorf("%+v in the group of %s", run, g.Host)
			}
		}
	}
}
