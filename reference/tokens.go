package reference

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// kind tells an access token from a refresh token; neither serves as the other.
type kind uint8

const (
	accessToken kind = iota
	refreshToken
)

// grant is what a token stands for.
type grant struct {
	user   int64  // whom the token acts for; 0 where the dialect has no users
	family uint64 // all tokens that descend from one issue or one approval
	client uint32 // client.number
	kind   kind
}

// policy is how the tokens of a dialect live. The zero value of every field
// but the lifetimes is the documented behaviour; the others are set by quirks
// in the dialect's own policy method.
type policy struct {
	accessLife, refreshLife time.Duration // how long they live, whatever is announced
	leeway                  time.Duration

	singleSession  bool // a new grant of an account revokes the former
	revokeOnReplay bool // a spent refresh token revokes its family
	oldAccessDies  bool // a refresh revokes the former access token
	chainEnds      bool // rotation does not prolong the refresh token
	slidingAccess  bool // using an access token starts its lifetime again
	handsOutAgain  bool // an issue repeats a pair that is still alive

	neverEnds      [2]bool          // by kind: it does not expire
	startOnly      [2]bool          // by kind: only its first characters are compared
	endsEarly      [2]time.Duration // by kind: how long it really lives; 0 is as announced
	renewed        [2]time.Duration // by kind: how long one that a refresh answers really lives; 0 is as any other
	keepsEnd       [2]bool          // by kind: one that a refresh answers really ends when the one before would have
	forgetsSpent   time.Duration    // so long after its use a refresh token works again; 0 is never
	forgetsRevoked [2]time.Duration // by kind: so long after its account was ended a token works again; 0 is never
	usesOnly       int              // how often an access token works; 0 is as often as one likes
	keepsExpired   bool             // expired tokens are remembered, for a defect to find
	replayable     bool             // a refresh token survives its use
	raceWindow     bool             // a refresh token is looked up first and removed later
	takesAccess    bool             // an access token serves as a refresh token
	deadAccess     bool             // a refresh answers an access token that was never stored
	deadRefresh    bool             // likewise the refresh token
	repeatsBlindly bool             // every issue repeats the account's first pair, dead or alive
	remembersText  bool             // pairs are kept readable, for defects to repeat
}

// raceGap is how long the race-window defects take between looking and
// removing. Requests of one burst on loopback arrive within a few ms.
const raceGap = 40 * time.Millisecond

// startLength is how much of a token the startOnly defects compare: less than
// half, so that a change in the middle goes unseen, and enough to be unique.
const startLength = 16

// issuer mints, finds and spends the access and refresh tokens of one dialect.
type issuer struct {
	policy
	clock  *Clock
	mint   func() string
	tokens store[grant]

	mintAccess func() string // access tokens, where they have a format of their own

	families atomic.Uint64
	revoked  revokedFamilies
	ended    endedAccounts

	mu       sync.Mutex
	sessions map[account]session // the last of each account; only for policies that need it
	firsts   map[uint64]pair     // the first pair of each family; likewise
	newest   pair
	used     map[key]int       // how often each access token was used; likewise
	spentAt  map[key]time.Time // when each refresh token was; likewise
}

// account is whose tokens they are: a client's own, or a user's through it.
type account struct {
	client uint32
	user   int64
}

type session struct {
	family uint64
	pair   pair
}

// pair is an issued access token with its refresh token.
type pair struct {
	access, refresh         string
	accessEnds, refreshEnds time.Time
}

func newIssuer(clock *Clock, mint func() string, limit int64, p policy) *issuer {
	return &issuer{policy: p, clock: clock, mint: mint, tokens: newMemory[grant](limit), sessions: map[account]session{}, firsts: map[uint64]pair{}}
}

func (t *issuer) newFamily() uint64 { return t.families.Add(1) }

func (t *issuer) keyOf(k kind, token string) key {
	if t.startOnly[k] && len(token) > startLength {
		token = token[:startLength]
	}
	return keyOf(token)
}

