package pos

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"gonogo/reference/kit"
)

// The words that the quirks of this dialect are declared in.
var (
	defect  = kit.Defect[*pos]
	liberty = kit.Liberty[*pos]
	on      = kit.On[*pos]
	instead = kit.Instead[*pos]

	atUsers  = kit.At(usersPath)
	atLogIn  = kit.At(logInPath)
	atDishes = kit.At(dishesPath)
)

// The document names 201 for tokens, so the liberty to answer it is none here.
// The common defects of ANY-ENTROPY are those of the refresh tokens; access
// tokens, which must be UUIDs, have their own.
var commonQuirks = kit.Common(id, kit.Rows[*pos]{Issue: "POS-TOKEN-1", Refresh: "POS-REFRESH-1", Rotate: "POS-ROTATE-1", Refuse: "POS-REFRESH-2",
	Use: "POS-USE-2", Expire: "POS-EXPIRE-1", Using: "POS-USE-1", InUse: "POS-EXPIRE-1", LateAccess: "POS-REFRESH-1", RenewedAccess: "POS-EXPIRE-1", Statuses: true, Guessable: "Refresh tokens", LetIn: letIn})

// Quirks in what the tokens are and how long they live. A UUID made from the time is guessable where a clock is all there is to it (version 1), and is not with the 74 random bits of version 7.
var mintQuirks = []kit.Declared[*pos]{
	defect("pos-access-no-uuid", "POS-TOKEN-1", "Access tokens are 43 characters of base64url.", mintsAccess(func(*kit.Clock) func() string { return kit.RandomToken })),
	defect("pos-access-uuid-without-dashes", "POS-TOKEN-1", "Access tokens are 32 hexadecimal digits, a UUID without its dashes.", mintsAccess(func(*kit.Clock) func() string {
		return func() string { return strings.ReplaceAll(kit.RandomUUID(), "-", "") }
	})),
	defect("pos-access-counter-uuids", "ANY-ENTROPY", "Access tokens are UUIDs that count up.", mintsAccess(func(*kit.Clock) func() string {
		return func() string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", kit.Serial.Add(1)) }
	})),
	defect("pos-access-time-uuids", "ANY-ENTROPY", "Access tokens are version 1 UUIDs: a clock and a fixed node.", mintsAccess(kit.TimeUUIDs)),
	defect("pos-access-alike-uuids", "ANY-ENTROPY", "Access tokens of a run share their first 19 characters.", mintsAccess(func(*kit.Clock) func() string {
		start := kit.RandomUUID()[:19]
		return func() string { return start + kit.RandomUUID()[19:] }
	})),
	liberty("pos-uuid-upper-case", "POS-TOKEN-1", "Access tokens are written in upper case.", mintsAccess(func(*kit.Clock) func() string {
		return func() string { return strings.ToUpper(kit.RandomUUID()) }
	})),
	liberty("pos-uuid-version-7", "POS-TOKEN-1", "Access tokens are version 7 UUIDs: the time, and 74 random bits.", mintsAccess(func(clock *kit.Clock) func() string {
		return func() string { return kit.OrderedUUID(clock.Now()) }
	})),
	liberty("pos-uuid-any-case", "POS-USE-2", "Access tokens are compared as UUIDs, without regard to case.", anyCase),
	liberty("pos-refresh-token-uuid", "POS-TOKEN-1", "Refresh tokens are UUIDs, too.", func(p *pos) { p.Mint = kit.RandomUUID }),

	defect("pos-access-never-expires", "POS-EXPIRE-1", "Access tokens never expire.", func(p *pos) { p.NeverEnds[kit.AccessToken] = true }),
	defect("pos-access-dies-early", "POS-EXPIRE-1", "An access token dies after half of what expires_in says.", func(p *pos) { p.EndsEarly[kit.AccessToken] = p.AccessLife / 2 }),
	defect("pos-refresh-dies-with-access", "POS-EXPIRE-1", "A refresh token dies together with its access token.", func(p *pos) { p.EndsEarly[kit.RefreshToken] = p.AccessLife }),
	defect("pos-expires-in-minutes", "POS-EXPIRE-1", "expires_in is in minutes: 60 for a token that lives an hour.", func(p *pos) {
		p.announced = func(left time.Duration) kit.Value { return kit.Number(int64(left / time.Minute)) }
	}),
	defect("pos-expires-in-milliseconds", "POS-EXPIRE-1", "expires_in is in milliseconds: 3600000 for a token that lives an hour.", func(p *pos) {
		p.announced = func(left time.Duration) kit.Value { return kit.Number(left.Milliseconds()) }
	}),
	liberty("pos-truncated-lifetime", "POS-EXPIRE-1", "expires_in is 3599, by truncation.", func(p *pos) {
		p.announced = func(left time.Duration) kit.Value { return inSeconds(left - time.Second) }
	}),
	liberty("pos-expires-in-900", "POS-EXPIRE-1", "Access tokens live for 15 minutes, as announced.", func(p *pos) { p.AccessLife = 15 * time.Minute }),
	liberty("pos-expires-in-86400", "POS-EXPIRE-1", "Access tokens live for a day, as announced.", func(p *pos) { p.AccessLife = 24 * time.Hour }),
	liberty("pos-refresh-lives-a-day", "POS-EXPIRE-1", "Refresh tokens live for a day.", func(p *pos) { p.RefreshLife = 24 * time.Hour }),
	liberty("pos-hands-out-again", "POS-TOKEN-4", "A login repeats the pair that is still alive, with the lifetime that remains.", func(p *pos) { p.HandsOutAgain = true }),
}

