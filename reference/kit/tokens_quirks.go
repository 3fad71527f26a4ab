package kit

import "time"

// What the policies of some defects need to remember of tokens.

// made is what was handed out before, for the defects that hand it out again.
type made struct {
	pairs  uint64
	last   Pair
	second int64
	twins  map[twin]Pair // of this second
}

type twin struct {
	Account
	age uint8
}

// makeAgain has a pair be one that was made before.
func (t *Issuer) makeAgain(p *Pair, a Account, age uint8, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m := &t.made
	if m.pairs++; t.repeatsEvery > 0 && m.pairs%t.repeatsEvery == 0 {
		p.Access, p.Refresh = m.last.Access, m.last.Refresh
	}
	m.last = *p
	if !t.twins || age == 0 {
		return
	}
	if m.second != now.Unix() || m.twins == nil {
		m.second, m.twins = now.Unix(), map[twin]Pair{}
	}
	same := twin{a, age}
	if former, had := m.twins[same]; had {
		p.Access, p.Refresh = former.Access, former.Refresh
	}
	m.twins[same] = *p
}

func (t *Issuer) countUse(token string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	bounded(&t.used)[KeyOf(token)]++
	return t.used[KeyOf(token)]
}

// mayRenew counts the refreshes of a session, for the defect that ends its chain.
func (t *Issuer) mayRenew(family uint64) bool {
	if t.refreshesOnly == 0 {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	bounded(&t.renewals)[family]++
	return t.renewals[family] <= t.refreshesOnly
}

// endOldest revokes the oldest sessions of an account that has more than it may. t.mu is held.
func (t *Issuer) endOldest(a Account, family uint64, now time.Time) {
	if t.fewSessions == 0 {
		return
	}
	all := append(bounded(&t.former)[a], family)
	for len(all) > t.fewSessions {
		t.Revoke(all[0], now)
		all = all[1:]
	}
	t.former[a] = all
}

// stillborn forgets each nth token of a kind as soon as it is handed out.
func (t *Issuer) stillborn(k Kind, token string) {
	if n := t.deadEach[k]; n > 0 && t.minted[k].Add(1)%int64(n) == 0 {
		t.Tokens.Take(t.keyOf(k, token))
	}
}

// cutShort has the tokens of a renewed pair end when those before it would have, for the defects that carry the
// old end over.
func (t *Issuer) cutShort(p Pair, old Entry[Grant]) {
	for k, token := range [2]string{AccessToken: p.Access, RefreshToken: p.Refresh} {
		if !t.keepsEnd[k] {
			continue
		}
		ends := old.Expires // of the refresh token
		if Kind(k) == AccessToken {
			ends += int64(t.AccessLife - t.RefreshLife)
		}
		key := t.keyOf(Kind(k), token)
		if e, there := t.Tokens.Get(key); there {
			_ = t.Tokens.Put(key, e.Value, ends)
		}
	}
}

// spentAnew reports whether a refresh token that is being spent may be: for the
// first time, or after it was forgotten that it was.
func (t *Issuer) spentAnew(k Key, first bool, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !first && now.Before(t.spentAt[k].Add(t.forgetsSpent)) {
		return false
	}
	bounded(&t.spentAt)[k] = now
	return true
}