// issue starts a session: the first pair of a family.
func (t *issuer) issue(a account, family uint64, now time.Time) (pair, error) {
	if !t.keepsSessions() {
		return t.pairFor(a, family, now, now.Add(t.refreshLife), false)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	former, had := t.sessions[a]
	switch {
	case had && t.handsOutAgain && t.stillWhole(former.pair, now):
		return former.pair, nil
	case had && t.repeatsBlindly:
		return pair{former.pair.access, former.pair.refresh, now.Add(t.accessLife), now.Add(t.refreshLife)}, nil
	}
	p, err := t.pairFor(a, family, now, now.Add(t.refreshLife), false)
	if err != nil {
		return p, err
	}
	if had && t.singleSession {
		t.revoke(former.family, now)
	}
	t.sessions[a], t.newest = session{family, p}, p
	if t.remembersText {
		if len(t.firsts) >= maxFirsts {
			clear(t.firsts)
		}
		t.firsts[family] = p
	}
	return p, nil
}

// maxFirsts bounds what remembersText keeps.
const maxFirsts = 100_000

// keepsSessions: only some quirks need to know an account's last pair.
func (t *issuer) keepsSessions() bool {
	return t.singleSession || t.handsOutAgain || t.repeatsBlindly || t.remembersText
}

// stillWhole: a pair is only worth repeating while both tokens work and at
// least a minute is left to announce.
func (t *issuer) stillWhole(p pair, now time.Time) bool {
	_, access := t.find(accessToken, p.access, now)
	_, refresh := t.find(refreshToken, p.refresh, now)
	return access && refresh && p.accessEnds.Sub(now) > time.Minute
}

func (t *issuer) pairFor(a account, family uint64, now, refreshEnds time.Time, renewed bool) (pair, error) {
	mintAccess := t.mint
	if t.mintAccess != nil {
		mintAccess = t.mintAccess
	}
	p := pair{mintAccess(), t.mint(), now.Add(t.accessLife), refreshEnds}
	g := grant{a.user, family, a.client, accessToken}
	if err := t.tokens.put(t.keyOf(accessToken, p.access), g, t.end(accessToken, now, p.accessEnds, renewed)); err != nil {
		return p, err
	}
	g.kind = refreshToken
	return p, t.tokens.put(t.keyOf(refreshToken, p.refresh), g, t.end(refreshToken, now, p.refreshEnds, renewed))
}

func (t *issuer) end(k kind, now, ends time.Time, renewed bool) int64 {
	switch early := t.endsEarly[k]; {
	case t.neverEnds[k]:
		return never
	case renewed && t.renewed[k] != 0:
		ends = now.Add(t.renewed[k])
	case early != 0:
		ends = now.Add(early)
	}
	return ends.UnixNano()
}

// find answers a live token of the given kind.
func (t *issuer) find(k kind, token string, now time.Time) (entry[grant], bool) {
	e, ok := t.tokens.get(t.keyOf(k, token))
	return e, ok && e.value.kind == k && !e.spent && t.alive(e, now)
}

func (t *issuer) alive(e entry[grant], now time.Time) bool {
	return e.aliveAt(now, t.leeway) && (!t.dead(e.value) || t.revocationForgotten(e.value, now))
}

// use finds the access token that a request was sent with.
func (t *issuer) use(token string, now time.Time) (grant, bool) {
	e, ok := t.find(accessToken, token, now)
	if ok && t.slidingAccess {
		t.prolong(token, e.value, now)
	}
	if ok && t.usesOnly > 0 {
		ok = t.countUse(token) <= t.usesOnly
	}
	return e.value, ok
}

// prolong starts an access token's lifetime again.
func (t *issuer) prolong(token string, g grant, now time.Time) {
	_ = t.tokens.put(t.keyOf(accessToken, token), g, now.Add(t.accessLife).UnixNano())
}

// redeem spends a refresh token. bound says whether the grant belongs to the
// client that asks; it is asked before anything is spent, and cannot change,
// so that only the spending itself has to be atomic.
func (t *issuer) redeem(token string, now time.Time, bound func(grant) bool) (entry[grant], bool) {
	k := t.keyOf(refreshToken, token)
	e, ok := t.tokens.get(k)
	rightKind := e.value.kind == refreshToken || t.takesAccess
	if !ok || !rightKind || !bound(e.value) || !t.alive(e, now) {
		return e, false
	}
	switch {
	case t.replayable:
		return e, true
	case t.raceWindow:
		time.Sleep(raceGap)
		t.tokens.take(k)
		return e, true
	case t.forgetsSpent > 0:
		_, first := t.tokens.spend(k)
		return e, t.spentAnew(k, first, now)
	case t.revokeOnReplay:
		_, first := t.tokens.spend(k)
		if !first {
			t.revoke(e.value.family, now)
		}
		return e, first
	}
	return t.tokens.take(k)
}

// rotate mints the pair that replaces a redeemed refresh token: same client,
// same user, same family.
func (t *issuer) rotate(old entry[grant], now time.Time) (pair, error) {
	a, family := account{old.value.client, old.value.user}, old.value.family
	refreshEnds := now.Add(t.refreshLife)
	if t.chainEnds {
		refreshEnds = time.Unix(0, old.expires)
	}
	if t.oldAccessDies {
		// The refresh token is spent, so the access token is all that is
		// left of the old family.
		t.revoke(family, now)
		family = t.newFamily()
		if t.ended.has(old.value) { // since the refresh token was looked at
			t.revoke(family, now)
		}
	}
	p, err := t.pairFor(a, family, now, refreshEnds, true)
	t.cutShort(p, old)
	if err == nil && t.keepsSessions() && !t.repeatsBlindly {
		t.mu.Lock()
		if t.sessions[a].family == old.value.family { // or another issue came first
			t.sessions[a] = session{family, p}
		}
		t.newest = p
		t.mu.Unlock()
	}
	if t.deadAccess {
		t.tokens.take(t.keyOf(accessToken, p.access))
	}
	if t.deadRefresh {
		t.tokens.take(t.keyOf(refreshToken, p.refresh))
	}
	return p, err
}

// firstPair is the pair that a grant's family began with, newestPair the last
// of all: for defects that repeat them or give them away.
func (t *issuer) firstPair(g grant) pair {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.firsts[g.family]
}

func (t *issuer) newestPair() pair {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.newest
}

// revoke kills every token of a family, also those that a request in flight
// is about to store: that is why it is a mark and not a removal.
func (t *issuer) revoke(family uint64, now time.Time) {
	t.revoked.add(family, now.Add(t.refreshLife+t.leeway+sweepGrace))
}

// forgetClient removes all tokens of a client.
func (t *issuer) forgetClient(number uint32) {
	t.tokens.dropIf(func(g grant) bool { return g.client == number })
}

// sweepGrace is how long an expired token is still known. Nothing may depend
// on it; it only keeps the leeway from racing the sweep.
const sweepGrace = 10 * time.Minute

func (t *issuer) sweep(now time.Time) {
	t.revoked.sweep(now)
	if !t.keepsExpired {
		t.tokens.sweep(now.Add(-sweepGrace))
	}
}

// trimmed is the value as the trims liberty reads it.
func trimmed(s string, trims bool) string {
	if trims {
		return strings.TrimSpace(s)
	}
	return s
}
