package kit

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// revocations remembers what was revoked: families of tokens, and accounts up
// to a family, so that those begun afterwards live. A mark, unlike a removal,
// also reaches the tokens that a request in flight is about to store.
type revocations struct {
	some     atomic.Bool // spares the lock while nothing was ever revoked
	mu       sync.RWMutex
	families map[uint64]time.Time // with the time when the last of their tokens has ended
	accounts map[uint32]ending    // by Grant.Client; there are no more of them than accounts
}

// ending is when all tokens of an account were revoked, and up to which family.
type ending struct {
	last uint64
	at   time.Time
}

func (r *revocations) change(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.some.Load() {
		r.families, r.accounts = map[uint64]time.Time{}, map[uint32]ending{}
	}
	change()
	r.some.Store(true)
}

// find answers whether the family of a grant was revoked, and whether its
// account was, and when.
func (r *revocations) find(g Grant) (family, account bool, at time.Time) {
	if !r.some.Load() {
		return false, false, at
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	_, family = r.families[g.Family]
	end := r.accounts[g.Client]
	return family, g.Family <= end.last, end.at
}

func (r *revocations) sweep(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.families, func(_ uint64, until time.Time) bool { return now.After(until) })
}

// Revoke kills every token of a family.
func (t *Issuer) Revoke(family uint64, now time.Time) {
	t.revoked.change(func() { t.revoked.families[family] = now.Add(t.RefreshLife + t.Leeway + SweepGrace) })
}

// RevokeAccount kills every token that its account has been issued so far.
func (t *Issuer) RevokeAccount(client uint32, now time.Time) {
	t.revoked.change(func() { t.revoked.accounts[client] = ending{t.families.Load(), now} })
}

// ForgetClient removes all tokens of a client.
func (t *Issuer) ForgetClient(number uint32) {
	t.Tokens.DropIf(func(g Grant) bool { return g.Client == number })
}

// WasRevoked: what the token stands for was revoked once, even if that is forgotten.
func WasRevoked(c *Call) bool {
	family, account, _ := c.Service.Tokens.revoked.find(c.Grant)
	return family || account
}
