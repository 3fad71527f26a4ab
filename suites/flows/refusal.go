package flows

import (
	"gonogo/internal/consent"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// refused sends a user through the page who says no. A target that remembers an approval does not ask again, and
// then nobody was refused anything.
func refused(a *scene.Act, ask scene.Ask) *scene.Consented {
	ask.Decision = consent.Deny
	done := a.Ask(ask, false)
	if !done.Decided {
		a.CouldNotRun("the target did not ask the user, so nothing could be refused: %s", done.Got())
	}
	return done
}

// refusal: a user who says no sends the browser back with error=access_denied (RFC 6749 section 4.1.2.1) and
// without a code.
func refusal(s *scene.Subject, declared specs.Flow) []engine.Case {
	kind, ok := s.CodeKind()
	if !ok {
		return nil
	}
	name, _ := kind.At.InLocation()
	book := s.NewBook(declared.Name, declared.At).WithConsent()
	refuse := func(a *scene.Act) *scene.Consented {
		return refused(a, scene.Ask{Doing: "and the user refuses"})
	}
	book.Works("access-denied", "the user's refusal comes back as error=access_denied", func(a *scene.Act) {
		done := refuse(a)
		if code, _ := done.Param("error"); done.Redirect == nil || code != "access_denied" {
			got := done.Got()
			if code != "" {
				got = "error=" + code
			}
			a.FoundConsent(done, "a redirect with error=access_denied", got)
		}
	}, declared.Requirement)
	book.Never("code-on-refusal", "the user's refusal never comes back with a code", func(a *scene.Act) {
		done := refuse(a)
		if _, leaked := done.Param(name); leaked {
			a.FoundConsent(done, "no "+name, done.Got())
		}
	}, declared.Requirement)
	return book.Cases
}
