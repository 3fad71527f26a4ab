package app_test

import (
	"strings"
	"testing"

	"gonogo/reports"
)

// TestAClockThatDoctorMoved: a target whose Date does not tell that its clock was moved is not blamed for it; doctor says so first.
func TestAClockThatDoctorMoved(t *testing.T) {
	t.Parallel()
	const anew = "all moments in the answer are 3s later than documented, and its Date does not follow the clock control"
	for _, c := range []struct {
		name   string
		serve  []string
		doctor bool
		exit   int
		says   string
	}{
		{"nobody moved it", []string{"--liberty", "b2b-date-stands"}, false, reports.ExitGo, "GO: "},
		{"doctor moved it", []string{"--liberty", "b2b-date-stands"}, true, reports.ExitIncomplete, anew},
		{"doctor moved it, and Date tells", nil, true, reports.ExitGo, "GO: "},
		{"both ends are late by as much, and Date tells", []string{"--defect", "b2b-times-local"}, true, reports.ExitNoGo, "which is 3h0m"},
		{"one end is late", []string{"--liberty", "b2b-date-stands", "--defect", "b2b-access-two-hours"}, false, reports.ExitNoGo, "which is 2h0m0s after"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := serve(t, append([]string{"b2b"}, c.serve...)...).file("b2b")
			if c.doctor {
				o := gonogo(t, "doctor", file)
				o.exits(t, reports.ExitGo)
				if told := strings.Contains(oneLine(o), "start the target anew before one"); told != (c.says == anew) {
					t.Error(o)
				}
			}
			o := gonogo(t, "check", "--target", file, "--case", "b2b/lifetimes/*", "--quiet")
			o.exits(t, c.exit)
			if !strings.Contains(oneLine(o), c.says) {
				t.Error(o)
			}
		})
	}
}
