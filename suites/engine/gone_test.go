package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"gonogo/internal/exchange"
	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/suites/engine"
)

func TestNoAnswerIsAFinding(t *testing.T) {
	t.Parallel()
	server := served(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/drops" {
			drop()
		}
	})
	b := newBench(t, server.URL, "")
	b.plan.Probe = alive(server.URL + "/fine")
	b.add("fine", wants200("POST", server.URL+"/fine"))
	b.add("drops", wants200("POST", server.URL+"/drops"))
	b.add("one-of-a-race", func(ctx context.Context, tr *engine.Trial) error {
		errs := make([]error, 8)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() {
				path := "/fine"
				if i == 0 {
					path = "/drops"
				}
				_, errs[i] = send(ctx, tr, "POST", server.URL+path)
			})
		}
		all.Wait()
		return errors.Join(errs...)
	})
	b.add("quietly", func(ctx context.Context, tr *engine.Trial) error {
		req, _ := http.NewRequestWithContext(ctx, "POST", server.URL+"/drops", nil)
		_, err := tr.Quiet(ctx, req)
		return err
	})
	d := b.run(t.Context())
	wantShown(t, d, "fine: pass", "drops: fail", "one-of-a-race: fail", "quietly: fail")
	for _, c := range d.Cases[1:] {
		if len(c.Findings) != 1 || c.Findings[0].Exchange == nil {
			t.Errorf("%s: the findings are %+v", c.ID, c.Findings)
			continue
		}
		f, x := c.Findings[0], c.Exchanges[*c.Findings[0].Exchange]
		if f.Sent != "POST "+server.URL+"/drops" || f.Wanted != "an answer, twice asked" || !strings.HasPrefix(f.Got, "no answer came: ") {
			t.Errorf("%s: the finding is %+v", c.ID, f)
		}
		if x.Error == "" || !strings.HasSuffix(x.Request.URL, "/drops") {
			t.Errorf("%s: the finding cites %+v", c.ID, x)
		}
	}
	if d.Incomplete != "" {
		t.Errorf("the run was not cut short, and says %q", d.Incomplete)
	}
}

func TestATargetThatDisappearsIsNoFinding(t *testing.T) {
	t.Parallel()
	server := served(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wrong" {
			w.WriteHeader(http.StatusTeapot)
		}
	})
	b := newBench(t, server.URL, "limits: {max_wait: 0s}\nabsent: [operator]\n")
	b.plan.Probe = alive(server.URL)
	b.add("wrong", wants200("GET", server.URL+"/wrong"))
	// the exclusive cases come after all ordinary ones
	b.add("kills", func(ctx context.Context, tr *engine.Trial) error {
		if err := wants200("GET", server.URL+"/wrong")(ctx, tr); err != nil {
			return err
		}
		server.CloseClientConnections()
		server.Close()
		_, err := send(ctx, tr, "GET", server.URL+"/wrong")
		return err
	}, in(engine.Exclusive), claiming(engine.Takes("first")))
	b.add("looks", finds(errors.New("it ran")), in(engine.Audit))
	b.add("not-promised", finds(errors.New("it ran")), in(engine.Audit), needing(target.NeedOperator))
	d := b.run(t.Context())
	const gone = ", the target is gone: it no longer answers"
	wantShown(t, d, "wrong: fail", "kills: fail"+gone, "looks: could-not-run"+gone, "not-promised: could-not-run"+gone)
	if d.Incomplete != "the target is gone since kitchenhub/test/kills" {
		t.Errorf("the run says %q", d.Incomplete)
	}
	report := &reports.Report{Dialects: []*reports.Dialect{d}}
	reports.Decide(report, reports.Policy{})
	if report.Verdict != reports.NoGo || report.Complete {
		t.Errorf("the verdict is %s, complete %t; what was found stands, and the rest is missing", report.Verdict, report.Complete)
	}
}

