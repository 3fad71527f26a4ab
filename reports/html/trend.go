package html

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/trend"
	"gonogo/reports/words"
)

// WriteTrend writes kept runs as a page of its own.
func WriteTrend(w io.Writer, t *trend.Trend) error {
	p := &trendPage{Trend: t, head: headed(false)}
	p.Title = fmt.Sprintf("Trend of %s", words.Count(t.Read, "report"))
	for i, g := range t.Groups {
		p.Groups = append(p.Groups, trendOf(i, g))
	}
	return write(w, "trend.html", p)
}

// trendPage is what the template shows.
type trendPage struct {
	*trend.Trend
	head
	Groups []trendGroup
}

// ToolText names the build.
func (p *trendPage) ToolText() string {
	return strings.TrimSpace(strings.Join([]string{p.Tool.Name, p.Tool.Version, p.Tool.Commit}, " "))
}

type trendGroup struct {
	Key, Label, Count string
	Facts             []prose.Fact
	Plots             []*plot
	Head              []string
	Rows              []trendRow
}

type trendRow struct {
	Break string
	Cells []string
	Said  string // the verdict
	More  string
	Class string
}

func trendOf(i int, g *trend.Group) trendGroup {
	key := fmt.Sprintf("trend-%d", i+1)
	of := trendGroup{Key: key, Label: prose.TrendOf(g), Count: words.Count(len(g.Runs), "run"), Facts: prose.TrendFacts(g)}
	head, rows, breaks := prose.TrendRows(g)
	of.Head = head
	for i, row := range rows {
		said := prose.TrendVerdict(g.Runs[i])
		of.Rows = append(of.Rows, trendRow{breaks[i], row[:len(row)-1], said, strings.TrimPrefix(row[len(row)-1], said), string(verdictOf(g.Runs[i]))})
	}
	switch g.Kind {
	case trend.Load:
		of.Plots = []*plot{timesOver(g, key), ratesOver(g, key)}
	case trend.Capacity:
		of.Plots = []*plot{ratesOver(g, key)}
	}
	return of
}

// verdictOf is the class of a run's verdict.
func verdictOf(r *trend.Run) reports.Verdict {
	if r.Verdict == reports.Go && !r.Complete || !r.Verdict.Valid() {
		return reports.Incomplete
	}
	return r.Verdict
}

// overRuns is a plot whose axis across is run after run, of the latest that there is room for.
func overRuns(g *trend.Group) (*plot, []*trend.Run) {
	from := max(len(g.Runs)-maxColumns, 0)
	runs := g.Runs[from:]
	p := &plot{Across: axis{Title: "run after run"}, Banded: "not to be held against what was before", Bold: len(runs) <= maxColumns/2}
	if from > 0 {
		p.Description = fmt.Sprintf(" The latest %d of %d are drawn.", len(runs), len(g.Runs))
	}
	width := px(plotRight-plotLeft) / px(len(runs))
	widest := 0
	for _, r := range runs {
		widest = max(widest, len([]rune(prose.Named(r))))
	}
	every := int(math.Ceil(float64(8*(widest+1)) / float64(width))) // of 13 units of height a letter has 8 at the most
	for i, r := range runs {
		x := plotLeft + px(i)*width
		c := plotColumn{X: x, Width: width, Title: prose.TrendTitle(g, from+i)}
		p.Columns = append(p.Columns, c)
		if i%max(every, 1) == 0 {
			p.Across.Ticks = append(p.Across.Ticks, tick{c.middle(), prose.Named(r)})
		}
		if r.Break != "" && i > 0 {
			p.Bands = append(p.Bands, plotBand{x - 1.5, 3, "not to be held against the run before: " + words.Plain(r.Break)})
		}
		switch verdictOf(r) {
		case reports.NoGo:
			p.Signs = append(p.Signs, plotSign{c.middle(), "✗", "no-go"})
		case reports.Incomplete:
			p.Signs = append(p.Signs, plotSign{c.middle(), "?", "incomplete"})
		}
	}
	return p, runs
}

// signs explains those above a plot.
const signs = " ✗ is a no-go; ? is incomplete, so its numbers say little, and no line goes through them."

// over adds a line that breaks where runs cannot be held against each other, and passes by those that are incomplete.
func (p *plot) over(runs []*trend.Run, series int, name string, y func(r *trend.Run) (px, bool)) {
	var line polyline
	for i, r := range runs {
		if r.Break != "" {
			line.gap()
		}
		at, is := y(r)
		if !is {
			continue
		}
		x := p.Columns[i].middle()
		p.Columns[i].Dots = append(p.Columns[i].Dots, plotDot{x, at, series})
		if r.Complete {
			line.to(x, at)
		}
	}
	p.Lines = append(p.Lines, plotLine{name, "", series, line.String()})
}

func timesOver(g *trend.Group, id string) *plot {
	p, runs := overRuns(g)
	p.ID, p.Title, p.Description = id+"-times", "Latency, run after run", "From the intended send time to the answer."+p.Description+signs
	p.Table = table{Caption: p.Title, Head: []string{"run", "p50", "p99", "p99.9"}}
	low, high := int64(math.MaxInt64), int64(1)
	for _, r := range runs {
		p.Table.Rows = append(p.Table.Rows, []string{prose.Named(r), words.Duration(r.Latency.P50), words.Duration(r.Latency.P99), words.Duration(r.Latency.P999)})
		for _, us := range []int64{r.Latency.P50, r.Latency.P999} {
			if us > 0 {
				low, high = min(low, us), max(high, us)
			}
		}
	}
	up := logScale(min(low, high), high)
	p.Up = axis{"latency, on a logarithmic scale", up.ticks()}
	for _, line := range []struct {
		series int
		name   string
		of     func(*reports.Distribution) int64
	}{
		{3, "p99.9", func(d *reports.Distribution) int64 { return d.P999 }}, {2, "p99", func(d *reports.Distribution) int64 { return d.P99 }}, {1, "p50", func(d *reports.Distribution) int64 { return d.P50 }},
	} {
		p.over(runs, line.series, line.name, func(r *trend.Run) (px, bool) {
			us := line.of(r.Latency)
			return up.at(float64(us)), us > 0
		})
	}
	return p
}

// ratesOver are the rates of loads, or what searches found.
func ratesOver(g *trend.Group, id string) *plot {
	p, runs := overRuns(g)
	name := map[trend.Kind]string{trend.Load: "achieved", trend.Capacity: "found"}[g.Kind]
	p.ID, p.Title = id+"-rates", map[trend.Kind]string{trend.Load: "Asked against achieved, run after run", trend.Capacity: "The rate that was found, run after run"}[g.Kind]
	p.Description = "Requests in a second." + p.Description + signs
	p.Table = table{Caption: p.Title, Head: []string{"run", name, "asked"}}
	high, asked := 0., 0.
	for _, r := range runs {
		high, asked = max(high, r.Achieved, r.Asked), max(asked, r.Asked)
		p.Table.Rows = append(p.Table.Rows, []string{prose.Named(r), words.Rate(r.Achieved), cmp.Or(map[bool]string{true: words.Rate(r.Asked)}[r.Asked > 0], "-")})
	}
	up, step := evenScale(high*1.05, 5, plotFoot, plotTop)
	p.Up = axis{"requests in a second", up.evenTicks(step)}
	if asked > 0 {
		p.over(runs, 3, "asked", func(r *trend.Run) (px, bool) { return up.at(r.Asked), r.Asked > 0 })
	}
	p.over(runs, 1, name, func(r *trend.Run) (px, bool) { return up.at(r.Achieved), r.Achieved > 0 })
	return p
}
