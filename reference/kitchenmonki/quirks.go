package kitchenmonki

import (
	"net/http"
	"strings"
	"time"

	"gonogo/reference/kit"
)

// The words that the quirks of this dialect are declared in.
var (
	defect  = kit.Defect[*monki]
	liberty = kit.Liberty[*monki]
	on      = kit.On[*monki]
	instead = kit.Instead[*monki]

	forCredentials = grantIs("client_credentials")
	forCode        = grantIs("authorization_code")
	forRefresh     = grantIs("refresh_token")
)

var commonQuirks = kit.Common(id, kit.Rows[*monki]{
	Issue: "KM-CC-1", Refresh: "KM-REFRESH-1", Rotate: "KM-REFRESH-2", Refuse: "KM-REFRESH-4", Use: "KM-USE-3", Expire: "KM-EXPIRE-1",
	Using: "KM-USE-1", InUse: "KM-PRACTICE-3", LateAccess: "KM-EXPIRE-1", RenewedAccess: "KM-EXPIRE-1", AnyForm: true, LetIn: letIn})

// Quirks of client credentials, and of what all grants share.
var credentialsQuirks = []kit.Declared[*monki]{
	defect("kitchenmonki-cc-no-scope", "KM-CC-1", "The client credentials answer lacks scope.", on(granted, kit.Drop("scope"))),
	defect("kitchenmonki-cc-expires-in-minutes", "KM-CC-1", "The client credentials answer announces expires_in 60.", on(granted, kit.Put("expires_in", kit.Number(60)))),
	defect("kitchenmonki-cc-type-mac", "KM-CC-1", "The client credentials answer's token_type is mac.", on(granted, kit.Put("token_type", kit.Text("mac")))),
	defect("kitchenmonki-cc-no-refresh-token", "KM-CC-1", "The client credentials answer has no refresh_token.", on(granted, kit.Drop("refresh_token"))),
	defect("kitchenmonki-cc-other-user", "KM-CC-2", "A client's own token acts as another user.", func(m *monki) { m.ownUser = func(who *kit.KnownClient) int64 { return int64(who.ActsAs) + 1 } }),
	defect("kitchenmonki-cc-first-clients-user", "KM-CC-2", "Every client's own token acts as the first client's user.", func(m *monki) { m.ownUser = func(*kit.KnownClient) int64 { return m.firstClientsUser() } }),
	defect("kitchenmonki-cc-second-other-user", "KM-CC-2", "The own token of every client but the first acts as the next user.", func(m *monki) {
		m.ownUser = func(who *kit.KnownClient) int64 {
			if own := int64(who.ActsAs); own == m.firstClientsUser() {
				return own
			}
			return int64(who.ActsAs) + 1
		}
	}),
	defect("kitchenmonki-cc-refreshed-other-user", "KM-CC-2", "After a refresh a client's own token acts as another user.", func(m *monki) {
		m.carriesOver = func(g kit.Grant, who *kit.KnownClient) kit.Grant {
			if g.User == int64(who.ActsAs) {
				g.User++
			}
			return g
		}
	}),
	defect("kitchenmonki-secret-unchecked", "KM-CC-3", "Any secret gets a client credentials token.", func(m *monki) { m.credentialsSecrets.Unchecked = true }),
	defect("kitchenmonki-secret-empty-accepted", "KM-CC-3", "An empty client_secret gets a client credentials token.", unproved(forCredentials, secretEmpty)),
	defect("kitchenmonki-secret-missing-accepted", "KM-CC-3", "A client credentials request without client_secret gets a token.", unproved(forCredentials, secretMissing)),
	defect("kitchenmonki-secret-any-case", "KM-CC-3", "The secret is compared without regard to case.", func(m *monki) { m.credentialsSecrets.AnyCase = true }),
	defect("kitchenmonki-secret-prefix", "KM-CC-3", "Only the first half of the secret is compared.", func(m *monki) { m.credentialsSecrets.StartOnly = true }),
	defect("kitchenmonki-secret-of-another-accepted", "KM-CC-3", "A client gets a client credentials token with the secret of another client.", func(m *monki) { m.credentialsSecrets.Anybodys = m.Anybodys }),
	defect("kitchenmonki-client-unknown-accepted", "KM-CC-3", "An unknown client gets a token.", func(m *monki) { m.credentialsSecrets.Unknown = true }),
	defect("kitchenmonki-client-id-missing-crash", "KM-CC-3", "A request without client_id is answered 500.", on(noClient, kit.Crash)),
	liberty("kitchenmonki-throttles-wrong-secrets", "KM-CC-3", "Each wrong secret is answered 429 with Retry-After: 900; the right one is let in.", kit.Throttles[*monki](wrongClient, 1)),
	liberty("kitchenmonki-invalid-client-400", "KM-CC-3", "Wrong credentials are answered 400, the default of RFC 6749 5.2.", on(wrongClient, kit.Status(http.StatusBadRequest))),
	defect("kitchenmonki-leaks-secret", "ANY-LEAK", "The refusal of a wrong secret tells the right one.", on(wrongClient, kit.TellSecret, kit.KnownID)),
	defect("kitchenmonki-grant-type-unknown-accepted", "KM-CC-3", "An unknown grant_type counts as client_credentials.", instead(unknownGrantType, (*monki).asCredentials)),
	defect("kitchenmonki-grant-type-missing-accepted", "KM-CC-3", "A missing grant_type counts as client_credentials.", instead(noGrantType, (*monki).asCredentials)),
	defect("kitchenmonki-drops-unknown-grant-type", "ANY-5XX", "An unknown grant_type has the connection closed without an answer.", on(unknownGrantType, kit.HangUp)),
	liberty("kitchenmonki-truncated-lifetime", "KM-CC-1", "expires_in is 3599, by truncation.", everyGrant(kit.Put("expires_in", kit.Number(3599)))),
	liberty("kitchenmonki-token-type-capital", "KM-CC-1", "token_type is Bearer.", everyGrant(kit.Put("token_type", kit.Text("Bearer")))),
	liberty("kitchenmonki-scope-text", "KM-CC-1", "scope is a string.", everyGrant(kit.Put("scope", kit.Text("basic")))),
	defect("kitchenmonki-scope-number", "ANY-SCHEMA", "scope is a number in every token answer.", everyGrant(kit.Put("scope", kit.Number(0)))),
}

