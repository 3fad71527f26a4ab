package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gonogo/suites/engine"
)

// control is a clock control. It counts what it was told, and who was at work when it was.
type control struct {
	mu       sync.Mutex
	steps    []time.Duration
	total    time.Duration
	atWork   int
	overrun  bool
	failFrom int // the step from which on it fails; 0: never
	url      string
}

func newControl(t *testing.T) *control {
	c := &control{}
	c.url = served(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		by, err := time.ParseDuration(strings.TrimSpace(string(body)))
		c.mu.Lock()
		defer c.mu.Unlock()
		c.steps = append(c.steps, by)
		if err != nil || c.failFrom > 0 && len(c.steps) >= c.failFrom {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		c.total += by
		c.overrun = c.overrun || c.atWork > 0
	}).URL
	return c
}

func (c *control) bench(t *testing.T, body string) *bench {
	return newBench(t, nowhere, fmt.Sprintf("limits: {max_wait: 0s}\nclock: {advance: {url: '%s', body: '%s'}}\n", c.url, body))
}

// work is a piece of work under which the clock must not be moved.
func (c *control) work(by int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.atWork += by
}

// waits is a case that mints, waits so long each time, and looks.
func (c *control) waits(d *diary, name string, each ...time.Duration) func(context.Context, *engine.Trial) error {
	return func(ctx context.Context, tr *engine.Trial) error {
		c.work(1)
		defer c.work(-1)
		minted := tr.Now()
		for _, after := range each {
			c.work(-1)
			err := tr.Wait(ctx, minted.Add(after))
			c.work(1)
			if err != nil {
				return err
			}
			if tr.Now().Before(minted.Add(after)) {
				return fmt.Errorf("woken before %s", after)
			}
			d.note(fmt.Sprintf("%s at %s", name, after))
		}
		return nil
	}
}

func TestTheClockIsSteppedFromDueToDue(t *testing.T) {
	t.Parallel()
	c, d := newControl(t), &diary{}
	b := c.bench(t, "${duration}")
	b.add("day", c.waits(d, "day", 24*time.Hour), in(engine.Timeline))
	b.add("minute", c.waits(d, "minute", time.Minute), in(engine.Timeline))
	b.add("twice", c.waits(d, "twice", 30*time.Minute, 2*time.Hour), in(engine.Timeline))
	b.add("hour", c.waits(d, "hour", time.Hour), in(engine.Timeline))
	b.add("never-waits", c.waits(d, "never-waits"), in(engine.Timeline))
	began := time.Now()
	got := b.run(t.Context())
	wantShown(t, got, "day: pass", "minute: pass", "twice: pass", "hour: pass", "never-waits: pass")
	want := []string{"minute at 1m0s", "twice at 30m0s", "hour at 1h0m0s", "twice at 2h0m0s", "day at 24h0m0s"}
	if !slices.Equal(d.lines, want) {
		t.Errorf("they were released as %q, want %q", d.lines, want)
	}
	if c.overrun {
		t.Error("the clock was moved while a case was at work")
	}
	if len(c.steps) != 5 || c.total < 23*time.Hour || c.total > 24*time.Hour+time.Minute {
		t.Errorf("the clock was moved by %v, %s in all", c.steps, c.total)
	}
	if time.Since(began) > 30*time.Second || got.WaitedMS != 0 {
		t.Errorf("it took %s and %d ms of waiting", time.Since(began), got.WaitedMS)
	}
}

func TestTheTimelineComesAfterEverythingThatSharesItsClock(t *testing.T) {
	t.Parallel()
	c, d := newControl(t), &diary{}
	b := c.bench(t, "${duration}")
	b.add("later", c.waits(d, "later", time.Hour), in(engine.Timeline))
	for i, phase := range []engine.Phase{engine.Ordinary, engine.Exclusive} {
		b.add(fmt.Sprint("first-", i), func(context.Context, *engine.Trial) error { d.note("first"); return nil }, in(phase))
	}
	b.add("last", func(context.Context, *engine.Trial) error { d.note("last"); return nil }, in(engine.Audit))
	b.run(t.Context())
	if want := []string{"first", "first", "later at 1h0m0s", "last"}; !slices.Equal(d.lines, want) {
		t.Errorf("got %q, want %q", d.lines, want)
	}
}

