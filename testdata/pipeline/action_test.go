package pipeline

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"gonogo/internal/embedded"
	"gonogo/specs"
)

// built is the gonogo that the first step of the action builds of this checkout, made once.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "gonogo-pipeline-")
	if err != nil {
		return "", err
	}
	a, err := readAction()
	if err != nil {
		return "", err
	}
	checkout, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	c := exec.Command("bash", "-eo", "pipefail", "-c", a.Runs.Steps[0].Run)
	c.Env = append(os.Environ(), "ACTION="+checkout, "GONOGO=", "RUNNER_TEMP="+dir, "GITHUB_OUTPUT="+filepath.Join(dir, "output"))
	if out, err := c.CombinedOutput(); err != nil {
		return string(out), err
	}
	programs, err := filepath.Glob(filepath.Join(dir, "gonogo.*/gonogo"))
	if err != nil || len(programs) != 1 {
		return "", fmt.Errorf("it built %q: %w", programs, err)
	}
	return programs[0], nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if program, err := built(); err == nil {
		_ = os.RemoveAll(filepath.Dir(filepath.Dir(program)))
	}
	os.Exit(code)
}

func gonogo(t *testing.T) string {
	t.Helper()
	program, err := built()
	if err != nil {
		t.Fatal(err, program)
	}
	return program
}

var secret = regexp.MustCompile(`client_secret: (\S+)`)

// staged is a workspace with ci/stage.yaml, whose first secret is ${HUB_SECRET}, for a reference server that the test keeps alive.
func staged(t *testing.T, defects ...string) job {
	t.Helper()
	document, err := specs.Load("kitchenhub")
	if err != nil {
		t.Fatal(err)
	}
	server, err := embedded.Start(t.Context(), document, defects, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Kill)
	text := server.YAML()
	found := secret.FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no secret in\n%s", text)
	}
	j := job{workspace: t.TempDir(), env: map[string]string{"HUB_SECRET": found[1]}, inputs: map[string]string{"gonogo": gonogo(t), "target": "ci/stage.yaml"}}
	write(t, filepath.Join(j.workspace, "ci/stage.yaml"), strings.Replace(text, found[1], `"${HUB_SECRET}"`, 1))
	return j
}

// tellsNoSecret searches all that the runner would show or hand on.
func (j job) tellsNoSecret(t *testing.T, d done) {
	t.Helper()
	all := d.log + d.summary
	for _, value := range d.outputs {
		all += value
	}
	if strings.Contains(all, j.env["HUB_SECRET"]) {
		t.Error("the secret is in log, summary or outputs")
	}
}

func (d done) has(t *testing.T, exit int, verdict string, summary ...string) {
	t.Helper()
	if d.exit != exit || d.outputs["verdict"] != verdict {
		t.Errorf("exit %d, verdict %q, %v\n%s", d.exit, d.outputs["verdict"], d.outcomes, d.log)
	}
	for _, part := range summary {
		if !strings.Contains(d.summary, part) {
			t.Errorf("there is no %q in the summary\n%s", part, d.summary)
		}
	}
}

func TestActionIsGreen(t *testing.T) {
	t.Parallel()
	j := staged(t)
	j.inputs["reports"] = "junit=gonogo.xml\n\n  sarif=ci/gonogo.sarif\n"
	d := j.run(t)
	d.has(t, 0, "go", "GO", "kitchenhub")
	j.tellsNoSecret(t, d)
	if want := "gonogo.xml\nci/gonogo.sarif"; d.outputs["reports"] != want {
		t.Errorf("the reports are %q", d.outputs["reports"])
	}
	for _, path := range append(strings.Fields(d.outputs["reports"]), d.outputs["json"]) {
		if !filepath.IsAbs(path) {
			path = filepath.Join(j.workspace, path)
		}
		if read(t, path) == "" {
			t.Errorf("%s is empty", path)
		}
	}
	if slices.ContainsFunc(d.annotations, func(a string) bool { return strings.HasPrefix(a, "::error") }) || !strings.HasPrefix(d.annotations[len(d.annotations)-1], "::notice title=gonogo::GO") {
		t.Errorf("the annotations are %q", d.annotations)
	}
}

