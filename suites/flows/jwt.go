package flows

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"gonogo/internal/client"
	"gonogo/internal/operation"
	"gonogo/specs"
	"gonogo/suites/engine"
	"gonogo/suites/scene"
)

// jwtFlow: a token is a JWT (RFC 7519) that says the same of its end as the answer it came in, and nobody but its
// issuer can make one or change one.
func jwtFlow(s *scene.Subject, declared specs.Flow) []engine.Case {
	kind, _ := s.Dialect.Token(declared.Token)
	group := s.NewGroup(declared.Name, declared.At)
	for times, from := range []struct{ name, title string }{
		{"issued", "that is issued"}, {"refreshed", "of a refresh"}, {"refreshed-twice", "of a second refresh"},
	} {
		if times > 0 && s.Ops.First(specs.RoleRefresh) == nil {
			continue
		}
		mint := func(t *scene.Trial) *client.Grant { return renewedTimes(t, t.Grant(""), times) }
		group.Late, group.Requests = times > 0, times+2
		group.Works(from.name+"-well-formed", "the "+kind.Name+" token "+from.title+" is a well-formed JWT", func(t *scene.Trial) {
			read(t, mint, kind)
		}, declared.Requirement)
		group.Works(from.name+"-exp-agrees", "the exp of the "+kind.Name+" token "+from.title+" agrees with the end that the answer announces", func(t *scene.Trial) {
			grant, token := read(t, mint, kind)
			if t.Failed() {
				return
			}
			expAgrees(t, grant, kind, token)
		}, declared.Requirement)
		group.Never(from.name+"-unsigned", "the "+kind.Name+" token "+from.title+" is never one that anybody could have made", func(t *scene.Trial) {
			grant, token := read(t, mint, kind)
			if t.Failed() {
				return
			}
			if algorithm, _ := token.Header["alg"].(string); strings.EqualFold(algorithm, "none") || token.Signature == "" {
				t.Found(grant.Reply, "a signed token", "one without a signature")
			}
		}, declared.Requirement)
	}
	group.Cases = append(group.Cases, forgeries(s, declared, kind)...)
	return group.Cases
}

// read mints a token and reads it as a JWT; that it is none is a finding.
func read(t *scene.Trial, mint func(*scene.Trial) *client.Grant, kind specs.TokenKind) (*client.Grant, scene.JWT) {
	grant := mint(t)
	value := grant.Value(kind.Name)
	if value == "" {
		t.CouldNotRun("the grant carries no %s token", kind.Name)
	}
	token, why := scene.ReadJWT(value)
	if why != "" {
		t.Found(grant.Reply, "a JWT in the place of the "+kind.Name+" token", why)
	}
	return grant, token
}

// expAgrees allows the two to differ by what rounding to seconds makes, either way.
func expAgrees(t *scene.Trial, grant *client.Grant, kind specs.TokenKind, token scene.JWT) {
	claim, there := token.Claims["exp"]
	if !there {
		t.NotApplicable("the token has no exp, and need not")
	}
	exp, err := jwt.MapClaims(token.Claims).GetExpirationTime()
	if err != nil || exp == nil {
		t.Found(grant.Reply, "an exp that is a NumericDate (RFC 7519 section 4.1.4)", fmt.Sprintf("a value of type %T", claim))
		return
	}
	remaining, written, ok := grant.Reply.Lifetime(kind)
	if !ok {
		t.CouldNotRun("the answer announces no end to compare with at %s", kind.Lifetime.Announced)
	}
	byToken, _, _ := grant.Reply.Remaining(float64(exp.Unix()), specs.Epoch)
	if (byToken - remaining).Abs() > 2*time.Second {
		t.Found(grant.Reply, fmt.Sprintf("an exp at %s, which is %s", kind.Lifetime.Announced, written), "an exp of "+exp.UTC().Format(time.RFC3339))
	}
}

// forgery makes of a genuine token one that nobody issued; ok is false where that cannot be done.
type forgery struct {
	name, what string
	make       func(genuine string, token scene.JWT) (forged string, ok bool)
}

