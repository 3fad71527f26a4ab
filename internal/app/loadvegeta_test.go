package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"gonogo/internal/app"
	"gonogo/load"
	"gonogo/reports"
	"gonogo/specs"
)

// vegetaPath is where go tool has built the version of go.mod.
var vegetaPath = sync.OnceValues(func() (string, error) {
	path, err := exec.Command("go", "tool", "-n", "vegeta").Output()
	return strings.TrimSpace(string(path)), err
})

func vegetaDoes(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := vegetaPath()
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command(path, args...)
}

// fed is vegeta attack behind gonogo load targets, as a shell has them, and what it kept.
func fed(t *testing.T, targets []string, attack ...string) (outcome, string) {
	t.Helper()
	atOnce <- struct{}{}
	defer func() { <-atOnce }()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(t.TempDir(), "results.bin")
	command := vegetaDoes(t, slices.Concat([]string{"attack", "-lazy", "-format=json", "-output", kept}, attack)...)
	var said bytes.Buffer
	command.Stdin, command.Stderr = read, &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	_ = read.Close() // vegeta alone has it
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		none := func(string) (string, bool) { return "", false }
		ended <- app.Run(t.Context(), slices.Concat([]string{"load", "targets", "--working-set", "20"}, targets), none, strings.NewReader(""), write, &stderr)
		_ = write.Close()
	}()
	if err := command.Wait(); err != nil {
		t.Errorf("vegeta attack: %v: %s", err, said.String())
	}
	return outcome{code: <-ended, stderr: stderr.String()}, kept
}

// twenty is an attack of twenty requests, or of fewer where the machine is busy.
var twenty = []string{"-rate", "100", "-duration", "200ms"}

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

func TestVegetaSendsTheTargetsOfEveryScenario(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			s := serve(t, dialect)
			for _, scenario := range []string{"issue", "validate", "use", "refresh", "mix=issue:1,validate:2,use:1"} {
				targets := []string{"--target", s.file(dialect), "--scenario", scenario}
				o, kept := fed(t, targets, twenty...)
				if o.code != 0 {
					t.Errorf("%s: a reader that goes away ends it with\n%s", scenario, o)
				}
				o, run := judged(t, append(targets, kept)...)
				o.exits(t, 0)
				if run.Requests == 0 || run.Verdict != reports.Go || !strings.HasPrefix(run.Scenario, scenario) {
					t.Errorf("%s: %d requests are judged %s\n%s", scenario, run.Requests, run.Verdict, o)
				}
				agrees(t, kept, run)
			}
		})
	}
}

func TestJudgeOfVegetaFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ quirk, scenario, kind, requirement string }{
		{"kitchenhub-issue-missing-field", "issue", "a success is not what the document describes", "KH-ISSUE-1"},
		{"kitchenhub-issue-repeats-pair", "issue", "a token that must be new was handed out before", "KH-ISSUE-4"},
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
			shows(t, o, run, c.kind, c.requirement)
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
	garbage := written(t, "results.bin", "GET http://127.0.0.1/\n")
	gonogo(t, append([]string{"load", "judge", garbage}, of...)...).refuses(t, garbage+" is not what vegeta attack writes, nor what vegeta encode makes of it (gob, JSON or CSV), or it ends within the first result")
	gonogo(t, "load", "judge", kept, "--scenario", "issue").refuses(t, "say of which target the results are: --target FILE, or the dialect, if it was the reference server")
	gonogo(t, "load", "judge", "--scenario", "issue", "kitchenhub").refuses(t, "name the file with vegeta's results, or - for standard input")
	gonogo(t, append([]string{"load", "judge", kept, "--objective", "lag-p99<1ms"}, of...)...).refuses(t, "--objective lag-p99<1ms: vegeta does not keep what of the times is its own")
	gonogo(t, append([]string{"load", "judge", kept, "--report", "jsonl=" + kept}, of...)...).refuses(t, fmt.Sprintf("--report jsonl=%s: this run reads %s, which would be lost; name another file", kept, kept))
	var stdout, stderr bytes.Buffer
	code := app.Run(t.Context(), []string{"load", "judge", "kitchenhub", "-", "--scenario", "issue"}, func(string) (string, bool) { return "", false }, strings.NewReader(whole), &stdout, &stderr)
	outcome{code, stdout.String(), stderr.String()}.exits(t, 0, "  at           "+s.api)
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

func TestTargetsEnd(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	of := []string{"load", "targets", "--target", s.file("kitchenhub"), "--working-set", "5"}
	o := gonogo(t, append(of, "--scenario", "refresh")...)
	if o.exits(t, 0); strings.Count(o.stdout, "\n") != 5 || o.stderr != "there are 5 targets, each with a refresh token of its own; what is written holds live tokens, and is to be piped, not kept\nall 5 targets are written, and there are no more\n" {
		t.Errorf("a refresh for each of five tokens is\n%s", o)
	}
	tokens := map[string]bool{}
	decode := vegeta.NewJSONTargeter(strings.NewReader(o.stdout), nil, nil)
	all, err := vegeta.ReadAllTargets(decode)
	for _, target := range all {
		tokens[string(target.Body)] = true
	}
	if err != nil || len(tokens) != 5 {
		t.Errorf("%d targets differ: %v", len(tokens), err)
	}
	if o := gonogo(t, append(of, "--scenario", "validate", "--count", "7", "--quiet")...); o.code != 0 || strings.Count(o.stdout, "\n") != 7 || o.stderr != "" {
		t.Errorf("seven targets are\n%s", o)
	}
	for _, c := range []struct{ scenario, says string }{
		{"mix", "--scenario mix=issue:1,validate:8,refresh:1: a mix that refreshes goes on with the tokens of its own answers, which vegeta does not hand back; leave refresh out, such as mix=issue:1,validate:8, or give --scenario refresh"},
		{"storm", "--scenario storm: what it asks follows from what was answered before, and vegeta sends each request by itself; choose issue, validate, use, refresh, or a mix without refresh"},
		{"validate --count=-1", "--count -1: choose 1 or more, or 0 for targets without end"},
	} {
		gonogo(t, append(of, append([]string{"--scenario"}, strings.Fields(c.scenario)...)...)...).refuses(t, c.says)
	}
	gonogo(t, "load", "targets", "kitchenhub", "--scenario", "refresh").refuses(t, "the reference server ends with the last target, before vegeta has sent it; start it with gonogo serve kitchenhub --targets DIR, and give --target DIR/kitchenhub.yaml")

	file, err := os.Create(filepath.Join(t.TempDir(), "targets.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var stderr bytes.Buffer
	code := app.Run(t.Context(), append(of, "--scenario", "validate"), func(string) (string, bool) { return "", false }, strings.NewReader(""), file, &stderr)
	if code != 2 || !strings.HasPrefix(stderr.String(), "gonogo: targets have no end, and a file would be filled with them") {
		t.Errorf("a file is filled: exit %d, %s", code, stderr.String())
	}

	// Ctrl-C, while nobody reads
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- app.Run(ctx, append(of, "--scenario", "validate"), func(string) (string, bool) { return "", false }, strings.NewReader(""), write, &bytes.Buffer{})
	}()
	if _, err := read.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if code := <-ended; code != 0 {
		t.Errorf("Ctrl-C ends it with %d", code)
	}
	_, _ = read.Close(), write.Close()
}

func TestATargeterFeedsVegetaFromGo(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	target, err := load.ReadTarget(s.file("kitchenhub"), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	config := load.Config{Target: target, Scenario: "refresh", WorkingSet: 10, Pick: "uniform", Level: specs.Standard, Agent: "test"}
	targets, err := load.NewTargeter(t.Context(), load.Targets{Config: config})
	if err != nil {
		t.Fatal(err)
	}
	defer targets.Close()
	var kept bytes.Buffer
	encode := vegeta.NewEncoder(&kept)
	for result := range vegeta.NewAttacker().Attack(targets.Next, vegeta.Rate{Freq: 100, Per: time.Second}, 0, "from Go") { // until there are no targets
		if err := encode(result); err != nil {
			t.Fatal(err)
		}
	}
	run, err := load.Judge(t.Context(), config, load.Kept{Name: "kept", Reader: &kept})
	if err != nil || run.Verdict != reports.Go || run.Requests != 10 || targets.Count() != 10 {
		t.Errorf("ten refreshes are %+v, %v", run, err)
	}
	var none vegeta.Target
	if err := targets.Next(&none); err != vegeta.ErrNoTargets {
		t.Errorf("an eleventh is %v, %v", none, err)
	}
}
