package flows

import (
	"time"

	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// atMost: nobody says how long a code lives, but that it is no longer than some time (RFC 6749 section 4.1.2).
func atMost(s *scene.Subject, declared specs.Flow) []engine.Case {
	kind, _ := s.Dialect.Token(declared.Token)
	group := s.NewGroup(kind.Name+"-at-most", declared.At).WithConsent().OnTimeline(kind.Name)
	for _, o := range observers(s, kind) {
		group.Never("dead-for-"+o.op.ID, words.A(kind.Noun())+" that nobody used never works later than "+declared.Params["limit"]+" after it was handed out", func(t *scene.Trial) {
			o.dead(t, withLifetime(t, specimenAtMost(t, kind)))
		}, declared.Requirement)
	}
	return group.Cases
}

func specimenAtMost(t *scene.Trial, kind specs.TokenKind) string {
	if _, redirected := kind.At.InLocation(); redirected {
		return t.Code("").Value
	}
	return t.FreshGrantOf(kind.Name, "").Value(kind.Name)
}

// longest is how long the document lets a token of a kind live at most; zero: it does not say.
func longest(s *scene.Subject, kind specs.TokenKind) time.Duration {
	for _, flow := range s.Dialect.Flows {
		if flow.Name == "at-most" && flow.Token == kind.Name {
			limit, _ := time.ParseDuration(flow.Params["limit"]) // as the schema has it
			return limit
		}
	}
	return 0
}
