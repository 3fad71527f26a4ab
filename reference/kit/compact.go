package kit

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// compact is a token that says something, as it was sent: a JWT (RFC 7519), verified or not.
type compact struct {
	kind            Kind // that it was sent as
	header, payload map[string]any
	want, signature []byte
}

func (c compact) algorithm() string {
	name, _ := c.header["alg"].(string)
	return name
}

// signedTokens has all tokens be JWTs that are signed with a key, where the document leaves their form open. Who looks one up
// goes by its jti, which counts if the signature is right, or if it is taken all the same; nil takes nothing more.
func signedTokens(key []byte, taken func(compact) bool) func(*Service) {
	if key == nil {
		key = make([]byte, 32)
		rand.Read(key)
	}
	sign := func(text string) []byte {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(text))
		return mac.Sum(nil)
	}
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	header := part(`{"alg":"HS256","typ":"JWT"}`)
	return func(s *Service) {
		s.Mint = func() string {
			text := header + "." + part(`{"jti":"`+RandomToken()+`"}`)
			return text + "." + part(string(sign(text)))
		}
		s.handle = func(k Kind, token string) string {
			at := strings.LastIndexByte(token, '.')
			c, ok := readCompact(token)
			if !ok {
				return token
			}
			c.kind, c.want = k, sign(token[:at])
			if id, named := c.payload["jti"].(string); named && (hmac.Equal(c.want, c.signature) || taken != nil && taken(c)) {
				return id
			}
			return token
		}
	}
}

// readCompact reads a token of three parts; ok is false where it says nothing.
func readCompact(token string) (c compact, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, false
	}
	var err error
	if c.signature, err = base64.RawURLEncoding.DecodeString(parts[2]); err != nil {
		return c, false
	}
	for i, says := range []*map[string]any{&c.header, &c.payload} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil || json.Unmarshal(raw, says) != nil || *says == nil {
			return c, false
		}
	}
	return c, true
}

// signedQuirks are those of JWTs, where a document leaves the form of its tokens open.
func signedQuirks[D Served](dialect string, r Rows[D]) (all []Declared[D]) {
	add := func(declare func(id, row, text string, deeds ...func(D)) Declared[D], id, row, text string, key []byte, taken func(compact) bool) {
		if row != "" {
			all = append(all, declare(dialect+"-"+id, row, text, func(d D) { signedTokens(key, taken)(d.Base()) }))
		}
	}
	add(Liberty[D], "signed-tokens", r.Use, "Tokens are JWTs that are signed with HS256.", nil, nil)
	add(Defect[D], "signature-cut", r.Use, "Tokens are JWTs, of whose signature as much is compared as was sent.", nil, func(c compact) bool {
		return len(c.signature) > 0 && bytes.HasPrefix(c.want, c.signature)
	})
	add(Defect[D], "signature-of-unknown-key", r.Use, "Tokens are JWTs. One whose header names a key is taken, whatever its signature.", nil, func(c compact) bool { return c.header["kid"] != nil })
	add(Defect[D], "signature-by-placeholder", r.Use, "Tokens are JWTs, signed with a secret of sample configurations.", []byte("your-256-bit-secret"), nil)
	add(Defect[D], "refresh-unsigned", r.Refuse, "Tokens are JWTs. For a refresh one with alg none is taken.", nil, func(c compact) bool {
		return c.kind == RefreshToken && strings.EqualFold(c.algorithm(), "none")
	})
	all = append(all, Defect(dialect+"-no-statement-crash", r.Use, "Tokens are JWTs. One of three parts that says nothing is answered 500.", func(d D) {
		signedTokens(nil, nil)(d.Base())
		d.Base().OnEvery(Crash, func(c *Call) bool {
			_, says := readCompact(c.Token)
			return strings.Count(c.Token, ".") == 2 && !says
		})
	}))
	return all
}
