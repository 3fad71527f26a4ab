package app_test

import (
	"strings"
	"testing"

	"gonogo/reports"
)

func TestShardsOfALoadAreAddedUp(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	dir := t.TempDir()
	shard := func(name, scenario string) (file string, run *reports.LoadRun) {
		file = dir + "/" + name + ".json"
		_, _, run = loaded(t, append([]string{"--target", s.file("kitchenhub"), "--scenario", scenario, "--label", "build=abc", "--label", "shard=" + name, "--report", "jsonl=" + file}, short...)...)
		return file, run
	}
	one, first := shard("one", "use")
	two, second := shard("two", "use")
	other, _ := shard("other", "validate")

	all := dir + "/all.json"
	o := gonogo(t, "report", "merge", one, two, "--report", "json="+all, "--report", "html="+dir+"/all.html")
	whole := reportIn(t, all)
	run := whole.Load[0]
	if want := first.Requests + second.Requests; run.Requests != want || run.Connections != 32 || whole.Labels["build"] != "abc" || whole.Labels["shard"] != "" {
		t.Errorf("%d requests of %d, %+v\n%s", run.Requests, want, whole.Origin, o)
	}
	// They ran one after the other, which is no load of both at once.
	if o.code != reports.ExitIncomplete || !strings.Contains(o.stdout, "so the load of all was not on the target at once") {
		t.Error(o)
	}
	schema, _ := schemas(t)
	validates(t, schema, "the whole", contents(t, all))

	if o := gonogo(t, "report", "merge", one, other); o.code != 2 || !strings.Contains(o.stderr, "the scenario is use in one and validate in the other") {
		t.Error(o)
	}
	if o := gonogo(t, "report", "merge", one, one); o.code != 2 || !strings.Contains(o.stderr, "shard 2 is the same run as one before it") {
		t.Error(o)
	}
}

func TestKeptReportsAreRenderedAsTheyWere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	direct, again := dir+"/direct.", dir+"/again."
	forms := func(to string) (args []string) {
		for _, form := range []string{"json", "jsonl", "html", "md", "junit", "har"} {
			args = append(args, "--report", form+"="+to+form)
		}
		return args
	}
	broken := serve(t, "kitchenhub", "--defect", "kitchenhub-leaks-token")
	was := gonogo(t, append([]string{"check", "--target", broken.file("kitchenhub"), "--case", "*/issue/*"}, forms(direct)...)...)
	for _, from := range []string{"json", "jsonl"} {
		o := gonogo(t, append([]string{"report", "render", direct + from}, forms(again)...)...)
		if o.code != was.code || o.code == 2 {
			t.Fatalf("%s, and it was %s", o, was)
		}
		for _, form := range []string{"json", "html", "md", "junit", "har"} {
			if contents(t, again+form) != contents(t, direct+form) {
				t.Errorf("%s of %s is another", form, from)
			}
		}
		if _, said, _ := strings.Cut(was.stdout, "\n"); !strings.Contains(said, strings.TrimSpace(o.stdout)) {
			t.Errorf("it prints\n%s, and printed\n%s", o.stdout, was.stdout)
		}
	}
	gonogo(t, "report", "render", dir+"/none.json").refuses(t, "the report "+dir+"/none.json cannot be read: no such file or directory")
	if o := gonogo(t, "report", "render", direct+"json", "--report", "json="+direct+"json"); o.code != 2 || !strings.Contains(o.stderr, "which would be lost") {
		t.Error(o)
	}
}