// Quirks of codes.
var codeQuirks = []kit.Declared[*monki]{
	defect("kitchenmonki-code-refused", "KM-CODE-1", "Every code is refused.", instead(exchanged, (*monki).badCode)),
	defect("kitchenmonki-code-no-refresh-token", "KM-CODE-1", "The code exchange answer has no refresh_token.", on(exchanged, kit.Drop("refresh_token"))),
	defect("kitchenmonki-code-dead-access", "KM-CODE-1", "The access token that a code gets does not work.", on(exchanged, func(c *kit.Call, a kit.Answer) kit.Answer {
		c.Service.Tokens.Forget(kit.AccessToken, c.Pair.Access)
		return a
	})),
	defect("kitchenmonki-code-expires-in-minutes", "KM-CODE-1", "The code exchange answer announces expires_in 60.", on(exchanged, kit.Put("expires_in", kit.Number(60)))),
	defect("kitchenmonki-code-lives-long", "KM-CODE-2", "A code lives for 10 minutes.", func(m *monki) { m.codeLife = 10 * time.Minute }),
	defect("kitchenmonki-code-dies-early", "KM-CODE-2", "A code dies after 10 seconds.", func(m *monki) { m.codeLife = 10 * time.Second }),
	defect("kitchenmonki-code-replay", "KM-CODE-3", "A code works as often as it is sent.", func(m *monki) { m.spend = func(kit.Key) bool { return true } }),
	defect("kitchenmonki-consent-revives-codes", "KM-CODE-3", "When a user consents anew the used codes that a client has from him work again.", revivesCodes),
	defect("kitchenmonki-code-race", "KM-CODE-3", "The code is looked up first and spent 40 ms later: racing exchanges all win, a later replay is refused.", codeRace(kit.RaceGap)),
	defect("kitchenmonki-code-race-narrow", "KM-CODE-3", "The code is looked up first and spent 1 ms later.", codeRace(kit.NarrowGap)),
	defect("kitchenmonki-code-reuse-ignored", "KM-PRACTICE-1", "The reuse of a spent code leaves its tokens alive.", func(m *monki) { m.reused = func(uint64, time.Time) {} }),
	defect("kitchenmonki-code-reuse-ends-access", "KM-PRACTICE-1", "The reuse of a spent code ends its access token, and leaves its refresh token alive.", func(m *monki) {
		m.reused = func(family uint64, _ time.Time) {
			m.Tokens.Tokens.DropIf(func(g kit.Grant) bool { return g.Family == family && g.Kind == kit.AccessToken })
		}
	}),
	defect("kitchenmonki-code-first-use-is-reuse", "KM-PRACTICE-1", "The first use of a code counts as its reuse: the tokens that it gets are revoked as they are made.", revokesAtOnce),
	liberty("kitchenmonki-refusal-burns-code", "KM-CODE-4", "A refused exchange burns the code.", burnsCode),
	defect("kitchenmonki-code-other-client", "KM-CODE-4", "A code works for another client.", codeOfAnybody),
	defect("kitchenmonki-code-other-redirect", "KM-CODE-4", "A code works with another redirect_uri.", alsoRedirect(func(_, _ string) bool { return true })),
	defect("kitchenmonki-code-no-redirect", "KM-CODE-4", "A code works without its redirect_uri.", func(m *monki) {
		m.sameRedirect = func(authorized, redirect string) bool { return authorized == redirect || redirect == "" }
	}),
	defect("kitchenmonki-code-redirect-longer", "KM-CODE-4", "A code works with a redirect_uri that begins with its own.", alsoRedirect(func(authorized, redirect string) bool { return strings.HasPrefix(redirect, authorized) })),
	defect("kitchenmonki-code-redirect-shorter", "KM-CODE-4", "A code works with the beginning of its redirect_uri.", alsoRedirect(strings.HasPrefix)),
	defect("kitchenmonki-code-redirect-any-case", "KM-CODE-4", "A code works with its redirect_uri in any case.", alsoRedirect(strings.EqualFold)),
	defect("kitchenmonki-code-redirect-any-query", "KM-CODE-4", "A code works with any query in its redirect_uri.", alsoRedirect(func(authorized, redirect string) bool { return kit.WithoutQuery(redirect) == authorized })),
	defect("kitchenmonki-code-secret-unchecked", "KM-CODE-4", "A code works with a wrong secret.", func(m *monki) { m.codeSecrets.Unchecked = true }),
	defect("kitchenmonki-code-secret-missing-accepted", "KM-CODE-4", "A code works without a secret.", unproved(forCode, secretMissing)),
	defect("kitchenmonki-code-secret-empty-accepted", "KM-CODE-4", "A code works with an empty secret.", unproved(forCode, secretEmpty)),
	defect("kitchenmonki-code-client-missing-accepted", "KM-CODE-4", "An exchange without client_id is taken for that of the client whose code it is, and asks for no secret.", instead(noClient, (*monki).exchangeForOwner, forCode)),
	defect("kitchenmonki-code-secret-of-another-accepted", "KM-CODE-4", "A code works with the secret of another client.", func(m *monki) { m.codeSecrets.Anybodys = m.Anybodys }),
	defect("kitchenmonki-code-unknown-client", "KM-CODE-4", "A code works for a client that does not exist.", func(m *monki) { m.codeSecrets.Unknown = true }, codeOfNobody),
	defect("kitchenmonki-code-acts-as-client", "KM-CODE-5", "The token from a code acts as the client's own user.", func(m *monki) {
		m.grantingUser = func(_ codeGrant, who *kit.KnownClient) int64 { return int64(who.ActsAs) }
	}),
	defect("kitchenmonki-code-unknown-accepted", "KM-CODE-6", "An unknown code gets a token.", unknownCode),
	defect("kitchenmonki-code-missing-crash", "KM-CODE-6", "A missing code is answered 500.", on(noCode, kit.Crash)),
	defect("kitchenmonki-code-nothing-crash", "KM-CODE-6", "An exchange of nothing but its grant_type is answered 500.", on(noClient, kit.Crash, forCode, nothingElse)),
}

