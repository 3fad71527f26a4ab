package fifth

import (
	"fmt"
	"slices"
)

// Options say how a server misbehaves, if at all. The zero value keeps every promise of the document.
type Options struct {
	Faults    []Fault
	Liberties []Liberty
}

// Fault is a deliberate violation of the document or of what it invokes.
type Fault string

// The faults, in the order of the document's requirements.
const (
	CreatedAsOK          Fault = "created-as-ok"          // grants are answered 200, not 201
	MissingMoment        Fault = "missing-moment"         // the access token's end is not announced
	AnyPassword          Fault = "any-password"           // the human's password is not looked at
	WrongZone            Fault = "wrong-zone"             // the refresh token's end is local time that claims to be UTC
	AnySecret            Fault = "any-secret"             // the client's secret is not looked at
	ForeignVoucherKeeper Fault = "foreign-voucher-keeper" // a voucher's tokens act for somebody else
	ForeignRefreshKeeper Fault = "foreign-refresh-keeper" // a refreshed token acts for somebody else
	HeaderShut           Fault = "header-shut"            // X-Pantry-Token is not read
	HeaderOpen           Fault = "header-open"            // any X-Pantry-Token opens the shelves
	RefreshOpens         Fault = "refresh-opens"          // a refresh token opens the shelves
	ActiveAnything       Fault = "active-anything"        // introspection calls every token active
	ActiveForEver        Fault = "active-for-ever"        // introspection calls an ended token active
	MovingExp            Fault = "moving-exp"             // introspection counts exp from now
	ReplayableRefresh    Fault = "replayable-refresh"     // a refresh token works again and again
	RefreshRace          Fault = "refresh-race"           // of racing refreshes several win
	UnboundRefresh       Fault = "unbound-refresh"        // any client refreshes any token
	ShortAccess          Fault = "short-access"           // access ends at half its announced lifetime
	EternalAccess        Fault = "eternal-access"         // access never ends
	ShortRefresh         Fault = "short-refresh"          // refresh ends at half its announced lifetime
	EternalRefresh       Fault = "eternal-refresh"        // refresh never ends
	OldSecretLives       Fault = "old-secret-lives"       // a secret works after it was regenerated
	OpenRedirect         Fault = "open-redirect"          // any return_to is redirected to
	MangledState         Fault = "mangled-state"          // state loses its plus signs
	VoucherOnRefusal     Fault = "voucher-on-refusal"     // a human who refuses gives a voucher all the same
	ReplayableVoucher    Fault = "replayable-voucher"     // a voucher works again and again
	VoucherRace          Fault = "voucher-race"           // of racing exchanges several win
	UnboundVoucher       Fault = "unbound-voucher"        // any client, and any return_to, spends any voucher
	EternalVoucher       Fault = "eternal-voucher"        // a voucher never ends
	RevivedVoucher       Fault = "revived-voucher"        // a spent voucher works again after a quarter of a minute
	ShortVoucherAccess   Fault = "short-voucher-access"   // access bought with a voucher ends at half its announced lifetime
	VoucherRefreshStays  Fault = "voucher-refresh-stays"  // refresh bought with a voucher works again and again
	SpentVoucherKeeps    Fault = "spent-voucher-keeps"    // spending a voucher twice takes nothing away
	BrokenOnMalformed    Fault = "broken-on-malformed"    // a malformed form is answered 500
	DropsOnMalformed     Fault = "drops-on-malformed"     // a malformed form is answered by hanging up
	LeakyRefusal         Fault = "leaky-refusal"          // a refused client is told the right secret
	BrokenOnNUL          Fault = "broken-on-nul"          // a NUL in a form is answered 500
	CacheableTokens      Fault = "cacheable-tokens"       // token answers do not forbid caching
	CountableTokens      Fault = "countable-tokens"       // access tokens are numbered
)

// The faults of what comes afterwards: tokens that were refreshed, other doors, other people, sessions that are closed.
const (
	CaseBlindSecret  Fault = "case-blind-secret"  // the client's secret is compared without regard to case
	LongerAccess     Fault = "longer-access"      // an access token opens the shelves with anything after it
	HeaderEternal    Fault = "header-eternal"     // in X-Pantry-Token an access token never ends
	TradedMovingExp  Fault = "traded-moving-exp"  // introspection counts exp of a refreshed token from now
	TradedReplay     Fault = "traded-replay"      // the refresh token of a refresh works again and again
	ChainEnds        Fault = "chain-ends"         // the seventh refresh of a session is refused
	SecondTradesShut Fault = "second-trades-shut" // what the second client's refresh gives opens nothing
	SignInRevives    Fault = "sign-in-revives"    // a new grant has the human's used refresh tokens work again
	TradeProlongs    Fault = "trade-prolongs"     // a refresh starts the time of the former access token again
	SecretTakesAll   Fault = "secret-takes-all"   // a regenerated secret ends the tokens of every client
	CloseLeavesOpen  Fault = "close-leaves-open"  // closing leaves the access token alive
	CloseLeavesLook  Fault = "close-leaves-look"  // introspection calls the access token of a closed session active
	CloseAnybody     Fault = "close-anybody"      // whoever sends a token closes its session, with whatever secret
	CloseOthers      Fault = "close-others"       // a client closes the sessions of another
)

// Violation is a fault and a requirement that it violates.
type Violation struct {
	Fault       Fault
	Requirement string
}

