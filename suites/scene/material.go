package scene

import (
	"crypto/rand"
	"strings"
	"unicode"

	"gonogo/internal/operation"
)

// NearMiss is a value that differs from a secret in one letter, in the middle: the last letter of a base64url
// text can carry unused bits, and the other case of a letter may be the same to a UUID.
//
// A JWT keeps what it says and is wrong in its signature: a broken payload would be refused for that.
func NearMiss(secret string) string {
	if signed, signature, ok := cutJWT(secret); ok && signature != "" {
		return signed + NearMiss(signature)
	}
	runes := []rune(secret)
	for distance := range len(runes) {
		i := len(runes)/2 + (distance+1)/2*(1-2*(distance%2))
		if i < 0 || i >= len(runes) {
			continue
		}
		if other, ok := otherLetter(runes[i]); ok {
			runes[i] = other
			return string(runes)
		}
	}
	return secret + "x"
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
// JWT keeps what it says, under a signature that nobody made.
func Unknown(secret string) string {
	if signed, signature, ok := cutJWT(secret); ok && signature != "" {
		return signed + Unknown(signature)
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

// Garbage is a value that is no token of any kind, though an Authorization header may carry it (RFC 6750
// section 2.1 allows these characters).
const Garbage = "gonogo-no-such-token"

// Malformed has characters that stand in no token: outside of base64 and hex, and of what a header may carry.
const Malformed = "gonogo {no} <such> töken"

// Unique is a short text that no other request of this run or another contains.
func Unique() string { return operation.Unique() }
