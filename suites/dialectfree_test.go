package suites_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonogo/specs"
	"gonogo/testdata/fifth"
)

// standardNames are the fields that standards give a meaning to; the harness may know them.
var standardNames = []string{
	// RFC 6749 section 11.2
	"client_id", "client_secret", "response_type", "redirect_uri", "scope", "state", "code", "error",
	"grant_type", "username", "password", "access_token", "token_type", "expires_in", "refresh_token",
	// RFC 7662 section 2.2, RFC 7519 section 4.1
	"active", "token", "exp", "iat", "sub",
	// ordinary words that a document happens to use for a field: an attribute of HTML, a party of OAuth
	"value", "client",
}

// TestHarnessKnowsNoDialect walks the syntax trees of the harness: no string in it is a dialect's name, a
// documented path, or a field that only a document knows. A dialect is one file, and that file is no Go.
func TestHarnessKnowsNoDialect(t *testing.T) {
	names, paths, fields := vocabulary(t)
	if len(paths) < 8 || len(fields) < 6 {
		t.Fatalf("the documents yield only %d paths and %d fields of their own: is the test still looking?", len(paths), len(fields))
	}
	files := 0
	for _, root := range []string{"../specs", "../suites", "../internal", "../reports", "../load", "../cmd"} {
		_ = filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() && (entry.Name() == "bench" || entry.Name() == "testdata") {
				return filepath.SkipDir // what measures the reference server, and what tests share, is no part of the harness
			}
			if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
				return nil
			}
			files++
			for _, literal := range literals(t, file) {
				if why := knows(literal.text, names, paths, fields); why != "" {
					t.Errorf("%s: %q names %s", literal.at, literal.text, why)
				}
			}
			return nil
		})
	}
	if files < 60 {
		t.Errorf("only %d files were looked at", files)
	}
}

// vocabulary is what only documents know.
func vocabulary(t *testing.T) (names, paths, fields []string) {
	t.Helper()
	documents := []string{filepath.Join("..", fifth.DocumentPath)}
	for _, id := range append(specs.Builtin(), documents...) {
		d, err := specs.Load(id)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, d.ID)
		for _, op := range d.Operations {
			paths = append(paths, op.Path)
			for _, input := range op.Inputs {
				fields = append(fields, input.Name)
			}
			if op.Says != nil {
				fields = append(fields, op.Says.Valid.Last(), op.Says.Remaining.Last())
			}
		}
		for _, kind := range d.Tokens {
			fields = append(fields, kind.At.Last(), kind.Lifetime.Announced.Last())
		}
		for _, credential := range d.Credentials {
			fields = append(fields, credential.Fields...)
		}
	}
	fields = slices.DeleteFunc(fields, func(f string) bool { return f == "" || slices.Contains(standardNames, f) })
	slices.Sort(fields)
	return names, paths, slices.Compact(fields)
}

func knows(text string, names, paths, fields []string) string {
	lower := strings.ToLower(text)
	for _, name := range names {
		if regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).MatchString(lower) {
			return "the dialect " + name
		}
	}
	for _, path := range paths {
		if strings.Contains(lower, strings.ToLower(path)) {
			return "the documented path " + path
		}
	}
	for _, field := range fields {
		// a word of the language is a field only when it stands alone, or at the end of a pointer
		if text == field || strings.HasSuffix(text, "/"+field) || strings.Contains(field, "_") && strings.Contains(text, field) {
			return "the field " + field
		}
	}
	return ""
}

type literal struct {
	text string
	at   token.Position
}

// literals are the strings of a file, without import paths and struct tags.
func literals(t *testing.T, file string) []literal {
	t.Helper()
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	skip := map[*ast.BasicLit]bool{}
	var found []literal
	ast.Inspect(tree, func(n ast.Node) bool {
		switch node := n.(type) {
		case *ast.ImportSpec:
			skip[node.Path] = true
		case *ast.Field:
			if node.Tag != nil {
				skip[node.Tag] = true
			}
		case *ast.BasicLit:
			if node.Kind == token.STRING && !skip[node] {
				if text, err := strconv.Unquote(node.Value); err == nil {
					found = append(found, literal{text, set.Position(node.Pos())})
				}
			}
		}
		return true
	})
	return found
}

// TestHarnessKnowsADialectWhenItSeesOne keeps the test above from going blind.
func TestHarnessKnowsADialectWhenItSeesOne(t *testing.T) {
	names, paths, fields := vocabulary(t)
	for _, text := range []string{specs.Builtin()[0], "see " + specs.Builtin()[1] + ".yaml", "https://x" + paths[0], "access_token_expire", "/access_token_expire"} {
		if knows(text, names, paths, fields) == "" {
			t.Errorf("%q goes unseen", text)
		}
	}
}
