package app_test

import (
	"testing"

	"gonogo/reports"
)

// TestAnAcceptedRequestBreaksOneRow: how a request is refused is a row of its own, which one that got tokens does not break as well.
func TestAnAcceptedRequestBreaksOneRow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ defect, cases, broken, kept string }{
		{"oauth2-code-redirect-missing", "oauth2/authorization-code/redirect-uri-*", "OA-6749-4.1.3-REDIRECT", "OA-6749-5.2-INVALID-GRANT"},
		{"oauth2-grant-type-missing-accepted", "oauth2/client-credentials/grant-type-*", "OA-6749-5.2-ERROR", "OA-6749-3.2.1-CLIENT"},
		{"oauth2-secret-unchecked", "oauth2/client-credentials/*client*", "OA-6749-3.2.1-CLIENT", "OA-6749-5.2-CLIENT"},
		{"oauth2-error-200", "oauth2/client-credentials/*client*", "OA-6749-5.2-CLIENT", "OA-6749-3.2.1-CLIENT"},
	} {
		s := serve(t, "oauth2", "--defect", c.defect)
		o, report := checked(t, "--target", s.file("oauth2"), "--case", c.cases, "--case", "oauth2/audit/refusals-*")
		o.exits(t, 1)
		d := report.Dialects[0]
		if d.OutcomeOf(c.broken) != reports.Fail || d.OutcomeOf(c.kept) == reports.Fail {
			t.Errorf("%s: %s is %s, and %s is %s\n%s", c.defect, c.broken, d.OutcomeOf(c.broken), c.kept, d.OutcomeOf(c.kept), o)
		}
	}
}
