package samples

import (
	"crypto/sha1"
	"fmt"
	"strings"
	"time"

	"gonogo/reports"
)

// Kept are reports as a folder keeps them, of a load each night: by and by slower, on another machine from the 15th on, a no-go and an
// incomplete one among them; and what else there can be, once or twice.
func Kept() (files []string, all []*reports.Report) {
	add := func(r *reports.Report, day int) {
		r.Schema, r.Started, r.Seed = reports.SchemaID, Started.AddDate(0, 0, day), int64(len(all))
		r.Tool = reports.Tool{Name: "gonogo", Version: "1.4.0"}
		r.Labels = map[string]string{"branch": "main"}
		r.Commit = fmt.Sprintf("%x", sha1.Sum([]byte{byte(day)}))
		host := "ci-1"
		if day >= 15 {
			host = "ci-2.example.com"
		}
		r.Environment = &reports.Environment{Host: host, OS: "linux", Arch: "amd64", Kernel: "6.1", Go: "go1.26", Cores: 8, Flags: []string{"--history"}}
		reports.Decide(r, reports.Policy{})
		files, all = append(files, fmt.Sprintf("kept/%02d-%d.json", day, len(files))), append(all, r)
	}
	whole := Load()
	for day := range 24 {
		run := whole
		run.Scenario, run.Shape, run.Verdict, run.Because, run.Violations, run.Examples, run.Frozen = "use", "constant 2000/s", reports.Go, nil, nil, nil, nil
		run.Plan = &reports.LoadPlan{DurationMS: 60_000, WorkingSet: 1000, Pick: "uniform"}
		run.Started = Started.AddDate(0, 0, day).Add(time.Second)
		for _, us := range []*int64{&run.Latency.P50, &run.Latency.P99, &run.Latency.P999} {
			*us += *us * int64(day+day*7%5) / 60
		}
		run.Achieved = 2000 - float64(day*13%7)
		switch day {
		case 9:
			run.Verdict, run.Because = reports.NoGo, []string{"p99<20ms is not held: 655 ms"}
		case 12:
			run.Verdict, run.Complete, run.Because, run.Achieved = reports.Incomplete, false, []string{"the generator itself stood still for 4s"}, 1310
		}
		add(&reports.Report{Load: []*reports.LoadRun{&run}}, day)
	}
	for day := range 3 {
		add(&reports.Report{Comparisons: []reports.Comparison{Compared()}}, day)
		add(Of(reports.Pass, reports.Pass, reports.Fail), day)
		search := Search(func(c *reports.Capacity, _ []reports.LoadRun) { c.Found += float64(day) })
		add(search, day)
	}
	return files, all
}

// Compared is what ten rounds show.
func Compared() reports.Comparison {
	c := reports.Comparison{
		Dialect: "kitchenhub", Document: reports.Document{Title: "Kitchenhub Auth API", Version: "2", SHA256: strings.Repeat("ab12", 16)}, Scenario: "use", Shape: "constant 500/s",
		A: reports.Side{Name: "A", Target: reports.Target{BaseURL: "http://127.0.0.1:8080"}, Labels: map[string]string{"build": "abc"}}, B: reports.Side{Name: "B", Target: reports.Target{BaseURL: "http://127.0.0.1:8081"}, Labels: map[string]string{"build": "def"}},
		Verdict: reports.NoGo, Complete: true, Because: []string{"p50 is worse by more than 10 %"}, Notes: []string{"round 4 does not count: A: the generator itself stood still for 412ms"},
		Shown: reports.Shown{Metric: "p50", Difference: reports.Worse, Ratio: 1.31, Low: 1.22, High: 1.39, More: 62, MoreLow: 44, MoreHigh: 81, Confidence: .95}, Limit: .1,
	}
	for i := range 10 {
		c.Rounds = append(c.Rounds, reports.Round{First: []string{"a", "b"}[i%2], A: 200 + float64(i), B: 262 + float64(3*i%7)})
	}
	c.Rounds[3].Why = "A: the generator itself stood still for 412ms"
	for _, name := range []string{"p90", "p99", "service-p50", "service-p99"} {
		c.Others = append(c.Others, reports.Shown{Metric: name, Difference: reports.NoneShown, Ratio: 1.02, Low: .91, High: 1.17, More: 9, MoreLow: -31, MoreHigh: 77, Confidence: .9875})
	}
	return c
}
