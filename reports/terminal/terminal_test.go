package terminal_test

import (
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"gonogo/reports"
	"gonogo/reports/terminal"
	"gonogo/reports/testdata/samples"
)

func printed(t *testing.T, r *reports.Report, opts terminal.Options) string {
	t.Helper()
	var b strings.Builder
	if err := opts.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got, want = strings.TrimSpace(got), strings.TrimSpace(want); got != want {
		t.Errorf("printed\n%s\n\nwant\n%s", got, want)
	}
}

func TestTerminal(t *testing.T) {
	same(t, printed(t, samples.Report(), terminal.Options{}), `
kitchenhub: Kitchenhub Auth API 2.1.0
  at           http://127.0.0.1:8080
  declared     access_token_lifetime is 30m where the document says 1h
  note         the target's clock is 3s behind

  ✓ KH-ISSUE-1    documented  POST /v2/auth/token with JSON client_id and             pass
                              client_secret succeeds with both tokens and both
                              lifetimes
  ✗ KH-REFRESH-2  documented  the old refresh token is invalid after a refresh        fail
  ○ KH-EXPIRE-1   documented  after access_token_expire minutes the access token is   not-exercised
                              dead
  ? KH-SECRET-1   documented  a regenerated secret works                              could-not-run
  ~ ANY-5XX       standard    no request is answered with a 5xx                       waived
  ! ANY-CACHE     practice    token answers say no-store                              warn

Staging checklist: the server's half
  ✓ token creation   holds
  ✗ refresh          does not hold: KH-REFRESH-2 fail
  ○ graceful expiry  not shown: KH-EXPIRE-1 not-exercised

FAIL  the old refresh token is refused after a refresh
  case         kitchenhub/refresh-rotation/old-token-refused
  requirement  KH-REFRESH-2 (documented): the old refresh token is invalid after a refresh [Refresh]
  finding 1 of 2
  sent         POST /v2/auth/refresh with the old refresh token
  wanted       a 4xx, and no token in it
  got          200 with an access_token
  where        specs/kitchenhub.yaml:88
  curl         curl -X POST http://127.0.0.1:8080/v2/auth/refresh -d '{"refresh_token":"‹refresh 3f2a›"}'
  finding 2 of 2
  sent         POST /v2/auth/refresh with the old refresh token
  wanted       no token in the answer
  got          an access_token at /access_token
  where        specs/kitchenhub.yaml:88
  curl         the same as above

COULD-NOT-RUN  2 cases for one reason
  reason       operator.rotate_secret answered 502
  requirement  KH-SECRET-1
  cases        kitchenhub/secret/old-secret-refused
               kitchenhub/secret/new-secret-works

WARN  token answers say no-store
  case         kitchenhub/headers/no-store
  requirement  ANY-CACHE (practice): token answers say no-store
  sent         POST /v2/auth/token
  wanted       Cache-Control: no-store
  got          no Cache-Control
  where        specs/common/requirements.yaml:9

Waived: 1 case
  kitchenhub/robust/nul-byte (fail): fixed in the next release; ana answers for it until 2027-01-31,
  https://tracker/7

Not exercised: 1 case
  1 case: a wait of 1h0m6s; --max-wait grants 45s
    KH-EXPIRE-1

  cases        1 pass, 1 warn, 1 waived, 1 fail, 1 not-exercised, 2 could-not-run
  took         3.5s, 2s waited, 412 requests, seed 7
  next         gonogo explain KH-REFRESH-2

NO-GO, and incomplete: 1 case failed; kitchenhub: 2 cases could not run
`)
}

