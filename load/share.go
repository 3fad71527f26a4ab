package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
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

// mostGenerators is how many can make a run together.
const mostGenerators = 256

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

// of is how many of n things are this generator's.
func (s *Share) of(n int) int { return (n + s.count() - 1 - s.index()) / s.count() }

// checkShare reports a share that nobody can have, and what several generators cannot do together.
func (c Config) checkShare(scenario scenario) error {
	s := c.Share
	switch {
	case s == nil:
		return nil
	case s.Count < 1 || s.Count > mostGenerators:
		return fmt.Errorf("--generators %d: choose from 1 to %d", s.Count, mostGenerators)
	case s.Index < 0 || s.Index >= s.Count:
		return fmt.Errorf("there is no generator %d of %d", s.Index+1, s.Count)
	case s.Together == nil:
		return errors.New("a generator that shares a run needs a way to the others")
	case s.Count > 1 && scenario.name == stormScenario:
		return fmt.Errorf("--scenario %s: the target's clock is moved once for everybody, and several generators cannot say of each request whether it left before; run it with one", scenario)
	case s.Count > 1 && c.WorkingSet < s.Count:
		return fmt.Errorf("--working-set %d: each of %d generators needs a token of its own", c.WorkingSet, s.Count)
	case s.Count > 1 && scenario.name == sessionScenario && c.Session.Population < s.Count:
		return fmt.Errorf("--population %d: each of %d generators needs room for a session", c.Session.Population, s.Count)
	}
	return nil
}

// The points that generators come to together, and what they agree upon.
const (
	preparedPoint = "prepared" // all tokens are there
	openPoint     = "open"     // and all connections
	startMoment   = "start"
)

// startsIn is how long after the last generator is ready a run begins: longer than it takes to tell all of them.
const startsIn = 300 * time.Millisecond

// start is what generators agree upon: when the run begins, by the lead's clock, or why it cannot.
type start struct {
	At  time.Time `json:"at"`
	Why string    `json:"why,omitempty"`
}

// prepared waits until every generator has what it needs before the attack.
func (s *Share) prepared(ctx context.Context) error {
	if s == nil {
		return nil
	}
	return s.meet(ctx, preparedPoint)
}

// unprepared tells the others that this generator will not begin, and why, as a sentence.
func (s *Share) unprepared(ctx context.Context, why string) {
	if s == nil {
		return
	}
	// Nobody can agree upon a moment before this one has come to both points.
	_, err := s.agree(ctx, start{Why: fmt.Sprintf("generator %d of %d could not begin: %s", s.Index+1, s.Count, why)})
	for _, point := range []string{preparedPoint, openPoint} {
		if err == nil {
			err = s.Together.Signal(ctx, point)
		}
	}
}

// meet waits until every generator has come to a point.
func (s *Share) meet(ctx context.Context, point string) error {
	err := s.Together.Signal(ctx, point)
	if err == nil {
		err = s.Together.Wait(ctx, point, s.Count)
	}
	return s.apart(ctx, err)
}

// begin is when the run begins, by this generator's clock and by the lead's, once all are ready for it.
func (s *Share) begin(ctx context.Context) (here, lead time.Time, err error) {
	if err := s.meet(ctx, openPoint); err != nil {
		return here, lead, err
	}
	agreed, err := s.agree(ctx, start{At: s.Together.Now().Add(startsIn)})
	if err == nil && agreed.Why != "" {
		err = shortOf("%s", agreed.Why)
	}
	return time.Now().Add(agreed.At.Sub(s.Together.Now())), agreed.At, err
}

// agree has all generators go by what the first of them proposes.
func (s *Share) agree(ctx context.Context, proposed start) (agreed start, err error) {
	text, err := s.Together.Once(ctx, startMoment, func() ([]byte, error) { return json.Marshal(proposed) })
	if err == nil {
		err = json.Unmarshal(text, &agreed)
	}
	return agreed, s.apart(ctx, err)
}

// apart is the shortfall of a generator that has lost the others.
func (s *Share) apart(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return errInterrupted
	}
	return shortOf("generator %d of %d lost the others: %v", s.Index+1, s.Count, err)
}
