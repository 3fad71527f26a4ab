package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/goccy/go-yaml"

	"gonogo/internal/app"
	"gonogo/reports"
)

// workshop is where the binary is built; TestMain makes it and takes it away.
var workshop string

// TestMain lets more tests run side by side than there are processors: many of them wait, for a server, a clock or a
// browser.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "client" { // this test is the tool, when it is to be watched as a client
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		code := app.Run(ctx, os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	flag.Parse()
	if side := flag.Lookup("test.parallel"); side.Value.String() == side.DefValue {
		_ = flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0)))
	}
	dir, err := os.MkdirTemp("", "gonogo-app")
	if err != nil {
		panic(err)
	}
	workshop = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

var build = sync.OnceValues(func() (string, error) { return built("gonogo/cmd/gonogo") })

// built is where the program of a package is.
func built(program string) (string, error) {
	at := filepath.Join(workshop, filepath.Base(program))
	out, err := exec.Command("go", "build", "-o", at, program).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return at, err
}

// binary is the real tool, for what only a process of its own can show.
func binary(t *testing.T) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// outcome is what a user sees of one call of the tool.
type outcome struct {
	code           int
	stdout, stderr string
}

func (o outcome) String() string {
	return fmt.Sprintf("exit %d\n--- stdout\n%s--- stderr\n%s", o.code, o.stdout, o.stderr)
}

// gonogo calls the tool with an empty environment.
func gonogo(t *testing.T, args ...string) outcome {
	t.Helper()
	return gonogoIn(t.Context(), nil, args...)
}

func gonogoIn(ctx context.Context, env map[string]string, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	lookup := func(name string) (string, bool) { value, ok := env[name]; return value, ok }
	code := app.Run(ctx, args, lookup, strings.NewReader(""), &stdout, &stderr)
	return outcome{code, stdout.String(), stderr.String()}
}

// exits wants an exit code, and these whole lines on standard output.
func (o outcome) exits(t *testing.T, code int, lines ...string) {
	t.Helper()
	if o.code != code {
		t.Fatalf("exit %d is wanted, not\n%s", code, o)
	}
	for _, line := range lines {
		if !slices.Contains(strings.Split(o.stdout, "\n"), line) {
			t.Fatalf("no line %q in\n%s", line, o)
		}
	}
}

// refuses wants exactly this one line on standard error, and exit code 2.
func (o outcome) refuses(t *testing.T, sentence string) {
	t.Helper()
	if want := "gonogo: " + sentence + "\n"; o.code != 2 || o.stderr != want || o.stdout != "" {
		t.Fatalf("exit 2 and %q are wanted, not\n%s", want, o)
	}
}

// served is a reference server started through the front door.
type served struct {
	dir          string // the target files
	api, control string
	stop         func() outcome // ends it as Ctrl-C does, and waits
}

func (s *served) file(dialect string) string { return filepath.Join(s.dir, dialect+".yaml") }

var announced = regexp.MustCompile(`(?m)^(api|control) +(\S+)$`)

// places reads the addresses out of what serve prints.
func (s *served) places(text string) {
	for _, m := range announced.FindAllStringSubmatch(text, -1) {
		if m[1] == "api" {
			s.api = m[2]
		} else {
			s.control = m[2]
		}
	}
}

// serve runs "gonogo serve" with target files until the test ends.
func serve(t *testing.T, args ...string) *served {
	t.Helper()
	s := &served{dir: t.TempDir()}
	out := watch("TEST ONLY. Ctrl-C ends it.\n")
	var stderr bytes.Buffer
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	none := func(string) (string, bool) { return "", false }
	go func() {
		ended <- app.Run(ctx, append([]string{"serve", "--targets", s.dir}, args...), none, strings.NewReader(""), out, &stderr)
	}()
	select {
	case <-out.seen:
	case code := <-ended:
		cancel()
		t.Fatalf("serve ended with %d: %s", code, stderr.String())
	}
	s.places(out.String())
	s.stop = sync.OnceValue(func() outcome {
		cancel()
		return outcome{<-ended, out.String(), stderr.String()}
	})
	t.Cleanup(func() { s.stop() })
	return s
}

