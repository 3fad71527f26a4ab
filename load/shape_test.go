package load

import (
	"math"
	"testing"
	"time"

	"gonogo/load/attack"
)

func parsed(t *testing.T, text string) shape {
	t.Helper()
	s, err := parseShape(text, 1)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// due lists when the hits of a run are due.
func due(p attack.Pace, length time.Duration) []time.Duration {
	var all []time.Duration
	for n := 0.; ; n++ {
		at, ok := p.Due(n)
		if !ok || at >= length {
			return all
		}
		all = append(all, at)
	}
}

func TestShapesHaveTheRatesTheyWereAskedFor(t *testing.T) {
	const length = 6 * time.Second
	constant, err := constantShape(500, 1)
	if err != nil {
		t.Fatal(err)
	}
	odd, err := constantShape(0.7, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		shape shape
		words string
		in    [6]float64 // hits of each second
	}{
		{constant, "constant 500/s", [6]float64{500, 500, 500, 500, 500, 500}},
		{odd, "constant 0.7/s", [6]float64{1, 0, 1, 1, 0, 1}},
		{parsed(t, "ramp:100-1300"), "ramp 100/s to 1300/s", [6]float64{200, 400, 600, 800, 1000, 1200}},
		{parsed(t, "ramp:1200-0.1"), "ramp 1200/s to 0.1/s", [6]float64{1100, 900, 700, 500, 300, 100}},
		{parsed(t, "steps:100,1000,400"), "steps 100/s, 1000/s, 400/s", [6]float64{100, 100, 1000, 1000, 400, 400}},
	} {
		if got := c.shape.String(); got != c.words {
			t.Errorf("the shape is called %q, not %q", got, c.words)
		}
		var in [6]float64
		sum, last := 0.0, time.Duration(0)
		for _, at := range due(c.shape.pace(length, 1, nil), length) {
			if at < last {
				t.Fatalf("%s: a hit is due at %s, after one at %s", c.words, at, last)
			}
			last = at
			in[at/time.Second]++
			sum++
		}
		for i, want := range c.in {
			if math.Abs(in[i]-want) > 1.5 {
				t.Errorf("%s: second %d has %v hits, not %v", c.words, i, in[i], want)
			}
		}
		if want := c.shape.mean() * length.Seconds(); math.Abs(sum-want) > 1.5 {
			t.Errorf("%s: %v hits, and %v on average", c.words, sum, want)
		}
	}
}

func TestShapesThatCannotBe(t *testing.T) {
	for _, text := range []string{"", "sine:1-2", "ramp", "ramp:100", "ramp:100-", "ramp:0-100", "ramp:1-2-3", "steps:1", "steps:1,x", "steps:1,-5", "steps:100,300000", "ramp:NaN-5", "ramp:1-Inf"} {
		if s, err := parseShape(text, 1); err == nil {
			t.Errorf("%q is %s", text, s)
		}
	}
	for _, rate := range []float64{-1, 0.01, 200_001, math.NaN(), math.Inf(1)} {
		if s, err := constantShape(rate, 1); err == nil {
			t.Errorf("%v is %s", rate, s)
		}
	}
}
