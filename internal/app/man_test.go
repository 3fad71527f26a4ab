package app_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestManualPages: there is one for each command that help lists, with its flags, and nothing in it depends on where it was written.
func TestManualPages(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "man", "man1")
	gonogo(t, "man", dir).exits(t, 0)
	page := func(name string) string {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	commands := regexp.MustCompile(`(?m)^  ([a-z]+)  `).FindAllStringSubmatch(gonogo(t, "--help").stdout, -1)
	if len(commands) < 10 {
		t.Fatalf("help lists %q", commands)
	}
	for _, c := range commands {
		if c[1] != "help" {
			page("gonogo-" + c[1] + ".1")
		}
	}
	check := page("gonogo-check.1")
	for _, has := range []string{`.TH "GONOGO-CHECK" "1"`, `--target`, `gonogo check stage.yaml`, `gonogo(1)`} {
		if !strings.Contains(strings.ReplaceAll(strings.ReplaceAll(check, `\-`, "-"), `\fB`, ""), has) {
			t.Errorf("gonogo-check.1 has no %s\n%s", has, check)
		}
	}
	if strings.Contains(check, "Auto generated") {
		t.Error("gonogo-check.1 carries the day on which it was written")
	}
	if _, err := os.Stat(filepath.Join(dir, "gonogo-man.1")); err == nil {
		t.Error("there is a page for a hidden command")
	}
	gonogo(t, "man").refuses(t, "gonogo man takes one argument, not 0: name the folder that the manual pages are written into")
	gonogo(t, "man", written(t, "file", "")).exits(t, 2)
}
