package watch_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"testing"

	"gonogo/reports"
	"gonogo/suites/watch"
)

// TestAClientInAHurry comes to the same rows as one that takes its time, a good one and a broken one, and its report is no longer for it. How
// often it calls is the machine's affair: it would 5,000 times a second, and waits for each answer.
func TestAClientInAHurry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, arguments, wrong string }{
		{"good", "--style eager", ""},
		{"broken", "--fault keeps-first-refresh", "KHW-STORE-1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rows, length, requests := [2]map[string]reports.Outcome{}, [2]int{}, [2]int{}
			done := make(chan bool)
			for i, pace := range []string{"100ms", "200us"} {
				go func() {
					defer func() { done <- true }()
					pid := filepath.Join(t.TempDir(), "pid")
					r := watchedAs(t, "kitchenhub", "echo $$ >"+pid+"; exec", c.arguments+" --pace "+pace, func(config *watch.Config) {
						config.Hook = fmt.Sprintf(`[ "$GONOGO_SITUATION" != refresh-lost ] || { kill "$(cat %[1]s)"; tail --pid="$(cat %[1]s)" -f /dev/null; }`, pid)
					})
					rows[i] = map[string]reports.Outcome{}
					for _, row := range r.Dialects[0].Requirements {
						rows[i][row.ID] = row.Outcome
					}
					text, _ := json.Marshal(r)
					length[i], requests[i] = len(text), r.Dialects[0].Requests
				}()
			}
			<-done
			<-done
			t.Logf("%d requests in a report of %d bytes, and %d in one of %d", requests[0], length[0], requests[1], length[1])
			if !maps.Equal(rows[0], rows[1]) {
				t.Errorf("in a hurry it comes to %v, and else to %v", rows[1], rows[0])
			}
			for id, outcome := range rows[1] {
				if (outcome == reports.Fail || outcome == reports.Warn) != (id == c.wrong) {
					t.Errorf("%s is %s", id, outcome)
				}
			}
			if c.wrong == "" && length[1] > 2*length[0] {
				t.Errorf("the report is %d bytes long, and else %d", length[1], length[0])
			}
		})
	}
}
