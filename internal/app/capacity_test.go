package app_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gonogo/reports"
	"gonogo/reports/words"
)

// brief makes the steps of a search short: 300 ms, or as long as it takes to send 100 requests.
var brief = []string{"--duration", "300ms", "--connections", "2", "--working-set", "20"}

// searched is a run of load capacity with its report.
func searched(t *testing.T, args ...string) (outcome, *reports.Report, reports.Capacity) {
	t.Helper()
	atOnce <- struct{}{}
	defer func() { <-atOnce }()
	file := filepath.Join(t.TempDir(), "report.json")
	o := gonogo(t, slices.Concat([]string{"load", "capacity", "--report", "json=" + file}, args)...)
	if o.code == 2 {
		t.Fatalf("nothing was sent:\n%s", o)
	}
	report, c := capacityIn(t, file)
	if len(report.Load) != c.Steps || c.Steps == 0 {
		t.Errorf("the report has %d load runs and a search of %d steps", len(report.Load), c.Steps)
	}
	return o, report, c
}

// unhurried searches until the target was not too slow already at the rate that the search begins with: on a busy machine
// the target, which shares it, may be. It gives up after a few.
func unhurried(t *testing.T, search func() (outcome, *reports.Report, reports.Capacity)) (o outcome, report *reports.Report, c reports.Capacity) {
	t.Helper()
	for range 5 {
		if o, report, c = search(); len(report.Load) == 0 || report.Load[0].Step == nil || report.Load[0].Step.Outcome == reports.StepHeld {
			break
		}
		t.Logf("the machine was busy: %+v", c)
	}
	return o, report, c
}

func capacityIn(t *testing.T, file string) (*reports.Report, reports.Capacity) {
	t.Helper()
	report := reportIn(t, file)
	if len(report.Capacity) != 1 {
		t.Fatalf("the report has %d searches", len(report.Capacity))
	}
	return report, report.Capacity[0]
}

// throttled passes on to a backend, a request every so often and never two at once: each takes the next moment that is
// free, and waits for it. So nobody ever gets more out of it than its rate, however busy the machine is.
func throttled(t *testing.T, backend string, rate int) string {
	t.Helper()
	proxy := proxyTo(t, backend, "")
	var mu sync.Mutex
	var free time.Time
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if now := time.Now(); free.Before(now) {
			free = now
		}
		free = free.Add(time.Second / time.Duration(rate))
		mine := free
		mu.Unlock()
		time.Sleep(time.Until(mine))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestCapacityIsWhatTheTargetHolds(t *testing.T) {
	t.Parallel()
	const rate, precision = 300, .05
	s := serve(t, "kitchenhub")
	target := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = throttled(t, s.api, rate) })
	dir := t.TempDir()
	files := map[string]string{}
	args := slices.Concat([]string{"--target", target, "--scenario", "issue"}, brief)
	for _, format := range []string{"html", "md", "junit", "jsonl"} {
		files[format] = filepath.Join(dir, format)
		args = append(args, "--report", format+"="+files[format])
	}
	o, report, c := unhurried(t, func() (outcome, *reports.Report, reports.Capacity) { return searched(t, args...) })
	if c.Found > rate*(1+precision) {
		t.Errorf("it is said to hold %v/s, and nobody gets more than %d/s out of it:\n%s", c.Found, rate, o)
	}
	switch o.code {
	case 0:
		if c.Limit != reports.LimitTarget || c.AtLeast || !c.Confirmed || c.NotHeld > c.Found*(1+precision) || c.Found < rate/3 || !report.Complete {
			t.Errorf("the capacity is %+v in\n%s", c, o)
		}
		if !strings.Contains(o.stdout, "\nGO: it holds "+words.PerSecond(c.Found)+", and not "+words.PerSecond(c.NotHeld)) {
			t.Errorf("nobody is told in\n%s", o)
		}
	case 3: // the machine was busy
		if c.Limit == reports.LimitTarget || len(c.Because) == 0 {
			t.Errorf("the capacity is %+v in\n%s", c, o)
		}
	default:
		t.Errorf("exit 0 or 3 is wanted, not\n%s", o)
	}
	if !hasLine(o.stdout, `^✓ +100/s  p99 \S+ +errors 0 +held$`) || !hasLine(o.stdout, `^[✗?] +\d+/s  p99 \S+ +errors 0 +(not held|unclear): `) {
		t.Errorf("the steps are not told in\n%s", o)
	}
	schema, line := schemas(t)
	var whole strings.Builder
	if err := reports.WriteJSON(&whole, report); err != nil {
		t.Fatal(err)
	}
	validates(t, schema, "json", whole.String())
	for each := range strings.Lines(contents(t, files["jsonl"])) {
		validates(t, line, "jsonl", each)
	}
	if again, streamed := capacityIn(t, files["jsonl"]); again.Verdict != report.Verdict || streamed.Found != c.Found {
		t.Errorf("jsonl has the verdict %s and %v/s", again.Verdict, streamed.Found)
	}
	verdict := map[int]string{0: "GO", 3: "INCOMPLETE"}[o.code]
	for format, wanted := range map[string]string{"html": "<h1>" + verdict + "</h1>", "md": "## " + verdict, "junit": `name="capacity of kitchenhub, issue"`} {
		if text := contents(t, files[format]); !strings.Contains(text, wanted) || format != "junit" && !strings.Contains(text, words.PerSecond(c.Found)) {
			t.Errorf("%s lacks %q in\n%.2000s", format, wanted, text)
		}
	}
	if text := contents(t, files["junit"]); (o.code == 0) == (strings.Contains(text, "<failure") || strings.Contains(text, "<error")) {
		t.Errorf("junit is of another colour than exit code %d:\n%s", o.code, text)
	}
}

