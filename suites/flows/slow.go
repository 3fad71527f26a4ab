package flows

import (
	"fmt"
	"time"

	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/scene"
)

// slow is how long people look at a page before they decide: most of the life of a short code, and nothing to a page.
const slow = 20 * time.Second

// slowHuman: a code lives from the approval on. However long the page before it was looked at, the approval brings one, and it lives its
// whole life.
func slowHuman(s *scene.Subject, group *scene.Group, kind specs.TokenKind, requirement string) {
	authorize := s.Ops.First(specs.RoleAuthorize)
	if authorize == nil || authorize.Yields != kind.Name {
		return
	}
	for _, o := range observers(s, kind) {
		c := group.Works("slow-human-"+o.op.ID, fmt.Sprintf("%s that is approved after %s works shortly before its lifetime ends at %s", words.A(kind.Noun()), slow, group.Where(o.op)), func(t *scene.Trial) {
			pause := pauseOf(t, kind)
			token, done := t.AskForCode(scene.Ask{Slow: pause, Doing: "and the user approves after " + pause.String()}, true)
			if token.Value == "" {
				t.FoundConsent(done, "a redirect with "+words.A(kind.Noun()), done.Got())
				return
			}
			if !done.Decided {
				t.NotExercised("the target does not ask the user again, and shows no page that could be looked at for %s", pause)
			}
			o.alive(t, token, aliveAt(token), "")
		}, requirement, authorize.Success)
		c.Requests = 20
	}
}

// shortestPause is what shows a code that counts from the page: more than the time before its end at which it is looked at.
const shortestPause = 5 * time.Second

// pauseOf is how long the user looks at the page: as slow as that, or where the wait is real as it leaves room for the code's life.
func pauseOf(t *scene.Trial, kind specs.TokenKind) time.Duration {
	if t.ClockMoves() {
		return slow
	}
	life := t.Expected(kind)
	pause := min(slow, (t.Target.Limits.MaxWait - life).Truncate(time.Second))
	if pause < shortestPause {
		t.NotExercised("it takes a wait of %s, and then most of the %s that %s lives; limits.max_wait is %s and the target has no clock control",
			shortestPause, life, words.A(kind.Noun()), t.Target.Limits.MaxWait)
	}
	return pause
}
