package watch

import (
	"context"
	"maps"
	"strings"
	"time"

	"gonogo/internal/embedded"
	"gonogo/reports"
	"gonogo/specs"
)

// TB is what a watch needs of a test: *testing.T has it.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
}

// Watch is a watch in a test: an API, in front of which a client is watched.
type Watch struct {
	URL string // where the client finds the API: the document's first server

	t       TB
	watched *watched
	context context.Context
}

// Start starts the reference server of a built-in dialect with a watch in front, for the time of a test. When the test ends, each
// requirement that the client violated fails it. What the client never came to is not exercised, and is logged.
func Start(t TB, dialect string) *Watch {
	t.Helper()
	d, err := specs.Load(dialect)
	if err != nil {
		t.Fatalf("watch: %v", err)
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	server, err := embedded.Start(ctx, d, nil, nil)
	if err != nil {
		t.Fatalf("watch: %v", err)
		return nil
	}
	t.Cleanup(server.Stop)
	target, err := server.Target()
	if err != nil {
		t.Fatalf("watch: %v", err)
		return nil
	}
	w, err := open(ctx, Config{Dialect: d, Target: target, Patience: DefaultPatience, Policy: reports.Policy{Gate: specs.Standard}})
	if err != nil {
		t.Fatalf("watch: %v", err)
		return nil
	}
	w.asked = true // who moves the clock knows the time
	w.announce(ctx, script[0].id, script[0].title, nil)
	watch := &Watch{URL: w.front.URL("").String(), t: t, watched: w, context: ctx}
	t.Cleanup(watch.end)
	return watch
}

// Server is where the client finds another server of the document, by its name there.
func (w *Watch) Server(name string) string {
	if at := w.watched.front.URL(name); at != nil {
		return at.String()
	}
	return w.URL
}

// Credentials are those of a role, by field, such as client_id of primary.
func (w *Watch) Credentials(role string) map[string]string {
	return maps.Clone(w.watched.config.Target.Credentials[role].Fields)
}

// Now is the API's time.
func (w *Watch) Now() time.Time { return w.watched.now() }

// Advance moves the API's clock, as an hour passes: tokens come to their ends.
func (w *Watch) Advance(by time.Duration) {
	w.t.Helper()
	w.watched.announce(w.context, "access-ended", "the API's clock was moved", nil)
	if err := w.watched.advance(w.context, w.watched.now().Add(by)); err != nil {
		w.t.Fatalf("watch: the clock cannot be moved: %v", err)
	}
}

// end draws the verdict.
func (w *Watch) end() {
	w.t.Helper()
	w.watched.front.Close()
	report := w.watched.report(w.context)
	w.watched.tellVerdict(report)
	w.watched.close()
	var idle []string
	for _, c := range report.Dialects[0].Cases {
		switch c.Outcome {
		case reports.Fail, reports.Error, reports.CouldNotRun:
			w.t.Errorf("%s", said(c))
		case reports.Warn:
			w.t.Logf("warning: %s", said(c))
		case reports.NotExercised:
			idle = append(idle, c.Requirements...)
		}
	}
	if why := report.Dialects[0].Incomplete; why != "" {
		w.t.Errorf("watch: %s", why)
	}
	if len(idle) > 0 {
		w.t.Logf("watch: not exercised: %s", strings.Join(idle, ", "))
	}
}

// said is a case that went wrong, in a line for each finding.
func said(c reports.Case) string {
	lines := []string{strings.Join(c.Requirements, ", ") + ": " + c.Title}
	for _, f := range c.Findings {
		lines = append(lines, "  sent "+f.Sent+", wanted "+f.Wanted+", got "+f.Got)
	}
	return strings.Join(lines, "\n")
}

// Page is where a browser sees the watch while the test runs.
func (w *Watch) Page() string { return w.watched.control.URL().String() + "/" }
