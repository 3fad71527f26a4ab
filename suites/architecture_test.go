package suites_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
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

// TestArchitectureNamesFunctionsThatThereAre: where the document names functions behind a file, a file of that name has them.
func TestArchitectureNamesFunctionsThatThereAre(t *testing.T) {
	text, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`([\\w/]+\\.go)` \\((`[\\w.]+`(?:, `[\\w.]+`)*)\\)").FindAllSubmatch(text, -1)
	if len(named) < 10 {
		t.Fatalf("functions are named behind %d files; is the pattern still right?", len(named))
	}
	code := map[string]string{} // of all files of a name
	err = filepath.WalkDir("..", func(file string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, ".go") {
			return err
		}
		source, err := os.ReadFile(file)
		code[path.Base(filepath.ToSlash(file))] += string(source)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range named {
		for _, function := range regexp.MustCompile(`[\w.]+`).FindAllString(string(n[2]), -1) {
			declared := "func " + function
			if owner, method, is := strings.Cut(function, "."); is {
				declared = `func \(\w+ \*?` + owner + `\) ` + method
			}
			if !regexp.MustCompile(`(?m)^` + declared + `\b`).MatchString(code[path.Base(string(n[1]))]) {
				t.Errorf("%s has no %s", n[1], function)
			}
		}
	}
}

// TestTheRaceDetectorsListNamesTests holds the Makefile's list of tests that have the race detector to the tests there
// are: one that is renamed would lose it, and nobody would know.
func TestTheRaceDetectorsListNamesTests(t *testing.T) {
	text, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`(?m)^at_once := \^Test\((.+)\)$`).FindSubmatch(text)
	if list == nil {
		t.Fatal("the Makefile has no at_once")
	}
	var tests []string
	for _, pattern := range []string{"*_test.go", "../internal/app/*_test.go", "../reference/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			code, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(code, -1) {
				tests = append(tests, string(name[1]))
			}
		}
	}
	for name := range strings.SplitSeq(strings.ReplaceAll(string(list[1]), "$$", "$"), "|") {
		if !slices.ContainsFunc(tests, regexp.MustCompile("^Test"+name).MatchString) {
			t.Errorf("no test is called Test%s", name)
		}
	}
}
