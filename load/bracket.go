package load

import "math"

// bracket is what a search for a capacity knows: which rates were held and which were not. It says what to try next.
type bracket struct {
	start, lowest, most float64 // in a second
	precision           float64 // a share of one
	gates               []objective

	held    []float64
	missed  float64 // the lowest rate that the target did not hold; 0: there is none
	blocked float64 // the lowest rate that the generator did not manage; 0: there is none
	refuted int     // how often a rate was held, and not when it was repeated
}

// mostRefuted is how often a rate may be held and not be held when it is tried again. Once or twice is chance, close to
// the limit; a target that does it more often has no rate that could be named.
const mostRefuted = 3

// ceiling is the lowest rate that did not work, whosever fault it was; 0: there is none.
func (b *bracket) ceiling() float64 {
	if b.missed > 0 && b.blocked > 0 {
		return min(b.missed, b.blocked)
	}
	return max(b.missed, b.blocked)
}

// floor is the highest rate that was held below that; 0: there is none.
func (b *bracket) floor() float64 {
	floor, ceiling := 0.0, b.ceiling()
	for _, rate := range b.held {
		if ceiling == 0 || rate < ceiling {
			floor = max(floor, rate)
		}
	}
	return floor
}

// next is the rate to try, and 0 when the search is at its end: its floor is what is to be confirmed. It doubles until
// a rate is not held, and goes on in the middle. A gate that lies between is tried itself, because "about" would be no
// answer to it.
func (b *bracket) next() float64 {
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

// refute takes note that a rate that was held was not held again.
func (b *bracket) refute(rate float64) {
	b.missed = rate
	b.refuted++
}

// byTarget reports whether it is the target that ends what is held.
func (b *bracket) byTarget() bool {
	return b.missed > 0 && (b.blocked == 0 || b.missed <= b.blocked || b.missed <= b.floor()*(1+b.precision))
}

// neat rounds a rate to three digits: more would say what no run can.
func neat(rate float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(rate))-2)
	if unit < 1 {
		return math.Round(rate*math.Round(1/unit)) / math.Round(1/unit)
	}
	return math.Round(rate/unit) * unit
}
