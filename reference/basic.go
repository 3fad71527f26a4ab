package reference

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// basicCredentials reads `Authorization: Basic <base64 of id:secret>` (RFC
// 7617). The scheme is compared without regard to case; the id ends at the
// first colon, and the secret is taken as it is: further colons, percent signs
// and UTF-8 are characters like any other.
func basicCredentials(h http.Header) (id, secret string, how carried) {
	values := h["Authorization"]
	switch len(values) {
	case 0:
		return "", "", carriesNone
	case 1:
	default:
		return "", "", carriesMalformed
	}
	scheme, encoded, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", "", carriesOther
	}
	return decodeBasic(encoded)
}

func decodeBasic(encoded string) (id, secret string, how carried) {
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimLeft(encoded, " "))
	if err != nil {
		return "", "", carriesMalformed
	}
	id, secret, found := strings.Cut(string(decoded), ":")
	if !found {
		return "", "", carriesMalformed
	}
	return id, secret, carriesToken
}
