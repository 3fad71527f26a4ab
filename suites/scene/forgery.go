package scene

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"gonogo/internal/client"
)

// Forgery makes of a genuine JWT tokens that nobody issued.
type Forgery struct {
	Name, What string
	make       func(token JWT) (forged []string, can bool)
	// tells is what it says of a genuine token that a forgery of it can be made, whether the target takes that or not.
	tells string
}

// Forge tries what a forgery makes of a genuine token, until something is found. can is false for a token of which it makes
// none.
func (t *Trial) Forge(f Forgery, kind string, token JWT, try func(forged, doing string) *client.Reply) (can bool) {
	all, can := f.make(token)
	for _, forged := range all {
		if forged == token.Signed+"."+token.Signature {
			continue
		}
		t.Secret("forged "+kind, forged)
		reply := try(forged, "with a token "+f.What)
		if f.tells != "" {
			t.FoundWithin(reply, "a token that only its issuer can make", f.tells)
		}
		if t.Failed() {
			break
		}
	}
	return can
}

// MostForgeries is how many tokens all forgeries of one make together.
const MostForgeries = 30

// Forgeries are all ways of forging a JWT that this harness knows.
var Forgeries = []Forgery{
	{"changed-payload", "whose payload was changed under its old signature", func(token JWT) ([]string, bool) {
		header, _, _ := strings.Cut(token.Signed, ".")
		return one(header+"."+Part(changed(token.Claims))+"."+token.Signature, true)
	}, ""},
	{"stripped-signature", "without its signature", func(token JWT) ([]string, bool) { return one(token.Signed+".", true) }, ""},
	{"no-signature-part", "of which only header and payload are left", func(token JWT) ([]string, bool) { return one(token.Signed, true) }, ""},
	{"changed-signature", "whose signature is wrong in one letter", func(token JWT) ([]string, bool) {
		return one(token.Signed+"."+NearMiss(token.Signature), token.Signature != "")
	}, ""},
	{"cut-signature", "whose signature is cut short", func(token JWT) (cut []string, can bool) {
		signature, _ := base64.RawURLEncoding.DecodeString(token.Signature)
		for _, length := range []int{1, 8, 16, len(signature) - 8, len(signature) - 1} {
			if length > 0 && length < len(signature) {
				cut = append(cut, token.Signed+"."+base64.RawURLEncoding.EncodeToString(signature[:length]))
			}
		}
		return cut, len(cut) > 0
	}, ""},
	{"other-algorithm", "that names another algorithm than it was signed with, or none of any name", func(token JWT) (forged []string, can bool) {
		said := token
		said.Claims = changed(token.Claims)
		for _, algorithm := range []any{"RS256", "HS512", "ES256", "gonogo", "", nil} {
			header := said.with("alg", algorithm).Header
			if algorithm == nil {
				delete(header, "alg")
			}
			if algorithm != token.Header["alg"] {
				forged = append(forged, Part(header)+"."+Part(said.Claims)+"."+token.Signature)
			}
		}
		return forged, true
	}, ""},
	{"foreign-signature", "signed with another key", func(token JWT) ([]string, bool) { return one(resigned(token, nil, foreignKey)) }, ""},
	{"unknown-kid", "that names a key nobody has (kid, RFC 7515 section 4.1.4)", func(token JWT) (forged []string, can bool) {
		if bad, ok := resigned(token.with("kid", "gonogo-no-such-key"), nil, foreignKey); ok {
			forged = append(forged, bad)
		}
		// whoever reads a key from a file of that name gets an empty one
		empty, can := resigned(token.with("kid", "../../../../../../dev/null"), jwt.SigningMethodHS256, emptyKey)
		return append(forged, empty), can
	}, ""},
	{"empty-key", "signed with an empty key (HS256)", func(token JWT) ([]string, bool) {
		return one(resigned(token, jwt.SigningMethodHS256, emptyKey))
	}, ""},
	{"key-in-header", "that brings its own key along (jwk, RFC 7515 section 4.1.3)", func(token JWT) ([]string, bool) {
		with := token.with("jwk", map[string]any{"kty": "oct", "k": "Z29ub2dvLWZvcmVpZ24ta2V5LW9mLTMyLWJ5dGVzISE"})
		return one(resigned(with, jwt.SigningMethodHS256, func(jwt.SigningMethod) any { return []byte("gonogo-foreign-key-of-32-bytes!!") }))
	}, ""},
	{"alg-none", "with alg none and no signature", func(token JWT) ([]string, bool) { return one(token.relabelled("none"), true) }, ""},
	{"alg-none-other-case", "with alg nOnE and no signature", func(token JWT) ([]string, bool) { return one(token.relabelled("nOnE"), true) }, ""},
	{"alg-none-old-signature", "with alg none and the old signature", func(token JWT) ([]string, bool) {
		return one(token.relabelled("none")+token.Signature, true)
	}, ""},
	{"no-statement", "whose parts are no JSON objects", func(token JWT) (forged []string, can bool) {
		header, payload, _ := strings.Cut(token.Signed, ".")
		for _, text := range []string{"gonogo", "[]", `"gonogo"`, "null"} {
			forged = append(forged, header+"."+base64.RawURLEncoding.EncodeToString([]byte(text))+"."+token.Signature)
		}
		null := base64.RawURLEncoding.EncodeToString([]byte("null"))
		return append(forged, null+"."+payload+"."+token.Signature, "gonogo.no-such.token"), true
	}, ""},
	{"placeholder-secret", "signed with a secret that sample configurations have", func(token JWT) ([]string, bool) {
		method, key := placeholderKey(token)
		if key == nil {
			return nil, true // found out without a request
		}
		said := token
		said.Claims = changed(token.Claims)
		return one(resigned(said, method, func(jwt.SigningMethod) any { return key }))
	}, "one that is signed with a secret of sample configurations"},
}

