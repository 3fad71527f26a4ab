package oauth2

import (
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"gonogo/reference/kit"
)

// Quirks of access tokens that are JWTs (RFC 9068).
var jwtQuirks = []kit.Declared[*oauth]{
	liberty("oauth2-jwt", "OA-9068-2.2-CLAIMS", "Access tokens are JWTs of RFC 9068, signed with ES256.", signed()),
	liberty("oauth2-jwt-rs256", "OA-9068-2.1-TYPE", "Access tokens are JWTs of RFC 9068, signed with RS256, whose type has its long name.", signed(func(j *signer) {
		j.method, j.key, j.header = jwt.SigningMethodRS256, prime, kit.Object{{"typ", kit.Text("application/at+jwt")}, {"kid", kit.Text(keyID)}}
	})),
	liberty("oauth2-jwt-says-more", "OA-9068-2.2-CLAIMS", "Access tokens are JWTs with a list of audiences, and with claims that nobody knows.", signed(func(j *signer) {
		j.claims = func(o kit.Object) kit.Object {
			return append(o.Set("aud", kit.Raw(`["`+j.audience()+`","https://ledger.example.com"]`)), kit.Object{{"nbf", kit.Number(0)}, {"auth_time", kit.Number(1)}, {"roles", kit.Raw(`{"ledger":["read"]}`)}}...)
		}
	})),
	defect("oauth2-jwt-typ-jwt", "OA-9068-2.1-TYPE", "Access tokens are JWTs of the type JWT.", signed(titled(kit.Object{{"typ", kit.Text("JWT")}, {"kid", kit.Text(keyID)}}))),
	defect("oauth2-jwt-typ-missing", "OA-9068-2.1-TYPE", "Access tokens are JWTs without a type.", signed(titled(kit.Object{{"kid", kit.Text(keyID)}}))),
	defect("oauth2-jwt-alg-none", "OA-9068-2.1-TYPE", "Access tokens are JWTs that are not signed.", signed(func(j *signer) {
		j.method, j.lax, j.taken = jwt.SigningMethodNone, true, anyHeader
		j.key = func() (any, any) { return jwt.UnsafeAllowNoneSignatureType, jwt.UnsafeAllowNoneSignatureType }
	})),
	claimless("iss"), claimless("aud"), claimless("sub"), claimless("client_id"), claimless("jti"),
	defect("oauth2-jwt-iss-slash", "OA-9068-2.2-CLAIMS", "The issuer of JWTs has a slash at its end that the metadata's has not.", signed(claiming(func(j *signer, o kit.Object) kit.Object { return o.Set("iss", kit.Text(j.API+"/")) }))),
	defect("oauth2-jwt-exp-text", "OA-9068-2.2-CLAIMS", "exp of JWTs is a date.", signed(claiming(func(j *signer, o kit.Object) kit.Object {
		return o.Set("exp", kit.Text(j.Clock.Now().Add(j.AccessLife).UTC().Format(time.RFC3339)))
	}))),
	defect("oauth2-jwt-iat-milliseconds", "OA-9068-2.2-CLAIMS", "iat of JWTs counts milliseconds.", signed(claiming(func(j *signer, o kit.Object) kit.Object { return o.Set("iat", kit.Number(j.Clock.Now().UnixMilli())) }))),
	defect("oauth2-jwt-none-accepted", "OA-9068-4-REFUSED", "A JWT with alg none is taken.", signed(takes(func(header map[string]any) bool {
		name, _ := header["alg"].(string)
		return strings.EqualFold(name, "none")
	}))),
	defect("oauth2-jwt-signature-unchecked", "OA-9068-4-REFUSED", "The signature of a JWT is not verified.", signed(takes(anyHeader))),
	defect("oauth2-jwt-own-key-accepted", "OA-9068-4-REFUSED", "A JWT is taken that brings its own key, whatever its signature.", signed(takes(func(header map[string]any) bool { return header["jwk"] != nil }))),
	defect("oauth2-jwt-hmac-accepted", "OA-9068-4-REFUSED", "A JWT that says HS256 is taken, whatever its signature.", signed(takes(func(header map[string]any) bool { return header["alg"] == "HS256" }))),
}

// Quirks of ID tokens, which a client gets beside its access token for the scope openid (OpenID Connect Core 3.1.3.3).
var openIDQuirks = []kit.Declared[*oauth]{
	liberty("oauth2-id-tokens", "OA-9068-4-REFUSED", "Who asks for the scope openid gets an ID token beside the JWT that is the access token, of the same issuer and key.", signed(identifying)),
	defect("oauth2-id-token-accepted", "OA-9068-4-REFUSED", "The resource looks neither at the type of a JWT nor at whom it is for: it takes an ID token.", signed(identifying, func(j *signer) { j.lax = true })),
}

// identifying has the server tell clients who the user is.
func identifying(j *signer) {
	j.allowed = func(asked uint8, known bool) (uint8, bool) {
		if asked == openID {
			asked |= reads
		}
		return asked, known && asked != 0
	}
	on(exchanged, func(c *kit.Call, a kit.Answer) kit.Answer {
		e, live := j.Tokens.Find(kit.AccessToken, c.Pair.Access, c.Now)
		if !live || e.Value.Scope&openID == 0 {
			return a
		}
		a.Body = append(a.Body, kit.Member{Name: "id_token", Value: kit.Minted(j.sign(kit.Object{{"typ", kit.Text("JWT")}, {"kid", kit.Text(keyID)}}, kit.Object{
			{"iss", kit.Text(j.API)},
			{"sub", kit.Text(j.subject(e.Value, c.Client))},
			{"aud", kit.Text(c.Client.ID)},
			{"exp", kit.Number(time.Unix(0, e.Expires).Unix())},
			{"iat", kit.Number(c.Now.Unix())},
			{"ref", kit.Text(strings.TrimPrefix(c.Pair.Access, statement))}, // what it came with
		}))})
		return a
	})(j.oauth)
}

func anyHeader(map[string]any) bool { return true }

// takes has JWTs be taken that this server did not sign, by their headers.
func takes(which func(header map[string]any) bool) func(*signer) {
	return func(j *signer) { j.taken = which }
}

// titled gives JWTs another header.
func titled(header kit.Object) func(*signer) {
	return func(j *signer) { j.header, j.lax = header, true }
}

// claiming has JWTs say something else, which nobody minds.
func claiming(what func(*signer, kit.Object) kit.Object) func(*signer) {
	return func(j *signer) {
		j.lax, j.claims = true, func(o kit.Object) kit.Object { return what(j, o) }
	}
}

// claimless leaves a claim out. What the store knows a token by is told under another name beside it.
func claimless(name string) kit.Declared[*oauth] {
	return defect("oauth2-jwt-no-"+strings.ReplaceAll(name, "_", "-"), "OA-9068-2.2-CLAIMS", "Access tokens are JWTs without "+name+".",
		signed(claiming(func(_ *signer, o kit.Object) kit.Object {
			kept := kit.Member{Name: "ref", Value: kit.Text(o.Said("jti"))}
			return append(o.Without(name), kept)
		})))
}
