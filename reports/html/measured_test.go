package html_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"gonogo/reports"
	"gonogo/reports/testdata/samples"
)

// figure is a plot of a page.
type figure struct {
	node    *html.Node
	columns []string // what each says when pointed at
	labels  []string // every text of the drawing
	table   [][]string
}

func (p *webPage) figure(t *testing.T, id string) figure {
	t.Helper()
	n := p.ids[id]
	if n == nil {
		t.Fatalf("there is no %s", id)
	}
	f := figure{node: n}
	for d := range n.Descendants() {
		switch {
		case attribute(d, "class") == "column":
			f.columns = append(f.columns, words(d.FirstChild))
		case d.Type == html.ElementNode && d.Data == "text":
			f.labels = append(f.labels, words(d))
		case d.DataAtom == atom.Tr && d.Parent.DataAtom == atom.Tbody:
			var row []string
			for cell := range d.ChildNodes() {
				row = append(row, words(cell))
			}
			f.table = append(f.table, row)
		}
	}
	return f
}

// heights are where the dots of a series stand, from the top, column by column.
func (f figure) heights(t *testing.T, series string) []float64 {
	t.Helper()
	var all []float64
	for d := range f.node.Descendants() {
		if attribute(d, "class") == "dot "+series {
			y, err := strconv.ParseFloat(attribute(d, "cy"), 64)
			if err != nil || y < 30 || y > 256 {
				t.Errorf("a dot stands at %q, outside the axes: %v", attribute(d, "cy"), err)
			}
			all = append(all, y)
		}
	}
	return all
}

func TestHTMLPlotsCanBeRead(t *testing.T) {
	run := samples.Load()
	p := asHTML(t, samples.Loads(run))

	latency := p.figure(t, "load-1-latency")
	if len(latency.columns) != samples.Seconds || len(latency.table) != samples.Seconds {
		t.Fatalf("%d columns and %d rows of a minute", len(latency.columns), len(latency.table))
	}
	if said := latency.columns[31]; !strings.HasPrefix(said, "second 31: p50 ") || !strings.HasSuffix(said, "longest 1 s") {
		t.Errorf("the second of the stall says %q", said)
	}
	for _, want := range []string{"1 ms", "10 ms", "100 ms", "1 s", "1 s in second 31", "0", "20", "60", "seconds since the run began"} {
		if !slices.Contains(latency.labels, want) {
			t.Errorf("%q is not written on the plot: %q", want, latency.labels)
		}
	}
	// Upwards is longer: the stall stands out in each line, and the freeze in the longest.
	for _, series := range []string{"s1", "s2", "s3"} {
		if y := latency.heights(t, series); len(y) != samples.Seconds || y[31] > y[10]-60 {
			t.Errorf("%s: %d dots; second 31 stands at %v and second 10 at %v", series, len(y), y[31], y[10])
		}
	}
	if !strings.Contains(words(latency.node), "the generator itself stood still for 120ms, 18.4 s after the run began") {
		t.Error("the frozen span is not marked")
	}

	curve := p.figure(t, "load-1-percentiles")
	for _, want := range []string{"0", "50", "90", "99", "99.9", "99.99", "1 s"} {
		if !slices.Contains(curve.labels, want) {
			t.Errorf("%q is not written on the curve: %q", want, curve.labels)
		}
	}
	if last := curve.table[len(curve.table)-1]; last[0] != "100 %" || last[1] != "1 s" || last[3] != "120 ms" {
		t.Errorf("the table of the curve ends with %q", last)
	}

	rates := p.figure(t, "load-1-rate")
	s := run.Seconds[31]
	if want := fmt.Sprintf("second 31: asked 2000, sent 2000, answered %d, 0 errors, 0 violations", s.Answered); rates.columns[31] != want {
		t.Errorf("the stall says %q, wanted %q", rates.columns[31], want)
	}
	if want := "second 33: asked 2000"; !strings.HasPrefix(rates.columns[33], want) || !strings.HasSuffix(rates.columns[33], "4 errors, 2 violations") {
		t.Errorf("second 33 says %q", rates.columns[33])
	}
	if y := rates.heights(t, "s1"); y[31] < y[10]+40 {
		t.Errorf("the stall is not seen: %v, and %v in other seconds", y[31], y[10])
	}
}