// TestCasesThatFoundTheSame: what three cases found alike is told once, and each is named with its rows.
func TestCasesThatFoundTheSame(t *testing.T) {
	t.Parallel()
	d := &reports.Dialect{ID: "some"}
	for _, name := range []string{"one", "two", "three", "other"} {
		f := reports.Finding{Sent: "GET /" + name, Wanted: "no server error", Got: "500", Where: "some.yaml:1"}
		if name == "other" {
			f.Got = "503"
		}
		d.Cases = append(d.Cases, reports.Case{ID: "some/" + name, Title: "it " + name, Outcome: reports.Fail, Requirements: []string{"ROW-" + name}, Findings: []reports.Finding{f}})
	}
	r := &reports.Report{Dialects: []*reports.Dialect{d}}
	reports.Decide(r, reports.Policy{})
	out := printed(t, r, terminal.Options{Quiet: true})
	for text, times := range map[string]int{"FAIL  it ": 2, "GET /": 2, "the same in  some/two (ROW-two)": 1, "the same in  some/three (ROW-three)": 1, "case         some/other": 1} {
		if n := strings.Count(out, text); n != times {
			t.Errorf("%q stands there %d times and not %d:\n%s", text, n, times, out)
		}
	}
}

func TestTerminalQuiet(t *testing.T) {
	same(t, printed(t, samples.Two(), terminal.Options{Quiet: true}), `
kitchenhub: NO-GO, and incomplete: 1 case failed; 2 cases could not run; not exercised, which
  --strict asks for: KH-EXPIRE-1
warnings: ANY-CACHE

FAIL  the old refresh token is refused after a refresh
  case         kitchenhub/refresh-rotation/old-token-refused
  requirement  KH-REFRESH-2 (documented): the old refresh token is invalid after a refresh [Refresh]
  finding 1 of 2
  sent         POST /v2/auth/refresh with the old refresh token
  wanted       a 4xx, and no token in it
  got          200 with an access_token
  where        specs/kitchenhub.yaml:88
  curl         curl -X POST http://127.0.0.1:8080/v2/auth/refresh -d '{"refresh_token":"‹refresh 3f2a›"}'
  finding 2 of 2
  sent         POST /v2/auth/refresh with the old refresh token
  wanted       no token in the answer
  got          an access_token at /access_token
  where        specs/kitchenhub.yaml:88
  curl         the same as above

COULD-NOT-RUN  2 cases for one reason
  reason       operator.rotate_secret answered 502
  requirement  KH-SECRET-1
  cases        kitchenhub/secret/old-secret-refused
               kitchenhub/secret/new-secret-works

pos: GO: 1 case passed
NO-GO, and incomplete: 1 case failed; kitchenhub: 2 cases could not run; kitchenhub: not
  exercised, which --strict asks for: KH-EXPIRE-1
`)
}

func TestTerminalLive(t *testing.T) {
	var b strings.Builder
	term := terminal.New(&b, terminal.Options{Verbose: true})
	r := samples.Of(reports.Pass, reports.NotApplicable)
	reports.Decide(r, reports.Policy{})
	term.Begin(reports.Begun(r))
	for _, c := range r.Dialects[0].Cases {
		c.DurationMS = 4
		term.CaseEnded(0, c)
	}
	term.End(r)
	same(t, b.String(), `
checking kh at : 2 cases for 1 requirement, seed 0
  ✓ pass            kh/a/a  4ms
  - not-applicable  kh/a/b  4ms

kh:

  ✓ KH-A-1  documented                                                                pass

  cases        1 pass, 1 not-applicable
  took         0s, 0s waited, 0 requests, seed 0

GO: 1 case passed
`)
}

