// Package terminal prints a report for people: in a terminal, in a CI log,
// through a screen reader. Every mark and colour is repeated by a word. It
// sets what prose says, and must never know how a verdict comes about.
package terminal

import (
	"cmp"
	"io"
	"sync"

	"gonogo/reports"
	"gonogo/reports/prose"
	"gonogo/reports/words"
)

// Width is where text is wrapped unless Options say how wide a terminal is, in
// characters: CI logs put a time stamp before each line, and 100 still fits
// beside one. What is to be found or copied stays on one line then.
const Width = 100

// Options chooses what is shown. The zero value is plain text of Width with
// every requirement and every bad case.
type Options struct {
	// Color asks for ANSI colours. Whether they are wanted (a terminal, no
	// NO_COLOR) is for the caller to know.
	Color bool
	// Quiet leaves verdicts, failures, and what could not run.
	Quiet bool
	// Verbose adds a line for every case.
	Verbose bool
	// Width is that of the terminal, beyond which no line reaches that could be
	// broken; 0 means that it is none, and less than 40 is 40.
	Width int
}

// narrowest is the width below which lines are left to the terminal: an id and its label need as much.
const narrowest = 40

// screen is an empty one.
func (o Options) screen() *screen {
	return &screen{width: max(cmp.Or(o.Width, Width), narrowest), folds: o.Width != 0, color: o.Color}
}

// Terminal is the reports.Observer that prints a run as it goes on.
type Terminal struct {
	mu   sync.Mutex
	w    io.Writer
	opts Options
	live bool // the case lines are already out
	err  error
}

// New returns an Observer that prints to w.
func New(w io.Writer, opts Options) *Terminal { return &Terminal{w: w, opts: opts} }

// Write prints a decided report.
func Write(w io.Writer, r *reports.Report) error { return Options{}.Write(w, r) }

// Write prints a decided report.
func (o Options) Write(w io.Writer, r *reports.Report) error {
	t := New(w, o)
	t.End(r)
	return t.Err()
}

// Begin says what is going to be checked.
func (t *Terminal) Begin(r *reports.Report) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live = true
	if t.opts.Quiet {
		return
	}
	s := t.opts.screen()
	for _, d := range r.Dialects {
		s.line("checking %s at %s: %s for %s, seed %d", words.Plain(d.ID), words.Plain(d.Target.BaseURL),
			words.Cases(d.Planned()), words.Count(len(d.Requirements), "requirement")+runs(r), r.Seed)
	}
	t.print(s)
}

// CaseEnded prints the case's line if the options are verbose.
func (t *Terminal) CaseEnded(_ int, c reports.Case) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.opts.Quiet || !t.opts.Verbose {
		return
	}
	s := t.opts.screen()
	s.caseLine(c)
	t.print(s)
}

// End prints the report.
func (t *Terminal) End(r *reports.Report) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.opts.screen()
	for i, d := range r.Dialects {
		if t.opts.Quiet {
			s.quietDialect(r.Label(i), d, len(r.Dialects) > 1)
			continue
		}
		if i > 0 || t.live {
			s.blank()
		}
		s.dialect(name(r, i), d, t.opts.Verbose && !t.live)
		if len(r.Dialects) > 1 {
			s.blank()
			s.labelled("cases", prose.Tally(d.Counts))
			s.labelled("took", words.Millis(d.WaitedMS)+" waited, "+words.Count(d.Requests, "request"))
			s.verdict(r.Label(i)+": ", prose.OfDialect(d))
		}
	}
	s.waiverProblems(r)
	if !t.opts.Quiet {
		s.summary(r)
	}
	s.verdict("", prose.OfRun(r))
	t.print(s)
}

// Err returns the first error of writing.
func (t *Terminal) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

func (t *Terminal) print(s *screen) {
	if err := s.print(t.w); t.err == nil {
		t.err = err
	}
}

// name is whom a part of the report is about. The line below it says where that is.
func name(r *reports.Report, i int) string {
	if r.Dialects[i].Subject == reports.SubjectClient {
		return "a client of " + r.Dialects[i].ID
	}
	return r.Dialects[i].ID
}
