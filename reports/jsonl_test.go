package reports_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"gonogo/reports"
	"gonogo/reports/terminal"
	"gonogo/reports/testdata/samples"
)

func TestJSONLKeepsItsSchemaAndComesBack(t *testing.T) {
	_, schema := schemas(t)
	for name, r := range samples.Variety() {
		var stream bytes.Buffer
		if err := asJSONL(&stream, r); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(stream.String()) {
			if err := valid(t, schema, line); err != nil {
				t.Errorf("%s: %s%v", name, line, err)
			}
		}
		back, err := reports.Read(&stream)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !reflect.DeepEqual(back, r) {
			t.Errorf("%s came back as\n%s\nfrom\n%s", name, asJSON(t, back), asJSON(t, r))
		}
	}
}

// run plays r to an observer as a run does: cases from many goroutines, in any
// order.
func run(r *reports.Report, to reports.Observer) {
	to.Begin(reports.Begun(r))
	var all sync.WaitGroup
	for i, d := range r.Dialects {
		for _, c := range d.Cases {
			all.Go(func() { to.CaseEnded(i, c) })
		}
	}
	all.Wait()
	to.End(r)
}

func TestAStreamedRunComesBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.jsonl")
	j, err := reports.CreateJSONL(path)
	if err != nil {
		t.Fatal(err)
	}
	want := samples.Two()
	run(want, reports.Observers{j, terminal.New(io.Discard, terminal.Options{Verbose: true})})
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := reports.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("came back as\n%s\nfrom\n%s", asJSON(t, got), asJSON(t, want))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := bytes.Count(text, []byte("\n")); got != 1+8+1 {
		t.Errorf("%d lines, want a header, eight cases and a footer:\n%s", got, text)
	}
}

func TestACaseThatChangesAfterItsLine(t *testing.T) {
	var stream bytes.Buffer
	j := reports.NewJSONL(&stream)
	r := samples.Of(pass, fail)
	j.Begin(reports.Begun(r))
	for _, c := range r.Dialects[0].Cases {
		j.CaseEnded(0, c)
	}
	reports.ApplyWaivers(r, []reports.Waiver{samples.Waiver("kh/a/b")}, nil, nil, samples.Started)
	reports.Decide(r, reports.Policy{})
	j.End(r)
	if lines := strings.Count(stream.String(), "\n"); lines != 1+2+1+1 {
		t.Errorf("%d lines, want one more for the waived case:\n%s", lines, stream.String())
	}
	back, err := reports.Read(&stream)
	if err != nil || !reflect.DeepEqual(back, r) {
		t.Errorf("came back as %s (%v)", asJSON(t, back), err)
	}
}

