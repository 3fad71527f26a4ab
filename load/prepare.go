package load

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"gonogo/internal/client"
	"gonogo/internal/traceparent"
	"gonogo/load/attack"
	"gonogo/reports/words"
)

// together is how many tokens are asked for before an attack that issues, as many at once as fill the supply. The attack's
// own requests are spread evenly, and two that ask in the same moment are what some servers answer alike.
const together = 32

// controls is how many tokens are obtained beside those of an attack that refreshes, to be tried after it, and
// mostControls how many are kept of what an attack that issues is given before it.
const (
	controls     = 8
	mostControls = 32
)

// prepare finds out what the attack has to know, and fills what it draws from.
func (r *run) prepare(ctx context.Context) (*supply, error) {
	a, mix := r.account, newMix(r.asked.scenario, r.offer)
	if err := r.ready(ctx); err != nil {
		return nil, err
	}
	if err := a.register(ctx); err != nil {
		return nil, err
	}
	if err := r.group.turn(ctx); err != nil {
		return nil, err
	}
	first, second, err := r.twice(ctx, r.offer.begins, mix)
	if err != nil {
		return nil, err
	}
	if mix.has(refreshPart) {
		renewed := second
		if r.offer.renewable != r.offer.begins {
			if _, renewed, err = r.twice(ctx, r.offer.renewable, mix); err != nil {
				return nil, err
			}
		}
		if err := a.tryRefresh(ctx, renewed, mix.name == stormScenario); err != nil {
			return nil, err
		}
	}
	if err := r.longEnough(first); err != nil {
		return nil, err
	}
	if mix.has(logoutPart) {
		if err := r.tryLogout(ctx); err != nil {
			return nil, err
		}
		mix = newMix(r.asked.scenario, r.offer)
	}
	if err := r.offer.compile(r.asked.Agent, r.trace != (traceparent.Trace{}), a.client.Credential); err != nil {
		return nil, err
	}
	if err := r.possible(mix, a.habits); err != nil {
		return nil, err
	}
	if err := r.group.probed(ctx); err != nil {
		return nil, err
	}
	s := &supply{
		offer: r.offer, trace: r.trace, mix: mix, habits: a.habits, clock: &a.client, connections: r.asked.Connections, first: r.group.index() * r.asked.Connections, shared: r.group.shared(), zipf: r.asked.Pick == zipf, seed: r.asked.Seed, settle: r.offer.target.Limits.Settle,
		life: first.Tokens[client.Access].Lifetime, seen: a.seen, crossed: a.crossed, spent: make(chan spentToken, 256), newborn: make(chan fresh, 64),
		races: make(chan *race, 1), // one at a time, so that who accepts is quick
	}
	if s.settle > 0 {
		r.ledger.note("the target's replicas may take %s to know what it was told (limits.settle): tokens wait for that, and no two refreshes race", s.settle)
	}
	s.sampling.sow(r.asked.Seed + int64(r.group.index()))
	s.histories = r.histories
	if err := r.fill(ctx, s); err != nil {
		return nil, err
	}
	lost := false
	switch {
	case mix.name == stormScenario:
		s.storm, err = r.gather(ctx, s)
	case mix.name == sessionScenario:
		s.sessions = &sessions{supply: s, journey: r.asked.journey, took: attack.NewHistogram()}
		s.sessions.population = r.group.of(s.sessions.population)
		fallthrough
	case mix.has(issuePart):
		if lost, err = r.tryPairs(ctx); err == nil {
			err = r.account.tryApart(ctx)
		}
	}
	if err != nil || lost {
		return s, err
	}
	return s, r.trySessions(ctx, s)
}

// twice gets tokens two times by a call, and finds out what the second time does to the first one's.
func (r *run) twice(ctx context.Context, c *call, mix mix) (first, second *client.Grant, err error) {
	a := r.account
	if first, err = a.insist(ctx, c); err != nil {
		return nil, nil, err
	}
	a.connection.KnownGood(a.client.Knock)
	a.client.Skewed(first.Reply)
	if second, err = a.insist(ctx, c); err != nil {
		return nil, nil, err
	}
	c.bears = bears(first)
	untried := ""
	if mix.has(issuePart) && (r.asked.Connections > 1 || r.group.shared()) {
		untried = ", and no token that it is handed is tried: another connection may have ended it (--connections 1 tries them)"
	}
	if err := a.compare(ctx, c, first, second, untried); err != nil {
		return nil, nil, err
	}
	a.remember(c, first)
	a.remember(c, second)
	return first, second, nil
}

// ready waits for the target to be there, if it is to.
func (r *run) ready(ctx context.Context) error {
	if r.asked.WaitReady <= 0 {
		return nil
	}
	r.teller.awaited(r.asked.WaitReady)
	defer r.teller.awaited(0)
	if _, err := r.account.connection.Ready(ctx, r.asked.WaitReady); err != nil {
		return shortOf("%v", err)
	}
	return nil
}