// Quirks of a refresh.
var refreshQuirks = []kit.Declared[*monki]{
	defect("kitchenmonki-refresh-same-access", "KM-REFRESH-1", "A refresh answers the old access token again.", func(m *monki) { m.RemembersText = true }, on(refreshed, kit.PutFound("access_token", kit.FirstAccess))),
	defect("kitchenmonki-refresh-same-refresh", "KM-REFRESH-1", "A refresh answers the old refresh token again, which stays valid.", func(m *monki) { m.Replayable = true }, on(refreshed, kit.PutFound("refresh_token", kit.AsSent))),
	defect("kitchenmonki-refresh-no-token-type", "KM-REFRESH-1", "The refresh answer lacks token_type.", on(refreshed, kit.Drop("token_type"))),
	defect("kitchenmonki-refresh-expires-string", "ANY-SCHEMA", "The refresh answer's expires_in is a string.", on(refreshed, kit.Put("expires_in", kit.Text("3600")))),
	defect("kitchenmonki-refresh-loses-user", "KM-REFRESH-3", "After a refresh the token acts as the client's own user.", func(m *monki) {
		m.carriesOver = func(g kit.Grant, who *kit.KnownClient) kit.Grant { g.User = int64(who.ActsAs); return g }
	}),
	defect("kitchenmonki-refresh-unknown-accepted", "KM-REFRESH-4", "An unknown refresh token gets a token.", instead(badRefreshToken, (*monki).clientCredentials, kit.Unknown)),
	defect("kitchenmonki-refresh-secret-unchecked", "KM-REFRESH-4", "A refresh works with a wrong secret.", func(m *monki) { m.refreshSecrets.Unchecked = true }),
	defect("kitchenmonki-refresh-secret-missing-accepted", "KM-REFRESH-4", "A refresh works without a secret.", unproved(forRefresh, secretMissing)),
	defect("kitchenmonki-refresh-secret-empty-accepted", "KM-REFRESH-4", "A refresh works with an empty secret.", unproved(forRefresh, secretEmpty)),
	defect("kitchenmonki-refresh-client-missing-accepted", "KM-REFRESH-4", "A refresh without client_id is taken for that of the client whose token it is, and asks for no secret.", instead(noClient, (*monki).refreshForOwner, forRefresh)),
	defect("kitchenmonki-refresh-nothing-crash", "KM-REFRESH-4", "A refresh of nothing but its grant_type is answered 500.", on(noClient, kit.Crash, forRefresh, nothingElse)),
	defect("kitchenmonki-refresh-secret-of-another-accepted", "KM-REFRESH-4", "A refresh works with the secret of another client.", func(m *monki) { m.refreshSecrets.Anybodys = m.Anybodys }),
	defect("kitchenmonki-refresh-unknown-client", "KM-REFRESH-4", "A refresh token works for a client that does not exist.", func(m *monki) { m.refreshSecrets.Unknown = true }, refreshOfNobody),
	defect("kitchenmonki-refresh-other-client", "KM-REFRESH-4", "A refresh token works for another client.", refreshOfAnybody),
	defect("kitchenmonki-renewed-other-client", "KM-REFRESH-4", "The refresh token of a refresh works for another client.", func(m *monki) {
		m.refreshFor = func(g kit.Grant, who *kit.KnownClient) bool { return g.Client == who.Number || g.Age > 0 }
	}),
	defect("kitchenmonki-second-other-client", "KM-REFRESH-4", "The refresh token of a second refresh works for another client.", func(m *monki) {
		m.refreshFor = func(g kit.Grant, who *kit.KnownClient) bool { return g.Client == who.Number || g.Age > 1 }
	}),
	defect("kitchenmonki-second-loses-user", "KM-REFRESH-3", "After a second refresh the token acts as the client's own user.", func(m *monki) {
		m.carriesOver = func(g kit.Grant, who *kit.KnownClient) kit.Grant {
			if g.Age > 0 {
				g.User = int64(who.ActsAs)
			}
			return g
		}
	}),
	defect("kitchenmonki-unbound", "ANY-CLIENTBIND", "Codes and refresh tokens are bound to no client.", codeOfAnybody, refreshOfAnybody),
	defect("kitchenmonki-hangs-on-missing-refresh-token", "ANY-5XX", "A refresh without refresh_token is never answered.", on(noRefreshToken, kit.Hang)),
}

