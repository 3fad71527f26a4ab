package reference

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var b2bCommon = commonOf("b2b", rows{
	issue: "BB-LOGIN-1", refresh: "BB-REFRESH-1", rotate: "BB-ROTATE-1", use: "BB-USE-2", expire: "BB-EXPIRE-1",
	using: "BB-USE-1", inUse: "BB-EXPIRE-1", lateAccess: "BB-EXPIRE-1", renewedAccess: "BB-EXPIRE-1", renewedRefresh: "BB-EXPIRE-2",
	errorTable: true, guessable: "Refresh tokens, then opaque,"})

// Defects of the dialect, by the requirement that each violates. Those in what
// the tokens are stand in b2b_jwt_quirks.go, those in how a request is read and
// an error looks in b2b_request_quirks.go, those of the allow-list in
// b2b_address_quirks.go.
var (
	bbLoginMissing   = defect("b2b-login-missing-field", "BB-LOGIN-1", "The login answer lacks refresh_expires_at.")
	bbLoginEmpty     = defect("b2b-login-empty-token", "BB-LOGIN-1", "The login answer's refresh_token is an empty string.")
	bbIDString       = defect("b2b-client-id-string", "BB-LOGIN-1", "The login answer's client_id is a string.")
	bbIDFraction     = defect("b2b-client-id-fraction", "BB-LOGIN-1", "The login answer's client_id is a number with a fraction.")
	bbTimesSpaced    = defect("b2b-times-spaced", "BB-LOGIN-1", "Timestamps are written like 2024-01-15 10:30:00.")
	bbTimesNumbers   = defect("b2b-times-numbers", "BB-LOGIN-1", "The login answer's timestamps are seconds since 1970.")
	bbAccessTwoHours = defect("b2b-access-two-hours", "BB-LOGIN-2", "access_expires_at is 2 hours ahead; the token lives for one.")
	bbRefreshMonth   = defect("b2b-refresh-thirty-days", "BB-LOGIN-2", "refresh_expires_at is 30 days ahead; the token lives for 7.")
	bbTimesPast      = defect("b2b-times-in-the-past", "BB-LOGIN-2", "The login answer's timestamps are the time of issue; the tokens have no exp.")
	bbTimesLocal     = defect("b2b-times-local", "BB-LOGIN-2", "Timestamps are those of a zone two hours east and say Z; the tokens have no exp.")

	bbPasswordAny   = defect("b2b-password-unchecked", "BB-LOGIN-3", "Any password of a known user is accepted.")
	bbPasswordCase  = defect("b2b-password-any-case", "BB-LOGIN-3", "The password is compared without regard to case.")
	bbPasswordStart = defect("b2b-password-prefix", "BB-LOGIN-3", "Only the first half of the password is compared.")
	bbPasswordOther = defect("b2b-password-of-another-accepted", "BB-LOGIN-3", "A user is let in with the password of any other.")
	bbUserUnknown   = defect("b2b-user-unknown-accepted", "BB-LOGIN-3", "An unknown user gets tokens.")
	bbWrong200      = defect("b2b-wrong-password-200", "BB-LOGIN-3", "Wrong credentials are answered 200 with an error in the body.")
	bbWrong403      = defect("b2b-wrong-password-403", "BB-LOGIN-3", "Wrong credentials are answered 403.")
	bbWrong400      = defect("b2b-wrong-password-400", "BB-LOGIN-3", "Wrong credentials are answered 400 as if they were malformed.")
	bbWrongName     = defect("b2b-wrong-password-name", "BB-LOGIN-3", "The error of wrong credentials is named AuthenticationError.")
	bbWrongCode     = defect("b2b-wrong-password-code", "BB-LOGIN-3", "The error of wrong credentials has the code INVALID_CREDENTIALS.")
	bbUnknown404    = defect("b2b-unknown-user-404", "BB-LOGIN-3", "An unknown user is answered 404.")

	bbProductsRefused   = defect("b2b-products-refused", "BB-USE-1", "A live access token is refused at the products.")
	bbCategoriesRefused = defect("b2b-categories-refused", "BB-USE-1", "A live access token is refused at the categories.")
	bbNoToken           = defect("b2b-no-token-accepted", "BB-USE-2", "The products and categories answer without any Authorization header.")
	bbProductsOpen      = defect("b2b-products-open", "BB-USE-2", "The products answer to anybody; the categories are protected.")
	bbCategoriesOpen    = defect("b2b-categories-open", "BB-USE-2", "The categories answer to anybody; the products are protected.")
	bbGarbage           = defect("b2b-garbage-accepted", "BB-USE-2", "A Bearer token that is no JWT is accepted.")
	bbBasic             = defect("b2b-basic-scheme-accepted", "BB-USE-2", "The access token is accepted under the scheme Basic.")
	bbBare              = defect("b2b-bare-token-accepted", "BB-USE-2", "The access token is accepted without a scheme.")
	bbSchemeOnly        = defect("b2b-scheme-only-accepted", "BB-USE-2", "The scheme Bearer without a token is accepted.")
	bbUseRefresh        = defect("b2b-refresh-token-accepted", "BB-USE-2", "A refresh token is accepted as an access token.")
	bbNoToken403        = defect("b2b-no-token-403", "BB-USE-2", "A request without a token is answered 403.")
	bbGarbageCode       = defect("b2b-garbage-code", "BB-USE-2", "A token that is no JWT is answered 401 with the code JWT_MALFORMED.")
	bbExpired403        = defect("b2b-expired-403", "BB-USE-2", "An expired access token is answered 403.")
	bbExpiredCode       = defect("b2b-expired-code", "BB-USE-2", "An expired access token is answered 401 with the code TOKEN_EXPIRED.")

	bbSameAccess   = defect("b2b-refresh-same-access", "BB-REFRESH-1", "A refresh answers the old access token again.")
	bbSameRefresh  = defect("b2b-refresh-same-refresh", "BB-REFRESH-1", "A refresh answers the old refresh token again, which stays valid.")
	bbDeadAccess   = defect("b2b-refresh-dead-access", "BB-REFRESH-1", "The access token that a refresh answers does not work.")
	bbDeadRefresh  = defect("b2b-refresh-dead-refresh", "BB-REFRESH-1", "The refresh token that a refresh answers does not work.")
	bbRefreshLacks = defect("b2b-refresh-missing-field", "BB-REFRESH-1", "The refresh answer lacks access_expires_at.")
	bbUnknownOK    = defect("b2b-refresh-unknown-accepted", "BB-REFRESH-2", "An unknown refresh token gets a new pair.")
	bbUnknown403   = defect("b2b-refresh-unknown-403", "BB-REFRESH-2", "An unknown refresh token is answered 403.")
	bbUnknownCode  = defect("b2b-refresh-unknown-code", "BB-REFRESH-2", "An unknown or expired refresh token is answered 401 with the code INVALID_REFRESH_TOKEN.")
	bbExpired404   = defect("b2b-refresh-expired-404", "BB-REFRESH-2", "An expired refresh token is answered 404.")
	bbTakesAccess  = defect("b2b-access-token-refreshes", "BB-REFRESH-2", "An access token is accepted for a refresh.")
	bbReplay       = defect("b2b-refresh-replay", "BB-ROTATE-1", "The old refresh token still works after a refresh.")
	bbRace         = defect("b2b-refresh-race", "BB-ROTATE-1", "The refresh token is looked up first and removed 40 ms later: racing refreshes all win, a later replay is refused.")

	bbRevokeNothing = defect("b2b-revoke-nothing", "BB-REVOKE-1", "A logout is confirmed and revokes nothing.")
	bbSparesAccess  = defect("b2b-revoke-spares-access", "BB-REVOKE-1", "A logout revokes the refresh tokens only.")
	bbSparesRefresh = defect("b2b-revoke-spares-refresh", "BB-REVOKE-1", "A logout revokes the access tokens only.")
	bbAccessBack    = defect("b2b-revoked-access-returns", "BB-REVOKE-1", "A revoked access token works again five minutes after the logout.")
	bbRefreshBack   = defect("b2b-revoked-refresh-returns", "BB-REVOKE-1", "A revoked refresh token works again five minutes after the logout.")
	bbRevokeRefused = defect("b2b-revoke-refused", "BB-REVOKE-1", "A logout with a live access token is answered 401 and revokes nothing.")
	bbRevoked403    = defect("b2b-revoked-403", "BB-REVOKE-1", "A revoked access token is answered 403.")
	bbRevokesPair   = defect("b2b-revoke-presented-only", "BB-REVOKE-2", "A logout revokes the presented session; the client's other sessions live on.")
	bbSparesOther   = defect("b2b-revoke-spares-other-refresh", "BB-REVOKE-2", "A logout leaves the refresh tokens of the client's other sessions alive.")

	bbAccessForever  = defect("b2b-access-never-expires", "BB-EXPIRE-1", "An access token works after its announced end: nobody looks at exp.")
	bbAccessLong     = defect("b2b-access-lives-twice", "BB-EXPIRE-1", "An access token works for 2 hours, announced as one.")
	bbAccessEarly    = defect("b2b-access-dies-early", "BB-EXPIRE-1", "An access token dies after 30 minutes, announced as an hour.")
	bbRefreshForever = defect("b2b-refresh-never-expires", "BB-EXPIRE-2", "A refresh token works after its announced end: nobody looks at exp.")
	bbRefreshEarly   = defect("b2b-refresh-dies-early", "BB-EXPIRE-2", "A refresh token dies after a day, announced as 7.")

	bbLeaksPassword      = defect("b2b-leaks-password", "ANY-LEAK", "The refusal of a wrong password tells the right one.")
	bbLeaksToken         = defect("b2b-leaks-token", "ANY-LEAK", "The refusal of a refresh token shows the newest live access token.")
	bbDropsUnknown       = defect("b2b-drops-unknown-user", "ANY-5XX", "An unknown user's connection is closed without an answer.")
	bbGarbageCrash       = defect("b2b-garbage-token-crash", "ANY-5XX", "A Bearer token that is no JWT is answered 500.")
	bbUnknownCrash       = defect("b2b-refresh-unknown-crash", "ANY-5XX", "An unknown refresh token is answered 500.")
	bbErrorClaimsSuccess = defect("b2b-error-claims-success", "BB-ENVELOPE-1", "Every error says success true beside it, which is all that the document's own client looks at.")
	bbRefreshNumber      = defect("b2b-refresh-times-numbers", "ANY-SCHEMA", "The refresh answer's refresh_expires_at is a number.")
	bbRefreshEmpty       = defect("b2b-refresh-empty-token", "ANY-SCHEMA", "The refresh answer's refresh_token is an empty string.")
)

