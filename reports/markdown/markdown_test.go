package markdown_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"gonogo/reports"
	"gonogo/reports/markdown"
	"gonogo/reports/testdata/samples"
	"gonogo/specs"
)

func asMarkdown(t *testing.T, r *reports.Report) string {
	t.Helper()
	var b strings.Builder
	if err := markdown.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// outsideFences is a text without its fenced blocks, and how many there were.
func outsideFences(t *testing.T, text string) (string, int) {
	t.Helper()
	var out []string
	fence, n := "", 0
	opens := regexp.MustCompile("^(```+)(sh)?$")
	for _, line := range strings.Split(text, "\n") {
		switch m := opens.FindStringSubmatch(line); {
		case fence == "" && m != nil:
			fence = m[1]
			n++
		case line == fence && fence != "":
			fence = ""
		case fence == "":
			out = append(out, line)
		}
	}
	if fence != "" {
		t.Error("a fence is not closed")
	}
	return strings.Join(out, "\n"), n
}

// cells are the cells of the lines of a table, by the first of each line.
func cells(text string) map[string][]string {
	rows := map[string][]string{}
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "| ") {
			parts := strings.Split(strings.Trim(line, "| "), " | ")
			rows[parts[0]] = parts
		}
	}
	return rows
}

func TestMarkdownCountsAsJSON(t *testing.T) {
	for name, r := range samples.Variety() {
		text := asMarkdown(t, r)
		first, _, _ := strings.Cut(text, "\n")
		want := map[int]string{0: "## GO", 1: "## NO-GO", 3: "## INCOMPLETE"}[reports.ExitCode(r)]
		if !strings.HasPrefix(first, want) || strings.Contains(strings.ToLower(first), "incomplete") == r.Complete {
			t.Errorf("%s: the first line is %q, of %s, complete %t", name, first, r.Verdict, r.Complete)
		}
		if name == "one dialect twice" {
			continue // two rows have one name
		}
		rows := cells(text)
		head := rows["dialect"]
		for _, d := range r.Dialects {
			row := rows[d.ID]
			if len(row) != len(head) {
				t.Fatalf("%s: %q does not fit below %q", name, row, head)
			}
			counted := 0
			for i, column := range head {
				if o := reports.Outcome(column); o.Valid() {
					if row[i] != fmt.Sprint(d.Counts.Of(o)) {
						t.Errorf("%s: %s of %s are %s, wanted %d", name, o, d.ID, row[i], d.Counts.Of(o))
					}
					counted += d.Counts.Of(o)
				}
			}
			if counted != len(d.Cases) {
				t.Errorf("%s: %d of %d cases of %s are in the table", name, counted, len(d.Cases), d.ID)
			}
		}
	}
}

func TestMarkdownShowsWhatWasViolated(t *testing.T) {
	text := asMarkdown(t, samples.Report())
	for _, want := range []string{
		"## NO-GO, and incomplete: 1 case failed; kitchenhub: 2 cases could not run\n",
		"<details><summary>✗ fail: <b>KH-REFRESH-2</b> (documented): the old refresh token is invalid after a refresh</summary>\n\n```\n",
		"got     200 with an access_token\n", "\n```sh\ncurl -X POST http://127.0.0.1:8080/v2/auth/refresh -d '{\"refresh_token\":\"‹refresh 3f2a›\"}'\n```\n",
		"<b>ANY-CACHE</b>", "- kitchenhub: 2 cases **could-not-run**: operator.rotate\\_secret answered 502\n", "- kitchenhub: 1 case **not-exercised**: a wait of 1h0m6s; --max-wait grants 45s\n",
		"<details><summary>kitchenhub, threats: 1 not mitigated, 1 not looked at, 1 mitigated</summary>\n",
		"| ✗ not mitigated | a used refresh token goes on giving tokens | RFC 9700, 4.14 | KH-REFRESH-2 (fail), KH-ISSUE-1 |\n",
		"| ○ not looked at | a stolen access token works for whoever has it | RFC 9700, 4.10 | no requirement answers it |\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	if strings.Count(text, "<details>") != strings.Count(text, "</details>") {
		t.Error("a block is not closed")
	}
}

