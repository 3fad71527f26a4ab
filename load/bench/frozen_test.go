package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"gonogo/reports"
)

func TestFrozenTruth(t *testing.T) {
	for _, c := range []struct{ stopped, length, want time.Duration }{
		{500 * ms, 5 * time.Second, 450 * ms}, // the slowest 50 of 5,000 requests, of which 500 waited for 500 to 0 ms
		{550 * ms, 5 * time.Second, 500 * ms},
		{500 * ms, 10 * time.Second, 400 * ms},
		{500 * ms, time.Minute, 0}, // they are no hundredth
	} {
		if got := frozenTruth(c.stopped, c.length); got != c.want {
			t.Errorf("stopped for %s of %s: %s, want %s", c.stopped, c.length, got, c.want)
		}
		// The same by counting: 1,000 a second, the stop beginning with the first.
		waits := make([]time.Duration, int(c.length/ms))
		for i := range waits {
			waits[i] = max(0, c.stopped-time.Duration(i)*ms)
		}
		slices.Sort(waits)
		if p99 := waits[len(waits)-len(waits)/100-1]; p99 != c.want {
			t.Errorf("stopped for %s of %s: p99 of all waits is %s, want %s", c.stopped, c.length, p99, c.want)
		}
	}
}

func TestReadsWhetherGeneratorsSayTheyStoodStill(t *testing.T) {
	s := shot{folder: t.TempDir()}
	report, err := json.Marshal(map[string]any{"load": []reports.LoadRun{{Scenario: "issue", Frozen: []reports.Span{{AtMS: 1001, ForMS: 499}, {AtMS: 3000, ForMS: 60}}}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(loadReport(s), report, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		generator, said string
		want            time.Duration
	}{
		{"fortio", `{"Frozen":[{"for_ms":500}]}`, 0},
		{loopName, `{"Requests":5000}`, 0},
		{loopName, `{"Requests":5000,"Frozen":[{"at_ms":1003,"for_ms":497}]}`, 497 * ms},
		{loadName, ``, 499 * ms},
	} {
		if got, err := (generator{name: c.generator}).admits(s, []byte(c.said)); err != nil || got != c.want {
			t.Errorf("%s: %s, %v; want %s", c.generator, got, err, c.want)
		}
	}
	if _, err := (generator{name: loadName}).admits(shot{folder: filepath.Join(s.folder, "none")}, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no report: %v", err)
	}
}

func TestFrozenTable(t *testing.T) {
	w := &workshop{settings: settings{rounds: 2}}
	rows := []*frozenRow{
		{bench: &bench{generator: generator{name: "gone"}, failed: errors.New("not installed")}},
		{&bench{generator: generator{name: "deaf"}}, figures{2, 4}, figures{0.004, 0.008}, figures{missing, missing}, figures{4500, 5000}, figures{0, 0}},
		{&bench{generator: generator{name: "honest"}}, figures{450, 470}, figures{1, 1.02}, figures{450, 460}, figures{5000, 5003}, figures{499, 501}},
	}
	var out bytes.Buffer
	if err := w.frozenTable(rows).print(&out); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		`gone +\| - `,
		`deaf +\| 3\.0 \(2\.0-4\.0\) +\| 0\.006 \(0\.004-0\.008\) +\| - +\| - +\| 4,750 \(4,500-5,000\) of 5,000 +\| no `,
		`honest +\| 460\.0 \(450\.0-470\.0\) +\| 1\.010 \(1\.000-1\.020\) +\| 455\.0 \(450\.0-460\.0\) +\| 1\.011 \(1\.000-1\.022\) +\| 5,002 .* +\| 500 \(499-501\) `,
	} {
		if !regexp.MustCompile(`(?m)^\| ` + row).Match(out.Bytes()) {
			t.Errorf("no row %s in\n%s", row, &out)
		}
	}
}
