package oauth2

import (
	"gonogo/reference/kit"
)

// Quirks of what ends with a refresh token, and of what is told of one.
var familyQuirks = []kit.Declared[*oauth]{
	liberty("oauth2-revoked-access-ends-all", "OA-7009-2.1-REVOKED", "An access token that is revoked takes all with it that its grant was given.", func(o *oauth) {
		o.forget = func(c *kit.Call, g kit.Grant) { o.Tokens.Revoke(g.Family, c.Now) }
	}),
	liberty("oauth2-refresh-tokens-not-told", "OA-7662-2.2-ACTIVE", "Introspection knows access tokens alone.", func(o *oauth) {
		usual := o.toTell
		o.toTell = func(c *kit.Call, hint string) (kit.Entry[kit.Grant], bool) {
			e, live := usual(c, hint)
			return e, live && e.Value.Kind == kit.AccessToken
		}
	}),
}
