package reports_test

import (
	"strings"
	"testing"

	"gonogo/reports"
	"gonogo/reports/html"
	"gonogo/reports/junit"
	"gonogo/reports/markdown"
	"gonogo/reports/terminal"
	"gonogo/reports/testdata/samples"
)

func TestVerdictOfASearch(t *testing.T) {
	violated := func(_ *reports.Capacity, runs []reports.LoadRun) { runs[1].Violations = samples.Load().Violations }
	for _, c := range []struct {
		name    string
		change  func(*reports.Capacity, []reports.LoadRun)
		verdict reports.Verdict
		exit    int
	}{
		{"a rate was found", nil, reports.Go, 0},
		{"a violation counts whatever the search says", violated, reports.NoGo, 1},
		{"steps without a result are ordinary runs", func(c *reports.Capacity, _ []reports.LoadRun) { c.Scenario = "" }, reports.NoGo, 1},
		{"so are those of another target", func(c *reports.Capacity, _ []reports.LoadRun) { c.Target.BaseURL = "http://127.0.0.1:9090" }, reports.NoGo, 1},
		{"an outcome that nobody knows", func(_ *reports.Capacity, runs []reports.LoadRun) { runs[0].Step.Outcome = "fine" }, reports.NoGo, 1},
		{"a gate is not held", func(c *reports.Capacity, _ []reports.LoadRun) {
			c.Verdict, c.Because = reports.NoGo, []string{"rate>=500/s is not held: 400/s"}
		}, reports.NoGo, 1},
		{"the generator was the limit", func(c *reports.Capacity, _ []reports.LoadRun) {
			c.Verdict, c.Complete, c.AtLeast, c.Limit, c.Because = reports.Incomplete, false, true, reports.LimitGenerator, []string{"the generator"}
		}, reports.Incomplete, 3},
		{"no verdict", func(c *reports.Capacity, _ []reports.LoadRun) { c.Verdict = "" }, reports.Incomplete, 3},
	} {
		r := samples.Search(c.change)
		if r.Verdict != c.verdict || reports.ExitCode(r) != c.exit {
			t.Errorf("%s: it is %s, exit code %d, because %q", c.name, r.Verdict, reports.ExitCode(r), r.IncompleteBecause)
		}
		var text strings.Builder
		if err := junit.Write(&text, r); err != nil {
			t.Fatal(err)
		}
		if red := strings.Contains(text.String(), "<failure") || strings.Contains(text.String(), "<error"); red != (c.exit != 0) {
			t.Errorf("%s: junit is red %t in\n%s", c.name, red, text.String())
		}
	}
}

func TestSearchForPeople(t *testing.T) {
	var page, summary, text strings.Builder
	r := samples.Search(nil)
	if err := html.Write(&page, r); err != nil {
		t.Fatal(err)
	}
	if err := markdown.Write(&summary, r); err != nil {
		t.Fatal(err)
	}
	runs := r.Load
	if err := (terminal.Options{Quiet: true}).WriteCapacity(&text, &r.Capacity[0], runs[:1]); err != nil {
		t.Fatal(err)
	}
	const result = "it holds 400/s, and not 800/s (p99&lt;20ms is not held: 655ms)"
	for _, wanted := range []string{
		"<h1>GO</h1>", "<li>" + result + "</li>", `<h2>capacity of kitchenhub, issue: <span class="word go">GO</span></h2>`,
		`<h2>step 2: 800/s: <span class="word incomplete">NOT HELD</span></h2>`, `<h2>step 3: 400/s: <span class="word go">HELD</span></h2>`,
		"<td>held, when it was tried again</td>", `<table class="numbers told">`,
	} {
		if !strings.Contains(page.String(), wanted) {
			t.Errorf("the page lacks %s", wanted)
		}
	}
	if n := strings.Count(page.String(), ">Steps<"); n != 1 {
		t.Errorf("the steps have %d headings", n)
	}
	for _, wanted := range []string{"## GO: it holds 400/s, and not 800/s", "| 2 | 800/s |", "not held: p99"} {
		if !strings.Contains(summary.String(), wanted) {
			t.Errorf("the summary lacks %q:\n%s", wanted, summary.String())
		}
	}
	if want := "\nGO: it holds 400/s, and not 800/s (p99<20ms is not held: 655ms)\n"; !strings.HasSuffix(text.String(), want) || !strings.Contains(text.String(), "  precision    5 %\n") {
		t.Errorf("the terminal says %q, without %q", text.String(), want)
	}
}
