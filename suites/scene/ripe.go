package scene

import (
	"time"

	"gonogo/specs"
	"gonogo/suites/engine"
)

// A document can say of a refresh token that it is for when the access token has ended. A target that takes it
// earlier is kind; one that does not is right, and then whoever refreshes waits.

// unripe remembers when a grant's tokens that may be refused early are sure to work.
func (a *Act) unripe(grant *Grant) {
	access, ok := grant.Tokens[Access]
	if !ok || access.Lifetime == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, token := range grant.Tokens {
		if kind, _ := a.Dialect.Token(name); kind.EarlyRefusable { // two kinds may have one value
			a.usable[token.Value] = access.Received.Add(access.Lifetime + leeway)
		}
	}
}

// leeway is how long after its announced end an access token may live.
const leeway = 65 * time.Second

// Ripen waits until a token may be used, at a target that refuses it before.
func (a *Act) Ripen(value string) error {
	a.mu.RLock()
	due, known := a.usable[value]
	late := a.facts.lateRefresh
	a.mu.RUnlock()
	if !late || !known || !a.Now().Before(due) {
		return nil
	}
	if a.Case.Phase != engine.Timeline {
		return engine.NotExercised("the target refuses a refresh token while its access token lives, and this case does not wait")
	}
	return a.Wait(a.ctx, due)
}

// lateRefresh finds out whether the target refuses a refresh while the access token lives, where that is legal.
func (a *Act) lateRefresh(grant *Grant, facts *engine.Facts) error {
	kind, ok := a.Dialect.Token(Refresh)
	if !ok || !kind.EarlyRefusable || grant.Value(Refresh) == "" || a.First(specs.RoleRefresh) == nil {
		return nil
	}
	reply, err := a.Refresh(grant)
	if err != nil {
		return unless(err)
	}
	if reply.Succeeded() {
		a.Collect(grant.Role, reply)
		return nil
	}
	if reply.Refused() {
		a.mu.Lock()
		a.facts.lateRefresh = true
		a.mu.Unlock()
		facts.Late = true
		facts.Notes = append(facts.Notes, "the target refuses a refresh while the access token lives; cases that refresh wait for its end")
	}
	return nil
}