// requests is how many requests the server has received, as its control API tells.
func (s *served) requests(t *testing.T) int {
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

// fields is a part of a target file.
type fields = map[string]any

// edited is a copy of a target file with something changed.
func edited(t *testing.T, file string, change func(fields)) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	content := fields{}
	if err := yaml.Unmarshal(text, &content); err != nil {
		t.Fatal(err)
	}
	change(content)
	if text, err = yaml.Marshal(content); err != nil {
		t.Fatal(err)
	}
	return written(t, "target.yaml", string(text))
}

// limit changes limits of a target file.
func limit(content fields, limits fields) { content["limits"] = limits }

// written is a file of the test's own.
func written(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// reportIn reads a report back.
func reportIn(t *testing.T, path string) *reports.Report {
	t.Helper()
	report, err := reports.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// checked is a run of check with its JSON report.
func checked(t *testing.T, args ...string) (outcome, *reports.Report) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	o := gonogo(t, append([]string{"check", "--report", "json=" + file}, args...)...)
	if _, err := os.Stat(file); err != nil {
		t.Fatalf("there is no report of\n%s", o)
	}
	return o, reportIn(t, file)
}

// whole is a check of all dialects of the embedded server, one case at a time, which several tests look at.
func whole(t *testing.T) (outcome, *reports.Report) {
	t.Helper()
	o, report := checkOfAll()
	if report == nil {
		t.Fatalf("there is no report of\n%s", o)
	}
	return o, report
}

var checkOfAll = sync.OnceValues(func() (o outcome, report *reports.Report) {
	dir, err := os.MkdirTemp("", "whole")
	if err == nil {
		defer func() { _ = os.RemoveAll(dir) }()
		file := filepath.Join(dir, "report.json")
		o = gonogoIn(context.Background(), nil, "check", "--parallel", "1", "--seed", "7", "--report", "json="+file)
		report, err = reports.ReadFile(file)
	}
	if err != nil {
		o.stderr += err.Error()
	}
	return o, report
})

// verdicts are the outcomes of all cases and rows of a report.
func verdicts(report *reports.Report) map[string]reports.Outcome {
	all := map[string]reports.Outcome{}
	for _, d := range report.Dialects {
		for _, c := range d.Cases {
			all[c.ID] = c.Outcome
		}
		for _, row := range d.Requirements {
			all[d.ID+" "+row.ID] = row.Outcome
		}
	}
	return all
}

// sameVerdicts wants two reports to agree on every case and row.
func sameVerdicts(t *testing.T, what string, a, b *reports.Report) {
	t.Helper()
	one, other := verdicts(a), verdicts(b)
	for id, want := range one {
		if got := other[id]; got != want {
			t.Errorf("%s: %s is %s and %s", what, id, want, got)
		}
	}
	if len(one) != len(other) || len(one) == 0 {
		t.Errorf("%s: %d verdicts and %d", what, len(one), len(other))
	}
}

func drained(body io.ReadCloser) []byte {
	defer func() { _ = body.Close() }()
	text, _ := io.ReadAll(body)
	return text
}

func hasLine(text, pattern string) bool {
	return regexp.MustCompile(`(?m)` + pattern).MatchString(text)
}

func endsWith(text, end string) bool { return strings.HasSuffix(text, end) }

func quietLog() *log.Logger { return log.New(io.Discard, "", 0) }

// watched is an output that tells when something has been written to it.
type watched struct {
	when string
	mu   sync.Mutex
	text bytes.Buffer
	seen chan struct{}
	once sync.Once
}

func watch(when string) *watched { return &watched{when: when, seen: make(chan struct{})} }

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	if strings.Contains(w.text.String(), w.when) {
		w.once.Do(func() { close(w.seen) })
	}
	return len(p), nil
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}
