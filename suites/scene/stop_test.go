package scene

import (
	"errors"
	"strings"
	"testing"

	"gonogo/suites/engine"
)

func TestAnActThatCannotGoOnEndsItsCase(t *testing.T) {
	t.Parallel()
	trial, cleaned, wentOn := &Trial{}, false, false
	why := untilStopped(func() {
		defer func() { cleaned = true }()
		trial.Stop(nil)
		trial.CouldNotRun("no %s", "token")
		wentOn = true
	})
	if stop, ok := errors.AsType[*engine.Stop](why); !ok || stop.Reason != "no token" || !cleaned || wentOn {
		t.Errorf("it ended with %v; cleaned up: %t, went on: %t", why, cleaned, wentOn)
	}
	if why := untilStopped(func() {}); why != nil {
		t.Errorf("a case that comes to its end has the reason %v", why)
	}
}

func TestAFaultOfACaseIsNoStop(t *testing.T) {
	t.Parallel()
	defer func() {
		if fault := recover(); fault != "broken" {
			t.Errorf("what came up is %v", fault)
		}
	}()
	_ = untilStopped(func() { panic("broken") })
}

func TestOfActsAtOnceTheFirstThatCannotGoOnEndsTheCase(t *testing.T) {
	t.Parallel()
	trial := &Trial{Trial: &engine.Trial{Case: engine.Case{ID: "a/b/c"}}}
	done := make([]bool, 4)
	why := untilStopped(func() {
		trial.AtOnce(len(done), func(i int) {
			if i%2 == 1 {
				trial.NotExercised("number %d", i)
			}
			done[i] = true
		})
		t.Error("the case went on")
	})
	if stop, ok := errors.AsType[*engine.Stop](why); !ok || stop.Reason != "number 1" || !done[0] || !done[2] {
		t.Errorf("it ended with %v, and what was done is %v", why, done)
	}
	why = untilStopped(func() {
		trial.AtOnce(2, func(i int) {
			var none []int
			_ = none[i]
		})
	})
	if _, stop := errors.AsType[*engine.Stop](why); stop || !strings.Contains(why.Error(), "panic in a/b/c: runtime error: index out of range") || !strings.Contains(why.Error(), "stop_test.go") {
		t.Errorf("a fault on another goroutine is told as %v", why)
	}
}
