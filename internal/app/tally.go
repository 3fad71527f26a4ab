package app

import (
	"fmt"
	"sync"
	"time"

	"gonogo/reports"
	"gonogo/reports/proofs"
	"gonogo/reports/words"
	"gonogo/suites/engine"
)

// tally counts the cases of a check as they end, for its status line.
type tally struct {
	prepared *engine.Prepared

	mu            sync.Mutex
	planned, done int
	failed, lame  map[ended]bool
}

// ended is a case of a dialect of the report.
type ended struct {
	dialect int
	id      string
}

// Begin implements reports.Observer, as the others do.
func (t *tally) Begin(r *reports.Report) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, d := range r.Dialects {
		t.planned += max(r.Repeat, 1) * d.Planned()
	}
	t.failed, t.lame = map[ended]bool{}, map[ended]bool{}
}

// CaseEnded counts a case.
func (t *tally) CaseEnded(dialect int, c reports.Case) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done++
	switch c.Outcome {
	case reports.Fail:
		t.failed[ended{dialect, c.ID}] = true
	case reports.CouldNotRun, reports.Error:
		t.lame[ended{dialect, c.ID}] = true
	}
}

// End has nothing to count.
func (*tally) End(*reports.Report) {}

// say is how the run stands.
func (t *tally) say(now time.Time) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := fmt.Sprintf("%d of %s done, %d failed", t.done, words.Cases(t.planned), len(t.failed))
	if len(t.lame) > 0 {
		text += fmt.Sprintf(", %d could not run", len(t.lame))
	}
	return text + waiting(now, t.prepared.Waits(now))
}

// waiting says what a run waits for and until when, the time first: a narrow terminal has no room for all of it.
func waiting(now time.Time, waits []engine.Wait) string {
	switch len(waits) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("; waiting %s: %s", till(now, waits[0].Until), waits[0].For)
	}
	last := waits[len(waits)-1].Until
	text := "; waiting " + till(now, waits[0].Until)
	if last.Sub(waits[0].Until) >= time.Second {
		text = fmt.Sprintf("; waiting %s, last %s", whole(waits[0].Until.Sub(now)), till(now, last))
	}
	return fmt.Sprintf("%s: %s and %d more", text, waits[0].For, len(waits)-1)
}

// proving counts the runs of a proof as they end, for its status line.
type proving struct {
	mu                         sync.Mutex
	planned, done, wrong, lame int
}

func (p *proving) ended(run proofs.Run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	switch run.Outcome {
	case proofs.Survived, proofs.FalseAlarm:
		p.wrong++
	case proofs.NoResult:
		p.lame++
	}
}

func (p *proving) say(time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := fmt.Sprintf("%d of %s done, %d wrong", p.done, words.Count(p.planned, "run"), p.wrong)
	if p.lame > 0 {
		text += fmt.Sprintf(", %d without a result", p.lame)
	}
	return text
}
