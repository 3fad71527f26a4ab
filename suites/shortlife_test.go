package suites_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
)

// brief is a server whose access tokens live as long as a test says. It counts what is left in whole minutes, rounded
// up, and its clock can be moved.
type brief struct {
	access, refresh time.Duration
	frozen          bool // what is left never goes down

	mu     sync.Mutex
	ahead  time.Duration
	minted int
	ends   map[string]time.Time // by token
}

func (b *brief) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now().Add(b.ahead)
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	w.Header().Set("Cache-Control", "no-store")
	var in map[string]string
	_ = json.NewDecoder(r.Body).Decode(&in)
	live := func(token, kind string) bool { return strings.HasPrefix(token, kind) && now.Before(b.ends[token]) }
	minutes := func(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) }
	answer := func(status int, body any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
	mint := func(kind string, life time.Duration) string {
		b.minted++
		token := fmt.Sprintf("%s-%d-%d", kind, b.minted, now.UnixNano())
		b.ends[token] = now.Add(life)
		return token
	}
	pair := func() {
		answer(http.StatusOK, map[string]any{
			"access_token": mint("access", b.access), "access_token_expire": minutes(b.access),
			"refresh_token": mint("refresh", b.refresh), "refresh_token_expire": minutes(b.refresh),
		})
	}
	switch path := r.URL.Path; {
	case path == "/advance":
		by, _ := time.ParseDuration(in["by"])
		b.ahead += by
	case path == "/v2/auth/token" && in["client_id"] == "brief" && in["client_secret"] == "Nw4kGranite7pLichen":
		pair()
	case path == "/v2/auth/refresh" && live(in["refresh_token"], "refresh"):
		delete(b.ends, in["refresh_token"])
		pair()
	case path == "/v2/auth/validate" && live(in["access_token"], "access"):
		left := minutes(b.ends[in["access_token"]].Sub(now))
		if b.frozen {
			left = minutes(b.access)
		}
		answer(http.StatusOK, map[string]any{"valid": true, "expires_in": left})
	case path == "/v2/auth/validate":
		answer(http.StatusOK, map[string]any{"valid": false, "expires_in": 0})
	case path == "/v2/orders" && live(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), "access"):
		answer(http.StatusOK, map[string]any{"orders": []any{}})
	default:
		answer(http.StatusUnauthorized, map[string]any{"error": "refused"})
	}
}

// TestShortLifetimesAreJudgedOnTime: a target file can declare lifetimes of which a look comes too late that fits the
// documented ones.
func TestShortLifetimesAreJudgedOnTime(t *testing.T) {
	t.Parallel()
	countdown := []string{"kitchenhub/countdown/counts-down", "kitchenhub/countdown/renewed-counts-down"}
	for _, c := range []struct {
		access, refresh time.Duration
		frozen          bool
		countdown       reports.Outcome
		left            []string // not exercised, or not applicable, beside the countdown
	}{
		{20 * time.Second, 24 * time.Hour, false, reports.NotExercised, nil},
		{90 * time.Second, 24 * time.Hour, false, reports.Pass, nil},
		{time.Minute, 24 * time.Hour, false, reports.NotExercised, nil},
		{time.Minute, 20 * time.Second, false, reports.NotExercised, []string{"access-expiry/refreshed-ends", "access-expiry/renewed-after-it-works", "access-expiry/renewed-late-outlives-it", "refresh-expiry/ends-with-access"}},
		{2 * time.Minute, time.Minute, false, reports.Pass, []string{"access-expiry/refreshed-ends", "access-expiry/renewed-after-it-works", "access-expiry/renewed-late-outlives-it", "refresh-expiry/ends-with-access"}},
		{2 * time.Minute, 24 * time.Hour, true, reports.Fail, nil},
		{3 * time.Minute, 24 * time.Hour, false, reports.Pass, nil},
	} {
		t.Run(fmt.Sprint(c.access, " ", c.refresh, " ", c.frozen), func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(&brief{access: c.access, refresh: c.refresh, frozen: c.frozen, ends: map[string]time.Time{}})
			defer server.Close()
			under, dialect, err := target.Parse("brief.yaml", fmt.Appendf(nil, `
dialect: kitchenhub
base_url: %[1]s
credentials: {primary: {client_id: brief, client_secret: Nw4kGranite7pLichen}}
absent: [second, operator]
clock: {advance: {url: "%[1]s/advance", body: '{"by": "${duration}"}'}}
expect: {access_token_lifetime: %[2]s, refresh_token_lifetime: %[3]s}
`, server.URL, c.access, c.refresh), nil)
			if err != nil {
				t.Fatal(err)
			}
			plan := catalog.PlanAt(dialect, under).Only(func(c engine.Case) bool {
				return slices.ContainsFunc([]string{"/countdown/", "-expiry/", "/lifetimes/", "/refresh-rotation/old", "/validate/documented", "/access-reuse/"},
					func(part string) bool { return strings.Contains(c.ID, part) })
			})
			report, err := engine.Run(t.Context(), []engine.Job{{Plan: plan, Target: under}}, engine.Options{})
			if err != nil {
				t.Fatal(err)
			}
			result := report.Dialects[0]
			if len(result.Cases) < 20 {
				t.Errorf("only %d cases", len(result.Cases))
			}
			for _, got := range result.Cases {
				want := reports.Pass
				if slices.Contains(c.left, strings.TrimPrefix(got.ID, "kitchenhub/")) {
					want = reports.NotApplicable
				}
				if slices.Contains(countdown, got.ID) {
					want = c.countdown
				}
				if got.Outcome != want {
					t.Errorf("%s: %s, wanted %s: %s %+v", got.ID, got.Outcome, want, got.Reason, got.Findings)
				}
			}
		})
	}
}
