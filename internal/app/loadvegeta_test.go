package app_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"gonogo/internal/app"
	"gonogo/load"
	"gonogo/reports"
	"gonogo/specs"
)

// vegetaPath is where go tool has built the version of go.mod.
var vegetaPath = sync.OnceValues(func() (string, error) {
	path, err := exec.Command("go", "tool", "-n", "vegeta").Output()
	return strings.TrimSpace(string(path)), err
})

func vegetaDoes(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := vegetaPath()
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command(path, args...)
}

// fed is vegeta attack behind gonogo load targets, as a shell has them, and what it kept.
func fed(t *testing.T, targets []string, attack ...string) (outcome, string) {
	t.Helper()
	atOnce <- struct{}{}
	defer func() { <-atOnce }()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(t.TempDir(), "results.bin")
	command := vegetaDoes(t, slices.Concat([]string{"attack", "-lazy", "-format=json", "-output", kept}, attack)...)
	var said bytes.Buffer
	command.Stdin, command.Stderr = read, &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	_ = read.Close() // vegeta alone has it
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		none := func(string) (string, bool) { return "", false }
		ended <- app.Run(t.Context(), slices.Concat([]string{"load", "targets", "--working-set", "20"}, targets), none, strings.NewReader(""), write, &stderr)
		_ = write.Close()
	}()
	if err := command.Wait(); err != nil {
		t.Errorf("vegeta attack: %v: %s", err, said.String())
	}
	return outcome{code: <-ended, stderr: stderr.String()}, kept
}

// twenty is an attack of twenty requests, or of fewer where the machine is busy.
var twenty = []string{"-rate", "100", "-duration", "200ms"}

func TestVegetaSendsTheTargetsOfEveryScenario(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			s := serve(t, dialect)
			for _, scenario := range []string{"issue", "validate", "use", "refresh", "mix=issue:1,validate:2,use:1"} {
				targets := []string{"--target", s.file(dialect), "--scenario", scenario}
				o, kept := fed(t, targets, twenty...)
				if o.code != 0 {
					t.Errorf("%s: a reader that goes away ends it with\n%s", scenario, o)
				}
				o, run := judged(t, append(targets, kept)...)
				o.exits(t, 0)
				if run.Requests == 0 || run.Verdict != reports.Go || !strings.HasPrefix(run.Scenario, scenario) {
					t.Errorf("%s: %d requests are judged %s\n%s", scenario, run.Requests, run.Verdict, o)
				}
				agrees(t, kept, run)
			}
		})
	}
}

func TestTargetsEnd(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	of := []string{"load", "targets", "--target", s.file("kitchenhub"), "--working-set", "5"}
	o := gonogo(t, append(of, "--scenario", "refresh")...)
	if o.exits(t, 0); strings.Count(o.stdout, "\n") != 5 || o.stderr != "there are 5 targets, each with a refresh token of its own; what is written holds live tokens, and is to be piped, not kept\nall 5 targets are written, and there are no more\n" {
		t.Errorf("a refresh for each of five tokens is\n%s", o)
	}
	tokens := map[string]bool{}
	decode := vegeta.NewJSONTargeter(strings.NewReader(o.stdout), nil, nil)
	all, err := vegeta.ReadAllTargets(decode)
	for _, target := range all {
		tokens[string(target.Body)] = true
	}
	if err != nil || len(tokens) != 5 {
		t.Errorf("%d targets differ: %v", len(tokens), err)
	}
	if o := gonogo(t, append(of, "--scenario", "validate", "--count", "7", "--quiet")...); o.code != 0 || strings.Count(o.stdout, "\n") != 7 || o.stderr != "" {
		t.Errorf("seven targets are\n%s", o)
	}
	for _, c := range []struct{ scenario, says string }{
		{"mix", "--scenario mix=issue:1,validate:8,refresh:1: a mix that refreshes goes on with the tokens of its own answers, which vegeta does not hand back; leave refresh out, such as mix=issue:1,validate:8, or give --scenario refresh"},
		{"storm", "--scenario storm: what it asks follows from what was answered before, and vegeta sends each request by itself; choose issue, validate, use, refresh, or a mix without refresh"},
		{"validate --count=-1", "--count -1: choose 1 or more, or 0 for targets without end"},
	} {
		gonogo(t, append(of, append([]string{"--scenario"}, strings.Fields(c.scenario)...)...)...).refuses(t, c.says)
	}
	gonogo(t, "load", "targets", "kitchenhub", "--scenario", "refresh").refuses(t, "the reference server ends with the last target, before vegeta has sent it; start it with gonogo serve kitchenhub --targets DIR, and give --target DIR/kitchenhub.yaml")

	file, err := os.Create(filepath.Join(t.TempDir(), "targets.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var stderr bytes.Buffer
	code := app.Run(t.Context(), append(of, "--scenario", "validate"), func(string) (string, bool) { return "", false }, strings.NewReader(""), file, &stderr)
	if code != 2 || !strings.HasPrefix(stderr.String(), "gonogo: targets have no end, and a file would be filled with them") {
		t.Errorf("a file is filled: exit %d, %s", code, stderr.String())
	}

	// Ctrl-C, while nobody reads
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- app.Run(ctx, append(of, "--scenario", "validate"), func(string) (string, bool) { return "", false }, strings.NewReader(""), write, &bytes.Buffer{})
	}()
	if _, err := read.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if code := <-ended; code != 0 {
		t.Errorf("Ctrl-C ends it with %d", code)
	}
	_, _ = read.Close(), write.Close()
}

func TestATargeterFeedsVegetaFromGo(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	target, err := load.ReadTarget(s.file("kitchenhub"), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	config := load.Config{Target: target, Scenario: "refresh", WorkingSet: 10, Pick: "uniform", Level: specs.Standard, Agent: "test"}
	targets, err := load.NewTargeter(t.Context(), load.Targets{Config: config})
	if err != nil {
		t.Fatal(err)
	}
	defer targets.Close()
	var kept bytes.Buffer
	encode := vegeta.NewEncoder(&kept)
	for result := range vegeta.NewAttacker().Attack(targets.Next, vegeta.Rate{Freq: 100, Per: time.Second}, 0, "from Go") { // until there are no targets
		if err := encode(result); err != nil {
			t.Fatal(err)
		}
	}
	run, err := load.Judge(t.Context(), config, load.Kept{Name: "kept", Reader: &kept})
	if err != nil || run.Verdict != reports.Go || run.Requests != 10 || targets.Count() != 10 {
		t.Errorf("ten refreshes are %+v, %v", run, err)
	}
	var none vegeta.Target
	if err := targets.Next(&none); err != vegeta.ErrNoTargets {
		t.Errorf("an eleventh is %v, %v", none, err)
	}
}
