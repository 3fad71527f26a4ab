package oauth2

import (
	"gonogo/reference/kit"
	"time"
)

// Quirks of what ends with a refresh token, and of what is told of one.
var familyQuirks = []kit.Declared[*oauth]{
	defect("oauth2-refresh-token-irrevocable", "OA-7009-2-REFRESH", "The revocation of a refresh token is answered 200, and it lives on.", spares(func(kit.Grant) bool { return true })),
	defect("oauth2-renewed-refresh-irrevocable", "OA-7009-2-REFRESH", "The revocation of a refresh token that a refresh answered is answered 200, and it lives on.", spares(func(g kit.Grant) bool { return g.Age > 0 })),
	defect("oauth2-revoke-refresh-unsupported", "OA-7009-2-REFRESH", "Refresh tokens cannot be revoked: unsupported_token_type.", spares(func(kit.Grant) bool { return true }), refuses(dropped, "unsupported_token_type", ofRefresh)),
	defect("oauth2-revoke-refresh-of-others", "OA-7009-2.1-OWNER", "A client can revoke the refresh tokens of others.", func(o *oauth) {
		o.owner = func(g kit.Grant, who *kit.KnownClient) bool { return own(g, who) || g.Kind == kit.RefreshToken }
	}),
	defect("oauth2-revoked-refresh-siblings-live", "OA-7009-2.1-SIBLINGS", "A refresh token is revoked alone: its access tokens live on.", forgets(func(kit.Grant) bool { return false })),
	defect("oauth2-revoked-refresh-elders-live", "OA-7009-2.1-SIBLINGS", "With a refresh token that a refresh answered only the access token of that refresh dies.", forgets(func(g kit.Grant) bool { return g.Age > 0 })),
	liberty("oauth2-revoked-access-ends-all", "OA-7009-2.1-REVOKED", "An access token that is revoked takes all with it that its grant was given.", func(o *oauth) {
		o.forget = func(c *kit.Call, g kit.Grant) { o.Tokens.Revoke(g.Family, c.Now) }
	}),
	defect("oauth2-refresh-told-of-another", "OA-7662-2.2-AGREES", "Introspection tells of every refresh token that it is the second client's.", on(told, kit.Put("client_id", kit.Text(seeds.Clients[1].ID)), func(c *kit.Call) bool {
		e, live := c.Service.Tokens.Find(kit.RefreshToken, c.Token, c.Now)
		return live && e.Value.Kind == kit.RefreshToken
	})),
	defect("oauth2-spent-refresh-active", "OA-7662-4-EXPIRED", "Introspection calls a refresh token active that was used.", tellsDead(func(_ *oauth, e kit.Entry[kit.Grant], _ time.Time) bool { return e.Spent })),
	liberty("oauth2-refresh-tokens-not-told", "OA-7662-2.2-ACTIVE", "Introspection knows access tokens alone.", func(o *oauth) {
		usual := o.toTell
		o.toTell = func(c *kit.Call, hint string) (kit.Entry[kit.Grant], bool) {
			e, live := usual(c, hint)
			return e, live && e.Value.Kind == kit.AccessToken
		}
	}),
}

func ofRefresh(c *kit.Call) bool { return c.Grant.Kind == kit.RefreshToken }

// spares some refresh tokens from being revoked.
func spares(which func(kit.Grant) bool) func(*oauth) {
	return func(o *oauth) {
		usual := o.forget
		o.forget = func(c *kit.Call, g kit.Grant) {
			if g.Kind != kit.RefreshToken || !which(g) {
				usual(c, g)
			}
		}
	}
}

// forgets has a revoked refresh token take only some of its family with it.
func forgets(which func(kit.Grant) bool) func(*oauth) {
	return func(o *oauth) {
		usual := o.forget
		o.forget = func(c *kit.Call, g kit.Grant) {
			if g.Kind != kit.RefreshToken {
				usual(c, g)
				return
			}
			o.Tokens.Forget(g.Kind, c.Token)
			o.Tokens.Tokens.DropIf(func(other kit.Grant) bool { return other.Family == g.Family && which(other) })
		}
	}
}
