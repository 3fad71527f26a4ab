package load

import (
	"bytes"
	"math/rand/v2"
	"time"
)

// user is who is behind a connection: what is asked next, and what follows from the answer.
type user interface {
	next(t *task) bool // sets all of the task; false: there is no token to ask with
	learn(t *task, got said, a, r []byte)
	leave() // hands back what is at hand; no request is under way
}

// users are the clients of one connection outside of storms.
type users struct {
	*supply
	connection int
	random     *rand.Rand
	draw       *draw

	family  *family   // nil: there is none at hand
	untried []byte    // an access token that is to be tried next
	from    time.Time // when; zero: at once
}

func newUsers(s *supply, connection int) *users {
	random := rand.New(rand.NewPCG(uint64(s.seed), uint64(s.first+connection)))
	return &users{supply: s, connection: connection, random: random, draw: newDraw(random, len(s.held.places), s.zipf)}
}

func (u *users) next(t *task) bool {
	if u.untried != nil && known(u.from) {
		*t = u.check(u.untried)
		u.untried = nil
		return true
	}
	switch u.turn() {
	case issuePart:
		*t = task{part: issuePart, call: u.offer.issue, wanted: tokens}
		return true
	case validatePart:
		return u.present(t, validatePart, u.offer.live)
	case usePart:
		return u.present(t, usePart, u.offer.use)
	default:
		return u.refresh(t)
	}
}

// turn is the kind of request that comes next.
func (u *users) turn() part {
	if u.mix.only >= 0 {
		return u.mix.only
	}
	at := u.random.IntN(u.mix.weight)
	for p, weight := range u.mix.weights {
		if at -= weight; at < 0 {
			return part(p)
		}
	}
	return issuePart // never: the weights sum up to weight
}

// present has a token of the working set tried.
func (u *users) present(t *task, p part, c *call) bool {
	*t = task{part: p, call: c, wanted: alive, why: "with a live access token"}
	token := u.held.at(u.draw.next(), time.Now())
	if token == nil {
		return false
	}
	t.fill.access, t.history = token.access, token.history
	return true
}

// refresh has a token of a family spent, or one presented again that should not work.
func (u *users) refresh(t *task) bool {
	if !u.beside && (u.opposes(t) || u.replays(t)) {
		return true
	}
	*t = task{part: refreshPart, call: u.offer.refresh, wanted: tokens, why: "with a refresh token that nobody had used"}
	if u.family == nil {
		var ok bool
		if u.family, ok = take(u.reserve); !ok {
			return false
		}
	}
	if !known(u.family.ready) { // nor is any that was laid behind it
		return false
	}
	t.family, t.history, t.fill = u.family, u.family.history, fill{access: u.family.access, refresh: u.family.refresh}
	if u.offer.rotates && u.settle == 0 && !u.family.doubtful && (u.beside || u.connections > 1) && u.sampling.refreshing.one(raceEvery) && u.mayReplay() {
		if r := (&race{token: bytes.Clone(u.family.refresh), from: u.connection, history: u.family.history}); put(u.races, r) {
			t.wanted, t.race, t.fill.refresh = raced, r, r.token
			t.why = "with a refresh token that another connection races with"
		}
	}
	return true
}

// opposes takes part in a race that another connection has begun.
func (u *users) opposes(t *task) bool {
	r, ok := take(u.races)
	if !ok || r.from == u.connection || !r.accept() { // its own has come to an end: it is on to the next request
		return false
	}
	*t = u.opponent(r)
	return true
}

// replays presents a refresh token again that another connection has used.
func (u *users) replays(t *task) bool {
	s, ok := take(u.spent)
	if ok && (s.from == u.connection && u.connections > 1 || !known(s.ready)) {
		put(u.spent, s)
		return false
	}
	if !ok {
		return false
	}
	*t = u.replay(s)
	return true
}

