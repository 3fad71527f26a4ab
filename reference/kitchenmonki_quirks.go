package reference

import (
	"net/http"
	"net/url"
	"time"
)

var kitchenmonkiCommon = commonOf("kitchenmonki", rows{
	issue: "KM-CC-1", refresh: "KM-REFRESH-1", rotate: "KM-REFRESH-2", use: "KM-USE-3", expire: "KM-EXPIRE-1",
	using: "KM-USE-1", lateAccess: "KM-EXPIRE-1", renewedAccess: "KM-EXPIRE-1"})

// Defects of the grants, by the requirement that each violates.
var (
	kmCCNoScope       = defect("kitchenmonki-cc-no-scope", "KM-CC-1", "The client credentials answer lacks scope.")
	kmCCMinutes       = defect("kitchenmonki-cc-expires-in-minutes", "KM-CC-1", "The client credentials answer announces expires_in 60.")
	kmCCTypeMAC       = defect("kitchenmonki-cc-type-mac", "KM-CC-1", "The client credentials answer's token_type is mac.")
	kmCCNoRefresh     = defect("kitchenmonki-cc-no-refresh-token", "KM-CC-1", "The client credentials answer has no refresh_token.")
	kmCCOtherUser     = defect("kitchenmonki-cc-other-user", "KM-CC-2", "A client's own token acts as another user.")
	kmCCFirstUser     = defect("kitchenmonki-cc-first-clients-user", "KM-CC-2", "Every client's own token acts as the first client's user.")
	kmSecretUnchecked = defect("kitchenmonki-secret-unchecked", "KM-CC-3", "Any secret gets a client credentials token.")
	kmSecretEmpty     = defect("kitchenmonki-secret-empty-accepted", "KM-CC-3", "An empty client_secret gets a client credentials token.")
	kmSecretMissing   = defect("kitchenmonki-secret-missing-accepted", "KM-CC-3", "A client credentials request without client_secret gets a token.")
	kmSecretAnyCase   = defect("kitchenmonki-secret-any-case", "KM-CC-3", "The secret is compared without regard to case.")
	kmSecretPrefix    = defect("kitchenmonki-secret-prefix", "KM-CC-3", "Only the first half of the secret is compared.")
	kmSecretOther     = defect("kitchenmonki-secret-of-another-accepted", "KM-CC-3", "A client gets a client credentials token with the secret of another client.")
	kmClientUnknown   = defect("kitchenmonki-client-unknown-accepted", "KM-CC-3", "An unknown client gets a token.")
	kmTypeUnknown     = defect("kitchenmonki-grant-type-unknown-accepted", "KM-CC-3", "An unknown grant_type counts as client_credentials.")
	kmTypeMissing     = defect("kitchenmonki-grant-type-missing-accepted", "KM-CC-3", "A missing grant_type counts as client_credentials.")
	kmClientMissing   = defect("kitchenmonki-client-id-missing-crash", "KM-CC-3", "A request without client_id is answered 500.")

	kmCodeRefused       = defect("kitchenmonki-code-refused", "KM-CODE-1", "Every code is refused.")
	kmCodeNoRefresh     = defect("kitchenmonki-code-no-refresh-token", "KM-CODE-1", "The code exchange answer has no refresh_token.")
	kmCodeMinutes       = defect("kitchenmonki-code-expires-in-minutes", "KM-CODE-1", "The code exchange answer announces expires_in 60.")
	kmCodeLong          = defect("kitchenmonki-code-lives-long", "KM-CODE-2", "A code lives for 10 minutes.")
	kmCodeShort         = defect("kitchenmonki-code-dies-early", "KM-CODE-2", "A code dies after 10 seconds.")
	kmCodeReplay        = defect("kitchenmonki-code-replay", "KM-CODE-3", "A code works as often as it is sent.")
	kmCodeRace          = defect("kitchenmonki-code-race", "KM-CODE-3", "The code is looked up first and spent 40 ms later: racing exchanges all win, a later replay is refused.")
	kmCodeOtherClient   = defect("kitchenmonki-code-other-client", "KM-CODE-4", "A code works for another client.")
	kmCodeOtherRedirect = defect("kitchenmonki-code-other-redirect", "KM-CODE-4", "A code works with another redirect_uri.")
	kmCodeNoRedirect    = defect("kitchenmonki-code-no-redirect", "KM-CODE-4", "A code works without its redirect_uri.")
	kmCodeSecret        = defect("kitchenmonki-code-secret-unchecked", "KM-CODE-4", "A code works with a wrong secret.")
	kmCodeSecretMissing = defect("kitchenmonki-code-secret-missing-accepted", "KM-CODE-4", "A code works without a secret.")
	kmCodeSecretEmpty   = defect("kitchenmonki-code-secret-empty-accepted", "KM-CODE-4", "A code works with an empty secret.")
	kmCodeSecretOther   = defect("kitchenmonki-code-secret-of-another-accepted", "KM-CODE-4", "A code works with the secret of another client.")
	kmCodeUnknownClient = defect("kitchenmonki-code-unknown-client", "KM-CODE-4", "A code works for a client that does not exist.")
	kmCodeOwnUser       = defect("kitchenmonki-code-acts-as-client", "KM-CODE-5", "The token from a code acts as the client's own user.")
	kmCodeUnknown       = defect("kitchenmonki-code-unknown-accepted", "KM-CODE-6", "An unknown code gets a token.")
	kmCodeMissing       = defect("kitchenmonki-code-missing-crash", "KM-CODE-6", "A missing code is answered 500.")
	kmCodeReuseIgnored  = defect("kitchenmonki-code-reuse-ignored", "KM-PRACTICE-1", "The reuse of a spent code leaves its tokens alive.")

	kmRefreshSameAccess    = defect("kitchenmonki-refresh-same-access", "KM-REFRESH-1", "A refresh answers the old access token again.")
	kmRefreshSameRefresh   = defect("kitchenmonki-refresh-same-refresh", "KM-REFRESH-1", "A refresh answers the old refresh token again, which stays valid.")
	kmRefreshDeadAccess    = defect("kitchenmonki-refresh-dead-access", "KM-REFRESH-1", "The access token that a refresh answers does not work.")
	kmRefreshDeadRefresh   = defect("kitchenmonki-refresh-dead-refresh", "KM-REFRESH-1", "The refresh token that a refresh answers does not work.")
	kmRefreshNoType        = defect("kitchenmonki-refresh-no-token-type", "KM-REFRESH-1", "The refresh answer lacks token_type.")
	kmRefreshReplay        = defect("kitchenmonki-refresh-replay", "KM-REFRESH-2", "The old refresh token still works after a refresh.")
	kmRefreshRace          = defect("kitchenmonki-refresh-race", "KM-REFRESH-2", "The refresh token is looked up first and removed 40 ms later: racing refreshes all win, a later replay is refused.")
	kmRefreshLosesUser     = defect("kitchenmonki-refresh-loses-user", "KM-REFRESH-3", "After a refresh the token acts as the client's own user.")
	kmRefreshUnknown       = defect("kitchenmonki-refresh-unknown-accepted", "KM-REFRESH-4", "An unknown refresh token gets a token.")
	kmRefreshAccess        = defect("kitchenmonki-access-token-refreshes", "KM-REFRESH-4", "An access token is accepted for a refresh.")
	kmRefreshPrefix        = defect("kitchenmonki-refresh-prefix", "KM-REFRESH-4", "Only the first 16 characters of a refresh token are compared.")
	kmRefreshSecret        = defect("kitchenmonki-refresh-secret-unchecked", "KM-REFRESH-4", "A refresh works with a wrong secret.")
	kmRefreshSecretMissing = defect("kitchenmonki-refresh-secret-missing-accepted", "KM-REFRESH-4", "A refresh works without a secret.")
	kmRefreshSecretEmpty   = defect("kitchenmonki-refresh-secret-empty-accepted", "KM-REFRESH-4", "A refresh works with an empty secret.")
	kmRefreshSecretOther   = defect("kitchenmonki-refresh-secret-of-another-accepted", "KM-REFRESH-4", "A refresh works with the secret of another client.")
	kmRefreshUnknownClient = defect("kitchenmonki-refresh-unknown-client", "KM-REFRESH-4", "A refresh token works for a client that does not exist.")
	kmRefreshOtherClient   = defect("kitchenmonki-refresh-other-client", "KM-REFRESH-4", "A refresh token works for another client.")
	kmUnbound              = defect("kitchenmonki-unbound", "ANY-CLIENTBIND", "Codes and refresh tokens are bound to no client.")

	kmAccessForever  = defect("kitchenmonki-access-never-expires", "KM-EXPIRE-1", "Access tokens never expire.")
	kmAccessEarly    = defect("kitchenmonki-access-dies-early", "KM-EXPIRE-1", "An access token dies after 30 minutes, announced as an hour.")
	kmRefreshEarly   = defect("kitchenmonki-refresh-dies-early", "KM-EXPIRE-2", "A refresh token dies after one week.")
	kmRefreshForever = defect("kitchenmonki-refresh-never-expires", "KM-EXPIRE-3", "Refresh tokens never expire.")

	kmDropsUnknownType = defect("kitchenmonki-drops-unknown-grant-type", "ANY-5XX", "An unknown grant_type has the connection closed without an answer.")
	kmHangsOnMissing   = defect("kitchenmonki-hangs-on-missing-refresh-token", "ANY-5XX", "A refresh without refresh_token is never answered.")
	kmLeaksSecret      = defect("kitchenmonki-leaks-secret", "ANY-LEAK", "The refusal of a wrong secret tells the right one.")
	kmScopeNumber      = defect("kitchenmonki-scope-number", "ANY-SCHEMA", "scope is a number in every token answer.")
	kmRefreshString    = defect("kitchenmonki-refresh-expires-string", "ANY-SCHEMA", "The refresh answer's expires_in is a string.")
)

