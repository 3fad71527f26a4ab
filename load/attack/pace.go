package attack

import (
	"errors"
	"time"

	"github.com/tsenart/vegeta/v12/lib"
)

// constant does what vegeta.ConstantPacer does without cutting the interval to whole nanoseconds, which makes 150,015/s
// of 150,000/s. Its first request is due at once and not after one interval, so that n seconds hold n times the rate.
type constant struct{ vegeta.ConstantPacer }

// Pace is how long to wait for the next request.
func (c constant) Pace(elapsed time.Duration, hits uint64) (time.Duration, bool) {
	freq := uint64(c.Freq)
	whole, rest := hits/freq, hits%freq
	due := time.Duration(whole)*c.Per + time.Duration(float64(rest)*float64(c.Per)/float64(freq))
	return due - elapsed, false
}

// exact replaces vegeta's constant pacer. nil is as fast as possible, which vegeta writes as a rate of 0.
func exact(pacer vegeta.Pacer) (vegeta.Pacer, error) {
	c, ok := pacer.(vegeta.ConstantPacer)
	switch {
	case !ok:
		return pacer, nil
	case c.Freq < 0 || c.Per < 0:
		return nil, errors.New("a rate cannot be negative; give how many requests in a second")
	case c.Freq == 0 || c.Per == 0:
		return nil, nil
	default:
		return constant{c}, nil
	}
}
