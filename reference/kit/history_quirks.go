package kit

import (
	"sync"
	"sync/atomic"
	"time"
)

// renewal is how far a family has come by refreshes, and when it came there.
type renewal struct {
	age uint8
	at  time.Time
}

// formerReturns is a defect that shows in two answers about a token of which nobody can say that either is wrong.
func formerReturns[D Served](dialect string, r Rows[D]) (all []Declared[D]) {
	if r.Using != "" && r.Rotate != "" {
		all = append(all, Defect(dialect+"-login-revives-former", r.Using, "A refresh ends the former access token, which works again after the next grant of its account.", func(d D) {
			d.Base().regrets = true
		}).Under("refresh"))
	}
	return all
}

// renews remembers that a family was refreshed.
func (t *Issuer) renews(g Grant, now time.Time) {
	if !t.regrets {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	bounded(&t.latest)[g.Family] = renewal{g.Age + 1, now}
}

// replaced reports an access token that a refresh has ended, and no grant has brought back.
func (t *Issuer) replaced(g Grant) bool {
	if !t.regrets || g.Kind != AccessToken {
		return false
	}
	t.mu.Lock()
	latest := t.latest[g.Family]
	t.mu.Unlock()
	return g.Age < latest.age && !t.revived(g, latest.at)
}

// forgiven reports whether a refresh token that is being spent may be: for the first time, and each second time after it.
func (t *Issuer) forgiven(k Key) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	bounded(&t.used)[k]++
	return t.used[k]%2 == 1
}

// Crossed has a member say each fourth time what the call before led to, and so give one client what is another's.
func Crossed(name string, v func(*Call) Value) Change {
	var mu sync.Mutex
	var last Value
	var calls int
	return func(c *Call, a Answer) Answer {
		mu.Lock()
		defer mu.Unlock()
		own := v(c)
		now := own
		if calls++; calls%4 == 0 {
			now = last
		}
		last = own
		a.Body = a.Body.Set(name, now)
		return a
	}
}

// Alternately has every second answer changed: that of a replica that differs.
func Alternately(change Change) Change {
	var calls atomic.Int64
	return func(c *Call, a Answer) Answer {
		if calls.Add(1)%2 == 0 {
			return change(c, a)
		}
		return a
	}
}
