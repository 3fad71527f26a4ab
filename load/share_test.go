package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"gonogo/load/attack"
	"gonogo/reference"
	"gonogo/reports"
	"gonogo/specs"
)

// The shapes and arrivals that can be asked for are shared without a request lost, and nobody's chance is another's.
func TestEveryShapeIsShared(t *testing.T) {
	const length, warmUp = 2 * time.Second, 300 * time.Millisecond
	for _, c := range []Config{
		{Rate: 997}, {Rate: 997, Arrivals: poisson}, {Shape: "ramp:100-1300"}, {Shape: "ramp:900-0.1", Arrivals: poisson}, {Shape: "steps:50,700,300"}, {Shape: "steps:900,100", Arrivals: poisson},
	} {
		s, err := c.readShape()
		if err != nil {
			t.Fatal(err)
		}
		whole := slices.Collect(s.pace(length, 3, nil).Moments(warmUp, length))
		for _, n := range []int{1, 2, 5, 8} {
			var union []time.Duration
			for _, share := range InProcess(n, nil) {
				union = append(union, slices.Collect(s.pace(length, 3, share).Moments(warmUp, length))...)
			}
			if slices.Sort(union); !slices.Equal(union, whole) {
				t.Errorf("%s, %d generators: %d requests are due, and not the %d of one at the same moments", s, n, len(union), len(whole))
			}
		}
	}
}

func TestPoolsAreSharedOut(t *testing.T) {
	for n := range 20 {
		for _, count := range []int{1, 3, 8} {
			sum := 0
			for i := range count {
				sum += (&group{Share: &Share{Index: i, Count: count}}).of(n)
			}
			if sum != n || (*group)(nil).of(n) != n {
				t.Errorf("%d generators have %d of %d", count, sum, n)
			}
		}
	}
}

func TestSharesThatCannotBe(t *testing.T) {
	sound := Config{Scenario: "issue", Rate: 100, Duration: time.Second, Connections: 1, WorkingSet: 3, Pick: uniform, Level: specs.Standard, Share: InProcess(3, nil)[1]}
	if err := sound.Check(); err != nil {
		t.Fatal(err)
	}
	for says, change := range map[string]func(c *Config){
		"--generators 0: choose from 1 to 256":                     func(c *Config) { c.Share = &Share{} },
		"there is no generator 5 of 4":                             func(c *Config) { c.Share = &Share{Index: 4, Count: 4} },
		"needs a way to the others":                                func(c *Config) { c.Share = &Share{Count: 4} },
		"--scenario storm: the target's clock is moved once":       func(c *Config) { c.Scenario = "storm" },
		"--working-set 2: each of 3 generators needs":              func(c *Config) { c.Scenario, c.WorkingSet = "use", 2 },
		"--population 2: each of 3 generators needs":               func(c *Config) { c.Scenario, c.Session = sessionScenario, usual(); c.Session.Population = 2 },
		"beyond what 3 generators can send and judge; ask for 600": func(c *Config) { c.Rate = 600_001 },
	} {
		c := sound
		change(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("it is said %v, not %s", err, says)
		}
	}
	sound.Rate = 600_000
	if err := sound.Check(); err != nil {
		t.Errorf("three generators cannot do what each of them can: %v", err)
	}
	if err := (Search{Config: sound, Start: 100, Most: MostRate, Precision: "5%"}).Check(); err == nil {
		t.Error("several generators search for a capacity")
	}
}

// against is what generators of a run make of a target, each with what it is given of its own.
func against(t *testing.T, c Config, n int, clock func(int) time.Time, own func(i int, c *Config)) []*reports.LoadRun {
	t.Helper()
	runs, errs := make([]*reports.LoadRun, n), make([]error, n)
	var under sync.WaitGroup
	for i, share := range InProcess(n, clock) {
		under.Go(func() {
			c := c
			c.Share = share
			if own != nil {
				own(i, &c)
			}
			runs[i], errs[i] = Run(t.Context(), c)
		})
	}
	under.Wait()
	for i, err := range errs {
		if err != nil {
			t.Fatalf("generator %d: %v", i+1, err)
		}
	}
	return runs
}

