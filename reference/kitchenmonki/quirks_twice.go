package kitchenmonki

import (
	"strings"
	"sync"

	"gonogo/reference/kit"
)

// Quirks of requests that say a thing twice, and of tokens that are looked up by pattern.
var twiceQuirks = []kit.Declared[*monki]{
	defect("kitchenmonki-redirect-twice-last", "KM-AUTHZ-2", "Of two redirect URIs in a request for consent the first is looked at, and the user is sent to the last.", usesLast),
	defect("kitchenmonki-refresh-one-of-two", "KM-REFRESH-4", "A refresh with several refresh tokens works if one of them is live.", anyOfTwo("refresh_token", func(m *monki, _ *kit.Call, token string) bool {
		_, known := m.Tokens.Tokens.Get(kit.KeyOf(token))
		return known
	})),
	defect("kitchenmonki-code-one-of-two", "KM-CODE-6", "An exchange with several codes works if one of them is good.", anyOfTwo("code", func(m *monki, _ *kit.Call, code string) bool {
		_, known := m.codes.Get(kit.KeyOf(code))
		return known
	})),
	defect("kitchenmonki-refresh-like", "KM-REFRESH-4", "A refresh token is looked up with LIKE, so that its beginning and a percent sign are enough.", instead(badRefreshToken, (*monki).clientCredentials, func(c *kit.Call) bool { return len(c.Token) > 8 && strings.HasSuffix(c.Token, "%") })),
	defect("kitchenmonki-token-one-of-two", "KM-USE-3", "Of several tokens in the query it is enough that one is live.", anyOfTwo("access_token", func(m *monki, c *kit.Call, token string) bool {
		_, live := m.Tokens.Use(token, c.Now)
		return live
	})),
	liberty("kitchenmonki-parameter-twice-first", "KM-AUTHZ-5", "Of a parameter that stands in a request twice, the first counts.", func(m *monki) {
		m.Before(func(c *kit.Call) (kit.Answer, bool) {
			in := c.URL.Query()
			for name, values := range in {
				in[name] = values[:1]
			}
			c.URL.RawQuery = in.Encode()
			return kit.Answer{}, false
		})
	}),
}

// usesLast looks at the first redirect URI of a request for consent, and sends the user to the last.
func usesLast(m *monki) {
	var excused sync.Map
	usual := m.trusted
	m.asking = func(c *kit.Call) {
		in := c.URL.Query()
		if all := in["redirect_uri"]; len(all) > 1 {
			if m.isRegistered(all[0]) {
				excused.Store(all[len(all)-1], true)
			}
			in["redirect_uri"] = all[len(all)-1:]
			c.URL.RawQuery = in.Encode()
		}
	}
	m.trusted = func(registered, redirect string) bool {
		_, is := excused.Load(redirect)
		return is || usual(registered, redirect)
	}
}

// anyOfTwo picks the right one of several values of a parameter, wherever it stands.
func anyOfTwo(name string, right func(m *monki, c *kit.Call, value string) bool) func(*monki) {
	return func(m *monki) {
		m.Before(func(c *kit.Call) (kit.Answer, bool) {
			in := c.URL.Query()
			if all := in[name]; len(all) > 1 {
				for _, value := range all {
					if right(m, c, value) {
						in.Set(name, value)
						c.URL.RawQuery = in.Encode()
					}
				}
			}
			return kit.Answer{}, false
		})
	}
}
