package load

import (
	"context"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/traceparent"
)

// supply is all that an attack draws from. Its workers share it.
type supply struct {
	offer       *offer
	trace       traceparent.Trace // the run's; its requests are traces of their own
	mix         mix
	habits      habits
	clock       *client.Client // knows how the target's clock should stand; nil: nobody does
	connections int
	first       int  // number of its connections, among those of all generators
	shared      bool // other generators act for the same account
	zipf        bool
	seed        int64

	settle    time.Duration // limits.settle
	life      time.Duration // of an access token; 0: nobody says
	held      workingSet
	reserve   chan *family // those that no connection has at hand
	beside    bool         // what is tried now and then is sent beside the pace, and not in turns of the pace's own
	newborn   chan fresh   // access tokens that are to be tried beside it
	spent     chan spentToken
	races     chan *race
	seen      *seen
	crossed   *crossed // nil: nobody else is handed tokens
	sampling  sampling
	controls  []*client.Grant // tokens from before the attack that nobody uses in it, to be tried after it
	obtained  int             // so many tokens were, before the attack
	oldest    [4]*client.Grant
	storm     *storm     // nil: there is none
	sessions  *sessions  // nil: there are none
	histories *histories // nil: no family is followed
}

// ready is when every replica of the target knows what it was told now; zero: at once.
func (s *supply) ready() time.Time { return after(s.settle) }

func after(settle time.Duration) time.Time {
	if settle == 0 {
		return time.Time{}
	}
	return time.Now().Add(settle)
}

// spare reports whether a family may be lost: where a token that is presented again ends its family, it is.
func (s *supply) spare() bool { return !s.habits.revokes || len(s.reserve) > spareFamilies/2 }

// mayReplay reports whether a refresh token that was used may be presented.
func (s *supply) mayReplay() bool { return !s.habits.replayEndsAll && s.spare() }

// How the supply is looked after during an attack: every so often, and gently. At most fifty issues a second is a
// fortieth of a load of 2,000/s.
const (
	keepEvery = 200 * time.Millisecond
	keepMost  = 10
)

// early is how long before its end a token of the working set is replaced, at the most.
const early = 30 * time.Second

// keep replaces what the attack loses and what comes to its end, until ctx ends.
func (s *supply) keep(ctx context.Context, a *account) {
	if s.habits.turns() || s.storm != nil || s.sessions != nil {
		return
	}
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	at := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for n := keepMost; n > 0 && s.mix.has(refreshPart) && len(s.reserve) < spareFamilies; n-- {
			g, err := a.obtain(ctx, s.offer.renewable)
			if err != nil {
				break // the attack meets the same trouble, and says so
			}
			a.remember(s.offer.renewable, g)
			f := newFamily(g)
			f.ready = s.ready()
			put(s.reserve, f)
		}
		at = s.renew(ctx, a, at)
	}
}

// looks is how many places of the working set are looked at each time.
const looks = 10_000

// renew replaces tokens of the working set that are about to end, and returns where to look next.
func (s *supply) renew(ctx context.Context, a *account, at int) int {
	places := s.held.places
	if s.life <= 0 || len(places) == 0 {
		return at
	}
	due := time.Now().Add(min(early, s.life/4) + margin)
	left := keepMost
	for range min(looks, len(places)) {
		at = (at + 1) % len(places)
		if !places[at].Load().endsBefore(due) {
			continue
		}
		g, err := a.obtain(ctx, s.offer.begins)
		if err != nil {
			return at
		}
		a.remember(s.offer.begins, g)
		token := newLiveToken(g)
		token.ready = s.ready()
		places[at].Store(token)
		if left--; left == 0 {
			return at
		}
	}
	return at
}