// served is a reference server of kitchenhub.
func served(t *testing.T, defects, liberties []string) *Target {
	t.Helper()
	server, err := reference.Start(t.Context(), reference.Config{Dialects: []string{"kitchenhub"}, Defects: defects, Liberties: liberties})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Kill)
	return kitchenhub(t, server.URL())
}

// The generators of a run begin in one moment of the lead's clock, however far theirs is from it, and send what one would. What
// they measured is added up to the last bucket.
func TestGeneratorsMakeOneRun(t *testing.T) {
	const n = 4
	c := Config{
		Target: served(t, nil, nil), Scenario: "mix=issue:1,validate:2", Rate: 402, Duration: 500 * time.Millisecond, WarmUp: 50 * time.Millisecond, Connections: 2, WorkingSet: 2 * n, Pick: uniform,
		Level: specs.Standard, Agent: "test",
	}
	var kept [n]bytes.Buffer
	runs := against(t, c, n, func(int) time.Time { return time.Now().Add(-7 * time.Minute) }, func(i int, c *Config) { c.Keep = &kept[i] })
	slices.Reverse(runs)
	whole, err := Merge(runs)
	if err != nil {
		t.Fatal(err)
	}
	all := attack.NewHistogram()
	for i := range kept {
		decode := vegeta.NewDecoder(&kept[i])
		for {
			var hit vegeta.Result
			if err := decode(&hit); err != nil {
				break
			}
			_ = all.RecordValue(hit.Latency.Round(time.Microsecond).Microseconds())
		}
	}
	if want := attack.Distribution(all); all.TotalCount() != whole.Requests || !bytes.Equal(want.Binary, whole.Latency.Binary) {
		t.Errorf("%d requests are added up, and %d were sent, and not in the same buckets", whole.Requests, all.TotalCount())
	}
	if sum := whole.Requests + whole.Unsent + whole.Starved; sum != 201 || len(whole.Violations) > 0 || whole.Errors > 0 {
		t.Errorf("all together have sent %d requests, and one would have 201: %d errors, %+v", sum, whole.Errors, whole.Violations)
	}
	for i, g := range whole.Generators {
		if g.Number != i+1 || g.Of != n || g.Late < 0 || g.Requests == 0 || !runs[i].Started.Equal(whole.Started) {
			t.Errorf("generator %d: %+v, begun at %s of %s", i+1, g, runs[i].Started, whole.Started)
		}
	}
	if away := time.Since(whole.Started); away < 6*time.Minute || away > 8*time.Minute {
		t.Errorf("they say that they began %s ago by the lead's clock, which is 7 minutes behind", away)
	}
	if whole.Shape != "constant 402/s" || whole.Connections != 2*n {
		t.Errorf("the whole is %s over %d connections", whole.Shape, whole.Connections)
	}
}

