package reports

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// DefaultWidth is the widest line of the terminal report, in characters: CI
// logs put a time stamp before each line, and 100 still fits beside one.
const DefaultWidth = 100

// TerminalOptions chooses what the terminal report shows. The zero value is
// plain text of DefaultWidth with every requirement and every bad case.
type TerminalOptions struct {
	// Color asks for ANSI colours. Whether they are wanted (a terminal, no
	// NO_COLOR) is for the caller to know.
	Color bool
	// Quiet leaves verdicts, failures, and what could not run.
	Quiet bool
	// Verbose adds a line for every case.
	Verbose bool
	// Width is the widest line; 0 means DefaultWidth, and less than 72 is 72.
	Width int
}

// Terminal is the Observer that prints for people: in a terminal, in a CI log,
// through a screen reader. Every mark and colour is repeated by a word.
type Terminal struct {
	mu   sync.Mutex
	w    io.Writer
	opts TerminalOptions
	live bool // the case lines are already out
	err  error
}

// NewTerminal returns an Observer that prints to w.
func NewTerminal(w io.Writer, opts TerminalOptions) *Terminal {
	return &Terminal{w: w, opts: opts}
}

// WriteTerminal prints a decided report.
func WriteTerminal(w io.Writer, r *Report, opts TerminalOptions) error {
	t := NewTerminal(w, opts)
	t.End(r)
	return t.Err()
}

// Begin says what is going to be checked.
func (t *Terminal) Begin(h Header) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live = true
	if t.opts.Quiet {
		return
	}
	s := t.screen()
	for _, d := range h.Dialects {
		s.line("checking %s at %s: %s for %s, seed %d", plain(d.ID), plain(d.Target.BaseURL),
			cases(d.Planned), count(len(d.Requirements), "requirement"), h.Seed)
	}
	t.print(s)
}

// CaseEnded prints the case's line if the options are verbose.
func (t *Terminal) CaseEnded(_ int, c Case) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.opts.Quiet || !t.opts.Verbose {
		return
	}
	s := t.screen()
	s.caseLine(c)
	t.print(s)
}

// End prints the report.
func (t *Terminal) End(r *Report) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r = r.clone()
	r.tidy()
	s := t.screen()
	for i, d := range r.Dialects {
		if t.opts.Quiet {
			s.quietDialect(r.label(i), d)
			continue
		}
		if i > 0 || t.live {
			s.blank()
		}
		s.heading(d)
		s.rows(d)
		if t.opts.Verbose && !t.live {
			s.blank()
			for _, c := range d.Cases {
				s.caseLine(c)
			}
		}
		s.checklist(d)
		s.blocks(d, Fail, Error, CouldNotRun, Warn)
		s.waived(d)
		s.notExercised(d)
		if len(r.Dialects) > 1 {
			s.blank()
			s.dialectSummary(r.label(i), d)
		}
	}
	s.waiverProblems(r)
	if t.opts.Quiet {
		s.runVerdict(r)
	} else {
		s.summary(r)
	}
	t.print(s)
}

// Err returns the first error of writing.
func (t *Terminal) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

func (t *Terminal) screen() *screen {
	width := t.opts.Width
	if width == 0 {
		width = DefaultWidth
	}
	// Below 72 an id, a level and an outcome leave no room for a text.
	return &screen{width: max(width, 72), color: t.opts.Color}
}

func (t *Terminal) print(s *screen) {
	if _, err := io.WriteString(t.w, s.b.String()); t.err == nil {
		t.err = err
	}
}

func (s *screen) heading(d *Dialect) {
	s.line("%s: %s", s.paint(bold, plain(d.ID)), plain(strings.TrimSpace(d.Document.Title+" "+d.Document.Version)))
	s.labelled("at", d.Target.BaseURL)
	if d.Incomplete != "" {
		s.labelled("cut short", d.Incomplete)
	}
	for _, text := range d.Deviations {
		s.labelled("declared", text)
	}
	for _, text := range d.Notes {
		s.labelled("note", text)
	}
}

// quietDialect is all that --quiet shows of a dialect.
func (s *screen) quietDialect(label string, d *Dialect) {
	s.dialectVerdict(label, d)
	if d.Counts.Fail+d.Counts.CouldNotRun+d.Counts.Error > 0 {
		s.blocks(d, Fail, CouldNotRun, Error)
		s.blank()
	}
}

// milliseconds prints a duration as people say it: 4ms, 1.2s, 1m31s.
func milliseconds(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	switch {
	case d >= time.Minute:
		d = d.Round(time.Second)
	case d >= time.Second:
		d = d.Round(100 * time.Millisecond)
	}
	return fmt.Sprint(d)
}