func TestMarkdownTakesNothingForMarkup(t *testing.T) {
	const more = samples.Markup + "\n```\n````\n| a | b |\n# @everyone"
	r := samples.Hostile()
	c := &r.Dialects[0].Cases[1]
	c.Findings[0].Got, c.Exchanges[0].Curl = more, "```" // alone on its line, which would end a block
	r.Dialects[0].Target.BaseURL = "http://h/`|``|```" + samples.Markup
	text := asMarkdown(t, r)
	outside, fences := outsideFences(t, text)
	if fences != 3 { // the failure and its curl line, the warning
		t.Errorf("%d fenced blocks", fences)
	}
	for _, line := range strings.Split(outside, "\n") { // the address is code in its cell, behind a longer fence than its own
		if strings.Contains(line, "<script") && !strings.HasPrefix(line, "| kitchenhub | ```` http://h/") {
			t.Errorf("markup got through: %s", line)
		}
	}
	if strings.Contains(outside, "@everyone") || strings.ContainsAny(text, "\x1b\u202e") {
		t.Error("a call or a control character got through")
	}
	for _, line := range strings.Split(outside, "\n") {
		if strings.HasPrefix(line, "| kitchenhub") {
			if bars := strings.Count(line, "|") - strings.Count(line, `\|`); bars != 11 {
				t.Errorf("%d bars in %s", bars, line)
			}
		}
	}
}

func TestMarkdownFitsAComment(t *testing.T) {
	r := samples.Large(600, reports.Fail)
	d := r.Dialects[0]
	for i := range d.Cases {
		id := fmt.Sprintf("KH-B-%d", i)
		d.Cases[i].Requirements = []string{id}
		d.Cases[i].Findings[0].Got = strings.Repeat("ü", 5000)
		d.Requirements = append(d.Requirements, reports.Requirement{ID: id, Level: specs.Documented, Text: strings.Repeat("what it says ", 8)})
	}
	d.Cases[0].Exchanges[1].Curl = "curl " + strings.Repeat("a", 3000)
	reports.Decide(r, reports.Policy{})
	text := asMarkdown(t, r)
	if len(text) > 60_000 || len(text) < 40_000 {
		t.Errorf("600 violated requirements give %d bytes", len(text))
	}
	shown := strings.Count(text, "<details>")
	if want := fmt.Sprintf("%d violated requirements more: the html and json reports have everything.\n", 600-shown); !strings.HasSuffix(text, want) {
		t.Errorf("%d are shown; it ends with %q", shown, text[len(text)-120:])
	}
	if !strings.Contains(text, "The curl line is too long for a summary") || strings.Contains(text, "curl aaaa") {
		t.Error("a long curl line is not left out")
	}
}

func TestMarkdownOfLoad(t *testing.T) {
	text := asMarkdown(t, samples.Loads(samples.Load()))
	for _, want := range []string{
		"## NO-GO: 1 load run no-go\n", "**load mix of kitchenhub: NO-GO**: the objective p99&lt;20ms was not held: 655 ms;",
		"| `http://127.0.0.1:8080` | 2000/s | 2000/s | 120,000 | 41 |", " 1 s |\n", "- ✗ not held p99&lt;20ms, got 655 ms\n", "- ✓ held errors&lt;0.1%, got 0.034 %\n",
		"| `refresh` | 90,000 | 0 |", "- answers: 200 ×119,959, 503 ×37, no answer: connection reset ×4\n",
		"<details><summary>issue is answered 503 Service Unavailable</summary>\n\n```\n{\"error\":\"the pool is empty\"}\n",
		"stood still for 120ms", "<details><summary>✗ 2 times: a refresh token that was used before works</summary>",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	text = asMarkdown(t, samples.Loads(samples.Jointly()))
	for _, want := range []string{
		"- generators: 3, of which 1 lost; begun within 630µs of each other\n", "| 1 on lead | 60,000 | 20 | 1000/s | 700 µs | 655 ms | 120 µs | the lead's |\n",
		"| 2 on a\\|&lt;b&gt; | 60,000 | 21 | 1000/s | 710 µs | 654 ms | 90 µs | 421 s behind, ± 315 µs |\n", "| 3 | lost |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	clean := samples.Load()
	clean.Verdict, clean.Because, clean.Violations = reports.Go, nil, nil
	if text := asMarkdown(t, samples.Loads(clean)); !strings.HasPrefix(text, "## GO: 1 load run held\n") {
		t.Errorf("a run that held gives\n%s", text)
	}
}
