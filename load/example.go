package load

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gonogo/internal/wire"
	"gonogo/reports"
)

// examples keep the first of each kind of answer that was an error and accused nobody: a 503 says nothing of a token,
// and what it carried may say what is wrong with the server.
type examples struct {
	met [parts][lastStatus + 1]atomic.Bool

	mu   sync.Mutex
	kept []reports.LoadExample
}

const (
	lastStatus   = 999 // three digits (RFC 9110 section 15)
	mostExamples = 8   // of a run
)

// illustrate keeps an answer that was an error, if it is the first of its kind. What was sent in the warm-up is no part
// of the run.
func (w *worker) illustrate(answer *wire.Answer, sent time.Time) {
	if answer.Status > lastStatus || sent.Before(*w.offenders.started.Load()) || w.examples.met[w.doing.part][answer.Status].Swap(true) {
		return
	}
	w.examples.mu.Lock()
	defer w.examples.mu.Unlock()
	if len(w.examples.kept) == mostExamples {
		return
	}
	x := w.exchange(answer, sent)
	w.hide(x)
	shown := w.redactor.Evidence(x, *w.offenders.started.Load())
	w.examples.kept = append(w.examples.kept, reports.LoadExample{Request: partNames[w.doing.part], Answer: statusText(answer.Status), Exchange: &shown})
}

// list are the examples by what was asked, and then by status.
func (e *examples) list() []reports.LoadExample {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := slices.Clone(e.kept)
	slices.SortFunc(all, func(a, b reports.LoadExample) int {
		return strings.Compare(a.Request+" "+a.Answer, b.Request+" "+b.Answer)
	})
	return all
}
