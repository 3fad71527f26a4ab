package flows

import (
	"gonogo/internal/consent"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// authorization: the user's approval brings the code back in the query of the redirect URI (RFC 6749 section
// 4.1.2), and nothing less than an approval does.
func authorization(s *scene.Subject) []engine.Case {
	op := s.Ops.First(specs.RoleAuthorize)
	kind, ok := s.CodeKind()
	if op == nil || !ok {
		return nil
	}
	name, _ := kind.At.InLocation()
	group := s.NewGroup("authorize", op.At).WithConsent()
	group.Works("approval-returns-code", "after the user's approval the browser is redirected to the redirect URI with a code", func(t *scene.Trial) {
		done := t.Ask(scene.Ask{Doing: "and the user approves"}, false)
		wanted := "a redirect to the redirect URI with " + name + " in its query"
		if code, ok := done.Param(name); done.Redirect == nil || done.Delivery != consent.InQuery || !ok || code == "" {
			t.FoundConsent(done, wanted, done.Got())
		}
	}, op.Success)
	group.Never("code-without-approval", "opening the page alone never returns a code", func(t *scene.Trial) {
		done := t.Ask(scene.Ask{Decision: consent.Open, Doing: "and the user only looks at the page"}, true)
		if _, leaked := done.Param(name); leaked {
			t.FoundConsent(done, "a page that asks the user", done.Got())
		}
	}, op.Success)
	return group.Cases
}
