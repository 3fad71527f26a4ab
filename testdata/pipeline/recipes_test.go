package pipeline

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// recipes are the blocks of a language in a section of docs/pipeline.md, by what to call them.
func recipes(t *testing.T, section, language string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, part := range strings.Split(read(t, filepath.Join(root, "docs/pipeline.md")), "\n## ")[1:] {
		title, text, _ := strings.Cut(part, "\n")
		if title != section {
			continue
		}
		for i, block := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
			all[fmt.Sprintf("docs/pipeline.md, %s %d", section, i+1)] = block[1]
		}
	}
	if len(all) == 0 {
		t.Fatalf("docs/pipeline.md has no %s under %s", language, section)
	}
	return all
}

// plays runs a script in the job's workspace with gonogo on the PATH, and gives its exit code and what it said.
func (j job) plays(t *testing.T, shell, script string) (int, string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), shell, "-e")
	c.Dir, c.Stdin = j.workspace, strings.NewReader(script)
	c.Env = append(os.Environ(), "PATH="+filepath.Dir(gonogo(t))+":"+os.Getenv("PATH"), "HUB_SECRET="+j.env["HUB_SECRET"])
	out, _ := c.CombinedOutput() // a no-go is an error
	return c.ProcessState.ExitCode(), string(out)
}

// playsRedAndGreen plays a script of the docs against a server as it is, one with a defect, and a target file that is wrong.
func playsRedAndGreen(t *testing.T, shell, script string) {
	t.Helper()
	script = strings.Replace(script, "--target ci/stage.yaml", "--target ci/stage.yaml --case '*/refresh-rotation/*'", 1)
	for defect, want := range map[string]int{"": 0, "kitchenhub-refresh-replay": 1} {
		j := staged(t, slices.DeleteFunc([]string{defect}, func(id string) bool { return id == "" })...)
		code, said := j.plays(t, shell, script)
		if code != want || strings.Contains(said, j.env["HUB_SECRET"]) {
			t.Errorf("defect %q: exit %d\n%s", defect, code, said)
		}
		for _, report := range []string{"gonogo.xml", "gonogo.html"} {
			if read(t, filepath.Join(j.workspace, report)) == "" {
				t.Errorf("defect %q: %s is empty", defect, report)
			}
		}
	}
	j := staged(t)
	write(t, filepath.Join(j.workspace, "ci/stage.yaml"), "dialects: kitchenhub\n")
	if code, said := j.plays(t, shell, script); code != 2 {
		t.Errorf("a wrong target file: exit %d\n%s", code, said)
	}
}

func TestShellRecipe(t *testing.T) {
	t.Parallel()
	for name, script := range recipes(t, "A shell", "sh") {
		shellchecked(t, "sh", name, script)
		playsRedAndGreen(t, "sh", script)
	}
}

// TestGitLabRecipe, against the schema that GitLab's own editor has, as gitlab-ci-local brings it along; and its script.
func TestGitLabRecipe(t *testing.T) {
	t.Parallel()
	for name, text := range recipes(t, "GitLab", "yaml") {
		var jobs map[string]struct{ Script []string }
		if err := yaml.Unmarshal([]byte(text), &jobs); err != nil {
			t.Fatal(err)
		}
		for _, job := range jobs {
			playsRedAndGreen(t, "bash", strings.Join(job.Script, "\n"))
		}
		schema := compiled(t, "gitlab-ci-local/src/schema/schema.json")
		keeps := func(text string) error {
			asJSON, err := yaml.YAMLToJSON([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			return holds(t, schema, string(asJSON))
		}
		if err := keeps(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for right, wrong := range map[string]string{"when: always": "when: ever", "junit: gonogo.xml": "sarif: gonogo.xml", "exit_codes: 3": "exit_codes: three"} {
			if keeps(strings.Replace(text, right, wrong, 1)) == nil {
				t.Errorf("the schema takes %s", wrong)
			}
		}
	}
}
