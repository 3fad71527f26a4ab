package scene

import (
	"crypto/rand"
	"strings"
	"unicode"

	"gonogo/internal/operation"
)

// NearMiss is a value that differs from a secret in one letter, in the middle, and means another to whoever decodes it: the
// last letter of a base64url part can carry unused bits, and the other case of a letter may be the same to a UUID.
//
// A JWT or an encrypted one (JWE) keeps what it says and is wrong in its signature or tag: another part would be refused for
// what is in it.
func NearMiss(secret string) string {
	if before, proof, ok := cutProof(secret); ok && proof != "" {
		return before + NearMiss(proof)
	}
	runes := []rune(secret)
	for _, any := range []bool{false, true} {
		for distance := range len(runes) {
			i := len(runes)/2 + (distance+1)/2*(1-2*(distance%2))
			if i < 0 || i >= len(runes) || !any && endsPart(runes, i) {
				continue
			}
			if other, ok := otherLetter(runes[i]); ok {
				runes[i] = other
				return string(runes)
			}
		}
	}
	return secret + "x"
}

// OtherHead is a value that differs from a secret in its first letter or digit; of a JWT or JWE, in that of its signature or tag.
func OtherHead(secret string) string {
	before, proof, ok := cutProof(secret)
	if !ok || proof == "" {
		before, proof = "", secret
	}
	runes := []rune(proof)
	for i, r := range runes {
		if other, is := otherLetter(r); is {
			runes[i] = other
			return before + string(runes)
		}
	}
	return secret + "x"
}

// endsPart reports whether nothing of the part of a text that a letter stands in comes after it.
func endsPart(runes []rune, i int) bool {
	return i+1 == len(runes) || !unicode.IsLetter(runes[i+1]) && !unicode.IsDigit(runes[i+1]) && !strings.ContainsRune("-_+/", runes[i+1])
}

// Longer is a secret with something after it that means more to whoever decodes it, too: of base64 one letter alone can be
// nothing but unused bits.
func Longer(secret string) string {
	longer := strings.TrimRight(secret, "=")
	if last := longer[strings.LastIndexByte(longer, '.')+1:]; len(last)%4 == 0 {
		longer += "x"
	}
	return longer + "x"
}

// otherLetter is another character of the same alphabet, hex digits included.
func otherLetter(r rune) (rune, bool) {
	switch {
	case r >= '0' && r <= '9':
		return '0' + (r-'0'+5)%10, true
	case r >= 'a' && r <= 'f':
		return 'a' + (r-'a'+3)%6, true
	case r >= 'A' && r <= 'F':
		return 'A' + (r-'A'+3)%6, true
	case r >= 'g' && r <= 'z':
		return 'g' + (r-'g'+7)%20, true
	case r >= 'G' && r <= 'Z':
		return 'G' + (r-'G'+7)%20, true
	}
	return r, false
}

// Unknown is a value shaped like a secret that nobody was ever given: same length, same kind of characters. A
// JWT or JWE keeps what it says, under a signature or tag that nobody made.
func Unknown(secret string) string {
	if before, proof, ok := cutProof(secret); ok && proof != "" {
		return before + Unknown(proof)
	}
	random := make([]byte, len(secret))
	_, _ = rand.Read(random) // never fails (Go 1.24)
	out := []byte(secret)
	for i, c := range out {
		switch {
		case c >= '0' && c <= '9':
			out[i] = '0' + random[i]%10
		case c >= 'a' && c <= 'f':
			out[i] = 'a' + random[i]%6
		case c >= 'A' && c <= 'F':
			out[i] = 'A' + random[i]%6
		case c >= 'g' && c <= 'z':
			out[i] = 'g' + random[i]%20
		case c >= 'G' && c <= 'Z':
			out[i] = 'G' + random[i]%20
		}
	}
	if string(out) == secret {
		return NearMiss(secret)
	}
	return string(out)
}

// Prefix is the first half of a secret.
func Prefix(secret string) string { return secret[:(len(secret)+1)/2] }

// OtherCase is a secret with the case of its letters turned round; ok is false when it has none.
func OtherCase(secret string) (turned string, ok bool) {
	turned = strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, secret)
	return turned, turned != secret
}

// CasePreserved reports whether a secret in the other case is another one to everybody: not to a UUID or what else is written
// in hex.
func CasePreserved(secret string) bool {
	return strings.ContainsFunc(secret, func(r rune) bool { return unicode.IsLetter(r) && !strings.ContainsRune("abcdefABCDEF", r) })
}

// CaseCounts reports whether a token's alphabet has letters of both cases, in one part of it: then the other case of one is
// another token. ("tok_" before a token in capitals says nothing of its alphabet.)
func CaseCounts(token string) bool {
	const enough = 8
	for _, part := range strings.FieldsFunc(token, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(part) >= enough && part != strings.ToLower(part) && part != strings.ToUpper(part) && CasePreserved(part) {
			return true
		}
	}
	return false
}

// TokenInOtherCase turns the case of a token's letters round; of a JWT or JWE, of its signature or tag alone. ok is false where
// that may be the same token.
func TokenInOtherCase(token string) (turned string, ok bool) {
	before, proof, _ := cutProof(token)
	if proof == "" {
		before, proof = "", token
	}
	turned, _ = OtherCase(proof)
	return before + turned, CaseCounts(proof)
}

// Garbage is a value that is no token of any kind, though an Authorization header may carry it (RFC 6750
// section 2.1 allows these characters).
const Garbage = "gonogo-no-such-token"

// Malformed has characters that stand in no token: outside of base64 and hex, and of what a header may carry.
const Malformed = "gonogo {no} <such> töken"

// Unique is a short text that no other request of this run or another contains.
func Unique() string { return operation.Unique() }
