package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// stops are the functions whose argument is said to a user who did not get what he came for: a case that could not run or was not exercised, and
// why nothing more can be said.
var stops = []string{"CouldNotRun", "NotExercised", "doubtful", "broken", "notGranted", "unlessAnswered", "shortOf"}

// reasons are the variables that gather such sentences.
var reasons = []string{"because", "incomplete", "faults", "Incomplete", "ended", "unsure", "Interrupted", "interrupted"}

// reasoned are the functions whose results are such sentences.
var reasoned = []string{"Provides", "providesConsent", "providesRole", "denied", "starved", "find"}

// granted are the first results of those that say that something is there.
var granted = []string{"Provided", "DeclaredAbsent"}

var word = regexp.MustCompile(`[a-z]+`)

var verb = regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z]`)

// sentence is what an expression says, with … for what only a run knows; "" where it says nothing by itself.
func sentence(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.BinaryExpr:
		return said(e.X) + said(e.Y)
	case *ast.CallExpr:
		name := called(e)
		if len(e.Args) > 0 && slices.Contains([]string{"Sprintf", "Errorf", "Or", "New"}, name) {
			if name == "Or" {
				return sentence(e.Args[len(e.Args)-1])
			}
			return strings.ReplaceAll(verb.ReplaceAllString(sentence(e.Args[0]), "…"), "%%", "%")
		}
	}
	return ""
}

func said(e ast.Expr) string {
	if text := sentence(e); text != "" {
		return text
	}
	return "…"
}

func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// messages are the sentences of the code that stop somebody, with a place of each.
func messages(t *testing.T) map[string]string {
	t.Helper()
	all, files := map[string]string{}, token.NewFileSet()
	keep := func(e ast.Expr, how func(ast.Expr) string) {
		text := verb.ReplaceAllString(how(e), "…")
		if len(word.FindAllString(text, 3)) == 3 {
			all[strings.ReplaceAll(text, "%%", "%")] = files.Position(e.Pos()).String()
		}
	}
	look := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			switch of := called(n); {
			case slices.Contains(stops, of):
				for _, arg := range n.Args {
					if text := sentence(arg); text != "" {
						keep(arg, sentence)
						break
					}
				}
			case of == "append" && len(n.Args) > 1 && slices.Contains(reasons, name(n.Args[0])):
				for _, arg := range n.Args[1:] {
					keep(arg, sentence)
				}
			}
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				if len(n.Rhs) == len(n.Lhs) && slices.Contains(reasons, name(to)) {
					keep(n.Rhs[i], sentence)
				}
			}
		case *ast.ValueSpec:
			for i, to := range n.Names {
				if i < len(n.Values) && slices.Contains(reasons, to.Name) {
					keep(n.Values[i], sentence)
				}
			}
		case *ast.FuncDecl:
			if !slices.Contains(reasoned, n.Name.Name) || n.Body == nil {
				return true
			}
			ast.Inspect(n.Body, func(inner ast.Node) bool {
				back, ok := inner.(*ast.ReturnStmt)
				if !ok || len(back.Results) == 0 || slices.Contains(granted, name(back.Results[0])) {
					return true
				}
				last := back.Results[len(back.Results)-1]
				if call, ok := last.(*ast.CallExpr); ok && called(call) == "given" {
					last = call.Args[len(call.Args)-1]
				}
				keep(last, sentence)
				return true
			})
		}
		return true
	}
	for _, folder := range []string{"suites", "load", "internal/client", "internal/target", "internal/chromium", "reports"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() && slices.Contains([]string{"testdata", "bench"}, entry.Name()) {
				return filepath.SkipDir
			}
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err == nil {
				ast.Inspect(file, look)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestTroubleshootingHasEveryMessage: what stops a user is found on the page as he reads it, and nothing is there that no code says.
func TestTroubleshootingHasEveryMessage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "docs/troubleshooting.md"))
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		if text, found := strings.CutPrefix(strings.TrimRight(line, "\n"), "- "); found {
			if told[text] {
				t.Errorf("docs/troubleshooting.md has twice: %s", text)
			}
			told[text] = true
		}
	}
	all := messages(t)
	if len(all) < 100 {
		t.Errorf("only %d messages were found", len(all))
	}
	for text, where := range all {
		if !told[text] {
			t.Errorf("docs/troubleshooting.md lacks, of %s:\n- %s", where, text)
		}
		delete(told, text)
	}
	for text := range told {
		t.Errorf("docs/troubleshooting.md has what no code says: %s", text)
	}
}