// Liberties of the dialect.
var (
	bbHandsOutAgain = liberty("b2b-hands-out-again", "BB-LOGIN-2", "A login repeats the pair that is still alive, with its timestamps.")
	bbTimesOffset   = liberty("b2b-times-utc-offset", "BB-LOGIN-1", "Timestamps end in +00:00 instead of Z.")
	bbTimesSmall    = liberty("b2b-times-lower-case", "BB-LOGIN-1", "The T and the Z of timestamps are written small.")
	bbTimesFraction = liberty("b2b-times-fraction", "BB-LOGIN-1", "Timestamps have milliseconds.")
	bbTimesZone     = liberty("b2b-times-zone", "BB-LOGIN-1", "Timestamps are those of a zone, and say so: +05:30.")
	bbNoDate        = liberty("b2b-no-date", "BB-LOGIN-2", "Answers have no Date header.")
	bbDateStands    = liberty("b2b-date-stands", "BB-LOGIN-2", "The Date header is the machine's, and does not follow the clock control.")
	bbClockAhead    = liberty("b2b-clock-ahead", "BB-LOGIN-2", "The server's clock, and all it says, is 10 minutes fast.")
	bbClockBehind   = liberty("b2b-clock-behind", "BB-LOGIN-2", "The server's clock, and all it says, is 10 minutes slow.")
	bbNoHead        = liberty("b2b-no-head", "BB-USE-1", "HEAD is answered 405.")
	bbNoChallenge   = liberty("b2b-no-challenge", "BB-USE-2", "A 401 has no WWW-Authenticate header.")
	bbNoLogout      = liberty("b2b-no-logout", "BB-REVOKE-1", "There is no /auth/logout; the document names no path for a revocation.")
)

