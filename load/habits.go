package load

import (
	"context"
	"net/http"
	"time"

	"gonogo/internal/client"
)

// habits are what a target does where its document leaves it open.
type habits struct {
	cached        [2]bool // an issue hands out a token again that still lives, by kind
	alone         bool    // a new session of an account ends the former
	revokes       bool    // a refresh token that is presented again ends its whole family
	replayEndsAll bool    // and every other session of the account, so that none may be
	endsAll       bool    // a logout ends every session of the account
}

// turns reports that two sessions of the account cannot be had side by side.
func (h habits) turns() bool { return h.alone || h.cached[0] || h.cached[1] }

// compare finds out what a second call for tokens does to the first one's.
func (a *account) compare(ctx context.Context, c *call, first, second *client.Grant, untried string) error {
	var same [2]bool
	same[0], same[1] = client.Same(first, second)
	if same[0] || same[1] {
		legal, err := a.agreed(ctx, "caches "+c.op.Name(), func() (bool, error) { return a.caches(ctx, c, second, same) })
		if err != nil {
			return err
		}
		if legal {
			a.habits.cached = same
			a.ledger.note("the target hands out a live token again, so a token that an issue repeats is no violation in this run")
		}
	}
	if a.offer.live == nil {
		return nil
	}
	refusal, before, err := a.tried(ctx, first)
	if err != nil || before {
		return err
	}
	after, err := a.works(ctx, second)
	if err != nil || !after {
		return err
	}
	apart, err := a.liveApart(ctx, c, second)
	if err != nil {
		return err
	}
	if apart {
		a.dead("with an access token after which another was handed out at once (two that were handed out a second apart both work)", refusal)
		return nil
	}
	a.habits.alone = true
	a.ledger.note("a second session of an account ends the first, so this run has one session%s", untried)
	return nil
}

// aWhile is how long after two equal answers a third must be equal, too. Tokens that are made from the clock, and so are
// the same for all who ask in the same moment, are others by then.
const aWhile = 1100 * time.Millisecond

// brief reports tokens that do not live long enough for anything to be told a while later.
func brief(g *client.Grant) bool {
	life := g.Tokens[client.Access].Lifetime
	return life > 0 && life < 2*aWhile
}

// liveApart tells a target that keeps one session of an account from one that loses a token when another is handed out
// at the same moment: there two that are handed out a while apart live side by side.
func (a *account) liveApart(ctx context.Context, c *call, g *client.Grant) (bool, error) {
	if brief(g) {
		return false, nil
	}
	earlier, err := a.insist(ctx, c)
	if err != nil {
		return false, err
	}
	if err := wait(ctx, aWhile); err != nil {
		return false, err
	}
	if _, err := a.insist(ctx, c); err != nil {
		return false, err
	}
	return a.works(ctx, earlier)
}

// caches tells a target that hands out tokens again while they live from one that happened to do so, of which it waits
// and asks once more, and from one that does so blindly, of which it looks whether a refresh token that was used is
// handed out once more.
func (a *account) caches(ctx context.Context, c *call, g *client.Grant, same [2]bool) (bool, error) {
	if !brief(g) {
		if err := wait(ctx, aWhile); err != nil {
			return false, err
		}
		later, err := a.insist(ctx, c)
		if err != nil {
			return false, err
		}
		if access, refresh := client.Same(g, later); same[0] && !access || same[1] && !refresh {
			return false, nil
		}
	}
	if a.offer.refresh == nil || g.Value(client.Refresh) == "" {
		return true, nil
	}
	use := func(g *client.Grant) (bool, error) {
		if err := a.settled(ctx); err != nil {
			return false, err
		}
		answer, err := a.send(ctx, a.offer.refresh.op, g.Held())
		return err == nil && answer.Succeeded(), err
	}
	if used, err := use(g); err != nil || !used {
		return true, err
	}
	third, err := a.insist(ctx, c)
	if err != nil || third.Value(client.Refresh) != g.Value(client.Refresh) {
		return true, err
	}
	return use(third)
}

// tryRefresh finds out whether a refresh can be had now, what it carries, and what presenting a used token does.
func (a *account) tryRefresh(ctx context.Context, g *client.Grant, late bool) error {
	o := a.offer
	if g.Value(client.Refresh) == "" {
		return shortOf("%s carries no refresh token, so there is nothing to refresh", o.renewable.op.Name())
	}
	if a.habits.turns() { // the comparison may have used the token
		var err error
		if g, err = a.insist(ctx, o.renewable); err != nil {
			return err
		}
	}
	next, err := a.refreshed(ctx, g)
	if err != nil {
		return err
	}
	kind, _ := o.dialect.Token(client.Refresh)
	switch {
	case !next.Reply.Succeeded() && kind.EarlyRefusable && late:
		o.refresh.bears = o.renewable.bears
		return nil
	case !next.Reply.Succeeded() && kind.EarlyRefusable:
		return shortOf("the target refuses a refresh while the access token lives, which the document allows; --scenario %s refreshes when it has ended", stormScenario)
	case !next.Reply.Succeeded():
		return a.noRefresh(next)
	}
	o.refresh.bears = bears(next)
	if next.Value(client.Refresh) == "" {
		return nil
	}
	after, err := a.refreshed(ctx, next)
	if err != nil {
		return err
	}
	if !after.Reply.Succeeded() {
		return a.noRefresh(after)
	}
	if !o.rotates {
		return nil
	}
	return a.tryReplay(ctx, g, after)
}

