package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonogo/internal/app"
	"gonogo/reports"
)

// judged is what gonogo load judge makes of results, with its report.
func judged(t *testing.T, args ...string) (outcome, *reports.LoadRun) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	o := gonogo(t, slices.Concat([]string{"load", "judge", "--report", "json=" + file}, args)...)
	if o.code == 2 {
		t.Fatalf("nothing was judged:\n%s", o)
	}
	report := reportIn(t, file)
	if len(report.Load) != 1 || reports.ExitCode(report) != o.code {
		t.Fatalf("the report has %d load runs, and another exit code than\n%s", len(report.Load), o)
	}
	schema, _ := schemas(t)
	validates(t, schema, "the report of what vegeta kept", contents(t, file))
	return o, report.Load[0]
}

// agrees wants vegeta report to have counted what was judged.
func agrees(t *testing.T, kept string, run *reports.LoadRun) {
	t.Helper()
	text, err := vegetaDoes(t, "report", "-type", "json", kept).Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs struct {
		Requests    int64            `json:"requests"`
		StatusCodes map[string]int64 `json:"status_codes"`
		Latencies   struct{ Max int64 }
	}
	if err := json.Unmarshal(text, &theirs); err != nil {
		t.Fatal(err)
	}
	ours := map[string]int64{}
	for _, answer := range run.Answers {
		if _, err := strconv.Atoi(answer.What); err == nil {
			ours[answer.What] = answer.Count
		}
	}
	if theirs.Requests != run.Requests || fmt.Sprint(ours) != fmt.Sprint(theirs.StatusCodes) {
		t.Errorf("judged are %d requests, answered %v, and vegeta report has %s", run.Requests, ours, text)
	}
	if ms := theirs.Latencies.Max / 1e6; run.Latency.Max/1000 < ms-1 || run.Latency.Max/1000 > ms+1 {
		t.Errorf("the longest took %d µs, and vegeta report has %s", run.Latency.Max, text)
	}
}

func TestJudgeOfVegetaFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ quirk, scenario, kind, requirement string }{
		{"kitchenhub-issue-missing-field", "issue", "a success is not what the document describes", "KH-ISSUE-1"},
		{"kitchenhub-issue-repeats-pair", "issue", "a token was handed out twice", "KH-ISSUE-4"},
		{"kitchenhub-validate-live-false", "validate", "a live access token does not work", "KH-VALIDATE-1"},
		{"kitchenmonki-use-refused", "use", "a live access token does not work", "KM-USE-1"},
		{"b2b-refresh-missing-field", "refresh", "a success is not what the document describes", "BB-REFRESH-1"},
		{"pos-token-200", "mix=issue:1,validate:1", "a success is not what the document describes", "POS-TOKEN-1"},
		{"kitchenhub-hands-out-again", "issue", "", ""}, {"b2b-hands-out-again", "issue", "", ""}, {"oauth2-hands-out-again", "issue", "", ""},
		{"kitchenhub-single-session", "validate", "", ""}, {"kitchenhub-chunked", "validate", "", ""}, {"pos-use-204", "use", "", ""},
	} {
		t.Run(c.quirk, func(t *testing.T) {
			t.Parallel()
			dialect, _, _ := strings.Cut(c.quirk, "-")
			kind := "--liberty"
			targets := []string{"--scenario", c.scenario}
			if c.kind != "" {
				kind = "--defect"
				targets = append(targets, gateOf(t, dialect, c.requirement)...)
			}
			s := serve(t, dialect, kind, c.quirk)
			targets = append(targets, "--target", s.file(dialect))
			o, kept := fed(t, targets, twenty...)
			if o.code > 1 || o.code == 1 && c.kind == "" { // what is wrong may show while tokens are obtained
				t.Fatalf("no targets:\n%s", o)
			}
			o, run := judged(t, append(targets, kept)...)
			agrees(t, kept, run)
			if c.kind == "" {
				o.exits(t, 0)
				return
			}
			o.exits(t, 1)
			if i := slices.IndexFunc(run.Violations, func(v reports.LoadViolation) bool { return v.Kind == c.kind }); i < 0 || run.Violations[i].Requirement != c.requirement || run.Violations[i].Exchange.Response.Status == 0 || run.Violations[i].Exchange.Curl != "" {
				t.Errorf("%q, against %s, is not among %+v in\n%s", c.kind, c.requirement, run.Violations, o)
			}
		})
	}
}

