package scene

import (
	"fmt"
	"runtime/debug"
	"sync"

	"gonogo/suites/engine"
)

// stopped is what an act that cannot go on throws, up to where its case began.
type stopped struct{ why error }

// Stop ends the case, as testing.T.FailNow ends a test, with a reason that engine.Case.Run may return. Without one the
// case goes on. Findings count even when it ends.
func (t *Trial) Stop(why error) {
	if why != nil {
		panic(stopped{why})
	}
}

// CouldNotRun ends the case because something promised or needed is missing or broke.
func (t *Trial) CouldNotRun(format string, args ...any) { t.Stop(engine.CouldNotRun(format, args...)) }

// NotExercised ends the case because it would cost what the user did not grant.
func (t *Trial) NotExercised(format string, args ...any) {
	t.Stop(engine.NotExercised(format, args...))
}

// NotApplicable ends the case because the document does not promise it here.
func (t *Trial) NotApplicable(format string, args ...any) {
	t.Stop(engine.NotApplicable(format, args...))
}

// must is what an act got, if it could get it.
func must[T any](got T, err error) T {
	if err != nil {
		panic(stopped{err})
	}
	return got
}

// untilStopped acts, and returns why an act could not go on.
func untilStopped(act func()) (why error) {
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case stopped:
			why = thrown.why
		default:
			panic(thrown) // a fault of the harness: the engine tells it
		}
	}()
	act()
	return nil
}

// AtOnce acts n times side by side, and comes back when all have ended. Where some could not go on, the first of them ends
// the case.
func (t *Trial) AtOnce(n int, act func(i int)) {
	ready, whys := make(chan struct{}), make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			defer func() {
				if fault := recover(); fault != nil { // on this goroutine it would be the end of the whole run
					whys[i] = fmt.Errorf("panic in %s: %v\n%s", t.Case.ID, fault, debug.Stack())
				}
			}()
			<-ready
			whys[i] = untilStopped(func() { act(i) })
		})
	}
	close(ready)
	all.Wait()
	for _, why := range whys {
		t.Stop(why)
	}
}
