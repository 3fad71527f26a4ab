package reference

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// jwtDesk writes and reads the tokens of b2b. A token is a signed statement
// about a handle (its jti); whether the handle still lives is the store's to
// say, because a signature can be neither revoked nor spent.
type jwtDesk struct {
	*desk
	method          jwt.SigningMethod
	signs, verifies any
	parsers         [2]*jwt.Parser
	short           *ownTokens // nil where tokens are not signed with HMAC
	header          string     // of every token, encoded

	// signatures are those that the server made, for the defects that look at
	// nothing else.
	signatures store[struct{}]
}

// bbClaims are what the tokens say of themselves.
type bbClaims struct {
	jwt.RegisteredClaims
	ClientID int64  `json:"client_id"`
	Kind     string `json:"kind"`
}

var bbKinds = [2]string{accessToken: "access", refreshToken: "refresh"}

var (
	errWrongKind = errors.New("the token is of another kind")
	errOpaque    = errors.New("the token is no JWT")
)

// newJWTDesk makes the key that this server signs with. The document's samples
// start with the header of HS256.
func newJWTDesk(m *b2b) *jwtDesk {
	key := make([]byte, 32)
	rand.Read(key)
	j := &jwtDesk{desk: m.desk, method: jwt.SigningMethodHS256, signs: key, verifies: key, signatures: newMemory[struct{}](maxTokens)}
	switch {
	case m.has(bbHS512):
		j.method = jwt.SigningMethodHS512
	case m.has(bbRS256):
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic("reference: no RSA key: " + err.Error()) // the random source of this machine is broken
		}
		j.method, j.signs, j.verifies = jwt.SigningMethodRS256, private, private.Public()
	}
	header := object{{"alg", text(j.method.Alg())}}
	if j.has(bbMoreClaims) {
		header = append(header, member{"kid", text("key-7")})
	}
	header = append(header, member{"typ", text("JWT")})
	j.header = base64.RawURLEncoding.EncodeToString(header.appendJSON(nil, false))
	if m, ok := j.method.(*jwt.SigningMethodHMAC); ok {
		j.short = newOwnTokens(m.Hash.New, key, j.header)
	}
	for k := range j.parsers {
		options := []jwt.ParserOption{jwt.WithValidMethods([]string{j.method.Alg()}), jwt.WithStrictDecoding(),
			jwt.WithTimeFunc(m.clock.Now), jwt.WithLeeway(m.tokens.leeway)}
		if j.ignoresExp(kind(k)) {
			options = append(options, jwt.WithoutClaimsValidation())
		}
		j.parsers[k] = jwt.NewParser(options...)
	}
	return j
}

// texts are a pair as its holder gets it. The same pair is written the same way
// each time.
func (j *jwtDesk) texts(p pair, who *user) (access, refresh string) {
	issued := p.accessEnds.Add(-j.tokens.accessLife)
	return j.token(accessToken, p.access, who, issued, p.accessEnds),
		j.token(refreshToken, p.refresh, who, issued, p.refreshEnds)
}

func (j *jwtDesk) token(k kind, handle string, who *user, issued, ends time.Time) string {
	if j.opaque(k) {
		return handle
	}
	id := strconv.FormatInt(who.clientID(), 10)
	c := j.claimQuirks(object{{"client_id", raw(id)}, {"exp", number(ends.Unix())}, {"iat", number(issued.Unix())},
		{"jti", minted(handle)}, {"kind", text(bbKinds[k])}, {"sub", text(id)}}, k, issued, ends)
	return j.signedQuirks(k, j.sign(c), ends)
}

// sign writes claims as a JWT.
func (j *jwtDesk) sign(claims object) string {
	var space [512]byte
	payload := claims.appendJSON(space[:0], false)
	if j.short != nil {
		return j.short.token(payload)
	}
	b := base64.RawURLEncoding.AppendEncode([]byte(j.header+"."), payload)
	signature, err := j.method.Sign(string(b), j.signs)
	if err != nil {
		panic("reference: a token cannot be signed: " + err.Error()) // the key is of the method's own kind
	}
	return string(base64.RawURLEncoding.AppendEncode(append(b, '.'), signature))
}

// handle is what a token is about, if the server signed it, it has not expired
// and is of the wanted kind.
func (j *jwtDesk) handle(k kind, token string) (handle string, err error) {
	if j.opaque(k) {
		return token, nil
	}
	if handle, ok := j.own(k, token); ok {
		return handle, nil
	}
	var c bbClaims
	if j.signatureUnchecked(k, token) {
		c, err = unverified(token)
	} else {
		_, err = j.parsers[k].ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return j.verifies, nil })
	}
	switch {
	case err != nil:
		return "", err
	case c.Kind != bbKinds[k] && !(k == refreshToken && j.tokens.takesAccess):
		return "", errWrongKind
	}
	return c.ID, nil
}

func (j *jwtDesk) sweep(now time.Time) { j.signatures.sweep(now.Add(-sweepGrace)) }