func TestHarnessAndClockNeverDriftApart(t *testing.T) {
	t.Parallel()
	// a control that takes whole seconds would be ahead by half a second after each step: after a few, a token
	// that is looked at three seconds before its end would be dead
	c := newControl(t)
	b := c.bench(t, "${duration_seconds}s")
	var drift time.Duration
	b.add("steps", func(ctx context.Context, tr *engine.Trial) error {
		for range 20 {
			if err := tr.Wait(ctx, tr.Now().Add(1234*time.Millisecond)); err != nil {
				return err
			}
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		for range 100 { // a busy machine may stop between the two clocks, but not each time
			if drift = time.Until(tr.Now()) - c.total; drift.Abs() <= 100*time.Millisecond {
				break
			}
		}
		return nil
	}, in(engine.Timeline))
	wantShown(t, b.run(t.Context()), "steps: pass")
	if drift.Abs() > 100*time.Millisecond {
		t.Errorf("after twenty steps the harness is off the clock by %s", drift)
	}
}

func TestTimelineCasesThatClaimTheSameComeOneAfterTheOther(t *testing.T) {
	t.Parallel()
	c, d := newControl(t), &diary{}
	b := c.bench(t, "${duration}")
	b.options.Parallel = 1
	for i := range 3 {
		b.add(fmt.Sprint("case-", i), c.waits(d, fmt.Sprint("case-", i), time.Hour), in(engine.Timeline), claiming(engine.Takes("account:primary")))
	}
	b.add("beside", c.waits(d, "beside", 30*time.Minute), in(engine.Timeline))
	wantShown(t, b.run(t.Context()), "case-0: pass", "case-1: pass", "case-2: pass", "beside: pass")
	if want := []string{"beside at 30m0s", "case-0 at 1h0m0s", "case-1 at 1h0m0s", "case-2 at 1h0m0s"}; !slices.Equal(d.lines, want) {
		t.Errorf("got %q, want %q", d.lines, want)
	}
	if c.total < 150*time.Minute || len(c.steps) != 4 {
		t.Errorf("the clock was moved by %v", c.steps)
	}
}

func TestAClockThatFails(t *testing.T) {
	t.Parallel()
	c, d := newControl(t), &diary{}
	c.failFrom = 2
	b := c.bench(t, "${duration}")
	b.add("first", c.waits(d, "first", time.Minute), in(engine.Timeline))
	b.add("second", c.waits(d, "second", time.Hour), in(engine.Timeline), claiming(engine.Takes("a")))
	b.add("third", c.waits(d, "third", 2*time.Hour), in(engine.Timeline))
	b.add("not-begun", c.waits(d, "not-begun", time.Nanosecond), in(engine.Timeline), claiming(engine.Takes("a")))
	b.add("found-before", func(ctx context.Context, tr *engine.Trial) error {
		tr.Find(engine.Finding{Sent: "something"})
		return tr.Wait(ctx, tr.Now().Add(time.Hour))
	}, in(engine.Timeline))
	const broken = "the target's clock cannot be moved: the clock control answered 500 Internal Server Error"
	got := b.run(t.Context())
	wantShown(t, got, "first: pass", "second: could-not-run, "+broken, "third: could-not-run, "+broken, "not-begun: could-not-run, "+broken, "found-before: fail, "+broken)
	if len(c.steps) != 2 {
		t.Errorf("a clock that failed was moved again: %v", c.steps)
	}
}

func TestAnInterruptEndsTheTimeline(t *testing.T) {
	t.Parallel()
	c, d := newControl(t), &diary{}
	b := c.bench(t, "${duration}")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b.add("first", func(ctx context.Context, tr *engine.Trial) error {
		if err := c.waits(d, "first", time.Minute)(ctx, tr); err != nil {
			return err
		}
		cancel()
		return nil
	}, in(engine.Timeline), claiming(engine.Takes("a")))
	b.add("waiting", c.waits(d, "waiting", time.Hour), in(engine.Timeline))
	b.add("blocked", c.waits(d, "blocked", time.Hour), in(engine.Timeline), claiming(engine.Takes("a")))
	got := b.run(ctx)
	const cut = ": could-not-run, the run was interrupted"
	wantShown(t, got, "first: pass", "waiting"+cut, "blocked"+cut)
	if got.Incomplete == "" || len(c.steps) != 1 {
		t.Errorf("incomplete %q, steps %v", got.Incomplete, c.steps)
	}
}

func TestAnInterruptEndsAStepOfTheClock(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	server := served(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server hears of a closed connection only when it has read the request
		cancel()
		<-r.Context().Done()
	})
	b := newBench(t, nowhere, fmt.Sprintf("clock: {advance: {url: '%s', body: '${duration}'}}\n", server.URL))
	for i := range 20 { // each of them may hear of it from the clock or from the context
		b.add(fmt.Sprint("waits-", i), func(ctx context.Context, tr *engine.Trial) error { return tr.Wait(ctx, tr.Now().Add(time.Hour)) }, in(engine.Timeline))
	}
	for _, c := range b.run(ctx).Cases {
		if c.Outcome != "could-not-run" || c.Reason != "the run was interrupted" {
			t.Errorf("%s: %s, %s", c.ID, c.Outcome, c.Reason)
		}
	}
}

