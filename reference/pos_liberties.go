package reference

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// The document names 201 for tokens, so the liberty to answer it is none here.
// The common defects of ANY-ENTROPY are those of the refresh tokens; access
// tokens, which must be UUIDs, have their own.
var posCommon = commonOf("pos", rows{issue: "POS-TOKEN-1", refresh: "POS-REFRESH-1", rotate: "POS-ROTATE-1",
	use: "POS-USE-2", expire: "POS-EXPIRE-1", using: "POS-USE-1", inUse: "POS-EXPIRE-1", lateAccess: "POS-REFRESH-1", statuses: true, guessable: "Refresh tokens"})

var (
	posAccessCounter = defect("pos-access-counter-uuids", "ANY-ENTROPY", "Access tokens are UUIDs that count up.")
	posAccessTime    = defect("pos-access-time-uuids", "ANY-ENTROPY", "Access tokens are version 1 UUIDs: a clock and a fixed node.")
	posAccessAlike   = defect("pos-access-alike-uuids", "ANY-ENTROPY", "Access tokens of a run share their first 19 characters.")
)

// Liberties of the dialect. A UUID made from the time is guessable where a
// clock is all there is to it (version 1, a defect of ANY-ENTROPY above), and is
// not with the 74 random bits of version 7.
var (
	posUUIDUpper   = liberty("pos-uuid-upper-case", "POS-TOKEN-1", "Access tokens are written in upper case.")
	posUUIDOrdered = liberty("pos-uuid-version-7", "POS-TOKEN-1", "Access tokens are version 7 UUIDs: the time, and 74 random bits.")
	posUUIDAnyCase = liberty("pos-uuid-any-case", "POS-USE-2", "Access tokens are compared as UUIDs, without regard to case.")
	posRefreshUUID = liberty("pos-refresh-token-uuid", "POS-TOKEN-1", "Refresh tokens are UUIDs, too.")

	posExpires900    = liberty("pos-expires-in-900", "POS-EXPIRE-1", "Access tokens live for 15 minutes, as announced.")
	posExpires86400  = liberty("pos-expires-in-86400", "POS-EXPIRE-1", "Access tokens live for a day, as announced.")
	posTruncates     = liberty("pos-truncated-lifetime", "POS-EXPIRE-1", "expires_in is 3599, by truncation.")
	posRefreshDay    = liberty("pos-refresh-lives-a-day", "POS-EXPIRE-1", "Refresh tokens live for a day.")
	posHandsOutAgain = liberty("pos-hands-out-again", "POS-TOKEN-4", "A login repeats the pair that is still alive, with the lifetime that remains.")

	posUsersOpen      = liberty("pos-users-open", "POS-USER-1", "Users are created without a look at the Authorization header; the document wants none.")
	posUserNested     = liberty("pos-user-nested", "POS-USER-1", `The new user resource stands in the member "data".`)
	posUserNameless   = liberty("pos-user-without-name", "POS-USER-1", "The new user resource has an id, and not the user_name.")
	posPasswordMask   = liberty("pos-password-mask", "POS-USER-3", "The new user resource has a password of eight asterisks.")
	posJSONOnly       = liberty("pos-json-only", "POS-USER-1", "A form at the users and the login is answered 415.")
	posFormOnly       = liberty("pos-form-only", "POS-USER-1", "JSON at the users and the login is answered 415.")
	posUsersGrantType = liberty("pos-users-grant-type-optional", "POS-USER-3", "A user is created without grant_type.")
	posTokenGrantType = liberty("pos-token-grant-type-required", "POS-TOKEN-3", "A login without grant_type, which the companion pages show, is answered 400.")
	posGrantTypeAny   = liberty("pos-grant-type-ignored", "POS-USER-3", "Nobody looks at grant_type, whatever it is.")
	posNumbersCoerced = liberty("pos-numbers-coerced", "POS-USER-3", "A number where a text belongs is taken as its digits.")
	posPasswordRules  = liberty("pos-password-rules", "POS-USER-1", "A new password needs eight characters, an upper and a lower case letter and a digit.")
	posNameRules      = liberty("pos-user-name-rules", "POS-USER-1", "A new user_name has ASCII letters, digits, and . _ - only.")
	posNameAnyCase    = liberty("pos-user-name-any-case", "POS-DUP-1", "A user_name is the same in upper and lower case, and is kept in lower case.")
	posDuplicate422   = liberty("pos-duplicate-422", "POS-DUP-1", "A repeated user_name is answered 422.")

	posClient403        = liberty("pos-wrong-client-403", "POS-TOKEN-2", "Wrong client credentials are answered 403.")
	posBasicFormDecoded = liberty("pos-basic-form-decoded", "POS-TOKEN-2", "Client id and secret are decoded as forms are, after Basic (RFC 6749 2.3.1).")
	posPassword401      = liberty("pos-wrong-password-401", "POS-TOKEN-3", "A wrong password is answered 401.")

	posBodyFirst = liberty("pos-body-first", "POS-USE-2", "A bad body is answered 422, before anybody looks at the Authorization header.")
	posUseOK     = liberty("pos-use-200", "POS-USE-1", "The protected endpoints answer 200.")
	posUseEmpty  = liberty("pos-use-204", "POS-USE-1", "The protected endpoints answer 204 without a body.")
	posNoDishes  = liberty("pos-dishes-404", "POS-USE-1", "The dishes, which the document does not name, are 404 to whoever has a live token.")

	posRefreshSame      = liberty("pos-refresh-same-refresh", "POS-REFRESH-1", "A refresh answers the same refresh token again, which stays valid.")
	posRefreshEarlyNo   = liberty("pos-refresh-early-refused", "POS-REFRESH-1", "A refresh before the access token has expired is answered 400, and spends nothing.")
	posRefreshBare      = liberty("pos-refresh-bare", "POS-REFRESH-1", "The refresh token stands in the Authorization header without a scheme, and only so.")
	posRefreshAnyScheme = liberty("pos-refresh-any-scheme", "POS-REFRESH-1", "The refresh token is taken under Bearer and without a scheme.")
	posRefreshBrief     = liberty("pos-refresh-brief", "POS-REFRESH-1", "The refresh answer has the two tokens and no more.")
	posRefresh400       = liberty("pos-wrong-refresh-token-400", "POS-REFRESH-2", "A wrong refresh token is answered 400.")
)

