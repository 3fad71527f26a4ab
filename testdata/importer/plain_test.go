package kitchen_test

import (
	"net/http/httptest"
	"testing"

	kitchen "example.com/kitchen"
	"gonogo/reports"
	"gonogo/suites/engine"
)

// The same cases in a plain test, without a Ginkgo suite.
func TestKitchenPlainly(t *testing.T) {
	k := &kitchen.Kitchen{Clients: clients}
	server := httptest.NewServer(k.Handler())
	defer server.Close()
	plan, target, err := target(server.URL).Plan()
	if err != nil {
		t.Fatal(err)
	}
	result, err := engine.Run(t.Context(), plan, target, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	report := &reports.Report{Dialects: []*reports.Dialect{result}}
	reports.Decide(report, reports.Policy{})
	if report.Verdict != reports.Go {
		_ = reports.WriteTerminal(t.Output(), report, reports.TerminalOptions{})
		t.Errorf("the verdict is %s", report.Verdict)
	}
}
