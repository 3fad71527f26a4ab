package oauth2

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"gonogo/reference/kit"
)

// signer has access tokens be JWTs as RFC 9068 has them. A token is a statement about
// what the store keeps, because a signature cannot be revoked. Its jti names that.
type signer struct {
	*oauth
	method jwt.SigningMethod
	key    func() (private, public any)
	header kit.Object                       // beside the algorithm
	claims func(kit.Object) kit.Object      // what quirks make of them; nil is as the RFC has them
	lax    bool                             // header and claims are not looked at; for quirks in what they are
	taken  func(header map[string]any) bool // by what it says of itself, without its signature
}

// statement is before what the store keeps for an access token that is a JWT: no opaque token has a dot.
const statement = "jwt."

// signed has access tokens be JWTs, and says so in the words of a target file.
func signed(changes ...func(*signer)) func(*oauth) {
	return func(o *oauth) {
		j := &signer{oauth: o, method: jwt.SigningMethodES256, key: curve, header: kit.Object{{Name: "typ", Value: kit.Text("at+jwt")}, {Name: "kid", Value: kit.Text(keyID)}}}
		for _, change := range changes {
			change(j)
		}
		o.Settings["access_token"] = "rfc9068"
		o.MintAccess = func() string { return statement + kit.RandomToken() }
		o.written, o.read, o.keys = j.write, j.handle, j.told
	}
}

const keyID = "reference-1"

// The keys are made once for all servers of a process, because an RSA key takes a second.
var (
	onCurve = sync.OnceValue(func() *ecdsa.PrivateKey { return made(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	ofRSA   = sync.OnceValue(func() *rsa.PrivateKey { return made(rsa.GenerateKey(rand.Reader, 2048)) })
)

func made[K any](key K, err error) K {
	if err != nil {
		panic("oauth2: no key: " + err.Error()) // the random source of this machine is broken
	}
	return key
}

func curve() (private, public any) { return onCurve(), onCurve().Public() }
func prime() (private, public any) { return ofRSA(), ofRSA().Public() }

// audience is what the resource calls itself (RFC 9068 2.2, 3).
func (j *signer) audience() string { return j.API + resourcePath }

// write is RFC 9068 2.
func (j *signer) write(c *kit.Call, access string) string {
	e, there := j.Tokens.Find(kit.AccessToken, access, c.Now)
	if !there {
		return access // it is dead
	}
	client := j.clientOf(e.Value.Client)
	ends := time.Unix(0, e.Expires)
	said := kit.Object{
		{Name: "iss", Value: kit.Text(j.API)},
		{Name: "exp", Value: kit.Number(ends.Unix())},
		{Name: "aud", Value: kit.Text(j.audience())},
		{Name: "sub", Value: kit.Text(j.subject(e.Value, client))},
		{Name: "client_id", Value: kit.Text(client.ID)},
		{Name: "iat", Value: kit.Number(ends.Add(-j.AccessLife).Unix())},
		{Name: "jti", Value: kit.Text(strings.TrimPrefix(access, statement))},
		{Name: "scope", Value: kit.Text(scopeText(e.Value.Scope))},
	}
	if j.claims != nil {
		said = j.claims(said)
	}
	return j.sign(j.header, said)
}

// sign puts a JWT together. Its header has the algorithm beside what is given.
func (j *signer) sign(header, said kit.Object) string {
	header = append(kit.Object{{Name: "alg", Value: kit.Text(j.method.Alg())}}, header...)
	b := base64.RawURLEncoding.AppendEncode(nil, header.AppendJSON(nil))
	b = base64.RawURLEncoding.AppendEncode(append(b, '.'), said.AppendJSON(nil))
	private, _ := j.key()
	signature, err := j.method.Sign(string(b), private)
	if err != nil {
		panic("oauth2: a token cannot be signed: " + err.Error()) // the key is of the method's own kind
	}
	return string(base64.RawURLEncoding.AppendEncode(append(b, '.'), signature))
}

// handle is what the store keeps for a token, if it is a statement of this server for its resource and has not ended
// (RFC 9068 4), or is none at all, as a refresh token.
func (j *signer) handle(token string, now time.Time) string {
	if !strings.Contains(token, ".") {
		return token
	}
	var said jwt.MapClaims
	_, public := j.key()
	options := []jwt.ParserOption{jwt.WithValidMethods([]string{j.method.Alg()}), jwt.WithStrictDecoding(), jwt.WithTimeFunc(func() time.Time { return now }),
		jwt.WithIssuer(j.API), jwt.WithAudience(j.audience()), jwt.WithExpirationRequired()}
	if j.lax {
		options = append(options, jwt.WithoutClaimsValidation())
	}
	t, err := jwt.NewParser(options...).ParseWithClaims(token, &said, func(*jwt.Token) (any, error) { return public, nil })
	switch {
	case err == nil && (j.lax || isAccess(t.Header["typ"])):
	case j.taken == nil:
		return ""
	default:
		var header map[string]any
		if header, said = takeApart(token); said == nil || !j.taken(header) {
			return ""
		}
	}
	for _, name := range []string{"jti", "ref"} {
		if named, is := said[name].(string); is {
			return statement + named
		}
	}
	return ""
}

// isAccess: a typ is that of an access token, with or without the part before the slash (RFC 9068 4).
func isAccess(typ any) bool {
	name, _ := typ.(string)
	return strings.EqualFold(strings.TrimPrefix(strings.ToLower(name), "application/"), "at+jwt")
}

// takeApart reads a token without any verification; nil is one that says nothing.
func takeApart(token string) (header map[string]any, said jwt.MapClaims) {
	parts := strings.Split(token, ".")
	for i, part := range []any{&header, &said} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[min(i, len(parts)-1)])
		if err != nil || json.Unmarshal(raw, part) != nil {
			return nil, nil
		}
	}
	return header, said
}

// told are the keys for whoever verifies a token (RFC 7517).
func (j *signer) told() kit.Object {
	number := func(n *big.Int) kit.Value { return kit.Text(base64.RawURLEncoding.EncodeToString(n.Bytes())) }
	key := kit.Object{{Name: "kid", Value: kit.Text(keyID)}, {Name: "use", Value: kit.Text("sig")}, {Name: "alg", Value: kit.Text(j.method.Alg())}}
	switch _, public := j.key(); public := public.(type) {
	case *ecdsa.PublicKey:
		point := made(public.Bytes())[1:] // both coordinates, 32 bytes each
		half := func(part []byte) kit.Value { return kit.Text(base64.RawURLEncoding.EncodeToString(part)) }
		key = append(key, kit.Object{{Name: "kty", Value: kit.Text("EC")}, {Name: "crv", Value: kit.Text("P-256")}, {Name: "x", Value: half(point[:32])}, {Name: "y", Value: half(point[32:])}}...)
	case *rsa.PublicKey:
		key = append(key, kit.Object{{Name: "kty", Value: kit.Text("RSA")}, {Name: "n", Value: number(public.N)}, {Name: "e", Value: number(big.NewInt(int64(public.E)))}}...)
	}
	return kit.Object{{Name: "keys", Value: kit.Raw("[" + string(key.AppendJSON(nil)) + "]")}}
}
