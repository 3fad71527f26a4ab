package load

import (
	"math"
	"math/rand/v2"
	"net/url"
	"slices"
	"testing"

	"gonogo/internal/exchange"
	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/specs"
)

// sought is what a search finds of a target and a generator that each hold just so much, and how many steps it took.
func sought(t *testing.T, b bracket, target, generator float64) (found search, steps int) {
	t.Helper()
	found = search{bracket: b, whys: map[float64]string{}}
	found.seek(func(rate float64, again bool) reports.StepOutcome {
		if steps++; steps > 100 {
			t.Fatalf("it does not end: %+v", b)
		}
		if rate < b.lowest || rate > b.most {
			t.Fatalf("it asks for %v/s, outside of %v to %v", rate, b.lowest, b.most)
		}
		switch {
		case rate <= min(target, generator):
			return reports.StepHeld
		case rate > generator: // and nobody knows of the target
			return reports.StepUnclear
		}
		return reports.StepNotHeld
	})
	return found, steps
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

// TestASearchThatFindsNothingIsNoGo: that takes a search minutes, of steps of 20 s at the lowest rate.
func TestASearchThatFindsNothingIsNoGo(t *testing.T) {
	base, err := url.Parse("http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	o := &offer{dialect: &specs.Dialect{ID: "soup"}, target: &target.Target{BaseURL: base}}
	s := search{
		bracket: bracket{start: 100, lowest: 5, most: MostRate, precision: .05}, whys: map[float64]string{},
		run: &run{offer: o, ledger: newLedger(o, exchange.NewRedactor())},
	}
	s.seek(func(rate float64, _ bool) reports.StepOutcome {
		if s.whys[rate] = "errors<0.1% is not held: 10%"; rate < s.lowest {
			t.Errorf("it asks for %v/s", rate)
		}
		return reports.StepNotHeld
	})
	c := s.found()
	if c.Found != 0 || c.NotHeld != 5 || c.Limit != reports.LimitTarget || c.Verdict != reports.NoGo || !c.Complete || s.votes[5].missed < missedLead {
		t.Errorf("the capacity is %+v after %+v", c, s.votes[5])
	}
	const says = "no rate was held, down to 5/s (errors<0.1% is not held: 10%); for a lower rate ask for a longer --duration or fewer --connections"
	if !slices.Equal(c.Because, []string{says}) {
		t.Errorf("it says %q", c.Because)
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
	b := bracket{start: 100, lowest: 2, most: MostRate, precision: .05}
	for rate, held := range map[float64]bool{100: true, 200: true, 400: true, 420: false} {
		b.vote(rate, held)
	}
	for range 3 {
		b.vote(420, false)
	}
	if rate, again := b.next(); rate != 400 || !again || b.floor() != 400 {
		t.Errorf("what was found is not tried again, but %v/s, again %t", rate, again)
	}
	b.vote(400, false)
	if rate, again := b.next(); rate != 400 || !again || b.floor() != 200 || b.ceiling() != 400 {
		t.Errorf("it holds %v and not %v, and goes on at %v, again %t", b.floor(), b.ceiling(), rate, again)
	}
	for range 4 {
		b.vote(400, false)
	}
	if rate, _ := b.next(); rate <= 200 || rate >= 400 || !slices.Equal(b.mixed(), []float64{400}) {
		t.Errorf("it goes on at %v/s, with doubts of %v", rate, b.mixed())
	}
}

// One hiccup decides nothing: the lowest rate that was not held is tried again.
func TestOneHiccupDecidesNoSearch(t *testing.T) {
	for _, at := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10} {
		steps := 0
		s := search{bracket: bracket{start: 100, lowest: 2, most: MostRate, precision: .05}, whys: map[float64]string{}}
		s.seek(func(rate float64, _ bool) reports.StepOutcome {
			if steps++; steps == at || rate > 3000 {
				return reports.StepNotHeld
			}
			return reports.StepHeld
		})
		if s.ended != "" || s.floor() < 2850 || s.floor() > 3000 || !s.confirmed || s.vague() {
			t.Errorf("with a hiccup in step %d it finds %v/s, ended %q: %v", at, s.floor(), s.ended, s.mixed())
		}
	}
}

// Searches of one target on a machine that gets in the way now and then agree, or say that they cannot tell.
func TestSearchesAgreeOrSayThatTheyCannotTell(t *testing.T) {
	const holds = 3000
	wrong, told, steps := 0, 0, 0
	const searches = 2000
	for seed := range uint64(searches) {
		chance := rand.New(rand.NewPCG(seed, 1))
		s := search{bracket: bracket{start: 100, lowest: 2, most: MostRate, precision: .05}, whys: map[float64]string{}}
		s.seek(func(rate float64, _ bool) reports.StepOutcome {
			steps++
			if rate > holds || chance.Float64() < .05 { // one of twenty steps goes wrong whatever the rate
				return reports.StepNotHeld
			}
			return reports.StepHeld
		})
		switch found := s.floor(); {
		case s.ended != "" || s.vague():
			told++
		case found < holds*.95 || found > holds:
			wrong++
		}
	}
	t.Logf("of %d searches %d are wrong, %d say that they cannot tell; %d steps each", searches, wrong, told, steps/searches)
	if wrong > searches/50 || told > searches/20 {
		t.Errorf("of %d searches %d are wrong and %d cannot tell", searches, wrong, told)
	}
}

// A target of which nobody can say what it holds is none that holds something.
func TestASearchOfATargetThatChangesSaysSo(t *testing.T) {
	for seed := range uint64(50) {
		chance := rand.New(rand.NewPCG(seed, 2))
		s := search{bracket: bracket{start: 100, lowest: 2, most: MostRate, precision: .05}, whys: map[float64]string{}}
		n := 0
		s.seek(func(rate float64, _ bool) reports.StepOutcome {
			if n++; n > 200 {
				t.Fatal("it does not end")
			}
			if rate > 4000 || rate > 1000 && chance.Float64() < .5 {
				return reports.StepNotHeld
			}
			return reports.StepHeld
		})
		if found := s.floor(); s.ended == "" && !s.vague() && (found < 900 || found > 4000) {
			t.Errorf("it finds %v/s and is sure of it", found)
		}
	}
}

func TestNeatRates(t *testing.T) {
	for rate, wanted := range map[float64]float64{282.84: 283, 28.284: 28.3, 2.8284: 2.83, .28284: .283, 28284: 28300, 100: 100, 99.96: 100, 199_960: 200_000} {
		if got := neat(rate); got != wanted {
			t.Errorf("%v becomes %v, not %v", rate, got, wanted)
		}
	}
}

// Beside other work many of the steps at rates close to the limit go wrong, and none that was held was held by chance: a
// search says that it cannot tell, or names two rates of which the limit lies between.
func TestASearchBesideOtherWorkKnowsThatItCannotTell(t *testing.T) {
	const holds = 3000
	wrong, told := 0, 0
	const searches = 1000
	for seed := range uint64(searches) {
		chance := rand.New(rand.NewPCG(seed, 3))
		s := search{bracket: bracket{start: 1500, lowest: 2, most: MostRate, precision: .05}, whys: map[float64]string{}}
		s.seek(func(rate float64, _ bool) reports.StepOutcome {
			if rate > holds || rate > holds*.85 && chance.Float64() < .4 || chance.Float64() < .1 {
				return reports.StepNotHeld
			}
			return reports.StepHeld
		})
		switch low, high := s.doubted(); {
		case s.ended != "" || s.vague():
			told++
		case low > holds || high < holds:
			wrong++
		}
	}
	t.Logf("of %d searches %d are wrong, %d say that they cannot tell", searches, wrong, told)
	if wrong > searches/10 {
		t.Errorf("of %d searches %d are wrong", searches, wrong)
	}
}
