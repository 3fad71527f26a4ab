package load

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gonogo/internal/target"
)

// Share is a generator's part of a run that several make together: it sends every Count-th request of the schedule, from the
// Index-th on. The Config of all of them is the same, and speaks of the whole, but for Connections, of which each has so many.
type Share struct {
	Index, Count int
	Together     Together
}

// Together is how the generators of a run agree, whatever lies between them. What goes over it can be worth what a token is, so
// whoever carries it keeps it from others. It is for any goroutine.
type Together interface {
	// Once is what whoever comes first makes of a name; everybody gets the same bytes.
	Once(ctx context.Context, name string, make func() ([]byte, error)) ([]byte, error)

	// Signal says that this generator has come to a point; Wait is until n generators have. It is an error if a generator was lost
	// on the way there.
	Signal(ctx context.Context, name string) error
	Wait(ctx context.Context, name string, n int) error

	// Now is the lead's clock, as far as this generator can tell.
	Now() time.Time

	// Send hands bytes to another generator, and does not wait for it; Receive are those that came here, of a kind. It is the same
	// channel each time, and no bytes are lost that came before the first.
	Send(to int, kind string, data []byte) error
	Receive(kind string) <-chan []byte
}

// MostGenerators is how many can make a run together.
const MostGenerators = 256

// count is how many generators make the run; nil is a run of one.
func (s *Share) count() int {
	if s == nil {
		return 1
	}
	return s.Count
}

func (s *Share) index() int {
	if s == nil {
		return 0
	}
	return s.Index
}

// checkShare reports a share that nobody can have, and what several generators cannot do together.
func (c Config) checkShare(scenario scenario) error {
	s := c.Share
	switch {
	case s == nil:
		return nil
	case s.Count < 1 || s.Count > MostGenerators:
		return fmt.Errorf("--generators %d: choose from 1 to %d", s.Count, MostGenerators)
	case s.Index < 0 || s.Index >= s.Count:
		return fmt.Errorf("there is no generator %d of %d", s.Index+1, s.Count)
	case s.Together == nil:
		return errors.New("a generator that shares a run needs a way to the others")
	case s.Count > 1 && scenario.name == stormScenario:
		return fmt.Errorf("--scenario %s: the target's clock is moved once for everybody, and several generators cannot say of each request whether it left before; run it with one", scenario)
	case s.Count > 1 && c.WorkingSet < s.Count && (scenario.has(validatePart) || scenario.has(usePart)) && scenario.name != sessionScenario:
		return fmt.Errorf("--working-set %d: each of %d generators needs a token of its own", c.WorkingSet, s.Count)
	case s.Count > 1 && scenario.name == sessionScenario && c.Session.Population < s.Count:
		return fmt.Errorf("--population %d: each of %d generators needs room for a session", c.Session.Population, s.Count)
	}
	return nil
}

// paced is a target as this generator may ask it before and beside the attack: limits.max_rps is that of all together.
func (s *Share) paced(t *target.Target) *target.Target {
	if s.count() == 1 {
		return t
	}
	own := *t
	own.Limits.MaxRPS /= float64(s.Count)
	own.Limits.Burst = max(own.Limits.Burst/s.Count, 1)
	return &own
}