// clockSkew is more than any leeway, so that who compares two clocks is found out.
const clockSkew = 10 * time.Minute

func (m *b2b) skew() time.Duration {
	switch {
	case m.has(bbClockAhead):
		return clockSkew
	case m.has(bbClockBehind):
		return -clockSkew
	}
	return 0
}

func (m *b2b) policy() policy {
	p := policy{
		accessLife:    bbAccessLife,
		refreshLife:   bbRefreshLife,
		handsOutAgain: m.has(bbHandsOutAgain),
		neverEnds:     [2]bool{accessToken: m.has(bbAccessForever), refreshToken: m.has(bbRefreshForever)},
		replayable:    m.any(bbReplay, bbSameRefresh),
		raceWindow:    m.has(bbRace),
		takesAccess:   m.has(bbTakesAccess),
		deadAccess:    m.has(bbDeadAccess),
		deadRefresh:   m.has(bbDeadRefresh),
		remembersText: m.any(bbSameAccess, bbLeaksToken),
	}
	switch {
	case m.has(bbAccessTwoHours):
		p.accessLife, p.endsEarly[accessToken] = 2*bbAccessLife, bbAccessLife
	case m.has(bbRefreshMonth):
		p.refreshLife, p.endsEarly[refreshToken] = 30*24*time.Hour, bbRefreshLife
	case m.has(bbAccessLong):
		p.endsEarly[accessToken] = 2 * bbAccessLife
	case m.has(bbAccessEarly):
		p.endsEarly[accessToken] = bbAccessLife / 2
	case m.has(bbRefreshEarly):
		p.endsEarly[refreshToken] = 24 * time.Hour
	}
	if m.has(bbAccessBack) {
		p.forgetsRevoked[accessToken] = forgetful
	}
	if m.has(bbRefreshBack) {
		p.forgetsRevoked[refreshToken] = forgetful
	}
	return m.commonPolicy(p)
}

