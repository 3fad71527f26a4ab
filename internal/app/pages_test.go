package app_test

import (
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/har"

	"gonogo/reports"
	"gonogo/reports/prose"
)

// forPeople are the flags for the reports that people read, and the files.
func forPeople(t *testing.T) (flags []string, page, summary, archive string) {
	t.Helper()
	dir := t.TempDir()
	page, summary, archive = filepath.Join(dir, "r.html"), filepath.Join(dir, "r.md"), filepath.Join(dir, "r.har")
	return []string{"--report", "html=" + page, "--report", "md=" + summary, "--report", "har=" + archive}, page, summary, archive
}

func TestReportsForPeopleSayWhatJSONSays(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub", "--defect", "kitchenhub-refresh-replay", "--defect", "kitchenhub-secret-unchecked")
	flags, page, summary, archive := forPeople(t)
	o, report := checked(t, append([]string{"--target", s.file("kitchenhub")}, flags...)...)
	o.exits(t, 1)
	d := report.Dialects[0]

	shown := html.UnescapeString(contents(t, page))
	exchanges := 0
	for _, c := range d.Cases {
		exchanges += len(c.Exchanges)
		if !strings.Contains(shown, ` id="`+c.ID+`"`) {
			t.Errorf("%s has no place on the page", c.ID)
		}
		for _, f := range c.Findings {
			if x := c.Shown(f); x != nil {
				if _, line := prose.Reproduce(d, c, x); !strings.Contains(shown, line) {
					t.Errorf("the line that shows %s again is not on the page", c.ID)
				}
			}
		}
	}
	first, text, _ := strings.Cut(contents(t, summary), "\n")
	if want := fmt.Sprintf("## NO-GO: %d cases failed", d.Counts.Fail); first != want || d.Counts.Fail < 2 {
		t.Errorf("the summary begins with %q, wanted %q", first, want)
	}
	blamed := map[string]bool{} // a case of two rows is told under the first that it violates
	for _, c := range d.Cases {
		if c.Outcome == reports.Fail || c.Outcome == reports.Warn {
			blamed[prose.Blamed(c)] = true
		}
	}
	for _, row := range d.Requirements {
		if named := strings.Contains(text, "<b>"+row.ID+"</b>"); named != blamed[row.ID] {
			t.Errorf("%s is %s; the summary names it: %t", row.ID, row.Outcome, named)
		}
	}
	var file har.HAR
	if err := json.Unmarshal([]byte(contents(t, archive)), &file); err != nil || len(file.Log.Entries) != exchanges || exchanges == 0 {
		t.Errorf("%d exchanges, and an archive of others (%v)", exchanges, err)
	}
}

// TestAKilledProcessLeavesNoOldVerdict begins with the reports of an earlier run.
func TestAKilledProcessLeavesNoOldVerdict(t *testing.T) {
	t.Parallel()
	flags, page, summary, _ := forPeople(t)
	for _, path := range []string{page, summary} {
		if err := os.WriteFile(path, []byte("GO: an earlier run"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(binary(t), append(waitingCheck(t, filepath.Join(t.TempDir(), "r.xml")), flags...)...)
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
	if text := contents(t, summary); !strings.HasPrefix(text, "## INCOMPLETE: the run has not come to its end: ") {
		t.Errorf("the summary is\n%s", text)
	}
	if text := contents(t, page); !strings.Contains(text, "<h1>INCOMPLETE</h1>\n<ul class=\"because\"><li>the run has not come to its end: ") {
		t.Errorf("the page is\n%s", text)
	}
}

func TestReportsForPeopleSayThatAnotherIsMissing(t *testing.T) {
	t.Parallel()
	flags, page, summary, _ := forPeople(t)
	o := gonogo(t, append([]string{"check", "kitchenhub", "--case", "*/issue/*", "--report", "jsonl=/dev/full"}, flags...)...)
	if o.code != 3 || !strings.HasPrefix(contents(t, summary), "## INCOMPLETE: a report could not be written: ") || !strings.Contains(contents(t, page), "<h1>INCOMPLETE</h1>") {
		t.Errorf("%s\n%s", o, contents(t, summary))
	}
}
