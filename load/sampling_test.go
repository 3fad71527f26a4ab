package load

import "testing"

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
		if !all.read[0].turns.one(readEvery) || !all.renewed.one(checkEvery) {
			t.Fatalf("seed %d: it is not", seed)
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
