package load

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"gonogo/reports"
)

// round is a run whose p50 is so many µs.
func round(number int, side string, us float64) *reports.LoadRun {
	return &reports.LoadRun{
		Dialect: "any", Scenario: "issue", Plan: &reports.LoadPlan{DurationMS: 2000}, DurationMS: 2000, Connections: 4, Requests: 1000, Verdict: reports.Go, Complete: true,
		Started: time.Unix(int64(number), 0), Target: reports.Target{BaseURL: "http://127.0.0.1/" + side}, Latency: reports.Distribution{P50: int64(us)},
	}
}

// rounds are runs of two sides, of which B takes so much of what A does, on a machine that makes each run slower by up to
// a share of its time.
func rounds(chance *rand.Rand, n int, ratio, noise float64) (a, b []*reports.LoadRun) {
	for i := range n {
		a = append(a, round(2*i+1, "a", 10_000*(1+noise*chance.Float64())))
		b = append(b, round(2*i+2, "b", 10_000*ratio*(1+noise*chance.Float64())))
	}
	return a, b
}

func TestADifferenceIsToldWhereThereIsOne(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ratio, noise float64
		rounds       int
		limit        string
		want         reports.Difference
		verdict      reports.Verdict
	}{
		"twice as slow":               {2, 0.1, 7, "", reports.Worse, reports.Go},
		"twice as slow, over":         {2, 0.1, 7, "p50=5%", reports.Worse, reports.NoGo},
		"slower, within the limit":    {1.05, 0.01, 7, "p50=10%", reports.Worse, reports.Go},
		"faster":                      {0.5, 0.1, 7, "p50=5%", reports.Better, reports.Go},
		"the same":                    {1, 0.01, 7, "p50=5%", reports.NoneShown, reports.Go},
		"the same, of a loud machine": {1, 1, 7, "p50=5%", reports.NoneShown, reports.Incomplete},
		"too few":                     {2, 0.1, 5, "", reports.CannotTell, reports.Incomplete},
	} {
		s, err := ParseStandard("", c.limit)
		if err != nil {
			t.Fatal(err)
		}
		a, b := rounds(rand.New(rand.NewPCG(3, 4)), c.rounds, c.ratio, c.noise)
		got, err := Compare(s, a, b)
		if err != nil {
			t.Fatal(err)
		}
		if got.Difference != c.want || got.Verdict != c.verdict || c.rounds >= LeastRounds && (got.Low > c.ratio || got.High < c.ratio) {
			t.Errorf("%s: %s, %s: %.3f (%.3f to %.3f), %q", name, got.Difference, got.Verdict, got.Ratio, got.Low, got.High, got.Because)
		}
	}
}

// What several generators made is held against what one made, and that is said. Each stood still for a part of its own share.
func TestSeveralGeneratorsBesideOne(t *testing.T) {
	t.Parallel()
	s, err := ParseStandard("", "")
	if err != nil {
		t.Fatal(err)
	}
	a, b := rounds(rand.New(rand.NewPCG(7, 8)), 7, 1, 0.1)
	for _, run := range b {
		run.Generators = make([]reports.LoadGenerator, 4)
		run.Frozen = []reports.Span{{ForMS: 60}, {ForMS: 60}, {ForMS: 60}, {ForMS: 60}} // a round counts with 100 ms of its 2 s
	}
	got, err := Compare(s, a, b)
	if err != nil || got.Difference != reports.NoneShown || len(got.Notes) != 1 || !strings.HasPrefix(got.Notes[0], "the runs of A were made by 1 generator and those of B by 4 generators: ") {
		t.Errorf("%+v, %v", got, err)
	}
	b[3].Generators = nil
	if _, err := Compare(s, a, b); err == nil || err.Error() != "some runs of one side were made by 4 generators and some by 1 generator" {
		t.Errorf("a side of two kinds: %v", err)
	}
}

// TestNoDifferenceIsClaimedOfOneAndTheSame counts what is claimed of two sides that are one.
func TestNoDifferenceIsClaimedOfOneAndTheSame(t *testing.T) {
	t.Parallel()
	s, err := ParseStandard("p50", "")
	if err != nil {
		t.Fatal(err)
	}
	chance, claimed := rand.New(rand.NewPCG(5, 6)), 0
	for range 200 {
		a, b := rounds(chance, 7, 1, 0.5)
		c, err := Compare(s, a, b)
		if err != nil {
			t.Fatal(err)
		}
		if c.Difference != reports.NoneShown {
			claimed++
		}
	}
	if claimed > 20 { // 10 are meant, and 20 come once in 400 tries; the seed is fixed
		t.Errorf("a difference is claimed in %d of 200", claimed)
	}
}

