package b2b

import (
	"crypto/hmac"
	"crypto/subtle"
	"encoding/base64"
	"hash"
	"strconv"
	"strings"
	"sync"
	"time"

	"gonogo/reference/kit"
)

// ownTokens signs tokens, and knows again those that it signed, at a third of
// what a JWT library takes: it writes one header only, and need not parse it.
type ownTokens struct {
	start string    // of every token: header and dot
	pens  sync.Pool // of *pen
}

// pen has what writing a token takes: keying the hash anew would be 2 of the 8
// blocks that it hashes, and the text is allocated once only, as the result.
type pen struct {
	mac  hash.Hash
	text []byte
	sum  []byte
}

func newOwnTokens(h func() hash.Hash, key []byte, header string) *ownTokens {
	return &ownTokens{header + ".", sync.Pool{New: func() any { return &pen{mac: hmac.New(h, key)} }}}
}

// sign appends the signature of the text that is there, encoded.
func (p *pen) sign() {
	p.mac.Reset()
	p.mac.Write(p.text)
	p.sum = p.mac.Sum(p.sum[:0])
	p.text = base64.RawURLEncoding.AppendEncode(append(p.text, '.'), p.sum)
}

// token signs a payload.
func (o *ownTokens) token(payload []byte) string {
	p := o.pens.Get().(*pen)
	defer o.pens.Put(p)
	p.text = base64.RawURLEncoding.AppendEncode(append(p.text[:0], o.start...), payload)
	p.sign()
	return string(p.text)
}

// payload is what a token says, if it was signed here. It is signed once more
// and compared as a text: decoders let several texts pass for one signature.
func (o *ownTokens) payload(token string) (payload []byte, ours bool) {
	dot := strings.LastIndexByte(token, '.')
	if dot < len(o.start) || !strings.HasPrefix(token, o.start) {
		return nil, false
	}
	p := o.pens.Get().(*pen)
	defer o.pens.Put(p)
	p.text = append(p.text[:0], token[:dot]...)
	p.sign()
	if subtle.ConstantTimeCompare(p.text[dot:], []byte(token[dot:])) != 1 {
		return nil, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(token[len(o.start):dot])
	return payload, err == nil
}

// own is the short way through handle, for what nearly every request carries:
// a token of the wanted kind that was signed here and has not ended. What else
// a token can be, and what is wrong with it, is for the long way to find out.
func (j *signer) own(k kit.Kind, token string) (handle string, ok bool) {
	if j.short == nil {
		return "", false
	}
	payload, ours := j.short.payload(token)
	if !ours {
		return "", false
	}
	said, _ := kit.PlainObject(payload)
	exp, _ := said.Get("exp")
	ends, err := strconv.ParseInt(string(exp.Raw), 10, 64)
	kind, _ := said.Get("kind")
	jti, hasID := said.Get("jti")
	if err != nil || !hasID || kind.Text() != kinds[k] || !j.clock.Now().Before(time.Unix(ends, 0)) {
		return "", false
	}
	return jti.Text(), true
}