// Quirks in how long tokens live.
var lifeQuirks = []kit.Declared[*monki]{
	defect("kitchenmonki-access-never-expires", "KM-EXPIRE-1", "Access tokens never expire.", func(m *monki) { m.NeverEnds[kit.AccessToken] = true }),
	defect("kitchenmonki-access-dies-early", "KM-EXPIRE-1", "An access token dies after 30 minutes, announced as an hour.", func(m *monki) { m.EndsEarly[kit.AccessToken] = accessLife / 2 }),
	liberty("kitchenmonki-sliding-access", "KM-EXPIRE-1", "Using an access token starts its hour again; one that nothing touches ends on time.", func(m *monki) { m.SlidingAccess = true }),
	defect("kitchenmonki-refresh-dies-early", "KM-EXPIRE-2", "A refresh token dies after one week.", func(m *monki) { m.EndsEarly[kit.RefreshToken] = refreshLife / 2 }),
	defect("kitchenmonki-refresh-never-expires", "KM-EXPIRE-3", "Refresh tokens never expire.", func(m *monki) { m.NeverEnds[kit.RefreshToken] = true }),
}

// codeRace spends a code so long after it was looked up.
func codeRace(gap time.Duration) func(*monki) {
	return func(m *monki) {
		m.spend = func(k kit.Key) bool {
			time.Sleep(gap)
			m.codes.Spend(k)
			return true
		}
	}
}