func one(forged string, can bool) ([]string, bool) { return []string{forged}, can }

// with is what a JWT says with another member in its header.
func (j JWT) with(name string, value any) JWT {
	j.Header = maps.Clone(j.Header)
	j.Header[name] = value
	return j
}

// changed are claims that give their holder another year.
func changed(claims map[string]any) map[string]any {
	other := maps.Clone(claims)
	other["exp"] = time.Now().Add(24 * 366 * time.Hour).Unix()
	other["gonogo"] = "changed"
	return other
}

// resigned signs what a token says anew; a nil method is the token's own.
func resigned(token JWT, method jwt.SigningMethod, key func(jwt.SigningMethod) any) (string, bool) {
	if method == nil {
		name, _ := token.Header["alg"].(string)
		if method = jwt.GetSigningMethod(name); method == nil || name == "none" {
			return "", false
		}
	}
	again := jwt.NewWithClaims(method, jwt.MapClaims(token.Claims))
	for name, value := range token.Header {
		if name != "alg" {
			again.Header[name] = value
		}
	}
	text, err := again.SignedString(key(method))
	return text, err == nil
}

func emptyKey(jwt.SigningMethod) any { return []byte{} }

// foreignKey is a key of the kind that a method signs with, which no issuer has.
func foreignKey(method jwt.SigningMethod) any {
	switch method.(type) {
	case *jwt.SigningMethodRSA, *jwt.SigningMethodRSAPSS:
		return foreignRSA()
	case *jwt.SigningMethodECDSA:
		curve := map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()}[method.Alg()]
		key, _ := ecdsa.GenerateKey(curve, rand.Reader)
		return key
	case *jwt.SigningMethodEd25519:
		_, key, _ := ed25519.GenerateKey(rand.Reader)
		return key
	default:
		return []byte("gonogo-foreign-key-of-64-bytes-0123456789-abcdefghijklmnopqrstuvw")
	}
}

// foreignRSA is made once: that takes a tenth of a second.
var foreignRSA = sync.OnceValue(func() *rsa.PrivateKey {
	key, _ := rsa.GenerateKey(rand.Reader, 2048) // never fails (Go 1.24)
	return key
})

// placeholders are secrets of tutorials, documentation and sample configurations, for anybody to read.
var placeholders = []string{
	"secret", "Secret", "SECRET", "password", "test", "key", "private", "default", "changeme", "change-me", "change_me", "CHANGE_ME", "changeit", "change-this-secret",
	"supersecret", "super-secret", "super_secret", "supersecretkey", "super-secret-key", "mysecret", "my-secret", "my_secret", "mysecretkey", "my-secret-key", "my_secret_key",
	"secretkey", "secret-key", "secret_key", "SECRET_KEY", "jwtsecret", "jwt-secret", "jwt_secret", "JWT_SECRET", "jwt-secret-key", "jwt_secret_key", "token-secret", "access-secret", "refresh-secret",
	"your-secret", "your_secret", "your-secret-key", "your_secret_key", "your_jwt_secret", "your-jwt-secret", "YOUR_SECRET_KEY", "yoursecretkey", "your-256-bit-secret", "your-384-bit-secret", "your-512-bit-secret",
	"a-string-secret-at-least-256-bits-long", "shhhhh", "shhhhhared-secret", "keyboard cat", "ThisIsMySecretKey", "this-is-a-secret", "dev", "development", "example", "example_key", "qwertyuiopasdfghjklzxcvbnm123456",
	"super-secret-jwt-token-with-at-least-32-characters-long", "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7", "404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970",
	"0123456789abcdef0123456789abcdef", "12345678901234567890123456789012", "gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr9C", "AccessTokenSecret", "node_secret", "insecure", "notsecret", "none",
}

// placeholderKey is the placeholder that a JWT was signed with, as it is written or as base64 or base64url of the key; nil
// is none of them.
func placeholderKey(token JWT) (jwt.SigningMethod, []byte) {
	name, _ := token.Header["alg"].(string)
	method, ok := jwt.GetSigningMethod(name).(*jwt.SigningMethodHMAC)
	signature, err := base64.RawURLEncoding.DecodeString(token.Signature)
	if !ok || err != nil {
		return nil, nil
	}
	for _, text := range placeholders {
		keys := [][]byte{[]byte(text)}
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
			if key, err := encoding.DecodeString(text); err == nil && len(key) > 0 {
				keys = append(keys, key)
			}
		}
		for _, key := range keys {
			if method.Verify(token.Signed, signature, key) == nil {
				return method, key
			}
		}
	}
	return nil, nil
}
