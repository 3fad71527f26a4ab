package load

import (
	"math"
	"slices"
	"testing"
	"time"

	"gonogo/load/attack"
)

// arrivals are the moments of a pace as a schedule comes to them.
func arrivals(p attack.Pace, length time.Duration) (all []time.Duration) {
	place := 0.
	for n := uint64(0); ; n++ {
		place += p.Gap(n)
		at, ok := p.Due(place)
		if !ok || at >= length {
			return all
		}
		all = append(all, at)
	}
}

// exponentially holds numbers to the exponential distribution of a mean: by mean, coefficient of variation (1), and the
// Kolmogorov-Smirnov test at 1 %.
func exponentially(t *testing.T, what string, all []float64, mean float64) {
	t.Helper()
	slices.Sort(all)
	n := float64(len(all))
	sum, squares, apart := 0., 0., 0.
	for i, x := range all {
		sum += x
		squares += x * x
		f := 1 - math.Exp(-x/mean)
		apart = max(apart, math.Abs(f-float64(i)/n), math.Abs(f-float64(i+1)/n))
	}
	average := sum / n
	if variation := math.Sqrt(squares/n-average*average) / average; math.Abs(average/mean-1) > 4/math.Sqrt(n) || math.Abs(variation-1) > 6/math.Sqrt(n) || apart > 1.63/math.Sqrt(n) {
		t.Errorf("%s: of %v gaps the mean is %v of what it should be, the coefficient of variation %v, and %v are as far as it goes from an exponential distribution", what, n, average/mean, variation, apart)
	}
}

func TestArrivalsByChanceAreAPoissonProcess(t *testing.T) {
	const length = 20 * time.Second
	for seed := range int64(20) {
		s, err := Config{Rate: 500, Arrivals: poisson}.readShape()
		if err != nil || s.String() != "constant 500/s, at random (Poisson)" {
			t.Fatal(s, err)
		}
		all := arrivals(s.pace(length, seed, nil), length)
		var gaps []float64
		for i := range all[1:] {
			gaps = append(gaps, (all[i+1] - all[i]).Seconds())
		}
		exponentially(t, "constant", gaps, 1./500)
		if again := arrivals(s.pace(length, seed, nil), length); !slices.Equal(all, again) {
			t.Error("the same seed has other arrivals")
		}
		if slices.Equal(all, arrivals(s.pace(length, seed+1, nil), length)) {
			t.Error("another seed has the same arrivals")
		}
	}
}

// A rate that changes has as many arrivals in each part of the run as it says, but for chance.
func TestArrivalsByChanceFollowTheShape(t *testing.T) {
	const length = 20 * time.Second
	for _, text := range []string{"ramp:100-1900", "steps:200,1800"} {
		s, err := Config{Shape: text, Arrivals: poisson}.readShape()
		if err != nil {
			t.Fatal(err)
		}
		for seed := range int64(20) {
			all := arrivals(s.pace(length, seed, nil), length)
			at, _ := slices.BinarySearch(all, length/2)
			first, want := float64(at), 5500.
			if s.kind == steps {
				want = 2000
			}
			if sum := float64(len(all)); math.Abs(sum-20_000) > 4*math.Sqrt(20_000) || math.Abs(first-want) > 4*math.Sqrt(want) {
				t.Errorf("%s has %v arrivals, %v of them in the first half", text, sum, first)
			}
		}
	}
}

func TestArrivalsThatCannotBe(t *testing.T) {
	for says, c := range map[string]Config{
		"--arrivals bursts: choose even or poisson":                                    {Rate: 10, Arrivals: "bursts"},
		"--arrivals poisson: with --rate 0 no request is due at a moment; give a rate": {Arrivals: poisson},
	} {
		if _, err := c.readShape(); err == nil || err.Error() != says {
			t.Errorf("it is said %v, not %s", err, says)
		}
	}
}
