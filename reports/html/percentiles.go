package html

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonogo/reports"
	"gonogo/reports/words"
)

// curvePlot has the percentiles across, by how many nines they have: 90 %, 99 % and 99.9 % lie equally far apart.
func curvePlot(r *reports.LoadRun, id string) *plot {
	distributions := []struct {
		series int
		name   string
		of     reports.Distribution
	}{{3, "lag", r.Lag}, {2, "service", r.Service}, {1, "latency", r.Latency}}
	low, high := int64(math.MaxInt64), int64(0)
	for _, d := range distributions {
		for _, point := range curve(d.of) {
			if point.US > 0 {
				low, high = min(low, point.US), max(high, point.US)
			}
		}
	}
	if high == 0 {
		return nil
	}
	// The longest of n is the 1-1/n quantile.
	nines := max(math.Log10(float64(r.Requests)), 3)
	across := scale{high: nines, from: plotLeft, to: plotRight}
	at := func(q float64) px { return across.at(-math.Log10(max(1-q, 1e-12))) }
	up := logScale(low, high)
	p := &plot{ID: id + "-percentiles", Title: "Percentiles", Across: axis{Title: "percentile"}, Up: axis{"time, on a logarithmic scale", up.ticks()},
		Description: "How long the fastest so many percent took at most. Latency counts from the intended send time, service from the real one, and lag is between the two: the harness's own."}
	p.Across.Ticks = []tick{{at(0), "0"}, {at(.5), "50"}, {at(.9), "90"}, {at(.99), "99"}, {at(.999), "99.9"}}
	for n, label := 4.0, "99.99"; n <= nines; n, label = n+1, label+"9" {
		p.Across.Ticks = append(p.Across.Ticks, tick{across.at(n), label})
	}
	p.Table = table{Caption: p.Title, Head: []string{"percentile"}}
	for _, d := range distributions {
		points := curve(d.of)
		if d.of.Max == 0 {
			continue
		}
		var line polyline
		for _, point := range points {
			if point.US <= 0 {
				line.gap()
				continue
			}
			line.to(at(point.Quantile), up.at(float64(point.US)))
			p.Columns = append(p.Columns, plotColumn{X: at(point.Quantile) - 4, Width: 8,
				Title: fmt.Sprintf("%s: %s took at most %s", d.name, words.Percent(point.Quantile), words.Duration(point.US)),
				Dots:  []plotDot{{at(point.Quantile), up.at(float64(point.US)), d.series}}})
		}
		p.Lines = append(p.Lines, plotLine{d.name, "p99 " + words.Duration(d.of.P99), d.series, line.String()})
	}
	p.percentileTable(r)
	for _, mark := range []reports.Point{point(1, r.Latency.Max), point(.5, r.Latency.P50), point(.99, r.Latency.P99), point(.999, r.Latency.P999)} {
		p.label(at(mark.Quantile), up.at(float64(mark.US)), words.Duration(mark.US))
	}
	return p
}

func (p *plot) percentileTable(r *reports.LoadRun) {
	p.Table.Head = []string{"percentile", "latency", "service", "lag"}
	value := func(d reports.Distribution, q float64) string {
		for _, point := range slices.Concat(known(d), d.Curve) {
			if point.Quantile == q {
				return words.Duration(point.US)
			}
		}
		return ""
	}
	var quantiles []float64
	for _, d := range []reports.Distribution{r.Latency, r.Service, r.Lag} {
		for _, point := range curve(d) {
			quantiles = append(quantiles, point.Quantile)
		}
	}
	slices.Sort(quantiles)
	for _, q := range slices.Compact(quantiles) {
		p.Table.Rows = append(p.Table.Rows, []string{words.Percent(q), value(r.Latency, q), value(r.Service, q), value(r.Lag, q)})
	}
}

// known are the points that every distribution has.
func known(d reports.Distribution) []reports.Point {
	if d.Max == 0 {
		return nil
	}
	return []reports.Point{point(.5, d.P50), point(.9, d.P90), point(.95, d.P95), point(.99, d.P99), point(.999, d.P999), point(1, d.Max)}
}

// curve are the points of a distribution in order.
func curve(d reports.Distribution) []reports.Point {
	if len(d.Curve) == 0 {
		return known(d)
	}
	return slices.SortedStableFunc(slices.Values(d.Curve), func(a, b reports.Point) int { return cmp.Compare(a.Quantile, b.Quantile) })
}

func point(quantile float64, us int64) reports.Point {
	return reports.Point{Quantile: quantile, US: us}
}
