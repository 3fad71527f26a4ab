package html

import (
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/words"
)

// maxColumns is how many seconds a plot shows one by one. In a longer run a column is some seconds: 120 columns are 3.4
// units wide each, which a finger or a pointer still finds.
const maxColumns = 120

// stretch is one or several seconds of a run. Of several, durations are the longest and counts the average.
type stretch struct {
	reports.LoadSecond
	from, to int // seconds
	Asked    float64
	Sent     float64
	Answered float64
}

// name says which seconds it is.
func (s stretch) name() string {
	if s.to-s.from <= 1 {
		return fmt.Sprintf("second %d", s.from)
	}
	return fmt.Sprintf("seconds %d to %d", s.from, s.to-1)
}

// short is name for a cell of a table.
func (s stretch) short() string {
	if s.to-s.from <= 1 {
		return fmt.Sprint(s.from)
	}
	return fmt.Sprintf("%d to %d", s.from, s.to-1)
}

func stretches(r *reports.LoadRun) []stretch {
	width := (len(r.Seconds) + maxColumns - 1) / maxColumns
	var all []stretch
	for group := range slices.Chunk(r.Seconds, max(width, 1)) {
		s := stretch{from: group[0].Second, to: group[len(group)-1].Second + 1}
		n := float64(len(group))
		for _, second := range group {
			s.Asked += float64(second.Asked) / n
			s.Sent += float64(second.Sent) / n
			s.Answered += float64(second.Answered) / n
			s.Errors += second.Errors
			s.Violations += second.Violations
			s.P50, s.P99, s.Max = max(s.P50, second.P50), max(s.P99, second.P99), max(s.Max, second.Max)
		}
		all = append(all, s)
	}
	return all
}

// overTime is a plot whose axis across is the run's time.
func overTime(r *reports.LoadRun, all []stretch) (plot, scale) {
	last := float64(all[len(all)-1].to)
	across, step := evenScale(last, 6, plotLeft, plotRight)
	across.high = max(last, 1) // a run's end is no round number, and nothing comes behind it
	p := plot{Across: axis{Title: "seconds since the run began"}, Banded: "the generator stood still"}
	for v := 0.0; v <= across.high; v += step {
		p.Across.Ticks = append(p.Across.Ticks, tick{across.at(v), words.Decimal(v)})
	}
	for _, span := range r.Frozen {
		x := across.at(float64(span.AtMS) / 1000)
		end := across.at(float64(span.AtMS+span.ForMS) / 1000)
		p.Bands = append(p.Bands, plotBand{x, max(end-x, 2), prose.Frozen(span)})
	}
	for _, s := range all {
		from, to := across.at(float64(s.from)), across.at(float64(s.to))
		p.Columns = append(p.Columns, plotColumn{X: from, Width: to - from})
	}
	return p, across
}

// coarse says of a long run what its columns are.
func coarse(all []stretch) string {
	if len(all) == 0 || all[0].to-all[0].from <= 1 {
		return ""
	}
	return fmt.Sprintf(" A point is the worst of %d seconds.", all[0].to-all[0].from)
}

func latencyPlot(r *reports.LoadRun, id string) *plot {
	all := stretches(r)
	low, high := int64(math.MaxInt64), int64(0)
	for _, s := range all {
		for _, us := range []int64{s.P50, s.P99, s.Max} {
			if us > 0 {
				low, high = min(low, us), max(high, us)
			}
		}
	}
	if high == 0 {
		return nil
	}
	p, _ := overTime(r, all)
	p.ID, p.Title = id+"-latency", "Latency over time"
	p.Description = "From the intended send time to the answer, by the second in which the request was to be sent." + coarse(all)
	up := logScale(low, high)
	p.Up = axis{"latency, on a logarithmic scale", up.ticks()}
	p.Table = table{Caption: p.Title, Head: []string{"second", "p50", "p99", "longest"}}
	peak := 0
	for i, s := range all {
		c := &p.Columns[i]
		c.Title = s.name() + ": no answer"
		row := []string{s.short(), "", "", ""}
		if s.Max > 0 {
			c.Title = fmt.Sprintf("%s: p50 %s, p99 %s, longest %s", s.name(), words.Duration(s.P50), words.Duration(s.P99), words.Duration(s.Max))
			row = []string{s.short(), words.Duration(s.P50), words.Duration(s.P99), words.Duration(s.Max)}
		}
		p.Table.Rows = append(p.Table.Rows, row)
		if s.Max > all[peak].Max {
			peak = i
		}
	}
	draw := func(series int, name string, over int64, of func(stretch) int64) {
		p.draw(series, name, words.Duration(over), len(all), func(i int) (px, bool) {
			us := of(all[i])
			return up.at(float64(us)), us > 0
		})
	}
	draw(3, "longest", r.Latency.Max, func(s stretch) int64 { return s.Max })
	draw(2, "p99", r.Latency.P99, func(s stretch) int64 { return s.P99 })
	draw(1, "p50", r.Latency.P50, func(s stretch) int64 { return s.P50 })
	p.label(p.Columns[peak].middle(), up.at(float64(all[peak].Max)), fmt.Sprintf("%s in %s", words.Duration(all[peak].Max), all[peak].name()))
	return &p
}

