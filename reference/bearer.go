package reference

import (
	"net/http"
	"strings"
)

// carried says how a request carries its bearer token.
type carried int

const (
	carriesNone      carried = iota // no Authorization header at all
	carriesToken                    // one well-formed "Bearer <token>"
	carriesOther                    // a header of another scheme
	carriesMalformed                // "Bearer" without a token, two headers, stray characters
)

// bearerToken reads `Authorization: Bearer <token>` (RFC 6750 2.1). The scheme
// is compared without regard to case (RFC 9110 11.1).
func bearerToken(h http.Header) (token string, how carried) {
	values := h["Authorization"]
	if len(values) == 0 {
		return "", carriesNone
	}
	if len(values) > 1 {
		return "", carriesMalformed
	}
	scheme, token, found := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", carriesOther
	}
	token = strings.TrimLeft(token, " ")
	if !found || !isToken68(token) {
		return "", carriesMalformed
	}
	return token, carriesToken
}

// isToken68 is the b64token of RFC 6750 2.1.
func isToken68(s string) bool {
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

// unauthorized refuses a request for what its token is or is not, with the
// challenge of RFC 6750 3: no error code where no token was sent.
func (d *desk) unauthorized(how carried) answer {
	status, code, said := http.StatusUnauthorized, "invalid_token", "The access token is unknown, expired or revoked."
	challenge := `Bearer realm="` + d.dialect + `"`
	switch {
	case how == carriesNone || how == carriesOther:
		code, said = "unauthorized", "This needs an access token: Authorization: Bearer <token>."
	case how == carriesMalformed && d.has(d.common.malformed400):
		status, code, said = http.StatusBadRequest, "invalid_request", "The Authorization header is malformed."
		fallthrough
	default:
		challenge += `, error="` + code + `"`
	}
	if status == http.StatusUnauthorized && d.has(d.common.forbidden) {
		status = http.StatusForbidden
	}
	a := refused(status, code, said)
	a.challenge = challenge
	return a
}
