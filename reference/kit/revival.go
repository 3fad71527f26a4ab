package kit

import "time"

// revival is which tokens of an account a new grant brings back to life, for the defects whose server keeps of an account
// what it should keep of a session.
type revival struct{ spent, ended, revoked bool }

// granted remembers when an account was granted tokens, and who was first.
func (t *Issuer) granted(a Account, now time.Time) {
	if t.revives == (revival{}) && t.firstOnly == [2]bool{} {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.first == nil {
		first := a
		t.first = &first
	}
	if t.lastGrant == nil || len(t.lastGrant) >= maxFirsts {
		t.lastGrant = map[Account]time.Time{}
	}
	t.lastGrant[a] = now
}

func (t *Issuer) isFirst(a Account) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.first == nil || *t.first == a
}

// revived: the account of a grant was granted tokens after a moment.
func (t *Issuer) revived(g Grant, since time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lastGrant[Account{g.Client, g.User}].After(since)
}

// spentBefore reports whether a refresh token that is being spent was spent, and is not revived.
func (t *Issuer) spentBefore(e Entry[Grant], k Key, first bool, now time.Time) bool {
	t.mu.Lock()
	at := t.spentAt[k]
	if t.spentAt == nil || len(t.spentAt) >= maxFirsts {
		t.spentAt = map[Key]time.Time{}
	}
	t.spentAt[k] = now
	t.mu.Unlock()
	return !first && !t.revived(e.Value, at)
}

// RevivesRevoked has a new grant of an account bring back what was revoked of it before.
func (p *Policy) RevivesRevoked() { p.revives.revoked = true }
