package reports

import (
	"math"
	"strconv"
	"time"
)

// duration prints microseconds with three digits, in the unit that people would take: 850 µs, 1.2 ms, 1.02 s.
func duration(us int64) string {
	switch {
	case us < 1000:
		return strconv.FormatInt(us, 10) + " µs"
	case us < 999_500:
		return threeDigits(float64(us)/1e3) + " ms"
	}
	return threeDigits(float64(us)/1e6) + " s"
}

// rate prints how often something happens in a second.
func rate(perSecond float64) string { return threeDigits(perSecond) + "/s" }

// threeDigits rounds to three digits, and never away what stands before the point.
func threeDigits(v float64) string {
	if v == 0 {
		return "0"
	}
	places := 2 - int(math.Floor(math.Log10(math.Abs(v))))
	scale := math.Pow(10, float64(max(places, 0)))
	return decimal(math.Round(v*scale) / scale)
}

// decimal prints a number without an exponent and without zeros at its end.
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// moment prints milliseconds since a run began, in seconds.
func moment(ms int64) string {
	return decimal(float64(ms)/float64(time.Second/time.Millisecond)) + " s"
}
