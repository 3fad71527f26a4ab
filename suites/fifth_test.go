package suites_test

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gonogo/internal/target"
	"gonogo/reports"
	"gonogo/specs"
	"gonogo/suites/catalog"
	"gonogo/suites/engine"
	"gonogo/testdata/fifth"
)

// gauge runs the whole plan against the fifth dialect's server: a dialect that the harness knows only from its
// document.
func gauge(t *testing.T, o fifth.Options, gate specs.Level, only ...func(engine.Case) bool) *reports.Report {
	t.Helper()
	server, err := fifth.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	return gaugeAt(t, server, gate, only...)
}

// gaugeAt checks a server that may have a history.
func gaugeAt(t *testing.T, server *fifth.Server, gate specs.Level, only ...func(engine.Case) bool) *reports.Report {
	t.Helper()
	document, err := filepath.Abs("../" + fifth.DocumentPath)
	if err != nil {
		t.Fatal(err)
	}
	tg, d, err := target.Parse("pantry-target.yaml", []byte(fifth.TargetYAML(server, document)), nil)
	if err != nil {
		t.Fatal(err)
	}
	plan := catalog.PlanAt(d, tg)
	for _, some := range only {
		plan = plan.Only(some)
	}
	report, err := engine.Run(context.Background(), []engine.Job{{Plan: plan, Target: tg}}, engine.Options{Seed: 1, Policy: reports.Policy{Gate: gate}})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestFifthDialectNeedsNoGo(t *testing.T) {
	t.Parallel()
	report := gauge(t, fifth.Options{}, specs.Standard)
	complain(t, report.Dialects[0])
	if report.Verdict != reports.Go {
		t.Errorf("the verdict is %s, want go", report.Verdict)
	}
}

// complain prints every case that did not pass, with what it found.
func complain(t *testing.T, d *reports.Dialect) {
	t.Helper()
	for _, c := range d.Cases {
		carried := strings.Contains(c.ID, "/page-carries-") && c.Outcome == reports.NotApplicable // its page has nothing to change
		named := strings.HasSuffix(c.ID, "/names-second") && c.Outcome == reports.NotApplicable   // nor does an answer of its name an account
		if c.Outcome != reports.Pass && c.Outcome != reports.NotExercised && !carried && !named {
			t.Errorf("%s: %s %s %+v", c.ID, c.Outcome, c.Reason, c.Findings)
		}
	}
}

func TestFifthDialectFaultsAreCaught(t *testing.T) {
	t.Parallel()
	for _, v := range fifth.Violations {
		t.Run(string(v.Fault), func(t *testing.T) {
			t.Parallel()
			report := gauge(t, fifth.Options{Faults: []fifth.Fault{v.Fault}}, specs.Practice, func(c engine.Case) bool {
				return strings.HasPrefix(v.Requirement, "ANY-") || slices.Contains(c.Requirements, v.Requirement) // an audit looks at what others sent
			})
			if !slices.ContainsFunc(report.Dialects[0].Cases, func(c reports.Case) bool {
				return c.Outcome == reports.Fail && slices.Contains(c.Requirements, v.Requirement)
			}) {
				t.Errorf("no case of %s failed", v.Requirement)
			}
		})
	}
}

// A token that is handed out again has less of its life left, whichever grant hands it out: one from before the run, and
// on a slow machine one of the run's own.
func TestFifthDialectMayHandOutOldTokens(t *testing.T) {
	t.Parallel()
	server, err := fifth.Start(fifth.Options{Liberties: []fifth.Liberty{fifth.CachedAccess}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	form := url.Values{"grant_type": {"password"}, "username": {fifth.Keeper.Name}, "password": {fifth.Keeper.Password}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL()+"/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(fifth.Primary.ID, fifth.Primary.Secret)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		t.Fatal(response.Status)
	}
	server.Advance(3 * time.Minute)
	report := gaugeAt(t, server, specs.Standard)
	if report.Verdict != reports.Go {
		complain(t, report.Dialects[0])
		t.Errorf("the verdict is %s, want go", report.Verdict)
	}
}

func TestFifthDialectLibertiesPass(t *testing.T) {
	t.Parallel()
	for _, liberty := range fifth.LibertyList {
		t.Run(string(liberty), func(t *testing.T) {
			t.Parallel()
			report := gauge(t, fifth.Options{Liberties: []fifth.Liberty{liberty}}, specs.Standard)
			if report.Verdict != reports.Go {
				complain(t, report.Dialects[0])
				t.Errorf("the verdict is %s, want go", report.Verdict)
			}
		})
	}
}
