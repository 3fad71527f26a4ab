package kit

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Grant is what a token stands for.
type Grant struct {
	User   int64  // whom the token acts for; 0 where the dialect has no users
	Family uint64 // all tokens that descend from one issue or one approval
	Client uint32 // KnownClient.Number, or that of a user where the users are the clients
	Kind   Kind
	Age    uint8 // how many refreshes it is away from the issue; it stays at 255
	Scope  uint8 // a bit for each thing that it is good for, where the dialect has scopes
}

// Issuer mints, finds and spends the access and refresh tokens of one dialect.
type Issuer struct {
	Policy
	mint   [2]func() string // by kind
	Tokens *Store[Grant]

	families atomic.Uint64
	minted   [2]atomic.Int64 // by kind; only for policies that count them
	revoked  revocations
	first    *Account // who was granted tokens before all others; likewise

	mu        sync.Mutex
	sessions  map[Account]session  // the last of each account; only for policies that need it
	former    map[Account][]uint64 // the families that an account has; likewise
	firsts    map[uint64]Pair      // the first pair of each family; likewise
	newest    Pair
	made      made
	used      map[Key]int              // how often each access token was used; likewise
	spentAt   map[Key]time.Time        // when each refresh token was; likewise
	lastGrant map[Account]time.Time    // when each account was granted tokens; likewise
	ends      map[Account][2]time.Time // when the tokens of each account end; likewise
	prolonged map[uint64]time.Time     // when each family was refreshed; likewise
	renewals  map[uint64]int           // how often each family was refreshed; likewise
	latest    map[uint64]renewal       // how far each family has come; likewise
}

// Account is whose tokens they are: a client's own, or a user's through it.
type Account struct {
	Client uint32
	User   int64
	Scope  uint8 // what the tokens are good for
	Alone  bool  // an access token comes without a refresh token
}

// holder is who has the account, whatever for.
func (a Account) holder() Account { return Account{Client: a.Client, User: a.User} }

type session struct {
	family uint64
	pair   Pair
}

// Pair is an issued access token with its refresh token.
type Pair struct {
	Access, Refresh         string
	AccessEnds, RefreshEnds time.Time
}

// NewIssuer makes the tokens of each kind with its own function.
func NewIssuer(access, refresh func() string, p Policy) *Issuer {
	return &Issuer{Policy: p, mint: [2]func() string{access, refresh}, Tokens: NewStore[Grant](MaxTokens), sessions: map[Account]session{}}
}

// NewFamily numbers a family of tokens.
func (t *Issuer) NewFamily() uint64 { return t.families.Add(1) }

func (t *Issuer) keyOf(k Kind, token string) Key {
	if t.handle != nil {
		token = t.handle(k, token)
	}
	if t.keptLower[k] {
		token = strings.ToLower(token)
	}
	if n := t.keptOf[k]; n > 0 && len(token) > n {
		token = token[:n]
	}
	if n := t.endOnly[k]; n > 0 && len(token) > n {
		token = token[len(token)-n:]
	}
	if t.startOnly[k] && len(token) > startLength {
		token = token[:startLength]
	}
	return KeyOf(token)
}