func TestJudgeSaysWhatItCannotSee(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	of := []string{"--target", s.file("kitchenhub"), "--scenario", "issue"}
	_, kept := fed(t, of, twenty...)
	whole := contents(t, kept)
	said := func(o outcome) string { return strings.Join(strings.Fields(o.stdout), " ") }

	o, run := judged(t, append(of, written(t, "cut.bin", whole[:len(whole)-20]))...)
	if o.exits(t, 3); run.Requests == 0 || !strings.Contains(said(o), fmt.Sprintf("is damaged or cut off: of what stands behind %d results nothing can be read", run.Requests)) {
		t.Errorf("of a file that is cut off\n%s", o)
	}
	o, _ = judged(t, append(of, written(t, "empty.bin", ""))...)
	if o.exits(t, 3); !strings.Contains(said(o), "empty.bin is empty: no attack has written a result") {
		t.Errorf("of an empty file\n%s", o)
	}
	for _, each := range []string{"0", "40"} {
		_, bodiless := fed(t, of, slices.Concat(twenty, []string{"-max-body", each})...)
		o, run = judged(t, append(of, bodiless)...)
		if o.exits(t, 3); len(run.Violations) > 0 || run.Errors > 0 || !strings.Contains(said(o), fmt.Sprintf("of %d successes %d were not kept whole (vegeta's -max-body)", run.Requests, run.Requests)) {
			t.Errorf("of bodies of %s bytes\n%s", each, o)
		}
	}
	for _, encoding := range []string{"json", "csv"} {
		encoded := filepath.Join(t.TempDir(), "results."+encoding)
		if text, err := vegetaDoes(t, "encode", "-to", encoding, "-output", encoded, kept).CombinedOutput(); err != nil {
			t.Fatalf("vegeta encode: %v: %s", err, text)
		}
		o, run = judged(t, append(of, encoded)...)
		o.exits(t, 0)
		agrees(t, kept, run)
		text := contents(t, encoded)
		if o, _ = judged(t, append(of, written(t, "cut."+encoding, text[:len(text)-20]))...); o.code != 3 {
			t.Errorf("of %s that is cut off\n%s", encoding, o)
		}
	}
	o, run = judged(t, append(of, kept, kept)...) // what was handed out is handed out again
	if o.exits(t, 0); len(run.Warnings) != 1 || run.Warnings[0].Count != run.Requests/2 {
		t.Errorf("of the same results twice\n%s", o)
	}
	other := append(of[:3:3], "validate", kept)
	gonogo(t, append([]string{"load", "judge"}, other...)...).refuses(t, fmt.Sprintf("%s, result 1: it is of POST %s/v2/auth/token, and --scenario validate asks for POST %s/v2/auth/validate; the results are of another scenario or target", kept, s.api, s.api))
	out := filepath.Join(t.TempDir(), "hits.gob")
	gonogo(t, append([]string{"load", "--out", out, "--rate", "20", "--duration", "100ms"}, of...)...)
	gonogo(t, append([]string{"load", "judge", out}, of...)...).refuses(t, out+", result 1: it has times and nothing of an answer, as load writes them with --out; load has judged the answers")
	folder := t.TempDir()
	gonogo(t, append([]string{"load", "judge", folder}, of...)...).refuses(t, folder+" is a folder; name the files in it")
	garbage := written(t, "results.bin", "GET http://127.0.0.1/\n")
	gonogo(t, append([]string{"load", "judge", garbage}, of...)...).refuses(t, garbage+" is not what vegeta attack writes, nor what vegeta encode makes of it (gob, JSON or CSV), or it ends within the first result")
	gonogo(t, "load", "judge", kept, "--scenario", "issue").refuses(t, "say of which target the results are: --target FILE, or the dialect, if it was the reference server")
	gonogo(t, "load", "judge", "--scenario", "issue", "kitchenhub").refuses(t, "name the file with vegeta's results, or - for standard input")
	gonogo(t, append([]string{"load", "judge", kept, "--objective", "lag-p99<1ms"}, of...)...).refuses(t, "--objective lag-p99<1ms: vegeta does not keep what of the times is its own")
	gonogo(t, append([]string{"load", "judge", kept, "--report", "jsonl=" + kept}, of...)...).refuses(t, fmt.Sprintf("--report jsonl=%s: this run reads %s, which would be lost; name another file", kept, kept))
	var stdout, stderr bytes.Buffer
	summary := filepath.Join(t.TempDir(), "summary.md")
	code := app.Run(t.Context(), []string{"load", "judge", "kitchenhub", "-", "--scenario", "issue", "--report", "md=" + summary}, func(string) (string, bool) { return "", false }, strings.NewReader(whole), &stdout, &stderr)
	outcome{code, stdout.String(), stderr.String()}.exits(t, 0, "  at           "+s.api)
	if text := contents(t, summary); !strings.Contains(text, "| `"+s.api+"` | not kept |") { // the rate that vegeta was asked for
		t.Errorf("the summary is\n%s", text)
	}
}

// Of a server that is gone nothing is held against it.
func TestJudgeOfAServerThatIsGone(t *testing.T) {
	t.Parallel()
	canary := newCanary(t, "kitchenmonki", func(_ *served, c fields) { delete(c, "clock") })
	env := map[string]string{"GW_KEY": canaryHeader, "CTL_KEY": canaryControl, "CTL_BODY": canaryBody}
	targets := gonogoIn(t.Context(), env, "load", "targets", "--target", canary.file, "--scenario", "refresh", "--count", "5")
	if targets.code != 0 || strings.Count(targets.stdout, "\n") != 5 {
		t.Fatalf("five targets are wanted, not\n%s", targets)
	}
	for secret, where := range search(targets.stderr, canary.seen.secrets()) {
		t.Errorf("standard error holds %q: …%s…", secret, where)
	}
	var address struct{ URL string }
	if err := json.Unmarshal([]byte(targets.stdout[:strings.Index(targets.stdout, "\n")]), &address); err != nil || !strings.Contains(address.URL, "?") {
		t.Fatalf("the secrets are to be in the address: %v, %s", err, address.URL)
	}
	server, _, _ := strings.Cut(strings.TrimPrefix(address.URL, "http://"), "/")
	attack := vegetaDoes(t, "attack", "-format=json", "-rate", "100", "-duration", "100ms", "-connect-to", server+":"+closedPort(t))
	attack.Stdin = strings.NewReader(targets.stdout)
	kept, err := attack.Output()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "report.json")
	o := gonogoIn(t.Context(), env, "load", "judge", written(t, "results.bin", string(kept)), "--target", canary.file, "--scenario", "refresh", "--report", "json="+file)
	o.exits(t, 3)
	if !strings.Contains(o.stdout, "  answers      connection refused ×10") || !strings.Contains(o.stdout, "INCOMPLETE: no request was answered") {
		t.Errorf("nobody was there, and it is\n%s", o)
	}
	for secret, where := range search(unescaped(o.String()+contents(t, file)), canary.seen.secrets()) {
		t.Errorf("what is judged holds %q: …%s…", secret, where)
	}
}
