package load

import (
	"context"
	"time"

	"gonogo/internal/exchange"
	"gonogo/internal/operation"
)

// facts are what a target does where its document leaves it open.
type facts struct {
	cached  [2]bool // an issue hands out a token again that still lives, by kind
	alone   bool    // a new session of an account ends the former
	revokes bool    // a refresh token that is presented again ends its whole family
}

// turns reports that two sessions of the account cannot be had side by side.
func (f facts) turns() bool { return f.alone || f.cached[0] || f.cached[1] }

// compare finds out what a second issue does to the first one's tokens.
func (r *run) compare(ctx context.Context, first, second *grant) error {
	same := [2]bool{first.access == second.access, first.refresh != "" && first.refresh == second.refresh}
	if same[0] || same[1] {
		steady, err := r.steady(ctx, second, same)
		if err != nil {
			return err
		}
		legal := false
		if steady {
			legal, err = r.handsOutLiveOnes(ctx, second)
		}
		if err != nil {
			return err
		}
		if legal {
			r.facts.cached = same
			r.note("the target hands out a live token again, so a token that an issue repeats is no violation in this run")
		}
	}
	if r.script.live == nil {
		return nil
	}
	refusal, before, err := r.tried(ctx, first)
	if err != nil || before {
		return err
	}
	after, err := r.lives(ctx, second)
	if err != nil || !after {
		return err
	}
	apart, err := r.liveApart(ctx, second)
	if err != nil {
		return err
	}
	if apart {
		r.accuse(deadAccess, r.script.live, "with an access token after which another was handed out at once (two that were handed out a second apart both work)",
			"success (2xx)", statusText(refusal.Status), func() *exchange.Exchange { return refusal.Exchange })
		return nil
	}
	r.facts.alone = true
	r.note("a second session of an account ends the first, so this run has one session%s", r.untriedNote())
	return nil
}

// untriedNote says what a run with one session leaves out.
func (r *run) untriedNote() string {
	if r.scenario.has(issuePart) && r.Connections > 1 {
		return ", and no token that it is handed is tried: another connection may have ended it (--connections 1 tries them)"
	}
	return ""
}

// liveApart tells a target that keeps one session of an account from one that loses a token when another is handed out
// at the same moment: there two that are handed out a while apart live side by side.
func (r *run) liveApart(ctx context.Context, g *grant) (bool, error) {
	if g.life > 0 && g.life < 2*aWhile {
		return false, nil
	}
	earlier, err := r.insist(ctx)
	if err != nil {
		return false, err
	}
	select {
	case <-ctx.Done():
		return false, shortOf("the run was interrupted")
	case <-time.After(aWhile):
	}
	if _, err := r.insist(ctx); err != nil {
		return false, err
	}
	return r.lives(ctx, earlier)
}

// aWhile is how long after two equal answers a third must be equal, too. Tokens that are made from the clock, and so are
// the same for all who ask in the same moment, are others by then.
const aWhile = 1100 * time.Millisecond

// steady tells a target that hands out a token again while it lives from one that happened to do so: it waits and asks
// once more. A token that does not live that long cannot be told.
func (r *run) steady(ctx context.Context, g *grant, same [2]bool) (bool, error) {
	if g.life > 0 && g.life < 2*aWhile {
		return true, nil
	}
	select {
	case <-ctx.Done():
		return false, shortOf("the run was interrupted")
	case <-time.After(aWhile):
	}
	later, err := r.insist(ctx)
	if err != nil {
		return false, err
	}
	return (!same[0] || later.access == g.access) && (!same[1] || later.refresh == g.refresh), nil
}

// handsOutLiveOnes tells a target that hands out a pair again while it lives from one that does so blindly: it looks
// whether a refresh token that was used is handed out once more.
func (r *run) handsOutLiveOnes(ctx context.Context, g *grant) (bool, error) {
	if r.script.refresh == nil || g.refresh == "" {
		return true, nil
	}
	use := func(g *grant) (bool, error) {
		answer, err := r.call(ctx, r.script.refresh, map[string]string{refresh: g.refresh, access: g.access})
		return err == nil && answer.Succeeded(), err
	}
	if used, err := use(g); err != nil || !used {
		return true, err
	}
	third, err := r.insist(ctx)
	if err != nil || third.refresh != g.refresh {
		return true, err
	}
	return use(third)
}

