package app

import (
	"cmp"
	"fmt"
	"io"
	"sync"
	"time"

	"gonogo/reports/words"
)

// When it is said how a run stands: first before anybody wonders, then as often as the place it is said in can bear. A
// run that is over by then says nothing.
const (
	statusFirst = 1500 * time.Millisecond
	statusOver  = time.Second      // in a line that is written over
	statusLines = 10 * time.Second // in a log
)

// status says on standard error how a run stands, in one line: what is done of what is planned, what went wrong, and
// what is waited for. On a terminal the line is written over; elsewhere each is a line of its own.
type status struct {
	w     io.Writer
	over  bool
	width func() int // of the terminal, as it is now
	since time.Time
	say   func(now time.Time) string

	mu    sync.Mutex
	shown bool // a line stands in the terminal that is to be written over
	done  chan struct{}
	gone  chan struct{}
}

// tell begins to say how a run stands, unless it is to be quiet. Whoever began it ends it. say is asked from a goroutine
// of its own.
func (a *App) tell(quiet bool, say func(now time.Time) string) *status {
	s := &status{
		w: a.stderr, over: a.obeys(a.stderr), width: func() int { return a.width(a.stderr) }, since: a.now(), say: say,
		done: make(chan struct{}), gone: make(chan struct{}),
	}
	if quiet {
		close(s.gone)
		return s
	}
	a.stdout.makeRoom(s.erase)
	every := statusLines
	if s.over {
		every = statusOver
	}
	go func() {
		defer close(s.gone)
		for pause := statusFirst; ; pause = every {
			select {
			case now := <-a.after(pause):
				s.show(now)
			case <-s.done:
				return
			}
		}
	}()
	return s
}

// show writes a line.
func (s *status) show(now time.Time) {
	text := words.Plain(fmt.Sprintf("%s: %s", whole(now.Sub(s.since)), s.say(now)))
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.over {
		_, _ = fmt.Fprintln(s.w, text)
		return
	}
	// The last column is left free: some terminals begin the next line when it is filled.
	_, _ = fmt.Fprint(s.w, "\r\x1b[K"+words.Short(text, max(cmp.Or(s.width(), unknownWidth)-1, 1)))
	s.shown = true
}

// erase leaves the terminal to what follows.
func (s *status) erase() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shown {
		_, _ = fmt.Fprint(s.w, "\r\x1b[K")
		s.shown = false
	}
}

// end says no more. It may be called twice, not at the same time.
func (s *status) end() {
	select {
	case <-s.done:
	default:
		close(s.done)
	}
	<-s.gone
	s.erase()
}

// whole is a duration as one looks at it while it passes: whole seconds.
func whole(d time.Duration) string { return max(d, 0).Round(time.Second).String() }

// till says when something is over, and in how long.
func till(now, until time.Time) string {
	return fmt.Sprintf("until %s (%s)", until.Local().Format(time.TimeOnly), whole(until.Sub(now)))
}
