package b2b

import (
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"gonogo/reference/kit"
)

// Quirks in what the tokens are.
var jwtQuirks = []kit.Declared[*b2b]{
	defect("b2b-access-opaque", "BB-JWT-1", "The access token is 43 random characters.", opaque(kit.AccessToken)),
	liberty("b2b-opaque-refresh", "BB-REFRESH-1", "The refresh token is no JWT.", opaque(kit.RefreshToken)),
	defect("b2b-access-two-parts", "BB-JWT-1", "The access token has a header and a payload, but no third part.", twoParts),
	defect("b2b-second-access-opaque", "BB-JWT-1", "The access token of a second refresh is 43 random characters.", secondOpaque),
	defect("b2b-exp-a-day", "BB-JWT-1", "The access token's exp is 24 hours ahead, access_expires_at one.", claimsOf(func(o kit.Object, k kit.Kind, _, ends time.Time) kit.Object {
		if k == kit.AccessToken {
			o = o.Set("exp", kit.Number(ends.Add(23*time.Hour).Unix()))
		}
		return o
	})),
	defect("b2b-exp-milliseconds", "BB-JWT-1", "The access token's exp counts milliseconds.", claimsOf(func(o kit.Object, k kit.Kind, _, ends time.Time) kit.Object {
		if k == kit.AccessToken {
			o = o.Set("exp", kit.Number(ends.UnixMilli()))
		}
		return o
	})),
	liberty("b2b-no-exp", "BB-JWT-1", "The tokens have no exp; the server keeps their end.", noExp),
	liberty("b2b-more-claims", "BB-JWT-1", "Tokens have a kid, and claims such as nbf, an aud that is a list, and an object.", func(m *b2b) { m.jwt.header = kit.Object{{"kid", kit.Text("key-7")}} }, claimsOf(func(o kit.Object, _ kit.Kind, issued, _ time.Time) kit.Object {
		return append(o, kit.Object{{"aud", kit.Raw(`["b2b","reports"]`)}, {"iss", kit.Text("reference")},
			{"nbf", kit.Number(issued.Unix())}, {"scope", kit.Raw(`{"limits":[5,60],"products":"read"}`)}}...)
	})),
	liberty("b2b-hs512", "BB-JWT-1", "Tokens are signed with HS512.", func(m *b2b) { m.jwt.method = jwt.SigningMethodHS512 }),
	liberty("b2b-rs256", "BB-JWT-1", "Tokens are signed with RS256.", rs256),
	defect("b2b-jwt-payload-unchecked", "BB-JWT-2", "A token with a changed payload is accepted under its old signature.", knowsSignatures(func(_ forgery, ours bool) bool { return ours })),
	defect("b2b-jwt-foreign-signature", "BB-JWT-2", "An HS256 signature with any key is accepted.", knowsSignatures(func(f forgery, ours bool) bool { return f.hmac() && len(f.Signature) == 32 && !ours })),
	defect("b2b-jwt-signature-stripped", "BB-JWT-2", "A token without its signature is accepted.", letInForged(func(f forgery) bool { return f.hmac() && f.signature == "" })),
	defect("b2b-jwt-signature-cut", "BB-JWT-2", "As much of an access token's signature is compared as was sent.", func(m *b2b) { letInForged(m.signatureBegins)(m) }),
	defect("b2b-jwt-signature-cut-at-its-end", "BB-JWT-2", "The last byte of an access token's signature may be missing.", func(m *b2b) {
		begins := m.signatureBegins
		letInForged(func(f forgery) bool { return len(f.Signature) == 31 && begins(f) })(m)
	}),
	defect("b2b-jwt-unknown-alg", "BB-JWT-2", "A token that names an algorithm that the server has no key for is accepted, whatever its signature.", letInForged(func(f forgery) bool {
		name, named := f.Header["alg"].(string)
		return named && name != "HS256" && !strings.EqualFold(name, "none")
	})),
	defect("b2b-jwt-no-alg", "BB-JWT-2", "A token whose header names no algorithm is accepted, whatever its signature.", letInForged(func(f forgery) bool { return f.Header["alg"] == nil })),
	defect("b2b-jwt-unknown-kid", "BB-JWT-2", "A token that names a key is accepted, whatever its signature.", letInForged(func(f forgery) bool { return f.Header["kid"] != nil })),
	defect("b2b-jwt-no-object-crash", "BB-JWT-2", "A token of three parts whose payload is no object is answered 500.", on(kit.Unauthorized, kit.Crash, saysNothing)),
	defect("b2b-jwt-placeholder-secret", "BB-JWT-2", "Tokens are signed with a secret of sample configurations.", func(m *b2b) { m.jwt.signs, m.jwt.verifies = []byte(placeholder), []byte(placeholder) }),
	defect("b2b-logout-takes-forged", "BB-JWT-2", "A logout with a token whose signature is wrong is confirmed, and ends the session.", endsForged(true)),
	defect("b2b-logout-heeds-forged", "BB-JWT-2", "A logout with a token whose signature is wrong is answered 401, and ends the session all the same.", endsForged(false)),
	defect("b2b-refresh-signature-cut", "BB-REFRESH-2", "As much of a refresh token's signature is compared as was sent.", func(m *b2b) {
		m.jwt.unverified = func(k kit.Kind, token string) bool {
			t, _, err := takeApart(token)
			dot := strings.LastIndexByte(token, '.')
			return err == nil && k == kit.RefreshToken && m.signatureBegins(forgery{t, token[:dot], token[dot+1:]})
		}
	}),
	defect("b2b-jwt-empty-key", "BB-JWT-2", "A token that is signed with the empty key is accepted.", letInForged(func(f forgery) bool { return f.hmac() && f.madeWith(nil) })),
	defect("b2b-jwt-key-in-header", "BB-JWT-2", "A token is verified with the key in its own jwk header.", letInForged(func(f forgery) bool { return f.hmac() && len(f.ownKey()) > 0 && f.madeWith(f.ownKey()) })),
	defect("b2b-jwt-alg-none", "BB-JWT-2", "A token with alg none is accepted.", letInForged(func(f forgery) bool {
		alg, _ := f.Header["alg"].(string)
		return strings.EqualFold(alg, "none")
	})),
	defect("b2b-jwt-forgery-revokes", "BB-JWT-2", "Who sends a forgery of a token has the genuine one revoked.", revokesForged),
	defect("b2b-jwt-forged-403", "BB-JWT-2", "A token whose signature is wrong is answered 403.", on(kit.Unauthorized, fails(http.StatusForbidden), forged)),
	defect("b2b-jwt-forged-crash", "BB-JWT-2", "A token whose signature is wrong is answered 500.", on(kit.Unauthorized, kit.Crash, forged)),
	defect("b2b-refresh-signature-unchecked", "BB-REFRESH-2", "The signature of a refresh token is not verified.", func(m *b2b) { m.jwt.unverified = func(k kit.Kind, _ string) bool { return k == kit.RefreshToken } }),
}
