package watch

import (
	"context"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/front"
	"gonogo/internal/lineage"
	"gonogo/specs"
)

func (s *stage) playCalls(ctx context.Context, c *scene) error {
	if err := s.arrives(ctx, c, false); err != nil {
		return err
	}
	if c.reached = s.times(ctx, 3, c.Patience, good(nil)); !c.reached && s.await(ctx, 0, isUse) == nil {
		return c.leftOut("within %s %s", c.Patience, s.uncalled())
	} else if !c.reached {
		return c.leftOut("the client did not make three calls that were answered well within %s", c.Patience)
	}
	return nil
}

// playEnd lets the access token come to its end.
func (s *stage) playEnd(ctx context.Context, c *scene) error {
	old := s.held().access
	if old == nil {
		return c.leftOut("the client has no access token")
	}
	if err := s.end(ctx, c, old, true); err != nil {
		return err
	}
	if !s.well(ctx, c, old, nil) {
		c.reached = s.await(ctx, 0, isUse) != nil
		return c.leftOut("no call was answered well after it within %s", c.Patience)
	}
	c.reached = true
	return nil
}

func (s *stage) playEndAgain(ctx context.Context, c *scene) error {
	for range 2 {
		if err := s.playEnd(ctx, c); err != nil || c.why != "" {
			return err
		}
	}
	return nil
}

// behind is by how much answers to further refreshes with one token come later than the first: whoever loses a race hears of it last. They are
// handed on when the first was answered, so that it is the one that wins.
const behind = onTheWay + onTheWay/2

// playBusy lets it come to its end while the client has calls under way: those are held for a moment, and meet it together.
func (s *stage) playBusy(ctx context.Context, c *scene) error {
	heard := s.hears(ctx, "busy-at-end", min(shortly, c.Patience))
	old, spent := s.held().access, s.held().refresh
	if old == nil {
		return c.leftOut("the client has no access token")
	}
	moved := s.clock && !old.Ends.IsZero()
	var tries atomic.Int64
	tried := func(e *lineage.Event) bool { return refresh(e) && spent != nil && e.Of(client.Refresh) == spent }
	var held atomic.Pointer[gate]
	var waiting atomic.Int64
	first, all, many := newGate(), newGate(), newGate()
	defer all.open()
	s.meddle(func(e *lineage.Event) front.Deed {
		switch g := held.Load(); {
		case g != nil && isUse(e) && e.Of(client.Access) == old:
			if g == all && waiting.Add(1) == 2 {
				many.open()
			}
			g.pass(ctx)
			if !moved {
				return front.Deed{Name: "ended", Instead: s.refuses(e, http.StatusUnauthorized)}
			}
		case tried(e) && tries.Add(1) > 1:
			s.await(ctx, c.Patience, tried)
			return front.Deed{Name: "behind", Delay: behind}
		case tried(e):
			pass(ctx, onTheWay/4) // what else is sent at once is here then
		}
		return front.Deed{}
	})
	if moved {
		if err := s.near(ctx, c, old); err != nil {
			return err
		}
	}
	if s.lifetimes[old.Kind] > 0 {
		s.until(ctx, old.Ends)
	} else {
		// Some of what is under way may have gone through by now. What the client does next it does at once.
		if s.fake == nil { // whose clock is moved would find that it had waited for an hour
			held.Store(first)
			pass(ctx, onTheWay/2)
			held.Store(all)
			first.open()
			pass(ctx, onTheWay)
			if heard { // it makes many calls, on a busy machine, too
				longer, cancel := context.WithTimeout(ctx, onTheWay)
				many.pass(longer)
				cancel()
			}
		}
		if moved && !s.renewed(old) {
			if err := s.advance(ctx, old.Ends.Add(client.Leeway)); err != nil {
				return err
			}
		}
		all.open()
	}
	if !s.well(ctx, c, old, nil) {
		c.reached = s.await(ctx, 0, isUse) != nil
		return c.leftOut("no call was answered well after it within %s", c.Patience)
	}
	c.reached = true
	if tries.Load() < 2 {
		return nil
	}
	if last := s.await(ctx, 2*behind, func(e *lineage.Event) bool { return e.Deed == "behind" }); last != nil {
		s.times(ctx, 3, c.Patience/3, func(e *lineage.Event) bool { return isUse(e) && e.Arrived.After(last.Done) })
	}
	return nil
}