// Violations lists every fault with the requirement that a harness should name.
var Violations = []Violation{
	{CreatedAsOK, "ANY-SCHEMA"}, {MissingMoment, "ANY-SCHEMA"},
	{AnyPassword, "PA-TOKEN-2"}, {WrongZone, "PA-TOKEN-3"}, {AnySecret, "PA-CLIENT-1"},
	{ForeignVoucherKeeper, "PA-WHO-2"}, {ForeignRefreshKeeper, "PA-WHO-3"},
	{HeaderShut, "PA-USE-1"}, {HeaderOpen, "PA-USE-2"}, {RefreshOpens, "PA-USE-2"},
	{ActiveAnything, "PA-LOOK-2"}, {ActiveForEver, "PA-LOOK-2"}, {MovingExp, "PA-LOOK-3"},
	{ReplayableRefresh, "PA-REFRESH-2"}, {RefreshRace, "PA-REFRESH-2"}, {UnboundRefresh, "PA-REFRESH-4"},
	{ShortAccess, "PA-EXPIRE-1"}, {EternalAccess, "PA-EXPIRE-1"}, {ShortRefresh, "PA-EXPIRE-2"}, {EternalRefresh, "PA-EXPIRE-3"},
	{OldSecretLives, "PA-SECRET-1"},
	{OpenRedirect, "PA-CONSENT-2"}, {MangledState, "PA-CONSENT-3"}, {VoucherOnRefusal, "PA-CONSENT-4"},
	{ReplayableVoucher, "PA-VOUCHER-2"}, {VoucherRace, "PA-VOUCHER-2"}, {UnboundVoucher, "PA-VOUCHER-3"},
	{RevivedVoucher, "PA-VOUCHER-2"}, {ShortVoucherAccess, "PA-EXPIRE-1"}, {VoucherRefreshStays, "PA-REFRESH-2"},
	{EternalVoucher, "PA-VOUCHER-4"}, {SpentVoucherKeeps, "PA-VOUCHER-6"},
	{BrokenOnMalformed, "ANY-5XX"}, {DropsOnMalformed, "ANY-5XX"}, {LeakyRefusal, "ANY-LEAK"},
	{BrokenOnNUL, "ANY-5XX"}, {CaseBlindSecret, "PA-CLIENT-1"}, {LongerAccess, "PA-USE-2"}, {HeaderEternal, "PA-EXPIRE-1"},
	{TradedMovingExp, "PA-LOOK-3"}, {TradedReplay, "PA-REFRESH-2"}, {ChainEnds, "PA-REFRESH-2"}, {SecondTradesShut, "PA-REFRESH-1"},
	{SignInRevives, "PA-REFRESH-2"}, {TradeProlongs, "PA-EXPIRE-1"}, {SecretTakesAll, "PA-SECRET-1"},
	{CloseLeavesOpen, "PA-CLOSE-1"}, {CloseLeavesLook, "PA-CLOSE-1"}, {CloseAnybody, "PA-CLOSE-2"}, {CloseOthers, "PA-CLOSE-2"},
	{CacheableTokens, "ANY-CACHE"}, {CountableTokens, "ANY-ENTROPY"},
}

// Liberty is a behaviour that the document leaves open: with any of them a server still keeps every promise.
type Liberty string

// The liberties.
const (
	OneSessionPerHuman  Liberty = "one-session-per-human"  // a new grant ends the human's tokens, whichever client they were given to
	OneSessionPerClient Liberty = "one-session-per-client" // a new grant ends what the same client had for the same human
	Leeway              Liberty = "leeway"                 // tokens, not vouchers, live 60 seconds longer than announced
	FamilyRevocation    Liberty = "family-revocation"      // a replayed refresh token takes all its successors with it
	OldAccessEnds       Liberty = "old-access-ends"        // a refresh ends the access token it replaces
	ClockRunsOn         Liberty = "clock-runs-on"          // a refreshed refresh token ends when the first one would have
	CachedAccess        Liberty = "cached-access"          // a live access token is handed out again (violates PA-TOKEN-4, practice)
	SecretTakesTokens   Liberty = "secret-takes-tokens"    // a regenerated secret ends the client's tokens
	BurnedVouchers      Liberty = "burned-vouchers"        // a refused exchange spends the voucher
	OneVoucher          Liberty = "one-voucher"            // a new voucher ends the human's older ones
	OpenIntrospection   Liberty = "open-introspection"     // any client may look at any token
	RateLimit           Liberty = "rate-limit"             // more than 40 grants in a second are answered 429 with Retry-After
)

// LibertyList lists every liberty.
var LibertyList = []Liberty{
	OneSessionPerHuman, OneSessionPerClient, Leeway, FamilyRevocation, OldAccessEnds, ClockRunsOn, CachedAccess,
	SecretTakesTokens, BurnedVouchers, OneVoucher, OpenIntrospection, RateLimit,
}

func (o Options) check() error {
	for _, f := range o.Faults {
		if !slices.ContainsFunc(Violations, func(v Violation) bool { return v.Fault == f }) {
			return fmt.Errorf("there is no fault %q: see fifth.Violations", f)
		}
	}
	for _, l := range o.Liberties {
		if !slices.Contains(LibertyList, l) {
			return fmt.Errorf("there is no liberty %q: see fifth.LibertyList", l)
		}
	}
	return nil
}

func (o Options) has(f Fault) bool     { return slices.Contains(o.Faults, f) }
func (o Options) takes(l Liberty) bool { return slices.Contains(o.Liberties, l) }
