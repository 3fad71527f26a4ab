package suites_test

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2/types"

	"gonogo/internal/app"
)

func TestOnlyWhatGinkgoChoosesIsRun(t *testing.T) {
	t.Parallel()
	rotation := []string{"chain", "old-token-after-login", "old-token-refused", "old-token-refused-later", "old-token-stays-dead", "race", "renewed-token-refused"}
	for _, c := range []struct {
		name  string
		flags []string
		cases []string // of refresh-rotation
	}{
		{"label", []string{"-ginkgo.label-filter=kitchenhub && refresh-rotation && documented"}, rotation},
		{"two labels", []string{"-ginkgo.label-filter=KH-REFRESH-2 && !practice && !browser"}, rotation},
		{"focus", []string{"-ginkgo.focus=kitchenhub refresh-rotation old-token", "-ginkgo.focus=kitchenhub refresh-rotation chain"}, rotation[:5]},
		{"focus and skip", []string{"-ginkgo.focus=gonogo kitchenhub refresh-rotation", "-ginkgo.skip=later|dead", "-ginkgo.skip=race"}, []string{"chain", "old-token-after-login", "old-token-refused", "renewed-token-refused"}},
		{"label and focus", []string{"-ginkgo.label-filter=KH-REFRESH-2", "-ginkgo.focus=one wins"}, rotation[5:6]},
		{"files", []string{"-ginkgo.focus-file=specs/kitchenhub.yaml", "-ginkgo.skip-file=specs/kitchenmonki.yaml:1", "-ginkgo.label-filter=refresh-rotation"}, rotation},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			run := suite(t, []string{s.file("kitchenhub"), s.file("kitchenmonki")}, c.flags...)
			var want []string
			for _, name := range c.cases {
				want = append(want, "kitchenhub/refresh-rotation/"+name)
			}
			if got := slices.Sorted(maps.Keys(run.specs())); run.code != 0 || !slices.Equal(got, want) {
				t.Fatalf("exit %d, specs %v, wanted %v\n%s", run.code, got, want, run.output)
			}
			// the probe and these cases; the whole of both dialects takes above a thousand
			if n := s.requests(t); n == 0 || n > 250 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

func TestBothFacesChooseAlike(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, filter := range []string{"documented && kitchenmonki", "!(time || consent)", "/^KH-(USE|ISSUE)-/ && standard", "practice,identity"} {
		var out bytes.Buffer
		args := []string{"check", "--plan", "--target", s.file("kitchenhub"), "--target", s.file("kitchenmonki"), "--label-filter", filter}
		if code := app.Run(t.Context(), args, whereProgramsAre, strings.NewReader(""), &out, &out); code != 0 {
			t.Fatalf("%s: exit %d: %s", filter, code, out.String())
		}
		var want, got []string
		for line := range strings.Lines(out.String()) {
			if strings.HasPrefix(line, "  ") {
				want = append(want, strings.Fields(line)[0])
			}
		}
		run := suite(t, []string{s.file("kitchenhub"), s.file("kitchenmonki")}, "-ginkgo.dry-run", "-ginkgo.label-filter="+filter)
		for _, spec := range run.report.SpecReports {
			if spec.LeafNodeType == types.NodeTypeIt && spec.State == types.SpecStatePassed {
				got = append(got, idOf(spec))
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s chooses %d cases in check, and %d specs", filter, len(want), len(got))
		}
	}
}

func TestADryRunBuildsTheTreeAndContactsNothing(t *testing.T) {
	t.Parallel()
	s := serve(t)
	run := suite(t, []string{s.file("kitchenhub"), s.file("kitchenmonki")}, "-ginkgo.dry-run", "-ginkgo.v", "-ginkgo.label-filter=rotation || refresh-rotation")
	run.has(t, "kitchenhub refresh-rotation race: of refreshes that race with one token, at most one wins [kitchenhub, documented, refresh-rotation, KH-REFRESH-2]", "kitchenmonki refresh-rotation race: ")
	if n := s.requests(t); run.code != 0 || n != 0 {
		t.Errorf("exit %d, %d requests were sent", run.code, n)
	}
}

func TestAFilterThatLeavesNothingFails(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	run := suite(t, []string{s.file("kitchenhub")}, "-ginkgo.label-filter=nothing")
	run.has(t, "no spec was chosen, and nothing was looked at")
	if run.code == 0 {
		t.Error("it passes")
	}
	only := suite(t, []string{s.file("kitchenhub")}, "-ginkgo.label-filter=ANY-CLIENTBIND")
	only.has(t, "the verdict is incomplete: ")
	if only.code == 0 {
		t.Errorf("a suite passes in which every spec was skipped: %s", only.output)
	}
}

func TestATargetThatIsWrongIsToldBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	good := s.file("kitchenhub")
	misspelt := rewritten(t, good, func(text string) string { return text + "limit: {parallel: 2}\n" })
	for name, c := range map[string]struct {
		files []string
		says  string
	}{
		"misspelt": {[]string{good, misspelt}, "unknown key limit; did you mean limits?"},
		"missing":  {[]string{"/nowhere/stage.yaml"}, "the target file /nowhere/stage.yaml does not exist"},
		"empty":    {[]string{"", ""}, "names no target file"},
	} {
		run := suite(t, c.files)
		run.has(t, c.says)
		if run.code != 1 || strings.Count(run.output, c.says) > 2 {
			t.Errorf("%s: exit %d\n%s", name, run.code, run.output)
		}
	}
	if n := s.requests(t); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestAPathIsTakenFromTheRootOfTheModule(t *testing.T) {
	t.Parallel()
	run := suite(t, []string{"testdata/no-such.yaml"})
	run.has(t, "the target file testdata/no-such.yaml does not exist")
	// a file that is there, and no target: what is wrong is told of the file that was found
	run = suite(t, []string{"testdata/fifth/pantry.yaml"})
	run.has(t, "../testdata/fifth/pantry.yaml:1: this is an OpenAPI document, and no target file")
}

// TestProcessesShareOneEngine runs the suite through the Ginkgo CLI in three processes.
func TestProcessesShareOneEngine(t *testing.T) {
	t.Parallel()
	s := serve(t, "--defect", "kitchenhub-refresh-replay")
	files := []string{s.file("kitchenhub"), rewritten(t, s.file("kitchenmonki"), withoutBrowser)}
	alone := suite(t, files)
	before := s.requests(t)
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "suites.test") // the CLI runs a compiled suite, so that nothing is compiled here
	if err := os.Symlink(self, binary); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "go", "tool", "ginkgo", "--procs=3", "--no-color", "--seed=1", "--output-dir="+dir, "--json-report=report.json", binary)
	many := ran(t, command, files, dir)
	many.has(t, "Running in parallel across 3 processes", "FAIL  the old refresh token is refused after a refresh")
	sent := s.requests(t) - before
	if sent > before+before/4 {
		t.Errorf("one process sent %d requests, three sent %d", before, sent)
	}
	one, other := outcomes(alone), outcomes(many)
	if len(one) == 0 || !maps.Equal(one, other) {
		t.Errorf("alone: %v\ntogether: %v", one, other)
	}
	processes := map[int]bool{}
	for _, spec := range many.specs() {
		processes[spec.ParallelProcess] = true
	}
	if len(processes) < 2 {
		t.Errorf("the specs ran in %d process", len(processes))
	}
}

func outcomes(r ginkgoRun) map[string]types.SpecState {
	all := map[string]types.SpecState{}
	for id, spec := range r.specs() {
		all[id] = spec.State
	}
	return all
}

// withoutBrowser leaves out the cases that take most of the time, where they show nothing that others do not.
func withoutBrowser(target string) string { return target + "absent: [browser]\n" }