// end ends an access token: by the clock, first to its last minutes, in which some clients renew it, or with 401 where nobody moves the
// clock.
func (s *stage) end(ctx context.Context, c *scene, t *lineage.Token, slowly bool) error {
	if s.lifetimes[t.Kind] > 0 {
		s.until(ctx, t.Ends)
		return nil
	}
	if !s.clock || t.Ends.IsZero() {
		s.meddle(func(e *lineage.Event) front.Deed {
			if isUse(e) && e.Of(client.Access) == t {
				return front.Deed{Name: "ended", Instead: s.refuses(e, http.StatusUnauthorized)}
			}
			return front.Deed{}
		})
		return nil
	}
	if slowly {
		if err := s.near(ctx, c, t); err != nil {
			return err
		}
	}
	if s.renewed(t) {
		return nil // in time
	}
	return s.advance(ctx, t.Ends.Add(client.Leeway))
}

// near moves the clock to the last minutes of an access token, as long as it is not renewed.
func (s *stage) near(ctx context.Context, c *scene, t *lineage.Token) error {
	life := t.Ends.Sub(t.Given.At)
	if misread := t.Given.At.Add(life/60 + 5*time.Second); life >= 30*time.Minute && misread.After(s.now()) { // when it ends for who takes the next smaller unit
		if err := s.advance(ctx, misread); err != nil {
			return err
		}
		s.looks(ctx, c, onTheWay)
	}
	if err := s.approach(ctx, t); err != nil {
		return err
	}
	within, looked, ended := onTheWay, false, false
	if declared, is := s.declares("refresh"); is && declared.Params["when"] == "before" {
		within = c.Patience // who looks at the clock now and then is not to be taken for one who does not
	}
	for _, left := range lastMinutes {
		early := t.Ends.Add(-min(life/12, left))
		if life < 3*time.Minute || s.renewed(t) || !early.After(s.now()) {
			continue
		}
		if err := s.advance(ctx, early); err != nil {
			return err
		}
		looked, ended = s.looks(ctx, c, within) || looked, true
		within = onTheWay
	}
	s.blind = ended && !looked
	return nil
}

// In the last minutes before an end the clock of a fleet is moved in small steps, so that one sees who refreshes when.
const (
	smallStep  = 10 * time.Second
	lastBefore = 10 * time.Minute
)

// approach moves the clock in small steps towards the end of the tokens of a fleet that has the time, until each is renewed or has
// ended.
func (s *stage) approach(ctx context.Context, t *lineage.Token) error {
	instances := s.instances(t.Grant)
	if len(instances) < leastFleet || !s.knowsTime() {
		return nil
	}
	for at := t.Ends.Add(-min(t.Ends.Sub(t.Given.At)/4, lastBefore)); at.Before(t.Ends); at = at.Add(smallStep) {
		waiting := slices.DeleteFunc(slices.Clone(instances), func(family int) bool { return s.newestOf(client.Access, family).Ends.After(t.Ends.Add(time.Minute)) })
		if len(waiting) == 0 {
			return nil
		}
		if err := s.advance(ctx, at); err != nil {
			return err
		}
		stepped := time.Now()
		for _, family := range waiting {
			s.await(ctx, onTheWay, func(e *lineage.Event) bool {
				return isUse(e) && e.Arrived.After(stepped) && e.Of(client.Access) != nil && e.Of(client.Access).Family == family
			})
		}
	}
	return nil
}

