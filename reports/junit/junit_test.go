package junit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/joshdk/go-junit"

	"gonogo/internal/junitrules"
	"gonogo/reports"
	form "gonogo/reports/junit"
	"gonogo/reports/testdata/samples"
	"gonogo/specs"
)

func asJUnit(t *testing.T, r *reports.Report) string {
	t.Helper()
	var b strings.Builder
	if err := form.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// suitesIn reads a file as others do.
func suitesIn(t *testing.T, text string) []junit.Suite {
	t.Helper()
	for _, wrong := range junitrules.Violations([]byte(text)) {
		t.Errorf("%s", wrong)
	}
	suites, err := junit.Ingest([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return suites
}

// isRed reports whether a viewer shows anything but green.
func isRed(suites []junit.Suite) bool {
	return slices.ContainsFunc(suites, func(s junit.Suite) bool { return s.Totals.Failed+s.Totals.Error > 0 })
}

// lines are the test cases as a viewer lists them.
func lines(s junit.Suite) []string {
	var found []string
	for _, c := range s.Tests {
		found = append(found, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", c.Status, c.Classname, c.Name, c.Duration, c.Message)))
	}
	return found
}

func TestJUnitSaysWhatTheReportSays(t *testing.T) {
	suites := suitesIn(t, asJUnit(t, samples.Report()))
	want := []string{
		"error kitchenhub.run complete 0s incomplete: 2 cases could not run",
		"skipped kitchenhub.expiry kitchenhub/expiry/access-dead 0s not-exercised: a wait of 1h0m6s; --max-wait grants 45s",
		"passed kitchenhub.headers kitchenhub/headers/no-store 0s",
		"passed kitchenhub.issue kitchenhub/issue/success 3ms",
		"failed kitchenhub.refresh-rotation kitchenhub/refresh-rotation/old-token-refused 4ms KH-REFRESH-2: wanted a 4xx, and no token in it; got 200 with an access_token (and 1 more finding)",
		"skipped kitchenhub.robust kitchenhub/robust/nul-byte 0s waived until 2027-01-31 (fail): fixed in the next release; ana answers for it",
		"error kitchenhub.secret kitchenhub/secret/new-secret-works 0s operator.rotate_secret answered 502",
		"error kitchenhub.secret kitchenhub/secret/old-secret-refused 0s operator.rotate_secret answered 502",
	}
	if len(suites) != 1 || suites[0].Name != "kitchenhub" {
		t.Fatalf("%d suites, the first %q", len(suites), suites[0].Name)
	}
	s := suites[0]
	got := append(lines(s)[len(s.Tests)-1:], lines(s)[:len(s.Tests)-1]...)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for name, value := range map[string]string{
		"verdict": "no-go", "run.verdict": "no-go", "complete": "false", "seed": "7", "gate": "standard", "target.base_url": "http://127.0.0.1:8080",
		"document.title": "Kitchenhub Auth API", "document.version": "2.1.0", "document.sha256": strings.Repeat("ab", 32),
		"tool.name": "gonogo", "tool.version": "1.0.0", "declared.1": "access_token_lifetime is 30m where the document says 1h", "note.1": "the target's clock is 3s behind",
	} {
		if s.Properties[name] != value {
			t.Errorf("the property %s is %q", name, s.Properties[name])
		}
	}
	for i, want := range map[int][]string{
		3: {"FAIL  the old refresh token is refused after a refresh", "KH-REFRESH-2 (documented): the old refresh token is invalid", "finding 2 of 2",
			"sent         POST /v2/auth/refresh with the old refresh token\n", "wanted       a 4xx, and no token in it\n", "got          200 with an access_token\n",
			"where        specs/kitchenhub.yaml:88\n", `curl -X POST http://127.0.0.1:8080/v2/auth/refresh -d '{"refresh_token":"‹refresh 3f2a›"}'`},
		1: {"WARN  token answers say no-store", "got          no Cache-Control"},
		4: {"WAIVED  a NUL byte is refused", "got          500"},
	} {
		text := s.Tests[i].SystemOut
		if s.Tests[i].Error != nil {
			text = s.Tests[i].Error.(junit.Error).Body
		}
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s: there is no %q in\n%s", s.Tests[i].Name, part, text)
			}
		}
	}
}

func TestJUnitOfEveryShapeIsRedUnlessGo(t *testing.T) {
	for name, r := range samples.Variety() {
		if red := isRed(suitesIn(t, asJUnit(t, r))); red != (reports.ExitCode(r) != 0) {
			t.Errorf("%s: red is %t, and the exit code %d", name, red, reports.ExitCode(r))
		}
	}
	for _, r := range []*reports.Report{{}, samples.Of(reports.Pass), {Verdict: reports.Go, Dialects: samples.Of(reports.Pass).Dialects}} {
		if !isRed(suitesIn(t, asJUnit(t, r))) {
			t.Errorf("a report that nobody decided is green:\n%s", asJUnit(t, r))
		}
	}
}

// TestJUnitIsRedExactlyIfTheExitCodeIsNotZero goes through what can keep a run of two cases from go, alone and
// together.
func TestJUnitIsRedExactlyIfTheExitCodeIsNotZero(t *testing.T) {
	const shapes = 1 << 7
	reds := 0
	for _, first := range reports.Outcomes() {
		for _, second := range []reports.Outcome{reports.Pass, reports.NotExercised} {
			for shape := range shapes {
				has := func(bit int) bool { return shape&(1<<bit) != 0 }
				r := samples.Of(first, second)
				d, policy := r.Dialects[0], reports.Policy{Strict: has(0)}
				if has(1) {
					r.Interrupted = "the run was interrupted"
				}
				if has(2) {
					d.Incomplete = "the target is gone"
				}
				if has(3) {
					d.Requirements[0].Cases = []string{"kh/a/lost"}
				}
				if has(4) {
					r.WaiverProblems = append(r.WaiverProblems, reports.WaiverProblem{Trouble: reports.Unmatched, Text: "it matches nothing", Case: "x/*"})
				}
				if has(5) {
					r.WaiverProblems = append(r.WaiverProblems, reports.WaiverProblem{Trouble: reports.Stale, Text: "it is stale", Case: "kh/*", Dialects: []string{"kh"}})
				}
				if has(6) {
					r.Load = []*reports.LoadRun{{Verdict: reports.NoGo, Complete: true}, {Verdict: reports.Incomplete}}
				}
				d.Requirements = append(d.Requirements, reports.Requirement{ID: "KH-B-1", Level: specs.Documented}) // never exercised
				reports.Decide(r, policy)
				suites, err := junit.Ingest([]byte(asJUnit(t, r)))
				if err != nil {
					t.Fatal(err)
				}
				red := isRed(suites)
				if red != (reports.ExitCode(r) != 0) {
					t.Fatalf("%s, %s, shape %b: red is %t, and the exit code %d", first, second, shape, red, reports.ExitCode(r))
				}
				if suite := suites[0]; (d.Verdict != reports.Go) != (suite.Totals.Failed+suite.Totals.Error > 0) {
					t.Fatalf("%s, %s, shape %b: the suite of a dialect that is %s has %+v", first, second, shape, d.Verdict, suite.Totals)
				}
				if red {
					reds++
				}
			}
		}
	}
	if all := len(reports.Outcomes()) * 2 * shapes; reds == 0 || reds == all {
		t.Errorf("%d of %d are red", reds, all)
	}
}

func TestJUnitNamesWhatNoCaseShows(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*reports.Report)
		suite  string
		line   string
	}{
		{"interrupted", func(r *reports.Report) { r.Interrupted = "the run was interrupted" }, "gonogo",
			"error gonogo.run complete 0s incomplete: the run was interrupted"},
		{"gone", func(r *reports.Report) { r.Dialects[0].Incomplete = "the target is gone" }, "kh",
			"error kh.run complete 0s incomplete: the target is gone"},
		{"lost", func(r *reports.Report) { r.Dialects[0].Requirements[0].Cases = []string{"kh/b/lost"} }, "kh",
			"error kh.b kh/b/lost 0s the case left no result"},
		{"nothing ran", func(r *reports.Report) { r.Dialects[0].Cases = nil }, "kh", "error kh.run complete 0s incomplete: no case ran"},
		{"no dialect", func(r *reports.Report) { r.Dialects = nil }, "gonogo",
			"error gonogo.run complete 0s incomplete: nothing ran: the report holds no dialect and no load run"},
		{"stale", func(r *reports.Report) {
			reports.ApplyWaivers(r, []reports.Waiver{samples.Waiver("kh/*")}, nil, nil, samples.Started)
		}, "kh",
			"failed kh.waivers waiver kh/* (waivers.yaml:1) 0s waivers.yaml:1: the waiver for kh/* is stale: no case that it matches ends in fail any more; delete the waiver"},
		{"of no dialect", func(r *reports.Report) {
			reports.ApplyWaivers(r, []reports.Waiver{samples.Waiver("x/*")}, nil, nil, samples.Started)
		}, "gonogo",
			"failed gonogo.waivers waiver x/* (waivers.yaml:1) 0s waivers.yaml:1: the waiver for x/* matches no case; correct the glob (the same command with --plan lists the ids) or delete the waiver"},
		{"load", func(r *reports.Report) { r.Load = []*reports.LoadRun{{Verdict: reports.NoGo, Complete: true}} }, "gonogo",
			"failed gonogo.load load run 1 0s the load run is a no-go"},
	} {
		r := samples.Of(reports.Pass)
		c.change(r)
		reports.Decide(r, reports.Policy{})
		suites := suitesIn(t, asJUnit(t, r))
		i := slices.IndexFunc(suites, func(s junit.Suite) bool { return s.Name == c.suite })
		if i < 0 || !slices.Contains(lines(suites[i]), c.line) {
			t.Errorf("%s: the suite %s lacks %q in\n%s", c.name, c.suite, c.line, asJUnit(t, r))
		}
	}
}

