package suites_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "github.com/onsi/gomega" // the example uses it, and is to find it where this module's dependencies are
)

// importer is a copy of the example of a module of somebody else's, made to find this one. Its go.mod may then be
// completed, and what this module has downloaded is all that it takes.
func importer(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "importer")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "testdata/importer"))); err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := inModule(t, dir, nil, "mod", "edit", "-replace", strings.TrimSuffix(module, "/")+"="+root); code != 0 {
		t.Fatal(out)
	}
	return dir
}

// inModule runs the go command in a module, offline.
func inModule(t *testing.T, dir string, env []string, args ...string) (string, int) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off", "GINKGO_NO_COLOR=TRUE")
	command.Env = append(command.Env, env...)
	out, _ := command.CombinedOutput()
	return string(out), command.ProcessState.ExitCode()
}

// compiled are the tests of a module of an importer, as a program.
func compiled(t *testing.T, dir string) string {
	t.Helper()
	program := filepath.Join(dir, "kitchen.test")
	if out, code := inModule(t, dir, nil, "test", "-c", "-o", program, "."); code != 0 {
		t.Fatal(out)
	}
	return program
}

// wants runs a test of the example and wants it to pass or fail, and matches in its output.
func wants(t *testing.T, program, test string, env []string, passes bool, patterns ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, "-test.v", "-test.run", test)
	command.Dir = filepath.Dir(program)
	command.Env = append(append(os.Environ(), "GINKGO_NO_COLOR=TRUE"), env...)
	text, err := command.CombinedOutput()
	out := string(text)
	if (err == nil) != passes {
		t.Errorf("%v\n%s", err, out)
	}
	for _, pattern := range patterns {
		if !regexp.MustCompile(pattern).MatchString(out) {
			t.Errorf("nothing matches %s in\n%s", pattern, out)
		}
	}
}

// TestAnImporterChecksItsOwnServer runs the tests of the example: a Ginkgo suite of its own whose server starts
// in BeforeSuite, and a plain test.
func TestAnImporterChecksItsOwnServer(t *testing.T) {
	t.Parallel()
	dir := importer(t)
	plain := filepath.Join(dir, "plain")
	if err := os.Mkdir(plain, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(plain, "plain_test.go"), []byte("package plain\n\nimport \"testing\"\n\nfunc TestNothing(*testing.T) {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out string
	for range 2 {
		var code int
		if out, code = inModule(t, dir, nil, "test", "-vet=off", "./..."); code != 0 {
			t.Fatalf("exit %d: %s", code, out)
		}
	}
	// go test knows nothing of the server that the suite depends on; what has none is cached, so the cache was there
	if !regexp.MustCompile(`(?m)^ok\s+example.com/kitchen\s+\d\S+s$`).MatchString(out) || !regexp.MustCompile(`(?m)^ok\s+example.com/kitchen/plain\s+\(cached\)$`).MatchString(out) {
		t.Errorf("the second run says\n%s", out)
	}
}

// TestDescribeFindsOutWhatTheTargetSpeaks changes the call in the example, so that one program has the tree of any document.
func TestDescribeFindsOutWhatTheTargetSpeaks(t *testing.T) {
	t.Parallel()
	dir := importer(t)
	file := filepath.Join(dir, "suite_test.go")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const call, open = `, "kitchenhub"))`, `, strings.Fields(os.Getenv("KITCHEN_DOCUMENTS"))...))`
	if !strings.Contains(string(text), call) {
		t.Fatalf("there is no %s in the example", call)
	}
	changed := strings.Replace(strings.Replace(string(text), call, open, 1), "\t\"os\"\n", "\t\"os\"\n\t\"strings\"\n", 1)
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	program := compiled(t, dir)
	for _, c := range []struct {
		name, documents string
		passes          bool
		patterns        []string
	}{
		{"named", "kitchenhub", true, []string{`(?m)^SUCCESS! -- [1-9]\d+ Passed \| 0 Failed`}},
		{"any", "", true, []string{`skipped|Skipped`, `(?m)^SUCCESS! -- [1-9]\d+ Passed \| 0 Failed`}},
		{"another", "kitchenmonki", false, []string{`suites.Target is a target of the dialect kitchenhub, of which the tree has no specs`, ` 0 Passed \| 1 Failed| 1 Passed \| 1 Failed`}},
		{"none", "pantry", false, []string{`there is no dialect "pantry": the built-in ones are `}},
	} {
		t.Run(c.name, func(t *testing.T) {
			wants(t, program, "TestKitchen$", []string{"KITCHEN_DOCUMENTS=" + c.documents}, c.passes, c.patterns...)
		})
	}
	wants(t, program, "TestKitchen$", []string{"KITCHEN_DOCUMENTS=kitchenhub", "KITCHEN_REPLAYS=1"}, false, `FAIL  the old refresh token is refused after a refresh`, `[1-9]\d+ Passed \| [3-5] Failed`)
	wants(t, program, "TestKitchenPlainly", nil, true, "--- PASS: TestKitchenPlainly")
}
