package kit

import (
	"sync"
	"sync/atomic"
	"time"
)

// endedAccounts remembers of which accounts everything was revoked, and up to
// which family: those begun afterwards live. Like the mark on a family, and
// unlike a removal, it also reaches what a request in flight is about to store.
type endedAccounts struct {
	some atomic.Bool // spares the lock while nothing was ever revoked
	mu   sync.RWMutex
	last map[uint32]uint64 // by grant.client; there are no more of them than accounts
	at   map[uint32]time.Time
}

func (e *endedAccounts) has(g Grant) bool {
	if !e.some.Load() {
		return false
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	return g.Family <= e.last[g.Client]
}

func (e *endedAccounts) add(client uint32, last uint64, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.last == nil {
		e.last, e.at = map[uint32]uint64{}, map[uint32]time.Time{}
	}
	e.last[client], e.at[client] = max(e.last[client], last), now
	e.some.Store(true)
}

// since is when an account was ended last.
func (e *endedAccounts) since(client uint32) time.Time {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.at[client]
}

// RevokeAccount kills every token that its account has been issued so far.
func (t *Issuer) RevokeAccount(client uint32, now time.Time) {
	t.ended.add(client, t.families.Load(), now)
}

// dead: the token was revoked, with its family or with all of its account.
func (t *Issuer) dead(g Grant) bool { return t.revoked.has(g.Family) || t.ended.has(g) }

// revokedFamilies remembers which families were revoked for as long as one of
// their tokens could live.
type revokedFamilies struct {
	some atomic.Bool // spares the lock while nothing was ever revoked
	mu   sync.RWMutex
	m    map[uint64]time.Time
}

func (r *revokedFamilies) has(family uint64) bool {
	if !r.some.Load() {
		return false
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	_, is := r.m[family]
	return is
}

func (r *revokedFamilies) add(family uint64, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.m == nil {
		r.m = map[uint64]time.Time{}
	}
	r.m[family] = until
	r.some.Store(true)
}

func (r *revokedFamilies) sweep(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for family, until := range r.m {
		if now.After(until) {
			delete(r.m, family)
		}
	}
}
