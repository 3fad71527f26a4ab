package watch

import (
	"context"
	"sync"
	"time"

	"gonogo/internal/lineage"
)

// heard is what the watch hears of the client beside what its requests say: that it is there, over which connections, and what it asks the
// control listener.
type heard struct {
	mu      sync.Mutex
	lines   map[string]time.Time // when something came or went over a connection the last time, by the client's end of it
	many    int                  // from how many connections on those that are silent are forgotten
	asked   bool                 // the client asked for the time
	told    string               // which situation is on, the last time that it asked; empty: it never did
	tells   chan struct{}        // is closed when it does
	looked  time.Time            // when it asked for the time the last time
	asks    []time.Time          // when it did, the first times after each move of the clock
	enough  int                  // how many of them are kept until the next one
	look    chan struct{}        // is closed when it does
	idle    time.Time            // since when it has done nothing else; zero: it has
	looks   int                  // how often meanwhile
	pausing chan struct{}        // is closed when it is found to pause
	pauses  bool                 // it is
}

// fewLines is how many connections are remembered however long they are silent.
const fewLines = 64

func newHeard() *heard {
	return &heard{lines: map[string]time.Time{}, many: fewLines, look: make(chan struct{}), tells: make(chan struct{}), pausing: make(chan struct{})}
}

// of takes note of a request, or of its answer.
func (h *heard) of(from string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	h.idle, h.looks = time.Time{}, 0
	if h.pauses {
		h.pauses, h.pausing = false, make(chan struct{})
	}
	h.lines[from] = now
	if len(h.lines) < h.many {
		return
	}
	for line, last := range h.lines {
		if now.Sub(last) > onTheWay {
			delete(h.lines, line)
		}
	}
	h.many = max(fewLines, 2*len(h.lines))
}

// recent are the connections over which something came or went since a moment.
func (h *heard) recent(since time.Time) map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	lines := map[string]int{}
	for line, last := range h.lines {
		if last.After(since) {
			lines[line] = 0
		}
	}
	return lines
}

// enoughLooks is how often a client asks for the time, while it does nothing else, that waits for it to pass.
const enoughLooks = 3

// ask takes note of a client that asks for the time.
func (h *heard) ask() {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	h.asked, h.looked = true, now
	if len(h.asks) < h.enough {
		h.asks = append(h.asks, now)
	}
	close(h.look)
	h.look = make(chan struct{})
	if h.looks++; h.idle.IsZero() {
		h.idle = now
	}
	if !h.pauses && h.looks >= enoughLooks && now.Sub(h.idle) >= onTheWay {
		h.pauses = true
		close(h.pausing)
	}
}

// fewAsks is how many questions for the time are remembered after a move of the clock.
const fewAsks = 128

// moved takes note that another time is told from now on.
func (h *heard) moved() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.enough = len(h.asks) + fewAsks
}

// looksBetween is how often the client was told the time between two moments, the first of which is a move of the clock.
func (h *heard) looksBetween(from, to time.Time) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, at := range h.asks {
		if at.After(from) && at.Before(to) {
			n++
		}
	}
	return n
}

// questions reports whether the client has asked for the time by itself.
func (h *heard) questions() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.looked.IsZero()
}

// untilPause is a context that ends when the client is found to pause: for as long as a request may be on its way it has done nothing but ask
// for the time, so it waits for that to pass.
func (h *heard) untilPause(ctx context.Context) (context.Context, context.CancelFunc) {
	h.mu.Lock()
	found := h.pausing
	h.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-found:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// looksAt waits until the client has asked for the time after a moment, and reports whether it did.
func (h *heard) looksAt(ctx context.Context, since time.Time, within time.Duration) bool {
	return h.until(ctx, within, func() (bool, <-chan struct{}) { return h.looked.After(since), h.look })
}

// until waits until something is so, and reports whether it was. h.mu is held while it is looked at; next is closed when it may have changed.
func (h *heard) until(ctx context.Context, within time.Duration, is func() (so bool, next <-chan struct{})) bool {
	timer := time.NewTimer(within)
	defer timer.Stop()
	for {
		h.mu.Lock()
		so, next := is()
		h.mu.Unlock()
		if so {
			return true
		}
		select {
		case <-next:
		case <-timer.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// follow takes note of a client that asked which situation is on, and was told.
func (h *heard) follow(situation string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = situation
	close(h.tells)
	h.tells = make(chan struct{})
}

// follows reports whether the client asks for situations.
func (h *heard) follows() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.told != ""
}

// hears waits until a client that follows situations was told which one is on.
func (h *heard) hears(ctx context.Context, situation string, within time.Duration) bool {
	return h.follows() && h.until(ctx, within, func() (bool, <-chan struct{}) { return h.told == situation, h.tells })
}

// asksTime reports whether the client knows the API's time.
func (h *heard) asksTime() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asked
}

// settle gives the client the time of some calls, after those that were under way before.
func (s *stage) settle(ctx context.Context, c *scene) {
	since := time.Now()
	s.turned(ctx, since)
	s.timesSince(ctx, since, 3, min(shortly, c.Patience), isUse)
}

// turned waits until what was under way at a moment has arrived: the client decides upon a second request over a connection when it has the
// answer to the first. Where a connection does not come back twice, that is as long as a request may be on its way.
func (s *stage) turned(ctx context.Context, since time.Time) {
	const twice = 2
	lines := s.heard.recent(since.Add(-onTheWay))
	if len(lines) == 0 {
		pass(ctx, onTheWay)
		return
	}
	s.await(ctx, onTheWay, func(e *lineage.Event) bool {
		if n, open := lines[e.From]; open && e.Arrived.After(since) {
			if lines[e.From] = n + 1; n+1 >= twice {
				delete(lines, e.From)
			}
		}
		return len(lines) == 0
	})
}
