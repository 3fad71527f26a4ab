package engine_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gonogo/internal/exchange"
	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// bench is a target and a plan to run against it.
type bench struct {
	t       *testing.T
	target  *target.Target
	plan    *engine.Plan
	options engine.Options
	observe func(reports.Case)
}

// job is what the bench runs.
func (b *bench) job() []engine.Job { return []engine.Job{{Plan: b.plan, Target: b.target}} }

// Begin, CaseEnded and End make the bench an observer of its run.
func (b *bench) Begin(*reports.Report) {}

func (b *bench) CaseEnded(_ int, c reports.Case) {
	if b.observe != nil {
		b.observe(c)
	}
}

func (b *bench) End(*reports.Report) {}

// newBench reads a target file for an address; more is appended to it. The needs that it serves by itself are
// time and, unless it is declared absent, second.
func newBench(t *testing.T, address, more string) *bench {
	t.Helper()
	file := fmt.Sprintf(`
dialect: kitchenhub
base_url: %s
credentials:
  primary: {client_id: the-id, client_secret: the-primary-secret}
  second: {client_id: other-id, client_secret: the-second-secret}
%s`, address, more)
	tg, dialect, err := target.Parse("target.yaml", []byte(file), nil)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t: t, target: tg, plan: &engine.Plan{Dialect: dialect}}
}

// nowhere is an address for cases that send nothing.
const nowhere = "http://127.0.0.1:1"

// add adds an ordinary case of a documented requirement.
func (b *bench) add(name string, run func(context.Context, *engine.Trial) error, change ...func(*engine.Case)) {
	c := engine.Case{ID: "kitchenhub/test/" + name, Title: "the case " + name, Requirements: []string{"KH-ISSUE-1"}, At: specs.Place{File: "specs/kitchenhub.yaml", Line: 7}, Run: run}
	for _, each := range change {
		each(&c)
	}
	b.plan.Cases = append(b.plan.Cases, c)
}

func in(phase engine.Phase) func(*engine.Case) { return func(c *engine.Case) { c.Phase = phase } }

func claiming(claims ...engine.Claim) func(*engine.Case) {
	return func(c *engine.Case) { c.Claims = append(c.Claims, claims...) }
}

func of(requirements ...string) func(*engine.Case) {
	return func(c *engine.Case) { c.Requirements = requirements }
}

func needing(needs ...target.Need) func(*engine.Case) {
	return func(c *engine.Case) { c.Needs = needs }
}

// run runs the plan and makes sure that every case has a result, in the plan's order.
func (b *bench) run(ctx context.Context) *reports.Dialect {
	b.t.Helper()
	prepared, err := engine.Prepare(b.job(), b.options)
	if err != nil {
		b.t.Fatal(err)
	}
	d := prepared.Run(ctx, b).Dialects[0]
	if len(d.Cases) != len(b.plan.Cases) {
		b.t.Fatalf("%d results for %d cases", len(d.Cases), len(b.plan.Cases))
	}
	for i, c := range d.Cases {
		if c.ID != b.plan.Cases[i].ID || c.Outcome == "" {
			b.t.Fatalf("result %d is %q with outcome %q, want that of %q", i, c.ID, c.Outcome, b.plan.Cases[i].ID)
		}
	}
	return d
}

// shown is a line for each case: its name, outcome and reason.
func shown(d *reports.Dialect) string {
	var lines []string
	for _, c := range d.Cases {
		line := strings.TrimPrefix(c.ID, "kitchenhub/test/") + ": " + string(c.Outcome)
		if c.Reason != "" {
			line += ", " + strings.SplitN(c.Reason, "\n", 2)[0]
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func wantShown(t *testing.T, d *reports.Dialect, want ...string) {
	t.Helper()
	if got := shown(d); got != strings.Join(want, "\n") {
		t.Errorf("got:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}

// send sends a request to a path of the target.
func send(ctx context.Context, t *engine.Trial, method, url string) (*exchange.Exchange, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return nil, err
	}
	return t.Send(ctx, req)
}

// wants200 is a case that finds anything but a 200 wrong.
func wants200(method, url string) func(context.Context, *engine.Trial) error {
	return func(ctx context.Context, t *engine.Trial) error {
		x, err := send(ctx, t, method, url)
		if err == nil && x.Status != 200 {
			t.Find(engine.Finding{Sent: method, Wanted: "200", Got: fmt.Sprint(x.Status), Exchange: x})
		}
		return err
	}
}

func passes(context.Context, *engine.Trial) error { return nil }

// finds is a case that finds something, and ends as told.
func finds(err error) func(context.Context, *engine.Trial) error {
	return func(_ context.Context, t *engine.Trial) error {
		t.Find(engine.Finding{Sent: "something", Wanted: "this", Got: "that"})
		return err
	}
}

// served starts an HTTP server that drops the connection where the handler panics.
func served(t *testing.T, handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server
}

// drop hangs up on a request.
func drop() { panic(http.ErrAbortHandler) }

// alive tells the run what request is known to be answered.
func alive(address string) func(context.Context, *engine.Trial) (engine.Facts, error) {
	return func(_ context.Context, t *engine.Trial) (engine.Facts, error) {
		t.KnownGood(func(ctx context.Context) *http.Request {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
			if err != nil {
				return nil
			}
			return req
		})
		return engine.Facts{}, nil
	}
}