// TestActionIsRed, with a document of the user's: annotations stand at its lines.
func TestActionIsRed(t *testing.T) {
	t.Parallel()
	j := staged(t, "kitchenhub-refresh-replay")
	write(t, filepath.Join(j.workspace, "api/hub.yaml"), read(t, filepath.Join(root, "specs/kitchenhub.yaml")))
	file := filepath.Join(j.workspace, "ci/stage.yaml")
	write(t, file, strings.Replace(read(t, file), "dialect: kitchenhub", "dialect: ../api/hub.yaml", 1))
	j.inputs["reports"] = "sarif=gonogo.sarif"
	j.inputs["arguments"] = "--case\n*/refresh-rotation/*\n--label\nbuild=$(touch pwned)"
	d := j.run(t)
	d.has(t, 1, "no-go", "NO-GO", "KH-REFRESH-2")
	j.tellsNoSecret(t, d)
	at := regexp.MustCompile(`^::error file=(\S+),line=(\d+),title=KH-REFRESH-2::`)
	found := slices.IndexFunc(d.annotations, at.MatchString)
	if found < 0 {
		t.Fatalf("the annotations are %q", d.annotations)
	}
	if parts := at.FindStringSubmatch(d.annotations[found]); parts[1] != "api/hub.yaml" {
		t.Errorf("it stands at %s", parts[1])
	}
	scanned := read(t, filepath.Join(j.workspace, "gonogo.sarif"))
	if err := holds(t, compiled(t, sarifSchema), scanned); err != nil || !strings.Contains(scanned, `"uri": "api/hub.yaml"`) || strings.Contains(scanned, j.env["HUB_SECRET"]) {
		t.Errorf("%v in\n%s", err, scanned)
	}
	if !slices.Equal(d.outcomes, []string{"program success", "check failure", "verdict success"}) {
		t.Errorf("the steps end as %q", d.outcomes)
	}
}

// TestActionSaysWhatIsWrongWithTheTarget, at its line, and before anything was sent.
func TestActionSaysWhatIsWrongWithTheTarget(t *testing.T) {
	t.Parallel()
	j := staged(t)
	file := filepath.Join(j.workspace, "ci/stage.yaml")
	text := strings.Replace(read(t, file), "base_url:", "base_urls:", 1)
	write(t, file, text)
	d := j.run(t)
	d.has(t, 2, "", "checked nothing")
	j.tellsNoSecret(t, d)
	line := 1 + strings.Count(text[:strings.Index(text, "base_urls")], "\n")
	if want := "::error file=ci/stage.yaml,line=" + string(rune('0'+line)) + ",title=gonogo::"; !slices.ContainsFunc(d.annotations, func(a string) bool { return strings.HasPrefix(a, want) && strings.Contains(a, "base_urls") }) {
		t.Errorf("none begins with %s: %q", want, d.annotations)
	}
	delete(j.env, "HUB_SECRET")
	j.env = map[string]string{}
	write(t, file, strings.Replace(text, "base_urls:", "base_url:", 1))
	if d := j.run(t); d.exit != 2 || !strings.Contains(d.log, "HUB_SECRET") {
		t.Errorf("without the secret's variable: exit %d\n%s", d.exit, d.log)
	}
}

// TestActionThatIsCancelledSaysWhatItHas: a runner signals the shell's process and nobody else.
func TestActionThatIsCancelledSaysWhatItHas(t *testing.T) {
	t.Parallel()
	j := staged(t)
	file := filepath.Join(j.workspace, "ci/stage.yaml")
	text := read(t, file)
	write(t, file, regexp.MustCompile(`(?s)\nclock:.*?\noperator:`).ReplaceAllString(text, "\noperator:")) // waits are real
	j.inputs["arguments"] = "--max-wait\n62m\n--case\n*/access-expiry/*"
	var once sync.Once
	j.begun = func(line string, process *os.Process) {
		if strings.Contains(line, "waiting") {
			once.Do(func() { _ = process.Signal(syscall.SIGINT) })
		}
	}
	d := j.run(t)
	d.has(t, 3, "incomplete", "INCOMPLETE", "interrupted")
	if !slices.ContainsFunc(d.annotations, func(a string) bool {
		return strings.HasPrefix(a, "::error file=ci/stage.yaml,") && strings.Contains(a, "interrupted")
	}) {
		t.Errorf("the annotations are %q", d.annotations)
	}
}

