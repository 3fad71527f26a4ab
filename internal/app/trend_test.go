package app_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonogo/reports"
	"gonogo/reports/trend"
)

// TestRunsAreKeptAndShownOverTime keeps loads and a check, adds what else can be in a folder, and reads the trend back.
func TestRunsAreKeptAndShownOverTime(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	dir, out := filepath.Join(t.TempDir(), "kept"), t.TempDir()
	ci := map[string]string{"GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567"}
	load := func(length string, args ...string) {
		o := gonogoIn(t.Context(), ci, append([]string{"load", "--target", s.file("kitchenhub"), "--scenario", "use", "--rate", "100", "--duration", length, "--working-set", "10", "--history", dir}, args...)...)
		if o.code == 2 {
			t.Fatal(o)
		}
	}
	load("200ms", "--label", "build=one", "--label", "branch=main")
	load("200ms", "--label", "branch=main", "--objective", "p99<1us")
	load("300ms", "--label", "branch=side")
	gonogo(t, "check", "--target", s.file("kitchenhub"), "--case", "*/issue/*", "--history", dir, "--label", "branch=main").exits(t, 0)
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(names) != 4 {
		t.Fatalf("%d reports are kept, %v", len(names), err)
	}
	schema, _ := schemas(t)
	for _, name := range names {
		validates(t, schema, "what is kept", contents(t, name))
		if strings.Contains(contents(t, name), "‹") {
			t.Errorf("there is evidence in %s", name)
		}
	}
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	elsewhere := reportIn(t, names[2])
	elsewhere.Environment.Host, elsewhere.Seed, elsewhere.Load[0].Started = "elsewhere", 7, elsewhere.Load[0].Started.AddDate(0, 0, 1)
	moved, err := json.Marshal(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	put("moved.json", string(moved))
	put("again.json", contents(t, names[0]))
	put("half.json", contents(t, names[0])[:99])
	put("other.json", `{"name": "package"}`)
	put("old.json", `{"schema": "gonogo/history/1", "started": "2026-01-01T00:00:00Z", "dialects": []}`)
	put("stream.jsonl", `{"type": "header", "schema": "gonogo/report/1", "tool": {"name": "gonogo", "version": "1", "commit": ""}, "started": "2026-01-01T00:00:00Z", "seed": 1, "dialects": [], "policy": {"gate": "standard", "strict": false}}`+"\n")
	put(".hidden.json", "half")
	put("notes.txt", "mine")

	o := gonogo(t, "report", "trend", dir, "--report", "json="+out+"/t.json", "--report", "html="+out+"/t.html")
	o.exits(t, 0)
	var made trend.Trend
	if err := json.Unmarshal([]byte(contents(t, out+"/t.json")), &made); err != nil {
		t.Fatal(err)
	}
	if len(made.Groups) != 2 || made.Read != 5 || len(made.Groups[0].Runs) != 4 || made.Groups[1].Kind != trend.Check || made.Groups[1].Runs[0].Counts.Pass == 0 {
		t.Fatalf("%+v\n%s", made, o)
	}
	runs := made.Groups[0].Runs
	if runs[0].Revision != "one" || runs[1].Revision != ci["GITHUB_SHA"] || runs[1].Latency.P50 == 0 || runs[0].Break+runs[1].Break != "" || runs[1].Verdict != reports.NoGo && runs[1].Verdict != reports.Incomplete {
		t.Errorf("the runs are %+v", runs)
	}
	if !strings.Contains(runs[2].Break, "the duration in ms is 200 in one and 300 in the other") || !strings.Contains(runs[3].Break, "and the other on elsewhere") {
		t.Errorf("the line breaks for %q and %q", runs[2].Break, runs[3].Break)
	}
	said := strings.Join(strings.Fields(o.stdout), " ")
	for file, why := range map[string]string{
		"again.json": "it is the same run as ", "half.json": "this is no whole JSON value", "other.json": "this is no report of the schema", "old.json": "an earlier version kept it",
		"stream.jsonl": "its run did not come to its end: the stream ends without its footer",
	} {
		if !strings.Contains(said, file+": "+why) && !strings.Contains(said, names[0]+": it is the same run as "+dir+"/"+file) || !strings.Contains(contents(t, out+"/t.html"), file) {
			t.Errorf("%s is not left out for %q in\n%s", file, why, o)
		}
	}
	if strings.Contains(o.stdout, "hidden") || strings.Contains(o.stdout, "notes") {
		t.Error(o)
	}
	for args, want := range map[string]int{"--label branch=main": 2, "--scenario use": 4, "--scenario use --last 2": 2, "--scenario use --label build=one": 1} {
		o := gonogo(t, append([]string{"report", "trend", dir, "--report", "json=-"}, strings.Fields(args)...)...)
		var some trend.Trend
		if err := json.Unmarshal([]byte(o.stdout), &some); err != nil || len(some.Groups[0].Runs) != want || some.Groups[0].Runs[0].Break != "" {
			t.Errorf("%s: %v, %s", args, err, o)
		}
	}
	if o := gonogo(t, "report", "compare", names[0], names[1]); o.code == 2 || !strings.Contains(o.stdout, "it takes 6") {
		t.Errorf("what is kept cannot be compared: %s", o)
	}
	if o := gonogo(t, "report", "trend", out+"/t.json"); o.code != reports.ExitIncomplete || !strings.Contains(o.stdout, "0 reports") || !strings.Contains(o.stderr, "no report could be read in ") {
		t.Error(o)
	}
	for says, args := range map[string][]string{
		"--scenario issue: there is use":                {dir, "--scenario", "issue"},
		"none of 5 reports has these labels":            {dir, "--label", "branch=none"},
		"--last 0: show one run or more":                {dir, "--last", "0"},
		"none cannot be read: no such file":             {dir + "/none"},
		"which would be lost":                           {dir, "--report", "json=" + names[0]},
		`this command has no format "md"; choose from `: {dir, "--report", "md=" + out + "/x"},
	} {
		gonogo(t, append([]string{"report", "trend"}, args...)...).complains(t, says)
	}
}

func TestLoadHistoryUsage(t *testing.T) {
	t.Parallel()
	gonogo(t, "load", "kitchenhub", "--scenario", "use", "--history", "").refuses(t, "--history is empty; name a folder")
	file := written(t, "file", "")
	gonogo(t, "load", "kitchenhub", "--scenario", "use", "--history", file).refuses(t, "--history "+file+": not a directory")
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	gonogoIn(ctx, nil, "load", "--target", serve(t, "kitchenhub").file("kitchenhub"), "--scenario", "use", "--history", dir)
	if kept, err := os.ReadDir(dir); err != nil || len(kept) != 0 {
		t.Errorf("%d files of a run that was interrupted are kept, %v", len(kept), err)
	}
}
