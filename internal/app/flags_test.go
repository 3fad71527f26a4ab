package app_test

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFlagsAreRefusedInWords: nobody is shown what a program calls a type, or the function that could not read it.
func TestFlagsAreRefusedInWords(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"check --parallel x", "check --seed 1.5", "check --max-wait 3", "check --level strongly", "check --require tea", "check --report md",
		"load kitchenhub --rate ten", "load kitchenhub --duration 10", "load kitchenhub --connections 99999999999999999999", "load kitchenhub --http2=x",
		"load kitchenhub --scenario issue --objective xyz", "load kitchenhub --scenario issue --shape ramp:a-b", "load kitchenhub --scenario mix=issue:x",
		"load capacity kitchenhub --scenario issue --precision abc", "prove --repeat z", "prove --parallel -3", "serve --delay 5", "serve --trusted-proxy zz", "serve --listen foo",
	} {
		o := gonogo(t, strings.Fields(line)...)
		if o.code != 2 {
			t.Errorf("%s: %s", line, o)
		}
		for _, word := range []string{"strconv", "ParseInt", "regexp", "invalid argument", "parsing", "goroutine", "time: "} {
			if strings.Contains(o.stderr, word) {
				t.Errorf("%s says %q: %s", line, word, o.stderr)
			}
		}
	}
	gonogo(t, "check", "--parallel", "x").refuses(t, `--parallel "x": it is no whole number, or too large`)
	gonogo(t, "check", "--max-wait", "3").refuses(t, `--max-wait "3": it is no duration; write one like 500ms, 30s, 10m or 1h30m`)
	gonogo(t, "check", "--strict=maybe").refuses(t, `--strict "maybe": it is neither true nor false; a flag without a value is true`)
	gonogo(t, "check", "--target").refuses(t, "--target has no value; write --target VALUE, and see gonogo check --help")
}

// TestAReportGoesToStandardOutput: a file of the name "-" is never made, and what is for people makes room.
func TestAReportGoesToStandardOutput(t *testing.T) {
	t.Parallel()
	readable := map[string]func(string) bool{
		"json":   func(text string) bool { return json.Valid([]byte(text)) },
		"har":    func(text string) bool { return json.Valid([]byte(text)) },
		"ctrf":   func(text string) bool { return json.Valid([]byte(text)) },
		"sarif":  func(text string) bool { return json.Valid([]byte(text)) },
		"github": func(text string) bool { return strings.HasPrefix(text, "::") },
		"jsonl": func(text string) bool {
			lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
			return len(lines) > 2 && json.Valid([]byte(lines[0])) && json.Valid([]byte(lines[len(lines)-1]))
		},
		"junit": func(text string) bool { return xml.Unmarshal([]byte(text), new(struct{})) == nil },
		"md":    func(text string) bool { return strings.HasPrefix(text, "#") },
		"html":  func(text string) bool { return strings.HasPrefix(strings.ToLower(text), "<!doctype html>") },
	}
	for format, isOne := range readable {
		o := gonogo(t, "check", "kitchenhub", "--case", "*/issue/*", "--report", format+"=-")
		if o.code != 0 || !isOne(o.stdout) || !strings.Contains(o.stderr, "GO: ") || strings.Contains(o.stdout, "\nGO: ") && format != "md" {
			t.Errorf("%s: %s", format, o)
		}
	}
	o := gonogo(t, "prove", "kitchenhub", "--defect", "kitchenhub-refresh-replay", "--report", "json=-")
	if o.code != 0 || !json.Valid([]byte(o.stdout)) || !strings.Contains(o.stderr, "1 defects") {
		t.Errorf("%s", o)
	}
	s := serve(t, "kitchenhub")
	o = gonogo(t, "load", s.file("kitchenhub"), "--scenario", "issue", "--rate", "20", "--duration", "200ms", "--report", "json=-")
	if said := map[int]string{0: "GO", 3: "INCOMPLETE"}[o.code]; said == "" || !json.Valid([]byte(o.stdout)) || !strings.Contains(o.stderr, "\n"+said) { // 3: the machine was busy
		t.Errorf("%s", o)
	}
	gonogo(t, "check", "--report", "md=-", "--report", "json=-").refuses(t, "--report json=-: two reports cannot be one file")
	gonogo(t, "check", s.file("kitchenhub"), "--reproduce", "kitchenhub/issue/documented-request", "--report", "md=-").refuses(t,
		"--reproduce kitchenhub/issue/documented-request prints its script to standard output; give --report a file")
	if _, err := os.Stat("-"); err == nil {
		t.Error("there is a file that is named -")
	}
	file := filepath.Join(t.TempDir(), "r.md")
	if o := gonogo(t, "check", "kitchenhub", "--case", "*/issue/*", "--report", "json=-", "--report", "md="+file); o.code != 0 || !strings.HasPrefix(contents(t, file), "#") {
		t.Errorf("%s", o)
	}
}

// TestWhatStopsEverythingIsSaidOnce: a closed port and a wrong secret are a reason and a count, and no list of all cases.
func TestWhatStopsEverythingIsSaidOnce(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	for what, change := range map[string]func(fields){
		"a closed port":  func(f fields) { f["base_url"] = "http://" + closedPort(t) },
		"a wrong secret": func(f fields) { f["credentials"].(fields)["primary"].(fields)["client_secret"] = "not-the-one" },
	} {
		o := gonogo(t, "check", edited(t, s.file("kitchenhub"), change))
		if o.code != 3 || strings.Contains(o.stdout, "kitchenhub/issue/") || !regexp.MustCompile(`COULD-NOT-RUN  \d+ cases for one reason\n  reason `).MatchString(o.stdout) {
			t.Errorf("%s: %s", what, o)
		}
	}
}
