package watch

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"gonogo/internal/control"
	"gonogo/internal/lineage"
	"gonogo/internal/live"
	"gonogo/reports"
	"gonogo/reports/html"
	"gonogo/reports/prose"
	"gonogo/specs"
)

// show keeps the page of a watch that runs up to date.
type show struct {
	*live.Feed
	judge  func(context.Context) // what there is until now; a value, because situations announce others and are judged by all
	script []situation           // all that there are, likewise

	mu      sync.Mutex
	judged  *reports.Report // at the end of the last situation; nil: nothing is
	accused accusations
}

func newShow(d *specs.Dialect) *show { return &show{Feed: live.New("a client of " + d.Title)} }

// redraw is how often the lives of tokens are drawn for who looks at them.
const redraw = time.Second

// tellSituation says which situation is on, what is over, and what comes.
func (w *watched) tellSituation(id string) {
	w.mu.Lock()
	began := maps.Clone(w.began)
	w.mu.Unlock()
	var all []live.Situation
	ahead := false
	for _, s := range w.show.script {
		shown := live.Situation{ID: s.id, Title: s.title, State: "done"}
		played := w.outcomes[s.id]
		switch {
		case s.id == id:
			shown.State, ahead = "now", true
		case ahead && id != control.End:
			shown.State = "ahead"
		case began[s.id].IsZero():
			shown.State = "out"
		}
		if played != nil && !ahead {
			shown.Why = w.connection.Redactor.Answer(played.why)
		}
		all = append(all, shown)
	}
	w.show.Situations(all)
}

// tellExchange tells of an exchange that is kept. s.mu is held.
func (s *stage) tellExchange(e *lineage.Event) {
	began := s.clockAt(s.started)
	s.show.Exchange(live.Exchange{
		Number: e.Number, Clock: prose.Since(e.At.Sub(began).Milliseconds()), Wall: prose.Since(e.Arrived.Sub(s.started).Milliseconds()),
		Request: s.connection.Redactor.String(sentence(e)), Result: result(e), Refused: e.Status() >= 400, Total: s.total,
	})
}

// judgeSoFar judges what has been seen until now, for who looks at it. No exchange is taken in meanwhile.
func (w *watched) judgeSoFar(ctx context.Context) {
	if !w.show.Read() || w.count() == 0 {
		return
	}
	w.still.Lock()
	r := w.report(ctx)
	w.still.Unlock()
	w.tellJudged(r)
}

func (w *watched) tellJudged(r *reports.Report) {
	w.show.mu.Lock()
	w.show.judged, w.show.accused = r, w.accused
	w.show.mu.Unlock()
	var rows []live.Row
	d := r.Dialects[0]
	for _, of := range d.Requirements {
		row := live.Row{ID: of.ID, Level: string(of.Level), Text: of.Text, Outcome: string(of.Outcome)}
		for _, c := range d.Cases {
			if row.Got == "" && slices.Contains(c.Requirements, of.ID) && len(c.Findings) > 0 {
				row.Got = c.Findings[0].Got
			}
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b live.Row) int { return urgency(a) - urgency(b) })
	w.show.Rows(rows)
	w.draw(d.Lives)
}

// urgency puts what is violated first, and last what was not come to.
func urgency(r live.Row) int {
	switch reports.Outcome(r.Outcome) {
	case reports.Fail, reports.Error, reports.CouldNotRun:
		return 0
	case reports.Warn, reports.Waived:
		return 1
	case reports.Pass:
		return 2
	}
	return 3
}

// draw shows lives of tokens, with what the last judgement accuses.
func (w *watched) draw(l *reports.Lives) {
	d := &reports.Dialect{ID: w.dialect.ID, Lives: l}
	w.show.mu.Lock()
	if w.show.judged != nil {
		d.Cases = w.show.judged.Dialects[0].Cases
	}
	w.show.mu.Unlock()
	var text strings.Builder
	err := html.WriteLives(&text, d, func(a reports.Accusation) string {
		for _, c := range d.Cases {
			if c.ID == a.Case && len(c.Requirements) > 0 {
				return "#row." + c.Requirements[0]
			}
		}
		return ""
	})
	if err == nil && text.Len() > 0 {
		w.show.Picture(text.String())
	}
}

// keepDrawing draws as long as the watch runs and somebody looks.
func (w *watched) keepDrawing(ctx context.Context) {
	drawn := 0 // exchanges
	every := time.NewTicker(redraw)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		total := w.count()
		if !w.show.Read() || total == drawn {
			continue
		}
		drawn = total
		w.show.mu.Lock()
		accused := w.show.accused
		w.show.mu.Unlock()
		w.draw(w.lives(w.started, accused))
	}
}

// tellVerdict ends the page.
func (w *watched) tellVerdict(r *reports.Report) {
	w.tellJudged(r)
	said := prose.OfRun(r)
	w.show.Close(live.Verdict{Verdict: string(r.Verdict), Words: said.Words, Why: said.Why})
}

// count is how many exchanges there were.
func (s *stage) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}