func TestHTMLShowsEachGenerator(t *testing.T) {
	shown := words(asHTML(t, samples.Loads(samples.Jointly())).ids["load-1"])
	for _, want := range []string{"generators 3, of which 1 lost; begun within 630µs of each other", "By generator", "2 on a|<b> 60,000 21 1000/s 710 µs 654 ms 90 µs 421 s behind, ± 315 µs", "3 lost"} {
		if !strings.Contains(shown, want) {
			t.Errorf("it does not say %q", want)
		}
	}
}

func TestHTMLLoadHasItsNumbers(t *testing.T) {
	run := samples.Load()
	run.Violations[0].Exchange.TraceID, run.Violations[0].Exchange.SpanID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	p := asHTML(t, samples.Loads(run))
	if whole := words(p.ids["load-1"]); strings.Index(whole, "frozen") < strings.Index(whole, "Over the run") {
		t.Error("what marks the charts stands above them")
	}
	if head := words(p.all(atom.Header)[0]); !strings.HasPrefix(head, "NO-GO 1 load run no-go load mix of kitchenhub: the objective p99<20ms was not held: 655 ms") {
		t.Errorf("the head is %s", head)
	}
	shown := words(p.ids["load-1"])
	if !strings.Contains(words(p.ids["load-1"]), "trace 4bf92f3577b34da6a3ce929d0e0e4736 span 00f067aa0ba902b7") {
		t.Error("the trace of the violation is not told")
	}
	curl := run.Violations[0].Exchange.Curl
	for _, want := range []string{
		"p99<20ms 655 ms ✗ not held", "errors<0.1% 0.034 % ✓ held", "✗ 2 times a refresh token that was used before works", "KH-REFRESH-2", curl,
		"constant 2000/s", "64, HTTP/1.1 without TLS", "120,000, and 4,000 in the warm-up", "12 requests, for want of a token", "503 37", "no answer: connection reset 4",
		"503 Service Unavailable to issue", "the pool is empty", "issue 30,000 41", "SHA-256 ab12",
	} {
		if !strings.Contains(shown, flat(want)) {
			t.Errorf("it does not say %q", want)
		}
	}
}

func TestHTMLOfLoadRunsOfOtherShapes(t *testing.T) {
	long := samples.Load()
	long.Seconds = nil
	for i := range 3600 {
		long.Seconds = append(long.Seconds, reports.LoadSecond{Second: i, Asked: 10, Sent: 10, Answered: 10, P50: 1000, P99: 2000, Max: 3000})
	}
	long.Seconds[1790].Max, long.Seconds[1790].Errors = 9_000_000, 3
	dead := reports.LoadRun{Scenario: "issue", Verdict: reports.Incomplete, Because: []string{"the target is gone"}, Seconds: []reports.LoadSecond{{Asked: 5, Sent: 5}}}
	bare := reports.LoadRun{Scenario: "issue", Verdict: reports.Go, Complete: true, Requests: 5, Latency: reports.Distribution{P50: 1, P90: 2, P95: 3, P99: 4, P999: 5, Max: 6}}
	r := samples.Loads(long, dead, bare)
	r.Load = append(r.Load, &reports.LoadRun{})
	reports.Decide(r, reports.Policy{})
	p := asHTML(t, r)

	f := p.figure(t, "load-1-latency")
	if n := len(f.columns); n < 60 || n > 120 {
		t.Errorf("an hour has %d columns", n)
	}
	if !slices.ContainsFunc(f.columns, func(said string) bool { return strings.HasSuffix(said, "longest 9 s") }) {
		t.Error("the longest of an hour is lost")
	}
	if !slices.ContainsFunc(p.figure(t, "load-1-rate").columns, func(said string) bool { return strings.HasSuffix(said, "answered 10, 3 errors, 0 violations") }) {
		t.Error("the errors of an hour are lost")
	}
	if p.ids["load-2-latency"] != nil || !strings.Contains(words(p.ids["load-2"]), "INCOMPLETE the target is gone") {
		t.Errorf("a run without an answer is shown as %s", words(p.ids["load-2"]))
	}
	if table := p.figure(t, "load-3-percentiles").table; len(table) != 6 || table[3][0] != "99 %" || table[3][1] != "4 µs" {
		t.Errorf("without a curve the known percentiles are wanted, not %q", table)
	}
	if shown := words(p.ids["load-4"]); !strings.Contains(shown, "INCOMPLETE") || !strings.Contains(shown, "it gives no verdict") {
		t.Errorf("a run that says nothing is shown as %s", shown)
	}
	if head := words(p.all(atom.Header)[0]); !strings.HasPrefix(head, "NO-GO, and incomplete") {
		t.Errorf("the head is %s", head)
	}
}
