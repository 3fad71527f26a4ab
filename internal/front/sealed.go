package front

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// signed is a signed token in a text (RFC 7515 section 3.1): a head and claims, both of them objects, and a signature.
var signed = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.(eyJ[A-Za-z0-9_-]+)\.[A-Za-z0-9_-]`)

// sealed are the claims of signed tokens in a text that name upstream's address. No one but upstream can change them.
func (ks links) sealed(text []byte) []string {
	if !bytes.Contains(text, []byte("eyJ")) {
		return nil
	}
	named := map[string]bool{}
	for _, m := range signed.FindAllSubmatch(text, -1) {
		var claims map[string]any
		if plain, err := base64.RawURLEncoding.DecodeString(string(m[1])); err != nil || json.Unmarshal(plain, &claims) != nil {
			continue
		}
		for name, value := range claims {
			values, several := value.([]any)
			if !several {
				values = []any{value}
			}
			named[name] = named[name] || slices.ContainsFunc(values, ks.names)
		}
	}
	maps.DeleteFunc(named, func(_ string, is bool) bool { return !is })
	return slices.Sorted(maps.Keys(named))
}

// names reports that a value is an address of upstream's.
func (ks links) names(value any) bool {
	said, _ := value.(string)
	return slices.ContainsFunc(ks, func(k *link) bool {
		rest, is := strings.CutPrefix(said, k.scheme+"://"+k.host)
		return is && (rest == "" || strings.ContainsRune("/?#", rune(rest[0])))
	})
}
