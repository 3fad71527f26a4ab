package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// site is made of this tree; a link that leads nowhere is an error.
func site(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := write("../..", dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestEveryPageIsThere(t *testing.T) {
	t.Parallel()
	dir := site(t)
	pages, err := filepath.Glob("../*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal(pages, err)
	}
	for _, page := range pages {
		html, err := os.ReadFile(filepath.Join(dir, "docs", strings.TrimSuffix(filepath.Base(page), ".md")+".html"))
		if err != nil || !strings.Contains(string(html), `aria-current="page"`) || !strings.Contains(string(html), "<h1") {
			t.Errorf("%s: %v", page, err)
		}
		if strings.Contains(string(html), "http://fonts") || strings.Contains(string(html), `src="http`) {
			t.Errorf("%s needs a network", page)
		}
	}
}

func TestALinkThatLeadsNowhere(t *testing.T) {
	t.Parallel()
	tree := t.TempDir()
	for file, text := range map[string]string{
		"README.md":     "# Here\n\n[a](docs/there.md), [b](docs/there.md#found), [c](docs/there.md#lost), [d](docs/gone.md), [e](#nowhere), [f](https://example.com/x)\n",
		"docs/there.md": "# There\n\n## Found\n\n[back](../README.md#here)\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(tree, file)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(tree, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const want = "README.md: docs/there.md has no heading #lost\nREADME.md: there is no docs/gone.md\nREADME.md: README.md has no heading #nowhere"
	if err := write(tree, t.TempDir()); err == nil || err.Error() != want {
		t.Errorf("the error is\n%v", err)
	}
}

// TestSearch, from a file, as somebody reads it who has no network.
func TestSearch(t *testing.T) {
	t.Parallel()
	program := os.Getenv("CHROME_BIN")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil && program == "" {
			program = found
		}
	}
	if program == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no Chromium")
		}
		t.Skip("there is no Chromium")
	}
	dir := site(t)
	for asked, want := range map[string]string{
		"?q=waivers+stale":     `href="../docs/reports.html#waivers"`,
		"?q=%3Cimg+onerror%3D": "Nothing has all of these words",
	} {
		shown, err := exec.CommandContext(t.Context(), program, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(), "--dump-dom",
			"file://"+dir+"/docs/check.html"+asked).Output()
		if err != nil || !strings.Contains(string(shown), want) {
			t.Errorf("%s: %v: %s is not there in %d bytes", asked, err, want, len(shown))
		}
	}
}
