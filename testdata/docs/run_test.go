package docs

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mattn/go-shellwords"

	"gonogo/internal/app"
)

var executed = flag.Bool("commands", false, "execute the commands of the pages")

// gonogo is the folder of the command, built once.
var gonogo = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "docs")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", dir+"/", "./cmd/gonogo", "github.com/tsenart/vegeta/v12")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if *executed {
		if dir, err := gonogo(); err == nil {
			_ = os.RemoveAll(dir)
		}
	}
	os.Exit(code)
}

// calls are the arguments of each gonogo that a command calls.
func calls(t *testing.T, line string) (all [][]string) {
	t.Helper()
	line = strings.ReplaceAll(line, "\\\n", " ")
	for line != "" {
		p := shellwords.NewParser()
		words, err := p.Parse(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			return all
		}
		if at := slices.Index(words, "gonogo"); at >= 0 && !slices.ContainsFunc(words[:at], func(word string) bool { return !strings.Contains(word, "=") }) {
			all = append(all, words[at+1:])
		}
		if p.Position < 0 || p.Position >= len(line) {
			return all
		}
		line = strings.TrimRight(strings.TrimLeft(line[p.Position:], ";|&<>()! "), ")")
	}
	return all
}

// TestFlagsOfThePages: no page has a command or a flag that there is not.
func TestFlagsOfThePages(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, page := range pages(t) {
		for _, b := range blocks(t, page) {
			if b.language != "sh" && b.language != "console" || b.kind() == "by" {
				continue
			}
			for _, c := range b.commands(t) {
				for _, args := range calls(t, c.text) {
					seen++
					var out, wrong bytes.Buffer
					if code := app.Run(t.Context(), append(args, "--help"), os.LookupEnv, nil, &out, &wrong); code != 0 || !strings.Contains(out.String(), "Usage:") {
						t.Errorf("%v: gonogo %s: %s", b, strings.Join(args, " "), wrong.String())
					}
				}
			}
		}
	}
	if seen < 60 {
		t.Errorf("only %d commands were found", seen)
	}
}

// quick makes a command that takes as long as its reader asks for take as long as it must.
var quick = []struct {
	long  *regexp.Regexp
	short string
}{
	{regexp.MustCompile(`--duration \S+`), "--duration 2s"},
	{regexp.MustCompile(`-duration \d+s`), "-duration 2s"},
	{regexp.MustCompile(`--warm-up \S+`), "--warm-up 1s"},
	{regexp.MustCompile(`--period 5s`), "--period 100ms"},
	{regexp.MustCompile(`--think 500ms-2s`), "--think 10ms-20ms"},
	{regexp.MustCompile(`--rounds \d+`), "--rounds 6"},
	{regexp.MustCompile(`--lifetime access=2m`), "--lifetime access=10s"}, // of which six ends come one after another
}

// desk is where the commands of one page are typed.
type desk struct {
	t     *testing.T
	dir   string
	env   []string
	ports *strings.Replacer
}

// TestCommandsOfThePages types what the pages say, in a folder for each page, and holds what is printed against what they show.
func TestCommandsOfThePages(t *testing.T) {
	if !*executed {
		t.Skip("executed with -commands: make prove-docs")
	}
	bin, err := gonogo()
	if err != nil {
		t.Fatal(err)
	}
	tree, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages(t) {
		t.Run(filepath.Base(page), func(t *testing.T) {
			d := &desk{t: t, dir: t.TempDir()}
			var swaps []string
			for _, port := range []string{"8080", "8081", "3000", "9090"} {
				swaps = append(swaps, "127.0.0.1:"+port, "127.0.0.1:"+free(t))
			}
			d.ports = strings.NewReplacer(swaps...)
			home := t.TempDir()
			d.env = append(os.Environ(), "PATH="+bin+":"+d.dir+":"+os.Getenv("PATH"), "HOME="+home, "XDG_CACHE_HOME="+home, "NO_COLOR=1", "TREE="+tree,
				"GOCACHE="+output(t, "go", "env", "GOCACHE"), "GOMODCACHE="+output(t, "go", "env", "GOMODCACHE"), "GOFLAGS=-buildvcs=false")
			for _, b := range blocks(t, page) {
				d.block(b)
			}
		})
	}
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// block does what a block of a page is for.
func (d *desk) block(b block) {
	for _, what := range b.notes["with"] {
		d.stage(b, strings.Fields(what))
	}
	for _, what := range b.notes["script"] {
		name, line, _ := strings.Cut(what, " ")
		d.write(name, "#!/bin/sh\nexec "+line+"\n")
	}
	for _, line := range b.notes["first"] {
		d.types(b, command{ends: anyCode}, line)
	}
	if name, told := b.note("file"); told {
		d.write(name, d.ports.Replace(b.text))
	}
	if b.kind() != "run" {
		return
	}
	commands := b.commands(d.t)
	for i, c := range commands {
		text := d.ports.Replace(c.text)
		for _, q := range quick {
			text = q.long.ReplaceAllString(text, q.short)
		}
		_, stays := b.notes["serves"]
		switch {
		case strings.HasPrefix(text, "export "):
			d.export(b, text)
		case stays && i == 0:
			d.background(b, text)
		default:
			d.types(b, c, text)
		}
	}
}

// stage starts a reference server, and writes a target file for it: FILE DIALECT [DEFECT].
func (d *desk) stage(b block, words []string) {
	if len(words) < 2 {
		d.t.Errorf("%v: with FILE DIALECT [DEFECT]", b)
		return
	}
	targets := filepath.Join(d.dir, ".targets")
	line := "gonogo serve " + words[1] + " --control 127.0.0.1:0 --targets " + targets
	if len(words) > 2 {
		line += " --defect " + words[2]
	}
	d.background(b, line)
	file := filepath.Join(d.dir, words[0])
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		d.t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(targets, words[1]+".yaml"), file); err != nil {
		d.t.Errorf("%v: %v", b, err)
	}
}

