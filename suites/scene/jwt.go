package scene

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// JWT is what a JSON Web Token says, unverified (RFC 7519 section 7.2).
type JWT struct {
	Header    map[string]any
	Claims    map[string]any
	Signed    string // header and payload as they stand in the token, with a dot between
	Signature string // as it stands in the token; empty: none
}

// PromisesJWT reports whether the document says of any of its tokens that they are JWTs.
func (s *Subject) PromisesJWT() bool {
	_, declared := s.Dialect.Flow("jwt")
	return declared
}

// ReadJWT reads a token as a JWT in the compact serialization; why says what is wrong with one that is none.
func ReadJWT(token string) (read JWT, why string) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return read, "not three parts with dots between"
	}
	if read.Header, why = object(parts[0]); why != "" {
		return read, "a header that is " + why
	}
	if algorithm, _ := read.Header["alg"].(string); algorithm == "" {
		return read, "a header without alg"
	}
	if read.Claims, why = object(parts[1]); why != "" {
		return read, "a payload that is " + why
	}
	if _, err := base64.RawURLEncoding.DecodeString(parts[2]); err != nil {
		return read, "a signature that is not base64url"
	}
	read.Signed, read.Signature = parts[0]+"."+parts[1], parts[2]
	return read, ""
}

func object(part string) (map[string]any, string) {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return nil, "not base64url"
	}
	var read map[string]any
	if err := json.Unmarshal(raw, &read); err != nil || read == nil {
		return nil, "not a JSON object"
	}
	return read, ""
}

// cutProof parts a JWT from its signature, and an encrypted one (JWE, RFC 7516 section 7.1) from its tag; the dot stays with the
// former.
func cutProof(token string) (before, proof string, ok bool) {
	if read, why := ReadJWT(token); why == "" {
		return read.Signed + ".", read.Signature, true
	}
	const dots = 4
	at := strings.LastIndexByte(token, '.')
	if strings.Count(token, ".") != dots {
		return "", "", false
	}
	header, _, _ := strings.Cut(token, ".")
	if says, why := object(header); why != "" || says["enc"] == nil {
		return "", "", false
	}
	return token[:at+1], token[at+1:], true
}

// relabelled is what a JWT says under the name of another algorithm, without a signature (RFC 7519 section 6).
func (j JWT) relabelled(algorithm string) string {
	_, payload, _ := strings.Cut(j.Signed, ".")
	return Part(j.with("alg", algorithm).Header) + "." + payload + "."
}

// Unsigned is what a JWT says, as one that needs no signature.
func Unsigned(token string) (string, bool) {
	read, why := ReadJWT(token)
	if why != "" {
		return "", false
	}
	return read.relabelled("none"), true
}

// Part is a header or a payload as it stands in a JWT.
func Part(value map[string]any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		panic("scene: what was read from JSON cannot be written: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}
