package load

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// group is a generator among those that make a run; nil is one that makes it alone.
type group struct {
	*Share
	account bool            // all of them act for one account
	come    map[string]bool // the points that this one has come to
}

func (g *group) index() int {
	if g == nil {
		return 0
	}
	return g.Index
}

func (g *group) count() int {
	if g == nil {
		return 1
	}
	return g.Count
}

// of is how many of n things are this generator's.
func (g *group) of(n int) int { return (n + g.count() - 1 - g.index()) / g.count() }

// shared reports whether others act for the account of this one.
func (g *group) shared() bool { return g != nil && g.account }

// The points that generators come to together, and what they agree upon.
const (
	probedPoint   = "probed"   // it is known what the target does where its document is silent
	preparedPoint = "prepared" // all tokens are there
	openPoint     = "open"     // and all connections
	attackedPoint = "attacked"
	toldPoint     = "told"   // which tokens this one was handed
	lookedPoint   = "looked" // whether tokens from before the attack still work
	startMoment   = "start"
)

// startsIn is how long after the last generator is ready a run begins: longer than it takes to tell all of them.
const startsIn = 300 * time.Millisecond

// start is what generators agree upon: when the run begins, by the lead's clock, or why it cannot.
type start struct {
	At  time.Time `json:"at"`
	Why string    `json:"why,omitempty"`
}

// turn waits until the target is this generator's to find out about: what one sees of it must not be another's doing.
func (g *group) turn(ctx context.Context) error {
	if !g.shared() {
		return nil
	}
	return g.apart(ctx, g.Together.Wait(ctx, probedPoint, g.Index))
}

// probed lets the next generator find out about the target, and waits until all have: tokens of one that is not to keep them are none.
func (g *group) probed(ctx context.Context) error {
	if !g.shared() {
		return nil
	}
	return g.apart(ctx, g.meet(ctx, probedPoint))
}

// prepared waits until every generator has what it needs before the attack.
func (g *group) prepared(ctx context.Context) error {
	if g == nil {
		return nil
	}
	return g.apart(ctx, g.meet(ctx, preparedPoint))
}

// unprepared tells the others that this generator will not begin, and why, as a sentence. What it returns says the same of itself.
func (g *group) unprepared(ctx context.Context, why string) error {
	if g.shared() {
		why = fmt.Sprintf("generator %d of %d could not begin: %s", g.Index+1, g.Count, why)
	}
	if g != nil {
		// Nobody can agree upon a moment before this one has come to all points.
		if _, err := g.agree(ctx, start{Why: why}); err == nil {
			g.leave(ctx)
		}
	}
	return shortfall{why: why}
}

// leave keeps nobody waiting.
func (g *group) leave(ctx context.Context) {
	if g == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	for _, point := range []string{probedPoint, preparedPoint, openPoint, toldPoint, attackedPoint, lookedPoint} {
		if g.comes(ctx, point) != nil {
			return // who has lost the others keeps them from nothing
		}
	}
}

// comes says that this generator has come to a point, once.
func (g *group) comes(ctx context.Context, point string) error {
	if g.come[point] {
		return nil
	}
	g.come[point] = true
	return g.Together.Signal(ctx, point)
}

// meet waits until every generator has come to a point.
func (g *group) meet(ctx context.Context, point string) error {
	if err := g.comes(ctx, point); err != nil {
		return err
	}
	return g.Together.Wait(ctx, point, g.Count)
}

// begin is when the run begins, by this generator's clock and by the lead's, once all are ready for it.
func (g *group) begin(ctx context.Context) (here, lead time.Time, err error) {
	if err := g.meet(ctx, openPoint); err != nil {
		return here, lead, g.apart(ctx, err)
	}
	agreed, err := g.agree(ctx, start{At: g.Together.Now().Add(startsIn)})
	if err == nil && agreed.Why != "" {
		err = shortOf("%s", agreed.Why)
	}
	return time.Now().Add(agreed.At.Sub(g.Together.Now())), agreed.At, err
}

// agree has all generators go by what the first of them proposes.
func (g *group) agree(ctx context.Context, proposed start) (agreed start, err error) {
	text, err := g.Together.Once(ctx, startMoment, func() ([]byte, error) { return json.Marshal(proposed) })
	if err == nil {
		err = json.Unmarshal(text, &agreed)
	}
	return agreed, g.apart(ctx, err)
}

// apart is the shortfall of a generator that has lost the others.
func (g *group) apart(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return errInterrupted
	}
	return shortOf("generator %d of %d lost the others: %v", g.Index+1, g.Count, err)
}

// lateness is for how much longer than an answer may take a generator that is done waits for the others.
const lateness = 10 * time.Second

// attacked waits until no generator sends a request of the load any more.
func (g *group) attacked(ctx context.Context, answers time.Duration) error {
	if !g.shared() {
		return nil
	}
	within, cancel := context.WithTimeout(ctx, answers+lateness)
	defer cancel()
	return g.apart(ctx, g.meet(within, attackedPoint))
}

// looked says that this generator's tokens are of no account any more. last is that it is the one who may end all of them, which
// it may when all have looked.
func (g *group) looked(ctx context.Context) (last bool, err error) {
	if !g.shared() {
		return true, nil
	}
	if err := g.comes(ctx, lookedPoint); err != nil || g.Index > 0 {
		return false, g.apart(ctx, err)
	}
	within, cancel := context.WithTimeout(ctx, lateness)
	defer cancel()
	return true, g.apart(ctx, g.Together.Wait(within, lookedPoint, g.Count))
}
