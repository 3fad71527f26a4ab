package load

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"gonogo/internal/exchange"
)

// spareChains is how many clients that refresh are kept ready to take the place of one whose token was lost.
const spareChains = 64

// fillers is how many requests fill the stock at once: as many as a check of the target has (limits.parallel).
const fillers = 8

// together is how many tokens are asked for before an attack that issues, as many at once as fill the stock. The attack's
// own requests are spread evenly, and two that ask in the same moment are what some servers answer alike.
const together = 32

// aside is how many tokens are obtained beside those of an attack that refreshes, to be tried after it.
const aside = 8

// tellEvery is after how many tokens it is said how far the filling has come.
const tellEvery = 50

// stockUp fills what the attack draws from.
func (r *run) stockUp(ctx context.Context) error {
	held, chains := 0, 0
	switch {
	case r.scenario.Name == stormScenario:
		chains = max(r.WorkingSet, r.Connections)
	default:
		if r.scenario.has(validatePart) || r.scenario.has(usePart) {
			held = r.WorkingSet
		}
		if r.scenario.has(refreshPart) {
			chains = r.Connections + spareChains
		}
	}
	if r.facts.turns() {
		held, chains = min(held, 1), min(chains, 1)
	}
	r.spares = make(chan *chain, max(chains, 1)+spareChains)
	wanted := held + chains
	if r.scenario.has(refreshPart) && !r.facts.turns() {
		wanted += aside
	}
	if r.scenario.has(issuePart) && !r.facts.turns() {
		wanted = max(wanted, together)
	}
	grants, err := r.obtainMany(ctx, wanted)
	if err != nil {
		return err
	}
	var set []*holding
	for i, g := range grants {
		if i < held {
			set = append(set, &holding{[]byte(g.access), g.ends})
			continue
		}
		if i < held+chains {
			r.spares <- g.chain()
			continue
		}
		r.keepsake(g)
	}
	r.stock = newStock(set)
	if r.scenario.has(issuePart) {
		return r.tryPairs(ctx)
	}
	return nil
}

func (g *grant) chain() *chain {
	return &chain{access: []byte(g.access), refresh: []byte(g.refresh)}
}

// obtainMany issues several tokens at once. Every one of them is remembered.
func (r *run) obtainMany(ctx context.Context, n int) ([]*grant, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	grants := make([]*grant, n)
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(fillers, n) {
		all.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				g, err := r.insist(ctx)
				if err != nil {
					cancel(err)
					return
				}
				r.remember(g)
				grants[i] = g
				if i%tellEvery == 0 {
					r.filling(i, 0)
				}
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		if errors.Is(err, context.Canceled) {
			return nil, shortOf("the run was interrupted")
		}
		return nil, err
	}
	return grants, nil
}

// insists is how often a token is asked for that is refused without a reason: a target that fails once in a while is to
// be measured, and not to be turned away from.
const insists = 3

// insist obtains tokens from a target that may fail now and then, and says so.
func (r *run) insist(ctx context.Context) (g *grant, err error) {
	for range insists {
		if g, err = r.obtain(ctx); err == nil {
			return g, nil
		}
		if short, ok := errors.AsType[shortfall](err); !ok || !short.again {
			return nil, err
		}
		r.insisted.Do(func() { r.note("tokens had to be asked for more than once before the attack: %v", err) })
	}
	return nil, err
}

// remember looks whether an issue handed out something again.
func (r *run) remember(g *grant) {
	for i, token := range []string{g.access, g.refresh} {
		if token != "" && !r.facts.cached[i] && !r.seen.add(r.seen.trace(i, []byte(token))) {
			r.accuse(repeated, r.script.issue, "to have tokens before the attack", "a new "+kindNames[i]+" token", "one that was handed out before", func() *exchange.Exchange { return g.Answer.Exchange })
		}
	}
}

var kindNames = [2]string{access, refresh}
