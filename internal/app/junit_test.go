package app_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/joshdk/go-junit"

	"gonogo/internal/app"
	"gonogo/internal/junitrules"
	"gonogo/reports"
)

// suitesIn reads a junit file as a CI viewer does.
func suitesIn(t *testing.T, path string) []junit.Suite {
	t.Helper()
	for _, wrong := range junitrules.Violations([]byte(contents(t, path))) {
		t.Errorf("%s: %s", path, wrong)
	}
	suites, err := junit.IngestFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return suites
}

func isRed(suites []junit.Suite) bool {
	return slices.ContainsFunc(suites, func(s junit.Suite) bool { return s.Totals.Failed+s.Totals.Error > 0 })
}

// shownAs is what a viewer shows of a case with this outcome.
var shownAs = map[reports.Outcome]junit.Status{
	reports.Pass: junit.StatusPassed, reports.Warn: junit.StatusPassed, reports.Fail: junit.StatusFailed,
	reports.CouldNotRun: junit.StatusError, reports.Error: junit.StatusError,
	reports.Waived: junit.StatusSkipped, reports.NotExercised: junit.StatusSkipped, reports.NotApplicable: junit.StatusSkipped,
}

// sameAsJSON wants a junit file to say of every case what the JSON report of the same run says, and to be red
// exactly if the exit code is not 0.
func sameAsJSON(t *testing.T, o outcome, file string, report *reports.Report) {
	t.Helper()
	suites := suitesIn(t, file)
	if red := isRed(suites); red != (o.code != 0) || o.code != reports.ExitCode(report) {
		t.Errorf("red is %t, the exit code %d, the verdict %s", red, o.code, report.Verdict)
	}
	for i, d := range report.Dialects {
		s, want := suites[i], map[junit.Status]int{}
		status := map[string]junit.Status{}
		for _, c := range s.Tests {
			status[c.Name] = c.Status
			if strings.HasPrefix(c.Name, d.ID+"/") {
				want[c.Status]--
			} else if c.Status != junit.StatusError && c.Status != junit.StatusFailed {
				t.Errorf("%s is none of the cases, and %s", c.Name, c.Status)
			}
		}
		for _, c := range d.Cases {
			if status[c.ID] != shownAs[c.Outcome] {
				t.Errorf("%s is %s, and shown as %q", c.ID, c.Outcome, status[c.ID])
			}
			want[shownAs[c.Outcome]]++
		}
		for shown, n := range want {
			if n != 0 {
				t.Errorf("%d cases of %s more in JSON are %s", n, d.ID, shown)
			}
		}
		for name, value := range map[string]string{"verdict": string(d.Verdict), "run.verdict": string(report.Verdict), "document.sha256": d.Document.SHA256, "target.base_url": d.Target.BaseURL} {
			if s.Properties[name] != value {
				t.Errorf("%s is %q in JUnit and %q in JSON", name, s.Properties[name], value)
			}
		}
	}
}

// test is the one test case of this name.
func test(t *testing.T, suites []junit.Suite, name string) junit.Test {
	t.Helper()
	for _, s := range suites {
		for _, c := range s.Tests {
			if c.Name == name {
				return c
			}
		}
	}
	t.Fatalf("there is no test case %s", name)
	return junit.Test{}
}

func TestJUnitAgreesWithJSON(t *testing.T) {
	t.Parallel()
	replay := serve(t, "kitchenhub", "--defect", "kitchenhub-refresh-replay").file("kitchenhub")
	replayToo := serve(t, "kitchenhub", "--defect", "kitchenhub-refresh-replay").file("kitchenhub")
	// one each: a run moves its server's clock
	cacheable := serve(t, "kitchenhub", "--defect", "kitchenhub-cacheable").file("kitchenhub")
	cacheableToo := serve(t, "kitchenhub", "--defect", "kitchenhub-cacheable").file("kitchenhub")
	known := written(t, "known.yaml", "- {case: 'kitchenhub/refresh-rotation/*', outcome: fail, reason: known since spring, owner: ops, expires: 2099-01-31}\n")
	server := serve(t, "kitchenmonki")
	dying := edited(t, server.file("kitchenmonki"), func(c fields) {
		c["base_url"] = dyingFront(t, server.api, 60).url
		delete(c, "servers")
	})
	const old = "kitchenhub/refresh-rotation/old-token-refused"
	for _, c := range []struct {
		name   string
		args   []string
		code   int
		test   string
		status junit.Status
		says   []string
	}{
		{"clean", nil, 0, old, junit.StatusPassed, nil},
		{"defect", []string{"--target", replayToo}, 1, old, junit.StatusFailed, []string{
			"KH-REFRESH-2: wanted a refusal (4xx), without a token; got 200 OK, carrying access and refresh",
			"sent         POST /v2/auth/refresh with a refresh token that was used before", "where        specs/kitchenhub.yaml:", "reproduce    gonogo check --target "}},
		{"waived", []string{"--target", replay, "--waivers", known, "--case", "*/refresh-rotation/*"}, 0, old, junit.StatusSkipped,
			[]string{"waived until 2099-01-31 (fail): known since spring; ops answers for it", "WAIVED  the old refresh token is refused after a refresh"}},
		{"stale", []string{"kitchenhub", "--waivers", known}, 1, "waiver kitchenhub/refresh-rotation/* (" + known + ":1)", junit.StatusFailed, []string{"is stale"}},
		{"expired", []string{"kitchenhub", "--waivers", waiverFile(t, "kitchenmonki/issue/*", reports.Fail, "2020-01-31")}, 1, "", "", []string{"expired on 2020-01-31"}},
		{"warned", []string{"--target", cacheable}, 0, "kitchenhub/audit/no-store", junit.StatusPassed, []string{"WARN  "}},
		{"practice", []string{"--target", cacheableToo, "--level", "practice"}, 1, "kitchenhub/audit/no-store", junit.StatusFailed, []string{"FAIL  "}},
		{"dying", []string{"--target", dying}, 3, "complete", junit.StatusError, []string{"incomplete: "}},
		{"nothing ran", []string{"kitchenmonki", "--case", "*/popup/*"}, 3, "complete", junit.StatusError, []string{"incomplete: no case ran"}},
		{"strict", []string{"kitchenmonki", "--strict", "--case", "*/popup/*", "--case", "*/issue/*"}, 3, "complete", junit.StatusError, []string{"not exercised, which --strict asks for: KM-POPUP-1"}},
		{"required", []string{"kitchenmonki", "--require", "browser", "--case", "*/popup/*", "--case", "*/issue/*"}, 3, "complete", junit.StatusError, []string{"could not run"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "r.xml")
			o, report := checked(t, append([]string{"--report", "junit=" + file}, c.args...)...)
			o.exits(t, c.code)
			sameAsJSON(t, o, file, report)
			text := contents(t, file)
			if c.test != "" {
				found := test(t, suitesIn(t, file), c.test)
				if found.Status != c.status {
					t.Errorf("%s is %s", c.test, found.Status)
				}
				text = found.Message + "\n" + found.SystemOut
				if found.Error != nil {
					text += found.Error.Error()
				}
			}
			for _, part := range c.says {
				if !strings.Contains(text, part) {
					t.Errorf("%q is not said in\n%s", part, text)
				}
			}
		})
	}
}