var forged = []forgery{
	{"changed-payload", "whose payload was changed under its old signature", func(_ string, token scene.JWT) (string, bool) {
		header, _, _ := strings.Cut(token.Signed, ".")
		return header + "." + scene.Part(changed(token.Claims)) + "." + token.Signature, true
	}},
	{"stripped-signature", "without its signature", func(_ string, token scene.JWT) (string, bool) { return token.Signed + ".", true }},
	{"no-signature-part", "of which only header and payload are left", func(_ string, token scene.JWT) (string, bool) { return token.Signed, true }},
	{"changed-signature", "whose signature is wrong in one letter", func(genuine string, _ scene.JWT) (string, bool) { return scene.NearMiss(genuine), true }},
	{"foreign-signature", "signed with another key", func(_ string, token scene.JWT) (string, bool) { return signed(token, nil, foreignKey) }},
	{"empty-key", "signed with an empty key (HS256)", func(_ string, token scene.JWT) (string, bool) {
		return signed(token, jwt.SigningMethodHS256, func(jwt.SigningMethod) any { return []byte{} })
	}},
	{"key-in-header", "that brings its own key along (jwk, RFC 7515 section 4.1.3)", func(_ string, token scene.JWT) (string, bool) {
		with := token
		with.Header = maps.Clone(token.Header)
		with.Header["jwk"] = map[string]any{"kty": "oct", "k": "Z29ub2dvLWZvcmVpZ24ta2V5LW9mLTMyLWJ5dGVzISE"}
		return signed(with, jwt.SigningMethodHS256, func(jwt.SigningMethod) any { return []byte("gonogo-foreign-key-of-32-bytes!!") })
	}},
	{"alg-none", "with alg none and no signature", func(genuine string, _ scene.JWT) (string, bool) { return scene.Relabelled(genuine, "none") }},
	{"alg-none-other-case", "with alg nOnE and no signature", func(genuine string, _ scene.JWT) (string, bool) { return scene.Relabelled(genuine, "nOnE") }},
	{"alg-none-old-signature", "with alg none and the old signature", func(genuine string, token scene.JWT) (string, bool) {
		unsigned, ok := scene.Relabelled(genuine, "none")
		return unsigned + token.Signature, ok
	}},
}

// forgeries: at every operation that the token authorizes, each forgery of a token that was good a moment before.
func forgeries(s *scene.Subject, declared specs.Flow, kind specs.TokenKind) []engine.Case {
	group := s.NewGroup(declared.Name, declared.At)
	group.Requests = 5
	for i, op := range s.Ops.ByRole(specs.RoleUse) {
		if !carries(op, kind.Name) {
			continue
		}
		for _, f := range forged {
			group.Never(f.name+suffix(i, op), "a token "+f.what+" is refused", func(t *scene.Trial) {
				t.Unauthorized(f.use(t, op, kind, t.MintLive(kind.Name)), false)
			}, declared.Params["forged"])
		}
		group.Works("genuine-after-forged"+suffix(i, op), "a token still works after a forgery of it was refused", func(t *scene.Trial) {
			genuine := t.Mint(kind.Name)
			forged[0].use(t, op, kind, genuine)
			t.Authorizes(op, genuine, "with the genuine token, after a forged one")
		}, declared.Params["forged"])
	}
	return group.Cases
}

// use uses a forgery of a token.
func (f forgery) use(t *scene.Trial, op *operation.Op, kind specs.TokenKind, genuine string) *client.Reply {
	token, why := scene.ReadJWT(genuine)
	if why != "" {
		t.CouldNotRun("the token is no JWT: %s", why)
	}
	bad, ok := f.make(genuine, token)
	if !ok || bad == genuine {
		t.NotApplicable("a token signed by %v cannot be forged in this way", token.Header["alg"])
	}
	t.Secret("forged "+kind.Name, bad)
	return t.Use(op, bad, "with a token "+f.what)
}

// changed are claims that give their holder another day, and another user where they name one by a number.
func changed(claims map[string]any) map[string]any {
	other := maps.Clone(claims)
	other["exp"] = time.Now().Add(24 * 366 * time.Hour).Unix()
	other["gonogo"] = "changed"
	return other
}

// signed signs what a token says anew; a nil method is the token's own.
func signed(token scene.JWT, method jwt.SigningMethod, key func(jwt.SigningMethod) any) (string, bool) {
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
