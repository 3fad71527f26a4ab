package app_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestLlmsTxt: the page for language models has the form of llmstxt.org, and is true: what it links to is there, and so is every command
// and flag that it names; no document and no command is left out.
func TestLlmsTxt(t *testing.T) {
	t.Parallel()
	const root = "../.."
	data, err := os.ReadFile(filepath.Join(root, "llms.txt"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	if !regexp.MustCompile(`^# gonogo\n\n> [^\n]+\n\n`).MatchString(text) {
		t.Error("it does not begin with a title and a summary")
	}
	_, sections, _ := strings.Cut(text, "\n## ")
	link := regexp.MustCompile(`^- \[([^\]]+)\]\(([^)]+)\)(: .+)?$`)
	var linked []string
	for line := range strings.Lines("## " + sections) {
		line = strings.TrimSpace(line)
		found := link.FindStringSubmatch(line)
		switch {
		case found != nil:
			linked = append(linked, found[2])
			if _, err := os.Stat(filepath.Join(root, found[2])); err != nil {
				t.Error(err)
			}
		case line != "" && !strings.HasPrefix(line, "## "):
			t.Errorf("a section holds a line that is no link: %s", line)
		}
	}
	docs, err := filepath.Glob(root + "/docs/*.md")
	if err != nil || len(docs) == 0 {
		t.Fatal(docs, err)
	}
	for _, doc := range docs {
		if name := "docs/" + filepath.Base(doc); !slices.Contains(linked, name) {
			t.Errorf("%s is not linked", name)
		}
	}
	var named []string
	for line := range strings.Lines(text) {
		var help string
		for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(line, -1) {
			words := strings.Fields(code[1])
			switch {
			case words[0] == "gonogo":
				named = append(named, words[1])
				o := gonogo(t, append(words[1:], "--help")...)
				o.exits(t, 0)
				if !strings.Contains(o.stdout, "Usage:\n  "+code[1]) {
					t.Errorf("there is no command %s", code[1])
				}
				help = o.stdout
			case strings.HasPrefix(words[0], "--") && help != "" && !strings.Contains(help, "      "+words[0]):
				t.Errorf("%s: there is no flag %s", strings.TrimSpace(line), words[0])
			}
		}
	}
	for _, c := range regexp.MustCompile(`(?m)^  ([a-z]+)  `).FindAllStringSubmatch(gonogo(t, "--help").stdout, -1) {
		if c[1] != "help" && !slices.Contains(named, c[1]) {
			t.Errorf("gonogo %s is not named", c[1])
		}
	}
}