func TestACaseCannotHideThatTheTargetIsGone(t *testing.T) {
	t.Parallel()
	server := served(t, func(http.ResponseWriter, *http.Request) {})
	server.Close()
	b := newBench(t, server.URL, "")
	b.plan.Probe = alive(server.URL)
	b.add("hides", func(ctx context.Context, tr *engine.Trial) error {
		if _, err := send(ctx, tr, "GET", server.URL); !errors.Is(err, exchange.ErrGone) {
			return fmt.Errorf("got %w", err)
		}
		return nil
	})
	if d := b.run(t.Context()); d.Incomplete != "the target is gone: it no longer answers" {
		t.Errorf("the run says %q", d.Incomplete)
	}
}

func TestAProbeThatFailsEndsTheRun(t *testing.T) {
	t.Parallel()
	server := served(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/drops" {
			drop()
		}
	})
	for name, tc := range map[string]struct {
		probe   func(ctx context.Context, t *engine.Trial) (engine.Facts, error)
		outcome string
	}{
		"stop": {func(context.Context, *engine.Trial) (engine.Facts, error) {
			return engine.Facts{}, engine.CouldNotRun("refused")
		}, "could-not-run, refused"},
		"own fault": {func(context.Context, *engine.Trial) (engine.Facts, error) { return engine.Facts{}, errors.New("oh") }, "error, oh"},
		"panic":     {func(context.Context, *engine.Trial) (engine.Facts, error) { panic("oh") }, "error, panic in kitchenhub/probe: oh"},
		"unreachable": {func(ctx context.Context, tr *engine.Trial) (engine.Facts, error) {
			_, err := send(ctx, tr, "GET", nowhere)
			return engine.Facts{}, err
		}, "could-not-run, the target is gone: it no longer answers"},
		"no answer": {func(ctx context.Context, tr *engine.Trial) (engine.Facts, error) {
			facts, _ := alive(server.URL)(ctx, tr)
			_, err := send(ctx, tr, "GET", server.URL+"/drops")
			return facts, err
		}, "could-not-run, the probe got no answer: EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, server.URL, "")
			b.plan.Probe = tc.probe
			var seen []string
			b.observe = func(c reports.Case) { seen = append(seen, c.ID) }
			b.add("one", finds(nil))
			b.add("two", finds(nil), in(engine.Audit))
			d := b.run(t.Context())
			wantShown(t, d, "one: "+tc.outcome, "two: "+tc.outcome)
			if len(seen) != 2 || d.Incomplete == "" {
				t.Errorf("observed %v, incomplete %q", seen, d.Incomplete)
			}
		})
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	server := served(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hangs" {
			close(arrived)
			<-r.Context().Done()
		}
	})
	b := newBench(t, server.URL, "limits: {parallel: 2}\n")
	b.plan.Probe = alive(server.URL)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b.add("found-before", func(ctx context.Context, tr *engine.Trial) error {
		tr.Find(engine.Finding{Sent: "something", Wanted: "this", Got: "that"})
		_, err := send(ctx, tr, "GET", server.URL+"/hangs")
		return err
	}, claiming(engine.Takes("a")))
	b.add("cancels", func(context.Context, *engine.Trial) error {
		<-arrived
		cancel()
		return nil
	})
	b.add("waits-for-a-claim", passes, claiming(engine.Takes("a")))
	b.add("exclusive", passes, in(engine.Exclusive))
	b.add("timeline", func(ctx context.Context, tr *engine.Trial) error { return tr.Wait(ctx, tr.Now().Add(30e9)) }, in(engine.Timeline))
	b.add("audit", finds(nil), in(engine.Audit))
	d := b.run(ctx)
	const cut = "could-not-run, the run was interrupted"
	if d.Cases[2].Outcome == reports.Pass { // it may have been first
		d.Cases[2].Outcome, d.Cases[2].Reason = reports.CouldNotRun, "the run was interrupted"
	}
	wantShown(t, d, "found-before: fail, the run was interrupted", "cancels: pass", "waits-for-a-claim: "+cut, "exclusive: "+cut, "timeline: "+cut, "audit: "+cut)
	if d.Incomplete != "the run was interrupted" {
		t.Errorf("the run says %q", d.Incomplete)
	}
}
