package flows

import (
	"net/http"
	"testing"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/exchange"
	"gonogo/internal/operation"
	"gonogo/specs"
)

func TestAFindingSaysWhatAMomentWasComparedWith(t *testing.T) {
	t.Parallel()
	received := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		date   string
		ahead  time.Duration
		stands bool
		unit   specs.Unit
		want   string
	}{
		"a Date":             {"Sun, 22 Nov 2026 07:00:00 GMT", 0, false, specs.RFC3339, ", which is 4h0m0s after 2026-11-22T07:00:00Z, by the answer's Date"},
		"no Date":            {"", 0, false, specs.RFC3339, ", which is 1h0m0s after 2026-11-22T10:00:00Z, by the clock here, as there is no Date"},
		"a clock moved":      {"", 3 * time.Hour, false, specs.RFC3339, ", which is 2h0m0s before 2026-11-22T13:00:00Z, by the clock here, as there is no Date"},
		"a Date that moves":  {"Sun, 22 Nov 2026 12:58:00 GMT", 3 * time.Hour, false, specs.RFC3339, ", which is 1h58m0s before 2026-11-22T12:58:00Z, by the answer's Date"},
		"a Date that stands": {"Sun, 22 Nov 2026 10:02:00 GMT", 3 * time.Hour, true, specs.RFC3339, ", which is 2h2m0s before 2026-11-22T13:02:00Z, by the answer's Date and the steps of the clock control, which it does not follow"},
		"a number of time":   {"", 0, false, specs.Minutes, ""},
	} {
		x := &exchange.Exchange{Header: http.Header{}, Received: received}
		if c.date != "" {
			x.Header.Set("Date", c.date)
		}
		reply := &client.Reply{Answer: &operation.Answer{Exchange: x, Ahead: c.ahead, DateStands: c.stands}}
		remaining, _, _ := reply.Remaining("2026-11-22T11:00:00Z", specs.RFC3339)
		if got := comparedWith(reply, c.unit, remaining); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestLooksAtALiveTokenLeaveAWholeSecond: a server that counts in whole seconds may end a token nearly a second early, so
// that the look at a live one comes well before that.
func TestLooksAtALiveTokenLeaveAWholeSecond(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for life, want := range map[time.Duration][2]time.Duration{ // how long before its end it is looked at, and how long before it may have ended
		2 * time.Second:  {time.Second, 500 * time.Millisecond},
		4 * time.Second:  {2 * time.Second, time.Second},
		8 * time.Second:  {2 * time.Second, time.Second},
		20 * time.Second: {2 * time.Second, time.Second},
		30 * time.Second: {3 * time.Second, time.Second},
		time.Hour:        {3 * time.Second, time.Second},
	} {
		token := client.Token{Sent: sent, Lifetime: life}
		end := sent.Add(life)
		if got := [2]time.Duration{end.Sub(aliveAt(token)), end.Sub(mayEndAt(token))}; got != want {
			t.Errorf("%s: got %v, want %v", life, got, want)
		}
	}
}
