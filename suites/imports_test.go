package suites_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"gonogo/suites"
)

// module is what the paths of this module's packages begin with.
var module = strings.TrimSuffix(reflect.TypeFor[suites.Target]().PkgPath(), "suites")

// floors are the packages of the house from the ground up; a package imports only from floors below its own.
// reference stands apart: it may be imported, and imports nothing of the harness but the documents' text.
var floors = map[string]int{
	"specs/problem": -3, "internal/spell": -3, "internal/yamlfile": -2, "specs": -1,
	"reference/kit": -2, "reference/kitchenhub": -1, "reference/kitchenmonki": -1, "reference/b2b": -1, "reference/pos": -1, "reference/oauth2": -1,
	"reference/clients": -3, // which import nothing of the house
	"reports/words":     -2, "reports": 0, "reports/trend": 1, "reports/prose": 2,
	"reports/terminal": 3, "reports/html": 3, "reports/markdown": 3, "reports/har": 3, "reports/proofs": 1, "reports/viewer": 4, "reports/junit": 5, "reports/ctrf": 5, "reports/github": 5, "reports/sarif": 5,
	"internal/chromium": 0, "internal/coding": -1, "internal/wire": 0, "internal/traceparent": 0,
	"internal/front": 0, "internal/control": 0, "internal/live": 4, "internal/drive": 0, "internal/fakeclock": 0, "internal/reserve": 0,
	"internal/junitrules": 0, // for tests
	"internal/version":    1,
	"internal/target":     1, "internal/exchange": 1, "reference": 1,
	"reference/reftest": 2,
	"internal/consent":  2, "internal/operation": 2, "internal/discovery": 2,
	"internal/client": 3, "internal/replay": 3, "internal/lineage": 3,
	"suites/engine": 4,
	"load/attack":   3, "load/model": 3, "load": 4, "internal/fleet": 5,
	"suites/scene":    5,
	"suites/contract": 6, "suites/flows": 6,
	"suites/watch":  6,
	"suites/doctor": 6, "internal/reach": 0,
	"suites/catalog":    7,
	"suites":            8,
	"internal/embedded": 4, "internal/prove": 9, "internal/telemetry": 9,
	"internal/app": 10,
	"cmd/gonogo":   11, "load/bench": 11, "docs/site": -3,
}

func TestImportsGoOneWay(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir("..", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && entry.Name() != "..") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		pkg := filepath.ToSlash(filepath.Dir(strings.TrimPrefix(filepath.ToSlash(file), "../")))
		floor, known := floors[pkg]
		if !known {
			t.Errorf("%s: the package %s stands on no floor; give it one", file, pkg)
			return nil
		}
		seen[pkg] = true
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range tree.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			imported, ours := strings.CutPrefix(path, module)
			if !ours {
				continue
			}
			if below, known := floors[imported]; !known || below >= floor {
				t.Errorf("%s imports %s, which is not below it", file, imported)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range floors {
		if !seen[pkg] {
			t.Errorf("there is no package %s any more", pkg)
		}
	}
}