// waitingCheck is the command line of a check that nobody will wait for.
func waitingCheck(t *testing.T, report string) []string {
	t.Helper()
	s := serve(t, "kitchenhub", "--control", "off")
	target := edited(t, s.file("kitchenhub"), func(c fields) { limit(c, fields{"max_wait": "5m"}) })
	return []string{"check", "--verbose", "--target", target, "--report", "junit=" + report}
}

const someCaseEnded = "✓ pass            kitchenhub/use/documented-request "

func TestJUnitOfAnInterruptedRunIsRed(t *testing.T) {
	t.Parallel()
	file, asJSON := filepath.Join(t.TempDir(), "r.xml"), filepath.Join(t.TempDir(), "r.json")
	args := append(waitingCheck(t, file), "--report", "json="+asJSON)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := watch(someCaseEnded)
	go func() {
		<-out.seen
		cancel()
	}()
	none := func(string) (string, bool) { return "", false }
	code := app.Run(ctx, args, none, strings.NewReader(""), out, io.Discard)
	o := outcome{code, out.String(), ""}
	o.exits(t, 3)
	sameAsJSON(t, o, file, reportIn(t, asJSON))
	suites := suitesIn(t, file)
	if got := test(t, suites[1:], "complete"); !strings.HasPrefix(got.Message, "incomplete: the run was interrupted; ") {
		t.Errorf("it says %q", got.Message)
	}
	if got := test(t, suites, "kitchenhub/use/documented-request"); got.Status != junit.StatusPassed {
		t.Errorf("what had ended is %s", got.Status)
	}
}

func TestJUnitOfAKilledProcessIsRed(t *testing.T) {
	t.Parallel()
	file := written(t, "r.xml", `<testsuites><testsuite name="kitchenhub" tests="1" failures="0" errors="0"><testcase name="of an earlier run"/></testsuite></testsuites>`)
	cmd := exec.Command(binary(t), waitingCheck(t, file)...)
	out := watch(someCaseEnded)
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	select {
	case <-out.seen:
	case <-ended:
		t.Fatalf("it ended by itself:\n%s", out)
	}
	_ = cmd.Process.Signal(os.Kill)
	<-ended
	suites := suitesIn(t, file)
	if !isRed(suites) || strings.Contains(contents(t, file), "of an earlier run") {
		t.Errorf("what a killed run leaves is\n%s", contents(t, file))
	}
	if got := test(t, suites, "kitchenhub/countdown/counts-down"); got.Status != junit.StatusError || got.Message != "the case left no result" {
		t.Errorf("a case that did not end is %s: %s", got.Status, got.Message)
	}
	if got := test(t, suites[1:], "complete"); !strings.HasPrefix(got.Message, "incomplete: the run has not come to its end: ") {
		t.Errorf("it says %q", got.Message)
	}
}

func TestJUnitIsRedIfAnotherReportIsMissing(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"check", "kitchenhub", "--case", "*/issue/*", "--report", "jsonl=/dev/full"},
		{"prove", "--defect", "kitchenhub-refresh-replay", "--report", "json=/dev/full"},
	} {
		file := filepath.Join(t.TempDir(), "r.xml")
		o := gonogo(t, append(args, "--report", "junit="+file)...)
		if o.code != 3 || !isRed(suitesIn(t, file)) || !strings.Contains(contents(t, file), "a report could not be written: ") {
			t.Errorf("%s\n%s", o, contents(t, file))
		}
	}
}

func TestJUnitIntoAPipeIsOneDocument(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"check", "kitchenhub", "--case", "*/issue/*", "--quiet"}, {"prove", "--defect", "kitchenhub-refresh-replay"}} {
		out, err := exec.Command(binary(t), append(args, "--report", "junit=/dev/stderr")...).CombinedOutput()
		if n := strings.Count(string(out), "<?xml"); err != nil || n != 1 {
			t.Errorf("%d documents (%v) in\n%s", n, err, out)
		}
	}
}
