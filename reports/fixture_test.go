package reports_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gonogo/reports"
	"gonogo/specs"
)

var (
	started = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	today   = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
)

// ended is a case of KH-A-1 with nothing to tell but its outcome.
func ended(id string, o reports.Outcome) reports.Case {
	return reports.Case{ID: id, Title: id, Level: specs.Documented, Requirements: []string{"KH-A-1"}, Outcome: o}
}

// reportOf is a report of one dialect with one documented requirement, whose
// cases ended in these outcomes.
func reportOf(outcomes ...reports.Outcome) *reports.Report {
	d := &reports.Dialect{ID: "kh", Requirements: []reports.Requirement{{ID: "KH-A-1", Level: specs.Documented}}}
	for i, o := range outcomes {
		d.Cases = append(d.Cases, ended("kh/a/"+string(rune('a'+i)), o))
	}
	for i := range d.Cases {
		if c := &d.Cases[i]; c.Outcome == reports.Waived {
			c.Waiver = &reports.AppliedWaiver{Case: c.ID, Outcome: reports.Fail, Reason: "r", Owner: "o", Expires: "2027-01-31"}
		}
	}
	return &reports.Report{Dialects: []*reports.Dialect{d}}
}

// sample is a report with something of everything, decided.
func sample() *reports.Report {
	curl := `curl -X POST http://127.0.0.1:8080/v2/auth/refresh -d '{"refresh_token":"‹refresh 3f2a›"}'`
	kh := &reports.Dialect{
		ID:       "kitchenhub",
		Document: reports.Document{Title: "Kitchenhub Auth API", Version: "2.1.0", SHA256: strings.Repeat("ab", 32)},
		Target:   reports.Target{BaseURL: "http://127.0.0.1:8080"},
		WaitedMS: 2000, Requests: 412,
		Requirements: []reports.Requirement{
			{ID: "KH-ISSUE-1", Level: specs.Documented, Where: "Token creation", Text: "POST /v2/auth/token with JSON client_id and client_secret succeeds with both tokens and both lifetimes"},
			{ID: "KH-REFRESH-2", Level: specs.Documented, Where: "Refresh", Text: "the old refresh token is invalid after a refresh"},
			{ID: "KH-EXPIRE-1", Level: specs.Documented, Text: "after access_token_expire minutes the access token is dead"},
			{ID: "KH-SECRET-1", Level: specs.Documented, Text: "a regenerated secret works"},
			{ID: "ANY-5XX", Level: specs.Standard, Text: "no request is answered with a 5xx"},
			{ID: "ANY-CACHE", Level: specs.Practice, Text: "token answers say no-store"},
		},
		Cases: []reports.Case{
			{ID: "kitchenhub/issue/success", Title: "an issue succeeds", Level: specs.Documented, Requirements: []string{"KH-ISSUE-1"}, Polarity: reports.Positive, Outcome: reports.Pass, DurationMS: 3},
			{
				ID: "kitchenhub/refresh-rotation/old-token-refused", Title: "the old refresh token is refused after a refresh", Level: specs.Documented,
				Requirements: []string{"KH-REFRESH-2"}, Polarity: reports.Negative, Outcome: reports.Fail, DurationMS: 4,
				Findings: []reports.Finding{
					{Requirement: "KH-REFRESH-2", Sent: "POST /v2/auth/refresh with the old refresh token", Wanted: "a 4xx, and no token in it", Got: "200 with an access_token", Where: "specs/kitchenhub.yaml:88", Exchange: new(0)},
					{Sent: "POST /v2/auth/refresh with the old refresh token", Wanted: "no token in the answer", Got: "an access_token at /access_token", Where: "specs/kitchenhub.yaml:88", Exchange: new(0)},
				},
				Exchanges: []reports.Exchange{{
					AtMS: 812, DurationMS: 1, Curl: curl,
					Request:  reports.Request{Method: "POST", URL: "http://127.0.0.1:8080/v2/auth/refresh", Headers: map[string][]string{"Content-Type": {"application/json"}}, Body: `{"refresh_token":"‹refresh 3f2a›"}`},
					Response: reports.Response{Status: 200, Body: strings.Repeat("ü", 5000)},
				}},
			},
			{ID: "kitchenhub/expiry/access-dead", Title: "the access token is dead after its lifetime", Level: specs.Documented, Requirements: []string{"KH-EXPIRE-1"}, Needs: []string{"time"}, Outcome: reports.NotExercised, Reason: "a wait of 1h0m6s; --max-wait grants 45s"},
			{ID: "kitchenhub/secret/old-secret-refused", Title: "the old secret is refused", Level: specs.Documented, Requirements: []string{"KH-SECRET-1"}, Needs: []string{"operator"}, Outcome: reports.CouldNotRun, Reason: "operator.rotate_secret answered 502"},
			{ID: "kitchenhub/secret/new-secret-works", Title: "the new secret works", Level: specs.Documented, Requirements: []string{"KH-SECRET-1"}, Needs: []string{"operator"}, Outcome: reports.CouldNotRun, Reason: "operator.rotate_secret answered 502"},
			{
				ID: "kitchenhub/headers/no-store", Title: "token answers say no-store", Level: specs.Practice, Requirements: []string{"ANY-CACHE"}, Outcome: reports.Warn,
				Findings: []reports.Finding{{Sent: "POST /v2/auth/token", Wanted: "Cache-Control: no-store", Got: "no Cache-Control", Where: "specs/common/requirements.yaml:9"}},
			},
			{
				ID: "kitchenhub/robust/nul-byte", Title: "a NUL byte is refused", Level: specs.Standard, Requirements: []string{"ANY-5XX"}, Outcome: reports.Waived,
				Findings: []reports.Finding{{Sent: "a NUL byte", Wanted: "no 5xx", Got: "500", Where: "specs/common/requirements.yaml:5"}},
				Waiver:   &reports.AppliedWaiver{Case: "kitchenhub/robust/*", Outcome: reports.Fail, Reason: "fixed in the next release", Issue: "https://tracker/7", Owner: "ana", Expires: "2027-01-31", Where: "waivers.yaml:1"},
			},
		},
		Deviations: []string{"access_token_lifetime is 30m where the document says 1h"},
		Notes:      []string{"the target's clock is 3s behind"},
		Checklist: []reports.ChecklistItem{
			{Item: "token creation", Requirements: []string{"KH-ISSUE-1"}},
			{Item: "refresh", Requirements: []string{"KH-ISSUE-1", "KH-REFRESH-2"}},
			{Item: "graceful expiry", Requirements: []string{"KH-ISSUE-1", "KH-EXPIRE-1"}},
		},
	}
	r := &reports.Report{
		Tool: reports.Tool{Name: "gonogo", Version: "1.0.0", Commit: "0123abc"}, Started: started, DurationMS: 3456, Seed: 7,
		Dialects: []*reports.Dialect{kh},
	}
	reports.Decide(r, reports.Policy{})
	return r
}

// two is sample with a second, healthy dialect and a load run.
func two() *reports.Report {
	r := sample()
	r.Dialects = append(r.Dialects, &reports.Dialect{
		ID: "pos", Document: reports.Document{Title: "Point of Sale", Version: "1"}, Target: reports.Target{BaseURL: "http://127.0.0.1:8083"}, Requests: 1,
		Requirements: []reports.Requirement{{ID: "POS-USER-1", Level: specs.Documented, Text: "a user can be created"}},
		Cases:        []reports.Case{{ID: "pos/user/created", Title: "a user is created", Level: specs.Documented, Requirements: []string{"POS-USER-1"}, Outcome: reports.Pass}},
	})
	r.Load = []*reports.LoadRun{{Dialect: "pos", Scenario: "issue", Verdict: reports.Go, Complete: true}}
	reports.Decide(r, reports.Policy{Strict: true})
	return r
}

func asJSON(t *testing.T, r *reports.Report) string {
	t.Helper()
	var b strings.Builder
	if err := reports.WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func temporary(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "waivers.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
