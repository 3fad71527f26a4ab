package flows

import (
	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// responseType: a request for consent that does not say what it wants back, or wants what nobody knows, is sent back with an error (RFC
// 6749 section 3.1.1).
func responseType(s *scene.Subject, declared specs.Flow) []engine.Case {
	kind, ok := s.CodeKind()
	op := s.Ops.First(specs.RoleAuthorize)
	if !ok || op == nil {
		return nil
	}
	code, _ := kind.At.InLocation()
	parameter := declared.Params["parameter"]
	group := s.NewGroup(declared.Name, declared.At).WithConsent()
	c := group.Never("wrong", "a request for consent without "+words.A(parameter)+", or with one that nobody knows, is sent back with an error and without a code", func(t *scene.Trial) {
		for _, ask := range []scene.Ask{
			{Omit: parameter, Doing: "without " + words.A(parameter)},
			{Inputs: map[string]any{parameter: "gonogo"}, Doing: "with " + words.A(parameter) + " that nobody knows"},
		} {
			done := t.Ask(ask, true)
			told, _ := done.Param("error")
			if _, got := done.Param(code); got || done.Redirect == nil || told == "" {
				t.FoundConsent(done, "a redirect with an error, and without "+code, done.Got())
			}
		}
	}, declared.Requirement)
	c.Requests = 16 // two walks
	return group.Cases
}

// typed is the row of what a request for consent wants back, empty if the document has none.
func typed(s *scene.Subject) string {
	flow, _ := s.Dialect.Flow("response-type")
	return flow.Requirement
}
