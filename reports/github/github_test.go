package github_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"gonogo/reports"
	"gonogo/reports/github"
	"gonogo/reports/testdata/samples"
	"gonogo/specs/problem"
)

// command is a workflow command as a runner reads it: ::level name=value,name=value::text.
var command = regexp.MustCompile(`^::(error|warning|notice) ([^:]*)::(.*)$`)

// annotations are those that a runner shows, by level: the properties and the text of each.
func annotations(t *testing.T, r *reports.Report) map[string][]string {
	t.Helper()
	var b strings.Builder
	if err := github.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for line := range strings.Lines(b.String()) {
		parts := command.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if parts == nil {
			t.Errorf("a runner shows nothing of the line %q", line)
			continue
		}
		all[parts[1]] = append(all[parts[1]], parts[2]+" "+parts[3])
	}
	return all
}

func TestAnnotationsAreRedWhereTheRunIs(t *testing.T) {
	for name, r := range samples.Variety() {
		all := annotations(t, r)
		if red := len(all["error"]) > 0; red != (reports.ExitCode(r) != reports.ExitGo) {
			t.Errorf("%s: %d errors, and the exit code is %d", name, len(all["error"]), reports.ExitCode(r))
		}
		if len(all["notice"]) != 1 {
			t.Errorf("%s: the verdict is told %d times", name, len(all["notice"]))
		}
	}
}

func TestAnAnnotationStandsAtALine(t *testing.T) {
	r := samples.Report()
	r.Dialects[0].Target.File = "ci/stage, old.yaml"
	if all := strings.Join(annotations(t, r)["error"], "\n"); !strings.Contains(all, "file=ci/stage%2C old.yaml,title=") {
		t.Errorf("none is at the target file:\n%s", all)
	}
	r.Dialects[0].Document.File = "specs/own.yaml"
	if all := strings.Join(annotations(t, r)["error"], "\n"); !regexp.MustCompile(`file=[^,:]+\.yaml,line=[0-9]+,title=`).MatchString(all) {
		t.Errorf("none is at a line of the document:\n%s", all)
	} else if !strings.Contains(all, "title=KH-REFRESH-2 kitchenhub/refresh-rotation/old-token-refused%0Awanted a 4xx") {
		t.Errorf("the requirement is not said once:\n%s", all)
	}
}

// TestWhatGitHubDoesNotShowIsSaid: it shows ten of a step.
func TestWhatGitHubDoesNotShowIsSaid(t *testing.T) {
	r := samples.Report()
	d := r.Dialects[0]
	for i := range 30 {
		c := reports.Case{ID: fmt.Sprintf("kitchenhub/many/case-%d", i), Outcome: reports.Fail, Requirements: []string{"KH-X-1"}, Findings: []reports.Finding{{Wanted: "100%\r\nof it: all", Got: "::error::none"}}}
		d.Cases = append(d.Cases, c)
	}
	all := annotations(t, r)["error"]
	if len(all) != 10 || !strings.Contains(all[9], "which GitHub does not show") {
		t.Errorf("%d annotations, the last of them %q", len(all), all[len(all)-1])
	}
}

func TestWhatIsRefusedStandsAtItsLine(t *testing.T) {
	wrong := problem.List{{Place: problem.Place{File: "ci/stage, old.yaml", Line: 3}, Message: "base_urls is not a key", Fix: "write base_url"}, {Place: problem.Place{File: "x"}, Message: "worth mending", Warning: true}}
	for want, err := range map[string]error{
		"::error file=ci/stage%2C old.yaml,line=3,title=gonogo::base_urls is not a key; write base_url\n": fmt.Errorf("refused: %w", wrong),
		"::error title=gonogo::no such file%0A::error::nor this\n":                                        errors.New("no such file\n::error::nor this"),
	} {
		var b strings.Builder
		if err := github.Refuse(&b, err); err != nil || b.String() != want {
			t.Errorf("got %q, %v", b.String(), err)
		}
	}
}
