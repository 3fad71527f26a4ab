package app_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
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
