package engine_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"gonogo/internal/exchange"
	"gonogo/suites/engine"
)

// single is a server where a value in the path works once. It acts on a request and then hangs up so many
// times, so that the answer is lost and nothing else.
type single struct {
	mu    sync.Mutex
	used  map[string]bool
	loses int
}

func (s *single) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/alive" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	spent := s.used[r.URL.Path]
	s.used[r.URL.Path] = true
	if !spent && s.loses > 0 {
		s.loses--
		drop()
	}
	if spent {
		w.WriteHeader(http.StatusBadRequest)
	}
}

// TestALostAnswerIsNotHeldAgainstTheTarget: a refresh whose first attempt was processed, and whose answer was
// lost, is repeated and then refused, by a target that did everything right.
func TestALostAnswerIsNotHeldAgainstTheTarget(t *testing.T) {
	t.Parallel()
	const reason = "an answer to %s URL was lost and the request repeated, so the target may have acted on it twice; then this says nothing: %s; wanted 200; got 400"
	for name, tc := range map[string]struct {
		loses int
		run   func(next func() string) func(context.Context, *engine.Trial) error
		want  string
	}{
		"nothing lost": {0, func(next func() string) func(context.Context, *engine.Trial) error {
			return func(ctx context.Context, tr *engine.Trial) error { return wants200("POST", next())(ctx, tr) }
		}, "pass"},
		"lost once": {1, func(next func() string) func(context.Context, *engine.Trial) error {
			return func(ctx context.Context, tr *engine.Trial) error { return wants200("POST", next())(ctx, tr) }
		}, "pass"},
		"a GET lost once": {1, func(next func() string) func(context.Context, *engine.Trial) error {
			return func(ctx context.Context, tr *engine.Trial) error { return wants200("GET", next())(ctx, tr) }
		}, "pass"},
		"lost again": {2, func(next func() string) func(context.Context, *engine.Trial) error {
			return func(ctx context.Context, tr *engine.Trial) error { return wants200("POST", next())(ctx, tr) }
		}, "could-not-run, " + fmt.Sprintf(reason, "POST", "POST")},
		"seen in a later request": {1, func(next func() string) func(context.Context, *engine.Trial) error {
			return func(ctx context.Context, tr *engine.Trial) error {
				x, err := send(ctx, tr, "POST", next())
				if err == nil && x.Twice {
					y, _ := send(ctx, tr, "POST", strings.TrimSuffix(x.URL, "?")) // as after a family was revoked
					tr.Find(engine.Finding{Wanted: "200", Got: fmt.Sprint(y.Status), Exchange: y})
				}
				return err
			}
		}, "pass"},
		"found before": {10, func(next func() string) func(context.Context, *engine.Trial) error {
			return func(ctx context.Context, tr *engine.Trial) error {
				x, err := send(ctx, tr, "GET", strings.Split(next(), "/value")[0]+"/alive")
				if err != nil {
					return err
				}
				_ = wants200("POST", next())(ctx, tr)
				tr.Find(engine.Finding{Wanted: "418", Got: "200", Exchange: x}) // only found now, and seen before
				return nil
			}
		}, "fail"},
		"a real fault": {1, func(next func() string) func(context.Context, *engine.Trial) error {
			return func(ctx context.Context, tr *engine.Trial) error {
				x, err := send(ctx, tr, "POST", next())
				tr.Find(engine.Finding{Wanted: "418", Got: "another", Exchange: x})
				return err
			}
		}, "fail"},
		"the repeat ends early": {1, func(next func() string) func(context.Context, *engine.Trial) error {
			tries := 0
			return func(ctx context.Context, tr *engine.Trial) error {
				if tries++; tries > 1 {
					return engine.NotExercised("the budget is used up")
				}
				return wants200("POST", next())(ctx, tr)
			}
		}, "could-not-run, " + fmt.Sprintf(reason, "POST", "POST")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := served(t, (&single{used: map[string]bool{}, loses: tc.loses}).ServeHTTP)
			b := newBench(t, server.URL, "")
			b.plan.Probe = alive(server.URL + "/alive")
			n := 0
			next := func() string { n++; return fmt.Sprintf("%s/value%d", server.URL, n) }
			b.add("case", tc.run(next))
			d := b.run(t.Context())
			for i := range n + 1 {
				d.Cases[0].Reason = strings.ReplaceAll(d.Cases[0].Reason, fmt.Sprintf("%s/value%d", server.URL, i), "URL")
			}
			wantShown(t, d, "case: "+tc.want)
			if (len(d.Cases[0].Findings) > 0) != (tc.want == "fail") {
				t.Errorf("the findings are %+v", d.Cases[0].Findings)
			}
		})
	}
}

func TestWhatAnotherCaseRepeatedIsNoDoubt(t *testing.T) {
	t.Parallel()
	server := served(t, (&single{used: map[string]bool{}, loses: 1}).ServeHTTP)
	b := newBench(t, server.URL, "")
	b.plan.Probe = alive(server.URL + "/alive")
	var repeated *exchange.Exchange
	b.add("repeats", func(ctx context.Context, tr *engine.Trial) (err error) {
		repeated, err = send(ctx, tr, "POST", server.URL+"/x")
		return err
	})
	b.add("looks-over-it", func(_ context.Context, tr *engine.Trial) error {
		tr.Find(engine.Finding{Sent: "what came", Exchange: tr.Cite(repeated)})
		return nil
	}, in(engine.Audit))
	wantShown(t, b.run(t.Context()), "repeats: pass", "looks-over-it: fail")
}
