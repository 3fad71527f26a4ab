package engine

import (
	"context"
	"testing"
	"time"
)

// The last case at work may end between the moment its claims were looked at and the moment it is asked who is
// at work. Its claims are free then, and what waited for them begins.
func TestACaseThatEndsWhileOthersAreBegunIsNoDeadlock(t *testing.T) {
	t.Parallel()
	tl := newTimeline(0, nil)
	tl.enter()
	looks := 0
	err := tl.drive(t.Context(), func() bool {
		if looks++; looks == 1 {
			tl.leave()
			return false // what it held was still held when this looked
		}
		return true
	})
	if err != nil || looks != 2 {
		t.Errorf("begun %d times, then: %v", looks, err)
	}
}

// The same moment, while another case waits for a later time: what can begin begins before the clock is moved,
// or its specimens would be minted after the step and not before it.
func TestTheClockIsNotMovedWhileACaseCanBegin(t *testing.T) {
	t.Parallel()
	tl := newTimeline(0, make(chan struct{}, 1))
	looks, steps := 0, []int{}
	tl.advance = func(context.Context, time.Duration) error {
		steps = append(steps, looks)
		return nil
	}
	tl.enter()
	waits := make(chan struct{})
	go func() {
		defer close(waits)
		defer tl.leave()
		var spent time.Duration
		if err := tl.wait(t.Context(), "case", tl.now().Add(time.Hour), &spent); err != nil {
			t.Error(err)
		}
	}()
	tl.enter()
	err := tl.drive(t.Context(), func() bool {
		looks++
		tl.mu.Lock()
		alone := len(tl.waiting) == 1 && tl.active == 1
		tl.mu.Unlock()
		if alone && len(steps) == 0 {
			looks = 0
			tl.leave()
			return false
		}
		return true
	})
	<-waits
	if err != nil || len(steps) != 1 || steps[0] == 0 {
		t.Errorf("the clock was moved after these looks: %v; %v", steps, err)
	}
}

// A claim that no case holds is a mistake of the engine, and said to be one.
func TestATimelineThatIsStuckSaysSo(t *testing.T) {
	t.Parallel()
	if err := newTimeline(0, nil).drive(t.Context(), func() bool { return false }); err == nil {
		t.Error("it ended as if everything had been begun")
	}
}
