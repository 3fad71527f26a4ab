package flows

import (
	"net/http"
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

func TestTheWinnersOfARaceAreToldApart(t *testing.T) {
	t.Parallel()
	sent := time.Now() // of both
	winner := func(trace string) *exchange.Exchange {
		x := &exchange.Exchange{Sent: sent, RequestHeader: http.Header{}}
		if trace != "" {
			x.RequestHeader.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-"+trace+"-01")
		}
		return x
	}
	const first, second = "00f067aa0ba902b7", "00f067aa0ba902b8"
	for _, c := range []struct{ one, other, want string }{
		{first, second, "span " + first + " and span " + second},
		{first, "", "exchange 3 and exchange 7 of the case"},
		{"", "", "exchange 3 and exchange 7 of the case"},
	} {
		one, other := winner(c.one), winner(c.other)
		if got := both(one, other, func(x *exchange.Exchange) int { return map[*exchange.Exchange]int{one: 3, other: 7}[x] }); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
