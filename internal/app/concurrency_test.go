package app_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gonogo/reports"
)

// sideBySide checks one target twice at once.
func sideBySide(t *testing.T, file string, args ...string) (one, other *reports.Report) {
	t.Helper()
	dir := t.TempDir()
	var runs [2]outcome
	var both sync.WaitGroup
	for i, name := range []string{"one.json", "other.json"} {
		both.Go(func() {
			runs[i] = gonogoIn(t.Context(), nil, append([]string{"check", "--target", file, "--report", "json=" + filepath.Join(dir, name)}, args...)...)
		})
	}
	both.Wait()
	for _, o := range runs {
		o.exits(t, 0)
	}
	return reportIn(t, filepath.Join(dir, "one.json")), reportIn(t, filepath.Join(dir, "other.json"))
}

func TestTwoRunsAtOnceDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	s := serve(t, "--control", "off")
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			file := edited(t, s.file(dialect), func(f fields) {
				if settings, ok := f["settings"].(fields); ok { // one logout ends the sessions of both runs
					delete(settings, "revoke_path")
				}
			})
			one, other := sideBySide(t, file, "--max-wait", "1s")
			sameVerdicts(t, "two runs at once", one, other)
			for _, d := range one.Dialects {
				if d.WaitedMS > 1000 || d.Counts.NotExercised < 3 {
					t.Errorf("it waited %d ms, and %d cases were not exercised", d.WaitedMS, d.Counts.NotExercised)
				}
			}
		})
	}
}

func TestTwoRunsAtOnceWithRealWaits(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the 30 seconds of a code, for real")
	}
	s := serve(t, "kitchenmonki", "--control", "off")
	one, other := sideBySide(t, s.file("kitchenmonki"))
	sameVerdicts(t, "two runs at once", one, other)
	all := verdicts(one)
	if all["kitchenmonki KM-CODE-2"] != reports.Pass || all["kitchenmonki KM-EXPIRE-1"] != reports.NotExercised {
		t.Errorf("the code's 30 seconds are %s and the token's hour is %s", all["kitchenmonki KM-CODE-2"], all["kitchenmonki KM-EXPIRE-1"])
	}
	if waited := one.Dialects[0].WaitedMS; waited < 25_000 || waited > 45_000 {
		t.Errorf("it waited %d ms", waited)
	}
	for _, c := range one.Dialects[0].Cases {
		if c.ID == "kitchenmonki/access-expiry/dead-for-use" && c.Reason != "it takes a wait of 1h1m5s; limits.max_wait is 45s and the target has no clock control" {
			t.Errorf("the reason is %q", c.Reason)
		}
	}
}

func TestTwoRunsThatMoveOneClockBlameNobody(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenhub")
	file := edited(t, s.file("kitchenhub"), func(f fields) { delete(f, "operator") }) // of which there is one, too
	for range 5 {
		var runs [2]outcome
		var both sync.WaitGroup
		for i := range runs {
			both.Go(func() { runs[i] = gonogoIn(t.Context(), nil, "check", "--target", file) })
		}
		both.Wait()
		for _, o := range runs {
			if o.code != 0 && o.code != 3 {
				t.Fatalf("go or incomplete is wanted, not\n%s", o)
			}
			if o.code == 3 && !strings.Contains(strings.Join(strings.Fields(o.stdout), " "), "does another run use the same clock control?") {
				t.Fatalf("it does not say why:\n%s", o)
			}
		}
	}
}

// TestALoadWhoseClockSomebodyElseMoves: a check that runs beside a load ends the tokens that the load holds, which is no
// fault of the target. Tokens that die early by themselves are one.
func TestALoadWhoseClockSomebodyElseMoves(t *testing.T) {
	t.Parallel()
	for _, scenario := range []string{"validate", "use", "refresh", "mix"} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			s := serve(t, "kitchenhub")
			var seen atomic.Int64
			proxy := proxyTo(t, s.api, "")
			front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if seen.Add(1) == 300 {
					s.advance(t, 400*time.Hour)
				}
				proxy.ServeHTTP(w, r)
			}))
			t.Cleanup(front.Close)
			target := edited(t, s.file("kitchenhub"), func(f fields) { f["base_url"] = front.URL; delete(f, "servers") })
			o := gonogo(t, "load", "--target", target, "--scenario", scenario, "--rate", "200", "--duration", "2s", "--working-set", "40", "--connections", "4")
			o.exits(t, 3)
			if said := strings.Join(strings.Fields(o.stdout), " "); !strings.Contains(said, "does another run use the same clock control?") || !strings.Contains(said, "ahead of where this run has moved it") {
				t.Errorf("it does not say why:\n%s", o)
			}
		})
	}
}
