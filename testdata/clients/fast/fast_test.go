package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gonogo/reports"
)

// TestSpeedChangesNoRow: what is said of a client does not depend on how often it calls, and what is kept of it has an end.
func TestSpeedChangesNoRow(t *testing.T) {
	dir := t.TempDir()
	for name, pkg := range map[string]string{"gonogo": "gonogo/cmd/gonogo", "fast": "."} {
		if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, name), pkg).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	watched := func(mode string) (rows map[string]reports.Outcome, said string) {
		file := filepath.Join(dir, mode+".json")
		cmd := exec.Command(filepath.Join(dir, "gonogo"), "watch", "kitchenhub", "--run", "exec "+filepath.Join(dir, "fast"), "--report", "json="+file)
		cmd.Env = append(os.Environ(), "MODE="+mode)
		out, err := cmd.CombinedOutput()
		var report reports.Report
		text, failed := os.ReadFile(file)
		if failed == nil {
			failed = json.Unmarshal(text, &report)
		}
		if failed != nil {
			t.Fatalf("%v, %v: %s", err, failed, out)
		}
		rows = map[string]reports.Outcome{}
		for _, c := range report.Dialects[0].Cases {
			rows[c.ID] = c.Outcome
		}
		used := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
		t.Logf("%s: %d requests in %.1f s, %d MB at the most", mode, report.Dialects[0].Requests, float64(report.DurationMS)/1000, used>>10)
		if most := int64(1 << 20); used > most {
			t.Errorf("%s: more than %d MB of memory", mode, most>>10)
		}
		return rows, string(out)
	}
	slow, _ := watched("slow")
	fast, said := watched("fast")
	for id, outcome := range slow {
		if fast[id] != outcome {
			t.Errorf("%s is %s of the slow client, and %s of the fast one", id, outcome, fast[id])
		}
	}
	if t.Failed() || len(slow) < 15 {
		t.Logf("%d rows: %s", len(slow), said)
	}
	if _, said := watched("logins"); !strings.Contains(said, "the client made more requests than a watch keeps") && !strings.Contains(said, "GO:") {
		t.Errorf("of a client that logs in for each call: %s", said)
	}
}
