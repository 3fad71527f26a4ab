package main

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// lateness is how late requests arrived against a schedule, sorted.
type lateness []time.Duration

// zeroAt is the part of all arrivals that comes no later than what counts as on time.
//
// A server knows the rate and the arrivals, but not the moment at which the schedule began. A request never leaves before
// it is due, so the earliest of all arrivals, each seen from its own place in the schedule, would tell that moment best;
// the first one in time would not, for it may itself be late and make all others early. But a single request that came
// too soon would then make every other one late by as much: a generator that sends one before it begins in earnest, or
// two at once. So the arrival counts as on time that a hundredth of all do not exceed. That costs no generator anything
// that p99 is made of, takes from all the same, and takes 1 ms from one that sends in bursts 100 ms apart. What a
// generator is late by always, it is not charged with by either choice.
const zeroAt = 0.01

// late compares the ith arrival with the ith moment of the schedule.
func late(moments []time.Duration, rate int) lateness {
	l := make(lateness, len(moments))
	for i, at := range moments {
		l[i] = at - time.Duration(math.Round(float64(i)*float64(time.Second)/float64(rate)))
	}
	slices.Sort(l)
	zero := l.at(zeroAt)
	for i := range l {
		l[i] -= zero
	}
	return l
}

// at is the least lateness that a part of all arrivals does not exceed.
func (l lateness) at(part float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	return l[min(max(int(math.Ceil(part*float64(len(l))))-1, 0), len(l)-1)]
}

// inEarnest are the arrivals of the schedule itself. What arrived beyond the number that was asked for came before it: a
// generator may look first whether there is anybody. Where more than a hundredth is missing nobody knows which of the
// scheduled requests the others are.
func inEarnest(moments []time.Duration, asked int) ([]time.Duration, error) {
	if len(moments) < asked-asked/100 {
		return nil, fmt.Errorf("%d requests of %d arrived, so none can be compared with its moment", len(moments), asked)
	}
	return moments[max(len(moments)-asked, 0):], nil
}