func TestCapacityIsHeldAgainstAnObjective(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	target := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = throttled(t, s.api, 300) })
	args := slices.Concat([]string{"--target", target, "--scenario", "validate"}, brief)
	for _, c := range []struct {
		objective string
		code      int
		says      string
	}{
		{"rate>=60/s", 0, "  ✓ rate>=60/s           held: "},
		{"rate>=900/s", 1, "NO-GO: rate>=900/s is not held: "},
	} {
		t.Run(c.objective, func(t *testing.T) {
			t.Parallel()
			o, _, found := searched(t, append(args, "--objective", c.objective)...)
			if o.code == 3 && found.Limit != reports.LimitTarget || c.code == 0 && found.Found < 60 { // a busy machine, which the target shares
				if o.code == 0 {
					t.Errorf("of %v/s it says\n%s", found.Found, o)
				}
				return
			}
			o.exits(t, c.code)
			if !strings.Contains(o.stdout, c.says) || len(found.Gates) != 1 || found.Gates[0].Held != (c.code == 0) {
				t.Errorf("the gates are %+v in\n%s", found.Gates, o)
			}
		})
	}
}

// TestCapacityOfTheEmbeddedServer: what it holds is this machine's matter, and often the generator is the limit.
func TestCapacityOfTheEmbeddedServer(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "r.json")
	for scenario, most := range map[string]string{"mix": "200000", "refresh": "400"} { // whose tokens go from step to step
		o := run(t, binary(t), slices.Concat([]string{"load", "capacity", "kitchenhub", "--scenario", scenario, "--most", most, "--report", "json=" + file, "--precision", "50%"}, brief)...)
		report, c := capacityIn(t, file)
		if o.code != 0 && o.code != 3 || (o.code == 0) != (report.Verdict == reports.Go) || c.Scenario == "" {
			t.Errorf("exit 0 or 3 is wanted, not\n%s", o)
		}
		if o.code == 3 && c.Limit == reports.LimitTarget || o.code == 0 && !c.Confirmed {
			t.Errorf("the capacity is %+v in\n%s", c, o)
		}
		for _, step := range report.Load {
			if len(step.Violations) > 0 || step.Errors > 0 || step.Starved > 0 {
				t.Errorf("step %d has %d errors, %d had no token, and the violations are %+v", step.Step.Number, step.Errors, step.Starved, step.Violations)
			}
		}
		silent(t, c.Target.BaseURL)
	}
}

func TestCapacityEndsWithAViolation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		args []string
		file func(*testing.T) string
	}{
		{"every pair comes twice", nil, func(t *testing.T) string {
			return serve(t, "kitchenhub", "--defect", "kitchenhub-issue-repeats-pair").file("kitchenhub")
		}},
		{"a pair of an earlier step", []string{"--start", "300"}, func(t *testing.T) string {
			s := serve(t, "kitchenhub")
			return edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = repeating(t, s.api, 20, 230) })
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o, report, found := searched(t, slices.Concat([]string{"--target", c.file(t), "--scenario", "issue", "--level", "practice"}, brief, c.args)...)
			o.exits(t, 1)
			runs := report.Load
			last := runs[len(runs)-1]
			shows(t, o, last, "a token was handed out twice", last.Violations[0].Requirement)
			if last.Step.Outcome != reports.StepViolated || found.Verdict != reports.NoGo || !strings.Contains(o.stdout, "NO-GO: a token was handed out twice (") {
				t.Errorf("the last step is %+v in\n%s", last.Step, o)
			}
		})
	}
}