// Liberties of the grants.
var (
	kmRefusalBurnsCode = liberty("kitchenmonki-refusal-burns-code", "KM-CODE-4", "A refused exchange burns the code.")
	kmTruncates        = liberty("kitchenmonki-truncated-lifetime", "KM-CC-1", "expires_in is 3599, by truncation.")
	kmTypeBearer       = liberty("kitchenmonki-token-type-capital", "KM-CC-1", "token_type is Bearer.")
	kmScopeText        = liberty("kitchenmonki-scope-text", "KM-CC-1", "scope is a string.")
	kmInvalidClient400 = liberty("kitchenmonki-invalid-client-400", "KM-CC-3", "Wrong credentials are answered 400, the default of RFC 6749 5.2.")
	kmSlidingAccess    = liberty("kitchenmonki-sliding-access", "KM-EXPIRE-1", "Using an access token starts its hour again; one that nothing touches ends on time.")
)

func (m *kitchenmonki) policy() policy {
	p := policy{
		accessLife:    kmAccessLife,
		refreshLife:   kmRefreshLife,
		slidingAccess: m.has(kmSlidingAccess),
		neverEnds:     [2]bool{accessToken: m.has(kmAccessForever), refreshToken: m.has(kmRefreshForever)},
		startOnly:     [2]bool{accessToken: m.has(kmAccessPrefix), refreshToken: m.has(kmRefreshPrefix)},
		replayable:    m.any(kmRefreshReplay, kmRefreshSameRefresh),
		raceWindow:    m.has(kmRefreshRace),
		takesAccess:   m.has(kmRefreshAccess),
		deadAccess:    m.has(kmRefreshDeadAccess),
		deadRefresh:   m.has(kmRefreshDeadRefresh),
		remembersText: m.any(kmRefreshSameAccess, kmLeaksToken),
	}
	if m.has(kmAccessEarly) {
		p.endsEarly[accessToken] = kmAccessLife / 2
	}
	if m.has(kmRefreshEarly) {
		p.endsEarly[refreshToken] = kmRefreshLife / 2
	}
	return m.commonPolicy(p)
}

