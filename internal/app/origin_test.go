package app_test

import (
	"runtime"
	"strings"
	"testing"

	"gonogo/reports"
)

func TestReportsSayWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	at := t.TempDir() + "/report"
	labelled := []string{"--label", "build=abc", "--label", "branch=main line", "--seed", "7117"}
	o, report, run := loaded(t, append(append([]string{"--target", s.file("kitchenhub"), "--scenario", "issue", "--report", "jsonl=" + at + ".jsonl", "--report", "html=" + at + ".html", "--report", "md=" + at + ".md", "--report", "junit=" + at + ".xml"}, labelled...), short...)...)
	sound(t, o, run, 200)
	comesFrom(t, report)
	if run.Target.Network != "loopback" {
		t.Errorf("the target is %+v", run.Target)
	}
	stream, err := reports.Read(strings.NewReader(contents(t, at+".jsonl")))
	if err != nil {
		t.Fatal(err)
	}
	comesFrom(t, stream)
	header, _, _ := strings.Cut(contents(t, at+".jsonl"), "\n")
	for what, text := range map[string]string{"header": header, "html": contents(t, at+".html"), "md": contents(t, at+".md"), "junit": contents(t, at+".xml")} {
		if !strings.Contains(text, "main line") || !strings.Contains(text, "abc") {
			t.Errorf("no labels in the %s", what)
		}
	}

	o = gonogo(t, append([]string{"check", "kitchenhub", "--case", "*/issue/*", "--quiet", "--report", "json=" + at + ".json"}, labelled...)...)
	if o.code != 0 {
		t.Fatal(o)
	}
	checked, err := reports.Read(strings.NewReader(contents(t, at+".json")))
	if err != nil {
		t.Fatal(err)
	}
	comesFrom(t, checked)
	if checked.Dialects[0].Target.Network != "loopback" {
		t.Errorf("the target is %+v", checked.Dialects[0].Target)
	}

	for given, says := range map[string]string{
		"build":       `write NAME=VALUE, such as build=abc: a name of letters, digits and . _ / - that begins with a letter, and a value of 1 to 200 characters`,
		"build=":      `write NAME=VALUE, such as build=abc: a name of letters, digits and . _ / - that begins with a letter, and a value of 1 to 200 characters`,
		"build=a\x1b": `the value has a character that cannot be shown`,
	} {
		if o := gonogo(t, "load", "kitchenhub", "--scenario", "issue", "--label", given); o.code != 2 || !strings.Contains(o.stderr, says) {
			t.Errorf("%q: %s", given, o)
		}
	}
	if o := gonogo(t, "check", "kitchenhub", "--label", "build=a", "--label", "build=b"); o.code != 2 || !strings.Contains(o.stderr, "build is given twice, as a before") {
		t.Error(o)
	}
}

// comesFrom wants the labels of the test, and this machine, with the names of flags and none of their values.
func comesFrom(t *testing.T, r *reports.Report) {
	t.Helper()
	e := r.Environment
	if r.Labels["build"] != "abc" || r.Labels["branch"] != "main line" || len(r.Labels) != 2 || e == nil {
		t.Fatalf("it comes from %+v", r.Origin)
	}
	flags := strings.Join(e.Flags, " ")
	if e.Go != runtime.Version() || e.Cores != runtime.NumCPU() || e.OS != runtime.GOOS || !strings.Contains(flags, "--seed") || strings.Contains(flags, "7117") || strings.Contains(flags, "/") {
		t.Errorf("it was made on %+v", e)
	}
}