// lives asks whether an access token works, in the way that the attack will.
func (r *run) lives(ctx context.Context, g *grant) (bool, error) {
	_, ok, err := r.tried(ctx, g)
	return ok, err
}

// tried is lives with the answer.
func (r *run) tried(ctx context.Context, g *grant) (answer *operation.Answer, ok bool, err error) {
	answer, err = r.call(ctx, r.script.live, map[string]string{access: g.access, refresh: g.refresh})
	return answer, err == nil && r.affirms(r.script.live, answer), err
}

// affirms reports whether an answer says that a token works.
func (r *run) affirms(e *errand, answer *operation.Answer) bool {
	if e.op.Says == nil || !answer.Succeeded() {
		return answer.Succeeded()
	}
	value, ok := answer.Value(e.op.Says.Valid)
	return ok && value == true
}

// tryRefresh finds out whether a refresh can be had now, what it carries, and what presenting a used token does.
func (r *run) tryRefresh(ctx context.Context, g *grant) error {
	e := r.script.refresh
	refreshed := func(g *grant) (*grant, error) {
		answer, err := r.call(ctx, e, map[string]string{refresh: g.refresh, access: g.access})
		if err != nil {
			return nil, err
		}
		return r.granted(e, answer), nil
	}
	if g.refresh == "" {
		return shortOf("%s carries no refresh token, so there is nothing to refresh", r.script.issue.op.Name())
	}
	if r.facts.turns() { // the comparison may have used the token
		var err error
		if g, err = r.insist(ctx); err != nil {
			return err
		}
	}
	next, err := refreshed(g)
	if err != nil {
		return err
	}
	kind, _ := r.script.dialect.Token(refresh)
	switch {
	case !next.Succeeded() && kind.EarlyRefusable && r.scenario.Name == stormScenario:
		r.script.refresh.bears = r.script.issue.bears
		return nil
	case !next.Succeeded() && kind.EarlyRefusable:
		return shortOf("the target refuses a refresh while the access token lives, which the document allows; --scenario %s refreshes when it has ended", stormScenario)
	case !next.Succeeded():
		return r.noRefresh(next)
	}
	e.bears = [2]bool{next.access != "", next.refresh != ""}
	if next.refresh == "" {
		return nil
	}
	after, err := refreshed(next)
	if err != nil {
		return err
	}
	if !after.Succeeded() {
		return r.noRefresh(after)
	}
	if !r.script.rotates {
		return nil
	}
	again, err := refreshed(g)
	if err != nil || again.Succeeded() { // which the attack will see
		return err
	}
	last, err := refreshed(after)
	if err == nil && !last.Succeeded() {
		r.facts.revokes = true
		r.note("a refresh token that is presented again ends its family, so few are")
	}
	return err
}

// noRefresh is the end of a run that is to refresh and cannot.
func (r *run) noRefresh(g *grant) error {
	e := r.script.refresh
	if g.Refused() {
		r.accuse(deadRefresh, e, "with a refresh token that nobody had used", "success (2xx)", statusText(g.Status), func() *exchange.Exchange { return g.Answer.Exchange })
	}
	return shortOf("no refresh could be had to begin with: %s was answered %s", e.op.Name(), statusText(g.Status))
}

// possible reports what a target that does as it may keeps a scenario from showing.
func (r *run) possible() error {
	if !r.facts.turns() {
		return nil
	}
	several := 0
	for p := range checkPart {
		if r.scenario.has(p) {
			several++
		}
	}
	why := "the target hands an account the same tokens again while they live"
	if r.facts.alone {
		why = "the target keeps one session of an account"
	}
	switch {
	case r.scenario.Name == stormScenario:
		return shortOf("%s, so there is nobody else whose token could end; a storm needs a target where an account has several", why)
	case several > 1 && (r.scenario.has(refreshPart) || r.facts.alone && r.scenario.has(issuePart)):
		return shortOf("%s, so the kinds of requests of a mix end each other's tokens; run them one after the other", why)
	case r.scenario.has(refreshPart) && r.Connections > 1:
		return shortOf("%s, so only one connection has a token to refresh; ask for --connections 1", why)
	}
	return nil
}
