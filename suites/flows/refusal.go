package flows

import (
	"gonogo/internal/consent"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// refused sends a user through the page who says no. A target that remembers an approval does not ask again, and
// then nobody was refused anything.
func refused(t *scene.Trial, ask scene.Ask) *scene.Consented {
	ask.Decision = consent.Deny
	done := t.Ask(ask, false)
	if !done.Decided {
		t.CouldNotRun("the target did not ask the user, so nothing could be refused: %s", done.Got())
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
	group := s.NewGroup(declared.Name, declared.At).WithConsent()
	refuse := func(t *scene.Trial) *scene.Consented {
		return refused(t, scene.Ask{Doing: "and the user refuses"})
	}
	group.Works("access-denied", "the user's refusal comes back as error=access_denied", func(t *scene.Trial) {
		done := refuse(t)
		if code, _ := done.Param("error"); done.Redirect == nil || code != "access_denied" {
			got := done.Got()
			if code != "" {
				got = "error=" + code
			}
			t.FoundConsent(done, "a redirect with error=access_denied", got)
		}
	}, declared.Requirement)
	group.Never("code-on-refusal", "the user's refusal never comes back with a code", func(t *scene.Trial) {
		done := refuse(t)
		if _, leaked := done.Param(name); leaked {
			t.FoundConsent(done, "no "+name, done.Got())
		}
	}, declared.Requirement)
	return group.Cases
}