// timestamp: "access_expires_at": "2024-01-15T10:30:00Z"
func (m *b2b) timestamp(t time.Time) string {
	switch t = t.UTC(); {
	case m.has(bbTimesSpaced):
		return t.Format(time.DateTime)
	case m.has(bbTimesLocal):
		return t.Add(2 * time.Hour).Format(time.RFC3339)
	case m.has(bbTimesOffset):
		return t.Format("2006-01-02T15:04:05-07:00")
	case m.has(bbTimesSmall):
		return strings.ToLower(t.Format(time.RFC3339))
	case m.has(bbTimesFraction):
		return t.Format("2006-01-02T15:04:05.000Z")
	case m.has(bbTimesZone):
		return t.In(time.FixedZone("", 5*3600+1800)).Format(time.RFC3339)
	}
	return t.Format(time.RFC3339)
}

func (m *b2b) loginQuirks(data object, p pair, who *user) object {
	switch {
	case m.has(bbLoginMissing):
		return data.without("refresh_expires_at")
	case m.has(bbLoginEmpty):
		return data.set("refresh_token", text(""))
	case m.has(bbIDString):
		return data.set("client_id", text(strconv.FormatInt(who.clientID(), 10)))
	case m.has(bbIDFraction):
		return data.set("client_id", raw(strconv.FormatInt(who.clientID(), 10)+".5"))
	case m.has(bbTimesNumbers):
		return data.set("access_expires_at", number(p.accessEnds.Unix())).set("refresh_expires_at", number(p.refreshEnds.Unix()))
	case m.has(bbTimesPast):
		issued := text(m.timestamp(p.accessEnds.Add(-m.tokens.accessLife)))
		return data.set("access_expires_at", issued).set("refresh_expires_at", issued)
	}
	return data
}

func (m *b2b) passwords() secretCheck {
	return secretCheck{
		unchecked: m.has(bbPasswordAny),
		none:      m.any(bbPasswordMissing, bbPasswordObject, bbPasswordArray),
		anyCase:   m.has(bbPasswordCase),
		startOnly: m.has(bbPasswordStart),
		unknown:   m.has(bbUserUnknown),
		anybodys:  m.anybodys(m.has(bbPasswordOther)),
	}
}

