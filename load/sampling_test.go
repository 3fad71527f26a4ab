package load

import (
	"testing"
	"time"
)

// Whatever is wrong with every second, fourth or n-th answer must be met sooner or later, wherever it begins.
func TestTurnsAreInStepWithNothing(t *testing.T) {
	for _, period := range []uint64{2, 3, 4, 8, 16, 32, 64, 100, 128} {
		for phase := range period {
			for seed := range int64(3) {
				var all sampling
				all.sow(seed)
				met, chosen := 0, 0
				for turn := range 32 * 40 * period {
					if all.issued.one(32) {
						chosen++
						if turn%period == phase {
							met++
						}
					}
				}
				if blocks := int(40 * period); chosen < blocks || chosen > blocks+1 {
					t.Fatalf("seed %d: %d of %d blocks have a turn", seed, chosen, blocks)
				}
				if met < 10 || met > 100 { // 40 is what chance gives
					t.Errorf("seed %d: what is wrong with each %d-th answer from the %d-th on is met %d times", seed, period, phase, met)
				}
			}
		}
	}
}

func TestTheFirstTurnIsChosen(t *testing.T) {
	for seed := range int64(100) {
		var all sampling
		all.sow(seed)
		if !all.read[0].due(time.Unix(1, 0)) || !all.renewed.one(checkEvery) {
			t.Fatalf("seed %d: it is not", seed)
		}
	}
}

// Up to 100 a second every answer is read; of more so many, of which none are in step with each second or fourth.
func TestEveryAnswerIsReadAtALowRate(t *testing.T) {
	for rate, most := range map[int]int{10: 600, 100: 6000, 1000: 7600, 10_000: 7600} {
		for seed := range int64(3) {
			var all sampling
			all.sow(seed)
			read, phases := 0, [4]int{}
			for i := range 60 * rate {
				if all.read[0].due(time.Unix(1, int64(i)*int64(time.Second)/int64(rate))) {
					read++
					phases[i%4]++
				}
			}
			if read > most || read < min(60*rate, 7300) {
				t.Errorf("seed %d: of %d answers at %d/s %d are read", seed, 60*rate, rate, read)
			}
			for phase, n := range phases {
				if n < read/5 {
					t.Errorf("seed %d: at %d/s the fourth that begins with %d has %d of %d", seed, rate, phase, n, read)
				}
			}
		}
	}
}

func TestTurnsDifferBySeedAndByWhatTheyAreFor(t *testing.T) {
	draw := func(seed int64, of func(*sampling) *turns) (chosen [640]bool) {
		var all sampling
		all.sow(seed)
		for i := range chosen {
			chosen[i] = of(&all).one(32)
		}
		return chosen
	}
	issued := func(all *sampling) *turns { return &all.issued }
	once, again := draw(1, issued), draw(1, issued)
	if once != again {
		t.Error("a seed does not decide them")
	}
	if once == draw(2, issued) || once == draw(1, func(all *sampling) *turns { return &all.renewed }) {
		t.Error("they are all the same")
	}
}
