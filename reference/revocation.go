package reference

import (
	"sync"
	"sync/atomic"
)

// endedAccounts remembers of which accounts everything was revoked, and up to
// which family: those begun afterwards live. Like the mark on a family, and
// unlike a removal, it also reaches what a request in flight is about to store.
type endedAccounts struct {
	some atomic.Bool // spares the lock while nothing was ever revoked
	mu   sync.RWMutex
	last map[uint32]uint64 // by grant.client; there are no more of them than accounts
}

func (e *endedAccounts) has(g grant) bool {
	if !e.some.Load() {
		return false
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	return g.family <= e.last[g.client]
}

func (e *endedAccounts) add(client uint32, last uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.last == nil {
		e.last = map[uint32]uint64{}
	}
	e.last[client] = max(e.last[client], last)
	e.some.Store(true)
}

// revokeAccount kills every token that its account has been issued so far.
func (t *issuer) revokeAccount(client uint32) { t.ended.add(client, t.families.Load()) }

// dead: the token was revoked, with its family or with all of its account.
func (t *issuer) dead(g grant) bool { return t.revoked.has(g.family) || t.ended.has(g) }
