package watch_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gonogo/internal/fakeclock"
	"gonogo/reports"
	"gonogo/suites/watch"
)

// TestAClockThatIsMoved lets clients of other makes, which go by a clock of their own, meet the ends of their tokens. What does not obey is
// named, and not held to them.
func TestAClockThatIsMoved(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dialect, program, run string
		until                 string // the situation in which the client is ended
		row                   string
		outcome               reports.Outcome
		note                  string
	}{
		{"kitchenhub", "python3", "python3 ../../testdata/clients/python/pool.py", "busy-at-end", "KHW-UNIT-1", reports.Pass, ""},
		{"b2b", "node", "node ../../testdata/clients/node/background.mjs", "throttled", "BBW-REFRESH-1", reports.Pass, ""},
		{"b2b", "sh", "env -u GONOGO_CONTROL_URL " + program(t) + " client b2b --store", "busy-at-end", "BBW-REFRESH-1", reports.NotExercised, "whose programs ask the system itself"},
	} {
		t.Run(c.program, func(t *testing.T) {
			t.Parallel()
			if clock, err := fakeclock.New(); err != nil {
				absent(t, err.Error())
			} else {
				clock.Close()
			}
			if _, err := exec.LookPath(c.program); err != nil {
				absent(t, err.Error())
			}
			pid := filepath.Join(t.TempDir(), "pid")
			r := watchedAs(t, c.dialect, "", "", func(config *watch.Config) {
				config.FakeClock = true
				config.Command = fmt.Sprintf("echo $$ >%s; exec %s %s", pid, c.run, filepath.Join(t.TempDir(), "store"))
				config.Hook = fmt.Sprintf(`[ "$GONOGO_SITUATION" != %s ] || kill "$(cat %s)"`, c.until, pid)
			})
			if row := r.Dialects[0].Requirement(c.row); row.Outcome != c.outcome {
				t.Errorf("%s is %s%s", c.row, row.Outcome, findings(r))
			}
			for _, row := range r.Dialects[0].Requirements {
				if row.Outcome == reports.Fail || row.Outcome == reports.Warn {
					t.Errorf("%s is %s%s", row.ID, row.Outcome, findings(r))
				}
			}
			notes := strings.Join(r.Dialects[0].Notes, "\n")
			if strings.Contains(notes, "the client's clock is not moved") != (c.note != "") || !strings.Contains(notes, c.note) {
				t.Errorf("it notes %s", notes)
			}
		})
	}
}

// absent leaves a test out for what this machine does not have. In CI it has all.
func absent(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}
