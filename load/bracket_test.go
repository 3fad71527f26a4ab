package load

import (
	"math"
	"testing"
)

// sought is what a search finds of a target and a generator that each hold just so much, and how many steps it took.
func sought(t *testing.T, b bracket, target, generator float64) (found bracket, steps int) {
	t.Helper()
	for rate := b.next(); rate > 0; rate = b.next() {
		if steps++; steps > 100 {
			t.Fatalf("it does not end: %+v", b)
		}
		if rate < b.lowest || rate > b.most {
			t.Fatalf("it asks for %v/s, outside of %v to %v", rate, b.lowest, b.most)
		}
		switch {
		case rate <= min(target, generator):
			b.held = append(b.held, rate)
		case rate > generator: // and nobody knows of the target
			b.blocked = rate
		default:
			b.missed = rate
		}
	}
	return b, steps
}

func TestSearchComesAsCloseAsItSays(t *testing.T) {
	for _, precision := range []float64{.02, .05, .5} {
		for target := 2.3; target < 190_000; target *= 1.37 {
			found, steps := sought(t, bracket{start: 100, lowest: 2, most: MostRate, precision: precision}, target, math.Inf(1))
			held, not := found.floor(), found.ceiling()
			if held > target || not <= target || not > held*(1+precision)*1.01 || !found.byTarget() {
				t.Errorf("of %v/s it finds %v and not %v, at a precision of %v", target, held, not, precision)
			}
			if steps > 25 {
				t.Errorf("%d steps for %v/s", steps, target)
			}
		}
	}
}

func TestSearchTellsWhoseLimitItMet(t *testing.T) {
	start := bracket{start: 100, lowest: 2, most: MostRate, precision: .05}
	allowed := start
	allowed.most = 250
	for _, c := range []struct {
		name              string
		begin             bracket
		target, generator float64
		byTarget          bool
		least, most       float64 // of what is found
	}{
		{"the target", start, 700, 5000, true, 665, 700},
		{"the generator", start, 5000, 700, false, 665, 700},
		{"the target, and the generator on the way", start, 700, 750, true, 665, 700},
		{"nobody, as far as it may go", allowed, 700, 5000, false, 250, 250},
		{"a target that holds nothing", start, 1, 5000, true, 0, 0},
		{"a generator that manages nothing", start, 5000, 1, false, 0, 0},
	} {
		found, _ := sought(t, c.begin, c.target, c.generator)
		if held := found.floor(); found.byTarget() != c.byTarget || held < c.least || held > c.most {
			t.Errorf("%s: %v/s are found, by the target %t: %+v", c.name, held, found.byTarget(), found)
		}
	}
}

func TestSearchTriesAGate(t *testing.T) {
	for _, gate := range []float64{690, 710} { // closer to what it holds than the precision
		found, _ := sought(t, bracket{start: 100, lowest: 2, most: MostRate, precision: .05, gates: []objective{{bound: gate}}}, 700, math.Inf(1))
		if enough := found.floor() >= gate; enough != (gate <= 700) || found.ceiling() <= gate && enough {
			t.Errorf("%v/s: it finds %v and not %v", gate, found.floor(), found.ceiling())
		}
	}
}

func TestSearchTakesBackWhatIsNotHeldAgain(t *testing.T) {
	b := bracket{start: 100, lowest: 2, most: MostRate, precision: .05, held: []float64{100, 200, 400}, missed: 420}
	b.refute(400)
	if b.floor() != 200 || b.ceiling() != 400 || b.refuted != 1 {
		t.Errorf("it holds %v and not %v", b.floor(), b.ceiling())
	}
	if next := b.next(); next <= 200 || next >= 400 {
		t.Errorf("it goes on at %v/s", next)
	}
}

func TestNeatRates(t *testing.T) {
	for rate, wanted := range map[float64]float64{282.84: 283, 28.284: 28.3, 2.8284: 2.83, .28284: .283, 28284: 28300, 100: 100, 99.96: 100, 199_960: 200_000} {
		if got := neat(rate); got != wanted {
			t.Errorf("%v becomes %v, not %v", rate, got, wanted)
		}
	}
}