// TestNoInputReachesAShell: each is an argument, whatever stands in it.
func TestNoInputReachesAShell(t *testing.T) {
	t.Parallel()
	a := theAction(t)
	for _, s := range a.Runs.Steps {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("the script of %s has an expression in it:\n%s", s.ID, s.Run)
		}
	}
	nasty := "x'\"; touch pwned; $(touch pwned) `touch pwned` ${IFS} * \\\nverdict=go\n::set-output name=verdict::go\nEOF"
	for name := range a.Inputs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := job{workspace: t.TempDir(), inputs: map[string]string{"gonogo": gonogo(t)}}
			j.inputs[name] = nasty
			d := j.run(t)
			if d.exit == 0 || d.outputs["verdict"] != "" {
				t.Errorf("exit %d, verdict %q\n%s", d.exit, d.outputs["verdict"], d.log)
			}
			left, err := os.ReadDir(j.workspace)
			if err != nil || len(left) > 0 {
				t.Errorf("it left %v, %v", left, err)
			}
		})
	}
}

// TestATargetCommandsNothing: a runner takes a line of the log for a command that begins with two colons, also where it is what a target has answered.
func TestATargetCommandsNothing(t *testing.T) {
	t.Parallel()
	j := staged(t)
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("::set-output name=json::/evil\n::warning::evil\n", 20))
	}))
	defer evil.Close()
	write(t, filepath.Join(j.workspace, "ci/stage.yaml"), "dialect: kitchenhub\nbase_url: "+evil.URL+"\ncredentials: {primary: {client_id: a, client_secret: b}}\nabsent: [second]\n")
	j.inputs["arguments"] = "--case\n*/issue/*\n--trace\nkitchenhub/issue/documented-request"
	d := j.run(t)
	d.has(t, 1, "no-go", "NO-GO")
	if !regexp.MustCompile(`(?m)^\s*::warning::evil`).MatchString(d.log) {
		t.Errorf("no line of the log tries it\n%s", d.log)
	}
	if slices.ContainsFunc(d.annotations, func(a string) bool { return strings.HasPrefix(a, "::warning::evil") }) || strings.Contains(d.outputs["json"], "evil") {
		t.Errorf("the target gives commands: %q, %v", d.annotations, d.outputs)
	}
}

// TestActionRunsWhatItHasBuilt where no program is named, and says so where there is no Go. What go gives here was built before, as above.
func TestActionRunsWhatItHasBuilt(t *testing.T) {
	t.Parallel()
	j := staged(t)
	delete(j.inputs, "gonogo")
	j.inputs["arguments"] = "--case\n*/issue/*"
	bin := t.TempDir()
	for _, name := range []string{"bash", "mktemp", "cat", "cp"} {
		if err := os.Symlink(program(t, name), filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	j.env["PATH"] = bin
	d := j.run(t)
	d.has(t, 2, "", "checked nothing")
	if len(d.annotations) != 1 || !strings.Contains(d.annotations[0], "there is no Go") {
		t.Errorf("the annotations are %q", d.annotations)
	}
	write(t, filepath.Join(bin, "go"), `#!/usr/bin/env bash
[ "$1 $2 $4 $5 $7" = 'build -C -buildvcs=false -o ./cmd/gonogo' ] && cp '`+gonogo(t)+`' "$6"
`)
	if err := os.Chmod(filepath.Join(bin, "go"), 0o700); err != nil {
		t.Fatal(err)
	}
	j.run(t).has(t, 0, "go", "GO")
}
