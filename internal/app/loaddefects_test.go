package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gonogo/reports"
	"gonogo/specs"
)

func TestLoadFindsWhatIsWrongAtAnySpeed(t *testing.T) {
	t.Parallel()
	const (
		repeated, dead, spent, raced   = "a token was handed out twice", "a live access token does not work", "a refresh token that was used before works", "two refreshes that raced with one token both won"
		stillborn, ended, undocumented = "a refresh token that was never used is refused", "an access token works after its end", "a success is not what the document describes"
	)
	for _, c := range []struct{ defect, scenario, kind, requirement string }{
		{"kitchenhub-refresh-replay", "refresh", spent, "KH-REFRESH-2"},
		{"kitchenhub-refresh-replay", "mix=refresh:1,issue:1", spent, "KH-REFRESH-2"},
		{"kitchenhub-refresh-race", "refresh", raced, "KH-REFRESH-2"},
		{"kitchenhub-issue-repeats-pair", "issue", repeated, "KH-ISSUE-4"},
		{"kitchenhub-issue-repeats-pair", "validate", repeated, "KH-ISSUE-4"},
		{"kitchenhub-refresh-dead-access", "refresh", dead, "KH-VALIDATE-1"},
		{"kitchenhub-refresh-dead-refresh", "refresh", stillborn, "KH-REFRESH-1"},
		{"kitchenhub-refresh-same-access", "refresh", repeated, "KH-REFRESH-1"},
		{"kitchenhub-refresh-same-refresh", "refresh", repeated, "KH-REFRESH-1"},
		{"kitchenhub-issue-missing-field", "issue", undocumented, "KH-ISSUE-1"},
		{"kitchenhub-validate-live-false", "validate", dead, "KH-VALIDATE-1"},
		{"kitchenhub-use-refused", "use", dead, "KH-USE-1"},
		{"kitchenhub-validate-live-false", "issue", dead, "KH-VALIDATE-1"},
		{"kitchenhub-access-never-expires", "storm", ended, "KH-EXPIRE-1"},
		{"kitchenmonki-refresh-replay", "refresh", spent, "KM-REFRESH-2"},
		{"kitchenmonki-refresh-race", "refresh", raced, "KM-REFRESH-2"},
		{"b2b-access-never-expires", "storm", ended, "BB-EXPIRE-1"},
		{"b2b-revoke-nothing", "use", "a revoked access token works", "BB-REVOKE-1"},
		{"b2b-revoke-spares-refresh", "use", "the refresh token of a revoked session works", "BB-REVOKE-1"},
		{"b2b-revoke-spares-refresh", "session", "the refresh token of a revoked session works", "BB-REVOKE-1"},
		{"pos-login-repeats-pair", "issue", repeated, "POS-TOKEN-4"},
		{"pos-logins-memoised", "issue", "a client was handed the token of another", "ANY-UNIQUE"},
		{"pos-refresh-dead-access", "refresh", dead, "POS-USE-1"},
		{"pos-token-200", "issue", undocumented, "POS-TOKEN-1"},
		{"oauth2-refresh-replay", "refresh", spent, "OA-6749-6-ROTATION"},
		{"oauth2-refresh-race", "mix", raced, "OA-6749-6-ROTATION"},
	} {
		t.Run(c.defect+" "+c.scenario, func(t *testing.T) {
			t.Parallel()
			dialect, _, _ := strings.Cut(c.defect, "-")
			s := serve(t, dialect, "--defect", c.defect)
			o, report, run := loaded(t, slices.Concat([]string{"--target", s.file(dialect), "--scenario", c.scenario}, short, gateOf(t, dialect, c.requirement))...)
			o.exits(t, 1)
			if report.Verdict != reports.NoGo {
				t.Errorf("the report's verdict is %s", report.Verdict)
			}
			shows(t, o, run, c.kind, c.requirement)
			schema, _ := schemas(t)
			var whole strings.Builder
			if err := reports.WriteJSON(&whole, report); err != nil {
				t.Fatal(err)
			}
			validates(t, schema, "the report of a violation", whole.String())
		})
	}
}

// gateOf are the flags with which a row's violation is a no-go.
func gateOf(t *testing.T, dialect, requirement string) []string {
	t.Helper()
	d, err := specs.Load(dialect)
	if err != nil {
		t.Fatal(err)
	}
	row, ok := d.Requirement(requirement)
	if !ok {
		t.Fatalf("there is no row %s", requirement)
	}
	return []string{"--level", string(row.Level)}
}

