package app_test

import (
	"strings"
	"testing"

	"gonogo/reports"
)

// TestConnectionsThatCloseUnderRequestsAreTold: a server may close an idle connection just then, so it is no finding. One that drops what it was
// asked, and answers when it is asked again, looks alike.
func TestConnectionsThatCloseUnderRequestsAreTold(t *testing.T) {
	t.Parallel()
	for _, serving := range [][]string{{"kitchenhub"}, {"kitchenhub", "--liberty", "kitchenhub-drops-idle"}} {
		o := gonogo(t, "check", "--target", serve(t, serving...).file("kitchenhub"))
		o.exits(t, reports.ExitGo)
		if is := strings.Contains(oneLine(o), "requests were sent a second time, because the target closed the connection under them"); is != (len(serving) > 1) {
			t.Error(o)
		}
	}
}
