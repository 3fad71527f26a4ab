package watch

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"gonogo/internal/front"
	"gonogo/internal/lineage"
)

// arrivesOver is an exchange over a connection, of which those hear who wait.
func (s *stage) arrivesOver(line string) {
	s.heard.of(line)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := &lineage.Event{Exchange: &front.Exchange{From: line, Arrived: time.Now(), Done: time.Now()}}
	for w := range s.waiters {
		if w.want(e) {
			delete(s.waiters, w)
			w.found <- e
		}
	}
}

// TestWhatWasUnderWayHasArrived when each connection that was in use came back twice. Where one does not, as of a client that makes a new one
// each time, that is as long as a request may be on its way.
func TestWhatWasUnderWayHasArrived(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string // over which something comes each 100 ms
		want  time.Duration
	}{
		{"nobody", nil, onTheWay},
		{"one", []string{"a"}, 200 * time.Millisecond},
		{"two", []string{"a", "b", "b"}, 200 * time.Millisecond},
		{"one that is silent", []string{"a", "a"}, onTheWay},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &stage{heard: newHeard(), waiters: map[*waiter]bool{}}
				for _, line := range c.lines {
					s.heard.of(line)
				}
				if c.name == "one that is silent" {
					s.heard.of("b")
				}
				ctx, cancel := context.WithCancel(t.Context())
				go func() {
					for ctx.Err() == nil {
						time.Sleep(100 * time.Millisecond)
						for _, line := range c.lines {
							s.arrivesOver(line)
						}
					}
				}()
				since := time.Now()
				s.turned(ctx, since)
				took := time.Since(since)
				cancel()
				time.Sleep(time.Second) // nothing comes any more
				if took != c.want {
					t.Errorf("it takes %s, want %s", took, c.want)
				}
			})
		})
	}
}

// TestAClientThatPauses asks for the time for a while, and sends nothing.
func TestAClientThatPauses(t *testing.T) {
	for _, c := range []struct {
		name  string
		asks  int // of the time, each 200 ms
		calls bool
		want  bool
	}{
		{"it waits", 7, false, true},
		{"it begins to", 5, false, false},
		{"it calls meanwhile", 20, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHeard()
				ctx, cancel := h.untilPause(t.Context())
				defer cancel()
				for i := range c.asks {
					h.ask()
					if c.calls && i%4 == 3 {
						h.of("a")
					}
					time.Sleep(200 * time.Millisecond)
				}
				synctest.Wait()
				if got := ctx.Err() != nil; got != c.want {
					t.Errorf("it pauses: %t", got)
				}
				if h.of("a"); c.want {
					again, cancel := h.untilPause(t.Context())
					defer cancel()
					if again.Err() != nil {
						t.Error("it pauses, although it calls again")
					}
				}
			})
		})
	}
}

// TestConnectionsAreForgotten, so that a client that makes one for each call is heard of as long as it likes.
func TestConnectionsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHeard()
		for i := range 10_000 {
			h.of(fmt.Sprint(i))
			time.Sleep(10 * time.Millisecond)
		}
		if most := 2*int(onTheWay/(10*time.Millisecond)) + fewLines; len(h.lines) > most {
			t.Errorf("%d are remembered, of which no more than 100 were in use", len(h.lines))
		}
		if n := len(h.recent(time.Now().Add(-onTheWay))); n != 99 {
			t.Errorf("%d were in use", n)
		}
	})
}

// TestAClientHearsOfASituation is waited for, if it follows them.
func TestAClientHearsOfASituation(t *testing.T) {
	h := newHeard()
	if h.follows() || h.hears(t.Context(), "busy-at-end", time.Minute) {
		t.Error("who never asked hears")
	}
	h.follow("calls")
	if !h.follows() || h.hears(t.Context(), "busy-at-end", time.Millisecond) {
		t.Error("what was told before is taken for what is on")
	}
	heard := make(chan bool)
	go func() { heard <- h.hears(t.Context(), "busy-at-end", time.Minute) }()
	h.follow("ended-thrice")
	h.follow("busy-at-end")
	if !<-heard {
		t.Error("who was told is not known to be")
	}
}
