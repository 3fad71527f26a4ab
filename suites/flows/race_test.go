package flows

import (
	"strings"
	"testing"
	"time"

	"gonogo/internal/exchange"
)

func TestAWideRaceIsCalledWeak(t *testing.T) {
	close, wide := 300*time.Microsecond, 12*time.Millisecond
	for _, c := range []struct {
		name   string
		rounds []exchange.Release
		want   string // in what is said; empty: nothing is
	}{
		{"close", []exchange.Release{{Requests: 16, Held: 16, Spread: close}}, ""},
		{"one round is", []exchange.Release{{Requests: 16, Held: 16, Spread: wide}, {Requests: 16, Held: 16, Spread: close}, {Requests: 16, Held: 2}}, ""},
		{"wide", []exchange.Release{{Requests: 16, Held: 16, Spread: 2 * wide}, {Requests: 16, Held: 16, Spread: wide}}, "in none of 2 rounds did its 16 requests leave within 1ms, the closest took 12ms"},
		{"not held back", []exchange.Release{{Requests: 16, Held: 9, Spread: close}}, "of 16 requests at once only 9 could be held back"},
		{"one at a time", []exchange.Release{{Requests: 1, Held: 1}}, "limits.burst lets one request leave at once"},
		{"a proxy", []exchange.Release{{Requests: 16, Held: 16, Spread: close, Proxied: true}}, "within 300µs, for a proxy, and when it passes them on cannot be seen"},
	} {
		var rounds []*exchange.Release
		for i := range c.rounds {
			rounds = append(rounds, &c.rounds[i])
		}
		if got := weakness(rounds); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
