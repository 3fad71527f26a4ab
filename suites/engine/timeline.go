package engine

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// timeline is the target's clock as cases see it: an offset on real time. Cases wait on it; who waits is
// woken at its due time, whether the clock was stepped or the time has really passed.
type timeline struct {
	advance func(ctx context.Context, by time.Duration) error // nil: the target's clock cannot be moved
	unit    time.Duration                                     // what it can be moved by
	maxWait time.Duration
	slots   chan struct{} // a token for each case that may be at work at once
	waits   *waits        // is told of every real wait

	mu      sync.Mutex
	offset  time.Duration
	moves   []move
	broken  error // the clock could not be moved once: nobody knows how it stands
	active  int   // cases of the timeline phase that are at work, or about to be
	waiting []*waiter
	changed chan struct{}
	waited  time.Duration // the longest that a case waited for real
}

// move is a step of the clock: from when on it is ahead, and by how much then.
type move struct {
	from   time.Time
	offset time.Duration
}

type waiter struct {
	due  time.Time
	wake chan error
}

func newTimeline(maxWait time.Duration, slots chan struct{}) *timeline {
	return &timeline{unit: time.Millisecond, maxWait: maxWait, slots: slots, changed: make(chan struct{})}
}

func (tl *timeline) now() time.Time {
	tl.mu.Lock()
	defer tl.mu.Unlock()
	return time.Now().Add(tl.offset)
}

// at is the target's time at a moment of the run.
func (tl *timeline) at(moment time.Time) time.Time {
	tl.mu.Lock()
	defer tl.mu.Unlock()
	ahead := time.Duration(0)
	for _, m := range tl.moves {
		if !m.from.After(moment) {
			ahead = m.offset
		}
	}
	return moment.Add(ahead)
}

func (tl *timeline) longest() time.Duration {
	tl.mu.Lock()
	defer tl.mu.Unlock()
	return tl.waited
}

// wait blocks a case, by its id, until the target's clock shows due. It gives the case's slot back meanwhile. spent is
// what the case has waited for real so far.
func (tl *timeline) wait(ctx context.Context, id string, due time.Time, spent *time.Duration) error {
	tl.mu.Lock()
	broken := tl.broken
	tl.mu.Unlock()
	if broken != nil {
		return broken
	}
	if !tl.now().Before(due) {
		return ctx.Err()
	}
	tl.slots <- struct{}{}
	defer func() { <-tl.slots }()
	if tl.advance == nil {
		return tl.sleep(ctx, id, due, spent)
	}
	w := &waiter{due: due, wake: make(chan error, 1)}
	tl.mu.Lock()
	tl.waiting = append(tl.waiting, w)
	tl.active--
	tl.signal()
	tl.mu.Unlock()
	select {
	case err := <-w.wake:
		return err
	case <-ctx.Done():
		tl.mu.Lock()
		defer tl.mu.Unlock()
		if tl.remove(w) {
			tl.active++ // it goes on to its end, and leaves there
		}
		return ctx.Err()
	}
}

// sleep waits for real, within the user's patience, which is for all waits of a case together.
func (tl *timeline) sleep(ctx context.Context, id string, due time.Time, spent *time.Duration) error {
	left := time.Until(due)
	if whole := *spent + left; whole > tl.maxWait {
		// rounded up: a wait of 45.01 s is not one of 45 s
		whole = (whole + time.Second - 1).Truncate(time.Second)
		return NotExercised("it takes a wait of %s; limits.max_wait is %s and the target has no clock control", whole, tl.maxWait)
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	defer tl.waits.add(id, due)()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	*spent += left
	tl.mu.Lock()
	defer tl.mu.Unlock()
	tl.waited = max(tl.waited, *spent)
	return nil
}

// enter counts a case of the timeline phase as at work; leave ends that.
func (tl *timeline) enter() {
	tl.mu.Lock()
	defer tl.mu.Unlock()
	tl.active++
}

func (tl *timeline) leave() {
	tl.mu.Lock()
	defer tl.mu.Unlock()
	tl.active--
	tl.signal()
}

func (tl *timeline) signal() {
	close(tl.changed)
	tl.changed = make(chan struct{})
}

func (tl *timeline) remove(w *waiter) bool {
	for i, other := range tl.waiting {
		if other == w {
			tl.waiting = append(tl.waiting[:i], tl.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// drive steps the clock from due time to due time. It steps only while every case waits, so that nobody's
// specimen ages under its hands, and returns when no case is left: begin starts what can be started, and says
// whether that is all. A case that ends while begin looks may have held what another claims, so whatever has
// changed since before begin is a reason to begin again, never to step and never to give up.
func (tl *timeline) drive(ctx context.Context, begin func() (allBegun bool)) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		tl.mu.Lock()
		changed := tl.changed
		tl.mu.Unlock()
		allBegun := begin()
		tl.mu.Lock()
		busy := tl.active > 0 || tl.changed != changed
		next := tl.earliest()
		tl.mu.Unlock()
		switch {
		case busy:
			select {
			case <-changed:
			case <-ctx.Done():
				return ctx.Err()
			}
		case next != nil:
			if err := tl.step(ctx, next); err != nil {
				return err
			}
		case allBegun:
			return nil
		default:
			return fmt.Errorf("the timeline is stuck: cases claim what nobody holds")
		}
	}
}

func (tl *timeline) earliest() *waiter {
	var first *waiter
	for _, w := range tl.waiting {
		if first == nil || w.due.Before(first.due) {
			first = w
		}
	}
	return first
}

// step moves the clock to a waiter's due time and wakes it and all that are due by then. A clock that cannot
// be moved wakes everybody: it may have moved all the same, and only the answer was lost.
func (tl *timeline) step(ctx context.Context, next *waiter) error {
	var failed error
	if err := tl.forward(ctx, next.due); ctx.Err() != nil {
		return ctx.Err()
	} else if err != nil {
		failed = CouldNotRun("the target's clock cannot be moved: %v", err)
	}
	now := tl.now()
	tl.mu.Lock()
	defer tl.mu.Unlock()
	tl.broken = failed
	var still []*waiter
	for _, w := range tl.waiting {
		if failed == nil && w.due.After(now) {
			still = append(still, w)
			continue
		}
		tl.active++
		w.wake <- failed
	}
	tl.waiting = still
	return nil
}

// forward moves the clock to a moment, or less than a unit past it. What it was moved by is remembered exactly:
// a clock that is told more than the harness reckons with runs ahead a little more with every step.
func (tl *timeline) forward(ctx context.Context, due time.Time) error {
	by := due.Sub(tl.now())
	if by <= 0 {
		return nil
	}
	by = by.Truncate(tl.unit) + tl.unit
	if err := tl.advance(ctx, by); err != nil {
		return err
	}
	tl.mu.Lock()
	defer tl.mu.Unlock()
	tl.offset += by
	tl.moves = append(tl.moves, move{time.Now(), tl.offset})
	return nil
}
