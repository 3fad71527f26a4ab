package app_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gonogo/specs"
)

var (
	targetBlock = regexp.MustCompile("(?s)## A file for (\\w+)\n.*?```yaml\n(.*?)```")
	exported    = regexp.MustCompile(`([A-Z_]+)=(\S+)`)
)

// TestTargetFilesOfTheDocs runs each target file of docs/target-file.md as it stands there, but for the ports.
func TestTargetFilesOfTheDocs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/target-file.md")
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if list, ok := strings.CutPrefix(line, "export "); ok {
			for _, pair := range exported.FindAllStringSubmatch(list, -1) {
				env[pair[1]] = pair[2]
			}
		}
	}
	secret := regexp.MustCompile(`(?m)^echo (\S+) > (\S+)$`).FindStringSubmatch(string(text))
	if secret == nil {
		t.Fatal("the docs make no file with a secret")
	}
	seen := map[string]bool{}
	for _, block := range targetBlock.FindAllStringSubmatch(string(text), -1) {
		seen[block[1]] = true
		t.Run(block[1], func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			file := strings.NewReplacer("http://127.0.0.1:8080", s.api, "http://127.0.0.1:8081", s.control).Replace(block[2])
			path := written(t, "target.yaml", file)
			if err := os.WriteFile(filepath.Join(filepath.Dir(path), secret[2]), []byte(secret[1]+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			gonogoIn(t.Context(), env, "check", "--target", path).exits(t, 0, "  at           "+s.api)
		})
	}
	for _, dialect := range dialects {
		if !seen[dialect] {
			t.Errorf("the docs have no target file for %s", dialect)
		}
	}
}

// TestWatchDocsHaveEveryRow holds the tables of docs/watch.md against the documents.
func TestWatchDocsHaveEveryRow(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/watch.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, line := range regexp.MustCompile("(?m)^\\| `([A-Z0-9]+W-[^`]+)` \\| (.*) \\|$").FindAllStringSubmatch(string(text), -1) {
		if rows[line[1]] != "" {
			t.Errorf("%s stands there twice", line[1])
		}
		rows[line[1]] = line[2]
	}
	found := map[string]bool{}
	for _, id := range specs.Builtin() {
		d, err := specs.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range d.ClientRows {
			level := string(row.Level)
			if bound := row.Bound(); bound != "" {
				level += "; " + bound
			}
			if want := level + " | " + row.Text; rows[row.ID] != want {
				t.Errorf("docs/watch.md says of %s\n%s\nwant\n%s", row.ID, rows[row.ID], want)
			}
			found[row.ID] = true
		}
	}
	for id := range rows {
		if !found[id] {
			t.Errorf("docs/watch.md has %s, which no document has", id)
		}
	}
}
