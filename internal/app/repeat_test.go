package app_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonogo/reports"
)

// oneCase is a case that sends one request to the path that the tests below spoil.
const oneCase = "kitchenhub/validate/documented-request"

// flickering is a target file of a server that fails that case in every third run of it.
func flickering(t *testing.T, more func(fields)) string {
	t.Helper()
	s := serve(t, "kitchenhub")
	front := spoiling(t, s.api, "/v2/auth/validate", 3, http.StatusBadRequest, `{}`)
	return edited(t, s.file("kitchenhub"), func(f fields) {
		f["base_url"] = front
		delete(f, "servers")
		if more != nil {
			more(f)
		}
	})
}

func TestWhatFailsNowAndThenIsFlaky(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target := flickering(t, nil)
	html, md, junit, lines := filepath.Join(dir, "r.html"), filepath.Join(dir, "r.md"), filepath.Join(dir, "r.xml"), filepath.Join(dir, "r.jsonl")
	o, report := checked(t, "--target", target, "--case", oneCase, "--repeat", "6",
		"--report", "html="+html, "--report", "md="+md, "--report", "junit="+junit, "--report", "jsonl="+lines)
	o.exits(t, 1)
	c := report.Dialects[0].Cases[0]
	if report.Repeat != 6 || c.Outcome != reports.Fail || c.Runs == nil || c.Runs.Total != 6 || !c.Runs.Flaky || len(c.Findings) == 0 {
		t.Fatalf("repeated %d times, the case is %s in %+v:\n%s", report.Repeat, c.Outcome, c.Runs, o)
	}
	flaky := "flaky: 4 pass, 2 fail in 6 runs"
	for name, text := range map[string]string{"terminal": o.stdout, "html": contents(t, html), "md": contents(t, md), "junit": contents(t, junit)} {
		if !strings.Contains(text, flaky) {
			t.Errorf("%s does not say %q in\n%.4000s", name, flaky, text)
		}
	}
	streamed := reportIn(t, lines)
	if got := streamed.Dialects[0].Cases[0]; streamed.Repeat != 6 || got.Runs == nil || got.Runs.Outcomes[reports.Fail] != 2 || streamed.Verdict != report.Verdict || !streamed.Complete == report.Complete {
		t.Errorf("jsonl has %+v, %s", got.Runs, streamed.Verdict)
	}
	schema, line := schemas(t)
	var whole strings.Builder
	if err := reports.WriteJSON(&whole, report); err != nil {
		t.Fatal(err)
	}
	validates(t, schema, "json", whole.String())
	for each := range strings.Lines(contents(t, lines)) {
		validates(t, line, "jsonl", each)
	}
}

func TestAFlakyFailureIsWaived(t *testing.T) {
	t.Parallel()
	target := flickering(t, nil)
	waiver := func(flaky string) string {
		return written(t, "waivers.yaml", "- {case: '"+oneCase+"', outcome: fail, reason: it flickers, owner: ana, expires: 2099-01-31"+flaky+"}\n")
	}
	args := []string{"check", "--target", target, "--case", oneCase}
	o := gonogo(t, append(args, "--repeat", "3", "--waivers", waiver(", flaky: true"))...)
	o.exits(t, 0, "Flaky: 1 case", "  "+oneCase+" 2 pass, 1 fail in 3 runs", "GO: 0 cases passed; 1 waived")
	if !strings.Contains(strings.Join(strings.Fields(o.stdout), " "), oneCase+" (fail now and then): it flickers; ana answers for it until 2099-01-31") {
		t.Errorf("the waiver is not told of in\n%s", o)
	}
	// It comes in every third run, and nobody is blamed for the two between.
	gonogo(t, append(args, "--waivers", waiver(", flaky: true"))...).exits(t, 0, "GO: 1 case passed")
	gonogo(t, append(args, "--waivers", waiver(""))...).exits(t, 1, "NO-GO: 1 waiver to mend")
}

func TestAFlakyWaiverThatIsNeverNeededIsStale(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	dir := filepath.Join(t.TempDir(), "history")
	waivers := written(t, "waivers.yaml", "- {case: '"+oneCase+"', outcome: fail, reason: it flickers, owner: ana, expires: 2099-01-31, flaky: true}\n")
	args := []string{"check", "--target", s.file("kitchenhub"), "--case", oneCase, "--waivers", waivers, "--history", dir}
	gonogo(t, append(args, "--plan")...).exits(t, 0)
	if _, err := os.Stat(dir); err == nil {
		t.Error("a plan leaves a folder")
	}
	gonogo(t, append(args, "--repeat", "19")...).exits(t, 0, "GO: 1 case passed")
	o := gonogo(t, args...)
	o.exits(t, 1, "NO-GO: 1 waiver to mend")
	if said := strings.Join(strings.Fields(o.stdout), " "); !strings.Contains(said, "is stale: no case that it matches ended in fail in the last 20 runs of each") {
		t.Errorf("it does not say why:\n%s", o)
	}
	kept, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(kept) != 2 {
		t.Errorf("%d runs are kept, %v", len(kept), err)
	}
}

func TestRepeatAndHistoryAreLookedOver(t *testing.T) {
	t.Parallel()
	gonogo(t, "check", "--repeat", "0").refuses(t, "--repeat 0: every case runs at least once")
	gonogo(t, "check", "--history", "").refuses(t, "--history is empty; name a folder")
	file := written(t, "file", "")
	gonogo(t, "check", "--history", file).refuses(t, "--history "+file+": not a directory")
	o := gonogo(t, "check", "pos", "--plan", "--repeat", "3")
	if !hasLine(o.stdout, `^pos at .*; all that 3 times$`) {
		t.Errorf("the plan is\n%s", o)
	}
	o, report := checked(t, "kitchenmonki", "b2b", "--case", "*/secret*/*", "--case", "*/revocation/*", "--case", "*/exchange/*", "--repeat", "2")
	o.exits(t, 0)
	for _, d := range report.Dialects {
		for _, c := range d.Cases {
			if c.Runs.Total != 2 || len(c.Runs.Outcomes) != 1 {
				t.Errorf("%s is %+v", c.ID, c.Runs)
			}
		}
	}
}
