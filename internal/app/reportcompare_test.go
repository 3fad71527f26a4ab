package app_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"gonogo/reports"
)

func TestKeptLoadsAreCompared(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files []string
	sides := map[string]*served{"old": serve(t, "kitchenhub"), "new": serve(t, "kitchenhub", "--delay", "5ms")}
	for round := range 8 {
		for _, build := range []string{"old", "new"} {
			file := fmt.Sprintf("%s/%s-%d.jsonl", dir, build, round)
			loaded(t, "--target", sides[build].file("kitchenhub"), "--scenario", "use", "--rate", "100", "--duration", "300ms", "--working-set", "20", "--label", "build="+build, "--report", "jsonl="+file)
			files = append(files, file)
		}
	}
	out := dir + "/compared"
	o := gonogo(t, append([]string{"report", "compare", "--max-regression", "p50=20%", "--report", "json=" + out + ".json", "--report", "html=" + out + ".html", "--report", "md=" + out + ".md", "--report", "junit=" + out + ".xml"}, files...)...)
	report := reportIn(t, out+".json")
	schema, _ := schemas(t)
	validates(t, schema, "the comparison", contents(t, out+".json"))
	c := report.Comparisons[0]
	if c.A.Labels["build"] != "old" || c.B.Labels["build"] != "new" || len(c.Rounds) != 8 {
		t.Fatalf("%+v", c)
	}
	if len(c.Notes) > 0 && c.Difference == reports.CannotTell { // this machine had no time for a round
		o.exits(t, reports.ExitIncomplete)
		t.Logf("the machine was busy: %q", c.Notes)
	} else if o.exits(t, reports.ExitNoGo); c.Difference != reports.Worse || c.Low < 1.2 {
		t.Errorf("5 ms more are %+v", c)
	}
	for _, form := range []string{".html", ".md", ".xml"} {
		if text := contents(t, out+form); !strings.Contains(text, "p50 of B is") && !strings.Contains(text, "nothing can be said of p50") {
			t.Errorf("what is shown is not in %s", form)
		}
	}

	// The other way round nothing is worse.
	turnedFiles := append([]string{files[1], files[0]}, files[2:]...)
	if turned := gonogo(t, append([]string{"report", "compare", "--by", "build", "--max-regression", "p50=20%"}, turnedFiles...)...); turned.code == reports.ExitNoGo {
		t.Error(turned)
	}
	changedFrom := func(file, name string, change func(r *reports.Report)) string {
		r := reportIn(t, file)
		change(r)
		text, err := json.Marshal(r)
		if err == nil {
			err = os.WriteFile(dir+"/"+name, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return dir + "/" + name
	}
	changed := func(name string, change func(r *reports.Report)) string { return changedFrom(files[0], name, change) }
	host := reportIn(t, files[0]).Environment.Host
	for other, says := range map[string]string{
		changed("host", func(r *reports.Report) { r.Environment.Host = "elsewhere" }):     "one was made on " + host + " and the other on elsewhere",
		changed("scenario", func(r *reports.Report) { r.Load[0].Scenario = "issue" }):     "the scenario is use in one and issue in the other",
		changed("tool", func(r *reports.Report) { r.Tool.Version = "another" }):           "they were made by two builds of gonogo, which measure differently",
		changed("document", func(r *reports.Report) { r.Load[0].Document.SHA256 = "00" }): "the document (SHA-256) is",
		changed("none", func(r *reports.Report) { r.Environment = nil }):                  "one of them does not say on which machine it was made",
		out + ".json": "is no report of one load run",
	} {
		if o := gonogo(t, "report", "compare", files[0], other); o.code != 2 || !strings.Contains(o.stderr, says) {
			t.Errorf("%s: %s", says, o)
		}
	}
	if o := gonogo(t, "report", "compare", files[0], files[1]); o.code != reports.ExitIncomplete || !strings.Contains(o.stdout, "it takes 6 to say something") {
		t.Error(o)
	}
	// Two numbers of generators are two sides as well, and that they differ is said.
	four := func(of int) string {
		return changedFrom(files[of], fmt.Sprintf("four-%d", of), func(r *reports.Report) { r.Load[0].Generators = make([]reports.LoadGenerator, 4) })
	}
	if o := gonogo(t, "report", "compare", files[0], four(4), files[8], four(12)); o.code != reports.ExitIncomplete ||
		!strings.Contains(strings.Join(strings.Fields(o.stdout), " "), "the runs of A were made by 1 generator and those of B by 4 generators: ") {
		t.Error(o)
	}
	if o := gonogo(t, "report", "compare", "--by", "build", files[0], files[1], four(2), files[3]); o.code != 2 || !strings.Contains(o.stderr, "some runs of one side were made by 1 generator and some by 4 generators") {
		t.Error(o)
	}
	for flag, says := range map[string]string{
		"p99":         "--max-regression p99: write it as METRIC=PERCENT, such as p99=10%",
		"errors=5%":   "errors cannot be compared; choose one of ",
		"p99=0%":      `--max-regression p99=0%: "0" is no share of more than 0 % that a metric may be worse by`,
		"lag-p99=10%": "lag-p99 cannot be compared; choose one of ",
	} {
		if o := gonogo(t, "report", "compare", "--max-regression", flag, files[0], files[1]); o.code != 2 || !strings.Contains(o.stderr, says) {
			t.Errorf("%s: %s", flag, o)
		}
	}
	if o := gonogo(t, "report", "compare", "--by", "shard", files[0], files[1]); o.code != 2 || !strings.Contains(o.stderr, "the label shard does not tell two sides apart") {
		t.Error(o)
	}
}