// secrets is how a grant compares the secret: each defect changes one grant,
// so that it violates that grant's requirement alone.
func (m *kitchenmonki) secrets(grantType string, in url.Values) secretCheck {
	missing := !in.Has("client_secret")
	switch grantType {
	case "authorization_code":
		return secretCheck{
			unchecked: m.has(kmCodeSecret),
			none:      missing && m.has(kmCodeSecretMissing) || !missing && m.has(kmCodeSecretEmpty),
			unknown:   m.has(kmCodeUnknownClient),
			anybodys:  m.anybodys(m.has(kmCodeSecretOther)),
		}
	case "refresh_token":
		return secretCheck{
			unchecked: m.has(kmRefreshSecret),
			none:      missing && m.has(kmRefreshSecretMissing) || !missing && m.has(kmRefreshSecretEmpty),
			unknown:   m.has(kmRefreshUnknownClient),
			anybodys:  m.anybodys(m.has(kmRefreshSecretOther)),
		}
	}
	return secretCheck{
		unchecked: m.has(kmSecretUnchecked),
		none:      missing && m.has(kmSecretMissing) || !missing && m.has(kmSecretEmpty),
		anyCase:   m.has(kmSecretAnyCase),
		startOnly: m.has(kmSecretPrefix),
		unknown:   m.has(kmClientUnknown),
		anybodys:  m.anybodys(m.has(kmSecretOther)),
	}
}

