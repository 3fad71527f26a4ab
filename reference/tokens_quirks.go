package reference

import "time"

// What the policies of some defects need to remember of tokens.

func (t *issuer) countUse(token string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.used == nil || len(t.used) >= maxFirsts {
		t.used = map[key]int{}
	}
	t.used[keyOf(token)]++
	return t.used[keyOf(token)]
}

// cutShort has the tokens of a renewed pair end when those before it would have, for the defects that carry the
// old end over.
func (t *issuer) cutShort(p pair, old entry[grant]) {
	for k, token := range [2]string{accessToken: p.access, refreshToken: p.refresh} {
		if !t.keepsEnd[k] {
			continue
		}
		ends := old.expires // of the refresh token
		if kind(k) == accessToken {
			ends += int64(t.accessLife - t.refreshLife)
		}
		key := t.keyOf(kind(k), token)
		if e, there := t.tokens.get(key); there {
			_ = t.tokens.put(key, e.value, ends)
		}
	}
}

// spentAnew reports whether a refresh token that is being spent may be: for the
// first time, or after it was forgotten that it was.
func (t *issuer) spentAnew(k key, first bool, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !first && now.Before(t.spentAt[k].Add(t.forgetsSpent)) {
		return false
	}
	if t.spentAt == nil || len(t.spentAt) >= maxFirsts {
		t.spentAt = map[key]time.Time{}
	}
	t.spentAt[k] = now
	return true
}

// revocationForgotten: the account was ended so long ago that nobody remembers.
func (t *issuer) revocationForgotten(g grant, now time.Time) bool {
	after := t.forgetsRevoked[g.kind]
	return after > 0 && !now.Before(t.ended.since(g.client).Add(after))
}
