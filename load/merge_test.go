package load

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"

	"gonogo/load/attack"
	"gonogo/reports"
)

// shard is a load run of n answers; each of them is counted in whole, too.
func shard(seed uint64, n int, whole *hdrhistogram.Histogram) *reports.LoadRun {
	const longest = int64(time.Hour / time.Microsecond)
	chance := rand.New(rand.NewPCG(seed, 2))
	h := hdrhistogram.New(1, longest, 3)
	for range n {
		us := int64(200 + 1000*chance.ExpFloat64())
		_, _ = h.RecordValue(us), whole.RecordValue(us)
	}
	began := time.Date(2026, 11, 30, 10, 0, 0, int(seed)*int(time.Millisecond), time.UTC)
	return &reports.LoadRun{
		Dialect: "any", Document: reports.Document{SHA256: "ab"}, Target: reports.Target{BaseURL: "http://127.0.0.1:1"}, Scenario: "issue", Shape: "constant 500/s",
		Plan: &reports.LoadPlan{DurationMS: 2000, WorkingSet: 10, Pick: "uniform"}, Connections: 4, Protocol: "HTTP/1.1", Started: began, DurationMS: 2000,
		Asked: 500, Achieved: 499, Requests: int64(n), Errors: 1, Latency: attack.Distribution(h), Service: attack.Distribution(h),
		Verdict: reports.Go, Complete: true, Answers: []reports.LoadCount{{What: "200", Count: int64(n) - 1}, {What: "503", Count: 1}},
		Parts: []reports.LoadPart{{Name: "issue", Requests: int64(n), Errors: 1, Latency: attack.Distribution(h)}},
		Sessions: &reports.LoadSessions{
			Steps: []string{"issue"}, Begun: int64(n), Whole: int64(n) - 3, Broken: 2, Open: 1, Crowded: 5, Foregone: 7, Refreshes: 10, MostAtOnce: 4,
			BrokeAt: []reports.LoadCount{{What: "issue", Count: 2}}, Length: attack.Distribution(h),
		},
		Seconds:    []reports.LoadSecond{{Second: 0, Asked: 500, P99: int64(seed)}, {Second: 1, Asked: 500}},
		Objectives: []reports.LoadObjective{{Text: "p50<1h", Held: true}, {Text: "errors<1%", Held: true}},
		Violations: []reports.LoadViolation{{Kind: "twice", Requirement: "ANY-1", Count: int64(seed)}},
	}
}

func threeShards() (shards []*reports.LoadRun, whole *hdrhistogram.Histogram) {
	whole = hdrhistogram.New(1, int64(time.Hour/time.Microsecond), 3)
	for seed := range uint64(3) {
		shards = append(shards, shard(seed+1, 1000+int(seed), whole))
	}
	return shards, whole
}

func TestShardsAddUpExactly(t *testing.T) {
	t.Parallel()
	shards, whole := threeShards()
	run, err := Merge(shards)
	if err != nil {
		t.Fatal(err)
	}
	want := attack.Distribution(whole)
	for what, got := range map[string]reports.Distribution{"latency": run.Latency, "service": run.Service, "of the part": run.Parts[0].Latency, "of sessions": run.Sessions.Length} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	if s := *run.Sessions; s.Begun != 3003 || s.Whole != 2994 || s.Broken != 6 || s.Open != 3 || s.Crowded != 15 || s.Foregone != 21 || s.Refreshes != 30 || s.MostAtOnce != 12 ||
		len(s.BrokeAt) != 1 || s.BrokeAt[0].Count != 6 || shards[0].Sessions.Broken != 2 {
		t.Errorf("the sessions are %+v", s)
	}
	if run.Requests != 3003 || run.Errors != 3 || run.Connections != 12 || run.Asked != 1500 || run.Achieved != 1497 || run.Shape != "3 × constant 500/s" || !run.Started.Equal(shards[0].Started) {
		t.Errorf("%+v", run)
	}
	if want := []reports.LoadCount{{What: "200", Count: 3000}, {What: "503", Count: 3}}; !slices.Equal(run.Answers, want) {
		t.Errorf("answers %+v", run.Answers)
	}
	if len(run.Seconds) != 2 || run.Seconds[0].Asked != 1500 || run.Seconds[0].P99 != 3 {
		t.Errorf("seconds %+v", run.Seconds)
	}
	if len(run.Violations) != 1 || run.Violations[0].Count != 6 || run.Verdict != reports.NoGo || !run.Complete {
		t.Errorf("%s, %v, %+v", run.Verdict, run.Because, run.Violations)
	}
}