// Quirks in how a client proves itself.
var clientQuirks = []kit.Declared[*pos]{
	defect("pos-basic-unchecked", "POS-TOKEN-2", "Users log in whatever the Authorization header says, also without one.", lets(anyhow)),
	defect("pos-basic-missing-accepted", "POS-TOKEN-2", "Users log in without an Authorization header; one that is there is checked.", lets(kit.Nothing)),
	defect("pos-basic-any-scheme", "POS-TOKEN-2", "The client's credentials are accepted under any scheme.", func(p *pos) { p.basic = kit.AnySchemeCredentials }),
	defect("pos-secret-unchecked", "POS-TOKEN-2", "Any secret of a known client is accepted.", func(p *pos) { p.secrets.Unchecked = true }),
	defect("pos-secret-empty-accepted", "POS-TOKEN-2", "An empty secret of a known client is accepted.", func(p *pos) { p.secrets.None = true }),
	defect("pos-secret-any-case", "POS-TOKEN-2", "The secret is compared without regard to case.", func(p *pos) { p.secrets.AnyCase = true }),
	defect("pos-secret-prefix", "POS-TOKEN-2", "Only the first half of the secret is compared.", func(p *pos) { p.secrets.StartOnly = true }),
	defect("pos-secret-trimmed", "ANY-EXACT", "White space around the secret is not compared.", func(p *pos) { p.secrets.Spaces = true }),
	defect("pos-secret-suffix", "POS-TOKEN-2", "The first letter of the secret is not compared.", func(p *pos) { p.secrets.EndOnly = true }),
	defect("pos-user-as-client", "POS-TOKEN-2", "A user's name and password are accepted for those of a client.", usersAsClients),
	defect("pos-local-client", "POS-TOKEN-2", "Who says X-Forwarded-For: 127.0.0.1 needs no credentials of a client.", lets(func(c *kit.Call) bool { return c.Header.Get("X-Forwarded-For") == "127.0.0.1" })),
	defect("pos-secret-to-colon", "POS-TOKEN-2", "The secret ends at a colon, and nobody looks at what comes after it.", func(p *pos) {
		p.credential = func(s string) string { before, _, _ := strings.Cut(s, ":"); return before }
	}),
	defect("pos-secret-of-another-accepted", "POS-TOKEN-2", "A client is accepted with the secret of another client.", func(p *pos) { p.secrets.Anybodys = p.Anybodys }),
	defect("pos-client-unknown-accepted", "POS-TOKEN-2", "An unknown client is accepted.", func(p *pos) { p.secrets.Unknown = true }),
	defect("pos-wrong-client-200", "POS-TOKEN-2", "Wrong client credentials are answered 200 with an error in the body.", on(stranger, kit.Status(http.StatusOK))),
	liberty("pos-wrong-client-403", "POS-TOKEN-2", "Wrong client credentials are answered 403.", on(stranger, kit.Status(http.StatusForbidden))),
	defect("pos-basic-missing-crash", "POS-TOKEN-2", "A login without an Authorization header is answered 500.", on(stranger, kit.Crash, kit.Nothing)),
	defect("pos-basic-foreign-crash", "POS-TOKEN-2", "An Authorization header that is not well-formed Basic is answered 500.", on(stranger, kit.Crash, kit.Not(kit.Nothing), kit.Not(kit.Something))),
	liberty("pos-basic-form-decoded", "POS-TOKEN-2", "Client id and secret are decoded as forms are, after Basic (RFC 6749 2.3.1).", func(p *pos) { p.credential = formDecoded }),
	defect("pos-drops-unknown-client", "ANY-5XX", "An unknown client's connection is closed without an answer.", on(stranger, kit.HangUp, kit.Something, kit.Not(kit.KnownID))),
	defect("pos-leaks-secret", "ANY-LEAK", "The refusal of a wrong secret tells the right one.", on(stranger, kit.TellSecret, kit.KnownID)),
}
