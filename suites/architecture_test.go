package suites_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestArchitectureNamesWhatThereIs holds docs/architecture.md to the tree: each package has a row, and each file and
// folder that it names is there.
func TestArchitectureNamesWhatThereIs(t *testing.T) {
	text, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, name := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(string(text), -1) {
		named[name[1]] = true
	}
	for pkg := range floors {
		if !named[pkg] && !named[path.Base(pkg)] {
			t.Errorf("the package %s has no row", pkg)
		}
	}
	is := map[string]bool{}
	err = filepath.WalkDir("..", func(file string, _ os.DirEntry, err error) error {
		if rel := strings.TrimPrefix(filepath.ToSlash(file), "../"); !strings.HasPrefix(rel, ".") {
			is[rel], is[path.Base(rel)] = true, true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	looksLikeAFile := regexp.MustCompile(`^[\w./-]+\.(go|json|yaml|md)$|^(specs|suites|reference|load|reports|internal|cmd|testdata)/[\w./-]+$`)
	for name := range named {
		if looksLikeAFile.MatchString(name) && !is[strings.TrimSuffix(name, "/")] {
			t.Errorf("there is no %s", name)
		}
	}
}
