package load

import (
	"testing"

	"gonogo/reports"
)

// A generator that stood still may be what was slow; but what is far beyond any such doubt is a no-go all the same.
func TestATargetThatIsTooSlowAnyway(t *testing.T) {
	curve := []reports.Point{{Quantile: 0, US: 50}, {Quantile: .5, US: 100}, {Quantile: .9, US: 200}, {Quantile: .95, US: 5000}, {Quantile: 1, US: 600_000}}
	for _, c := range []struct {
		objective string
		frozen    int64 // ms of 10 s
		want      reports.Verdict
	}{
		{"p99<1us", 0, reports.NoGo},
		{"p99<1us", 200, reports.NoGo},
		{"p50<1us", 4000, reports.NoGo},
		{"p50<1us", 6000, reports.Incomplete}, // nothing is left that says anything
		{"p99<300ms", 0, reports.NoGo},
		{"p99<300ms", 200, reports.Incomplete},
		{"p99<4ms", 150, reports.NoGo},
		{"p99<4ms", 1000, reports.Incomplete},
		{"service-p99<4ms", 150, reports.NoGo},
		{"max<1us", 200, reports.NoGo},
		{"mean<1us", 200, reports.Incomplete},
		{"p99>1s", 200, reports.Incomplete},
		{"p99<1s", 50, reports.Go},
	} {
		o, err := ParseObjective(c.objective)
		if err != nil {
			t.Fatal(err)
		}
		r := ready(t, "issue")
		r.Objectives = []Objective{o}
		out := &reports.LoadRun{
			DurationMS: 10_000, Requests: 10_000, Asked: 1000, Achieved: 1000,
			Latency: reports.Distribution{P50: 120, P99: 500_000, Max: 600_000, Mean: 3000}, Service: reports.Distribution{P99: 400_000, Curve: curve},
		}
		if c.frozen > 0 {
			out.Frozen = []reports.Span{{AtMS: 1000, ForMS: c.frozen}}
		}
		r.conclude(out, nil)
		if out.Verdict != c.want {
			t.Errorf("%s, frozen for %d ms: the verdict is %s because %v, not %s", c.objective, c.frozen, out.Verdict, out.Because, c.want)
		}
	}
}
