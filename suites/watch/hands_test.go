package watch

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/front"
	"gonogo/internal/lineage"
	"gonogo/internal/operation"
	"gonogo/specs"
)

// calls are uses of a token, each of so many milliseconds from one moment to another after a start.
func calls(start time.Time, t *lineage.Token, status int, spans ...[2]int) (all []*lineage.Event) {
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	for i, span := range spans {
		all = append(all, &lineage.Event{
			Exchange: &front.Exchange{From: fmt.Sprint(i), Situation: "odd-answers", Arrived: at(span[0]), At: at(span[0]), Done: at(span[1]), Received: true, Request: front.Request{Method: "GET", URL: &url.URL{Path: "/"}}, Answer: &front.Answer{Status: status}},
			Seen:     &operation.Seen{Shown: []operation.Shown{{Value: "x"}}},
			Shown:    []*lineage.Token{t},
		})
	}
	return all
}

// TestWorkersWithARefusedTokenInHand send it when they get to it, each once, on a slow machine long after it was refused to another. A client that
// does one thing at a time has nothing in hand.
func TestWorkersWithARefusedTokenInHand(t *testing.T) {
	start := time.Now()
	refused := [][2]int{{1000, 1010}, {1100, 1110}, {1900, 1910}, {2800, 2810}, {3700, 3710}}
	for name, c := range map[string]struct {
		before  [][2]int // calls that were answered well
		accused bool
		one     bool // over one connection
		burst   int  // which of them is the first one made while it is to be busy; 0: none
	}{
		"one at a time": {[][2]int{{0, 10}, {20, 30}, {40, 50}, {60, 70}, {80, 90}, {100, 110}}, true, false, 0},
		"five workers":  {[][2]int{{0, 50}, {10, 60}, {20, 70}, {30, 80}, {40, 90}, {100, 110}}, false, false, 0},
		"one at a time, whose ends are noted late": {[][2]int{{0, 50}, {10, 60}, {20, 70}, {30, 80}, {40, 90}, {100, 110}}, true, true, 0},
		"one at a time, until it is made busy":     {[][2]int{{0, 5}, {10, 50}, {11, 60}, {12, 70}, {13, 80}, {14, 90}}, true, false, 1},
	} {
		token := &lineage.Token{Kind: client.Access}
		given := calls(start.Add(-time.Second), nil, 200, [2]int{0, 1})[0]
		given.Deed, given.Seen, given.Shown, given.Gave = "skewed", &operation.Seen{}, nil, []*lineage.Token{token}
		again := calls(start, token, 401, refused...)
		token.Refused = again[0]
		before := calls(start, token, 200, c.before...)
		if c.burst > 0 {
			before[c.burst].Situation = "busy-at-end" // and the others come after it is said to be over
		}
		for _, e := range before {
			if c.one {
				e.From = "the same"
			}
		}
		s := &stage{events: append(append([]*lineage.Event{given}, before...), again...)}
		seen := &sight{}
		moment(nil, specs.Flow{})[1].judge(s, seen)
		if seen.seen == 0 || len(seen.found) > 0 != c.accused {
			t.Errorf("%s: it is accused of %v", name, seen.found)
		}
	}
}

// TestACallDecidedBeforeTheClockWasMoved is none after the end of its token, however late it comes: its client was told no other time. One that was
// told, and sends it all the same, knew.
func TestACallDecidedBeforeTheClockWasMoved(t *testing.T) {
	start := time.Now()
	token := &lineage.Token{Kind: client.Access}
	late := calls(start, token, 401, [2]int{3000, 3010})[0]
	for name, c := range map[string]struct {
		asked []int // when the client asked for the time, in milliseconds
		hands int
		known bool
	}{
		"asked before":              {[]int{-50}, 1, false},
		"asked after":               {[]int{-50, 2900}, 1, true},
		"one of two, and not other": {[]int{-50, 2900}, 2, false},
		"asks nobody":               {nil, 1, true},
	} {
		s := &stage{heard: newHeard(), steps: []step{{from: start.Add(-20 * time.Millisecond), at: start, by: time.Hour}}}
		for _, ms := range c.asked {
			s.heard.looked = start.Add(time.Duration(ms) * time.Millisecond)
			s.heard.asks = append(s.heard.asks, s.heard.looked)
		}
		if s.justStepped(late, c.hands) == c.known {
			t.Errorf("%s: whether it knew is wrong", name)
		}
	}
}

// TestAShortLifeThatWasHardlySeen is said to be so: a client that calls once shows nothing of how it renews.
func TestAShortLifeThatWasHardlySeen(t *testing.T) {
	start := time.Now()
	for uses, exercised := range map[int]bool{1: false, 2: true} {
		token := &lineage.Token{Kind: client.Access}
		given := calls(start, nil, 200, [2]int{0, 1})[0]
		given.Deed, given.Shown, given.Gave = "short", nil, []*lineage.Token{token}
		token.Given = given
		events := append([]*lineage.Event{given}, calls(start, token, 200, [][2]int{{10, 20}, {30, 40}}[:uses]...)...)
		for _, e := range events {
			e.Situation = "short-life"
		}
		s := &stage{events: events, book: lineage.NewBook(&specs.Dialect{}, nil)}
		seen := &sight{}
		if shortLife(s, seen); seen.seen > 0 != exercised || seen.missing == "" {
			t.Errorf("after %d calls: seen %d times, %q", uses, seen.seen, seen.missing)
		}
	}
}
