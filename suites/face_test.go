package suites_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/onsi/ginkgo/v2/types"

	"gonogo/internal/app"
)

// served is a reference server started as "gonogo serve" does, with its target files.
type served struct{ dir, api, control string }

func (s served) file(dialect string) string { return filepath.Join(s.dir, dialect+".yaml") }

// requests is how many requests the server has received, as its control API tells.
func (s served) requests(t *testing.T) int {
	t.Helper()
	response, err := http.Get(s.control + "/__control/requests")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var list struct{ Last int }
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	return list.Last
}

var announced = regexp.MustCompile(`(?m)^(api|control) +(\S+)$`)

// serve runs "gonogo serve" until the test ends.
func serve(t *testing.T, args ...string) served {
	t.Helper()
	s := served{dir: t.TempDir()}
	out := &signal{when: regexp.MustCompile(`TEST ONLY. Ctrl-C ends it.\n`), seen: make(chan struct{})}
	var stderr bytes.Buffer
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() {
		ended <- app.Run(ctx, append([]string{"serve", "--targets", s.dir}, args...), noEnv, strings.NewReader(""), out, &stderr)
	}()
	select {
	case <-out.seen:
	case code := <-ended:
		cancel()
		t.Fatalf("serve ended with %d: %s", code, stderr.String())
	}
	for _, m := range announced.FindAllStringSubmatch(out.String(), -1) {
		if m[1] == "api" {
			s.api = m[2]
		} else {
			s.control = m[2]
		}
	}
	t.Cleanup(func() { cancel(); <-ended })
	return s
}

func noEnv(string) (string, bool) { return "", false }

// whereProgramsAre is all of the environment that both faces need alike: where Chromium is.
func whereProgramsAre(name string) (string, bool) {
	if name != "PATH" && name != "CHROME_BIN" {
		return "", false
	}
	return os.LookupEnv(name)
}

// signal is an output that tells when something has been written to it.
type signal struct {
	when *regexp.Regexp
	mu   sync.Mutex
	text bytes.Buffer
	seen chan struct{}
	once sync.Once
}

func (s *signal) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(p)
	if s.when.Match(s.text.Bytes()) {
		s.once.Do(func() { close(s.seen) })
	}
	return len(p), nil
}

func (s *signal) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// ginkgoRun is what a user has of one run of the suite.
type ginkgoRun struct {
	code   int
	output string
	json   string // Ginkgo's JSON report, as text
	junit  string // and the one for CI
	report types.Report
}

// suite runs the suite in a process of its own, as "go test" does, against target files.
func suite(t *testing.T, targets []string, flags ...string) ginkgoRun {
	t.Helper()
	return suiteWith(t, nil, targets, flags...)
}

// suiteWith does that with more in the environment.
func suiteWith(t *testing.T, env, targets []string, flags ...string) ginkgoRun {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	flags = append([]string{
		"-ginkgo.no-color", "-ginkgo.seed=1", "-ginkgo.json-report=" + filepath.Join(dir, "report.json"), "-ginkgo.junit-report=" + filepath.Join(dir, "junit.xml"),
	}, flags...)
	command := exec.CommandContext(t.Context(), self, flags...)
	command.Env = env
	return ran(t, command, targets, dir)
}

// ran runs a command that runs the suite, and collects what it leaves.
func ran(t *testing.T, command *exec.Cmd, targets []string, dir string) ginkgoRun {
	t.Helper()
	command.Env = append(append(os.Environ(), command.Env...), targetVariable+"="+strings.Join(targets, string(filepath.ListSeparator)))
	output, _ := command.CombinedOutput()
	r := ginkgoRun{code: command.ProcessState.ExitCode(), output: string(output)}
	for name, into := range map[string]*string{"report.json": &r.json, "junit.xml": &r.junit} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			*into = string(text)
		}
	}
	if r.json != "" {
		var all []types.Report
		if err := json.Unmarshal([]byte(r.json), &all); err != nil || len(all) != 1 {
			t.Fatalf("%d reports: %v", len(all), err)
		}
		r.report = all[0]
	}
	return r
}

// specs are those that were chosen, by the id of their case.
func (r ginkgoRun) specs() map[string]types.SpecReport {
	chosen := map[string]types.SpecReport{}
	for _, spec := range r.report.SpecReports {
		if spec.LeafNodeType == types.NodeTypeIt && len(spec.ReportEntries) > 0 {
			chosen[idOf(spec)] = spec
		}
	}
	return chosen
}

// idOf is the id of a spec's case, from what everybody sees of it.
func idOf(spec types.SpecReport) string {
	name, _, _ := strings.Cut(spec.LeafNodeText, ":")
	dialect, _, _ := strings.Cut(spec.ContainerHierarchyTexts[0], " ")
	return dialect + "/" + spec.ContainerHierarchyTexts[1] + "/" + name
}

// has wants pieces of text in the output.
func (r ginkgoRun) has(t *testing.T, pieces ...string) {
	t.Helper()
	for _, piece := range pieces {
		if !strings.Contains(r.output, piece) {
			t.Fatalf("exit %d, and there is no %q in\n%s", r.code, piece, r.output)
		}
	}
}

// target is a target file of the test's own, made from another's text.
func rewritten(t *testing.T, file string, change func(text string) string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return written(t, filepath.Base(file), change(string(text)))
}

func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
