package flows

import (
	"strings"

	"gonogo/internal/consent"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// refused sends a user through the page who says no. A target may remember an approval and not ask again: then it is asked for
// another client, which nobody approves before.
func refused(t *scene.Trial, ask scene.Ask) *scene.Consented {
	ask.Decision = consent.Deny
	done := t.Ask(ask, false)
	if done.Decided && !(t.Habits().Remembers && unasked(t, done)) {
		return done
	}
	if !t.Habits().Remembers {
		t.CouldNotRun("the target did not ask the user, so nothing could be refused: %s", done.Got())
	}
	if len(t.Target.Credentials[scene.Second].Fields) > 0 {
		ask.Role, ask.Doing = scene.Second, strings.TrimPrefix(ask.Doing+", for another client", ", ")
		if done = t.Ask(ask, false); done.Decided && !unasked(t, done) {
			return done
		}
	}
	if len(t.Target.Credentials[scene.Second].Fields) > 0 {
		t.NotExercised("the target asks the user for neither client, so nothing can be refused: it remembers that both were approved, or asks nobody whose password is right")
	}
	t.NotExercised("the target does not ask the user again, so nothing can be refused; where it asks anybody, it does so for a client that this user has not approved yet (add credentials.second)")
	return done
}

// unasked reports whether a user who says no came back with a code, as one does whom nobody asks.
func unasked(t *scene.Trial, done *scene.Consented) bool {
	if t.SeesPages() {
		return false
	}
	kind, _ := t.CodeKind()
	name, _ := kind.At.InLocation()
	_, got := done.Param(name)
	return got
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
