package pipeline

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// action is a composite action, as far as this one uses what there is.
type action struct {
	Name, Description string
	Branding          map[string]string
	Inputs            map[string]struct{ Description string }
	Outputs           map[string]struct{ Description, Value string }
	Runs              struct {
		Using string
		Steps []step
	}
}

type step struct {
	ID, If, Shell, Run string
	Env                map[string]string
}

func readAction() (a action, err error) {
	text, err := os.ReadFile(filepath.Join(root, "action.yml"))
	if err != nil {
		return a, err
	}
	return a, yaml.UnmarshalWithOptions(text, &a, yaml.Strict())
}

func theAction(t *testing.T) action {
	t.Helper()
	a, err := readAction()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// job is a job of GitHub's runner in which one step uses the action.
type job struct {
	inputs, env map[string]string
	workspace   string
	// begun is told each line of the log as it comes, with the process that the runner would signal; nil: nobody is.
	begun func(line string, process *os.Process)
}

// done is what is left of it.
type done struct {
	exit                  int // of the first step that failed
	log, summary          string
	outputs               map[string]string
	annotations, outcomes []string
}

var expression = regexp.MustCompile(`\$\{\{ *(.*?) *\}\}`)

// run runs the steps of the action as the runner does: expressions are filled in, a step that has no if runs as long as none has failed, each has files
// of its own for outputs, environment and summary, and bash the runner's flags.
func (j job) run(t *testing.T) done {
	t.Helper()
	a := theAction(t)
	temp, result := t.TempDir(), done{outputs: map[string]string{}}
	env := map[string]string{"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": j.workspace, "RUNNER_TEMP": temp}
	for _, name := range []string{"PATH", "HOME", "GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS", "GOTOOLCHAIN"} {
		if value := os.Getenv(name); value != "" {
			env[name] = value
		}
	}
	maps.Copy(env, j.env)
	known := map[string]string{"github.action_path": absolute(t, root)}
	for name := range a.Inputs {
		known["inputs."+name] = j.inputs[name]
	}
	for name := range j.inputs {
		if _, is := a.Inputs[name]; !is {
			t.Fatalf("the action has no input %s", name)
		}
	}
	evaluated := func(text string) string {
		return expression.ReplaceAllStringFunc(text, func(found string) string {
			name := expression.FindStringSubmatch(found)[1]
			value, is := known[name]
			if parts := strings.Split(name, "."); !is && (parts[0] != "steps" || len(parts) < 3) {
				t.Fatalf("nobody knows %s", found)
			}
			return value
		})
	}
	for i, s := range a.Runs.Steps {
		if s.Shell != "bash" || s.If != "" && s.If != "always()" {
			t.Fatalf("a runner has more shells and conditions than this test: %+v", s)
		}
		if result.exit != 0 && s.If == "" {
			known["steps."+s.ID+".outcome"] = "skipped"
			continue
		}
		files := map[string]string{}
		for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STEP_SUMMARY"} {
			files[name] = filepath.Join(temp, fmt.Sprintf("%s-%d", strings.ToLower(name), i))
			write(t, files[name], "")
		}
		script := filepath.Join(temp, fmt.Sprintf("step-%d.sh", i))
		write(t, script, evaluated(s.Run))
		c := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", script)
		c.Dir = j.workspace
		for _, all := range []map[string]string{env, files} {
			for name, value := range all {
				c.Env = append(c.Env, name+"="+value)
			}
		}
		for name, value := range s.Env {
			c.Env = append(c.Env, name+"="+evaluated(value))
		}
		exit, log := j.watched(t, c)
		result.log += log
		annotations, set := commands(log)
		result.annotations = append(result.annotations, annotations...)
		for name, value := range set {
			known["steps."+s.ID+".outputs."+name] = value
		}
		for name, value := range assignments(t, read(t, files["GITHUB_OUTPUT"])) {
			known["steps."+s.ID+".outputs."+name] = value
		}
		maps.Copy(env, assignments(t, read(t, files["GITHUB_ENV"])))
		result.summary += read(t, files["GITHUB_STEP_SUMMARY"])
		outcome := "success"
		if exit != 0 {
			outcome, result.exit = "failure", cmp.Or(result.exit, exit)
		}
		known["steps."+s.ID+".outcome"] = outcome
		result.outcomes = append(result.outcomes, s.ID+" "+outcome)
	}
	for name, output := range a.Outputs {
		result.outputs[name] = evaluated(output.Value)
	}
	return result
}

// command is a workflow command, as the runner finds it in any line of a log, also behind spaces.
var command = regexp.MustCompile(`^\s*::([^ :]+)( [^:]*)?::(.*)`)

// commands are the annotations of a step's log, and the outputs that are set in the old way.
func commands(log string) (annotations []string, outputs map[string]string) {
	outputs = map[string]string{}
	stopped := ""
	for line := range strings.Lines(log) {
		found := command.FindStringSubmatch(strings.TrimSpace(line))
		switch {
		case found == nil || stopped != "" && found[1] != stopped:
		case found[1] == stopped:
			stopped = ""
		case found[1] == "stop-commands":
			stopped = found[3]
		case found[1] == "set-output":
			outputs[strings.TrimPrefix(strings.TrimSpace(found[2]), "name=")] = found[3]
		default:
			annotations = append(annotations, strings.TrimSpace(line))
		}
	}
	return annotations, outputs
}

// watched runs a step to its end, and gives its exit code and log. A runner waits for whatever holds the log open.
func (j job) watched(t *testing.T, c *exec.Cmd) (int, string) {
	t.Helper()
	reader, writer := io.Pipe()
	c.Stdout, c.Stderr = writer, writer
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	log := make(chan string)
	go func() {
		var all bytes.Buffer
		var line []byte
		chunk := make([]byte, 4096)
		for {
			n, err := reader.Read(chunk)
			all.Write(chunk[:n])
			for _, b := range chunk[:n] {
				if line = append(line, b); b == '\n' && j.begun != nil {
					j.begun(string(line), c.Process)
				}
				if b == '\n' {
					line = nil
				}
			}
			if err != nil {
				log <- all.String()
				return
			}
		}
	}()
	err := c.Wait()
	_ = writer.Close()
	text := <-log
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), text
}

// assignments reads what a step wrote for the runner: NAME=VALUE, or NAME<<END and lines up to END.
func assignments(t *testing.T, text string) map[string]string {
	t.Helper()
	found := map[string]string{}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		if lines[i] == "" {
			continue
		}
		name, end, several := strings.Cut(lines[i], "<<")
		if equals := strings.IndexByte(lines[i], '='); !several || equals >= 0 && equals < len(name) {
			name, value, is := strings.Cut(lines[i], "=")
			if !is {
				t.Errorf("the runner cannot read the line %q", lines[i])
			}
			found[name] = value
			continue
		}
		var value []string
		for i++; i < len(lines) && lines[i] != end; i++ {
			value = append(value, lines[i])
		}
		if i == len(lines) {
			t.Errorf("the value of %s has no end", name)
		}
		found[name] = strings.Join(value, "\n")
	}
	return found
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
