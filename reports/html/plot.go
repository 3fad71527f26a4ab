package html

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonogo/reports/words"
)

// plot is a drawing with axes, in the user units of an SVG of plotWidth × plotHeight. The page's template draws it.
type plot struct {
	ID, Title, Description string
	Across, Up             axis
	Lines                  []plotLine
	Columns                []plotColumn
	Bands                  []plotBand
	Labels                 []plotLabel
	Signs                  []plotSign
	Table                  table
	Banded                 string // what a band says
	Bold                   bool   // it has few places, whose dots are seen by themselves
}

// The size of a plot. On a telephone (358 of 390 px are left for it) a unit is 0.75 px, on a desk 1.1: its letters of
// 13 units can be read on both.
const (
	plotWidth  = 480
	plotHeight = 300

	plotLeft, plotRight = 58, 468
	plotTop, plotFoot   = 30, 256
)

// px is a place in a plot, printed with one decimal.
type px float64

func (p px) String() string { return words.Decimal(math.Round(float64(p)*10) / 10) }

type axis struct {
	Title string
	Ticks []tick
}

// tick is a line of the grid; a label is missing where there would be too many.
type tick struct {
	At    px
	Label string
}

type plotLine struct {
	Name, Now string // for the legend: p99, and its value over the run
	Series    int    // 1 to 3 choose colour and dashes, 0 is for errors
	Path      string
}

// plotColumn is what there is at one place of the axis across: a title with all values, and their dots.
type plotColumn struct {
	X, Width px
	Title    string
	Dots     []plotDot
}

type plotDot struct {
	X, Y   px
	Series int
}

type plotBand struct {
	X, Width px
	Title    string
}

// plotSign is a mark above a place.
type plotSign struct {
	X           px
	Mark, Class string
}

// plotLabel is a value written beside its place.
type plotLabel struct {
	X, Y   px
	Text   string
	Anchor string // start, middle or end
}

// table is the same for those who cannot see the plot, or want the numbers.
type table struct {
	Caption string
	Head    []string
	Rows    [][]string
	Told    bool // the last column is text, and no number
}

// scale puts values on an axis.
type scale struct {
	low, high float64
	from, to  float64 // where those two are
	log       bool
}

// Anchor keeps the labels at the right edge inside the plot.
func (t tick) Anchor() string {
	if t.At+px(4*len(t.Label)) > plotWidth {
		return "end"
	}
	return "middle"
}

func (s scale) at(v float64) px {
	low, high := s.low, s.high
	v = min(max(v, low), high)
	if s.log {
		low, high, v = math.Log10(low), math.Log10(high), math.Log10(v)
	}
	if high <= low {
		return px(s.from)
	}
	return px(s.from + (v-low)/(high-low)*(s.to-s.from))
}

// logScale is an upright scale over durations in microseconds that begins and ends at a 1, 2 or 5.
func logScale(low, high int64) scale {
	s := scale{low: 1, high: 1, from: plotFoot, to: plotTop, log: true}
	for _, step := range steps125() {
		if step <= float64(max(low, 1)) {
			s.low = step
		}
		if s.high = step; step >= float64(high) && step >= 10*s.low {
			break
		}
	}
	return s
}

// steps125 are 1, 2, 5, 10 … up to 1000 s, in microseconds.
func steps125() []float64 {
	var steps []float64
	for decade := 1.0; decade <= 1e9; decade *= 10 {
		steps = append(steps, decade, 2*decade, 5*decade)
	}
	return steps
}

// ticks are the lines of a scale of durations. Over more than two decades only the decades have labels.
func (s scale) ticks() []tick {
	var ticks []tick
	wide := s.high/s.low > 200
	for i, step := range steps125() {
		if step < s.low || step > s.high {
			continue
		}
		t := tick{At: s.at(step)}
		if !wide || i%3 == 0 {
			t.Label = words.Duration(int64(step))
		}
		ticks = append(ticks, t)
	}
	return ticks
}

// evenScale begins at 0 and ends above high, with about count steps.
func evenScale(high float64, count int, from, to float64) (s scale, step float64) {
	high = max(high, 1)
	step = math.Pow(10, math.Floor(math.Log10(high/float64(count))))
	for _, factor := range []float64{1, 2, 5, 10} {
		if high/(step*factor) <= float64(count) {
			step *= factor
			break
		}
	}
	step = max(step, 1)
	return scale{high: math.Ceil(high/step) * step, from: from, to: to}, step
}

// evenTicks are the lines of a scale that begins at 0.
func (s scale) evenTicks(step float64) []tick {
	var ticks []tick
	for v := 0.0; v <= s.high+step/2; v += step {
		ticks = append(ticks, tick{s.at(v), words.Decimal(v)})
	}
	return ticks
}

// polyline is a line through points; it is broken where a point is missing.
type polyline struct {
	b       strings.Builder
	drawing bool
}

func (p *polyline) to(x, y px) {
	command := "L"
	if !p.drawing {
		command = "M"
	}
	fmt.Fprintf(&p.b, "%s%s %s", command, x, y)
	p.drawing = true
}

func (p *polyline) gap() { p.drawing = false }

func (p *polyline) String() string { return p.b.String() }

// Legend names the lines; the first was drawn last, on top of the others.
func (p *plot) Legend() []plotLine {
	lines := slices.Clone(p.Lines)
	slices.Reverse(lines)
	return lines
}
