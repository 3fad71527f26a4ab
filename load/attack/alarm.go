package attack

import (
	"iter"
	"slices"
	"sync"
	"time"
)

// leastAlarm is the least between two alarms. It bounds what they cost to 10,000 a second, 3 % of a core; at such rates a
// process hardly sleeps anyway.
const leastAlarm = 100 * time.Microsecond

// alarm wakes the process when a request is due. Go's runtime sleeps in epoll_wait, which counts milliseconds, so an
// idle process wakes up to a millisecond late, and that is measured; a timer among what it waits for makes it look at its
// timers on time. One is enough for all connections, because they take their moments in order.
//
// At 1,000/s and at 5,000/s over 16 connections, on two busy cores, the median request leaves 0.06 ms late with it and
// 0.57 ms without.
func alarm(start time.Time, moments iter.Seq[time.Duration]) (stop func()) {
	t := newTimer()
	if t == nil {
		return func() {}
	}
	var gone sync.WaitGroup
	gone.Go(func() {
		for due := range moments {
			if rest := due - time.Since(start); rest >= leastAlarm && !t.wait(rest) {
				return
			}
		}
	})
	return func() {
		t.close()
		gone.Wait()
	}
}

// waker is an alarm for moments that are not known beforehand: each connection tells it the one that it waits for.
type waker struct {
	start  time.Time
	timer  *timer // nil: there is none
	mu     sync.Mutex
	waited []time.Duration // in order
	gone   sync.WaitGroup
}

func newWaker(start time.Time) *waker {
	w := &waker{start: start, timer: newTimer()}
	if w.timer != nil {
		w.gone.Go(func() {
			for w.timer.came() {
				w.mu.Lock()
				n, _ := slices.BinarySearch(w.waited, time.Since(start))
				w.waited = slices.Delete(w.waited, 0, n)
				w.set()
				w.mu.Unlock()
			}
		})
	}
	return w
}

// at has the process awake at a moment.
func (w *waker) at(moment time.Duration) {
	if w.timer == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	i, _ := slices.BinarySearch(w.waited, moment)
	w.waited = slices.Insert(w.waited, i, moment)
	if i == 0 {
		w.set()
	}
}

// set has the timer end at the earliest moment. The lock is held.
func (w *waker) set() {
	if len(w.waited) > 0 {
		w.timer.set(max(w.waited[0]-time.Since(w.start), leastAlarm))
	}
}

func (w *waker) stop() {
	if w.timer != nil {
		w.timer.close()
		w.gone.Wait()
	}
}
