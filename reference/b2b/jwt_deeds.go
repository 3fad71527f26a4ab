package b2b

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
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

// parts is a token taken apart without any verification. The third part may
// be missing.
type parts struct {
	header struct {
		Alg string `json:"alg"`
		JWK struct {
			K string `json:"k"`
		} `json:"jwk"`
	}
	claims    claims
	signed    string // what the signature is about
	signature string // still encoded
}

func takeApart(token string) (p parts, err error) {
	split := strings.Split(token, ".")
	if len(split) < 2 || len(split) > 3 {
		return p, errOpaque
	}
	for i, into := range []any{&p.header, &p.claims} {
		decoded, err := base64.RawURLEncoding.DecodeString(split[i])
		if err != nil {
			return p, errOpaque
		}
		if err := json.Unmarshal(decoded, into); err != nil {
			return p, errOpaque
		}
	}
	p.signed = split[0] + "." + split[1]
	if len(split) == 3 {
		p.signature = split[2]
	}
	return p, nil
}

// forgery is an access token that has not expired and was not signed here.
type forgery struct {
	parts
	bytes []byte // of the signature
}

func (f forgery) hmac() bool { return f.header.Alg == "HS256" }

func (f forgery) madeWith(key []byte) bool {
	return jwt.SigningMethodHS256.Verify(f.signed, f.bytes, key) == nil
}

// letInForged lets some forgeries pass.
func letInForged(some func(forgery) bool) func(*b2b) {
	return func(m *b2b) {
		letIn(kit.Something, func(c *kit.Call) bool {
			p, err := takeApart(c.Token)
			if err != nil || p.claims.Kind != kinds[kit.AccessToken] || p.claims.ExpiresAt != nil && !c.Now.Before(p.claims.ExpiresAt.Time) {
				return false
			}
			signature, err := base64.RawURLEncoding.DecodeString(p.signature)
			if err != nil || m.jwt.method.Verify(p.signed, signature, m.jwt.verifies) == nil {
				return false // or a revoked token would pass for a forged one
			}
			return some(forgery{p, signature})
		})(m)
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
