package app

import (
	"cmp"
	"fmt"
	"sync"
	"time"

	"gonogo/load"
	"gonogo/reports/words"
)

// progress is what the status line of a load, or of a search that is made of many, says.
type progress struct {
	mu     sync.Mutex
	title  string // what the run is a part of; empty: it is all
	before string // what goes on until something is told; empty: making ready
	latest load.Progress
	told   time.Time // when
	known  bool      // something was told
	now    func() time.Time
}

func (p *progress) set(latest load.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.latest, p.told, p.known = latest, p.now(), true
}

// last is what was told last.
func (p *progress) last() load.Progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.latest
}

// entitle says what the run is a part of.
func (p *progress) entitle(title string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.title, p.known = title, false
}

// awaits says what goes on until something is told.
func (p *progress) awaits(before string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before = before
}

// say is how the run stands.
func (p *progress) say(now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.title + p.text(now)
}

func (p *progress) text(now time.Time) string {
	latest, since := p.latest, now.Sub(p.told)
	switch left := latest.Left - since; {
	case !p.known:
		return cmp.Or(p.before, "making ready")
	case latest.Absent && latest.Waits > since:
		return fmt.Sprintf("waiting %s: the target to answer", till(now, p.told.Add(latest.Waits)))
	case latest.Waits > since:
		return fmt.Sprintf("waiting %s: the target is busy", till(now, p.told.Add(latest.Waits)))
	case latest.Filling && latest.ToFill == 0:
		return "making ready"
	case latest.Filling:
		return fmt.Sprintf("filling: %d of %s", latest.Filled, words.Count(latest.ToFill, "token"))
	case left <= 0:
		return fmt.Sprintf("errors %d, violations %d; looking at what only shows afterwards", latest.Errors, latest.Violations)
	default:
		text := fmt.Sprintf("%s left, %s, p50 %s, p99 %s, errors %d, violations %d",
			whole(left), words.Rate(latest.Rate), words.Micros(latest.P50.Microseconds()), words.Micros(latest.P99.Microseconds()), latest.Errors, latest.Violations)
		if latest.Starved > 0 {
			text += fmt.Sprintf(", starved %d", latest.Starved)
		}
		if latest.WarmingUp {
			text += " (warm-up)"
		}
		return text
	}
}
