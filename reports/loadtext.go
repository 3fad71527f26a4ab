package reports

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteLoadText writes a load run for people: what was measured, what was wrong with it, and the verdict last, where
// it is looked for.
func WriteLoadText(w io.Writer, run *LoadRun, options TerminalOptions) error {
	s := newScreen(options)
	if options.Quiet {
		s.loadNotes(run)
	} else {
		s.loadNumbers(run)
	}
	if !options.Quiet {
		for _, e := range run.Examples {
			s.loadExample(e)
		}
	}
	for _, v := range run.Violations {
		s.loadViolation(v)
	}
	if s.b.Len() > 0 {
		s.blank()
	}
	s.loadVerdict(run)
	_, err := io.WriteString(w, s.b.String())
	return err
}

func (s *screen) loadNumbers(run *LoadRun) {
	s.line("%s: %s, %s over %s, %s", s.paint(bold, plain(run.Dialect)), plain(run.Scenario), plain(run.Shape), count(run.Connections, "connection"), plain(run.Protocol))
	s.labelled("at", run.Target.BaseURL)
	s.loadNotes(run)
	if run.Requests == 0 {
		return
	}
	rate := fmt.Sprintf("%.1f/s achieved", run.Achieved)
	if run.Asked > 0 {
		rate += fmt.Sprintf(" of %.1f/s asked for", run.Asked)
	}
	s.labelled("requests", fmt.Sprintf("%d in %s: %s", run.Requests, milliseconds(run.DurationMS), rate))
	s.labelled("errors", fmt.Sprintf("%d (%.3g %%)", run.Errors, 100*float64(run.Errors)/float64(run.Requests)))
	if run.Starved > 0 {
		s.labelled("starved", fmt.Sprintf("%d requests had no token to spend", run.Starved))
	}
	s.labelled("answers", join(run.answers(func(n int64) string { return fmt.Sprint(n) })))
	s.blank()
	s.line("  %-*s%9s%9s%9s%9s%9s%9s%9s", labelWidth, "", "mean", "p50", "p90", "p95", "p99", "p99.9", "max")
	s.distribution("latency", run.Latency)
	s.distribution("service", run.Service)
	s.distribution("lag", run.Lag)
	if len(run.Parts) > 1 {
		s.blank()
		s.line("  %-*s%9s%9s%9s%9s%9s", labelWidth, "", "requests", "errors", "p50", "p99", "max")
		for _, p := range run.Parts {
			s.line("  %-*s%9d%9d%9s%9s%9s", labelWidth, plain(p.Name), p.Requests, p.Errors, micros(p.Latency.P50), micros(p.Latency.P99), micros(p.Latency.Max))
		}
	}
	if len(run.Objectives) > 0 {
		s.blank()
	}
	for _, o := range run.Objectives {
		s.objective(o)
	}
}

// loadNotes are printed even where nothing else is: one can say what was not judged.
func (s *screen) loadNotes(run *LoadRun) {
	for _, note := range run.Notes {
		s.labelled("note", note)
	}
}

func (s *screen) objective(o LoadObjective) {
	mark, color, word := "✓", green, "held"
	if !o.Held {
		mark, color, word = "✗", red, "not held"
	}
	s.line("  %s %-20s %s: %s", s.paint(color, mark), plain(o.Text), word, plain(o.Got))
}

// mostAnswers is how many kinds of answers a text shows.
const mostAnswers = 8

// answers are what was answered and how often, most frequent first.
func (r *LoadRun) answers(number func(int64) string) []string {
	var texts []string
	for i, a := range r.Answers {
		if i == mostAnswers {
			return append(texts, fmt.Sprintf("and %d more kinds", len(r.Answers)-i))
		}
		texts = append(texts, fmt.Sprintf("%s ×%s", a.What, number(a.Count)))
	}
	return texts
}

func (s *screen) distribution(name string, d Distribution) {
	s.line("  %-*s%9s%9s%9s%9s%9s%9s%9s", labelWidth, name, micros(d.Mean), micros(d.P50), micros(d.P90), micros(d.P95), micros(d.P99), micros(d.P999), micros(d.Max))
}

// micros prints a time with three digits: 850µs, 1.23ms, 12.3ms, 1.23s.
func micros(us int64) string {
	d := time.Duration(us) * time.Microsecond
	switch {
	case d >= 10*time.Second:
		d = d.Round(100 * time.Millisecond)
	case d >= time.Second:
		d = d.Round(10 * time.Millisecond)
	case d >= 100*time.Millisecond:
		d = d.Round(time.Millisecond)
	case d >= 10*time.Millisecond:
		d = d.Round(100 * time.Microsecond)
	case d >= time.Millisecond:
		d = d.Round(10 * time.Microsecond)
	}
	return d.String()
}

func (s *screen) loadViolation(v LoadViolation) {
	s.blank()
	s.line("%s  %s, %s", s.paint(red, "VIOLATION"), plain(v.Kind), count(int(v.Count), "time"))
	s.labelled("requirement", v.Requirement)
	s.labelled("sent", v.Finding.Sent)
	s.labelled("wanted", v.Finding.Wanted)
	s.labelled("got", v.Finding.Got)
	s.verbatim("where", v.Finding.Where)
	if v.Exchange != nil {
		s.verbatim("curl", v.Exchange.Curl)
	}
}

// loadExample shows an answer that was an error, and how to ask for it again.
func (s *screen) loadExample(e LoadExample) {
	s.blank()
	s.line("%s  %s is answered %s", s.paint(red, "ERROR"), plain(e.Request), plain(e.Answer))
	if e.Exchange == nil {
		return
	}
	if body := e.Exchange.Response.Body; body != "" {
		s.labelled("body", short(body, exampleText))
	}
	s.verbatim("curl", e.Exchange.Curl)
}

// exampleText is how many characters of an answer that was an error are shown in a text; the reports have it whole.
const exampleText = 200

func (s *screen) loadVerdict(run *LoadRun) {
	word, color := strings.ToUpper(string(run.Verdict)), green
	switch run.Verdict {
	case NoGo:
		color = red
		if !run.Complete {
			word += ", and incomplete"
		}
	case Incomplete:
		color = yellow
	}
	text := s.paint(color, word)
	if len(run.Because) == 0 {
		s.line("%s: %s, %s", text, count(int(run.Requests), "request"), count(int(run.Errors), "error"))
		return
	}
	s.line("%s: %s", text, plain(strings.Join(run.Because, "; ")))
}
