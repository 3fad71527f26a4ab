package load

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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
				sum += (&Share{Index: i, Count: count}).of(n)
			}
			if sum != n || (*Share)(nil).of(n) != n {
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
		"--working-set 2: each of 3 generators needs":              func(c *Config) { c.WorkingSet = 2 },
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

// against is what generators of a run make of a reference server, each with a clock of its own from the lead's.
func against(t *testing.T, c Config, serve reference.Config, n int, clock func(int) time.Time) []*reports.LoadRun {
	t.Helper()
	server, err := reference.Start(t.Context(), serve)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Kill)
	c.Target = kitchenhub(t, server)
	runs, errs := make([]*reports.LoadRun, n), make([]error, n)
	var under sync.WaitGroup
	for i, share := range InProcess(n, clock) {
		under.Go(func() {
			own := c
			own.Share = share
			runs[i], errs[i] = Run(t.Context(), own)
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

// The generators of a run begin in one moment of the lead's clock, however far theirs is from it, and send what one would.
func TestGeneratorsBeginTogether(t *testing.T) {
	const n = 4
	c := Config{Scenario: "issue", Rate: 402, Duration: 500 * time.Millisecond, WarmUp: 50 * time.Millisecond, Connections: 2, WorkingSet: n, Pick: uniform, Level: specs.Standard, Agent: "test"}
	runs := against(t, c, reference.Config{Dialects: []string{"kitchenhub"}}, n, func(int) time.Time { return time.Now().Add(-7 * time.Minute) })
	sum := int64(0)
	for i, run := range runs {
		sum += run.Requests + run.Unsent + run.Starved
		if !run.Started.Equal(runs[0].Started) {
			t.Errorf("generator %d began %s after the first", i+1, run.Started.Sub(runs[0].Started))
		}
		if len(run.Violations) > 0 {
			t.Errorf("generator %d: %+v", i+1, run.Violations)
		}
	}
	if away := time.Since(runs[0].Started); away < 6*time.Minute || away > 8*time.Minute {
		t.Errorf("they say that they began %s ago by the lead's clock, which is 7 minutes behind", away)
	}
	if sum != 201 {
		t.Errorf("all together have sent %d requests, and one would have 201", sum)
	}
}

// A generator that cannot begin keeps the others from it, and they say which one.
func TestOneThatCannotBeginKeepsAllFromIt(t *testing.T) {
	all := InProcess(3, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var errs [2]error
	var under sync.WaitGroup
	for i, share := range all[:2] {
		under.Go(func() {
			if errs[i] = share.prepared(ctx); errs[i] == nil {
				_, _, errs[i] = share.begin(ctx)
			}
		})
	}
	all[2].unprepared(ctx, "there are no tokens")
	under.Wait()
	for i, err := range errs {
		if fmt.Sprint(err) != "generator 3 of 3 could not begin: there are no tokens" {
			t.Errorf("generator %d: %v", i+1, err)
		}
	}
}
