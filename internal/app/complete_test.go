package app_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonogo/reference"
)

// completions is what a shell is told that could stand next, without the descriptions, and what it is to do with it.
func completions(t *testing.T, args ...string) (values []string, directive string) {
	t.Helper()
	o := gonogo(t, append([]string{"__complete"}, args...)...)
	o.exits(t, 0)
	lines := strings.Split(strings.TrimSpace(o.stdout), "\n")
	for _, line := range lines[:len(lines)-1] {
		value, _, _ := strings.Cut(line, "\t")
		values = append(values, value)
	}
	return values, lines[len(lines)-1]
}

// What the last number of an answer tells a shell, by cobra's ShellCompDirective.
const (
	files, noFiles, noFilesNoSpace, folders = ":0", ":4", ":6", ":16"
)

func TestCompletion(t *testing.T) {
	t.Parallel()
	target := written(t, "stage.yaml", "dialect: pos\nbase_url: http://127.0.0.1:1\ncredentials: {primary: {client_id: a, client_secret: b}}\nabsent: [second]\n")
	for _, c := range []struct {
		line      string // words with a space between them; what stands after the last is completed
		directive string
		have      []string
		not       []string
	}{
		{"ser", noFiles, []string{"serve"}, []string{"man"}},
		{"completion ", noFiles, []string{"bash", "zsh", "fish", "powershell"}, nil},
		{"check ", files, []string{"kitchenhub", "b2b", "pos"}, nil},
		{"check pos ", files, []string{"kitchenhub"}, []string{"pos"}},
		{"serve ", noFiles, []string{"kitchenhub"}, nil},
		{"client pos ", noFiles, nil, []string{"kitchenhub", "pos"}},
		{"load ", files, []string{"kitchenhub", "capacity"}, nil},
		{"check --level ", noFiles, []string{"documented", "standard", "practice"}, nil},
		{"check --report ", noFilesNoSpace, []string{"json=", "junit=", "html="}, nil},
		{"prove --report j", noFilesNoSpace, []string{"json=", "junit="}, []string{"har="}},
		{"check --require browser,", noFilesNoSpace, []string{"browser,outsider"}, []string{"browser,browser", "browser"}},
		{"check --target ", files, nil, nil},
		{"serve --targets ", folders, nil, nil},
		{"check --max-wait ", noFiles, nil, nil},
		{"check --case ", noFilesNoSpace, []string{"kitchenhub/", "pos/"}, nil},
		{"check kitchenhub --case ", noFilesNoSpace, []string{"kitchenhub/"}, []string{"pos/"}},
		{"check --trace kitchenhub/refresh-rotation/", noFiles, []string{"kitchenhub/refresh-rotation/race"}, []string{"kitchenhub/refresh-rotation/"}},
		{"check " + target + " --case ", noFilesNoSpace, []string{"pos/"}, []string{"kitchenhub/"}},
		{"check --target " + target + " --reproduce ", noFilesNoSpace, []string{"pos/"}, []string{"kitchenhub/"}},
		{"check nowhere.yaml --case ", noFiles, nil, nil},
		{"check oauth2 --profile ", noFiles, []string{"rfc6749"}, nil},
		{"explain KH-REF", noFiles, []string{"KH-REFRESH-2"}, []string{"KH-TOKEN-1"}},
		{"explain kitchenhub-refresh", noFiles, []string{"kitchenhub-refresh-replay"}, nil},
		{"explain --target " + target + " ", noFilesNoSpace, []string{"pos/"}, []string{"KH-REFRESH-2"}},
		{"explain --target nowhere.yaml ", noFiles, nil, []string{"KH-REFRESH-2"}},
		{"serve --defect ", noFiles, []string{"kitchenhub-refresh-replay"}, []string{"oauth2-code-no-refresh"}},
		{"serve oauth2 --liberty ", noFiles, []string{"oauth2-code-no-refresh"}, []string{"kitchenhub-refresh-replay"}},
		{"client kitchenhub --fault kitchenhub/", noFiles, nil, []string{"pos/"}},
		{"client --style ", noFiles, []string{"lazy", "popup"}, nil},
		{"prove --style ", noFiles, []string{"lazy"}, []string{"popup"}},
		{"load --scenario ", noFiles, []string{"storm", "session"}, nil},
		{"load targets --scenario ", noFilesNoSpace, []string{"issue"}, []string{"storm"}},
		{"spec show ", files, []string{"pos"}, nil},
		{"report render ", files, nil, []string{"pos"}},
	} {
		values, directive := completions(t, strings.Split(c.line, " ")...)
		if directive != c.directive {
			t.Errorf("%s: %s is wanted, not %s", c.line, c.directive, directive)
		}
		for _, value := range c.have {
			if !slices.Contains(values, value) {
				t.Errorf("%s: %s is not among %q", c.line, value, values)
			}
		}
		for _, value := range c.not {
			if slices.Contains(values, value) {
				t.Errorf("%s: %s is among %q", c.line, value, values)
			}
		}
	}
	values, _ := completions(t, "serve", "--defect", "")
	if len(values) != len(reference.Defects()) {
		t.Errorf("%d of %d defects are completed", len(values), len(reference.Defects()))
	}
}

