package load

import (
	"strings"
	"testing"
	"time"

	"gonogo/load/attack"
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
		o, err := parseObjective(c.objective)
		if err != nil {
			t.Fatal(err)
		}
		out := &reports.LoadRun{
			DurationMS: 10_000, Requests: 10_000, Asked: 1000, Achieved: 1000,
			Latency: reports.Distribution{P50: 120, P99: 500_000, Max: 600_000, Mean: 3000}, Service: reports.Distribution{P99: 400_000, Curve: curve},
		}
		if c.frozen > 0 {
			out.Frozen = []reports.Span{{AtMS: 1000, ForMS: c.frozen}}
		}
		decide(out, measured{result: &attack.Result{Lag: always(0), Own: attack.Own{Late: always(0)}}}, []objective{o})
		if out.Verdict != c.want {
			t.Errorf("%s, frozen for %d ms: the verdict is %s because %v, not %s", c.objective, c.frozen, out.Verdict, out.Because, c.want)
		}
	}
}

func TestAQuantileOfTooFewAnswersIsCalledTheSlowest(t *testing.T) {
	var objectives []objective
	for _, text := range []string{"p99<1s", "service-p999<1s", "max<1s", "p50<1s"} {
		o, err := parseObjective(text)
		if err != nil {
			t.Fatal(err)
		}
		objectives = append(objectives, o)
	}
	for requests, want := range map[int64]int{1: 3, 99: 2, 100: 1, 999: 1, 1000: 0} {
		out := &reports.LoadRun{Requests: requests, Asked: 10, Achieved: 10}
		decide(out, measured{}, objectives)
		if len(out.Notes) != want {
			t.Errorf("of %d requests the notes are %q", requests, out.Notes)
		}
	}
}

// What a generator without processors measures is no finding about the target.
func TestWhoseFaultAnObjectiveIs(t *testing.T) {
	const ms, s = time.Millisecond, time.Second
	saturating := func(requests int64, late time.Duration) limit {
		b := stepOf(requests, 5*s, 0, late, 0, ms, ms)
		b.run.Asked, b.run.Unsent, b.measured.Unsent, b.measured.Saturate = 0, 0, 0, true
		return b
	}
	for _, c := range []struct {
		name, objective string
		measured        limit
		want            reports.Verdict
		says            string
	}{
		{"long answers", "p99<20ms", stepOf(5000, 5*s, 5*s, 0, 0, 25*ms, 25*ms), reports.NoGo, "p99<20ms is not held: 25ms"},
		{"answers read late", "p99<20ms", stepOf(5000, 5*s, 5*s, 10*ms, 0, 25*ms, 25*ms), reports.Incomplete, "it read answers up to 10.01ms late"},
		{"far beyond", "p99<1us", stepOf(5000, 5*s, 5*s, ms/2, 0, ms, ms), reports.NoGo, "p99<1us is not held: 1ms"},
		{"a slow target", "rate>=999/s", stepOf(3000, 6*s, 6*s, 0, 0, 32*ms, s), reports.NoGo, "all connections were waiting for answers"},
		{"a generator that does nothing else", "rate>=999/s", stepOf(3000, 6*s, 6*s, 40*ms, 0, 32*ms, s), reports.Incomplete, "for want of processors"},
		{"more than was asked for", "rate>=2000/s", stepOf(5000, 5*s, 5*s, 0, 0, ms, ms), reports.NoGo, "rate>=2000/s is not held"},
		{"as much as it can", "rate>=2000/s", saturating(5000, 0), reports.NoGo, "rate>=2000/s is not held: 1000.0/s"},
		{"as much as a slow generator can", "rate>=2000/s", saturating(5000, 14*ms), reports.Incomplete, "the generator may be the cause"},
		{"as much as a slow generator can, and still too little", "rate>=2000/s", saturating(5000, 4*ms), reports.NoGo, "rate>=2000/s is not held: 1000.0/s"},
	} {
		o, err := parseObjective(c.objective)
		if err != nil {
			t.Fatal(err)
		}
		out := c.measured.run
		decide(out, measured{result: c.measured.measured}, []objective{o})
		if out.Verdict != c.want || !strings.Contains(strings.Join(out.Because, "; "), c.says) {
			t.Errorf("%s: the verdict is %s because %q", c.name, out.Verdict, out.Because)
		}
	}
}
