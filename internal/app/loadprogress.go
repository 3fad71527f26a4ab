package app

import (
	"fmt"
	"io"
	"sync"
	"time"

	"gonogo/load"
)

// progress shows how a run stands: in one line that is written over on a terminal, in lines elsewhere, few enough for
// a log.
type progress struct {
	w       io.Writer
	over    bool // write over the line before
	every   time.Duration
	mu      sync.Mutex
	last    time.Duration
	filled  time.Time // when it was last said how many tokens there are
	title   string    // what the run is a part of; empty: it is all
	written bool
	waited  bool // it was said that the target is busy
}

// logLines is about how many lines a run leaves in a log.
const logLines = 20

func (a *App) newProgress(quiet bool, c load.Config) *progress {
	p := &progress{w: a.stdout, over: a.onTerminal(), every: max(time.Second, (c.Duration+c.WarmUp)/logLines)}
	if quiet {
		p.w = io.Discard
	}
	return p
}

// tolerance keeps a snapshot that came a little early from being left out.
const tolerance = 100 * time.Millisecond

func (p *progress) show(now load.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := fmt.Sprintf("%4.0fs  %8.1f/s  p50 %-8s p99 %-8s errors %d  violations %d  %s left",
		now.Elapsed.Seconds(), now.Rate, digits(now.P50), digits(now.P99), now.Errors, now.Violations, now.Left.Round(time.Second))
	if now.Starved > 0 {
		text += fmt.Sprintf("  starved %d", now.Starved)
	}
	switch {
	case now.Waits > 0:
		text = fmt.Sprintf("waiting %s: the target is busy", digits(now.Waits))
	case now.Filling:
		text = fmt.Sprintf("filling: %d of %d tokens", now.Filled, now.ToFill)
	}
	if now.WarmingUp {
		text += "  (warm-up)"
	}
	switch {
	case p.over:
		_, _ = fmt.Fprintf(p.w, "\r\x1b[K%s%s", p.title, text)
		p.written = true
	case now.Waits > 0:
		if !p.waited {
			_, _ = fmt.Fprintln(p.w, text)
		}
		p.waited = true
	case now.Filling:
		if p.filled.IsZero() || time.Since(p.filled) >= p.every {
			p.filled = time.Now()
			_, _ = fmt.Fprintln(p.w, text)
		}
	case p.last == 0 || now.Elapsed-p.last >= p.every-tolerance:
		p.last = now.Elapsed
		_, _ = fmt.Fprintln(p.w, text)
	}
}

// entitle says what the run is a part of.
func (p *progress) entitle(title string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.title = title
}

// end leaves the terminal to what follows.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.written {
		_, _ = fmt.Fprint(p.w, "\r\x1b[K")
		p.written = false
	}
}

func digits(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}
