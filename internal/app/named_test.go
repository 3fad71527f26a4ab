package app_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAnArgumentIsKnownByItsKeys: whoever names a file is not asked what it is.
func TestAnArgumentIsKnownByItsKeys(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	stage := s.file("kitchenhub")
	document := written(t, "mine.yaml", ownDocument(t))
	both := written(t, "both.yaml", "openapi: 3.0.3\nbase_url: http://127.0.0.1:1\n")
	neither := written(t, "neither.yaml", "name: value\n")
	broken := written(t, "broken.yaml", "name: [\n")

	gonogo(t, "check", stage, "--plan").exits(t, 0)
	gonogo(t, "check", stage, "kitchenhub", "--plan").exits(t, 0)
	if o := gonogo(t, "load", stage, "--scenario", "issue", "--rate", "20", "--duration", "200ms"); o.code == 2 || !strings.Contains(o.stdout, "kitchenhub") { // whether a busy machine keeps up is not asked here
		t.Errorf("%s", o)
	}
	gonogo(t, "check", document).refuses(t, "the reference server does not speak mine; name a target with --target")
	gonogo(t, "check", stage, document).refuses(t, stage+" is a target of the dialect kitchenhub, which is not among "+document)
	gonogo(t, "check", both).refuses(t, both+" has keys of an OpenAPI document and of a target file; make two files of it")
	gonogo(t, "check", neither).refuses(t, neither+" is neither an OpenAPI document, which has the key openapi, nor a target file, which has dialect, base_url and credentials")
	if o := gonogo(t, "check", broken); o.code != 2 || !strings.HasPrefix(o.stderr, "gonogo: "+broken+":1: this is not YAML") {
		t.Errorf("%s", o)
	}
	gonogo(t, "load", stage, "--target", stage, "--scenario", "issue").refuses(t,
		"--target "+stage+": a load has one target, and "+stage+" is another; gonogo load compare puts both under load, in turn")

	gonogo(t, "check", "--target", document).refuses(t, document+":1: this is an OpenAPI document, and no target file; write a target file that says dialect: mine.yaml")
	gonogo(t, "spec", "lint", stage).exits(t, 2, stage+":1: this is a target file, and no OpenAPI document; gonogo check --target "+stage+" --plan reads it, and sends nothing")
	gonogo(t, "explain", stage).refuses(t, stage+" is a file; name with it what is to be explained: gonogo explain --target "+stage+" ID")
	gonogo(t, "explain", document).refuses(t, document+" is a file; name with it what is to be explained: gonogo explain --document "+document+" ID")
}

// ownDocument is a document that nobody but the user has.
func ownDocument(t *testing.T) string {
	t.Helper()
	text := contents(t, "../../specs/kitchenhub.yaml")
	return strings.ReplaceAll(strings.ReplaceAll(text, "\n  dialect: kitchenhub\n", "\n  dialect: mine\n"), "KH-", "MINE-")
}

// TestNextStepsCanBePasted runs, in a shell, every command line that a run against a document and a target of the user's own
// names, and what those name in turn.
func TestNextStepsCanBePasted(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub", "--defect", "kitchenhub-refresh-replay")
	dir := filepath.Join(t.TempDir(), "it's mine")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("mine.yaml", ownDocument(t))
	put("my stage.yaml", contents(t, edited(t, s.file("kitchenhub"), func(f fields) { f["dialect"] = "./mine.yaml" })))
	paste := func(line string) (string, int) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+filepath.Dir(binary(t))+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil && cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	step := func(text, name string) string {
		t.Helper()
		found := regexp.MustCompile(`(?m)^ *` + name + `:? +(.*)$`).FindStringSubmatch(text)
		if found == nil {
			t.Fatalf("%s is not in\n%s", name, text)
		}
		return found[1]
	}
	const replayed = "mine/refresh-rotation/old-token-refused"
	out, code := paste(`gonogo check 'my stage.yaml' --level documented --case '` + replayed + `'`)
	if code != 1 {
		t.Fatalf("exit %d\n%s", code, out)
	}
	next := step(out, "next")
	if next != "gonogo explain --target 'my stage.yaml' MINE-REFRESH-2" {
		t.Errorf("next is %s", next)
	}
	if out, code = paste(next); code != 0 || !strings.HasPrefix(out, "MINE-REFRESH-2, a documented requirement of mine\n") {
		t.Fatalf("exit %d\n%s", code, out)
	}
	if out, code = paste(step(out, "run them")); code != 1 || !strings.Contains(out, replayed) {
		t.Errorf("exit %d\n%s", code, out)
	}
	if out, code = paste("gonogo explain --target 'my stage.yaml' " + replayed); code != 0 {
		t.Fatalf("exit %d\n%s", code, out)
	}
	if out, code = paste(step(out, "run it")); code != 1 || !strings.Contains(out, "trace of "+replayed) {
		t.Errorf("exit %d\n%s", code, out)
	}
	if out, code = paste("gonogo explain --document mine.yaml MINE-REFRESH-2"); code != 0 || !strings.Contains(out, "run them: gonogo check mine.yaml --verbose") {
		t.Errorf("exit %d\n%s", code, out)
	}

	put("my stage.yaml", contents(t, edited(t, s.file("kitchenhub"), func(f fields) {
		f["dialect"], f["base_url"] = "./mine.yaml", "http://"+closedPort(t)
	})))
	out, _ = paste(`gonogo check 'my stage.yaml' --strict`)
	if !strings.Contains(out, "mend what is said above") {
		t.Errorf("no next step in\n%s", out)
	}
}
