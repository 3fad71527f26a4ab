package load

import (
	"fmt"
	"math"
	"time"

	"gonogo/reports"
)

// Search is what is asked of a search for the highest rate that a target holds. The Config's Shape is of no account,
// its Duration is that of a step, and its objectives about the rate are gates: they are held against what was found.
type Search struct {
	Config
	Start     float64 // the rate of the first step, in a second
	Most      float64 // the highest rate that may be asked for
	Allowed   string  // who allows no more than Most, such as limits.max_rps; empty: it is what a generator can send
	Precision float64 // a share of one: how close a rate that is held and one that is not are to come

	Begun func(step reports.LoadStep) // called before each step; optional
	Step  func(run *reports.LoadRun)  // called after each step; optional
}

// The bounds of a search's precision. A run that achieves 99 % of its rate has kept up, so a rate cannot be told from
// one that is 1 % more.
const (
	LeastPrecision = 0.02
	MostPrecision  = 0.5
)

// leastRequests is how many requests a step sends at least: with fewer there is no 99th percentile.
const leastRequests = 100

// longestStep is how long a step may become that needs more requests than its duration has, unless the duration is
// longer itself. A target that holds no rate at all is known for it after a minute.
const longestStep = 20 * time.Second

// Requests is how many requests a step sends at least. Of n requests over c connections a target that is too slow has
// still c to answer when the last one leaves, and the run has kept up if it seems to reach 99 % of its rate: so what is
// held may be 1/(0.99*(1-c/n)) of what the target does, which must not be more than the precision allows.
func (s Search) Requests() float64 {
	share := 1 - 1/((1-shortBy)*(1+s.Precision))
	return max(leastRequests, math.Ceil(float64(s.Connections)/share))
}

// Length is how long a step at a rate takes.
func (s Search) Length(rate float64) time.Duration {
	needed := time.Duration(s.Requests() / rate * float64(time.Second)).Round(time.Millisecond)
	return max(s.Duration, needed)
}

// Lowest is the lowest rate for which a step can say something, in a second.
func (s Search) Lowest() float64 {
	return max(leastRate, s.Requests()/max(s.Duration, longestStep).Seconds())
}

// Gates are the rates that objectives want found, in a second.
func Gates(objectives []Objective) []float64 {
	var all []float64
	for _, o := range objectives {
		if o.metric == rateMetric {
			all = append(all, o.bound)
		}
	}
	return all
}

// CheckGates reports an objective that no capacity can be held against: nobody wants a target to hold less.
func CheckGates(objectives []Objective) error {
	for _, o := range objectives {
		if o.metric == rateMetric && o.less {
			return fmt.Errorf("%s would want the target to hold less; write it like rate>=%s", o.text, perSecond(o.bound))
		}
	}
	return nil
}

// holds reports whether a capacity is enough for the objective.
func (o Objective) holds(found float64) bool { return found > o.bound || o.orEqual && found == o.bound }
