package app_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"gonogo/reports"
)

// compiled are the schemas of a whole report and of a line of the stream.
var compiled = sync.OnceValues(func() (schemas [2]*jsonschema.Schema, err error) {
	const base = "https://gonogo.invalid/schemas/"
	c := jsonschema.NewCompiler()
	for name, text := range map[string][]byte{"report.schema.json": reports.Schema(), "line.schema.json": reports.LineSchema()} {
		schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return schemas, err
		}
		if err := c.AddResource(base+name, schema); err != nil {
			return schemas, err
		}
	}
	return [2]*jsonschema.Schema{c.MustCompile(base + "report.schema.json"), c.MustCompile(base + "line.schema.json")}, nil
})

func schemas(t *testing.T) (report, line *jsonschema.Schema) {
	t.Helper()
	both, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	return both[0], both[1]
}

func validates(t *testing.T, schema *jsonschema.Schema, what, text string) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// bothReports runs check with both formats and returns their files.
func bothReports(t *testing.T, args ...string) (o outcome, asJSON, asLines string) {
	t.Helper()
	dir := t.TempDir()
	asJSON, asLines = filepath.Join(dir, "r.json"), filepath.Join(dir, "r.jsonl")
	o = gonogo(t, append([]string{"check", "--report", "json=" + asJSON, "--report", "jsonl=" + asLines}, args...)...)
	return o, asJSON, asLines
}

func TestReportsKeepTheirSchemas(t *testing.T) {
	t.Parallel()
	whole, line := schemas(t)
	broken := serve(t, "kitchenhub", "--defect", "kitchenhub-leaks-token", "--defect", "kitchenhub-drops-unknown-client")
	f := dyingFront(t, serve(t, "kitchenmonki").api, 30)
	dying := edited(t, serve(t, "kitchenmonki").file("kitchenmonki"), func(c fields) { c["base_url"] = f.url })
	for name, args := range map[string][]string{
		"clean": {"--case", "*/issue/*", "--case", "*/popup/*"}, "broken": {"--target", broken.file("kitchenhub")}, "dying": {"--target", dying}, "strict": {"kitchenmonki", "--strict", "--case", "*/popup/*", "--case", "*/lifetimes/*"},
	} {
		o, asJSON, asLines := bothReports(t, args...)
		validates(t, whole, name, contents(t, asJSON))
		for i, text := range strings.Split(strings.TrimSpace(contents(t, asLines)), "\n") {
			validates(t, line, fmt.Sprintf("%s: line %d", name, i+1), text)
		}
		var rebuilt bytes.Buffer
		if err := reports.WriteJSON(&rebuilt, reportIn(t, asLines)); err != nil {
			t.Fatal(err)
		}
		if rebuilt.String() != contents(t, asJSON) {
			t.Errorf("%s: what jsonl gives is not what json holds", name)
		}
		if code := reports.ExitCode(reportIn(t, asJSON)); code != o.code {
			t.Errorf("%s: the report says %d, the tool %d", name, code, o.code)
		}
	}
}

func TestAReportThatCannotBeFinishedHidesNoViolation(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub", "--defect", "kitchenhub-secret-unchecked")
	full := "gonogo: a report could not be written: "
	for code, args := range map[int][]string{1: {"--target", s.file("kitchenhub")}, 3: {"kitchenhub"}} {
		o := gonogo(t, append([]string{"check", "--report", "jsonl=/dev/full"}, args...)...)
		if o.code != code || !strings.HasPrefix(complaints(o.stderr), full) || !strings.Contains(o.stdout, "GO: ") {
			t.Errorf("exit %d and the verdict are wanted, not\n%s", code, o)
		}
	}
}

func TestAReportToStandardOutput(t *testing.T) {
	t.Parallel()
	before := written(t, "r.json", "an older report")
	o := gonogo(t, "check", "kitchenhub", "--case", "*/issue/*", "--report", "json="+before)
	o.exits(t, 0)
	if reportIn(t, before).Verdict != reports.Go {
		t.Error("an older report was not replaced")
	}
	kept := written(t, "kept.jsonl", "an older report")
	gonogo(t, "check", "kitchenhub", "--case", "nothing", "--report", "jsonl="+kept).exits(t, 2)
	if contents(t, kept) != "an older report" {
		t.Error("a run that never began has emptied an older report")
	}
}

func TestRerunFailed(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub", "--defect", "kitchenhub-secret-unchecked")
	o, asJSON, asLines := bothReports(t, "--target", s.file("kitchenhub"))
	o.exits(t, 1)
	for _, earlier := range []string{asJSON, asLines} {
		again, report := checked(t, "--target", s.file("kitchenhub"), "--rerun-failed", earlier)
		again.exits(t, 1)
		failed := 0
		for _, c := range reportIn(t, earlier).Dialects[0].Cases {
			if c.Outcome == reports.Fail || c.Outcome == reports.Warn {
				failed++
			}
		}
		if n := len(report.Dialects[0].Cases); n != failed || n == 0 {
			t.Errorf("%d cases ran, of %d that failed", n, failed)
		}
		mended, _ := checked(t, "--rerun-failed", earlier)
		mended.exits(t, 0)
	}
	_, clean, _ := bothReports(t, "kitchenhub", "--case", "*/issue/*")
	gonogo(t, "check", "--rerun-failed", clean).refuses(t, "--rerun-failed "+clean+": every case of that report passed")
	o = gonogo(t, "check", "--rerun-failed", written(t, "r.json", "{}"))
	if o.code != 2 || !strings.HasPrefix(o.stderr, "gonogo: --rerun-failed ") {
		t.Errorf("what is no report gives\n%s", o)
	}
}

func TestRerunFailedTakesUpWhatACutStreamLeft(t *testing.T) {
	t.Parallel()
	_, _, asLines := bothReports(t, "kitchenhub", "--case", "*/issue/*")
	lines := strings.SplitAfter(contents(t, asLines), "\n")
	const ended = 10
	cut := written(t, "cut.jsonl", strings.Join(lines[:1+ended], ""))
	all := reportIn(t, asLines).Dialects[0].Cases
	o, report := checked(t, "--rerun-failed", cut)
	o.exits(t, 0)
	if n := len(report.Dialects[0].Cases); n != len(all)-ended {
		t.Errorf("%d cases ran; %d of %d had ended", n, ended, len(all))
	}
}
