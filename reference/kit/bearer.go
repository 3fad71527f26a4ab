package kit

import (
	"net/http"
	"strings"
)

// Carried says how a request carries its bearer token.
type Carried int

const (
	CarriesNone      Carried = iota // no Authorization header at all
	CarriesToken                    // one well-formed "Bearer <token>"
	CarriesOther                    // a header of another scheme
	CarriesMalformed                // "Bearer" without a token, two headers, stray characters
)

// BearerToken reads `Authorization: Bearer <token>` (RFC 6750 2.1). The scheme
// is compared without regard to case (RFC 9110 11.1).
func BearerToken(h http.Header) (token string, how Carried) {
	values := h["Authorization"]
	if len(values) == 0 {
		return "", CarriesNone
	}
	if len(values) > 1 {
		return "", CarriesMalformed
	}
	scheme, token, found := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", CarriesOther
	}
	token = strings.TrimLeft(token, " ")
	if !found || !IsToken68(token) {
		return "", CarriesMalformed
	}
	return token, CarriesToken
}

// isToken68 is the b64token of RFC 6750 2.1.
func IsToken68(s string) bool {
	body := strings.TrimRight(s, "=")
	for i := range len(body) {
		c := body[i]
		letterOrDigit := 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
		if !letterOrDigit && !strings.ContainsRune("-._~+/", rune(c)) {
			return false
		}
	}
	return body != ""
}