// possible reports what a target that does as it may keeps a scenario from showing.
func (r *run) possible(mix mix, h habits) error {
	if !h.turns() {
		return nil
	}
	why := "the target hands an account the same tokens again while they live"
	if h.alone {
		why = "the target keeps one session of an account"
	}
	switch {
	case r.group.shared() && mix.only != issuePart:
		return shortOf("%s, so several generators end each other's tokens; run it with one", why)
	case mix.name == sessionScenario && r.asked.journey.population > 1:
		return shortOf("%s, so sessions end each other; ask for --population 1", why)
	case mix.name == sessionScenario:
	case mix.name == stormScenario:
		return shortOf("%s, so there is nobody else whose token could end; a storm needs a target where an account has several", why)
	case mix.only < 0 && (mix.has(refreshPart) || h.alone && mix.has(issuePart)):
		return shortOf("%s, so the kinds of requests of a mix end each other's tokens; run them one after the other", why)
	case mix.has(refreshPart) && r.asked.Connections > 1:
		return shortOf("%s, so only one connection has a token to refresh; ask for --connections 1", why)
	}
	return nil
}

// fill obtains the tokens that the attack begins with.
func (r *run) fill(ctx context.Context, s *supply) error {
	held, families, beside := 0, 0, 0
	switch s.mix.name {
	case sessionScenario: // they log in by themselves
	case stormScenario:
		families = max(r.asked.WorkingSet, r.asked.Connections)
	default:
		if s.mix.has(validatePart) || s.mix.has(usePart) {
			held = r.group.of(r.asked.WorkingSet)
		}
		if s.mix.has(refreshPart) {
			families = r.families(s, r.asked.shape.highest()/float64(r.group.count()))
		}
	}
	if s.mix.has(refreshPart) {
		beside = controls
	}
	if s.mix.has(issuePart) {
		beside = max(beside, together-held-families)
	}
	if s.habits.turns() {
		held, families, beside = min(held, 1), min(families, 1), 0
	}
	room := max(families, 1) + spareFamilies
	if s.settle > 0 {
		room += mostResting // a search asks for other rates later
	}
	s.reserve = make(chan *family, room)
	s.held.places = make([]atomic.Pointer[liveToken], held)
	s.controls = make([]*client.Grant, min(beside, mostControls))
	s.obtained = held + families + beside
	begins, renewable := r.offer.begins, r.offer.renewable
	if begins == renewable {
		return r.account.obtainMany(ctx, begins, held+families+beside, func(i int, g *client.Grant) { s.lay(i, g, held, families) })
	}
	apart := 0 // what is tried after an attack that refreshes is of the same kind as what it refreshes
	if s.mix.has(refreshPart) {
		apart = min(controls, beside)
	}
	err := r.account.obtainMany(ctx, begins, held+beside-apart, func(i int, g *client.Grant) {
		if i >= held {
			i += families + apart
		}
		s.lay(i, g, held, families)
	})
	if err != nil || families+apart == 0 {
		return err
	}
	return r.account.obtainMany(ctx, renewable, families+apart, func(i int, g *client.Grant) { s.lay(held+i, g, held, families) })
}

// lay puts what was obtained before an attack where it is taken from: first the working set, then the families, then what is tried
// after the attack.
func (s *supply) lay(i int, g *client.Grant, held, families int) {
	if i < len(s.oldest) {
		s.oldest[i] = g
	}
	switch control := i - held - families; {
	case i < held:
		token := newLiveToken(g)
		token.history = s.histories.granted(ofHeld, g)
		s.held.places[i].Store(token)
	case control < 0:
		f := newFamily(g)
		f.history = s.histories.granted(ofChains, g)
		put(s.reserve, f)
	case control < len(s.controls):
		s.controls[control] = g
	}
}

