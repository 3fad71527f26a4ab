package kit

import (
	"time"
)

// Kind tells an access token from a refresh token; neither serves as the other.
type Kind uint8

const (
	AccessToken Kind = iota
	RefreshToken
)

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