func TestACaseThatGivesUpAWaitIsAtWorkAgain(t *testing.T) {
	t.Parallel()
	c, d := newControl(t), &diary{}
	b := c.bench(t, "${duration}")
	b.add("waits", c.waits(d, "waits", time.Hour, 2*time.Hour), in(engine.Timeline))
	b.add("gives-up", func(ctx context.Context, tr *engine.Trial) error {
		c.work(1)
		defer c.work(-1)
		own, cancel := context.WithCancel(ctx)
		cancel()
		for range 3 {
			c.work(-1)
			err := tr.Wait(own, tr.Now().Add(24*time.Hour))
			c.work(1)
			if !errors.Is(err, context.Canceled) {
				return fmt.Errorf("got %w", err)
			}
			time.Sleep(20 * time.Millisecond) // long enough for a clock that is not held back
		}
		return nil
	}, in(engine.Timeline))
	wantShown(t, b.run(t.Context()), "waits: pass", "gives-up: pass")
	if c.overrun {
		t.Error("the clock was moved while a case was at work")
	}
}

func TestTargetTimeFollowsTheClock(t *testing.T) {
	t.Parallel()
	c := newControl(t)
	b := c.bench(t, "${duration}")
	b.add("looks", func(ctx context.Context, tr *engine.Trial) error {
		before := time.Now()
		if off := tr.TargetTime(before).Sub(before.Round(0)); off.Abs() > time.Second {
			return fmt.Errorf("off by %s before any step", off)
		}
		if err := tr.Wait(ctx, tr.Now().Add(time.Hour)); err != nil {
			return err
		}
		now := time.Now()
		if off := tr.TargetTime(now).Sub(now.Round(0)) - time.Hour; off.Abs() > 20*time.Second {
			return fmt.Errorf("off by %s after an hour", off)
		}
		if !tr.ClockMoves() {
			return fmt.Errorf("the clock moves, and ClockMoves says no")
		}
		return nil
	}, in(engine.Timeline))
	wantShown(t, b.run(t.Context()), "looks: pass")
}
