package engine

import (
	"context"
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
	takeTurns bool // accounts cannot be shared
}

func newClaims() *claims {
	return &claims{changed: make(chan struct{}), shared: map[string]int{}, exclusive: map[string]bool{}}
}

const accountPrefix = "account:"

// effective is a claim as this target needs it.
func (c *claims) effective(wanted []Claim) []Claim {
	out := make([]Claim, 0, len(wanted))
	for _, claim := range wanted {
		if c.takeTurns && strings.HasPrefix(claim.Name, accountPrefix) {
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

// tryAcquire takes all claims or none.
func (c *claims) tryAcquire(wanted []Claim) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.take(c.effective(wanted))
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

// acquire waits until all claims are free and takes them.
func (c *claims) acquire(ctx context.Context, wanted []Claim) error {
	for {
		c.mu.Lock()
		if c.take(c.effective(wanted)) {
			c.mu.Unlock()
			return nil
		}
		changed := c.changed
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
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