// instances are the families of a grant whose tokens were used since the situation began: clients that share no tokens.
func (s *stage) instances(grant specs.Role) (families []int) {
	for _, e := range s.during(s.present()) {
		if t := e.Of(client.Access); isUse(e) && t != nil && t.Delivered && t.Grant == grant && !slices.Contains(families, t.Family) {
			families = append(families, t.Family)
		}
	}
	return families
}

// newestOf is the newest token of a kind in a family that reached the client; nil: none.
func (s *stage) newestOf(kind string, family int) *lineage.Token {
	for _, t := range slices.Backward(s.book.Tokens()) {
		if t.Kind == kind && t.Family == family && t.Delivered {
			return t
		}
	}
	return nil
}

// lastMinutes is what a token has left when a client is given time to renew it: some do it five minutes before its end, others ten seconds.
var lastMinutes = []time.Duration{4 * time.Minute, 9 * time.Second}

// mostCut is how many answers to a refresh are lost at the most: enough to see who tries for ever.
const mostCut = 2*mostTries + 2

func (s *stage) playLost(ctx context.Context, c *scene) error {
	old := s.held().access
	if old == nil {
		return c.leftOut("the client has no access token")
	}
	spent := s.held().refresh
	which := func(e *lineage.Event) bool {
		return refresh(e) && e.Of(client.Refresh) != nil && e.Of(client.Refresh) == spent
	}
	if err := s.advanceOrRefuse(ctx, old, atMost(mostCut, which, front.Deed{Name: "lost", Cut: true})); err != nil {
		return err
	}
	lost := s.patient(ctx, c, func(e *lineage.Event) bool { return e.Deed == "lost" })
	if lost == nil {
		return c.leftOut("the client refreshed nothing within %s", c.Patience)
	}
	c.reached = true
	if !s.well(ctx, c, old, lost) {
		return c.leftOut("no call was answered well after it within %s", c.Patience)
	}
	return nil
}

// advanceOrRefuse ends an access token at once, and does something else to other exchanges meanwhile.
func (s *stage) advanceOrRefuse(ctx context.Context, t *lineage.Token, other func(*lineage.Event) front.Deed) error {
	if s.clock && !t.Ends.IsZero() {
		s.meddle(other)
		return s.advance(ctx, t.Ends.Add(client.Leeway))
	}
	if s.lifetimes[t.Kind] > 0 {
		s.meddle(other)
		s.until(ctx, t.Ends)
		return nil
	}
	s.meddle(func(e *lineage.Event) front.Deed {
		if isUse(e) && e.Of(client.Access) == t {
			return front.Deed{Name: "ended", Instead: s.refuses(e, http.StatusUnauthorized)}
		}
		return other(e)
	})
	return nil
}

func (s *stage) playDead(ctx context.Context, c *scene) error {
	dead, old := s.held().refresh, s.held().access
	if dead == nil || old == nil {
		return c.leftOut("the client has no refresh token")
	}
	refused := func(e *lineage.Event) front.Deed {
		if refresh(e) && len(e.Shown) > 0 && e.Shown[0].Family == dead.Family {
			return front.Deed{Name: "dead", Instead: s.refuses(e, http.StatusUnauthorized)}
		}
		return front.Deed{}
	}
	if s.clock && !dead.Ends.IsZero() {
		if err := s.advance(ctx, dead.Ends.Add(client.Leeway)); err != nil {
			return err
		}
	} else if err := s.advanceOrRefuse(ctx, old, refused); err != nil {
		return err
	}
	tried := func(e *lineage.Event) bool { return refresh(e) && !e.OK() }
	c.reached = s.patient(ctx, c, func(e *lineage.Event) bool { return tried(e) || good(old)(e) }) != nil && s.await(ctx, 0, tried) != nil
	if !s.well(ctx, c, old, nil) {
		return c.leftOut("no call was answered well after it within %s", c.Patience)
	}
	if !c.reached {
		return c.leftOut("the client did not try the refresh token")
	}
	return nil
}
