package reference

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Defects in what the tokens are, by the requirement that each violates.
var (
	bbAccessOpaque  = defect("b2b-access-opaque", "BB-JWT-1", "The access token is 43 random characters.")
	bbTwoParts      = defect("b2b-access-two-parts", "BB-JWT-1", "The access token has a header and a payload, but no third part.")
	bbExpDay        = defect("b2b-exp-a-day", "BB-JWT-1", "The access token's exp is 24 hours ahead, access_expires_at one.")
	bbExpMillis     = defect("b2b-exp-milliseconds", "BB-JWT-1", "The access token's exp counts milliseconds.")
	bbPayload       = defect("b2b-jwt-payload-unchecked", "BB-JWT-2", "A token with a changed payload is accepted under its old signature.")
	bbStripped      = defect("b2b-jwt-signature-stripped", "BB-JWT-2", "A token without its signature is accepted.")
	bbForeign       = defect("b2b-jwt-foreign-signature", "BB-JWT-2", "An HS256 signature with any key is accepted.")
	bbEmptyKey      = defect("b2b-jwt-empty-key", "BB-JWT-2", "A token that is signed with the empty key is accepted.")
	bbKeyInHeader   = defect("b2b-jwt-key-in-header", "BB-JWT-2", "A token is verified with the key in its own jwk header.")
	bbAlgNone       = defect("b2b-jwt-alg-none", "BB-JWT-2", "A token with alg none is accepted.")
	bbForged403     = defect("b2b-jwt-forged-403", "BB-JWT-2", "A token whose signature is wrong is answered 403.")
	bbForgedCrash   = defect("b2b-jwt-forged-crash", "BB-JWT-2", "A token whose signature is wrong is answered 500.")
	bbRefreshForged = defect("b2b-refresh-signature-unchecked", "BB-REFRESH-2", "The signature of a refresh token is not verified.")
)

// Liberties in what the tokens are.
var (
	bbOpaqueRefresh = liberty("b2b-opaque-refresh", "BB-REFRESH-1", "The refresh token is no JWT.")
	bbNoExp         = liberty("b2b-no-exp", "BB-JWT-1", "The tokens have no exp; the server keeps their end.")
	bbHS512         = liberty("b2b-hs512", "BB-JWT-1", "Tokens are signed with HS512.")
	bbRS256         = liberty("b2b-rs256", "BB-JWT-1", "Tokens are signed with RS256.")
	bbMoreClaims    = liberty("b2b-more-claims", "BB-JWT-1", "Tokens have a kid, and claims such as nbf, an aud that is a list, and an object.")
)

// opaque: the token is its handle.
func (j *jwtDesk) opaque(k kind) bool {
	if k == accessToken {
		return j.has(bbAccessOpaque)
	}
	c := j.common // a signed refresh token would not be guessable
	return j.any(bbOpaqueRefresh, c.counterTokens, c.timestampTokens, c.prefixTokens, c.timeUUIDs)
}

// ignoresExp: nothing but the store says when the token ends.
func (j *jwtDesk) ignoresExp(k kind) bool {
	if k == refreshToken {
		return j.any(bbRefreshForever, j.common.renewedRefreshLives)
	}
	return j.any(bbAccessForever, bbAccessLong, j.common.renewedAccessLives, j.common.slidingAccess)
}

func (j *jwtDesk) claimQuirks(c object, k kind, issued, ends time.Time) object {
	switch {
	case k == accessToken && j.has(bbExpDay):
		return c.set("exp", number(ends.Add(23*time.Hour).Unix()))
	case k == accessToken && j.has(bbExpMillis):
		return c.set("exp", number(ends.UnixMilli()))
	case j.any(bbNoExp, bbTimesPast, bbTimesLocal):
		// For the defects too: an exp would contradict what they announce.
		return c.without("exp")
	case j.has(bbMoreClaims):
		return append(c, member{"aud", raw(`["b2b","reports"]`)}, member{"iss", text("reference")},
			member{"nbf", number(issued.Unix())}, member{"scope", raw(`{"limits":[5,60],"products":"read"}`)})
	}
	return c
}

func (j *jwtDesk) signedQuirks(k kind, signed string, ends time.Time) string {
	switch {
	case k == accessToken && j.has(bbTwoParts):
		return signed[:strings.LastIndexByte(signed, '.')]
	case j.any(bbPayload, bbForeign):
		signature := signed[strings.LastIndexByte(signed, '.')+1:]
		_ = j.signatures.put(keyOf(signature), struct{}{}, ends.UnixNano())
	}
	return signed
}

// signatureUnchecked: what stands in the token is taken for what was signed.
func (j *jwtDesk) signatureUnchecked(k kind, token string) bool {
	if k == refreshToken {
		return j.has(bbRefreshForged)
	}
	return j.has(bbTwoParts) && strings.Count(token, ".") == 1
}

// jwtParts is a token taken apart without any verification. The third part may
// be missing.
type jwtParts struct {
	header struct {
		Alg string `json:"alg"`
		JWK struct {
			K string `json:"k"`
		} `json:"jwk"`
	}
	claims    bbClaims
	signed    string // what the signature is about
	signature string // still encoded
}

func takeApart(token string) (p jwtParts, err error) {
	parts := strings.Split(token, ".")
	if len(parts) < 2 || len(parts) > 3 {
		return p, errOpaque
	}
	for i, into := range []any{&p.header, &p.claims} {
		decoded, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			return p, errOpaque
		}
		if err := json.Unmarshal(decoded, into); err != nil {
			return p, errOpaque
		}
	}
	p.signed = parts[0] + "." + parts[1]
	if len(parts) == 3 {
		p.signature = parts[2]
	}
	return p, nil
}

func unverified(token string) (bbClaims, error) {
	p, err := takeApart(token)
	return p.claims, err
}

// forged is what the defects of BB-JWT-2 let pass. They read the rest of the
// token as they should: it is an access token and has not expired.
func (j *jwtDesk) forged(token string, now time.Time) bool {
	p, err := takeApart(token)
	if err != nil || p.claims.Kind != bbKinds[accessToken] || p.claims.ExpiresAt != nil && !now.Before(p.claims.ExpiresAt.Time) {
		return false
	}
	signature, err := base64.RawURLEncoding.DecodeString(p.signature)
	if err != nil || j.method.Verify(p.signed, signature, j.verifies) == nil {
		return false // or a revoked token would pass for a forged one
	}
	_, ours := j.signatures.get(keyOf(p.signature))
	hmac := p.header.Alg == "HS256"
	made := func(key []byte) bool { return jwt.SigningMethodHS256.Verify(p.signed, signature, key) == nil }
	switch {
	case j.has(bbPayload):
		return ours
	case j.has(bbStripped):
		return hmac && p.signature == ""
	case j.has(bbForeign):
		return hmac && len(signature) == 32 && !ours
	case j.has(bbEmptyKey):
		return hmac && made(nil)
	case j.has(bbKeyInHeader):
		key, err := base64.RawURLEncoding.DecodeString(p.header.JWK.K)
		return err == nil && len(key) > 0 && made(key)
	case j.has(bbAlgNone):
		return strings.EqualFold(p.header.Alg, "none")
	}
	return false
}
