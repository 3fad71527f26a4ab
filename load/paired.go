package load

import "slices"

// confidence is how often the interval of a comparison holds the truth, at the least.
const confidence = 0.95

// LeastRounds is how many pairs of runs it takes for an interval of that confidence: five are all on one side by chance in 6 of 100.
const LeastRounds = 6

// roundsFor is the same for any confidence.
func roundsFor(confidence float64) int {
	n := 1
	for outside(n, confidence) < 0 {
		n++
	}
	return n
}

// interval is an estimate, and what it may be off by.
type interval struct{ middle, low, high float64 }

// paired is what is known of the middle of differences that are distributed evenly around it, whatever else their distribution
// is: the estimate of Hodges and Lehmann, and the interval of all values that Wilcoxon's signed-rank test does not reject
// (Hollander, Wolfe, Chicken, Nonparametric Statistical Methods, 3.1 to 3.3). ok is false, and there is no interval, of too few.
func paired(differences []float64, confidence float64) (i interval, ok bool) {
	var walsh []float64 // the means of all pairs, each with itself, too
	for i, a := range differences {
		for _, b := range differences[i:] {
			walsh = append(walsh, (a+b)/2)
		}
	}
	slices.Sort(walsh)
	i.middle = median(walsh)
	out := outside(len(differences), confidence)
	if out < 0 {
		return i, false
	}
	i.low, i.high = walsh[out], walsh[len(walsh)-1-out]
	return i, true
}

// outside is the highest rank sum that comes by chance in no more than half of what the confidence leaves; -1: none.
func outside(n int, confidence float64) int {
	ways := []float64{1} // in how many of the 2^n ways to give signs a rank sum comes
	all := 1.
	for rank := 1; rank <= n; rank++ {
		more := make([]float64, len(ways)+rank)
		for sum, count := range ways {
			more[sum] += count
			more[sum+rank] += count
		}
		ways, all = more, 2*all
	}
	sum := 0.
	for k, count := range ways {
		if sum += count; sum/all > (1-confidence)/2 {
			return k - 1
		}
	}
	return -1
}

// median is of sorted values; 0 of none.
func median(sorted []float64) float64 {
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