func TestAStreamThatIsCutShort(t *testing.T) {
	lines := func(r *reports.Report) []string {
		var b strings.Builder
		if err := asJSONL(&b, r); err != nil {
			t.Fatal(err)
		}
		return strings.SplitAfter(strings.TrimSpace(b.String()), "\n")
	}
	bad, good := lines(samples.Report()), lines(samples.Of(pass, pass))
	last := len(bad) - 1
	for _, row := range []struct {
		name    string
		stream  []string
		verdict reports.Verdict
		exit    int
		cases   int
		because string
	}{
		{"only the header", good[:1], incomplete, 3, 0, "the stream ends without its footer: 0 of 2 cases had ended"},
		{"one case of two", good[:2], incomplete, 3, 1, "the stream ends without its footer: 1 of 2 cases had ended"},
		{"all cases, no footer", good[:3], incomplete, 3, 2, "the stream ends without its footer: 2 of 2 cases had ended"},
		{"half a line", append(good[:2:2], good[2][:20]), incomplete, 3, 1, "the stream ends without its footer: 1 of 2 cases had ended"},
		{"a failure in it", bad[:3], noGo, 1, 2, "the stream ends without its footer: 2 of 7 cases had ended"},
		{"half a footer", append(bad[:last:last], bad[last][:50]), noGo, 1, 7, "the stream ends without its footer: 7 of 7 cases had ended"},
		{"a case is missing", append([]string{good[0]}, good[2:]...), incomplete, 3, 1, "the stream carries 1 case where its footer expects 2"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r, err := reports.Read(strings.NewReader(strings.Join(row.stream, "")))
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict != row.verdict || r.Complete || reports.ExitCode(r) != row.exit || len(r.Dialects[0].Cases) != row.cases {
				t.Errorf("verdict %s, complete %t, exit %d, %d cases", r.Verdict, r.Complete, reports.ExitCode(r), len(r.Dialects[0].Cases))
			}
			if r.Interrupted != row.because {
				t.Errorf("interrupted: %q, want %q", r.Interrupted, row.because)
			}
			schema, _ := schemas(t)
			if err := valid(t, schema, asJSON(t, r)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestReadJSONLRefuses(t *testing.T) {
	var b strings.Builder
	r := samples.Of(pass)
	reports.Decide(r, reports.Policy{})
	if err := asJSONL(&b, r); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(b.String(), "\n")
	header, one, footer := lines[0], lines[1], lines[2]
	for _, row := range []struct{ stream, want string }{
		{one + footer, "line 1: the stream does not begin with its header line; give a file that gonogo wrote with --report jsonl=FILE"},
		{header + one[:20] + "\n" + footer, "line 2: this is no whole JSON value"},
		{header + one + footer + one, "line 4: the stream goes on after its footer; delete what follows the footer"},
		{header + one + footer + header, "line 4: a second header begins here"},
		{header + strings.Replace(one, `"index":0`, `"index":7`, 1), "line 2: case kh/a/a belongs to dialect 7, but the header names 1"},
		{header + strings.Replace(one, `"outcome":"pass"`, `"outcome":"ok"`, 1), `line 2: case kh/a/a has the level "documented" and the outcome "ok"`},
		{strings.Replace(header, "report/1", "report/9", 1), `line 1: this is no report of the schema gonogo/report/1 (schema is "gonogo/report/9")`},
	} {
		if _, err := reports.Read(strings.NewReader(row.stream)); err == nil || !strings.HasPrefix(err.Error(), row.want) {
			t.Errorf("%v\nwant %s", err, row.want)
		}
	}
	if r, err := reports.Read(strings.NewReader(header + `{"type":"remark"}` + "\n" + one + footer)); err != nil || r.Interrupted != "" {
		t.Errorf("a line of a type to come: %v", err)
	}
}

type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if f.room--; f.room < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestAStreamThatCannotBeWrittenSaysSo(t *testing.T) {
	err := asJSONL(&full{room: 2}, samples.Report())
	if err == nil || err.Error() != "the jsonl report is not whole: short write" {
		t.Errorf("got %v", err)
	}
}

func TestAKilledProcessLeavesEveryFinishedCase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.jsonl")
	j, err := reports.CreateJSONL(path)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	r := samples.Of(pass, fail, pass)
	h := reports.Begun(r)
	h.Dialects[0].Requirements[0].Cases = []string{"kh/a/a", "kh/a/b", "kh/a/c"}
	j.Begin(h)
	j.CaseEnded(0, r.Dialects[0].Cases[0])
	j.CaseEnded(0, r.Dialects[0].Cases[1])
	// Nothing is closed or ended: this is what a kill leaves.
	got, err := reports.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Dialects[0].Cases) != 2 || got.Verdict != noGo || got.Complete {
		t.Errorf("read back %s", asJSON(t, got))
	}
	want := []string{"the stream ends without its footer: 2 of 3 cases had ended", "kh: 1 case left no result"}
	if !reflect.DeepEqual(got.IncompleteBecause, want) {
		t.Errorf("incomplete because %q, want %q", got.IncompleteBecause, want)
	}
}