// repeating passes on to a backend, and answers one issue as an earlier one was.
func repeating(t *testing.T, backend string, earlier, later int64) string {
	t.Helper()
	proxy := proxyTo(t, backend, "")
	var issues atomic.Int64
	var kept atomic.Pointer[[]byte]
	proxy.ModifyResponse = func(r *http.Response) error {
		if r.Request.URL.Path != "/v2/auth/token" {
			return nil
		}
		switch n := issues.Add(1); {
		case n == earlier:
			body := drained(r.Body)
			kept.Store(&body)
			r.Body = io.NopCloser(bytes.NewReader(body))
		case n == later:
			_ = r.Body.Close()
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(*kept.Load())), int64(len(*kept.Load()))
			r.Header.Del("Content-Length")
		}
		return nil
	}
	s := httptest.NewServer(proxy)
	t.Cleanup(s.Close)
	return s.URL
}

func TestCapacityStaysWithinWhatTheTargetFileAllows(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	far := httptest.NewServer(proxyTo(t, s.api, ""))
	t.Cleanup(far.Close)
	file := edited(t, s.file("kitchenhub"), func(f fields) {
		f["base_url"], f["proxy"] = "http://stage.example.invalid", far.URL
		limit(f, fields{"max_rps": 240})
		delete(f, "servers")
	})
	args := slices.Concat([]string{"--target", file, "--scenario", "issue", "--allow-remote"}, brief)
	o, report, c := searched(t, args...)
	for _, step := range report.Load {
		if step.Step.Rate > 240 {
			t.Errorf("a step asked for %v/s", step.Step.Rate)
		}
	}
	if c.Limit == reports.LimitAllowed {
		o.exits(t, 0, "GO: it holds at least 240/s, which is all that limits.max_rps allows")
		if c.Found != 240 || !c.AtLeast {
			t.Errorf("the capacity is %+v", c)
		}
	} // else the machine was busy: the proxy is this process's
	gonogo(t, append([]string{"load", "capacity", "--start", "241"}, args...)...).refuses(t, file+": limits.max_rps allows this target 240/s, and the run asks for 241/s; raise it there, or ask for less")
	gonogo(t, append([]string{"load", "capacity", "--objective", "rate>=300/s"}, args...)...).refuses(t, "--objective rate: 300/s are more than the 240/s that may be asked of this target")
}

func TestCapacityAsksForNoMoreThanMost(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	o, report, c := searched(t, slices.Concat([]string{"--target", s.file("kitchenhub"), "--scenario", "issue", "--most", "150"}, brief)...)
	for _, step := range report.Load {
		if step.Step.Rate > 150 {
			t.Errorf("a step asked for %v/s", step.Step.Rate)
		}
	}
	if c.Limit == reports.LimitAllowed {
		o.exits(t, 0, "GO: it holds at least 150/s, which is all that --most allows")
	} // else the machine was busy, which the target shares
}

// A limiter that counts by the second holds against a step what the one before sent in the same second.
func TestCapacityOfALimiterThatCountsBySeconds(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	proxy := proxyTo(t, s.api, "")
	var mu sync.Mutex
	second, count := int64(0), 0
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if now := time.Now().Unix(); now != second {
			second, count = now, 0
		}
		count++
		over := count > 150
		mu.Unlock()
		if over {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	file := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = front.URL; delete(f, "servers") })
	o, _, c := unhurried(t, func() (outcome, *reports.Report, reports.Capacity) {
		return searched(t, "--target", file, "--scenario", "issue", "--start", "100", "--duration", "1100ms", "--connections", "2", "--precision", "30%", "--objective", "rate>=100/s")
	})
	if o.code == 3 && c.Limit != reports.LimitTarget {
		t.Logf("the machine was busy: %s %q", c.Why, c.Because)
		return
	}
	if o.code != 0 || c.Found < 100 || c.Found > 300 { // a step can be spread over parts of three seconds
		t.Errorf("it found %v/s in\n%s", c.Found, o)
	}
}

func TestCapacityOfATargetThatDies(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	o, report, c := unhurried(t, func() (outcome, *reports.Report, reports.Capacity) {
		front := dyingFront(t, s.api, 260)
		target := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = front.url; delete(f, "servers") })
		return searched(t, slices.Concat([]string{"--target", target, "--scenario", "issue"}, brief)...)
	})
	o.exits(t, 3)
	if c.NotHeld != 0 || c.Limit != reports.LimitNone || !strings.Contains(strings.Join(c.Because, " "), "the target cannot be reached") || report.Verdict != reports.Incomplete {
		t.Errorf("the capacity is %+v in\n%s", c, o)
	}
}