// Issue starts a session: the first pair of a family.
func (t *Issuer) Issue(a Account, family uint64, now time.Time) (Pair, error) {
	t.granted(a, now)
	if !t.keepsSessions() {
		p, err := t.pairFor(a, family, now, now.Add(t.RefreshLife), 0)
		t.endTogether(p, a, now)
		return p, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	former, had := t.sessions[a]
	switch {
	case had && t.HandsOutAgain && t.stillWhole(former.pair, now):
		if t.announcesAnew {
			return Pair{former.pair.Access, former.pair.Refresh, now.Add(t.AccessLife), now.Add(t.RefreshLife)}, nil
		}
		return former.pair, nil
	case had && t.RepeatsBlindly:
		return Pair{former.pair.Access, former.pair.Refresh, now.Add(t.AccessLife), now.Add(t.RefreshLife)}, nil
	}
	p, err := t.pairFor(a, family, now, now.Add(t.RefreshLife), 0)
	if err != nil {
		return p, err
	}
	t.endOldest(a, family, now)
	t.sessions[a], t.newest = session{family, p}, p
	if t.RemembersText {
		bounded(&t.firsts)[family] = p
	}
	return p, nil
}

// mostKept bounds what a quirk remembers of tokens, sessions or accounts.
const mostKept = 100_000

// bounded is what a quirk remembers, with room for one more.
func bounded[K comparable, V any](kept *map[K]V) map[K]V {
	if *kept == nil || len(*kept) >= mostKept {
		*kept = map[K]V{}
	}
	return *kept
}

// keepsSessions: only some quirks need to know an account's last pair.
func (t *Issuer) keepsSessions() bool {
	return t.fewSessions > 0 || t.HandsOutAgain || t.RepeatsBlindly || t.RemembersText
}

// stillWhole: a pair is only worth repeating while both tokens work and at
// least a minute is left to announce.
func (t *Issuer) stillWhole(p Pair, now time.Time) bool {
	_, access := t.Find(AccessToken, p.Access, now)
	_, refresh := t.Find(RefreshToken, p.Refresh, now)
	return access && (refresh || p.Refresh == "") && p.AccessEnds.Sub(now) > time.Minute
}

func (t *Issuer) pairFor(a Account, family uint64, now, refreshEnds time.Time, age uint8) (Pair, error) {
	p := Pair{Access: t.mint[AccessToken](), AccessEnds: now.Add(t.AccessLife), RefreshEnds: refreshEnds}
	if !a.Alone {
		p.Refresh = t.mint[RefreshToken]()
	}
	if t.twins || t.repeatsEvery > 0 {
		t.makeAgain(&p, a, age, now)
	}
	g := Grant{a.User, family, a.Client, AccessToken, age, a.Scope}
	if err := t.Tokens.Put(t.keyOf(AccessToken, p.Access), g, t.end(g, now, p.AccessEnds)); err != nil {
		return p, err
	}
	t.stillborn(AccessToken, p.Access)
	if a.Alone {
		return p, nil
	}
	g.Kind = RefreshToken
	err := t.Tokens.Put(t.keyOf(RefreshToken, p.Refresh), g, t.end(g, now, p.RefreshEnds))
	t.stillborn(RefreshToken, p.Refresh)
	return p, err
}

func (t *Issuer) end(g Grant, now, ends time.Time) int64 {
	switch early := t.EndsEarly[g.Kind]; {
	case t.NeverEnds[g.Kind]:
		return Never
	case g.Age > 0 && g.Age >= t.since && t.renewed[g.Kind] != 0:
		ends = now.Add(t.renewed[g.Kind])
	case early != 0:
		ends = now.Add(early)
	}
	return ends.UnixNano()
}

// Find answers a live token of the given kind.
func (t *Issuer) Find(k Kind, token string, now time.Time) (Entry[Grant], bool) {
	e, ok := t.Tokens.Get(t.keyOf(k, token))
	return e, ok && e.Value.Kind == k && !e.Spent && t.Alive(e, now) && !t.replaced(e.Value)
}

// Alive: what a token stands for has neither ended nor been revoked.
func (t *Issuer) Alive(e Entry[Grant], now time.Time) bool {
	return (e.AliveAt(now, t.Leeway) || t.livesAgain(e, now)) && !t.dead(e.Value, now)
}

func (t *Issuer) dead(g Grant, now time.Time) bool {
	family, account, at := t.revoked.find(g)
	if account && t.revives.revoked && t.revived(g, at) {
		return false
	}
	forgotten := t.ForgetsRevoked[g.Kind]
	return (family || account) && (forgotten == 0 || now.Before(at.Add(forgotten)))
}

// Forget ends one token, and no other of its family.
func (t *Issuer) Forget(k Kind, token string) { t.Tokens.Take(t.keyOf(k, token)) }

// Rescope has a token be good for something else.
func (t *Issuer) Rescope(k Kind, token string, scope uint8) {
	key := t.keyOf(k, token)
	if e, there := t.Tokens.Get(key); there {
		e.Value.Scope = scope
		_ = t.Tokens.Put(key, e.Value, e.Expires)
	}
}

// Use finds the access token that a request was sent with.
func (t *Issuer) Use(token string, now time.Time) (Grant, bool) {
	e, ok := t.Find(AccessToken, token, now)
	if ok && t.SlidingAccess {
		t.Prolong(token, e.Value, now)
	}
	if ok && t.usesOnly > 0 {
		ok = t.countUse(token) <= t.usesOnly
	}
	return e.Value, ok
}

// Prolong starts an access token's lifetime again.
func (t *Issuer) Prolong(token string, g Grant, now time.Time) {
	_ = t.Tokens.Put(t.keyOf(AccessToken, token), g, now.Add(t.AccessLife).UnixNano())
}

// Redeem spends a refresh token. bound says whether the grant belongs to the
// client that asks, nil is that it need not; it is asked before anything is
// spent, and cannot change, so that only the spending itself has to be atomic.
func (t *Issuer) Redeem(token string, now time.Time, bound func(Grant) bool) (Entry[Grant], bool) {
	k := t.keyOf(RefreshToken, token)
	e, ok := t.Tokens.Get(k)
	rightKind := e.Value.Kind == RefreshToken || t.TakesAccess
	if !ok || !rightKind || bound != nil && !bound(e.Value) || !t.Alive(e, now) || !t.mayRenew(e.Value.Family) {
		return e, false
	}
	switch {
	case t.Replayable && e.Value.Age >= t.since:
		return e, true
	case t.RaceWindow > 0 && e.Value.Age >= t.since:
		time.Sleep(t.RaceWindow)
		t.Tokens.Take(k)
		return e, true
	case t.forgives:
		return e, t.forgiven(k)
	case t.forgetsSpent > 0:
		_, first := t.Tokens.Spend(k)
		return e, t.spentAnew(k, first, now)
	case t.revives.spent:
		_, first := t.Tokens.Spend(k)
		return e, !t.spentBefore(e, k, first, now)
	case t.RevokeOnReplay, t.replayEndsAll:
		_, first := t.Tokens.Spend(k)
		if !first {
			t.Revoke(e.Value.Family, now)
		}
		if !first && t.replayEndsAll {
			t.Tokens.DropIf(func(g Grant) bool { return g.Client == e.Value.Client && g.User == e.Value.User })
		}
		return e, first
	}
	return t.Tokens.Take(k)
}

// Rotate mints the pair that replaces a redeemed refresh token: same client,
// same user, same family.
func (t *Issuer) Rotate(old Entry[Grant], now time.Time) (Pair, error) {
	a, family := Account{Client: old.Value.Client, User: old.Value.User, Scope: old.Value.Scope}, old.Value.Family
	t.renews(old.Value, now)
	refreshEnds := now.Add(t.RefreshLife)
	if t.chainEnds {
		refreshEnds = time.Unix(0, old.Expires)
	}
	if t.oldAccessDies {
		// The refresh token is spent, so the access token is all that is
		// left of the old family.
		t.Revoke(family, now)
		family = t.NewFamily()
		if _, ended, _ := t.revoked.find(old.Value); ended { // since the refresh token was looked at
			t.Revoke(family, now)
		}
	}
	age := old.Value.Age + 1
	if age == 0 {
		age--
	}
	p, err := t.pairFor(a, family, now, refreshEnds, age)
	t.cutShort(p, old)
	if t.prolongs {
		t.prolong(family, now)
	}
	if err == nil && t.keepsSessions() && !t.RepeatsBlindly {
		t.mu.Lock()
		if t.sessions[a].family == old.Value.Family { // or another issue came first
			t.sessions[a] = session{family, p}
		}
		t.newest = p
		t.mu.Unlock()
	}
	if t.DeadAccess && age >= t.since || t.firstOnly[AccessToken] && !t.isFirst(a) {
		t.Tokens.Take(t.keyOf(AccessToken, p.Access))
	}
	if t.DeadRefresh && age >= t.since || t.firstOnly[RefreshToken] && !t.isFirst(a) {
		t.Tokens.Take(t.keyOf(RefreshToken, p.Refresh))
	}
	return p, err
}

// FirstPair is the pair that a grant's family began with, NewestPair the last
// of all: for defects that repeat them or give them away.
func (t *Issuer) FirstPair(g Grant) Pair {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.firsts[g.Family]
}

func (t *Issuer) NewestPair() Pair {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.newest
}

// SweepGrace is how long an expired token is still known. Nothing may depend
// on it; it only keeps the leeway from racing the sweep.
const SweepGrace = 10 * time.Minute

// Sweep forgets what has expired.
func (t *Issuer) Sweep(now time.Time) {
	t.revoked.sweep(now)
	if !t.KeepsExpired {
		t.Tokens.Sweep(now.Add(-SweepGrace))
	}
}
