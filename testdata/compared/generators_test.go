package compared

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"gonogo/reports"
)

// TestFourGeneratorsBesideOne: what four processes measure of a rate that one holds is what that one measures, but for what more processes cost
// a machine of few processors: the longer an answer takes, the less of it that is.
func TestFourGeneratorsBesideOne(t *testing.T) {
	for _, delay := range []string{"0s", "5ms"} {
		t.Run("after "+delay, func(t *testing.T) { besideOne(t, serve(t, "--delay", delay)) })
	}
}

func besideOne(t *testing.T, target string) {
	const pairs = 12
	dir := t.TempDir()
	var files []string
	for i := range 2 * pairs {
		name, own := "one", []string{"--connections", "16"}
		if (i+i/2)%2 == 1 { // in turn, the first of a pair being the last of the one before
			name, own = "four", []string{"--connections", "4", "--generators", "4"}
		}
		file := filepath.Join(dir, fmt.Sprintf("%s-%d.json", name, i))
		cmd := exec.Command(program, append([]string{"load", "--target", target, "--scenario", "use", "--rate", "500", "--duration", "2s", "--working-set", "200", "--quiet", "--report", "json=" + file}, own...)...)
		if err := run(cmd); err != nil && cmd.ProcessState.ExitCode() != reports.ExitIncomplete {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	file := filepath.Join(dir, "compared.json")
	cmd := exec.Command(program, append([]string{"report", "compare", "--quiet", "--report", "json=" + file}, files...)...)
	if err := run(cmd); err != nil && cmd.ProcessState.ExitCode() != reports.ExitIncomplete {
		t.Fatal(err)
	}
	r, err := reports.ReadFile(file)
	if err != nil || len(r.Comparisons) != 1 || len(r.Comparisons[0].Rounds) != pairs {
		t.Fatalf("%v: %+v", err, r)
	}
	c := r.Comparisons[0]
	for _, shown := range append([]reports.Shown{c.Shown}, c.Others...) {
		t.Logf("%s of four is %.3f (%.3f to %.3f) of that of one, %.0f µs more (%.0f to %.0f): %s", shown.Metric, shown.Ratio, shown.Low, shown.High, shown.More, shown.MoreLow, shown.MoreHigh, shown.Difference)
	}
	if c.Difference != reports.CannotTell && (c.Low > 2 || c.High < 0.5) {
		t.Errorf("four generators measure something else than one: %+v", c)
	}
}
