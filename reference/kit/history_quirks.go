package kit

import (
	"sync"
	"sync/atomic"
)

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