// TestCompletionDescribes: what a shell shows beside a value is what the tool says of it elsewhere, without marks of its own.
func TestCompletionDescribes(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"check --lev":           "--level\tthe weakest LEVEL whose violation",
		"serve --defect b2b":    reference.Defects()[0].ID + "\t" + reference.Defects()[0].Text,
		"check kit":             "kitchenhub\tKitchenhub Auth API",
		"check --trace b2b/use": "b2b/use",
	} {
		if o := gonogo(t, append([]string{"__complete"}, strings.Split(line, " ")...)...); !strings.Contains(o.stdout, want) {
			t.Errorf("%s: no %q in\n%s", line, want, o)
		}
	}
}

// TestBashCompletes has a bash complete a command line by the script that it is given.
func TestBashCompletes(t *testing.T) {
	t.Parallel()
	const library = "/usr/share/bash-completion/bash_completion"
	bash, err := exec.LookPath("bash")
	if _, missing := os.Stat(library); err != nil || missing != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("bash and its %s are needed", library)
		}
		t.Skipf("there is no bash with %s", library)
	}
	script := written(t, "gonogo.bash", gonogo(t, "completion", "bash").stdout)
	for line, want := range map[string]string{
		"gonogo check --level pra":                      "practice",
		"gonogo check --level=doc":                      "documented",
		"gonogo explain KH-REFRESH-2":                   "KH-REFRESH-2",
		"gonogo check --case kitchenhub/refresh-r":      "kitchenhub/refresh-rotation/",
		"gonogo serve --defect kitchenhub-refresh-repl": "kitchenhub-refresh-replay",
	} {
		words := strings.Fields(strings.ReplaceAll(line, "=", " = ")) // as readline breaks them
		program := `source "$1"; source "$2"; COMP_LINE=$3; COMP_POINT=${#3}; COMP_TYPE=9; COMP_KEY=9; shift 3; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
__start_gonogo "$1" "${@: -1}" "${@: -2:1}" 2>/dev/null; printf '%s\n' "${COMPREPLY[@]}"`
		cmd := exec.CommandContext(t.Context(), bash, append([]string{"--norc", "-c", program, "bash", library, script, line}, words...)...)
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(binary(t))+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%s is completed by %q (%v), not by %q", line, got, err, want)
		}
	}
}

// TestCompletionScripts: each shell's script is one for it.
func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	for shell, has := range map[string]string{"bash": "complete -o default", "zsh": "#compdef gonogo", "fish": "complete -c gonogo", "powershell": "Register-ArgumentCompleter"} {
		o := gonogo(t, "completion", shell)
		o.exits(t, 0)
		if !strings.Contains(o.stdout, has) {
			t.Errorf("the script for %s has no %q", shell, has)
		}
	}
	gonogo(t, "completion", "tcsh").exits(t, 0) // prints what there is
}
