package oauth2

import (
	"net/http"

	"gonogo/reference/kit"
)

// Quirks of refresh.
var refreshQuirks = []kit.Declared[*oauth]{
	defect("oauth2-access-token-refreshes", "OA-6749-6-VALID", "An access token is taken for a refresh.", func(o *oauth) { o.TakesAccess = true }),
	defect("oauth2-refresh-unknown-accepted", "OA-6749-6-VALID", "A refresh token that nobody was given gets tokens.", instead(deadRefresh, (*oauth).exchangeNothing, kit.Unknown)),
	defect("oauth2-refresh-missing-accepted", "OA-6749-6-VALID", "A refresh without a refresh token gets tokens.", instead(noToken, (*oauth).exchangeNothing, atToken)),
	defect("oauth2-refresh-no-token-type", "OA-6749-5.1-ANSWER", "The answer of a refresh lacks token_type.", on(refreshed, kit.Drop("token_type"))),
	defect("oauth2-refresh-cacheable", "ANY-CACHE", "The answer of a refresh may be stored.", header(refreshed, "Cache-Control", "private, max-age=60")),
	defect("oauth2-refresh-secret-unchecked", "OA-6749-3.2.1-CLIENT", "For a refresh any secret of the client does, or none.", serves("refresh_token", (*oauth).refresh)),
	defect("oauth2-refresh-client-missing", "OA-6749-3.2.1-CLIENT", "A refresh token is enough: no client need say who it is.", servesNobody("refresh_token", ownerOfRefresh, (*oauth).refresh)),

	defect("oauth2-refresh-refused", "OA-6749-6-REFRESH", "No refresh token is taken.", refuses(refreshed, "invalid_grant")),
	defect("oauth2-refresh-own-client-refused", "OA-6749-6-CLIENT", "A refresh token is taken for one of another client, whoever sends it.", func(o *oauth) { o.refreshFor = func(kit.Grant, *kit.KnownClient) bool { return false } }),
	defect("oauth2-refresh-any-client", "OA-6749-6-CLIENT", "A refresh token works for every client.", refreshesFor(func(kit.Grant, *kit.KnownClient) bool { return true })),
	defect("oauth2-renewed-refresh-any-client", "OA-6749-6-CLIENT", "A refresh token that a refresh answered works for every client.", refreshesFor(func(g kit.Grant, _ *kit.KnownClient) bool { return g.Age > 0 })),
	defect("oauth2-unbound", "ANY-CLIENTBIND", "Codes and refresh tokens are bound to no client.", refreshesFor(func(kit.Grant, *kit.KnownClient) bool { return true }), func(o *oauth) {
		o.codeFor = func(codeGrant, *kit.KnownClient) bool { return true }
	}),
	defect("oauth2-refresh-public-client", "OA-6749-6-CLIENT", "The client without a secret can use every client's refresh tokens.", refreshesFor(func(_ kit.Grant, who *kit.KnownClient) bool { return who.Public })),

	defect("oauth2-refresh-widens", "OA-6749-6-SCOPE", "A refresh may ask for more than was granted, and gets it.", func(o *oauth) { o.beyond = func(uint8, uint8) bool { return false } }),
	defect("oauth2-refresh-widens-to-known", "OA-6749-6-SCOPE", "A refresh gets any scope that the metadata list, also one that no client is granted by a user.", func(o *oauth) {
		o.beyond = func(asked, granted uint8) bool { return asked&^granted&every != 0 }
	}, on(described, kit.Put("scopes_supported", kit.Raw(`["read","write","openid"]`)))),
	defect("oauth2-refresh-widens-unasked", "OA-6749-6-SCOPE", "A refresh that asks for no scope gets every one.", on(refreshed, rescoped(every), kit.Not(has("scope")))),
	defect("oauth2-refresh-loses-scope", "OA-6749-6-SCOPE", "A refresh that asks for no scope gets write alone.", on(refreshed, rescoped(writes), kit.Not(has("scope")))),
	defect("oauth2-refresh-narrows-for-good", "OA-6749-6-SCOPE", "A refresh that asks for less gets a refresh token for no more.", func(o *oauth) {
		on(refreshed, func(c *kit.Call, a kit.Answer) kit.Answer {
			scope, _ := readScope(o.parameter(c, "scope"))
			c.Service.Tokens.Rescope(kit.RefreshToken, c.Pair.Refresh, scope)
			return a
		}, has("scope"))(o)
	}),
	liberty("oauth2-refresh-scope-ignored", "OA-6749-6-SCOPE", "A refresh gets the whole scope that was granted, whatever less it asks for, and is told.", on(refreshed, func(c *kit.Call, a kit.Answer) kit.Answer {
		return rescoped(c.Grant.Scope)(c, a)
	})),

	defect("oauth2-chain-breaks", "OA-6749-6-ROTATION", "The third refresh of a grant is refused, with the refresh token that the second one answered.", refuses(refreshed, "invalid_grant", func(c *kit.Call) bool { return c.Grant.Age >= 2 })),
	defect("oauth2-refresh-replay", "OA-6749-6-ROTATION", "The old refresh token works after a refresh as well as the new one.", func(o *oauth) { o.Replayable = true }),
	defect("oauth2-refresh-race", "OA-6749-6-ROTATION", "The refresh token is looked up first and removed 40 ms later: racing refreshes all win, a later replay is refused.", func(o *oauth) { o.RaceWindow = kit.RaceGap }),
	defect("oauth2-refresh-race-narrow", "OA-6749-6-ROTATION", "The refresh token is looked up first and removed 1 ms later.", func(o *oauth) { o.RaceWindow = kit.NarrowGap }),
	liberty("oauth2-refresh-stays", "OA-6749-6-ROTATION", "A refresh answers the same refresh token, which works as often as one likes.", func(o *oauth) { o.Replayable = true }, on(refreshed, func(c *kit.Call, a kit.Answer) kit.Answer {
		return kit.Put("refresh_token", kit.AsSent(c))(c, withoutRefresh(c, a))
	})),
	defect("oauth2-refresh-crossed", "ANY-UNIQUE", "A refresh answers the refresh token that it was sent, and each fourth one that of the refresh before, whoever sent it.", func(o *oauth) { o.Replayable = true }, on(refreshed, withoutRefresh), on(refreshed, kit.Crossed("refresh_token", kit.AsSent))),
	liberty("oauth2-refresh-not-repeated", "OA-6749-6-ROTATION", "A refresh answers no refresh token, and the one that there is works on.", func(o *oauth) { o.Replayable = true }, on(refreshed, withoutRefresh)),

	defect("oauth2-refresh-unknown-invalid-request", "OA-6749-5.2-INVALID-GRANT", "A refresh token that is none is called an invalid_request.", on(deadRefresh, code("invalid_request"))),
	defect("oauth2-refresh-unknown-401", "OA-6749-5.2-INVALID-GRANT", "A refresh token that is none is called an invalid_token, and answered 401.", on(deadRefresh, code("invalid_token")), on(deadRefresh, status(http.StatusUnauthorized))),
}

// refreshesFor has refresh tokens work for more clients than their own.
func refreshesFor(also func(kit.Grant, *kit.KnownClient) bool) func(*oauth) {
	return func(o *oauth) {
		o.refreshFor = func(g kit.Grant, who *kit.KnownClient) bool { return own(g, who) || also(g, who) }
	}
}

// rescoped has the new access token be good for something else, and says so.
func rescoped(scope uint8) kit.Change {
	return func(c *kit.Call, a kit.Answer) kit.Answer {
		c.Service.Tokens.Rescope(kit.AccessToken, c.Pair.Access, scope)
		a.Body = a.Body.Set("scope", kit.Text(scopeText(scope)))
		return a
	}
}