// What nobody promised is told, and is no no-go unless it is asked for.
func TestLoadWarnsOfWhatIsGoodPractice(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub", "--defect", "kitchenhub-issue-repeats-pair")
	o, report, run := loaded(t, append([]string{"--target", s.file("kitchenhub"), "--scenario", "issue"}, short...)...)
	sound(t, o, run, 200)
	if len(run.Warnings) != 1 || run.Warnings[0].Requirement != "KH-ISSUE-4" || run.Warnings[0].Count < 100 || run.Warnings[0].Exchange == nil {
		t.Errorf("the warnings are %+v", run.Warnings)
	}
	if !strings.Contains(strings.Join(strings.Fields(o.stdout), " "), "a token was handed out twice (") {
		t.Errorf("nobody is told in\n%s", o)
	}
	schema, _ := schemas(t)
	var whole strings.Builder
	if err := reports.WriteJSON(&whole, report); err != nil {
		t.Fatal(err)
	}
	validates(t, schema, "the report of a warning", whole.String())
}

// shows wants a violation of a kind, with its exchange.
func shows(t *testing.T, o outcome, run *reports.LoadRun, kind, requirement string) {
	t.Helper()
	for _, v := range run.Violations {
		if v.Kind != kind {
			continue
		}
		if v.Requirement != requirement || v.Count < 1 || v.Exchange == nil || v.Exchange.Response.Status == 0 || v.Finding.Got == "" || !strings.Contains(v.Finding.Where, ".yaml:") {
			t.Errorf("the violation is %+v", v)
		}
		if !strings.Contains(o.stdout, "VIOLATION  "+kind+", ") || !strings.Contains(o.stdout, "  requirement  "+requirement+"\n") || !strings.Contains(o.stdout, "  curl         curl ") {
			t.Errorf("nobody is told in\n%s", o)
		}
		return
	}
	t.Errorf("%q is not among %+v", kind, run.Violations)
}

func TestLoadPassesWhatNoDocumentForbids(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ liberty, scenario string }{
		{"kitchenhub-hands-out-again", "issue"}, {"kitchenhub-hands-out-again", "validate"}, {"kitchenhub-single-session", "issue"},
		{"kitchenhub-single-session", "validate"}, {"kitchenhub-revoke-on-replay", "refresh"}, {"kitchenhub-revoke-on-replay", "mix"},
		{"kitchenhub-old-access-dies", "refresh"}, {"kitchenhub-chunked", "mix"}, {"kitchenhub-decimals", "issue"}, {"kitchenhub-extra-members", "mix"},
		{"kitchenhub-connection-close", "issue"}, {"kitchenhub-leeway", "storm"}, {"kitchenhub-validate-404", "storm"}, {"kitchenmonki-chain-ends", "refresh"}, {"kitchenmonki-drops-idle", "refresh"},
		{"pos-refresh-same-refresh", "refresh"}, {"pos-refresh-brief", "refresh"}, {"pos-use-204", "use"}, {"pos-form-only", "issue"}, {"pos-refresh-bare", "refresh"},
		{"pos-refresh-early-refused", "storm"}, {"kitchenhub-three-sessions", "issue"}, {"b2b-three-sessions", "issue"}, {"kitchenhub-replay-ends-all", "mix"}, {"kitchenmonki-replay-ends-all", "refresh"},
	} {
		t.Run(c.liberty+" "+c.scenario, func(t *testing.T) {
			t.Parallel()
			dialect, _, _ := strings.Cut(c.liberty, "-")
			s := serve(t, dialect, "--liberty", c.liberty)
			o, _, run := loaded(t, append([]string{"--target", s.file(dialect), "--scenario", c.scenario}, short...)...)
			sound(t, o, run, 200)
		})
	}
}

