package app

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"gonogo/load"
	"gonogo/suites/engine"
)

func TestAStatusLineIsWrittenOver(t *testing.T) {
	t.Parallel()
	var screen bytes.Buffer
	began := time.Date(2026, 11, 29, 12, 0, 0, 0, time.Local)
	s := &status{w: &screen, over: true, width: func() int { return 40 }, since: began, say: func(time.Time) string { return strings.Repeat("word ", 20) },
		done: make(chan struct{}), gone: make(chan struct{})}
	close(s.gone)
	out := &tolerant{Writer: &screen}
	out.makeRoom(s.erase)
	s.show(began.Add(2 * time.Second))
	_, _ = out.Write([]byte("a line of the report\n"))
	_, _ = out.Write([]byte("another\n"))
	s.show(began.Add(3 * time.Second))
	s.end()
	const line = ": word word word word word word word…"
	if want := "\r\x1b[K2s" + line + "\r\x1b[Ka line of the report\nanother\n\r\x1b[K3s" + line + "\r\x1b[K"; screen.String() != want {
		t.Errorf("the terminal is sent\n%q, wanted\n%q", screen.String(), want)
	}
}

func TestWhatIsWaitedFor(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.Local)
	in := func(d time.Duration, what string) engine.Wait { return engine.Wait{For: what, Until: now.Add(d)} }
	for _, c := range []struct {
		waits []engine.Wait
		want  string
	}{
		{nil, ""},
		{[]engine.Wait{in(23*time.Second, "d/f/one")}, "; waiting until 12:00:23 (23s): d/f/one"},
		{[]engine.Wait{in(23*time.Second, "d/f/one"), in(23*time.Second, "d/f/two")}, "; waiting until 12:00:23 (23s): d/f/one and 1 more"},
		{[]engine.Wait{in(23*time.Second, "d/f/one"), in(33*time.Second, "d/f/two"), in(90*time.Second, "d/f/three")},
			"; waiting 23s, last until 12:01:30 (1m30s): d/f/one and 2 more"},
	} {
		if got := waiting(now, c.waits); got != c.want {
			t.Errorf("it says %q, wanted %q", got, c.want)
		}
	}
}

func TestHowALoadStands(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.Local)
	p := &progress{now: func() time.Time { return now }}
	later := now.Add(2 * time.Second)
	if got := p.say(later); got != "making ready" {
		t.Errorf("it says %q", got)
	}
	p.entitle("step 2 at 200/s: ")
	for _, c := range []struct {
		latest load.Progress
		want   string
	}{
		{load.Progress{Filling: true, Filled: 10, ToFill: 400}, "filling: 10 of 400 tokens"},
		{load.Progress{Filling: true, ToFill: 400, Waits: 30 * time.Second}, "waiting until 12:00:30 (28s): the target is busy"},
		{load.Progress{Filling: true, Filled: 10, ToFill: 400, Waits: time.Second}, "filling: 10 of 400 tokens"},
		{load.Progress{Left: 9 * time.Second, Rate: 199.6, P50: 1200 * time.Microsecond, P99: 3 * time.Millisecond, Errors: 2, Starved: 1, WarmingUp: true},
			"7s left, 200/s, p50 1.2ms, p99 3ms, errors 2, violations 0, starved 1 (warm-up)"},
		{load.Progress{Errors: 2}, "errors 2, violations 0; looking at what only shows afterwards"},
	} {
		p.set(c.latest)
		if got := p.say(later); got != "step 2 at 200/s: "+c.want {
			t.Errorf("it says %q, wanted %q", got, c.want)
		}
	}
}