// trySessions finds out whether the first tokens that were obtained have ended because of the last ones: a target may end the oldest
// sessions of an account, and the clients of a run are all of one.
func (r *run) trySessions(ctx context.Context, s *supply) error {
	a, first := r.account, min(len(s.oldest), s.obtained/2)
	if r.offer.live == nil || a.habits.turns() || first == 0 {
		return nil
	}
	for _, g := range s.oldest[:first] {
		if newLiveToken(g).endsBefore(time.Now().Add(margin)) {
			return nil
		}
		answer, works, err := a.tried(ctx, g)
		if err != nil || works || !a.denied(answer) { // one that is lost among many is for the attack to see
			return err
		}
	}
	newest, err := a.insist(ctx, r.offer.begins)
	if err != nil {
		return err
	}
	a.remember(r.offer.begins, newest)
	if works, err := a.works(ctx, newest); err != nil || !works {
		return err
	}
	if !s.mix.has(issuePart) { // they were asked for many at once
		if lost, err := r.tryPairs(ctx); err != nil || lost {
			return err
		}
	}
	why := "the target ends the oldest sessions of an account, which had ended after " + words.Many(int64(s.obtained), "login")
	switch {
	case s.mix.only == issuePart, s.mix.name == sessionScenario && r.asked.journey.population == 1:
		a.habits.alone, s.habits.alone, s.controls = true, true, nil
		r.ledger.note("%s, so no token that it is handed is tried", why)
		return nil
	case s.mix.name == sessionScenario:
		return shortOf("%s, so sessions end each other; ask for --population 1", why)
	}
	advice := "ask for a --working-set that it bears"
	if s.mix.only < 0 {
		advice = "run one kind of request at a time, with a --working-set that it bears"
	}
	return shortOf("%s, and the clients of this run, which are all of one account, would end each other's; %s", why, advice)
}

// mostResting is how many families at the most are obtained because others wait for the target's replicas.
const mostResting = 100_000

// families are how many chains of refresh tokens an attack at a rate begins with: one for each connection, spares, and
// while replicas learn of a new token, others that go on. At no rate a connection is taken to refresh a thousand times a
// second.
func (r *run) families(s *supply, rate float64) int {
	if r.asked.singly > 0 {
		return r.asked.singly
	}
	if rate == 0 {
		rate = 1000 * float64(r.asked.Connections)
	}
	if s.mix.weight > 0 {
		rate *= float64(s.mix.weights[refreshPart]) / float64(s.mix.weight)
	}
	resting := 1.5 * rate * s.settle.Seconds()
	return r.asked.Connections + spareFamilies + min(int(resting), mostResting)
}

// pairs is how often two tokens are asked for at once and both tried, before an attack that issues.
const pairs = 8

// tryPairs has two tokens handed out at the same time, and tries both: the attack's own requests are spread evenly and
// seldom meet. Where two sessions live side by side, so must these; lost: they do not.
func (r *run) tryPairs(ctx context.Context) (lost bool, err error) {
	a := r.account
	if r.offer.live == nil || a.habits.turns() {
		return false, nil
	}
	for range pairs {
		var two [2]*client.Grant
		if err := a.obtainMany(ctx, r.offer.begins, len(two), func(i int, g *client.Grant) { two[i] = g }); err != nil {
			return false, err
		}
		for _, g := range two {
			answer, works, err := a.tried(ctx, g)
			if err != nil {
				return false, err
			}
			if !works && a.denied(answer) {
				a.dead("with one of two access tokens that were asked for at once", answer)
				return true, nil
			}
		}
	}
	return false, nil
}

// gather makes the storm of a run, and gives each connection its clients.
func (r *run) gather(ctx context.Context, s *supply) (*storm, error) {
	if s.life <= 0 {
		return nil, shortOf("nobody says how long an access token lives, so nobody knows how far the clock is to be moved")
	}
	if why := shortLived(s.life, time.Since(r.started), r.asked.WarmUp, r.asked.Duration); why != "" {
		return nil, shortOf("%s", why)
	}
	by := s.life + client.Leeway
	kind, _ := r.offer.dialect.Token(client.Refresh)
	length := r.account.client.Expected(kind)
	if length > 0 && length <= by {
		return nil, shortOf("a refresh token lives for %s, no longer than it takes for every access token to have ended (%s), so nobody could refresh", length, by)
	}
	st := &storm{
		after: r.asked.WarmUp + r.asked.Duration/2, move: func() error {
			defer r.histories.moved()
			r.histories.moved()
			return r.account.connection.MoveClock(ctx, by)
		},
		settle: s.settle, outlives: length > by || r.offer.flow("expiry", client.Access).Params["outlived_by"] == client.Refresh,
		families: make([][]*family, r.asked.Connections),
	}
	for i := 0; len(s.reserve) > 0; i++ {
		at := i % len(st.families)
		st.families[at] = append(st.families[at], <-s.reserve)
	}
	return st, nil
}

// shortLived says why access tokens of such a life do not live long enough for a storm; empty if they do. Those from
// before the attack, the first of which are as old as filling says, are to live until the clock is moved, and those that
// follow until the run is over: an end of their own would look like a live token that does not work.
func shortLived(life, filling, warmUp, duration time.Duration) string {
	room := 2 * (life - margin - filling - warmUp)
	switch {
	case duration < room:
		return ""
	case room < time.Second:
		return fmt.Sprintf("an access token lives for %s, which is too short for a storm: it would end by itself before everybody's does", life)
	}
	return fmt.Sprintf("an access token lives for %s, and would end by itself before everybody's does; ask for a --duration under %s", life, room.Truncate(time.Second))
}
