package load

import (
	"maps"
	"math"
	"slices"
)

// bracket is what a search for a capacity knows: how often each rate was held, and how often it was not. It says what to
// try next.
type bracket struct {
	start, lowest, most float64 // in a second
	precision           float64 // a share of one
	gates               []objective

	votes   map[float64]*votes
	blocked float64 // the lowest rate that the generator did not manage; 0: there is none
}

// votes are what came of a rate's steps.
type votes struct {
	held, missed int
	unclear      bool // it was tried again, and nothing came of that
}

// heldLead and missedLead are by how many steps one outcome must lead for a rate to be certain, and mostTries how often it
// is tried for that. A hiccup makes a rate fail, and nothing makes one be held by chance, so two of them in a row decide
// nothing either.
const (
	heldLead, missedLead = 2, 4
	mostTries            = 8
)

func (v *votes) surelyHeld() bool { return v.held-v.missed >= heldLead }

func (v *votes) surelyMissed() bool { return v.missed-v.held >= missedLead }

// certain reports whether more steps at the rate would hardly change what is thought of it.
func (v *votes) certain() bool {
	return v.unclear || v.surelyHeld() || v.surelyMissed() || v.held+v.missed >= mostTries
}

// mixed reports a rate that was held in one step and not in another.
func (v *votes) mixed() bool { return v.held > 0 && v.missed > 0 }

// mostMixed is how many rates may be held and not be held when they are tried again. Two or three are chance, close to the
// limit; a target that does it more often has no rate that could be named.
const mostMixed = 3

// vote takes note of what came of a step.
func (b *bracket) vote(rate float64, held bool) {
	if b.votes == nil {
		b.votes = map[float64]*votes{}
	}
	if b.votes[rate] == nil {
		b.votes[rate] = &votes{}
	}
	if held {
		b.votes[rate].held++
	} else {
		b.votes[rate].missed++
	}
}

// mixed are the rates that were held in one step and not in another, in order.
func (b *bracket) mixed() (all []float64) {
	for _, rate := range slices.Sorted(maps.Keys(b.votes)) {
		if b.votes[rate].mixed() {
			all = append(all, rate)
		}
	}
	return all
}

// missed is the lowest rate that the target did not hold, in most of its steps; 0: there is none. One that is undecided
// counts until it is tried again.
func (b *bracket) missed() (lowest float64) {
	for rate, v := range b.votes {
		if v.missed >= v.held && (lowest == 0 || rate < lowest) {
			lowest = rate
		}
	}
	return lowest
}

// ceiling is the lowest rate that did not work, whosever fault it was; 0: there is none.
func (b *bracket) ceiling() float64 {
	missed := b.missed()
	if missed > 0 && b.blocked > 0 {
		return min(missed, b.blocked)
	}
	return max(missed, b.blocked)
}

// floor is the highest rate that was held below that; 0: there is none.
func (b *bracket) floor() float64 {
	floor, ceiling := 0.0, b.ceiling()
	for rate, v := range b.votes {
		if v.held > v.missed && (ceiling == 0 || rate < ceiling) {
			floor = max(floor, rate)
		}
	}
	return floor
}

// doubted are the ends of what stays uncertain: the highest rate below all of which nobody can be sure, and the
// lowest above them that is not held; 0: there is none. Without such rates they are floor and ceiling.
func (b *bracket) doubted() (low, high float64) {
	low, high = b.floor(), b.missed()
	doubt := slices.DeleteFunc(b.mixed(), b.sure)
	if len(doubt) == 0 {
		return low, high
	}
	low, high = 0, 0
	for rate, v := range b.votes {
		switch {
		case rate < doubt[0] && v.held > v.missed:
			low = max(low, rate)
		case rate > doubt[len(doubt)-1] && v.missed >= v.held && (high == 0 || rate < high):
			high = rate
		}
	}
	return low, high
}

// sure reports whether it is beyond doubt what a rate of both outcomes is: it or a higher one is surely held, or a lower
// one never was. That it was missed more often itself says nothing against the time that it was held: a machine with
// other work makes rates be missed again and again.
func (b *bracket) sure(rate float64) bool {
	for each, v := range b.votes {
		if each >= rate && v.surelyHeld() || each <= rate && v.surelyMissed() && v.held == 0 {
			return true
		}
	}
	return false
}

// vague reports whether what stays uncertain is more than the precision allows to be, a rate on either side.
func (b *bracket) vague() bool {
	low, high := b.doubted()
	return len(b.mixed()) > 0 && b.byTarget() && (low == 0 || high == 0 || high > low*(1+b.precision)*(1+b.precision)*1.01)
}

// next is the rate to try; 0 when the search is at its end. again is that it is one of before: the lowest that was not
// held, and then the highest that was, are tried until they are certain.
func (b *bracket) next() (rate float64, again bool) {
	missed := b.missed()
	open := missed > 0 && missed == b.ceiling() && !b.votes[missed].certain()
	if open && b.votes[missed].mixed() {
		return missed, true
	}
	if rate := b.further(); rate > 0 {
		return rate, false
	}
	if open {
		return missed, true
	}
	if floor := b.floor(); floor > 0 && !b.votes[floor].certain() {
		return floor, true
	}
	return 0, false
}

// further is a rate that was not tried yet. It doubles until a rate is not held, and goes on in the middle. A gate that
// lies between is tried itself, because "about" would be no answer to it.
func (b *bracket) further() float64 {
	floor, ceiling := b.floor(), b.ceiling()
	switch {
	case floor == 0 && ceiling == 0:
		return b.start
	case floor == 0 && ceiling <= b.lowest:
		return 0
	case floor == 0:
		return max(neat(ceiling/2), b.lowest)
	case ceiling == 0 && floor >= b.most:
		return 0
	case ceiling == 0:
		return min(2*floor, b.most)
	}
	for _, gate := range b.gates {
		if floor < gate.bound && gate.bound < ceiling {
			return gate.bound
		}
	}
	middle := neat(math.Sqrt(floor * ceiling))
	if ceiling <= floor*(1+b.precision) || middle <= floor || middle >= ceiling {
		return 0
	}
	return middle
}

// byTarget reports whether it is the target that ends what is held.
func (b *bracket) byTarget() bool {
	missed := b.missed()
	return missed > 0 && (b.blocked == 0 || missed <= b.blocked || missed <= b.floor()*(1+b.precision))
}

// neat rounds a rate to three digits: more would say what no run can.
func neat(rate float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(rate))-2)
	if unit < 1 {
		return math.Round(rate*math.Round(1/unit)) / math.Round(1/unit)
	}
	return math.Round(rate/unit) * unit
}