func ratePlot(r *reports.LoadRun, id string) *plot {
	all := stretches(r)
	if len(all) == 0 {
		return nil
	}
	p, _ := overTime(r, all)
	p.ID, p.Title = id+"-rate", "Asked against achieved"
	p.Description = "Requests that were due, left and were answered in each second of the run."
	if coarse(all) != "" {
		p.Description += fmt.Sprintf(" A point is the average of %d seconds.", all[0].to-all[0].from)
	}
	var high, asked float64
	for _, s := range all {
		high, asked = max(high, s.Asked, s.Sent, s.Answered), max(asked, s.Asked)
	}
	up, step := evenScale(high*1.05, 5, plotFoot, plotTop)
	p.Up = axis{"requests in a second", up.evenTicks(step)}
	p.Table = table{Caption: p.Title, Head: []string{"second", "asked", "sent", "answered", "errors", "violations"}}
	least := 0
	for i, s := range all {
		p.Columns[i].Title = fmt.Sprintf("%s: asked %s, sent %s, answered %s, %s, %s", s.name(), words.ThreeDigits(s.Asked), words.ThreeDigits(s.Sent), words.ThreeDigits(s.Answered),
			words.Count(int(s.Errors), "error"), words.Count(int(s.Violations), "violation"))
		p.Table.Rows = append(p.Table.Rows, []string{s.short(), words.ThreeDigits(s.Asked), words.ThreeDigits(s.Sent), words.ThreeDigits(s.Answered), fmt.Sprint(s.Errors), fmt.Sprint(s.Violations)})
		if s.Answered < all[least].Answered {
			least = i
		}
	}
	draw := func(series int, name, over string, of func(stretch) float64) {
		p.draw(series, name, over, len(all), func(i int) (px, bool) { return up.at(of(all[i])), true })
	}
	if r.Errors > 0 {
		draw(0, "errors", fmt.Sprint(r.Errors), func(s stretch) float64 { return float64(s.Errors) / float64(s.to-s.from) })
	}
	if asked > 0 && r.Asked > 0 {
		draw(3, "asked", words.Rate(r.Asked), func(s stretch) float64 { return s.Asked })
	}
	draw(2, "sent", "", func(s stretch) float64 { return s.Sent })
	draw(1, "answered", words.Rate(r.Achieved), func(s stretch) float64 { return s.Answered })
	p.labelBelow(p.Columns[least].middle(), up.at(all[least].Answered), fmt.Sprintf("least: %s in %s", words.ThreeDigits(all[least].Answered), all[least].name()))
	return &p
}

// draw adds a line, and a dot to each column.
func (p *plot) draw(series int, name, over string, n int, y func(i int) (px, bool)) {
	var line polyline
	for i := range n {
		at, is := y(i)
		if !is {
			line.gap()
			continue
		}
		x := p.Columns[i].middle()
		line.to(x, at)
		p.Columns[i].Dots = append(p.Columns[i].Dots, plotDot{x, at, series})
	}
	p.Lines = append(p.Lines, plotLine{name, over, series, line.String()})
}

func (c plotColumn) middle() px { return c.X + c.Width/2 }

// label writes a value above its place, to the side where there is room, unless another stands there.
func (p *plot) label(x, y px, text string) {
	l := plotLabel{x - 5, y - 9, text, "end"}
	if x < (plotLeft+plotRight)/2 {
		l = plotLabel{x + 5, y - 9, text, "start"}
	}
	l.Y = max(l.Y, plotTop-4)
	if !slices.ContainsFunc(p.Labels, l.overlaps) {
		p.Labels = append(p.Labels, l)
	}
}

// overlaps goes by the widest letters of the fonts that were looked at: 8 of the 13 units of their height.
func (l plotLabel) overlaps(other plotLabel) bool {
	span := func(l plotLabel) (from, to px) {
		width := px(8 * utf8.RuneCountInString(l.Text))
		if l.Anchor == "end" {
			return l.X - width, l.X
		}
		return l.X, l.X + width
	}
	from, to := span(l)
	otherFrom, otherTo := span(other)
	return from < otherTo && otherFrom < to && max(l.Y-other.Y, other.Y-l.Y) < 15
}

func (p *plot) labelBelow(x, y px, text string) {
	p.label(x, min(y+22, plotFoot-2), text)
}