// opponent takes part in a race.
func (s *supply) opponent(r *race) task {
	return task{part: replayPart, call: s.offer.refresh, wanted: opponent, race: r, history: r.history, fill: fill{refresh: r.token}, why: "with a refresh token that another connection races with"}
}

// replay presents a refresh token that was used.
func (s *supply) replay(used spentToken) task {
	return task{part: replayPart, call: s.offer.refresh, wanted: refused, history: used.history, fill: fill{refresh: used.token}, why: "with a refresh token that was used before"}
}

// check tries an access token that was handed out a moment ago.
func (s *supply) check(access []byte) task {
	return task{part: checkPart, call: s.offer.live, wanted: alive, fill: fill{access: access}, why: "with an access token that was handed out a moment ago"}
}

// won has the opponent of a race keep what it was handed: the connection that began the race has lost its family to it.
func (s *supply) won(t *task, got said, a, r []byte) {
	if t.wanted == opponent && got == yes && t.race.wins.Load() == 1 && !s.habits.revokes {
		put(s.reserve, &family{access: bytes.Clone(a), refresh: bytes.Clone(r), history: t.history})
	}
}

func (u *users) learn(t *task, got said, a, r []byte) {
	switch {
	case t.part == issuePart && got == yes:
		u.issued(a)
	case t.part == refreshPart:
		u.refreshed(t, got, a, r)
	default:
		u.won(t, got, a, r)
	}
}

func (u *users) issued(a []byte) {
	if u.offer.live != nil && (!u.habits.alone || u.connections == 1 && !u.shared) && u.sampling.issued.one(checkEvery) {
		u.try(a)
	}
	if len(u.held.places) > 0 {
		token := &liveToken{access: bytes.Clone(a), ready: u.ready()}
		if u.life > 0 {
			token.ends = time.Now().Add(u.life)
		}
		u.held.put(token)
	}
}

func (u *users) refreshed(t *task, got said, a, r []byte) {
	two := t.race != nil && t.race.run()
	switch {
	case got == yes && two && u.habits.revokes:
		u.family = nil
	case got == yes:
		u.rotate(a, r)
	case got == nothingSaid && !two:
		u.family.doubtful = true
	default:
		u.family = nil
	}
}

// rotate has a family go on with its new pair. Now and then the old refresh token is kept for another connection to
// present again, and the new access token is tried.
func (u *users) rotate(a, r []byte) {
	f := u.family
	replay := u.offer.rotates && u.sampling.refreshed.one(replayEvery) && u.mayReplay() && put(u.spent, spentToken{bytes.Clone(f.refresh), u.connection, u.ready(), f.history})
	f.renew(a, r)
	f.ready = u.ready() // before anybody else has it
	switch {
	case replay && u.habits.revokes: // the family ends with it
		u.family = nil
	case u.offer.live != nil && (u.beside || u.settle == 0) && u.sampling.renewed.one(checkEvery):
		u.renewed(f)
	}
	if u.settle > 0 && u.family != nil { // another goes on meanwhile
		put(u.reserve, u.family)
		u.family = nil
	}
}

// renewed has a family's new access token tried before the family goes on: a refresh may end it.
func (u *users) renewed(f *family) {
	switch {
	case !u.beside:
		u.untried = f.access
	case u.spare():
		if put(u.newborn, fresh{access: f.access, ready: f.ready, family: f, history: f.history}) {
			u.family = nil
		}
	}
}

// try has an issued access token tried as soon as it is known everywhere, unless another is waiting for that.
func (u *users) try(access []byte) {
	switch {
	case u.beside:
		put(u.newborn, fresh{access: bytes.Clone(access), ready: u.ready()})
	case u.untried == nil:
		u.untried, u.from = bytes.Clone(access), u.ready()
	}
}

// known reports whether the moment has come from which on something is known everywhere.
func known(from time.Time) bool { return from.IsZero() || !time.Now().Before(from) }

func (u *users) leave() {
	if u.family != nil {
		put(u.reserve, u.family)
	}
}
