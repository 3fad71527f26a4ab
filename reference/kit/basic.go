package kit

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// BasicCredentials reads `Authorization: Basic <base64 of id:secret>` (RFC
// 7617). The scheme is compared without regard to case; the id ends at the
// first colon, and the secret is taken as it is: further colons, percent signs
// and UTF-8 are characters like any other.
func BasicCredentials(h http.Header) (id, secret string, how Carried) {
	values := h["Authorization"]
	switch len(values) {
	case 0:
		return "", "", CarriesNone
	case 1:
	default:
		return "", "", CarriesMalformed
	}
	scheme, encoded, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", "", CarriesOther
	}
	return decodeBasic(encoded)
}

func decodeBasic(encoded string) (id, secret string, how Carried) {
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimLeft(encoded, " "))
	if err != nil {
		return "", "", CarriesMalformed
	}
	id, secret, found := strings.Cut(string(decoded), ":")
	if !found {
		return "", "", CarriesMalformed
	}
	return id, secret, CarriesToken
}

// AnySchemeCredentials reads what stands under any scheme as Basic credentials.
func AnySchemeCredentials(h http.Header) (id, secret string, how Carried) {
	if id, secret, how = BasicCredentials(h); how == CarriesOther {
		_, encoded, _ := strings.Cut(h.Get("Authorization"), " ")
		return decodeBasic(encoded)
	}
	return id, secret, how
}
