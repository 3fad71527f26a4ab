package suites_test

import (
	"fmt"
	goimporter "go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// faces are the packages that somebody else's module imports.
var faces = []string{
	"gonogo/suites", "gonogo/specs", "gonogo/reports", "gonogo/load", "gonogo/specs/problem",
	"gonogo/reports/terminal", "gonogo/reports/html", "gonogo/reports/markdown", "gonogo/reports/har", "gonogo/reports/junit", "gonogo/reports/ctrf", "gonogo/reports/github", "gonogo/reports/proofs", "gonogo/reports/trend",
}

// TestAFaceSpeaksOnlyOfFaces: whoever imports a face can name every type of this module that it takes, gives or shows.
func TestAFaceSpeaksOnlyOfFaces(t *testing.T) {
	t.Parallel()
	packages := exportData(t, faces...)
	for _, path := range faces {
		face, err := packages.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, complaint := range foreign(face) {
			t.Error(complaint)
		}
	}
}

// TestTheSearchForForeignTypesFindsThem keeps the test above from going blind: the engine is no face.
func TestTheSearchForForeignTypesFindsThem(t *testing.T) {
	t.Parallel()
	engine, err := exportData(t, "gonogo/suites/engine").Import("gonogo/suites/engine")
	if err != nil {
		t.Fatal(err)
	}
	complaints := strings.Join(foreign(engine), "\n")
	for _, wanted := range []string{"Job.Target speaks of gonogo/internal/target.Target", "Trial.Send speaks of gonogo/internal/exchange.Exchange"} {
		if !strings.Contains(complaints, wanted) {
			t.Errorf("%q goes unseen", wanted)
		}
	}
}

// exportData imports packages as the compiler left them.
func exportData(t *testing.T, paths ...string) types.Importer {
	t.Helper()
	list, err := exec.CommandContext(t.Context(), "go", append([]string{"list", "-deps", "-export", "-f", "{{.ImportPath}}={{.Export}}"}, paths...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(list)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "=")
		files[path] = file
	}
	return goimporter.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(files[path]) })
}

// foreign names what a package exports that speaks of a type of this module that is in no face.
func foreign(p *types.Package) []string {
	var complaints []string
	seen := map[types.Type]bool{}
	var walk func(where string, t types.Type)
	walk = func(where string, t types.Type) {
		switch t := t.(type) {
		case interface{ Elem() types.Type }: // pointers, slices, arrays, channels and the values of maps
			walk(where, t.Elem())
			if m, ok := t.(*types.Map); ok {
				walk(where, m.Key())
			}
		case *types.Signature:
			for _, list := range []*types.Tuple{t.Params(), t.Results()} {
				for v := range list.Variables() {
					walk(where, v.Type())
				}
			}
		case *types.Struct:
			for field := range t.Fields() {
				if field.Exported() {
					walk(where+"."+field.Name(), field.Type())
				}
			}
		case *types.Interface:
			for method := range t.Methods() {
				walk(where+"."+method.Name(), method.Type())
			}
		case *types.Alias:
			walk(where, types.Unalias(t))
		case *types.Named:
			of := t.Obj().Pkg()
			switch {
			case of == nil:
			case of.Path() != p.Path():
				if strings.HasPrefix(of.Path(), module) && !slices.Contains(faces, of.Path()) {
					complaints = append(complaints, fmt.Sprintf("%s: %s speaks of %s.%s", p.Path(), where, of.Path(), t.Obj().Name()))
				}
			case !seen[t]:
				seen[t] = true
				walk(t.Obj().Name(), t.Underlying())
				for method := range t.Methods() {
					if method.Exported() {
						walk(t.Obj().Name()+"."+method.Name(), method.Type())
					}
				}
			}
		}
	}
	for _, name := range p.Scope().Names() {
		if object := p.Scope().Lookup(name); object.Exported() {
			walk(name, object.Type())
		}
	}
	return complaints
}
