package load

import (
	"fmt"

	"gonogo/reports"
)

// told is what was asked of a session; the zero value of none.
func told(s *reports.LoadSession) (of reports.LoadSession) {
	if s != nil {
		of = *s
	}
	return of
}

// Unlike says why two load runs are not of one plan, and so say nothing of each other; empty if they are. Where the target is
// does not count.
func Unlike(a, b *reports.LoadRun) string {
	switch {
	case a.Connections == 0 && a.Requests > 0 || b.Connections == 0 && b.Requests > 0:
		return "one of them was sent by another generator, and nobody knows what that was asked for"
	case a.Scenario == "" || b.Scenario == "" || a.Plan == nil || b.Plan == nil:
		return "one of them does not say what its plan was; make it with this version of gonogo"
	case a.Step != nil || b.Step != nil:
		return "one of them is a step of a search for a capacity"
	}
	for _, each := range []struct {
		what string
		a, b any
	}{
		{"dialect", a.Dialect, b.Dialect}, {"document (SHA-256)", shortened(a.Document.SHA256), shortened(b.Document.SHA256)}, {"profile", a.Profile, b.Profile},
		{"scenario", a.Scenario, b.Scenario}, {"shape", a.Shape, b.Shape}, {"protocol", a.Protocol, b.Protocol}, {"number of connections", a.Connections, b.Connections},
		{"duration in ms", a.Plan.DurationMS, b.Plan.DurationMS}, {"warm-up in ms", a.Plan.WarmUpMS, b.Plan.WarmUpMS},
		{"working set", a.Plan.WorkingSet, b.Plan.WorkingSet}, {"pick", a.Plan.Pick, b.Plan.Pick},
		{"session", told(a.Plan.Session), told(b.Plan.Session)},
	} {
		if each.a != each.b {
			return fmt.Sprintf("the %s is %v in one and %v in the other", each.what, each.a, each.b)
		}
	}
	return ""
}

// shortened is enough of a sum to tell two apart.
func shortened(sum string) string { return sum[:min(len(sum), 12)] }
