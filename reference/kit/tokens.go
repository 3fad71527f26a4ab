package kit

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Kind tells an access token from a refresh token; neither serves as the other.
type Kind uint8

const (
	AccessToken Kind = iota
	RefreshToken
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

// Policy is how the tokens of a dialect live. The zero value of every field
// but the lifetimes is the documented behaviour; the others are for quirks.
type Policy struct {
	AccessLife, RefreshLife time.Duration // how long they live, whatever is announced
	Leeway                  time.Duration

	fewSessions    int  // so many grants an account may have; one more revokes the oldest; 0 is any number
	RevokeOnReplay bool // a spent refresh token revokes its family
	replayEndsAll  bool // or all that its account has
	oldAccessDies  bool // a refresh revokes the former access token
	prolongs       bool // a refresh starts the lifetime of the former access token again
	chainEnds      bool // rotation does not prolong the refresh token
	SlidingAccess  bool // using an access token starts its lifetime again
	HandsOutAgain  bool // an issue repeats a pair that is still alive
	announcesAnew  bool // … and announces it with its full life

	NeverEnds      [2]bool          // by kind: it does not expire
	startOnly      [2]bool          // by kind: only its first characters are compared
	EndsEarly      [2]time.Duration // by kind: how long it really lives; 0 is as announced
	renewed        [2]time.Duration // by kind: how long one that a refresh answers really lives; 0 is as any other
	keepsEnd       [2]bool          // by kind: one that a refresh answers really ends when the one before would have
	sameEnd        [2]bool          // by kind: one that an issue hands out ends when one does that its account has
	firstOnly      [2]bool          // by kind: after a refresh it works for the account only that was granted tokens first
	revives        revival          // which tokens a new grant of their account brings back
	forgetsSpent   time.Duration    // so long after its use a refresh token works again; 0 is never
	ForgetsRevoked [2]time.Duration // by kind: so long after its account was ended a token works again; 0 is never
	deadEach       [2]int           // by kind: each nth is dead from the start; 0 is none
	usesOnly       int              // how often an access token works; 0 is as often as one likes
	refreshesOnly  int              // how often a session can be refreshed; likewise
	since          uint8            // renewed, Replayable, RaceWindow, DeadAccess and DeadRefresh are about tokens of this age on
	twins          bool             // refreshes of an account within a second answer the same pair
	repeatsEvery   uint64           // each so many-th pair is the one before, whoever got that; 0 is never
	KeepsExpired   bool             // expired tokens are remembered, for a defect to find
	Replayable     bool             // a refresh token survives its use
	RaceWindow     time.Duration    // a refresh token is looked up first and removed so much later; 0 is at once
	TakesAccess    bool             // an access token serves as a refresh token
	DeadAccess     bool             // a refresh answers an access token that was never stored
	DeadRefresh    bool             // likewise the refresh token
	RepeatsBlindly bool             // every issue repeats the account's first pair, dead or alive
	RemembersText  bool             // pairs are kept readable, for defects to repeat
	forgives       bool             // a used refresh token that was refused works once more
	regrets        bool             // a refresh ends the former access token, until the next grant of its account

	keptLower [2]bool // by kind: it is kept and found in lower case
	endOnly   [2]int  // by kind: of its characters only so many at the end are compared; 0 is all
	keptOf    [2]int  // by kind: no more of its characters are looked at; 0 is all

	handle func(k Kind, token string) string // what a token is kept under; nil is itself
}

// Outlives: a token of the kind may live longer than is announced.
func (p Policy) Outlives(k Kind) bool {
	life := [2]time.Duration{p.AccessLife, p.RefreshLife}[k]
	return p.NeverEnds[k] || p.EndsEarly[k] > life || p.renewed[k] > life || k == AccessToken && p.SlidingAccess
}

// How long the race-window defects take between looking and removing.
// Requests of one burst on loopback arrive within a few ms; a query of a
// database takes a ms.
const (
	RaceGap   = 40 * time.Millisecond
	NarrowGap = time.Millisecond
)

// startLength is how much of a token the prefix defects compare: less than
// half, so that a change in the middle goes unseen, and enough to be unique.
const startLength = 16

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
