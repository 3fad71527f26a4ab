package load

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"gonogo/load/attack"
)

// shape is how the rate goes over a run.
type shape struct {
	kind   string
	rates  []float64 // in a second
	random bool      // arrivals are a Poisson process, and not even
}

// The shapes.
const (
	constant   = "constant"
	ramp       = "ramp"
	steps      = "steps"
	saturating = "saturating"
)

// The words of Config.Arrivals.
const (
	even    = "even"
	poisson = "poisson"
)

// MostRate is the highest rate that can be asked of a generator: what a request loop of its own reaches on one core, which is
// more than any generator can judge (docs/performance.md).
const MostRate = 200_000

// leastRate is the lowest: a request every ten seconds.
const leastRate = 0.1

// constantShape is the same rate all the time, of so many generators together; 0 is as fast as the connections allow.
func constantShape(rate float64, of int) (shape, error) {
	if rate == 0 {
		return shape{kind: saturating}, nil
	}
	if err := checkRate(rate, of); err != nil {
		return shape{}, err
	}
	return shape{kind: constant, rates: []float64{rate}}, nil
}

// parseShape reads a shape that has rates of its own: ramp:100-2000, steps:500,1000,2000.
func parseShape(text string, of int) (shape, error) {
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
		if err := checkRate(rate, of); err != nil {
			return shape{}, err
		}
		s.rates = append(s.rates, rate)
	}
	if len(s.rates) < 2 || kind == ramp && len(s.rates) != 2 {
		return shape{}, fmt.Errorf("write it like %s", example)
	}
	return s, nil
}

// checkRate reports a rate that so many generators cannot keep together.
func checkRate(rate float64, of int) error {
	switch most := MostRate * float64(max(of, 1)); {
	case math.IsNaN(rate) || rate < leastRate:
		return fmt.Errorf("a rate of %v is not one that can be kept; ask for 0.1/s or more", rate)
	case rate > most:
		return fmt.Errorf("a rate of %v is beyond what %s can send and judge; ask for %.0f/s or less", rate, generators(of), most)
	}
	return nil
}

// generators says how many there are.
func generators(n int) string {
	if n <= 1 {
		return "one generator"
	}
	return fmt.Sprintf("%d generators", n)
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
	if s.random {
		return s.words() + ", at random (Poisson)"
	}
	return s.words()
}

func (s shape) words() string {
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

// pace is when the requests of a run of the given length are due that are of a share of it. The seed decides what is left to chance.
func (s shape) pace(length time.Duration, seed int64, of *Share) attack.Pace {
	pace := s.even(length)
	pace.Turn, pace.Turns = uint64(of.index()), uint64(of.count())
	if s.random {
		pace.Gap = exponential(seed)
	}
	return pace
}

// exponential are the gaps of a Poisson process: an exponential distribution whose mean is 1.
func exponential(seed int64) func(n uint64) float64 {
	from := mixed(uint64(seed))
	return func(n uint64) float64 {
		return -math.Log((float64(mixed(from+n)>>11) + 1) / (1 << 53)) // of a number above 0, and 1 at the most
	}
}

func (s shape) even(length time.Duration) attack.Pace {
	switch s.kind {
	case constant:
		return attack.Constant(s.rates[0])
	case ramp:
		return climb(s.rates[0], (s.rates[1]-s.rates[0])/length.Seconds())
	case steps:
		return stairs(s.rates, length/time.Duration(len(s.rates)))
	}
	return attack.Pace{}
}

// climb changes its rate evenly, by slope in each second.
func climb(from, slope float64) attack.Pace {
	if slope == 0 {
		return attack.Constant(from)
	}
	return attack.Pace{Begin: from, Due: func(n float64) (time.Duration, bool) {
		// of n = from*t + slope*t*t/2, the earlier t; a ramp that has come down to nothing has no further request
		root := from*from + 2*slope*n
		return attack.Moment((math.Sqrt(max(root, 0)) - from) / slope), root >= 0
	}}
}

// stairs keeps each of several rates for the same time.
func stairs(rates []float64, each time.Duration) attack.Pace {
	return attack.Pace{Begin: rates[0], Due: func(left float64) (at time.Duration, ok bool) {
		for i, rate := range rates {
			here := rate * each.Seconds()
			if left < here || i == len(rates)-1 {
				at += attack.Moment(left / rate)
				break
			}
			left -= here
			at += each
		}
		return at, true
	}}
}
