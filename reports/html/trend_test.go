package html_test

import (
	"bytes"
	"strings"
	"testing"

	"gonogo/reports"
	"gonogo/reports/html"
	"gonogo/reports/testdata/samples"
	"gonogo/reports/trend"
)

// kept is the trend of the samples, whose lines break where the machine is another.
func kept() *trend.Trend {
	files, all := samples.Kept()
	return &trend.Trend{
		Schema: trend.SchemaID, Tool: all[0].Tool, Read: len(all), Skipped: []trend.Skipped{{File: "kept/half.jsonl", Why: "its run did not come to its end"}},
		Groups: trend.Of(files, all, func(a, b trend.Kept) string {
			if x, y := a.Report.Environment.Host, b.Report.Environment.Host; x != y {
				return "one was made on " + x + " and the other on " + y
			}
			return ""
		}),
	}
}

func TestATrendIsDrawn(t *testing.T) {
	t.Parallel()
	var page bytes.Buffer
	if err := html.WriteTrend(&page, kept()); err != nil {
		t.Fatal(err)
	}
	text := page.String()
	for what, times := range map[string]int{
		`class="sign no-go"`: 2, `class="sign incomplete"`: 2, // in both plots of the load
		`<tr class="break">`: 1, `class="band" x="`: 2, // of both, whose lines break there
		"kept/half.jsonl": 1, "<script": 0, `class="word incomplete"`: 1,
	} {
		if got := strings.Count(text, what); got != times {
			t.Errorf("%q is %d times there, and not %d", what, got, times)
		}
	}
	// The line of p50 is of two parts, and goes through no run that is incomplete.
	_, line, _ := strings.Cut(text, `class="series s1" d="M66.5`)
	line, _, _ = strings.Cut(line, `"`)
	if strings.Count(line, "M") != 1 || strings.Count(line, "L") != 24-1-2 {
		t.Errorf("the line is %s", line)
	}
}

func TestATrendOfManyRunsDrawsTheLatest(t *testing.T) {
	t.Parallel()
	files, all := samples.Kept()
	var many []*reports.Report
	var names []string
	for range 9 {
		for i, r := range all[:24] {
			again := *r
			many, names = append(many, &again), append(names, files[i])
		}
	}
	var page bytes.Buffer
	if err := html.WriteTrend(&page, &trend.Trend{Read: len(many), Groups: trend.Of(names, many, func(_, _ trend.Kept) string { return "" })}); err != nil {
		t.Fatal(err)
	}
	if text := page.String(); strings.Count(text, "The latest 120 of ") == 0 || strings.Count(text, `<g class="column">`) > 4*120 {
		t.Error("more is drawn than there is room for")
	}
}