// TestLoadSaysWhatItCannotShow: where a target does as it may, a scenario can have nothing to stand on. That is no
// finding, and no go.
func TestLoadSaysWhatItCannotShow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ liberty, scenario, why string }{
		{"kitchenhub-single-session", "refresh", "the target keeps one session of an account, so only one connection has a token to refresh; ask for --connections 1"},
		{"kitchenhub-single-session", "mix", "the target keeps one session of an account, so the kinds of requests of a mix end each other's tokens; run them one after the other"},
		{"kitchenhub-three-sessions", "mix", "the target ends the oldest sessions of an account, which had ended after 148 logins, and the clients of this run, which are all of one account, would end each other's; run one kind of request at a time, with a --working-set that it bears"}, {"oauth2-three-sessions", "validate", "the target ends the oldest sessions of an account, which had ended after 60 logins, and the clients of this run, which are all of one account, would end each other's; ask for a --working-set that it bears"},
		{"pos-three-sessions", "session", "the target ends the oldest sessions of an account, which had ended after 32 logins, so sessions end each other; ask for --population 1"},
		{"pos-refresh-early-refused", "refresh", "the target refuses a refresh while the access token lives, which the document allows; --scenario storm refreshes when it has ended"},
	} {
		t.Run(c.liberty+" "+c.scenario, func(t *testing.T) {
			t.Parallel()
			dialect, _, _ := strings.Cut(c.liberty, "-")
			s := serve(t, dialect, "--liberty", c.liberty)
			o, report, _ := loaded(t, append([]string{"--target", s.file(dialect), "--scenario", c.scenario}, short...)...)
			o.exits(t, 3, "INCOMPLETE: "+c.why)
			if report.Verdict != reports.Incomplete {
				t.Errorf("the report's verdict is %s", report.Verdict)
			}
		})
	}
	t.Run("one connection", func(t *testing.T) {
		t.Parallel()
		s := serve(t, "kitchenhub", "--liberty", "kitchenhub-single-session")
		o, _, run := loaded(t, append([]string{"--target", s.file("kitchenhub"), "--scenario", "refresh", "--connections", "1"}, short...)...)
		sound(t, o, run, 200)
	})
}

// spoiling passes on to a backend and answers every n-th request of a path by itself.
func spoiling(t *testing.T, backend, path string, n int64, status int, body string) string {
	t.Helper()
	proxy := proxyTo(t, backend, "")
	var seen atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path && seen.Add(1)%n == 0 {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestLoadTakesNoStatusForAnAnswer(t *testing.T) {
	t.Parallel()
	const claims, lacks = "an error is answered as a success", "a success lacks a token that it should carry"
	for _, c := range []struct{ name, dialect, scenario, path, body, claims, requirement string }{
		{"an issue", "kitchenhub", "issue", "/v2/auth/token", `{"error":"overloaded"}`, claims, "KH-ISSUE-1"},
		{"an issue with tokens, too", "kitchenhub", "issue", "/v2/auth/token", `{"error":{"code":7},"access_token":"a1","refresh_token":"b2","access_token_expire":60,"refresh_token_expire":1440}`, claims, "KH-ISSUE-1"},
		{"a use", "kitchenhub", "use", "/v2/orders", `{"error":"overloaded"}`, claims, "KH-USE-1"},
		{"a use of a dialect with an error table", "b2b", "use", "/api/v1/products", `{"error":{"name":"X","code":"Y","message":"Z"}}`, claims, "BB-USE-1"},
		{"a refresh", "kitchenmonki", "mix=refresh:1", "/v2/token/grant", `{"error":"temporarily_unavailable"}`, claims, "KM-REFRESH-1"},
		{"a refresh without a token", "kitchenmonki", "mix=refresh:1", "/v2/token/grant", `{"token_type":"bearer"}`, lacks, "KM-REFRESH-1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, c.dialect)
			front := spoiling(t, s.api, c.path, 149, http.StatusOK, c.body)
			target := edited(t, s.file(c.dialect), func(f fields) { f["base_url"] = front; delete(f, "servers") })
			o, _, run := loaded(t, "--target", target, "--scenario", c.scenario, "--rate", "300", "--duration", "1s", "--working-set", "20", "--connections", "4")
			o.exits(t, 1)
			shows(t, o, run, c.claims, c.requirement)
		})
	}
}

func TestLoadCountsWhatIsNotWhatItShouldBe(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	secret := ""
	target := edited(t, s.file("kitchenhub"), func(f fields) {
		secret = f["credentials"].(fields)["primary"].(fields)["client_secret"].(string)
		f["base_url"] = spoiling(t, s.api, "/v2/auth/token", 10, http.StatusServiceUnavailable, `{"because":"the pool is empty","you":"`+secret+`"}`)
	})
	args := append([]string{"--target", target, "--scenario", "issue"}, short...)
	o, _, run := loaded(t, args...)
	o.exits(t, 1)
	if run.Errors < 15 || run.Errors > 25 || len(run.Violations) > 0 {
		t.Errorf("%d errors, and the violations %+v", run.Errors, run.Violations)
	}
	if len(run.Examples) != 1 || run.Examples[0].Request != "issue" || run.Examples[0].Answer != "503 Service Unavailable" ||
		!strings.Contains(run.Examples[0].Exchange.Response.Body, "the pool is empty") {
		t.Errorf("the examples are %+v", run.Examples)
	}
	if !hasLine(o.stdout, `^ERROR  issue is answered 503 Service Unavailable$`) || !hasLine(o.stdout, `the pool is empty`) || strings.Contains(o.stdout+fmt.Sprint(run), secret) {
		t.Errorf("nobody is told what an error was, or everybody the secret, in\n%s", o)
	}
	if o, _, run = loaded(t, append(args, "--objective", "errors<20%")...); o.code != 0 && !busy(run) {
		t.Errorf("that many errors were allowed, and it is\n%s", o)
	}
}

func TestLoadHoldsRotationToTheLevelThatPromisesIt(t *testing.T) {
	t.Parallel()
	s := serve(t, "pos", "--defect", "pos-refresh-replay") // good practice, which nobody promised
	args := append([]string{"--target", s.file("pos"), "--scenario", "refresh"}, short...)
	o, _, run := loaded(t, args...)
	sound(t, o, run, 200)
	if parts(run)["replay"] != 0 {
		t.Error("tokens were presented again, and nothing could follow from it")
	}
	o, _, run = loaded(t, append(args, "--level", "practice")...)
	o.exits(t, 1)
	shows(t, o, run, "a refresh token that was used before works", "POS-ROTATE-1")
}

// Tokens that are made from the clock are the same for all who ask in one moment, which looks like a target that hands
// out a live token again to whoever asks twice at once.
func TestLoadIsNotTakenInByTokensFromTheClock(t *testing.T) {
	t.Parallel()
	var began sync.Once
	var first time.Time
	var issued atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path != "/v2/auth/token" {
			_, _ = io.WriteString(w, `{"valid":true,"expires_in":60}`)
			return
		}
		began.Do(func() { first = time.Now() })
		n := issued.Add(1)
		if time.Since(first) < 900*time.Millisecond {
			n = 0
		}
		_, _ = fmt.Fprintf(w, `{"access_token":"Wm3bA1x9fPp7QqLr2Vt5Yz8Cc4%012d","refresh_token":"Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2%012d","access_token_expire":60,"refresh_token_expire":1440}`, n, n)
	}))
	t.Cleanup(s.Close)
	target := written(t, "clock.yaml", "dialect: kitchenhub\nbase_url: "+s.URL+"\ncredentials:\n  primary: {client_id: a, client_secret: Lw3bThicket7qCobble9v}\nabsent: [second]\n")
	o, _, run := loaded(t, append([]string{"--target", target, "--scenario", "issue", "--level", "practice"}, short...)...)
	o.exits(t, 1)
	shows(t, o, run, "a token was handed out twice", "KH-ISSUE-4")
}

