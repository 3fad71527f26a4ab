package watch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"gonogo/internal/front"
	"gonogo/internal/lineage"
	"gonogo/specs"
)

// shortest is what a lifetime can be shortened to: a client has to make some calls in it.
const shortest = 2 * time.Second

// checkLifetimes wants lifetimes that can be announced.
func (c Config) checkLifetimes() error {
	for _, name := range slices.Sorted(maps.Keys(c.Lifetimes)) {
		kind, known := c.Dialect.Token(name)
		switch life := c.Lifetimes[name]; {
		case !known:
			return fmt.Errorf("--lifetime %s: %s has no such token", name, c.Dialect.ID)
		case kind.Lifetime.Announced == "":
			return fmt.Errorf("--lifetime %s: no answer of %s announces how long it lives, so a client would not hear of it", name, c.Dialect.ID)
		case life < shortest || life%max(kind.Lifetime.Unit.Step(), time.Second) != 0:
			return fmt.Errorf("--lifetime %s=%s: choose whole %s, and %s at the least", name, life, kind.Lifetime.Unit, shortest)
		}
	}
	return nil
}

// shorten has answers announce the lifetimes that the watch is to have, and holds the client to them, beside what a situation does: a token
// that has ended by that is refused.
func (s *stage) shorten(e *lineage.Event, done front.Deed) front.Deed {
	if done.Instead != nil || done.Cut {
		return done
	}
	if tokenCall(e) {
		after := done.Change
		done.Change = func(a *front.Answer) {
			changeJSON(a, func(body map[string]any) {
				for name, life := range s.lifetimes {
					kind, _ := s.dialect.Token(name)
					set(body, kind.Lifetime.Announced, announced(kind.Lifetime.Unit, life, s.now()))
				}
			})
			if after != nil {
				after(a)
			}
		}
		done.Name = cmp.Or(done.Name, "shortened")
		return done
	}
	for _, t := range e.Shown {
		if s.lifetimes[t.Kind] > 0 && t.Ended(e) && done.Name == "" {
			return front.Deed{Name: "ended", Instead: s.refuses(e, http.StatusUnauthorized)}
		}
	}
	return done
}

// announced is a lifetime as answers write it.
func announced(unit specs.Unit, life time.Duration, now time.Time) any {
	switch unit {
	case specs.RFC3339:
		return now.Add(life).UTC().Format(time.RFC3339)
	case specs.Epoch:
		return now.Add(life).Unix()
	}
	return int64(life / unit.Step())
}

// await until waits for a moment of the API's clock that nobody moves.
func (s *stage) until(ctx context.Context, at time.Time) {
	pass(ctx, at.Sub(s.now()))
}