func TestWhatSaysNothingOfTheTargetsDoesNotCount(t *testing.T) {
	t.Parallel()
	of := func(change func(a, b []*reports.LoadRun)) *reports.Comparison {
		s, err := ParseStandard("p50", "")
		if err != nil {
			t.Fatal(err)
		}
		a, b := rounds(rand.New(rand.NewPCG(3, 4)), 7, 1.5, 0.1)
		change(a, b)
		c, err := Compare(s, a, b)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for name, c := range map[string]struct {
		change func(a, b []*reports.LoadRun)
		says   string
	}{
		"a frozen generator": {func(a, b []*reports.LoadRun) {
			a[0].Frozen, b[1].Frozen = []reports.Span{{ForMS: 500}}, []reports.Span{{ForMS: 500}}
		}, "the generator itself stood still for 500ms"},
		"runs that fell short": {func(a, b []*reports.LoadRun) {
			a[0].Shortfalls, b[1].Shortfalls = []string{"it could not keep up"}, []string{"it could not keep up"}
		}, "round 1 does not count: A: it could not keep up"},
		"a round that stood still on both sides": {func(a, b []*reports.LoadRun) {
			for i := range 2 {
				a[i].Frozen, b[i].Frozen = []reports.Span{{ForMS: 600}}, []reports.Span{{ForMS: 700}}
			}
		}, "round 2 does not count: A: the generator itself stood still for 600ms"},
		"a generator that was as late as the targets differ": {func(_, b []*reports.LoadRun) {
			for _, run := range b {
				run.Reading.P50 = 5000
			}
		}, "the generator's own lateness is"},
	} {
		got := of(c.change)
		if got.Difference != reports.CannotTell || got.Verdict != reports.Incomplete || !strings.Contains(strings.Join(got.Because, "; "), c.says) {
			t.Errorf("%s: %s, %s, %q", name, got.Difference, got.Verdict, got.Because)
		}
	}
	violated := of(func(_, b []*reports.LoadRun) {
		b[3].Verdict, b[3].Because = reports.NoGo, []string{"a token came twice"}
	})
	if violated.Verdict != reports.NoGo || !strings.Contains(violated.Because[0], "round 4 of B is a no-go by itself: a token came twice") {
		t.Errorf("%s, %q", violated.Verdict, violated.Because)
	}
	a, b := rounds(rand.New(rand.NewPCG(3, 4)), 7, 1, 0.1)
	b[2].Connections = 8
	if _, err := Compare(Standard{}, a, b); err == nil || !strings.Contains(err.Error(), "the number of connections is 4 in one and 8 in the other") {
		t.Error(err)
	}
	b[2].Connections = 0 // as of results that vegeta kept
	if _, err := Compare(Standard{}, a, b); err == nil || !strings.Contains(err.Error(), "one of them was sent by another generator") {
		t.Error(err)
	}
}

// TestOthersAreShownWithAConfidenceForAllOfThem: what is worse only in what was not named is no verdict, and takes more to be
// said than what was.
func TestOthersAreShownWithAConfidenceForAllOfThem(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(7, 8))
	of := func(n int) *reports.Comparison {
		s, err := ParseStandard("p50", "p50=5%")
		if err != nil {
			t.Fatal(err)
		}
		a, b := rounds(chance, n, 1, 0.01)
		for i := range a {
			a[i].Asked, b[i].Asked = 500, 500
			a[i].Latency.P99, b[i].Latency.P99 = 20_000+chance.Int64N(100), 40_000+chance.Int64N(100)
			a[i].Latency.P90, b[i].Latency.P90, a[i].Service, b[i].Service = 15_000, 15_000, a[i].Latency, b[i].Latency
		}
		c, err := Compare(s, a, b)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := of(8)
	if c.Verdict != reports.Go || c.Difference != reports.NoneShown || len(c.Others) != 4 {
		t.Fatalf("%s, %s, %d others", c.Verdict, c.Difference, len(c.Others))
	}
	for _, o := range c.Others {
		want := reports.NoneShown
		if strings.HasSuffix(o.Metric, "p99") {
			want = reports.Worse
		}
		if o.Metric == c.Metric || o.Difference != want || o.Confidence != 1-0.05/4 {
			t.Errorf("%+v", o)
		}
		if want == reports.Worse && (o.MoreLow > 20_000 || o.MoreHigh < 20_000 || o.MoreHigh-o.MoreLow > 200) {
			t.Errorf("%s: from %v to %v more", o.Metric, o.MoreLow, o.MoreHigh)
		}
	}
	for _, o := range of(LeastRounds).Others {
		if o.Difference != reports.CannotTell {
			t.Errorf("of six rounds, %+v", o)
		}
	}
}