func TestTerminalLastLine(t *testing.T) {
	gone := samples.Of(reports.Pass, reports.CouldNotRun)
	gone.Dialects[0].Incomplete = "the target is gone since 12s"
	interrupted := samples.Of(reports.Fail)
	interrupted.Interrupted = "interrupted by the user"
	stale := samples.Of(reports.Pass)
	reports.ApplyWaivers(stale, []reports.Waiver{samples.Waiver("kh/a/a")}, nil, nil, samples.Started)
	slow := samples.Of()
	slow.Dialects, slow.Load = nil, []*reports.LoadRun{{Verdict: reports.NoGo, Complete: true}}
	for _, row := range []struct {
		r          *reports.Report
		next, last string
	}{
		{samples.Of(reports.Pass, reports.Warn, reports.Waived, reports.NotExercised), "gonogo explain KH-A-1", "GO: 1 case passed; 1 warning; 1 waived; 1 not exercised"},
		{samples.Of(reports.Pass, reports.Pass), "", "GO: 2 cases passed"},
		{samples.Of(reports.Fail), "gonogo explain KH-A-1", "NO-GO: 1 case failed"},
		{interrupted, "gonogo explain KH-A-1", "NO-GO, and incomplete: 1 case failed; interrupted by the user"},
		{samples.Of(reports.Pass, reports.Error), "the same once more, with --case kh/a/b --trace kh/a/b", "INCOMPLETE: kh: 1 case ended in an error of the harness"},
		{gone, "mend what is said above, and then the same command again", "INCOMPLETE: kh: the target is gone since 12s; kh: 1 case could not run"},
		{samples.Of(), "", "INCOMPLETE: kh: no case ran"},
		{stale, "mend the waiver at waivers.yaml:1", "NO-GO: 1 waiver to mend"},
		{slow, "", "NO-GO: 1 load run no-go"},
	} {
		reports.Decide(row.r, reports.Policy{})
		text := printed(t, row.r, terminal.Options{})
		lines := strings.Split(strings.TrimSpace(text), "\n")
		if got := lines[len(lines)-1]; got != row.last {
			t.Errorf("last line %q, want %q", got, row.last)
		}
		if row.next == "" && strings.Contains(text, "\n  next ") || !strings.Contains(text, row.next) {
			t.Errorf("no hint %q in\n%s", row.next, text)
		}
	}
}

func TestTerminalWidth(t *testing.T) {
	r := samples.Two()
	c := &r.Dialects[0].Cases[1]
	c.Title = "a short title"
	c.Reason = strings.Repeat("why ", 100)
	c.Findings[0].Got = strings.Repeat("a lot of words that a target said ", 20)
	c.Findings[0].Wanted = "the word " + strings.Repeat("x", 30)
	for _, width := range []int{0, 1, 60, 80, 120} {
		limit := map[int]int{0: 100, 1: 40, 60: 60, 80: 80, 120: 120}[width]
		for line := range strings.Lines(printed(t, r, terminal.Options{Width: width, Verbose: true})) {
			line = strings.TrimRight(line, "\n")
			text := strings.TrimSpace(line)
			if label, value, labelled := strings.Cut(text, "  "); labelled && !strings.Contains(label, " ") {
				text = strings.TrimSpace(value)
			}
			word := !strings.Contains(strings.TrimSuffix(text, ` \`), " ") || strings.HasPrefix(text, "'") // one that cannot be broken
			if n := utf8.RuneCountInString(line); n > limit && !word && (width > 0 || !strings.HasPrefix(line, "  curl")) {
				t.Errorf("width %d: %d characters: %s", width, n, line)
			}
			if strings.HasSuffix(line, " ") {
				t.Errorf("trailing space: %q", line)
			}
		}
	}
}

func TestTerminalColor(t *testing.T) {
	if text := printed(t, samples.Two(), terminal.Options{Verbose: true}); strings.Contains(text, "\x1b") {
		t.Error("colours although nobody asked")
	}
	text := printed(t, samples.Two(), terminal.Options{Color: true})
	for _, want := range []string{"\x1b[31mNO-GO, and incomplete\x1b[0m: 1 case failed", "\x1b[32mGO\x1b[0m: 1 case passed", "\x1b[31mFAIL\x1b[0m  the old", "  \x1b[32m✓\x1b[0m KH-ISSUE-1"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%q", want, text)
		}
	}
}

func TestTerminalIsSafeFromTheTarget(t *testing.T) {
	r := samples.Report()
	f := &r.Dialects[0].Cases[1].Findings[0]
	f.Got = "\x1b[2J\x1b]0;owned\x07 200\r\nGO: all well \u202egniht"
	f.Exchange = new(9) // points nowhere
	text := printed(t, r, terminal.Options{})
	if strings.ContainsAny(text, "\x1b\x07\r\u202e") {
		t.Errorf("control characters reach the terminal: %q", text)
	}
	for _, want := range []string{"  got          \\u001b[2J\\u001b]0;owned\\u0007 200\n", "               GO: all well \\u202egniht\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestTerminalReportsItsError(t *testing.T) {
	if err := terminal.Write(full{}, samples.Report()); err != io.ErrShortWrite {
		t.Errorf("got %v", err)
	}
}
