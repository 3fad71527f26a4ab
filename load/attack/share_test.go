package attack_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gonogo/load/attack"
)

// What generators share is the schedule of one, to the nanosecond: each of its requests is one generator's.
func TestSharesAreTheScheduleOfOne(t *testing.T) {
	const length = 3 * time.Second
	climb := func(n float64) (time.Duration, bool) { return attack.Moment(n * n / 90_000), n < 800 } // and then no more
	chance := func(n uint64) float64 { return float64(n%7) / 3 }
	for name, pace := range map[string]attack.Pace{
		"even": attack.Constant(331), "slow": attack.Constant(.7), "ramp": {Begin: 50, Due: climb}, "by chance": {Begin: 200, Due: attack.Constant(200).Due, Gap: chance},
	} {
		for _, warmUp := range []time.Duration{0, 700 * time.Millisecond} {
			whole := slices.Collect(pace.Moments(warmUp, length))
			if len(whole) < 3 {
				t.Fatalf("%s has %d requests", name, len(whole))
			}
			for _, turns := range []uint64{1, 2, 3, 4, 7, 64} {
				t.Run(fmt.Sprint(name, warmUp, turns), func(t *testing.T) {
					var union []time.Duration
					for turn := range turns {
						part := pace
						part.Turn, part.Turns = turn, turns
						own := slices.Collect(part.Moments(warmUp, length))
						if most := len(whole)/int(turns) + 2; len(own) > most {
							t.Errorf("generator %d has %d of %d requests", turn+1, len(own), len(whole))
						}
						union = append(union, own...)
					}
					slices.Sort(union)
					if !slices.Equal(union, whole) {
						t.Errorf("%d requests of all generators are not the %d of one at the same moments", len(union), len(whole))
					}
				})
			}
		}
	}
}