// Where an account has one session, generators that act for it would end each other's; each of them says so, and the whole is incomplete.
func TestGeneratorsOfOneSessionAreNone(t *testing.T) {
	c := Config{
		Target: served(t, nil, []string{"kitchenhub-single-session"}), Scenario: "validate", Rate: 100, Duration: 200 * time.Millisecond, Connections: 1, WorkingSet: 2, Pick: uniform,
		Level: specs.Standard, Agent: "test",
	}
	whole, err := Merge(against(t, c, 2, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	if why := strings.Join(whole.Because, "; "); whole.Verdict != reports.Incomplete || whole.Requests != 0 || !strings.Contains(why, "the target keeps one session of an account, so several generators end each other's tokens; run it with one") {
		t.Errorf("%s after %d requests: %s", whole.Verdict, whole.Requests, why)
	}
}

// What is lost is said, and what came is kept; what would be two runs or half of one is no whole.
func TestTheWholeOfGenerators(t *testing.T) {
	t.Parallel()
	of := func(change func(shards []*reports.LoadRun)) []*reports.LoadRun {
		shards, _ := threeShards()
		for i, s := range shards {
			s.Violations, s.Started, s.Notes = nil, shards[0].Started, []string{"all of them say this"}
			s.Generators = []reports.LoadGenerator{{Number: i + 1, Of: 3, Requests: s.Requests, Late: 100, Within: 200}}
		}
		shards[1].Notes = append(shards[1].Notes, "one says this")
		change(shards)
		return shards
	}
	sound := of(func([]*reports.LoadRun) {})
	whole, err := Merge(sound)
	if err != nil || whole.Verdict != reports.Go || whole.Skew() != 400*time.Microsecond {
		t.Fatalf("%v, %+v", err, whole)
	}
	if want := []string{"what 3 generators measured is added up; p50 and p99 of a second are the highest of theirs", "all of them say this", "generator 2: one says this"}; !slices.Equal(whole.Notes, want) {
		t.Errorf("the notes are %q", whole.Notes)
	}
	for says, runs := range map[string][]*reports.LoadRun{
		"generator 2 of 3 was lost: there is no report of it":    {sound[0], sound[2]},
		"generator 1 of 3 was lost: it was killed":               sound[1:],
		"the generators may have begun 30.4ms after one another": of(func(s []*reports.LoadRun) { s[1].Generators[0].Late += 30_000 }),
		"the generators may have begun 40.3ms after one another": of(func(s []*reports.LoadRun) { s[2].Generators[0].Drift = -20_000; s[2].Generators[0].Within = 150 }),
		"generator 3: it could not keep up":                      of(func(s []*reports.LoadRun) { s[2].Shortfalls = []string{"it could not keep up"} }),
		"generator 3 of 3 could not begin: there are no tokens": of(func(s []*reports.LoadRun) {
			for _, each := range s[:2] {
				each.Shortfalls = []string{"generator 3 of 3 could not begin: there are no tokens"}
			}
		}),
	} {
		whole, err := Merge(runs, reports.LoadGenerator{Number: 1, Lost: "it was killed"})
		if err != nil || whole.Verdict != reports.Incomplete || whole.Requests == 0 || !strings.Contains(strings.Join(whole.Because, "; "), says) {
			t.Errorf("%v, and not %s: %+v", err, says, whole)
		}
	}
	for says, runs := range map[string][]*reports.LoadRun{
		"there are two runs of generator 2 of 3":                 of(func(s []*reports.LoadRun) { s[2].Generators[0].Number = 2 }),
		"one is generator 2 of 4, and another one of 3":          of(func(s []*reports.LoadRun) { s[1].Generators[0].Of = 4 }),
		"one of the runs was made by 1 generator, so it is no":   of(func(s []*reports.LoadRun) { s[1].Generators = nil }),
		"generator 2 is of another plan than the first: the sce": of(func(s []*reports.LoadRun) { s[1].Scenario = "use" }),
	} {
		if _, err := Merge(runs); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, and not %s", err, says)
		}
	}
}

// A generator that cannot begin keeps the others from it, and they say which one.
func TestOneThatCannotBeginKeepsAllFromIt(t *testing.T) {
	all := InProcess(3, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var errs [2]error
	var under sync.WaitGroup
	of := func(share *Share) *group { return &group{Share: share, account: true, come: map[string]bool{}} }
	for i, share := range all[:2] {
		under.Go(func() {
			g := of(share)
			if errs[i] = errors.Join(g.turn(ctx), g.probed(ctx), g.prepared(ctx)); errs[i] == nil {
				_, _, errs[i] = g.begin(ctx)
			}
		})
	}
	itself := of(all[2]).unprepared(ctx, "there are no tokens")
	under.Wait()
	for i, err := range append(errs[:], itself) {
		if fmt.Sprint(err) != "generator 3 of 3 could not begin: there are no tokens" {
			t.Errorf("generator %d: %v", i+1, err)
		}
	}
}
