package engine_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gonogo/reports"
	"gonogo/suites/engine"
)

// diary notes what happens, in order.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, line)
}

func TestPhasesComeInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nowhere, "")
		var d diary
		takes := func(name string) func(context.Context, *engine.Trial) error {
			return func(context.Context, *engine.Trial) error {
				d.note(name + " begins")
				time.Sleep(time.Second)
				d.note(name + " ends")
				return nil
			}
		}
		b.plan.Probe = func(ctx context.Context, tr *engine.Trial) (engine.Facts, error) {
			return engine.Facts{}, takes("probe")(ctx, tr)
		}
		b.add("audit-1", takes("audit-1"), in(engine.Audit))
		b.add("audit-2", takes("audit-2"), in(engine.Audit))
		b.add("exclusive", takes("exclusive"), in(engine.Exclusive))
		b.add("ordinary", takes("ordinary"))
		b.run(t.Context())
		want := []string{
			"probe begins", "probe ends", "ordinary begins", "ordinary ends", "exclusive begins", "exclusive ends",
			"audit-1 begins", "audit-1 ends", "audit-2 begins", "audit-2 ends",
		}
		if !slices.Equal(d.lines, want) {
			t.Errorf("got %q, want %q", d.lines, want)
		}
	})
}

func TestNoMoreCasesAtWorkThanAllowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nowhere, "")
		b.options.Parallel = 5
		var mu sync.Mutex
		var now, most int
		work := func() {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			now--
			mu.Unlock()
		}
		for i := range 20 {
			b.add(fmt.Sprint("ordinary-", i), func(context.Context, *engine.Trial) error { work(); return nil })
			b.add(fmt.Sprint("waits-", i), func(ctx context.Context, tr *engine.Trial) error {
				work()
				err := tr.Wait(ctx, tr.Now().Add(10*time.Second)) // at rest, so others may work
				work()
				return err
			}, in(engine.Timeline))
		}
		began := time.Now()
		d := b.run(t.Context())
		if most != 5 {
			t.Errorf("%d cases were at work at once, want 5", most)
		}
		// 60 pieces of work of a second, five at once, and the waits pass meanwhile or together
		if took := time.Since(began); took > 22*time.Second {
			t.Errorf("it took %s", took)
		}
		for _, c := range d.Cases {
			if c.Outcome != reports.Pass {
				t.Errorf("%s: %s %s", c.ID, c.Outcome, c.Reason)
			}
		}
	})
}

func TestSessionsThatExcludeEachOtherTakeTurns(t *testing.T) {
	t.Parallel()
	for _, turns := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, nowhere, "")
			b.plan.Probe = func(context.Context, *engine.Trial) (engine.Facts, error) { return engine.Facts{TakeTurns: turns}, nil }
			for i := range 6 {
				account := []string{"account:primary", "account:second"}[i%2]
				b.add(fmt.Sprint("case-", i), func(context.Context, *engine.Trial) error { time.Sleep(time.Second); return nil }, claiming(engine.Shares(account)))
			}
			began := time.Now()
			b.run(t.Context())
			want := time.Second
			if turns {
				want = 3 * time.Second // two accounts side by side
			}
			if took := time.Since(began); took != want {
				t.Errorf("taking turns %t: it took %s, want %s", turns, took, want)
			}
		})
	}
}

func TestRealWaitsPassTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nowhere, "limits: {max_wait: 45s, parallel: 2}\n")
		waits := func(each ...time.Duration) func(context.Context, *engine.Trial) error {
			return func(ctx context.Context, tr *engine.Trial) error {
				for _, d := range each {
					due := tr.Now().Add(d)
					if err := tr.Wait(ctx, due); err != nil {
						return err
					}
					if late := tr.Now().Sub(due); late < 0 || d > 0 && late > 20*time.Second {
						return fmt.Errorf("woken %s after it was due", late)
					}
				}
				return nil
			}
		}
		for i := range 20 {
			b.add(fmt.Sprint("waits-", i), waits(40*time.Second), in(engine.Timeline), claiming(engine.Shares("clock")))
		}
		b.add("in-steps", waits(20*time.Second, 25*time.Second), in(engine.Timeline))
		b.add("no-wait", waits(-time.Hour, 0), in(engine.Timeline))
		b.add("too-long", waits(time.Hour), in(engine.Timeline))
		b.add("a-little-too-long", waits(45*time.Second+time.Millisecond), in(engine.Timeline))
		b.add("too-long-in-steps", waits(30*time.Second, 16*time.Second), in(engine.Timeline))
		b.add("ordinary", func(context.Context, *engine.Trial) error { time.Sleep(44 * time.Second); return nil })
		began := time.Now()
		d := b.run(t.Context())
		if took := time.Since(began); took > 46*time.Second {
			t.Errorf("it took %s, want about the longest single wait", took)
		}
		var want []string
		for i := range 20 {
			want = append(want, fmt.Sprintf("waits-%d: pass", i))
		}
		const limit = "; limits.max_wait is 45s and the target has no clock control"
		wantShown(t, d, append(want, "in-steps: pass", "no-wait: pass", "too-long: not-exercised, it takes a wait of 1h0m0s"+limit,
			"a-little-too-long: not-exercised, it takes a wait of 46s"+limit, "too-long-in-steps: not-exercised, it takes a wait of 46s"+limit, "ordinary: pass")...)
		if d.WaitedMS != 45_000 {
			t.Errorf("the run says that it waited %d ms, want the longest, 45 s", d.WaitedMS)
		}
	})
}

func TestAnInterruptEndsRealWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nowhere, "limits: {max_wait: 1h, parallel: 1}\n")
		for i := range 3 {
			b.add(fmt.Sprint("waits-", i), func(ctx context.Context, tr *engine.Trial) error { return tr.Wait(ctx, tr.Now().Add(time.Hour)) }, in(engine.Timeline))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		d := b.run(ctx)
		const cut = ": could-not-run, the run was interrupted"
		wantShown(t, d, "waits-0"+cut, "waits-1"+cut, "waits-2"+cut)
		if took := time.Since(began); took != time.Minute {
			t.Errorf("it took %s to end", took)
		}
	})
}
