package flows

import (
	"time"

	"gonogo/internal/client"
	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// A code that has ended is tried again so long after it was handed out, where the target's clock can be moved: who remembers used
// codes for a while, or looks at a part of the time only, has forgotten it by then, or is at the same part again.
var longAfter = []time.Duration{61 * time.Second, 24*time.Hour + time.Second}

// usedForGood: a code that was used never works again.
func usedForGood(s *scene.Subject, declared specs.Flow) []engine.Case {
	group := s.NewGroup(declared.Name, declared.At).WithConsent().OnTimeline(codeKind(s))
	used := group.Never("used-code-stays-dead", "a code that was used never works again, neither while it would have lived nor after that", func(t *scene.Trial) {
		_, value := spend(t)
		code := withLifetime(t, value)
		looks := append(soonAfter(t, code), code.Sent.Add(code.Lifetime/2), aliveAt(code), deadAt(code))
		for _, due := range append(looks, muchLater(t, code)...) {
			t.Wait(due)
			if t.RefusedAsSaid(t.Exchange(code.Role, value, "with a code that was used before"), specs.WrongToken); t.Failed() {
				return
			}
		}
	}, declared.Requirement)
	if s.Target != nil && s.Target.Clock != nil { // without a clock control everybody would wait for it
		endsSessions(s, used)
	}
	return group.Cases
}

// codeKind is the name of the kind of token that a consent yields, empty if there is none.
func codeKind(s *scene.Subject) string {
	kind, _ := s.CodeKind()
	return kind.Name
}

// endedForGood: a code that has ended never works again, used or not.
func endedForGood(group *scene.Group, o observer, requirement string) {
	ended := group.Never("stays-dead-for-"+o.op.ID, words.A(o.kind)+" that nobody used never works again once it has ended", func(t *scene.Trial) {
		if !t.ClockMoves() {
			t.NotExercised("to look at %s long after its end takes a clock control", words.A(o.kind))
		}
		var codes []client.Token // one for each look, which may spend it
		for range longAfter {
			codes = append(codes, t.Code(""))
			if t.Habits().OneCode {
				break
			}
		}
		for i, due := range muchLater(t, withLifetime(t, codes[0].Value)) {
			if i < len(codes) {
				t.Wait(due)
				t.Dead(o.look(t, codes[i], "with "+words.A(o.kind)+" that ended long ago"))
			}
		}
	}, requirement)
	ended.Requests, ended.Awaits.Moved = 25, true // two consents
}

func withLifetime(t *scene.Trial, value string) client.Token {
	code, known := t.Seen(value)
	if known && code.Lifetime == 0 {
		code.Lifetime = longest(t.Subject, code.Kind)
	}
	if !known || code.Lifetime == 0 {
		t.NotExercised("nothing says how long a code lives")
	}
	return code
}

// forgotten is how long who remembers used codes may do so: codes of half a minute, of a minute and of two are usual, and some servers
// count their requests of the last seconds only.
var forgotten = []time.Duration{11 * time.Second, 31 * time.Second, 61 * time.Second}

// soonAfter are moments in the life of a code of which only its longest is known: it may be over long before half of that. None where
// that takes a real wait.
func soonAfter(t *scene.Trial, code client.Token) (looks []time.Time) {
	if !t.ClockMoves() || t.Expected(code.Kind) > 0 {
		return nil
	}
	for _, after := range forgotten {
		looks = append(looks, code.Received.Add(after))
	}
	return looks
}

// muchLater are the moments long after a code's end; none where that takes a real wait.
func muchLater(t *scene.Trial, code client.Token) (looks []time.Time) {
	for _, later := range longAfter {
		if at := code.Received.Add(later); t.ClockMoves() && at.After(deadAt(code)) {
			looks = append(looks, at)
		}
	}
	return looks
}
