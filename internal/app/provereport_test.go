package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/joshdk/go-junit"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"gonogo/reports"
	"gonogo/reports/proofs"
)

// proved is a run of prove with both reports, which agree with each other and with the exit code.
func proved(ctx context.Context, t *testing.T, args ...string) (outcome, proofs.Report) {
	t.Helper()
	dir := t.TempDir()
	asJSON, asJUnit := filepath.Join(dir, "p.json"), filepath.Join(dir, "p.xml")
	o := gonogoIn(ctx, nil, append([]string{"prove", "--report", "json=" + asJSON, "--report", "junit=" + asJUnit}, args...)...)
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(proofs.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("https://gonogo.invalid/schemas/prove.schema.json", schema); err != nil {
		t.Fatal(err)
	}
	validates(t, c.MustCompile("https://gonogo.invalid/schemas/prove.schema.json"), "prove", contents(t, asJSON))
	var r proofs.Report
	if err := json.Unmarshal([]byte(contents(t, asJSON)), &r); err != nil {
		t.Fatal(err)
	}
	suites := suitesIn(t, asJUnit)
	if r.ExitCode() != o.code || isRed(suites) != (o.code != 0) {
		t.Errorf("the verdict is %s, red %t, of\n%s", r.Verdict, isRed(suites), o)
	}
	shown := map[proofs.Outcome]junit.Status{
		proofs.Caught: junit.StatusPassed, proofs.Passed: junit.StatusPassed, proofs.NotProvable: junit.StatusSkipped, proofs.NoResult: junit.StatusError,
	}
	for _, p := range r.Proofs {
		i := slices.IndexFunc(suites, func(s junit.Suite) bool { return s.Name == "prove "+p.Dialect })
		if i < 0 {
			t.Fatalf("there is no suite of %s", p.Dialect)
		}
		if got := test(t, suites[i:i+1], p.ID); got.Status != shown[p.Outcome] || got.Classname != p.Dialect+"."+p.Kind {
			t.Errorf("%s %s is %s, and shown as %s in %s", p.Kind, p.ID, p.Outcome, got.Status, got.Classname)
		}
	}
	return o, r
}

// summary is a proof in a line.
func summary(p proofs.Proof) string {
	return fmt.Sprintf("%s %s %s %s %d %s", p.Kind, p.ID, p.Requirement, p.Outcome, len(p.Runs), p.Reason)
}

func TestProveReports(t *testing.T) {
	t.Parallel()
	o, r := proved(t.Context(), t, "--repeat", "2", "--defect", "kitchenhub-refresh-replay", "--defect", popup, "--liberty", "kitchenhub-single-session")
	o.exits(t, 0)
	want := []string{
		"defect kitchenhub-refresh-replay KH-REFRESH-2 caught 2 ",
		"defect " + popup + " KM-POPUP-1 not-provable 2 not provable here: needs browser",
		"liberty kitchenhub-single-session KH-ISSUE-1 passed 2 ",
	}
	var got []string
	for _, p := range r.Proofs {
		got = append(got, summary(p))
	}
	if !slices.Equal(got, want) {
		t.Errorf("proved is\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if by := r.Proofs[0].CaughtBy; !slices.Contains(by, "kitchenhub/refresh-rotation/old-token-refused") || slices.ContainsFunc(by, func(id string) bool { return !strings.HasPrefix(id, "kitchenhub/refresh") }) {
		t.Errorf("it is caught by %q", by)
	}
	if r.Verdict != reports.Go || !r.Complete || r.Repeat != 2 || !slices.Contains(r.Untripped, "kitchenhub/issue/documented-request") || slices.Contains(r.Untripped, r.Proofs[0].CaughtBy[0]) {
		t.Errorf("verdict %s, complete %t, repeat %d, untripped %q", r.Verdict, r.Complete, r.Repeat, r.Untripped)
	}
}

func TestProveReportsOfWhatIsNotShown(t *testing.T) {
	t.Parallel()
	o, r := proved(t.Context(), t, "--defect", popup)
	o.exits(t, 0)
	if r.Verdict != proofs.NothingProved || r.Counts[proofs.NotProvable] != 1 {
		t.Errorf("the verdict is %s, with %v", r.Verdict, r.Counts)
	}
	o, r = proved(t.Context(), t, "--require", "browser", "--defect", popup, "--defect", "kitchenhub-refresh-replay")
	o.exits(t, 3)
	if r.Verdict != reports.Incomplete || r.Counts[proofs.NoResult] != 1 || r.Counts[proofs.Caught] != 1 {
		t.Errorf("the verdict is %s, with %v", r.Verdict, r.Counts)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o, r = proved(ctx, t, "kitchenhub")
	o.exits(t, 3)
	if r.Verdict != reports.Incomplete || r.Interrupted != "the run was interrupted" || r.Counts[proofs.NoResult] != len(r.Proofs) || len(r.Proofs) < 50 {
		t.Errorf("the verdict is %s, interrupted %q, with %v", r.Verdict, r.Interrupted, r.Counts)
	}
}

func TestProveRefusesReports(t *testing.T) {
	t.Parallel()
	for sentence, flag := range map[string]string{
		`--report jsonl=p.jsonl: this command has no format "jsonl"; choose from json, junit`: "jsonl=p.jsonl",
		`--report p.xml: write FORMAT=FILE, such as json=report.json`:                         "p.xml",
		`--report junit=/nowhere/p.xml: the directory /nowhere does not exist`:                "junit=/nowhere/p.xml",
	} {
		gonogo(t, "prove", "--report", flag).refuses(t, sentence)
	}
}