func (m *kitchenmonki) grantType(in url.Values) string {
	switch t := in.Get("grant_type"); {
	case t == "" && m.has(kmTypeMissing):
		return "client_credentials"
	case t != "" && t != "authorization_code" && t != "refresh_token" && m.has(kmTypeUnknown):
		return "client_credentials"
	default:
		return t
	}
}

func (m *kitchenmonki) unsupportedGrantType() answer {
	a := refused(http.StatusBadRequest, "unsupported_grant_type", "There are client_credentials, authorization_code and refresh_token.")
	if m.has(kmDropsUnknownType) {
		a.fate = dropped
	}
	return a
}

func (m *kitchenmonki) missingClient() *answer {
	if m.has(kmClientMissing) {
		crash("the client_id is missing")
	}
	a := refused(http.StatusBadRequest, "invalid_request", "The parameter client_id is missing.")
	return &a
}

func (m *kitchenmonki) wrongCredentialsQuirks(a answer, who *client) answer {
	switch {
	case who != nobody && m.has(kmLeaksSecret):
		a.body = a.body.set("expected", text(who.Secret))
	case m.has(kmInvalidClient400):
		a.status, a.challenge = http.StatusBadRequest, ""
	}
	return a
}

// ownUser is whom a client's own tokens act for.
func (m *kitchenmonki) ownUser(who *client) int64 {
	switch {
	case m.has(kmCCOtherUser):
		return int64(who.ActsAs) + 1
	case m.has(kmCCFirstUser):
		return m.firstClientsUser()
	}
	return int64(who.ActsAs)
}

func (m *kitchenmonki) firstClientsUser() int64 {
	for _, c := range m.seeded.Clients {
		if c.Dialect == m.dialect {
			return int64(c.ActsAs)
		}
	}
	return 0
}

// grantingUser is whom the tokens from a code act for.
func (m *kitchenmonki) grantingUser(g codeGrant, who *client) int64 {
	if m.has(kmCodeOwnUser) {
		return int64(who.ActsAs)
	}
	return g.user
}

