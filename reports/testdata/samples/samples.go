// Package samples has reports for the tests of all forms.
package samples

import (
	"fmt"
	"strings"
	"time"

	"gonogo/reports"
	"gonogo/specs"
)

// Started is when the samples began.
var Started = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// Case is a case of KH-A-1 with nothing to tell but its outcome.
func Case(id string, o reports.Outcome) reports.Case {
	return reports.Case{ID: id, Title: id, Level: specs.Documented, Requirements: []string{"KH-A-1"}, Outcome: o}
}

// Of is a report of one dialect with one documented requirement, whose
// cases ended in these outcomes.
func Of(outcomes ...reports.Outcome) *reports.Report {
	d := &reports.Dialect{ID: "kh", Requirements: []reports.Requirement{{ID: "KH-A-1", Level: specs.Documented}}}
	for i, o := range outcomes {
		d.Cases = append(d.Cases, Case("kh/a/"+string(rune('a'+i)), o))
	}
	for i := range d.Cases {
		if c := &d.Cases[i]; c.Outcome == reports.Waived {
			c.Waiver = &reports.AppliedWaiver{Case: c.ID, Outcome: reports.Fail, Reason: "r", Owner: "o", Expires: "2027-01-31"}
		}
	}
	return &reports.Report{Dialects: []*reports.Dialect{d}}
}

// Report is a report with something of everything, decided.
func Report() *reports.Report {
	curl := `curl -X POST http://127.0.0.1:8080/v2/auth/refresh -d '{"refresh_token":"‹refresh 3f2a›"}'`
	kh := &reports.Dialect{
		ID: "kitchenhub",
		Document: reports.Document{Title: "Kitchenhub Auth API", Version: "2.1.0", SHA256: strings.Repeat("ab", 32), Coverage: []reports.Section{
			{Heading: "Token creation", Rows: []string{"KH-ISSUE-1"}, Unjudged: []reports.Statement{{Text: "the secret is kept safe", Reason: specs.ReasonClient}}},
			{Heading: "Refresh", Rows: []string{"KH-REFRESH-2", "KH-REFRESH-9"}},
			{Text: "RFC 6749", Heading: "6. Refreshing an Access Token", Rows: []string{"KH-REFRESH-2"}},
			{Heading: "Welcome", Unjudged: []reports.Statement{{Text: "the API is easy to use", Reason: specs.ReasonOpinion}}},
		}},
		Target: reports.Target{BaseURL: "http://127.0.0.1:8080"},
		Threats: []reports.Threat{
			{ID: "RFC6819-4.6.3", Text: "an access token is guessed", Rows: []string{"KH-ISSUE-1"}},
			{ID: "RFC9700-4.14", Text: "a used refresh token goes on giving tokens", Rows: []string{"KH-REFRESH-2", "KH-ISSUE-1"}},
			{ID: "RFC9700-4.10", Text: "a stolen access token works for whoever has it"},
		},
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
		Tool: reports.Tool{Name: "gonogo", Version: "1.0.0", Commit: "0123abc"}, Started: Started, DurationMS: 3456, Seed: 7,
		Dialects: []*reports.Dialect{kh},
	}
	reports.Decide(r, reports.Policy{})
	return r
}

// Two is sample with a second, healthy dialect and a load run.
func Two() *reports.Report {
	r := Report()
	r.Dialects = append(r.Dialects, &reports.Dialect{
		ID: "pos", Document: reports.Document{Title: "Point of Sale", Version: "1"}, Target: reports.Target{BaseURL: "http://127.0.0.1:8083"}, Requests: 1,
		Requirements: []reports.Requirement{{ID: "POS-USER-1", Level: specs.Documented, Text: "a user can be created"}},
		Cases:        []reports.Case{{ID: "pos/user/created", Title: "a user is created", Level: specs.Documented, Requirements: []string{"POS-USER-1"}, Outcome: reports.Pass}},
	})
	r.Load = []*reports.LoadRun{{Dialect: "pos", Scenario: "issue", Verdict: reports.Go, Complete: true}}
	reports.Decide(r, reports.Policy{Strict: true})
	return r
}

// Waiver waives what fails, long after the samples began.
func Waiver(glob string) reports.Waiver {
	return reports.Waiver{Case: glob, Outcome: reports.Fail, Reason: "known", Owner: "ana", Expires: "2027-01-31", Where: "waivers.yaml:1"}
}

