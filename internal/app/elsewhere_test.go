package app_test

import (
	"slices"
	"strings"
	"testing"

	"gonogo/reports"
	"gonogo/specs"
)

// What servers that nobody here wrote showed of the harness itself, where no defect or liberty shows it.

// TestNothingPassesOnATokenThatWasNotHandedOut: a refusal of nothing is no refusal of somebody else's token.
func TestNothingPassesOnATokenThatWasNotHandedOut(t *testing.T) {
	t.Parallel()
	for liberty, cases := range map[string][]string{
		"oauth2-code-no-refresh": {
			"oauth2/client-binding/*", "oauth2/refresh-rotation/*", "oauth2/renewal/*", "oauth2/refresh-token/*-refresh", "oauth2/scope/renewed-*",
			"oauth2/introspection/refresh-*", "oauth2/revocation/*refresh*", "oauth2/use/refresh-as-access", "oauth2/authorization-code/refresh-as-code",
		},
		"oauth2-refresh-not-repeated": {"oauth2/client-binding/other-client-renewed", "oauth2/refresh-rotation/*", "oauth2/renewal/new-refresh-works"},
	} {
		t.Run(liberty, func(t *testing.T) {
			t.Parallel()
			s := serve(t, "oauth2", "--liberty", liberty)
			args := []string{"--target", s.file("oauth2")}
			for _, glob := range cases {
				args = append(args, "--case", glob)
			}
			_, report := checked(t, args...)
			for _, c := range report.Dialects[0].Cases {
				if c.Outcome != reports.NotApplicable {
					t.Errorf("%s is %s: %s", c.ID, c.Outcome, c.Reason)
				}
			}
		})
	}
}

// A redirect that carries an error says which, where a case cannot go on for it.
func TestARedirectIsToldWithItsError(t *testing.T) {
	t.Parallel()
	target := edited(t, serve(t, "oauth2").file("oauth2"), func(f fields) {
		f["settings"] = fields{"parameters": fields{"authorize": fields{"scope": "nobody knows it"}}}
	})
	_, report := checked(t, "--target", target, "--case", "oauth2/code-use/second-exchange")
	if c := report.Dialects[0].Cases[0]; c.Outcome == reports.Pass || !strings.Contains(told(c), `error="invalid_scope"`) {
		t.Errorf("%s is %s, and is told %s", c.ID, c.Outcome, told(c))
	}
}

// told is what a case says of how it ended.
func told(c reports.Case) string {
	all := c.Reason
	for _, f := range c.Findings {
		all += " " + f.Got
	}
	return all
}

// codeGrantAlone is a document whose tokens come of a user's consent and nothing else.
func codeGrantAlone(t *testing.T) string {
	t.Helper()
	_, document, err := specs.Open("kitchenmonki")
	if err != nil {
		t.Fatal(err)
	}
	text := string(document)
	from, to := strings.Index(text, "          - id: issue\n"), strings.Index(text, "          - id: exchange\n")
	if from < 0 || to < from {
		t.Fatal("the document has no grant of its own for credentials")
	}
	rest := strings.SplitAfter(text[:from]+text[to:], "\n")
	return strings.Join(slices.DeleteFunc(rest, func(line string) bool { // flows of that grant
		return strings.Contains(line, "grant: issue}") || strings.Contains(line, "{flow: kind,")
	}), "")
}

// Tokens that come of codes are had twice by two codes.
func TestTwoIssuesOfACodeGrantAlone(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenmonki")
	alone := written(t, "alone.yaml", strings.Replace(codeGrantAlone(t), "  flows:\n", "  flows:\n    - {flow: uniqueness, requirement: KM-CODE-1}\n", 1))
	target := edited(t, s.file("kitchenmonki"), func(f fields) {
		f["dialect"] = alone
		f["consent"] = fields{"mode": "form"}
	})
	o, report := checked(t, "--target", target, "--case", "kitchenmonki/uniqueness/*")
	o.exits(t, 0)
	if passed := report.Dialects[0].Counts.Pass; passed != 3 {
		t.Errorf("%d of the three cases passed\n%s", passed, o)
	}
}