// wrongCredentials does not say which of the two was wrong.
func (m *b2b) wrongCredentials(who *user) answer {
	f := bbFaultOf(http.StatusUnauthorized, "Invalid credentials")
	switch {
	case m.has(bbWrong403):
		f = bbFaultOf(http.StatusForbidden, f.message)
	case m.has(bbWrong400):
		f = bbFaultOf(http.StatusBadRequest, f.message)
	case m.has(bbWrongName):
		f.name = "AuthenticationError"
	case m.has(bbWrongCode):
		f.code = "INVALID_CREDENTIALS"
	case who == nil && m.has(bbUnknown404):
		f = bbFaultOf(http.StatusNotFound, "There is no such user.")
	case who != nil && m.has(bbLeaksPassword):
		f.message = "The password should have been " + who.Password
	}
	a := m.refusal(f)
	switch {
	case m.has(bbWrong200):
		a.status, a.challenge = http.StatusOK, ""
	case who == nil && m.has(bbDropsUnknown):
		a.fate = dropped
	}
	return a
}

func (m *b2b) refusesLive(at place) bool {
	switch at {
	case atProducts:
		return m.has(bbProductsRefused)
	case atCategories:
		return m.has(bbCategoriesRefused)
	case atLogout:
		return m.has(bbRevokeRefused)
	}
	return false
}

// letsIn is what the defects of BB-USE-2 and BB-JWT-2 let pass at the API.
func (m *b2b) letsIn(c *call, token string, how carried, at place) bool {
	if at == atLogout {
		return false
	}
	live := func(k kind, token string) bool {
		handle, err := m.jwt.handle(k, token)
		_, live := m.tokens.find(k, handle, c.now)
		return err == nil && live
	}
	header := c.Header.Get("Authorization")
	switch {
	case m.has(bbNoToken):
		return how == carriesNone
	case m.has(bbProductsOpen):
		return at == atProducts
	case m.has(bbCategoriesOpen):
		return at == atCategories
	case m.has(bbGarbage):
		return how == carriesToken && !looksLikeJWT(token)
	case m.has(bbBasic):
		scheme, token, _ := strings.Cut(header, " ")
		return strings.EqualFold(scheme, "Basic") && live(accessToken, token)
	case m.has(bbBare):
		return live(accessToken, header)
	case m.has(bbSchemeOnly):
		return strings.EqualFold(header, "Bearer")
	case m.has(bbUseRefresh):
		return how == carriesToken && live(refreshToken, token)
	}
	return how == carriesToken && m.jwt.forged(token, c.now)
}

func looksLikeJWT(token string) bool { return strings.Count(token, ".") == 2 }

// unauthorized refuses a request for what its token is or is not; err is what
// is wrong with the token as such.
func (m *b2b) unauthorized(token string, how carried, err error) answer {
	f := bbFaultOf(http.StatusUnauthorized, "The access token is invalid, expired or revoked.")
	f.tokenSent = how == carriesToken || how == carriesMalformed
	expired, forged := errors.Is(err, jwt.ErrTokenExpired), errors.Is(err, jwt.ErrTokenSignatureInvalid)
	garbage := how == carriesToken && !looksLikeJWT(token)
	switch {
	case how == carriesNone && m.has(bbNoToken403), expired && m.has(bbExpired403), forged && m.has(bbForged403),
		how == carriesToken && err == nil && m.has(bbRevoked403):
		f = bbFaultOf(http.StatusForbidden, f.message)
	case garbage && m.has(bbGarbageCode):
		f.code = "JWT_MALFORMED"
	case expired && m.has(bbExpiredCode):
		f.code = "TOKEN_EXPIRED"
	case garbage && m.has(bbGarbageCrash), forged && m.has(bbForgedCrash):
		return crash("the token cannot be verified")
	case how == carriesNone || how == carriesOther:
		f.message = "This needs an access token: Authorization: Bearer <token>."
	}
	return m.refusal(m.apiErrorQuirks(f))
}
