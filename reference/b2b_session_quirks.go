package reference

import (
	"errors"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// unknownRefreshToken refuses a refresh token that does not live, or is none.
func (m *b2b) unknownRefreshToken(c *call, token string, err error) answer {
	f := bbFaultOf(http.StatusUnauthorized, "The refresh token is invalid, expired or revoked.")
	expired := errors.Is(err, jwt.ErrTokenExpired)
	switch {
	case expired && m.has(bbExpired404):
		f = bbFaultOf(http.StatusNotFound, f.message)
	case m.has(bbUnknownCode):
		f.code = "INVALID_REFRESH_TOKEN"
	case err != nil && !expired && m.has(bbUnknown403):
		f = bbFaultOf(http.StatusForbidden, f.message)
	case err != nil && !expired && m.has(bbUnknownCrash):
		return crash("the refresh token is unknown")
	case err != nil && !expired && m.has(bbUnknownOK):
		return m.pairForNobody(c)
	case !looksLikeJWT(token) && m.has(bbMalformed400):
		f = bbFaultOf(http.StatusBadRequest, "Validation failed: refresh_token is no JWT.")
	case m.has(bbLeaksToken):
		newest := m.tokens.newestPair()
		e, _ := m.tokens.tokens.get(keyOf(newest.access))
		access, _ := m.jwt.texts(newest, m.accounts.userNumbered(e.value.client))
		f.message += " The session has " + access
	}
	return m.refusal(m.refreshErrorQuirks(f))
}

// pairForNobody is what the defects give to who has no refresh token.
func (m *b2b) pairForNobody(c *call) answer {
	p, err := m.tokens.issue(account{}, m.tokens.newFamily(), c.now)
	if err != nil {
		return m.full()
	}
	return m.succeed(atRefresh, m.pairAnswer(p, nil))
}

// refreshQuirks changes the success answer of a refresh that token was sent for.
func (m *b2b) refreshQuirks(data object, old grant, token string, who *user) object {
	switch {
	case m.has(bbSameAccess):
		access, _ := m.jwt.texts(m.tokens.firstPair(old), who)
		return data.set("access_token", text(access))
	case m.has(bbSameRefresh):
		return data.set("refresh_token", text(token))
	case m.has(bbRefreshLacks):
		return data.without("access_expires_at")
	case m.has(bbRefreshNumber):
		return data.set("refresh_expires_at", number(1700000000))
	case m.has(bbRefreshEmpty):
		return data.set("refresh_token", text(""))
	}
	return data
}

// revoke does what a logout is for.
func (m *b2b) revoke(g grant, now time.Time) {
	same := func(o grant) bool { return o.client == g.client }
	switch {
	case m.has(bbRevokeNothing):
	case m.has(bbSparesAccess):
		m.tokens.tokens.dropIf(func(o grant) bool { return same(o) && o.kind == refreshToken })
	case m.has(bbSparesRefresh):
		m.tokens.tokens.dropIf(func(o grant) bool { return same(o) && o.kind == accessToken })
	case m.has(bbSparesOther):
		m.tokens.tokens.dropIf(func(o grant) bool { return same(o) && (o.kind == accessToken || o.family == g.family) })
	case m.has(bbRevokesPair):
		m.tokens.revoke(g.family, now)
	default:
		m.tokens.revokeAccount(g.client, now)
	}
}

func (m *b2b) apiErrorQuirks(f bbFault) bbFault {
	f.bare = m.has(bbAPIErrorBare)
	return f
}

func (m *b2b) refreshErrorQuirks(f bbFault) bbFault {
	f.bare = m.has(bbRefreshErrorBare)
	return f
}
