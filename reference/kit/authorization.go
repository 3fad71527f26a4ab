package kit

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// Carried says how a request carries what it proves itself with.
type Carried int

const (
	CarriesNone      Carried = iota // no Authorization header at all
	CarriesToken                    // one that is well-formed, of the scheme that is asked for
	CarriesOther                    // a header of another scheme
	CarriesMalformed                // nothing after the scheme, two headers, stray characters
)

// authorized is what stands in the Authorization header under a scheme, which
// is compared without regard to case (RFC 9110 11.1); "" is any scheme.
func authorized(h http.Header, scheme string) (text string, how Carried) {
	values := h["Authorization"]
	if len(values) == 0 {
		return "", CarriesNone
	}
	sent, text, found := strings.Cut(values[0], " ")
	switch {
	case len(values) > 1:
		return "", CarriesMalformed
	case scheme != "" && !strings.EqualFold(sent, scheme):
		return "", CarriesOther
	case !found:
		return "", CarriesMalformed
	}
	return strings.TrimLeft(text, " "), CarriesToken
}

// BearerToken reads `Authorization: Bearer <token>` (RFC 6750 2.1).
func BearerToken(h http.Header) (token string, how Carried) {
	token, how = authorized(h, "Bearer")
	if how == CarriesToken && !IsToken68(token) {
		return "", CarriesMalformed
	}
	return token, how
}

// IsToken68 is the b64token of RFC 6750 2.1.
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

// BasicCredentials reads `Authorization: Basic <base64 of id:secret>` (RFC
// 7617). The id ends at the first colon, and the secret is taken as it is:
// further colons, percent signs and UTF-8 are characters like any other.
func BasicCredentials(h http.Header) (id, secret string, how Carried) { return credentials(h, "Basic") }

// AnySchemeCredentials takes what stands under any scheme for Basic credentials.
func AnySchemeCredentials(h http.Header) (id, secret string, how Carried) { return credentials(h, "") }

func credentials(h http.Header, scheme string) (id, secret string, how Carried) {
	encoded, how := authorized(h, scheme)
	if how != CarriesToken {
		return "", "", how
	}
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	id, secret, found := strings.Cut(string(decoded), ":")
	if err != nil || !found {
		return "", "", CarriesMalformed
	}
	return id, secret, CarriesToken
}
