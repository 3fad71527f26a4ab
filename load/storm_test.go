package load

import (
	"testing"
	"time"
)

// Tokens that end by themselves are no storm, and no target's fault.
func TestAStormIsShorterThanTokensLive(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		life, filling, warmUp, duration time.Duration
		want                            string
	}{
		{time.Hour, s, 0, 10 * s, ""},
		{30 * s, s, 0, 50 * s, ""},
		{30 * s, s, 0, 53 * s, "an access token lives for 30s, and would end by itself before everybody's does; ask for a --duration under 52s"},
		{30 * s, s, 10 * s, 50 * s, "an access token lives for 30s, and would end by itself before everybody's does; ask for a --duration under 32s"},
		{5 * s, 1700 * time.Millisecond, 0, 14 * s, "an access token lives for 5s, which is too short for a storm: it would end by itself before everybody's does"},
		{time.Hour, s, 0, 3 * time.Hour, "an access token lives for 1h0m0s, and would end by itself before everybody's does; ask for a --duration under 1h59m52s"},
	} {
		if got := shortLived(c.life, c.filling, c.warmUp, c.duration); got != c.want {
			t.Errorf("%s to live, %s of filling, %s of warm-up, %s: %q; wanted %q", c.life, c.filling, c.warmUp, c.duration, got, c.want)
		}
	}
}
