package app_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonogo/reports"
)

// What no answer shows by itself, and a history does.
func TestLoadFindsWhatOnlyAHistoryShows(t *testing.T) {
	t.Parallel()
	const returns, older, swapped = "a token works again that had ended", "an answer about a token is older than one before it", "a client was handed the token of another"
	for _, c := range []struct{ defect, scenario, kind, requirement string }{
		{"kitchenhub-refresh-prolongs", "storm", returns, "KH-EXPIRE-1"},
		{"kitchenhub-login-revives-ended", "storm", returns, "KH-EXPIRE-1"},
		{"kitchenhub-validate-expired-true", "storm", returns, "KH-EXPIRE-1"},
		{"kitchenmonki-refresh-prolongs", "storm", returns, "KM-EXPIRE-1"},
		{"b2b-login-revives-revoked", "use", returns, "BB-REVOKE-1"},
		{"pos-refresh-prolongs", "storm", returns, "POS-EXPIRE-1"},
		{"oauth2-revoked-opens", "use", returns, "OA-7009-2.1-REVOKED"},

		{"kitchenhub-replay-forgives", "session", returns, "KH-REFRESH-2"},
		{"kitchenhub-login-revives-former", "refresh", returns, "KH-USE-1"},
		{"b2b-login-revives-former", "refresh", returns, "BB-USE-1"},
		{"kitchenhub-validate-replica-ahead", "validate", older, "KH-VALIDATE-3"},
		{"oauth2-tells-exp-of-another-replica", "validate", older, "OA-7662-2.2-AGREES"},
		{"pos-refresh-crossed", "refresh", swapped, "ANY-UNIQUE"},
		{"oauth2-refresh-crossed", "refresh", swapped, "ANY-UNIQUE"},
	} {
		t.Run(c.defect+" "+c.scenario, func(t *testing.T) {
			t.Parallel()
			dialect, _, _ := strings.Cut(c.defect, "-")
			s := serve(t, dialect, "--defect", c.defect)
			page := filepath.Join(t.TempDir(), "report.html")
			args := []string{"--rate", "200", "--working-set", "40"}
			if c.scenario == "session" { // in which no two refreshes race with a token
				args = []string{"--rate", "40", "--refreshes", "2", "--period", "100ms"}
			}
			o, report, run := loaded(t, slices.Concat(args, []string{"--target", s.file(dialect), "--scenario", c.scenario, "--duration", "500ms", "--report", "html=" + page},
				gateOf(t, dialect, c.requirement))...)
			o.exits(t, 1)
			if len(run.Violations) != 1 {
				t.Errorf("the violations are %+v", run.Violations)
			}
			shows(t, o, run, c.kind, c.requirement)
			against := ""
			for _, v := range run.Violations {
				for _, e := range v.History {
					if e.Against {
						against = e.What
					}
				}
			}
			if html := contents(t, page); against == "" || !strings.Contains(o.stdout, "✗ "+against) || !strings.Contains(html, "the answers that are marked cannot all be true") {
				t.Errorf("the history is not told in\n%s", o)
			}
			schema, _ := schemas(t)
			var whole strings.Builder
			if err := reports.WriteJSON(&whole, report); err != nil {
				t.Fatal(err)
			}
			validates(t, schema, "the report of a history", whole.String())
		})
	}
}
