package load

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tsenart/vegeta/v12/lib"
)

// shape is how the rate goes over a run.
type shape struct {
	kind  string
	rates []float64 // in a second
}

// The shapes.
const (
	constant   = "constant"
	ramp       = "ramp"
	steps      = "steps"
	saturating = "saturating"
)

// MostRate is the highest rate that can be asked for: what a request loop of its own reaches on one core, which is
// more than any generator can judge (docs/performance.md).
const MostRate = 200_000

// leastRate is the lowest: a request every ten seconds.
const leastRate = 0.1

// constantShape is the same rate all the time; 0 is as fast as the connections allow.
func constantShape(rate float64) (shape, error) {
	if rate == 0 {
		return shape{kind: saturating}, nil
	}
	if err := checkRate(rate); err != nil {
		return shape{}, err
	}
	return shape{constant, []float64{rate}}, nil
}

// parseShape reads a shape that has rates of its own: ramp:100-2000, steps:500,1000,2000.
func parseShape(text string) (shape, error) {
	kind, rest, _ := strings.Cut(text, ":")
	separator, example := "-", "ramp:100-2000"
	switch kind {
	case ramp:
	case steps:
		separator, example = ",", "steps:500,1000,2000"
	default:
		return shape{}, fmt.Errorf("there is no shape %q; choose constant, ramp:FROM-TO or steps:A,B,…", kind)
	}
	s := shape{kind: kind}
	for _, part := range strings.Split(rest, separator) {
		rate, err := strconv.ParseFloat(part, 64)
		if err != nil {
			return shape{}, fmt.Errorf("%q is not a rate; write it like %s", part, example)
		}
		if err := checkRate(rate); err != nil {
			return shape{}, err
		}
		s.rates = append(s.rates, rate)
	}
	if len(s.rates) < 2 || kind == ramp && len(s.rates) != 2 {
		return shape{}, fmt.Errorf("write it like %s", example)
	}
	return s, nil
}

func checkRate(rate float64) error {
	switch {
	case math.IsNaN(rate) || rate < leastRate:
		return fmt.Errorf("a rate of %v is not one that can be kept; ask for 0.1/s or more", rate)
	case rate > MostRate:
		return fmt.Errorf("a rate of %v is beyond what one generator can send and judge; ask for %d/s or less", rate, MostRate)
	}
	return nil
}

// highest is the highest rate of the shape, and 0 if it has no bound.
func (s shape) highest() float64 {
	highest := 0.0
	for _, rate := range s.rates {
		highest = max(highest, rate)
	}
	return highest
}

// String is the shape in words.
func (s shape) String() string {
	switch s.kind {
	case constant:
		return "constant " + perSecond(s.rates[0])
	case ramp:
		return "ramp " + perSecond(s.rates[0]) + " to " + perSecond(s.rates[1])
	case steps:
		var words []string
		for _, rate := range s.rates {
			words = append(words, perSecond(rate))
		}
		return "steps " + strings.Join(words, ", ")
	}
	return saturating
}

func perSecond(rate float64) string { return strconv.FormatFloat(rate, 'f', -1, 64) + "/s" }

// mean is the average rate over a run.
func (s shape) mean() float64 {
	sum := 0.0
	for _, rate := range s.rates {
		sum += rate
	}
	return sum / float64(max(len(s.rates), 1))
}

// pacer says when the requests of a run of the given length are due; nil: as fast as the connections allow.
func (s shape) pacer(length time.Duration) vegeta.Pacer {
	switch s.kind {
	case constant:
		return pace(s.rates[0])
	case ramp:
		return climb{s.rates[0], (s.rates[1] - s.rates[0]) / length.Seconds()}
	case steps:
		return stairs{s.rates, length / time.Duration(len(s.rates))}
	}
	return nil
}

// pace is a rate as vegeta counts it: whole hits in a whole span.
func pace(rate float64) vegeta.ConstantPacer {
	if rate == math.Trunc(rate) {
		return vegeta.ConstantPacer{Freq: int(rate), Per: time.Second}
	}
	return vegeta.ConstantPacer{Freq: 1000, Per: time.Duration(1000 / rate * float64(time.Second))}
}

// climb changes its rate evenly. vegeta.LinearPacer has the same rates, but says from a guess at the present rate when
// a hit is due; what was intended has to be the same whoever asks, and when.
type climb struct {
	from  float64 // in a second
	slope float64 // in a second, in a second
}

var _ vegeta.Pacer = climb{}

// Pace is how long to wait before the next hit.
func (c climb) Pace(elapsed time.Duration, hits uint64) (wait time.Duration, stop bool) {
	n := float64(hits)
	due := n / c.from
	if c.slope != 0 {
		// of hits = from*t + slope*t*t/2, the earlier t; a ramp that has come down to nothing has no further hit
		root := c.from*c.from + 2*c.slope*n
		if root < 0 {
			return 0, true
		}
		due = (math.Sqrt(root) - c.from) / c.slope
	}
	return max(time.Duration(due*float64(time.Second))-elapsed, 0), false
}

// Rate is the rate at a moment of the run.
func (c climb) Rate(elapsed time.Duration) float64 { return max(c.from+c.slope*elapsed.Seconds(), 0) }

// String is for those who print a pacer.
func (c climb) String() string {
	return fmt.Sprintf("ramp from %v/s, %+v/s each second", c.from, c.slope)
}

// stairs keeps each of several rates for the same time.
type stairs struct {
	rates []float64
	each  time.Duration
}

var _ vegeta.Pacer = stairs{}

// Pace is how long to wait before the next hit.
func (s stairs) Pace(elapsed time.Duration, hits uint64) (wait time.Duration, stop bool) {
	due := time.Duration(0)
	left := float64(hits)
	for i, rate := range s.rates {
		here := rate * s.each.Seconds()
		if left < here || i == len(s.rates)-1 {
			due += time.Duration(left / rate * float64(time.Second))
			break
		}
		left -= here
		due += s.each
	}
	return max(due-elapsed, 0), false
}

// Rate is the rate at a moment of the run.
func (s stairs) Rate(elapsed time.Duration) float64 {
	return s.rates[min(int(elapsed/s.each), len(s.rates)-1)]
}

// String is for those who print a pacer.
func (s stairs) String() string { return fmt.Sprintf("steps %v, %s each", s.rates, s.each) }
