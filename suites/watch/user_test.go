package watch_test

import (
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gonogo/internal/chromium"
	"gonogo/internal/reserve"
	"gonogo/reports"
	"gonogo/suites/watch"
)

// shown is one Chromium for all tests; whoever needs it is skipped where there is none, but in CI.
var shown = sync.OnceValue(func() *chromium.Browser { return chromium.New(os.LookupEnv) })

// visited is what a watch of a client with users comes to.
func visited(t *testing.T, dialect, arguments, until string) *reports.Report {
	t.Helper()
	if why := shown().Missing(); why != "" {
		if in, _ := strconv.ParseBool(os.Getenv("CI")); in {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	at, release, err := reserve.Address()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	return watchedAs(t, dialect, "exec", arguments+" --page "+at, func(c *watch.Config) {
		c.Page, c.Browser, c.Browses, c.Until = &url.URL{Scheme: "http", Host: at, Path: "/login"}, shown(), true, until
	})
}

func TestNoGoodClientWithUsersIsAccused(t *testing.T) {
	for style, exercised := range map[string][]string{
		"web":   {"KMW-CODE-1", "KMW-CODE-2", "KMW-CODE-3", "KMW-STATE-1", "KMW-EXPIRE-1", "KMW-REFRESH-1"},
		"popup": {"KMW-POPUP-1", "KMW-POPUP-2", "KMW-STATE-1", "KMW-EXPIRE-1", "KMW-REFRESH-1"},
	} {
		t.Run(style, func(t *testing.T) {
			t.Parallel()
			r := visited(t, "kitchenmonki", "--style "+style, "")
			if rows := wrong(r); len(rows) > 0 || r.Verdict != reports.Go {
				t.Errorf("it is %s, for %v%s", r.Verdict, rows, findings(r))
			}
			for _, id := range exercised {
				if row := r.Dialects[0].Requirement(id); row.Outcome != reports.Pass {
					t.Errorf("%s is %s%s", id, row.Outcome, findings(r))
				}
			}
		})
	}
}

func TestAPopupIsJudged(t *testing.T) {
	for fault, row := range map[string]string{"popup-without-window": "KMW-POPUP-1", "takes-messages-from-anywhere": "KMW-POPUP-2"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			r := visited(t, "kitchenmonki", "--fault "+fault, row)
			if rows := wrong(r); !slices.Contains(rows, row) || len(rows) > 1 {
				t.Errorf("it is %s, for %v, and not for %s%s", r.Verdict, rows, row, findings(r))
			}
			if all := findings(r); strings.Contains(all, "forged-") {
				t.Errorf("it quotes a code: %s", all)
			}
		})
	}
}
