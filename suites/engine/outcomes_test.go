package engine_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/specs"
	"gonogo/suites/engine"
)

func TestHowACaseEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t, nowhere, "")
	returns := func(err error) func(context.Context, *engine.Trial) error {
		return func(context.Context, *engine.Trial) error { return err }
	}
	b.add("passes", passes)
	b.add("stops", returns(engine.CouldNotRun("no %s", "token")))
	b.add("wrapped", returns(fmt.Errorf("first: %w", engine.CouldNotRun("no token"))))
	b.add("too-dear", returns(engine.NotExercised("it takes a browser")))
	b.add("no-promise", returns(engine.NotApplicable("the document has no code")))
	b.add("breaks", returns(errors.New("our own fault")))
	b.add("own-context", returns(context.DeadlineExceeded))
	b.add("own-cancel", returns(fmt.Errorf("a page: %w", context.Canceled)))
	b.add("panics", func(context.Context, *engine.Trial) error { panic("oh") })
	b.add("has-no-run", nil)
	b.add("ends-its-goroutine", func(context.Context, *engine.Trial) error { runtime.Goexit(); return nil })
	b.add("finds", finds(nil))
	b.add("finds-and-stops", finds(engine.CouldNotRun("no token")))
	b.add("finds-and-breaks", finds(errors.New("our own fault")))
	b.add("finds-and-panics", func(ctx context.Context, tr *engine.Trial) error {
		_ = finds(nil)(ctx, tr)
		panic("oh")
	})
	b.add("passes-after-all", passes)
	d := b.run(t.Context())
	wantShown(t, d,
		"passes: pass", "stops: could-not-run, no token", "wrapped: could-not-run, no token", "too-dear: not-exercised, it takes a browser",
		"no-promise: not-applicable, the document has no code", "breaks: error, our own fault", "own-context: error, context deadline exceeded",
		"own-cancel: error, a page: context canceled",
		"panics: error, panic in kitchenhub/test/panics: oh",
		"has-no-run: error, panic in kitchenhub/test/has-no-run: runtime error: invalid memory address or nil pointer dereference",
		"ends-its-goroutine: error, kitchenhub/test/ends-its-goroutine ended its goroutine",
		"finds: fail", "finds-and-stops: fail, no token", "finds-and-breaks: fail, our own fault", "finds-and-panics: fail, panic in kitchenhub/test/finds-and-panics: oh",
		"passes-after-all: pass",
	)
	c := d.Cases[11]
	if len(c.Findings) != 1 || c.Findings[0].Where != "specs/kitchenhub.yaml:7" || c.Findings[0].Exchange != nil {
		t.Errorf("the finding is %+v, want it where the case comes from", c.Findings)
	}
	if c.Title != "the case finds" || c.Level != "documented" || !slices.Equal(c.Requirements, []string{"KH-ISSUE-1"}) {
		t.Errorf("the result is %+v", c)
	}
	if d.Incomplete != "" {
		t.Errorf("the run was not cut short, and says %q", d.Incomplete)
	}
}

func TestTheWeakestRequirementDecidesWhatAViolationCounts(t *testing.T) {
	t.Parallel()
	for gate, want := range map[specs.Level]string{
		"":               "documented: fail\nstandard: fail\npractice: warn\nboth: warn\npasses: pass",
		specs.Documented: "documented: fail\nstandard: warn\npractice: warn\nboth: warn\npasses: pass",
		specs.Standard:   "documented: fail\nstandard: fail\npractice: warn\nboth: warn\npasses: pass",
		specs.Practice:   "documented: fail\nstandard: fail\npractice: fail\nboth: fail\npasses: pass",
	} {
		b := newBench(t, nowhere, "")
		b.options.Policy.Gate = gate
		b.add("documented", finds(nil), of("KH-ISSUE-1"))
		b.add("standard", finds(nil), of("KH-ISSUE-1", "KH-ISSUE-3"))
		b.add("practice", finds(nil), of("KH-ISSUE-4"))
		b.add("both", finds(nil), of("KH-ISSUE-1", "KH-ISSUE-4"))
		b.add("passes", passes, of("KH-ISSUE-4"))
		d := b.run(t.Context())
		wantShown(t, d, want)
		if d.Cases[3].Level != "practice" || d.Cases[1].Level != "standard" {
			t.Errorf("gate %s: the levels are %s and %s", gate, d.Cases[1].Level, d.Cases[3].Level)
		}
	}
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	b := newBench(t, nowhere, "absent: [operator]\n")
	b.options.Require = []target.Need{target.NeedRevocation}
	ran := func(name string, needs ...target.Need) {
		b.add(name, func(context.Context, *engine.Trial) error { return errors.New("it ran") }, needing(needs...))
	}
	b.add("has-all", passes, needing(target.NeedTime, target.NeedSecond))
	ran("absent", target.NeedOperator)
	ran("unset", target.NeedOutsider)
	ran("required", target.NeedRevocation)
	ran("unset-first", target.NeedTime, target.NeedOutsider, target.NeedRevocation)
	d := b.run(t.Context())
	wantShown(t, d,
		"has-all: pass",
		"absent: not-applicable, the target declares operator absent",
		"unset: not-exercised, the target file has no outsider (add outsider: {local_address: …} or {proxy: …})",
		"required: could-not-run, revocation is required, but the document names no revocation path (set settings.revoke_path)",
		"unset-first: not-exercised, the target file has no outsider (add outsider: {local_address: …} or {proxy: …})",
	)
	if !slices.Equal(d.Cases[0].Needs, []string{"time", "second"}) {
		t.Errorf("the needs are %v", d.Cases[0].Needs)
	}
}