// Variety is reports of every shape.
func Variety() map[string]*reports.Report {
	empty, interrupted := &reports.Report{}, Of(reports.Pass, reports.Fail)
	interrupted.Interrupted = "interrupted by the user"
	problems := Of(reports.Pass)
	reports.ApplyWaivers(problems, []reports.Waiver{Waiver("kh/*"), Waiver("none")}, nil, nil, Started)
	twice := Of(reports.Pass)
	twice.Dialects = append(twice.Dialects, Of(reports.Fail).Dialects...)
	all := Of(reports.Outcomes()...)
	reports.Decide(all, reports.Policy{Gate: specs.Practice, Strict: true})
	for _, r := range []*reports.Report{empty, interrupted, problems, twice} {
		reports.Decide(r, reports.Policy{})
	}
	return map[string]*reports.Report{"sample": Report(), "two dialects": Two(), "empty": empty, "interrupted": interrupted, "waiver problems": problems, "one dialect twice": twice, "every outcome": all, "watched": Watched()}
}

// Markup is a text that tries to be markup in every form.
const Markup = `<script>alert(1)</script><img src=x onerror=alert(2)>"'--></style></title></details></pre><!-- ` + "\x1b[31m\u202e{{.}}`"

// Hostile is a report in which whatever a target, a document or a file can choose tries to be markup.
func Hostile() *reports.Report {
	r := Report()
	d := r.Dialects[0]
	d.Target.BaseURL, d.Document.Title, d.Notes = "http://h/"+Markup, Markup, []string{Markup}
	d.Requirements[1].Text, d.Requirements[1].Where = Markup, Markup
	d.Checklist[0].Item, d.Threats[0].Text, d.Threats[1].ID = Markup, Markup, Markup
	d.Document.Coverage[0].Heading, d.Document.Coverage[0].Unjudged[0].Text = Markup, Markup
	d.Cases[3].Reason, d.Cases[4].Reason = Markup, Markup
	w := *d.Cases[6].Waiver
	w.Reason, w.Issue, w.Owner = Markup, "javascript:alert(1)", Markup
	d.Cases[6].Waiver = &w
	c := &d.Cases[1]
	c.Title = Markup
	c.Findings[0] = reports.Finding{Sent: Markup, Wanted: Markup, Got: Markup, Where: Markup, Exchange: new(0)}
	c.Exchanges = []reports.Exchange{{
		Curl: Markup, Request: reports.Request{Method: "POST", URL: "javascript:" + Markup, Headers: map[string][]string{"X": {Markup}}, Body: Markup},
		Response: reports.Response{Status: 200, Headers: map[string][]string{Markup: {Markup}}, Body: Markup + strings.Repeat("\n"+Markup, 20)},
	}}
	reports.Decide(r, reports.Policy{})
	return r
}

// Large is a report of n cases that ended in an outcome, with exchanges that have the longest bodies there are.
func Large(n int, o reports.Outcome) *reports.Report {
	d := &reports.Dialect{ID: "kh", Target: reports.Target{BaseURL: "http://127.0.0.1:1"}}
	for i := range 40 {
		d.Requirements = append(d.Requirements, reports.Requirement{ID: fmt.Sprintf("KH-A-%d", i), Level: specs.Documented, Text: strings.Repeat("what it says ", 8), Where: "specs/kh.yaml:1"})
	}
	for i := range n {
		c := reports.Case{ID: fmt.Sprintf("kh/flow-%d/case-with-a-name-%d", i%20, i), Title: strings.Repeat("a title of usual length ", 3), Level: specs.Documented, Requirements: []string{fmt.Sprintf("KH-A-%d", i%40)}, Outcome: o}
		for j := range 3 {
			c.Exchanges = append(c.Exchanges, reports.Exchange{Curl: fmt.Sprintf("curl 'http://127.0.0.1:1/%d/%d'", i, j), Request: reports.Request{Method: "GET", URL: "http://127.0.0.1:1/"}, Response: reports.Response{Status: 200, Body: strings.Repeat("b", reports.BodyLimit)}})
		}
		if o == reports.Fail {
			c.Findings = []reports.Finding{{Sent: "s", Wanted: "w", Got: "g", Where: "specs/kh.yaml:1", Exchange: new(1)}}
		}
		d.Cases = append(d.Cases, c)
	}
	r := &reports.Report{Started: Started, Dialects: []*reports.Dialect{d}}
	reports.Decide(r, reports.Policy{})
	return r
}
