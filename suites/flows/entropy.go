package flows

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// sampleSize is how many tokens of a kind it takes to say anything: with 16 random ones, two look ordered by
// chance once in some thousands of runs.
const sampleSize = 16

// enoughBits is how much must vary within a sample. Position by position, 16 tokens of 128 random bits in hex
// show about 110; a counter shows a dozen, a time in nanoseconds 30.
const enoughBits = 40

// longPrefix is a shared beginning that is no mere label ("tok_live_").
const longPrefix = 16

// notGuessable looks at every kind of token that was handed out: time-based UUIDs, order, long common
// beginnings, and too little that varies. It is a smoke alarm, not a proof.
func notGuessable(t *scene.Trial) {
	looked := false
	for _, kind := range t.Dialect.Tokens {
		var values []string
		for _, token := range t.Minted() {
			if token.Kind.Name == kind.Name {
				values = append(values, token.Value)
			}
		}
		if len(values) < sampleSize {
			continue
		}
		looked = true
		if why := guessable(values); why != "" {
			t.Find(engine.Finding{Sent: fmt.Sprintf("requests for %d %ss", len(values), kind.Noun()), Wanted: "values that nobody can guess", Got: why})
		}
	}
	if !looked {
		t.NotExercised("it takes %d tokens of a kind, and this selection of cases had fewer", sampleSize)
	}
}

var timeUUID = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[1267][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// guessable says what is wrong with values given in the order they were handed out, or nothing.
func guessable(values []string) string {
	if slices.ContainsFunc(values, func(v string) bool { return strings.Count(v, ".") == 2 }) {
		return "" // signed: what they say may well be alike
	}
	if n := count(values, timeUUID.MatchString); n > len(values)/2 {
		return "UUIDs made from the time"
	}
	if bits := varying(values); bits < enoughBits {
		return fmt.Sprintf("about %.0f bits that vary", bits)
	}
	if prefix := commonPrefix(values); len(prefix) >= longPrefix && len(prefix) > len(values[0])/2 {
		return fmt.Sprintf("the same first %d characters of %d", len(prefix), len(values[0]))
	}
	if ordered(values) {
		return "values that go up in the order they were handed out"
	}
	return ""
}

func count(values []string, is func(string) bool) int {
	n := 0
	for _, v := range values {
		if is(v) {
			n++
		}
	}
	return n
}

// varying adds up, position by position, the bits it takes to tell apart what was seen there.
func varying(values []string) float64 {
	bits := 0.0
	for i := 0; ; i++ {
		seen := map[byte]bool{}
		longer := false
		for _, v := range values {
			if i < len(v) {
				seen[v[i]], longer = true, true
			}
		}
		if !longer {
			return bits
		}
		bits += math.Log2(float64(len(seen)))
	}
}

func commonPrefix(values []string) string {
	prefix := values[0]
	for _, v := range values[1:] {
		n := 0
		for n < len(prefix) && n < len(v) && prefix[n] == v[n] {
			n++
		}
		prefix = prefix[:n]
	}
	return prefix
}

// ordered reports that values go up in the order they were handed out: nine in ten neighbours do, or their ranks follow
// that order all in all (Spearman's coefficient). Cases run side by side, and on a busy machine the answers of many
// stand in another order than the requests, so that neighbours alone would say nothing. 16 random values have a
// coefficient of 0.9 once in a million runs.
func ordered(values []string) bool {
	n := len(values)
	ranked := make([]int, n)
	for i := range ranked {
		ranked[i] = i
	}
	slices.SortStableFunc(ranked, func(a, b int) int { return strings.Compare(values[a], values[b]) })
	up, apart := 0, 0.0
	for rank, at := range ranked {
		apart += float64((rank - at) * (rank - at))
		if at > 0 && values[at] > values[at-1] {
			up++
		}
	}
	return up*10 >= 9*(n-1) || 1-6*apart/float64(n*(n*n-1)) >= 0.9
}
