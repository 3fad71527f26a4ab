package b2b

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"gonogo/reference/kit"
)

// signer writes and reads the tokens of b2b. A token is a signed statement
// about a handle (its jti); whether the handle still lives is the store's to
// say, because a signature can be neither revoked nor spent.
type signer struct {
	method          jwt.SigningMethod
	signs, verifies any
	header          kit.Object

	// What quirks replace; nil is as documented.
	opaque     [2]bool // by kind: the token is its handle
	claims     func(o kit.Object, k kit.Kind, issued, ends time.Time) kit.Object
	signed     func(k kit.Kind, token string, ends time.Time) string
	unverified func(k kit.Kind, token string) bool // what it says is taken for what was signed

	clock   *kit.Clock
	life    time.Duration // of an access token
	takes   bool          // an access token serves as a refresh token
	parsers [2]*jwt.Parser
	short   *ownTokens // nil where tokens are not signed with HMAC
	encoded string     // the header
}

// claims are what the tokens say of themselves.
type claims struct {
	jwt.RegisteredClaims
	ClientID int64  `json:"client_id"`
	Kind     string `json:"kind"`
}

var kinds = [2]string{kit.AccessToken: "access", kit.RefreshToken: "refresh"}

var errWrongKind = errors.New("the token is of another kind")

// newSigner makes the key that this server signs with. The document's samples
// start with the header of HS256.
func newSigner() *signer {
	key := make([]byte, 32)
	rand.Read(key)
	return &signer{method: jwt.SigningMethodHS256, signs: key, verifies: key}
}

// open makes what the deeds have had their say on.
func (j *signer) open(m *b2b) {
	j.clock, j.life, j.takes = &m.Clock, m.AccessLife, m.TakesAccess
	header := append(append(kit.Object{{"alg", kit.Text(j.method.Alg())}}, j.header...), kit.Object{{"typ", kit.Text("JWT")}}...)
	j.encoded = base64.RawURLEncoding.EncodeToString(header.AppendJSON(nil))
	if hmac, ok := j.method.(*jwt.SigningMethodHMAC); ok {
		j.short = newOwnTokens(hmac.Hash.New, j.signs.([]byte), j.encoded)
	}
	for k := range j.parsers {
		options := []jwt.ParserOption{jwt.WithValidMethods([]string{j.method.Alg()}), jwt.WithStrictDecoding(),
			jwt.WithTimeFunc(m.Clock.Now), jwt.WithLeeway(m.Leeway)}
		if m.Outlives(kit.Kind(k)) {
			options = append(options, jwt.WithoutClaimsValidation())
		}
		j.parsers[k] = jwt.NewParser(options...)
	}
}

// texts are a pair as its holder gets it. The same pair is written the same way
// each time.
func (j *signer) texts(p kit.Pair, who *kit.KnownUser) (access, refresh string) {
	issued := p.AccessEnds.Add(-j.life)
	return j.token(kit.AccessToken, p.Access, who, issued, p.AccessEnds),
		j.token(kit.RefreshToken, p.Refresh, who, issued, p.RefreshEnds)
}

func (j *signer) token(k kit.Kind, handle string, who *kit.KnownUser, issued, ends time.Time) string {
	if j.opaque[k] {
		return handle
	}
	id := strconv.Itoa(who.ActsAs)
	said := kit.Object{{"client_id", kit.Raw(id)}, {"exp", kit.Number(ends.Unix())}, {"iat", kit.Number(issued.Unix())},
		{"jti", kit.Minted(handle)}, {"kind", kit.Text(kinds[k])}, {"sub", kit.Text(id)}}
	if j.claims != nil {
		said = j.claims(slices.Clone(said), k, issued, ends) // a copy: said stays on the stack
	}
	token := j.sign(said)
	if j.signed != nil {
		token = j.signed(k, token, ends)
	}
	return token
}

// sign writes claims as a JWT.
func (j *signer) sign(said kit.Object) string {
	var space [512]byte
	payload := said.AppendJSON(space[:0])
	if j.short != nil {
		return j.short.token(payload)
	}
	b := base64.RawURLEncoding.AppendEncode([]byte(j.encoded+"."), payload)
	signature, err := j.method.Sign(string(b), j.signs)
	if err != nil {
		panic("b2b: a token cannot be signed: " + err.Error()) // the key is of the method's own kind
	}
	return string(base64.RawURLEncoding.AppendEncode(append(b, '.'), signature))
}

// handle is what a token is about, if the server signed it, it has not expired
// and is of the wanted kind.
func (j *signer) handle(k kit.Kind, token string) (handle string, err error) {
	if j.opaque[k] {
		return token, nil
	}
	if handle, ok := j.own(k, token); ok {
		return handle, nil
	}
	var c claims
	if j.unverified != nil && j.unverified(k, token) {
		_, c, err = takeApart(token)
	} else {
		_, err = j.parsers[k].ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return j.verifies, nil })
	}
	switch {
	case err != nil:
		return "", err
	case c.Kind != kinds[k] && !(k == kit.RefreshToken && j.takes):
		return "", errWrongKind
	}
	return c.ID, nil
}