// A target that is busy before the attack is waited for, and nobody wonders why nothing happens.
func TestLoadSaysThatItWaits(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	front := spoiling(t, s.api, "/v2/auth/token", 30, http.StatusTooManyRequests, `{}`)
	target := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = front })
	o, _, run := loaded(t, append([]string{"--target", target, "--scenario", "validate"}, short...)...)
	sound(t, o, run, 200)
	// a busy machine may have a note of its own
	if !slices.ContainsFunc(run.Notes, func(note string) bool {
		return strings.HasPrefix(note, "beside the load, the target was busy: it asked 2 times to come back later")
	}) {
		t.Errorf("the notes are %q", run.Notes)
	}
}

func TestCheckSaysThatItWaited(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	front := spoiling(t, s.api, "/v2/auth/validate", 30, http.StatusTooManyRequests, `{}`)
	target := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = front; delete(f, "servers") })
	o := gonogo(t, "check", "--target", target)
	o.exits(t, 0)
	if !strings.Contains(strings.Join(strings.Fields(o.stdout), " "), "the target was busy: it asked ") {
		t.Errorf("nobody is told why it took so long in\n%s", o)
	}
}

// A target that fails once in a while is measured, though it does so before the attack, too.
func TestLoadInsistsOnItsTokens(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	front := spoiling(t, s.api, "/v2/auth/token", 10, http.StatusServiceUnavailable, `{}`)
	target := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = front })
	o, _, run := loaded(t, append([]string{"--target", target, "--scenario", "validate"}, short...)...)
	sound(t, o, run, 200)
	if !slices.ContainsFunc(run.Notes, func(note string) bool { return strings.Contains(note, "POST /v2/auth/token was answered 503") }) {
		t.Errorf("the notes are %q", run.Notes)
	}
}
