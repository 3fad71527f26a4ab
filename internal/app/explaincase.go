package app

import (
	"slices"
	"strings"

	"gonogo/internal/spell"
	"gonogo/internal/target"
	"gonogo/suites/engine"
)

func (e *explainer) testCase(plan *engine.Plan, c engine.Case) {
	d := plan.Dialect
	e.printf("%s, a case of %s\n  %s\n  promised at %s\n  %s\n", c.ID, d.Title, c.Title, c.At, when[c.Phase])
	if claims := claimed(c.Claims); claims != "" {
		e.printf("  %s\n", claims)
	}
	e.printf("\nchecks\n")
	for _, id := range c.Requirements {
		row, _ := d.Requirement(id)
		e.printf("  %s (%s)\n    %s\n", id, row.Level, row.Text)
	}
	if len(c.Needs) > 0 {
		e.printf("\nneeds\n")
		for _, need := range c.Needs {
			e.printf("  %-10s %s\n", need, needMeans[need])
		}
	}
	e.printf("\nrun it: %s\n", e.check(d.ID, "--case", c.ID, "--trace", c.ID))
	for _, q := range e.defects {
		if q.Dialect == d.ID && slices.Contains(c.Requirements, q.Requirement) {
			e.printf("see %s broken: gonogo prove %s --defect %s --verbose\n", q.Requirement, d.ID, q.ID)
			break
		}
	}
}

// needMeans says what a need asks of a target, in words.
var needMeans = map[target.Need]string{
	target.NeedTime:       "a way to move the target's clock, or a real wait within limits.max_wait",
	target.NeedOutsider:   "a second source address (outsider)",
	target.NeedConsent:    "a way to approve the consent page (consent)",
	target.NeedBrowser:    "a real browser (Chromium on this machine)",
	target.NeedSecond:     "a second client or account (credentials.second)",
	target.NeedListed:     "an account with allow-list entries (credentials.listed)",
	target.NeedUser:       "a human's login (credentials.user)",
	target.NeedIdentity:   "an answer that names the acting user (settings.acting_user, acts_as)",
	target.NeedOperator:   "control over the server (operator)",
	target.NeedRevocation: "a known revocation path (settings.revoke_path)",
	target.NeedPublic:     "a client without a secret (credentials.public)",
	target.NeedOperation:  "an operation that the target file says there is none of (endpoints)",
}

func needsOf(c engine.Case) string {
	if len(c.Needs) == 0 {
		return ""
	}
	return "  (needs " + spell.Join(c.Needs) + ")"
}

// when says in which phase a case has its turn.
var when = map[engine.Phase]string{
	engine.Ordinary:  "runs side by side with others",
	engine.Exclusive: "runs when the ordinary cases are done, because it takes something from everybody",
	engine.Timeline:  "runs on the timeline, once for all waits together",
	engine.Audit:     "runs last and looks over everything that was sent",
}

// claimed says in words what a case keeps from others meanwhile.
func claimed(claims []engine.Claim) string {
	var shared, alone []string
	for _, claim := range claims {
		what := "the " + claim.Name
		if thing, role, ok := strings.Cut(claim.Name, ":"); ok {
			what = "the " + thing + " of " + role
		}
		list := &shared
		if claim.Exclusive {
			list = &alone
		}
		if !slices.Contains(*list, what) {
			*list = append(*list, what)
		}
	}
	var parts []string
	if len(alone) > 0 {
		parts = append(parts, "has "+strings.Join(alone, ", ")+" to itself")
	}
	if len(shared) > 0 {
		parts = append(parts, "shares "+strings.Join(shared, ", ")+" with others")
	}
	return strings.Join(parts, " and ")
}
