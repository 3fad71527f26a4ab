package pipeline

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestActionKeepsThePublishedSchema of action files, as action-validator has it, which takes it from the JSON Schema Store.
func TestActionKeepsThePublishedSchema(t *testing.T) {
	t.Parallel()
	validator, node := published(t, "@action-validator/cli/cli.mjs"), program(t, "node")
	if out, err := exec.Command(node, validator, filepath.Join(root, "action.yml")).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	bad := filepath.Join(t.TempDir(), "action.yml")
	write(t, bad, strings.Replace(read(t, filepath.Join(root, "action.yml")), "shell: bash", "shells: bash", 1))
	if out, err := exec.Command(node, validator, bad).CombinedOutput(); err == nil {
		t.Errorf("it takes a step without a shell:\n%s", out)
	}
}

// shellchecked holds a script against shellcheck.
func shellchecked(t *testing.T, shell, name, script string) {
	t.Helper()
	c := exec.Command(program(t, "shellcheck"), "--shell="+shell, "--severity=style", "-")
	c.Stdin = strings.NewReader(script)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
	}
}

func TestScriptsOfTheActionPassShellcheck(t *testing.T) {
	t.Parallel()
	for _, s := range theAction(t).Runs.Steps {
		shellchecked(t, "bash", s.ID, s.Run)
	}
}

// workflows are those of this repository, and those of the docs.
func workflows(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	files, err := filepath.Glob(filepath.Join(root, ".github/workflows/*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatal("there is no workflow", err)
	}
	for _, file := range files {
		all[file] = read(t, file)
	}
	for name, block := range recipes(t, "GitHub", "yaml") {
		all[name] = block
	}
	return all
}

// TestWorkflowsPassActionlint, and give the action inputs that it has.
func TestWorkflowsPassActionlint(t *testing.T) {
	t.Parallel()
	program(t, "shellcheck") // which actionlint asks of scripts
	inputs := theAction(t).Inputs
	for name, text := range workflows(t) {
		c := exec.Command("go", "tool", "actionlint", "-no-color", "-")
		c.Stdin = strings.NewReader(text)
		var out bytes.Buffer
		c.Stdout, c.Stderr = &out, &out
		if err := c.Run(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out.String())
		}
		var w struct {
			Jobs map[string]struct {
				Steps []struct {
					Uses string
					With map[string]string
				}
			}
		}
		if err := yaml.Unmarshal([]byte(text), &w); err != nil {
			t.Fatal(err)
		}
		uses := 0
		for _, job := range w.Jobs {
			for _, s := range job.Steps {
				if s.Uses != "./" && !strings.Contains(s.Uses, "/gonogo@") {
					continue
				}
				uses++
				for input := range s.With {
					if _, is := inputs[input]; !is {
						t.Errorf("%s: the action has no input %s", name, input)
					}
				}
			}
		}
		if uses == 0 {
			t.Errorf("%s does not use the action", name)
		}
	}
}
