package b2b

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"gonogo/reference/kit"
)

// opaque: the tokens of a kind are their handles.
func opaque(k kit.Kind) func(*b2b) { return func(m *b2b) { m.jwt.opaque[k] = true } }

// claimsOf has tokens say something else of themselves.
func claimsOf(change func(o kit.Object, k kit.Kind, issued, ends time.Time) kit.Object) func(*b2b) {
	return func(m *b2b) {
		former := m.jwt.claims
		m.jwt.claims = func(o kit.Object, k kit.Kind, issued, ends time.Time) kit.Object {
			if former != nil {
				o = former(o, k, issued, ends)
			}
			return change(o, k, issued, ends)
		}
	}
}

// noExp leaves the end out of the tokens. Defects in what is announced need
// it, too: an exp would contradict them.
var noExp = claimsOf(func(o kit.Object, _ kit.Kind, _, _ time.Time) kit.Object { return o.Without("exp") })

// secondOpaque answers the handle in place of the access token of a second refresh, and takes it.
func secondOpaque(m *b2b) {
	on(refreshed, data(kit.PutFound("access_token", func(c *kit.Call) kit.Value { return kit.Text(c.Pair.Access) })), kit.Renewed)(m)
	letIn(kit.Something, func(c *kit.Call) bool {
		_, live := m.Tokens.Find(kit.AccessToken, c.Token, c.Now)
		return live
	})(m)
}

func rs256(m *b2b) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic("b2b: no RSA key: " + err.Error()) // the random source of this machine is broken
	}
	m.jwt.method, m.jwt.signs, m.jwt.verifies = jwt.SigningMethodRS256, private, private.Public()
}

// twoParts leaves the signature out, and does not ask for it.
func twoParts(m *b2b) {
	m.jwt.signed = func(k kit.Kind, token string, _ time.Time) string {
		if k == kit.AccessToken {
			token = token[:strings.LastIndexByte(token, '.')]
		}
		return token
	}
	m.jwt.unverified = func(k kit.Kind, token string) bool {
		return k == kit.AccessToken && strings.Count(token, ".") == 1
	}
}

// takeApart reads a token without any verification. The third part may be
// missing, and the algorithm be one that there is not.
func takeApart(token string) (t *jwt.Token, said claims, err error) {
	if strings.Count(token, ".") == 1 {
		token += "."
	}
	t, split, err := jwt.NewParser().ParseUnverified(token, &said)
	if errors.Is(err, jwt.ErrTokenUnverifiable) {
		t.Signature, err = base64.RawURLEncoding.DecodeString(split[2])
	}
	return t, said, err
}

// forgery is an access token that has not expired and was not signed here.
type forgery struct {
	*jwt.Token
	signed, signature string // what the signature is about, and the signature, still encoded
}

func (f forgery) hmac() bool { return f.Header["alg"] == "HS256" }

func (f forgery) madeWith(key []byte) bool {
	return jwt.SigningMethodHS256.Verify(f.signed, f.Signature, key) == nil
}

// ownKey is the key in the token's own header.
func (f forgery) ownKey() []byte {
	jwk, _ := f.Header["jwk"].(map[string]any)
	encoded, _ := jwk["k"].(string)
	key, _ := base64.RawURLEncoding.DecodeString(encoded)
	return key
}

// letInForged lets some forgeries pass.
func letInForged(some func(forgery) bool) func(*b2b) {
	return func(m *b2b) {
		letIn(kit.Something, func(c *kit.Call) bool {
			t, said, err := takeApart(c.Token)
			if err != nil || said.Kind != kinds[kit.AccessToken] || said.ExpiresAt != nil && !c.Now.Before(said.ExpiresAt.Time) {
				return false
			}
			dot := strings.LastIndexByte(t.Raw, '.')
			f := forgery{t, t.Raw[:dot], t.Raw[dot+1:]}
			if m.jwt.method.Verify(f.signed, f.Signature, m.jwt.verifies) == nil {
				return false // or a revoked token would pass for a forged one
			}
			return some(f)
		})(m)
	}
}

// revokesForged takes a forgery's word for which token it is about, and revokes that one.
func revokesForged(m *b2b) {
	m.On(kit.Unauthorized, func(c *kit.Call, a kit.Answer) kit.Answer {
		if _, said, err := takeApart(c.Token); err == nil {
			m.Tokens.Tokens.Take(kit.KeyOf(said.ID))
		}
		return a
	}, forged)
}

// placeholder is in the documentation of many a library.
const placeholder = "your-256-bit-secret"

// signatureBegins: what was sent as signature is how the right one begins.
func (m *b2b) signatureBegins(f forgery) bool {
	right, err := m.jwt.method.Sign(f.signed, m.jwt.signs)
	return err == nil && len(f.Signature) > 0 && bytes.HasPrefix(right, f.Signature)
}

// saysNothing: the token looks like a JWT, and its payload is no object.
func saysNothing(c *kit.Call) bool {
	if !looksLikeJWT(c) {
		return false
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(c.Token, ".")[1])
	var said map[string]any
	return err != nil || json.Unmarshal(payload, &said) != nil || said == nil
}

// endsForged has a logout go by what a forged token says.
func endsForged(confirms bool) func(*b2b) {
	return func(m *b2b) {
		m.On(kit.Unauthorized, func(c *kit.Call, a kit.Answer) kit.Answer {
			_, said, err := takeApart(c.Token)
			if err != nil {
				return a
			}
			e, live := m.Tokens.Find(kit.AccessToken, said.ID, c.Now)
			if !live {
				return a
			}
			m.revoke(e.Value, c.Now)
			if confirms {
				return kit.OK(envelope(kit.Object{{"message", kit.Text("All tokens of this client are revoked.")}})).As(loggedOut)
			}
			return a
		}, kit.At(logoutPath), forged)
	}
}

// knowsSignatures remembers the signatures that the server made, for the
// defects that look at nothing else.
func knowsSignatures(some func(f forgery, ours bool) bool) func(*b2b) {
	return func(m *b2b) {
		made := kit.NewStore[struct{}](kit.MaxTokens)
		m.Sweeps = append(m.Sweeps, func(now time.Time) { made.Sweep(now.Add(-kit.SweepGrace)) })
		m.jwt.signed = func(_ kit.Kind, token string, ends time.Time) string {
			_ = made.Put(kit.KeyOf(token[strings.LastIndexByte(token, '.')+1:]), struct{}{}, ends.UnixNano())
			return token
		}
		letInForged(func(f forgery) bool {
			_, ours := made.Get(kit.KeyOf(f.signature))
			return some(f, ours)
		})(m)
	}
}