func TestEveryExchangeOfAFindingIsCited(t *testing.T) {
	t.Parallel()
	server := served(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) })
	b := newBench(t, server.URL, "limits: {parallel: 1}\n")
	var mu sync.Mutex
	b.add("cites", func(ctx context.Context, tr *engine.Trial) error {
		mu.Lock()
		defer mu.Unlock()
		first, _ := send(ctx, tr, "GET", server.URL+"/first")
		second, _ := send(ctx, tr, "GET", server.URL+"/second")
		req, _ := http.NewRequestWithContext(ctx, "GET", server.URL+"/quiet", nil)
		quiet, err := tr.Quiet(ctx, req)
		if err != nil {
			return err
		}
		tr.Find(engine.Finding{Sent: "second", Exchange: second})
		tr.Find(engine.Finding{Sent: "second", Exchange: tr.Cite(second)})
		tr.Find(engine.Finding{Sent: "quiet", Exchange: quiet})
		tr.Find(engine.Finding{Sent: "first", Exchange: first, Where: "elsewhere:1"})
		tr.Find(engine.Finding{Sent: "nothing"})
		return nil
	})
	d := b.run(t.Context())
	c := d.Cases[0]
	if len(c.Exchanges) != 3 {
		t.Fatalf("%d exchanges, want each of three once", len(c.Exchanges))
	}
	for _, f := range c.Findings {
		if f.Sent == "nothing" {
			if f.Exchange != nil {
				t.Error("a finding of no exchange cites one")
			}
			continue
		}
		if f.Exchange == nil || c.Exchanges[*f.Exchange].Response.Body != "/"+f.Sent {
			t.Errorf("the finding about %s cites %v", f.Sent, f.Exchange)
		}
	}
	if c.Findings[3].Where != "elsewhere:1" {
		t.Errorf("a finding that says where it is is moved to %s", c.Findings[3].Where)
	}
	if d.Requests != 3 {
		t.Errorf("%d requests counted, want 3", d.Requests)
	}
}

func TestResultsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	const token, session = "the-minted-token/1", "c2Vzc2lvbjEyMw"
	server := served(t, func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: session})
		http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark"})
		_, _ = io.WriteString(w, "a dark page for "+token)
	})
	b := newBench(t, server.URL, "headers: {X-Key: the-gateway-key}\n")
	b.plan.Probe = func(context.Context, *engine.Trial) (engine.Facts, error) {
		return engine.Facts{Notes: []string{"a note with the-primary-secret"}}, nil
	}
	b.add("leaks", func(ctx context.Context, tr *engine.Trial) error {
		req, _ := http.NewRequestWithContext(ctx, "POST", server.URL+"/?secret=the-primary-secret", strings.NewReader(token))
		req.SetBasicAuth("other-id", "the-second-secret")
		x, err := tr.Send(ctx, req)
		if err != nil {
			return err
		}
		tr.Secret("access", token)
		tr.Find(engine.Finding{Sent: token, Wanted: "not " + token, Got: base64.StdEncoding.EncodeToString([]byte(token)), Exchange: x})
		return engine.CouldNotRun("with %s it went wrong, and with %s", token, session)
	})
	d := b.run(t.Context())
	text := fmt.Sprintf("%+v %+v", d.Notes, d.Cases[0])
	for _, leak := range []string{token, session, "the-primary-secret", "the-second-secret", "the-gateway-key", base64.StdEncoding.EncodeToString([]byte(token))} {
		if strings.Contains(text, leak) {
			t.Errorf("the result tells %q: %s", leak, text)
		}
	}
	if !strings.Contains(text, "a dark page") {
		t.Error("a word of the page is taken for a secret because a cookie says it")
	}
}

func TestEveryResultIsObservedOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, nowhere, "")
	var mu sync.Mutex
	seen := map[string]reports.Outcome{}
	b.observe = func(c reports.Case) {
		mu.Lock()
		defer mu.Unlock()
		if _, twice := seen[c.ID]; twice {
			t.Errorf("%s is observed twice", c.ID)
		}
		seen[c.ID] = c.Outcome
	}
	for i := range 40 {
		b.add(fmt.Sprint("case-", i), passes, in(engine.Phase(i%4)), claiming(engine.Takes("one")))
	}
	for _, c := range b.run(t.Context()).Cases {
		if seen[c.ID] != c.Outcome {
			t.Errorf("%s is %s and was observed as %q", c.ID, c.Outcome, seen[c.ID])
		}
	}
}

func TestOneAndManyAtOnceGiveTheSame(t *testing.T) {
	t.Parallel()
	server := served(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "7") {
			w.WriteHeader(http.StatusTeapot)
		}
	})
	outcomes := func(parallel int) string {
		b := newBench(t, server.URL, "")
		b.options.Parallel = parallel
		for i := range 60 {
			claim := engine.Shares("account:primary")
			if i%5 == 0 {
				claim = engine.Takes("account:primary")
			}
			b.add(fmt.Sprint("case-", i), wants200("GET", fmt.Sprintf("%s/%d", server.URL, i)), in(engine.Phase(i%4)), claiming(claim, engine.Shares("clock")))
		}
		return shown(b.run(t.Context()))
	}
	if one, many := outcomes(1), outcomes(32); one != many || !strings.Contains(one, "case-7: fail") || !strings.Contains(one, "case-8: pass") {
		t.Errorf("one at a time:\n%s\nmany:\n%s", one, many)
	}
}

func TestFailedLoginsAreBudgeted(t *testing.T) {
	t.Parallel()
	b := newBench(t, nowhere, "limits: {failed_logins: 3}\n")
	for i := range 5 {
		b.add(fmt.Sprint("case-", i), func(_ context.Context, tr *engine.Trial) error { return tr.FailedLogin() }, func(c *engine.Case) { c.FailedLogins = 1 })
	}
	d := b.run(t.Context())
	var passed, left int
	for _, c := range d.Cases {
		switch {
		case c.Outcome == reports.Pass:
			passed++
		case c.Outcome == reports.NotExercised && c.Reason == "it takes 1 more than the 3 logins with wrong credentials of limits.failed_logins":
			left++
		}
	}
	if passed != 3 || left != 2 {
		t.Errorf("got:\n%s\nwant three to pass and two to name the limit", shown(d))
	}
}

func TestChanceIsDecidedBySeedAndCase(t *testing.T) {
	t.Parallel()
	draw := func(seed int64, parallel int) [8]int {
		b := newBench(t, nowhere, "")
		b.options.Seed, b.options.Parallel = seed, parallel
		var drawn [8]int
		for i := range drawn {
			b.add(fmt.Sprint("case-", i), func(_ context.Context, tr *engine.Trial) error {
				drawn[i] = tr.Rand(1_000_000)
				return nil
			})
		}
		b.run(t.Context())
		return drawn
	}
	first := draw(7, 1)
	if first != draw(7, 8) {
		t.Error("one seed gives different numbers")
	}
	if first == draw(8, 1) || first[0] == first[1] {
		t.Errorf("another seed or another case gives the same numbers: %v", first)
	}
}

func TestAPlanWithOneIDTwiceIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, nowhere, "")
	b.add("same", finds(nil))
	b.add("same", passes)
	if _, err := engine.Run(t.Context(), b.job(), b.options); err == nil || err.Error() != "target.yaml: the plan has two cases with the id kitchenhub/test/same" {
		t.Errorf("got %v", err)
	}
}

func TestThePlanReckonsItsRequests(t *testing.T) {
	t.Parallel()
	plan := engine.Plan{Cases: []engine.Case{{Requests: 10}, {}, {Requests: 1}}}
	if got := plan.Requests(); got != 15 {
		t.Errorf("%d requests, want 10 and 1 and 4 for the case that does not say", got)
	}
}

func TestOnlyTheTimelineWaits(t *testing.T) {
	t.Parallel()
	b := newBench(t, nowhere, "")
	b.add("waits", func(ctx context.Context, tr *engine.Trial) error { return tr.Wait(ctx, tr.Now().Add(time.Millisecond)) })
	wantShown(t, b.run(t.Context()), "waits: error, kitchenhub/test/waits waits outside the timeline")
}
