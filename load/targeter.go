package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
	"golang.org/x/time/rate"

	"gonogo/internal/operation"
	"gonogo/internal/wire"
	"gonogo/reports"
)

// Targets are what is asked of a Targeter. Of the Config it takes Target, AllowRemote, Scenario, Weights, WorkingSet, Pick,
// WaitReady, Level, Agent, Seed and Progress; who sends the requests settles the rest.
type Targets struct {
	Config
	Count int // how many there are to be; 0: without end, but of a refresh as many as WorkingSet
}

// ErrUnready is what the errors of NewTargeter are, by errors.Is, that are about the state of the target and not about what was asked for.
var ErrUnready = errors.New("load: the target is not ready")

// Check reports what is wrong with what is asked for, in the words of gonogo's flags. Nothing is sent. As long as there is no
// Target, what depends on it is not looked at.
func (t Targets) Check() error {
	s, err := t.read()
	if err == nil && t.Target != nil {
		_, err = s.offer()
	}
	return err
}

// read takes in what is asked for.
func (t Targets) read() (settings, error) {
	c := t.Config
	c.Shape, c.Arrivals, c.Rate, c.Duration, c.WarmUp, c.Connections, c.HTTP2, c.Objectives = "", "", leastRate, leastDuration, 0, 1, false, nil
	s, err := c.readAhead()
	if err != nil {
		return s, err
	}
	if t.Count < 0 {
		return s, fmt.Errorf("--count %d: choose 1 or more, or 0 for targets without end", t.Count)
	}
	if s.scenario.has(refreshPart) {
		if s.singly = t.Count; t.Count == 0 {
			s.singly = t.WorkingSet
		}
		if s.singly > mostTokens {
			return s, fmt.Errorf("--count %d: a refresh spends a token for each, and no more than %d are obtained", t.Count, mostTokens)
		}
	}
	return s, nil
}

// Targeter makes targets for vegeta: requests of a scenario with live tokens in them, one after the other. Its Next is a
// vegeta.Targeter, for as many goroutines as call it. To a target on another machine it makes no more of them than limits.max_rps
// allows.
type Targeter struct {
	run    *run
	stop   context.CancelFunc
	ctx    context.Context
	keeper sync.WaitGroup
	pace   *rate.Limiter

	mu      sync.Mutex
	worker  *worker
	request wire.Request
	count   int // how many there are; 0: no end
	made    int
	ended   error
}

// NewTargeter obtains the tokens that a scenario begins with, and makes a Targeter of them, which looks after them until it is closed
// or ctx ends.
func NewTargeter(ctx context.Context, asked Targets) (*Targeter, error) {
	s, err := asked.read()
	if err != nil {
		return nil, err
	}
	r, err := open(s, s.singly+4*asked.WorkingSet)
	if err != nil {
		return nil, err
	}
	t := &Targeter{run: r, count: asked.Count, pace: rate.NewLimiter(rate.Inf, 1)}
	if file := s.Target.file; !file.Loopback() {
		t.pace = rate.NewLimiter(rate.Limit(file.Limits.MaxRPS), 1)
	}
	supply, err := r.prepare(ctx)
	if err == nil && s.singly > 0 && r.account.habits.turns() {
		err = shortOf("a session of an account ends the one before, or is handed out again, so no two refresh tokens can be had side by side")
	}
	if err == nil {
		err = r.account.settled(ctx)
	}
	if err != nil {
		r.account.connection.Close()
		return nil, err
	}
	if t.count == 0 {
		t.count = s.singly
	}
	t.ctx, t.stop = context.WithCancel(ctx)
	t.worker = newWorker(supply, r.ledger, operation.Unique(), 0)
	if s.singly == 0 {
		t.keeper.Go(func() { supply.keep(t.ctx, r.account) })
	}
	return t, nil
}

// Close has it make no further target.
func (t *Targeter) Close() {
	t.stop()
	t.keeper.Wait()
	t.run.account.connection.Close()
}

// Count is how many targets there are; 0: as many as are asked for.
func (t *Targeter) Count() int { return t.count }

// Found is what was found while the tokens were obtained: violations, and what is worth knowing.
func (t *Targeter) Found() (violations []reports.LoadViolation, notes []string) {
	return t.run.ledger.violations(), slices.Concat(t.run.ledger.noted())
}

// drought is for how long no token of the working set may be live before there are no targets any more: the supply is renewed
// five times a second.
const drought = 10 * time.Second

// Next writes the next target. When there is none any more it is vegeta.ErrNoTargets, and what went wrong if something did.
func (t *Targeter) Next(target *vegeta.Target) error {
	if target == nil {
		return vegeta.ErrNilTarget
	}
	if t.pace.Wait(t.ctx) != nil {
		return vegeta.ErrNoTargets
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.fill(); err != nil {
		return err
	}
	t.made++
	address, header, body := plain(&t.request)
	*target = vegeta.Target{Method: t.request.Method, URL: address, Header: header, Body: bytes.Clone(body)}
	return nil
}

// fill makes the next request, and waits for a live token if there is none.
func (t *Targeter) fill() error {
	if t.ended == nil && t.count > 0 && t.made >= t.count {
		t.ended = vegeta.ErrNoTargets
	}
	for since := time.Now(); t.ended == nil; {
		t.request.Reset()
		if _, ok := t.worker.Fill(&t.request); ok {
			t.alone()
			return nil
		}
		switch {
		case t.run.asked.singly > 0:
			t.ended = vegeta.ErrNoTargets
		case time.Since(since) > drought:
			t.ended = shortOf("no token has been live for %s, and no new one could be had", drought)
		case wait(t.ctx, keepEvery/2) != nil:
			t.ended = vegeta.ErrNoTargets
		}
	}
	return t.ended
}

// alone has each refresh spend a token of its own: the answer, which has the next, goes to somebody else.
func (t *Targeter) alone() {
	if users, ok := t.worker.user.(*users); ok {
		users.family = nil
	}
}
