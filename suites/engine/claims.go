package engine

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// claims is a readers-writer lock over names: a case gets all it claims at once or waits, so two cases can
// never hold half of what the other wants.
type claims struct {
	mu        sync.Mutex
	changed   chan struct{} // closed and replaced whenever something is given back
	shared    map[string]int
	exclusive map[string]bool
	takeTurns bool     // accounts cannot be shared
	alone     []string // nor what has a name that begins like this
}

func newClaims() *claims {
	return &claims{changed: make(chan struct{}), shared: map[string]int{}, exclusive: map[string]bool{}}
}

const accountPrefix = "account:"

// effective is a claim as this target needs it.
func (c *claims) effective(wanted []Claim) []Claim {
	out := make([]Claim, 0, len(wanted))
	for _, claim := range wanted {
		begins := func(prefix string) bool { return strings.HasPrefix(claim.Name, prefix) }
		if c.takeTurns && begins(accountPrefix) || slices.ContainsFunc(c.alone, begins) {
			claim.Exclusive = true
		}
		out = append(out, claim)
	}
	return out
}

func (c *claims) free(wanted []Claim) bool {
	for _, claim := range wanted {
		if c.exclusive[claim.Name] || claim.Exclusive && c.shared[claim.Name] > 0 {
			return false
		}
	}
	return true
}

// try is next without a wait, and without a slot; -1 if none can begin.
func (c *claims) try(pending []Case) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.first(pending)
}

func (c *claims) take(wanted []Claim) bool {
	if !c.free(wanted) {
		return false
	}
	for _, claim := range wanted {
		if claim.Exclusive {
			c.exclusive[claim.Name] = true
		} else {
			c.shared[claim.Name]++
		}
	}
	return true
}

// next waits for a slot and for the first of some cases whose claims are free and wanted by none that comes before it.
// It takes both, and returns the case's index.
func (c *claims) next(ctx context.Context, slots chan struct{}, pending []Case) (int, error) {
	for {
		select {
		case <-slots:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		c.mu.Lock()
		first, changed := c.first(pending), c.changed
		c.mu.Unlock()
		if first >= 0 {
			return first, nil
		}
		slots <- struct{}{}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// first takes the claims of the first case that can begin; -1 if none can. c.mu is held.
func (c *claims) first(pending []Case) int {
	before := map[string]bool{} // what cases before this one wait for, and whether alone
	for i, waits := range pending {
		wanted := c.effective(waits.Claims)
		yields := slices.ContainsFunc(wanted, func(claim Claim) bool {
			alone, waited := before[claim.Name]
			return waited && (alone || claim.Exclusive)
		})
		if !yields && c.take(wanted) {
			return i
		}
		for _, claim := range wanted {
			before[claim.Name] = before[claim.Name] || claim.Exclusive
		}
	}
	return -1
}

func (c *claims) release(wanted []Claim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, claim := range c.effective(wanted) {
		if claim.Exclusive {
			delete(c.exclusive, claim.Name)
		} else if c.shared[claim.Name]--; c.shared[claim.Name] == 0 {
			delete(c.shared, claim.Name)
		}
	}
	close(c.changed)
	c.changed = make(chan struct{})
}
