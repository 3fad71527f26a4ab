package kit

import "time"

// revival is which tokens of an account a new grant brings back to life, for the defects whose server keeps of an account
// what it should keep of a session.
type revival struct{ spent, ended, revoked bool }

// granted remembers when an account was granted tokens, and who was first.
func (t *Issuer) granted(a Account, now time.Time) {
	if t.revives == (revival{}) && t.firstOnly == [2]bool{} && !t.regrets {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.first == nil {
		first := a.holder()
		t.first = &first
	}
	bounded(&t.lastGrant)[a.holder()] = now
}

func (t *Issuer) isFirst(a Account) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.first == nil || *t.first == a.holder()
}

// revived: the account of a grant was granted tokens after a moment.
func (t *Issuer) revived(g Grant, since time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lastGrant[Account{Client: g.Client, User: g.User}].After(since)
}

// spentBefore reports whether a refresh token that is being spent was spent, and is not revived.
func (t *Issuer) spentBefore(e Entry[Grant], k Key, first bool, now time.Time) bool {
	t.mu.Lock()
	at := t.spentAt[k]
	bounded(&t.spentAt)[k] = now
	t.mu.Unlock()
	return !first && !t.revived(e.Value, at)
}

// RevivesRevoked has a new grant of an account bring back what was revoked of it before.
func (p *Policy) RevivesRevoked() { p.revives.revoked = true }

// endTogether has a new pair end when the pair does that its account has, for the defects that keep one end for an account.
func (t *Issuer) endTogether(p Pair, a Account, now time.Time) {
	if t.sameEnd == [2]bool{} {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	ends := bounded(&t.ends)[a]
	for k, token := range [2]string{AccessToken: p.Access, RefreshToken: p.Refresh} {
		if ends[k].Before(now) {
			ends[k] = [2]time.Time{AccessToken: p.AccessEnds, RefreshToken: p.RefreshEnds}[k]
		}
		key := t.keyOf(Kind(k), token)
		if e, there := t.Tokens.Get(key); there && t.sameEnd[k] {
			_ = t.Tokens.Put(key, e.Value, ends[k].UnixNano())
		}
	}
	t.ends[a] = ends
}

// livesAgain: a token that has ended does not count as ended.
func (t *Issuer) livesAgain(e Entry[Grant], now time.Time) bool {
	if t.revives.ended && t.revived(e.Value, time.Unix(0, e.Expires)) {
		return true
	}
	if !t.prolongs || e.Value.Kind != AccessToken {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return now.Before(t.prolonged[e.Value.Family].Add(t.AccessLife))
}

// prolong starts the lifetime of a family's access tokens again.
func (t *Issuer) prolong(family uint64, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	bounded(&t.prolonged)[family] = now
}