// write makes a file of the desk's; a script is made executable.
func (d *desk) write(name, text string) {
	file := filepath.Join(d.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		d.t.Fatal(err)
	}
	mode := os.FileMode(0o600)
	if strings.HasPrefix(text, "#!") {
		mode = 0o700
	}
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		d.t.Fatal(err)
	}
}

// export keeps what a line exports for all after it.
func (d *desk) export(b block, line string) {
	c := exec.CommandContext(d.t.Context(), "bash", "-c", line+"\nenv -0")
	c.Dir, c.Env = d.dir, d.env
	out, err := c.Output()
	if err != nil {
		d.t.Errorf("%v: %s: %v", b, line, err)
		return
	}
	d.env = strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
}

// background starts what goes on till the page's end, and comes back when it is ready: when it has said something on standard output.
func (d *desk) background(b block, line string) {
	ctx, stop := context.WithCancel(context.Background())
	c := exec.CommandContext(ctx, "bash", "-c", "exec "+line)
	c.Dir, c.Env = d.dir, d.env
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGINT) }
	c.WaitDelay = 10 * time.Second
	said := &told{first: make(chan struct{})}
	c.Stdout, c.Stderr = said, &said.wrong
	if err := c.Start(); err != nil {
		d.t.Fatalf("%v: %v", b, err)
	}
	ended := make(chan struct{})
	go func() { _ = c.Wait(); close(ended) }()
	d.t.Cleanup(func() { stop(); <-ended })
	select {
	case <-said.first:
	case <-ended:
		d.t.Errorf("%v: %s has ended: %s", b, line, said.text()+said.wrong.String())
	case <-time.After(time.Minute):
		d.t.Errorf("%v: %s has said nothing for a minute", b, line)
	}
}

// told is what a command that goes on has said.
type told struct {
	mu    sync.Mutex
	said  bytes.Buffer
	wrong bytes.Buffer // read when it has ended
	first chan struct{}
}

func (s *told) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.said.Len() == 0 && len(p) > 0 {
		close(s.first)
	}
	return s.said.Write(p)
}

func (s *told) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.String()
}

// types executes a command, in the tree where the block says so, and holds its exit code and what it printed against the page.
func (d *desk) types(b block, c command, text string) {
	began := time.Now()
	ctx, stop := context.WithTimeout(d.t.Context(), 10*time.Minute)
	defer stop()
	run := exec.CommandContext(ctx, "bash", "-o", "pipefail", "-c", text)
	run.Dir, run.Env = d.dir, d.env
	if _, told := b.notes["tree"]; told {
		run.Dir = root
		there, err := os.ReadDir(d.dir)
		if err != nil {
			d.t.Fatal(err)
		}
		for _, file := range there { // which the tree has not
			run.Args[len(run.Args)-1] = strings.ReplaceAll(run.Args[len(run.Args)-1], file.Name(), filepath.Join(d.dir, file.Name()))
		}
	}
	run.WaitDelay = 10 * time.Second
	var out bytes.Buffer
	run.Stdout, run.Stderr = &out, &out
	_ = run.Run() // its exit code says it
	d.t.Logf("%v: %s: exit %d in %v", b, text, run.ProcessState.ExitCode(), time.Since(began).Round(time.Millisecond))
	code := run.ProcessState.ExitCode()
	if code != c.ends && (c.ends != anyCode || code < 0 || code == 2) {
		d.t.Errorf("%v: %s: exit %d, and not %d\n%s", b, text, code, c.ends, out.String())
	}
	d.shows(b, c, out.String())
}

// What differs from one run to the next: times, counts of them, addresses, and what stands for a token.
var differs = []struct {
	what *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`‹[^›]*›`), "‹›"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "ADDR"},
	{regexp.MustCompile(`\b\d+(\.\d+)?(ns|µs|ms|s|m|h)\b`), "TIME"},
	{regexp.MustCompile(`:\d+\]?$`), ":LINE"},
}

func alike(line string) string {
	line = flat(line)
	for _, d := range differs {
		line = d.what.ReplaceAllString(line, d.as)
	}
	return line
}

// shows holds what was printed against what a page shows of it: its lines, in order; where a page has … or leaves a line blank there may be
// others between.
func (d *desk) shows(b block, c command, printed string) {
	lines := strings.Split(printed, "\n")
	at, skips := 0, true
	for _, line := range c.shown {
		if line = alike(line); line == "…" || line == "" {
			skips = true
			continue
		}
		found := -1
		for i, other := range lines[at:] {
			if alike(other) == line {
				found = i
				break
			}
			if !skips {
				break
			}
		}
		if found < 0 {
			d.t.Errorf("%v: %s does not print, where the page shows it: %s\n%s", b, c.text, line, strings.Join(lines[at:min(at+40, len(lines))], "\n"))
			return
		}
		at, skips = at+found+1, false
	}
}