func TestTheWholeIsDecidedAnew(t *testing.T) {
	t.Parallel()
	of := func(change func(shards []*reports.LoadRun)) *reports.LoadRun {
		shards, _ := threeShards()
		for _, s := range shards {
			s.Violations = nil
		}
		change(shards)
		run, err := Merge(shards)
		if err != nil {
			t.Fatal(err)
		}
		return run
	}
	objective := func(text string, whose string) func([]*reports.LoadRun) {
		return func(shards []*reports.LoadRun) {
			for _, s := range shards {
				s.Objectives = []reports.LoadObjective{{Text: text}}
			}
			shards[1].Objectives[0].Whose = whose
			shards[1].Verdict = reports.NoGo
		}
	}
	for name, c := range map[string]struct {
		change   func([]*reports.LoadRun)
		verdict  reports.Verdict
		complete bool
	}{
		"all held":                          {func([]*reports.LoadRun) {}, reports.Go, true},
		"a shard that the others make good": {objective("rate>=1400/s", reports.WhoseTarget), reports.Go, true},
		"the target is too slow":            {objective("p50<1us", reports.WhoseTarget), reports.NoGo, true},
		"a generator may be":                {objective("p50<1us", reports.WhoseGenerator), reports.Incomplete, false},
		"a shard fell short":                {func(s []*reports.LoadRun) { s[2].Shortfalls = []string{"it could not keep up"} }, reports.Incomplete, false},
		"one after the other": {func(s []*reports.LoadRun) {
			s[2].Started = s[2].Started.Add(time.Second)
		}, reports.Incomplete, false},
	} {
		if run := of(c.change); run.Verdict != c.verdict || run.Complete != c.complete {
			t.Errorf("%s: %s, %v, because %q", name, run.Verdict, run.Complete, run.Because)
		}
	}
	late := of(func(s []*reports.LoadRun) { s[2].Started = s[2].Started.Add(time.Second) })
	if len(late.Seconds) != 3 || late.Seconds[2].Asked != 500 || late.Seconds[1].Asked != 1500 {
		t.Errorf("a shard that began a second later: %+v", late.Seconds)
	}
}

func TestWhatIsNoShardIsRefused(t *testing.T) {
	t.Parallel()
	for says, change := range map[string]func(s []*reports.LoadRun){
		"shard 3 is of another plan than the first: the scenario is issue in one and use in the other": func(s []*reports.LoadRun) { s[2].Scenario = "use" },
		"shard 2 is of another plan than the first: the duration in ms is 2000 in one and 5 in the other": func(s []*reports.LoadRun) {
			s[1].Plan = &reports.LoadPlan{DurationMS: 5, WorkingSet: 10, Pick: "uniform"}
		},
		"shard 2 is of another target than the first: http://127.0.0.1:2, and not http://127.0.0.1:1":                                func(s []*reports.LoadRun) { s[1].Target.BaseURL = "http://127.0.0.1:2" },
		"shard 2 was held to other objectives than those before it: errors<1%, and not p50<1h, errors<1%":                            func(s []*reports.LoadRun) { s[1].Objectives = s[1].Objectives[1:] },
		"shard 3 is the same run as one before it":                                                                                   func(s []*reports.LoadRun) { s[2] = s[0] },
		"shard 2: a distribution has no histogram, so it cannot be added up":                                                         func(s []*reports.LoadRun) { s[1].Latency.Binary = nil },
		"shard 2 is of another plan than the first: one of them does not say what its plan was; make it with this version of gonogo": func(s []*reports.LoadRun) { s[1].Plan = nil },
	} {
		shards, _ := threeShards()
		change(shards)
		if _, err := Merge(shards); err == nil || strings.TrimSpace(err.Error()) != says {
			t.Errorf("%v, and not %s", err, says)
		}
	}
}