// shapeQuirks changes the answer that all grants share.
func (m *kitchenmonki) shapeQuirks(o object) object {
	if m.has(kmTruncates) {
		o = o.set("expires_in", number(3599))
	}
	if m.has(kmTypeBearer) {
		o = o.set("token_type", text("Bearer"))
	}
	if m.has(kmScopeText) {
		o = o.set("scope", text("basic"))
	}
	if m.has(kmScopeNumber) {
		o = o.set("scope", number(0))
	}
	return o
}

func (m *kitchenmonki) credentialsQuirks(o object) object {
	switch {
	case m.has(kmCCNoScope):
		return o.without("scope")
	case m.has(kmCCMinutes):
		return o.set("expires_in", number(60))
	case m.has(kmCCTypeMAC):
		return o.set("token_type", text("mac"))
	case m.has(kmCCNoRefresh):
		return o.without("refresh_token")
	}
	return o
}

func (m *kitchenmonki) codeQuirks(o object) object {
	switch {
	case m.has(kmCodeNoRefresh):
		return o.without("refresh_token")
	case m.has(kmCodeMinutes):
		return o.set("expires_in", number(60))
	}
	return o
}

func (m *kitchenmonki) codeLife() time.Duration {
	switch {
	case m.has(kmCodeLong):
		return 10 * time.Minute
	case m.has(kmCodeShort):
		return 10 * time.Second
	}
	return kmCodeLife
}

func (m *kitchenmonki) codeLeeway() time.Duration {
	if m.has(m.common.leeway) {
		return codeLeeway
	}
	return 0
}

// sparesCode: the defects of KM-CODE-3 do not spend a code in time.
func (m *kitchenmonki) sparesCode(k key) bool {
	switch {
	case m.has(kmCodeReplay):
		return true
	case m.has(kmCodeRace):
		time.Sleep(raceGap)
		m.codes.spend(k)
		return true
	}
	return false
}

// sparesClient: the defects do not ask whose grant it is. An unknown client gets
// this far by a defect only.
func (m *kitchenmonki) sparesClient(who *client, otherClient quirk) bool {
	return who == nobody || m.any(otherClient, kmUnbound)
}

func (m *kitchenmonki) missingCode() answer {
	if m.has(kmCodeMissing) {
		return crash("the code is missing")
	}
	return refused(http.StatusBadRequest, "invalid_request", "The parameter code is missing.")
}

func (m *kitchenmonki) unknownCode(c *call, who *client, known bool) answer {
	if !known && m.has(kmCodeUnknown) {
		return m.clientCredentials(c, who)
	}
	return m.invalidCode()
}

func (m *kitchenmonki) missingRefreshToken() answer {
	a := refused(http.StatusBadRequest, "invalid_request", "The parameter refresh_token is missing.")
	if m.has(kmHangsOnMissing) {
		a.fate = hung
	}
	return a
}

func (m *kitchenmonki) unknownRefreshToken(c *call, who *client, token string) answer {
	if _, known := m.tokens.tokens.get(keyOf(token)); !known && m.has(kmRefreshUnknown) {
		return m.clientCredentials(c, who)
	}
	return refused(http.StatusBadRequest, "invalid_grant", "The refresh token is unknown, used, expired or revoked, or belongs to another client.")
}

// refreshQuirks changes the success answer of a refresh that token was sent for.
func (m *kitchenmonki) refreshQuirks(o object, old grant, token string) object {
	switch {
	case m.has(kmRefreshSameAccess):
		return o.set("access_token", text(m.tokens.firstPair(old).access))
	case m.has(kmRefreshSameRefresh):
		return o.set("refresh_token", text(token))
	case m.has(kmRefreshNoType):
		return o.without("token_type")
	case m.has(kmRefreshString):
		return o.set("expires_in", text("3600"))
	}
	return o
}