// tryReplay finds out what else ends when a refresh token that was used is presented again; after is what came of it by refreshes.
func (a *account) tryReplay(ctx context.Context, used, after *client.Grant) error {
	apart := a.offer.live != nil && !a.habits.turns()
	var other *client.Grant
	if apart {
		var err error
		if other, err = a.insist(ctx, a.offer.renewable); err != nil {
			return err
		}
		a.remember(a.offer.renewable, other)
		if works, err := a.works(ctx, other); err != nil || !works {
			apart = false // which the attack will see
		}
	}
	again, err := a.refreshed(ctx, used)
	if err != nil || again.Reply.Succeeded() { // which the attack will see
		return err
	}
	last, err := a.refreshed(ctx, after)
	if err != nil || last.Reply.Succeeded() {
		return err
	}
	a.habits.revokes = true
	if apart {
		answer, works, err := a.tried(ctx, other)
		if err != nil {
			return err
		}
		if a.habits.replayEndsAll = !works && a.denied(answer); a.habits.replayEndsAll {
			a.ledger.note("a refresh token that is presented again ends every session of the account, so none is in this run, and no two refreshes race")
			return nil
		}
	}
	a.ledger.note("a refresh token that is presented again ends its family, so few are")
	return nil
}

// longEnough reports tokens that do not live for as long as a session goes by them, by what the target says of them.
func (r *run) longEnough(g *client.Grant) error {
	if r.asked.scenario.name != sessionScenario {
		return nil
	}
	for _, name := range kindNames {
		if why := r.asked.journey.outlives(name, g.Tokens[name].Lifetime); why != "" && (name == client.Access || r.asked.journey.refreshes > 0) {
			return shortOf("%s; ask for a shorter --period", why)
		}
	}
	return nil
}

// tryLogout finds out whether a session can be ended, and whether that ends the others of the account. Sessions do not log
// out where it cannot be had.
func (r *run) tryLogout(ctx context.Context) error {
	a, c := r.account, r.offer.revoke
	without := func(format string, args ...any) {
		j := r.asked.journey
		j.logout = 0
		r.asked.goes(j)
		r.offer.revoke = nil
		r.ledger.note("a session has no logout: "+format, args...)
	}
	other, err := a.insist(ctx, r.offer.issue)
	if err != nil {
		return err
	}
	a.remember(r.offer.issue, other)
	one, err := a.insist(ctx, r.offer.issue)
	if err != nil {
		return err
	}
	a.remember(r.offer.issue, one)
	if err := a.settled(ctx); err != nil {
		return err
	}
	answer, err := a.client.Revoke(ctx, c.op, one)
	a.changed.Store(time.Now().UnixNano())
	switch {
	case err != nil:
		return a.short(ctx, c.op.Name(), err)
	case answer.Status == http.StatusUnauthorized:
		a.violated(deadAccess, c, "to log out", "success (2xx)", answer.Got(), answer)
		fallthrough
	case !answer.Succeeded():
		without("%s was answered %s", c.op.Name(), answer.Got())
		return nil
	case a.offer.live == nil || a.habits.turns():
		return nil
	}
	again, works, err := a.tried(ctx, other)
	if err != nil || works || !a.denied(again) {
		return err
	}
	if a.habits.endsAll = true; r.asked.journey.population > 1 {
		without("it ends every session of the account, and those of this run are all of one (--population 1 has them log out, one after the other)")
	}
	return nil
}

// noRefresh is the end of a run that is to refresh and cannot.
func (a *account) noRefresh(g *client.Grant) error {
	c := a.offer.refresh
	hint := ""
	if g.Reply.Refused() {
		a.violated(deadRefresh, c, "with a refresh token that nobody had used", "success (2xx)", g.Reply.Got(), g.Reply)
		if a.offer.target.Limits.Settle == 0 {
			hint = "; if its replicas take a moment to know a token, grant it in the target file: limits: {settle: 100ms}"
		}
	}
	return shortOf("no refresh could be had to begin with: %s was answered %s%s", c.op.Name(), g.Reply.Got(), hint)
}