// settings is what a client must be told of this server, because the document
// leaves it open.
func (p *pos) settings() map[string]string {
	told := map[string]string{}
	if p.has(posRefreshBare) {
		told["refresh_scheme"] = "bare"
	}
	if p.has(posFormOnly) {
		told["body"] = "form"
	}
	return told
}

func (p *pos) accessLife() time.Duration {
	switch {
	case p.has(posExpires900):
		return 15 * time.Minute
	case p.has(posExpires86400):
		return 24 * time.Hour
	}
	return posAccessLife
}

// accessMinter makes "the UUID used for authentication".
func (p *pos) accessMinter() func() string {
	clock := &p.Server.clock
	switch {
	case p.has(posAccessOpaque):
		return randomToken
	case p.has(posAccessDashless):
		return func() string { return strings.ReplaceAll(randomUUID(), "-", "") }
	case p.has(posAccessCounter):
		return func() string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", serial.Add(1)) }
	case p.has(posAccessTime):
		node := randomToken()
		return func() string { return timeUUID(clock, node) }
	case p.has(posAccessAlike):
		start := randomUUID()[:19]
		return func() string { return start + randomUUID()[19:] }
	case p.has(posUUIDUpper):
		return func() string { return strings.ToUpper(randomUUID()) }
	case p.has(posUUIDOrdered):
		return func() string { return orderedUUID(clock.Now()) }
	}
	return randomUUID
}

// refreshMinter makes the refresh tokens, of which the document says that they
// are strings: opaque ones here, so that nobody takes them for UUIDs.
func (p *pos) refreshMinter() func() string {
	if p.has(posRefreshUUID) {
		return randomUUID
	}
	return minter(p.switches, p.common, &p.Server.clock)
}

// canonical is an access token as it was written when it was issued.
func (p *pos) canonical(token string) string {
	switch {
	case !p.has(posUUIDAnyCase):
		return token
	case p.has(posUUIDUpper):
		return strings.ToUpper(token)
	}
	return strings.ToLower(token)
}

// userName is a user_name as accounts are found by it.
func (p *pos) userName(sent string) string {
	if p.has(posNameAnyCase) {
		return strings.ToLower(sent)
	}
	return sent
}

func isOddInName(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-", r)
}

func isWeak(password string) bool {
	return len(password) < 8 || !strings.ContainsFunc(password, unicode.IsUpper) ||
		!strings.ContainsFunc(password, unicode.IsLower) || !strings.ContainsFunc(password, unicode.IsDigit)
}

// formDecoded is text as RFC 6749 2.3.1 has it encoded before Basic.
func formDecoded(s string) string {
	decoded, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	return decoded
}

// refreshHeader reads the refresh token from the Authorization header.
func (p *pos) refreshHeader(h http.Header) (token string, how carried) {
	if p.any(posRefreshBare, posRefreshAnyScheme) {
		if values := h["Authorization"]; len(values) == 1 && isToken68(values[0]) {
			return values[0], carriesToken
		}
	}
	token, how = bearerToken(h)
	if how == carriesToken && p.has(posRefreshBare) {
		return "", carriesOther
	}
	return token, how
}

// refreshForm says how the refresh token must be sent.
func (p *pos) refreshForm() string {
	if p.has(posRefreshBare) {
		return "Authorization: <refresh_token>"
	}
	return "Authorization: Bearer <refresh_token>"
}

// tooEarly: "After the access_token expires, you can refresh the access token".
// The liberty takes the document at its word.
func (p *pos) tooEarly(token string, now time.Time) bool {
	if !p.has(posRefreshEarlyNo) {
		return false
	}
	e, live := p.tokens.find(refreshToken, token, now)
	accessEnds := time.Unix(0, e.expires).Add(p.tokens.accessLife - p.tokens.refreshLife)
	return live && now.Before(accessEnds)
}

// resourceQuirks changes the answer of a protected endpoint to a live token.
func (p *pos) resourceQuirks(a answer, of *kitchenResource) answer {
	switch {
	case of == dish && p.has(posNoDishes):
		return refused(http.StatusNotFound, "not_found", "There are no dishes here.")
	case p.has(posUseOK):
		a.status = http.StatusOK
	case p.has(posUseEmpty):
		a = answer{status: http.StatusNoContent}
	}
	return a
}