func TestJUnitDoesNotDependOnTheOrderOfCases(t *testing.T) {
	r := samples.Report()
	want := asJUnit(t, r)
	slices.Reverse(r.Dialects[0].Cases)
	if got := asJUnit(t, r); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestJUnitKeepsTwoTargetsOfADialectApart(t *testing.T) {
	r := samples.Of(reports.Pass)
	for _, url := range []string{"http://b", "http://b"} {
		d := samples.Of(reports.Pass).Dialects[0]
		d.Target.BaseURL = url
		r.Dialects = append(r.Dialects, d)
	}
	r.Dialects[0].Target.BaseURL = "http://a"
	reports.Decide(r, reports.Policy{})
	var names []string
	for _, s := range suitesIn(t, asJUnit(t, r)) {
		names = append(names, s.Name+" "+s.Tests[0].Classname)
	}
	mine := samples.Of(reports.Pass)
	mine.Dialects[0].ID, mine.Interrupted = "gonogo", "the run was interrupted"
	reports.Decide(mine, reports.Policy{})
	suitesIn(t, asJUnit(t, mine)) // a dialect with the name of the run's own suite
	if want := []string{"kh at http://a kh at http://a.a", "kh at http://b kh at http://b.a", "kh at http://b (2) kh at http://b (2).a"}; !slices.Equal(names, want) {
		t.Errorf("the suites are %q", names)
	}
}

func TestJUnitHoldsWhateverATargetSends(t *testing.T) {
	nasty := "a\x00b\x1b[31m]]><![CDATA[&lt;\"'\ufffe\uffff\xff\u202e\U0001F600\r\nend"
	r := samples.Of(reports.Fail, reports.CouldNotRun)
	for i := range r.Dialects[0].Cases {
		c := &r.Dialects[0].Cases[i]
		c.Title, c.Reason = nasty, nasty
	}
	c := &r.Dialects[0].Cases[0]
	c.Findings = []reports.Finding{{Sent: nasty, Wanted: nasty, Got: nasty, Where: nasty, Exchange: new(0)}}
	c.Exchanges = []reports.Exchange{{Curl: nasty}}
	r.Dialects[0].Notes, r.Dialects[0].Target.BaseURL = []string{nasty}, nasty
	r.WaiverProblems = []reports.WaiverProblem{{Trouble: reports.Stale, Case: nasty, Text: nasty, Where: nasty, Cases: []string{nasty}, Dialects: []string{"kh"}}}
	reports.Decide(r, reports.Policy{})
	suites := suitesIn(t, asJUnit(t, r))
	const got = `a\u0000b\u001b[31m]]><![CDATA[&lt;"'\ufffe\uffff` + "\uFFFD" + `\u202e` + "\U0001F600"
	if body := suites[0].Tests[0].Error.(junit.Error).Body; strings.Count(body, got) < 5 {
		t.Errorf("not all of it can be seen in\n%s", body)
	}
	if message := suites[0].Tests[0].Message; !strings.Contains(message, got) {
		t.Errorf("it cannot be seen in %s", message)
	}
}

func TestJUnitIsBounded(t *testing.T) {
	long := strings.Repeat("ü ", 1<<16)
	r := samples.Of(reports.Fail, reports.CouldNotRun, reports.NotExercised)
	for i := range r.Dialects[0].Cases {
		r.Dialects[0].Cases[i].Reason = long
	}
	r.Dialects[0].Cases[0].Findings = []reports.Finding{{Sent: long, Wanted: long, Got: long}}
	r.Interrupted, r.Dialects[0].Notes = long, []string{long}
	reports.Decide(r, reports.Policy{})
	text := asJUnit(t, r)
	if len(text) > 128<<10 || !utf8.ValidString(text) {
		t.Errorf("it has %d bytes, UTF-8 %t", len(text), utf8.ValidString(text))
	}
	suites := suitesIn(t, text)
	body := suites[0].Tests[0].Error.(junit.Error).Body
	if !strings.Contains(body, "… [cut: the whole text has ") || len(body) > 16<<10 {
		t.Errorf("a text of %d bytes ends with %s", len(body), body[max(0, len(body)-60):])
	}
	if message := suites[0].Tests[0].Message; utf8.RuneCountInString(message) > 300 || !strings.HasSuffix(message, "…") {
		t.Errorf("a message has %d characters", utf8.RuneCountInString(message))
	}
}

func TestJUnitOfAnUnfinishedRun(t *testing.T) {
	r := samples.Of(reports.Pass, reports.Fail)
	r.Dialects[0].Requirements[0].Cases = []string{"kh/a/a", "kh/a/b"}
	reports.Decide(r, reports.Policy{})
	early := reports.Unfinished(r, "the run has not ended")
	if reports.ExitCode(early) != 3 {
		t.Errorf("the verdict is %s", early.Verdict)
	}
	suites := suitesIn(t, asJUnit(t, early))
	if len(suites) != 2 || !slices.Equal(lines(suites[0])[:2], []string{"error kh.a kh/a/a 0s the case left no result", "error kh.a kh/a/b 0s the case left no result"}) {
		t.Errorf("it says\n%s", asJUnit(t, early))
	}
	if last := suites[1]; !strings.HasPrefix(lines(last)[0], "error gonogo.run complete 0s incomplete: the run has not ended; ") {
		t.Errorf("it ends with %q", lines(last))
	}
}