func TestCapacityCancelledInMidRun(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	file := filepath.Join(t.TempDir(), "r.json")
	o, report, c := unhurried(t, func() (outcome, *reports.Report, reports.Capacity) {
		o, _ := cancelled(t, "  held\n", slices.Concat([]string{"capacity", "--target", s.file("kitchenhub"), "--scenario", "issue", "--report", "json=" + file}, brief, []string{"--start", "200"})...)
		report, c := capacityIn(t, file)
		return o, report, c
	})
	o.exits(t, 3)
	if report.Interrupted != "the run was interrupted" || report.Complete || c.Found < 100 || !c.AtLeast || c.Confirmed || c.Because[0] != "the search was interrupted" {
		t.Errorf("interrupted %q, and the capacity is %+v", report.Interrupted, c)
	}
	if !regexp.MustCompile(`capacity +it holds at least \d+/s \(not confirmed\)\n`).MatchString(o.stdout) || !endsWith(o.stdout, "\nINCOMPLETE: the search was interrupted\n") {
		t.Errorf("what was found is not told in\n%s", o)
	}
}

func TestCapacityUsage(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	file := s.file("kitchenhub")
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "--scenario is missing; choose from issue, validate, use, refresh, mix, storm, session"},
		{[]string{"--scenario", "issue", "--rate", "100"}, "--rate belongs to gonogo load: the rate is what is looked for; --start says where the search begins"},
		{[]string{"--scenario", "issue", "--shape", "ramp:1-2"}, "--shape belongs to gonogo load: every step of the search has one rate; --start says where the search begins"},
		{[]string{"--scenario", "issue", "--out", "hits"}, "--out belongs to gonogo load: a search is many runs, and --out holds one; find the rate, and give --out to gonogo load --rate"},
		{[]string{"--scenario", "session"}, "--scenario session: sessions take their time, and what they hold shows only when as many end as begin, which no step waits for; raise the --rate of gonogo load by hand"},
		{[]string{"--scenario", "storm"}, "--scenario storm: a storm comes once, and a search is many runs; choose another scenario"},
		{[]string{"--scenario", "issue", "--precision", "5"}, "--precision 5: write it with its %, such as 5%"},
		{[]string{"--scenario", "issue", "--precision", "NaN%"}, "--precision NaN%: choose from 2% to 50%"},
		{[]string{"--scenario", "issue", "--precision", "1%"}, "--precision 1%: choose from 2% to 50%"},
		{[]string{"--scenario", "issue", "--most", "80", "--start", "90"}, "--most 80: choose from 0.1 to 200000, and no less than --start"},
		{[]string{"--scenario", "issue", "--most", "1e6"}, "--most 1e+06: choose from 0.1 to 200000, and no less than --start"},
		{[]string{"--scenario", "issue", "--most", "NaN"}, "--most NaN: choose from 0.1 to 200000, and no less than --start"},
		{[]string{"--scenario", "issue", "--most", "0"}, "--most 0: choose from 0.1 to 200000, and no less than --start"},
		{[]string{"--scenario", "issue", "--most", "5"}, "--most allows 5/s, and a step has to send 422 requests over 16 connections for a precision of 5%, which takes too long at that rate; ask for a longer --duration or fewer --connections"},
		{[]string{"--scenario", "issue", "--start", "0"}, "--start 0: choose from 0.1 to 200000"},
		{[]string{"--scenario", "issue", "--start", "1"}, "--start 1: a step has to send 422 requests over 16 connections for a precision of 5%, which takes too long at that rate; begin at 21.1/s, or ask for a longer --duration or fewer --connections"},
		{[]string{"--scenario", "issue", "--objective", "rate<100/s"}, "--objective rate<100/s would want the target to hold less; write it like rate>=100/s"},
		{[]string{"--scenario", "issue", "--objective", "rate>=1e6/s"}, "--objective rate: 1e+06/s are more than the 200000/s that may be asked of this target"},
		{[]string{"--scenario", "issue", "--objective", "p99"}, "--objective p99: write it as METRIC, one of <, <=, >, >=, and a bound, such as 'p99<20ms', 'errors<0.1%' or 'rate>=1990/s'"},
		{[]string{"b2b", "--scenario", "issue"}, file + " is a target of the dialect kitchenhub, not of b2b"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			t.Parallel()
			gonogo(t, append([]string{"load", "capacity", "--target", file}, c.args...)...).refuses(t, c.says)
		})
	}
	gonogo(t, "load", "capacity", "--scenario", "issue").refuses(t, "say what to put under load: a dialect, for the reference server, --target FILE, or the address of an issuer")
	if o := gonogo(t, "load", "capacity", "--help"); o.code != 0 || strings.Contains(o.stdout, "--shape") || !strings.Contains(o.stdout, "--precision PERCENT") {
		t.Errorf("the help is\n%s", o)
	}
	if n := s.requests(t); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
