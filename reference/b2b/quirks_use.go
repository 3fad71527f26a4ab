package b2b

import (
	"net/http"
	"net/netip"

	"gonogo/reference/kit"
)

// Quirks of the products and categories.
var useQuirks = []kit.Declared[*b2b]{
	defect("b2b-products-refused", "BB-USE-1", "A live access token is refused at the products.", instead(shown, (*b2b).Unauthorized, atProducts)),
	defect("b2b-categories-refused", "BB-USE-1", "A live access token is refused at the categories.", instead(shown, (*b2b).Unauthorized, atCategories)),
	defect("b2b-categories-token-once", "BB-USE-1", "The categories take each access token once.", func(m *b2b) { instead(shown, (*b2b).Unauthorized, atCategories, kit.SentBefore())(m) }),
	defect("b2b-categories-refuse-renewed", "BB-USE-1", "An access token of a refresh is refused at the categories.", instead(shown, (*b2b).Unauthorized, atCategories, kit.Renewed)),
	liberty("b2b-no-head", "BB-USE-1", "HEAD is answered 405.", func(m *b2b) { m.reading = []string{"GET"} }),
	defect("b2b-no-token-accepted", "BB-USE-2", "The products and categories answer without any Authorization header.", letIn(kit.Nothing)),
	defect("b2b-products-open", "BB-USE-2", "The products answer to anybody; the categories are protected.", letIn(atProducts)),
	defect("b2b-categories-open", "BB-USE-2", "The categories answer to anybody; the products are protected.", letIn(atCategories)),
	defect("b2b-garbage-accepted", "BB-USE-2", "A Bearer token that is no JWT is accepted.", letIn(garbage)),
	defect("b2b-head-opens", "BB-USE-2", "HEAD of the products and categories needs no token.", letIn(kit.Heads)),
	defect("b2b-scheme-only-accepted", "BB-USE-2", "The scheme Bearer without a token is accepted.", letIn(kit.SchemeOnly)),
	liberty("b2b-no-challenge", "BB-USE-2", "A 401 has no WWW-Authenticate header.", func(m *b2b) { m.OnEvery(func(_ *kit.Call, a kit.Answer) kit.Answer { a.Challenge = ""; return a }) }),
	defect("b2b-no-token-403", "BB-USE-2", "A request without a token is answered 403.", on(kit.Unauthorized, fails(http.StatusForbidden), kit.Nothing)),
	defect("b2b-garbage-code", "BB-USE-2", "A token that is no JWT is answered 401 with the code JWT_MALFORMED.", on(kit.Unauthorized, coded("JWT_MALFORMED"), garbage)),
	defect("b2b-garbage-token-crash", "ANY-5XX", "A Bearer token that is no JWT is answered 500.", on(kit.Unauthorized, kit.Crash, garbage)),
	defect("b2b-expired-403", "BB-USE-2", "An expired access token is answered 403.", on(kit.Unauthorized, fails(http.StatusForbidden), expired)),
	defect("b2b-expired-code", "BB-USE-2", "An expired access token is answered 401 with the code TOKEN_EXPIRED.", on(kit.Unauthorized, coded("TOKEN_EXPIRED"), expired)),
	defect("b2b-get-with-type-refused", "BB-USE-3", "A GET with a Content-Type of JSON and no body is answered 400 SYNTAX_ERROR.", wantsBody(func(*b2b) kit.Answer { return refusal(http.StatusBadRequest, syntax, kit.BodyEmpty.Said) }, atResources)),
	defect("b2b-get-with-type-415", "BB-USE-3", "The categories answer a GET with a Content-Type of JSON and no body with 415.", wantsBody(func(m *b2b) kit.Answer { return m.fail(http.StatusUnsupportedMediaType, "A GET has no body.") }, atCategories)),
	defect("b2b-get-with-type-hangs", "ANY-5XX", "The products wait for the body of a GET with a Content-Type of JSON, and never answer.", wantsBody(func(*b2b) kit.Answer { return kit.Answer{Fate: kit.Hung} }, atProducts)),
}

// Quirks of a refresh.
var refreshQuirks = []kit.Declared[*b2b]{
	defect("b2b-refresh-same-access", "BB-REFRESH-1", "A refresh answers the old access token again.", func(m *b2b) { m.RemembersText = true }, repeatsAccess),
	defect("b2b-refresh-same-refresh", "BB-REFRESH-1", "A refresh answers the old refresh token again, which stays valid.", func(m *b2b) { m.Replayable = true }, on(refreshed, data(kit.PutFound("refresh_token", kit.AsSent)))),
	defect("b2b-refresh-names-another", "BB-REFRESH-1", "The refresh answer's client_id is another user's.", namesAnother),
	defect("b2b-refresh-claims-another", "BB-REFRESH-1", "The access token of a refresh names another user in its claims.", claimsAnother),
	liberty("b2b-refresh-answers-again", "BB-ROTATE-1", "Whoever sends a refresh token again within ten seconds gets the same answer again.", kit.AnswersAgain[*b2b](refreshed, noRefreshToken)),
	defect("b2b-refresh-missing-field", "BB-REFRESH-1", "The refresh answer lacks access_expires_at.", on(refreshed, data(kit.Drop("access_expires_at")))),
	defect("b2b-refresh-times-numbers", "ANY-SCHEMA", "The refresh answer's refresh_expires_at is a number.", on(refreshed, data(kit.Put("refresh_expires_at", kit.Number(1700000000))))),
	defect("b2b-refresh-empty-token", "ANY-SCHEMA", "The refresh answer's refresh_token is an empty string.", on(refreshed, data(kit.Put("refresh_token", kit.Text(""))))),
	defect("b2b-refresh-unknown-accepted", "BB-REFRESH-2", "An unknown refresh token gets a new pair.", instead(noRefreshToken, (*b2b).pairForNobody, unknown)),
	defect("b2b-refresh-unknown-403", "BB-REFRESH-2", "An unknown refresh token is answered 403.", on(noRefreshToken, fails(http.StatusForbidden), unknown)),
	defect("b2b-refresh-unknown-code", "BB-REFRESH-2", "An unknown or expired refresh token is answered 401 with the code INVALID_REFRESH_TOKEN.", on(noRefreshToken, coded("INVALID_REFRESH_TOKEN"))),
	defect("b2b-refresh-unknown-crash", "ANY-5XX", "An unknown refresh token is answered 500.", on(noRefreshToken, kit.Crash, unknown)),
	defect("b2b-refresh-expired-404", "BB-REFRESH-2", "An expired refresh token is answered 404.", on(noRefreshToken, fails(http.StatusNotFound), expired)),
	liberty("b2b-malformed-refresh-400", "BB-REFRESH-2", "A refresh token that is no JWT is answered 400 VALIDATION_FAILURE.", on(noRefreshToken, failing(http.StatusBadRequest, "Validation failed: refresh_token is no JWT."), kit.Not(looksLikeJWT))),
	defect("b2b-leaks-token", "ANY-LEAK", "The refusal of a refresh token shows the newest live access token.", func(m *b2b) { m.RemembersText = true }, leaksToken),
}

// Quirks of a logout.
var logoutQuirks = []kit.Declared[*b2b]{
	defect("b2b-revoke-nothing", "BB-REVOKE-1", "A logout is confirmed and revokes nothing.", revokes(nothing)),
	defect("b2b-revoke-spares-access", "BB-REVOKE-1", "A logout revokes the refresh tokens only.", revokes(func(m *b2b, g kit.Grant) { m.forget(g, func(o kit.Grant) bool { return o.Kind == kit.RefreshToken }) })),
	defect("b2b-revoke-spares-refresh", "BB-REVOKE-1", "A logout revokes the access tokens only.", revokes(func(m *b2b, g kit.Grant) { m.forget(g, func(o kit.Grant) bool { return o.Kind == kit.AccessToken }) })),
	defect("b2b-revoke-spares-other-refresh", "BB-REVOKE-2", "A logout leaves the refresh tokens of the client's other sessions alive.", revokes(func(m *b2b, g kit.Grant) {
		m.forget(g, func(o kit.Grant) bool { return o.Kind == kit.AccessToken || o.Family == g.Family })
	})),
	defect("b2b-revoke-presented-only", "BB-REVOKE-2", "A logout revokes the presented session; the client's other sessions live on.", revokes(func(m *b2b, g kit.Grant) { m.Tokens.Revoke(g.Family, m.Clock.Now()) })),
	defect("b2b-revoke-refused", "BB-REVOKE-1", "A logout with a live access token is answered 401 and revokes nothing.", revokes(nothing), instead(loggedOut, (*b2b).Unauthorized)),
	defect("b2b-revoke-bars-categories", "BB-REVOKE-1", "The categories refuse every token of an account that has logged out once, also those of later logins.", barsCategories),
	defect("b2b-revoked-access-returns", "BB-REVOKE-1", "A revoked access token works again five minutes after the logout.", func(m *b2b) { m.ForgetsRevoked[kit.AccessToken] = kit.Forgetful }),
	defect("b2b-revoked-refresh-returns", "BB-REVOKE-1", "A revoked refresh token works again five minutes after the logout.", func(m *b2b) { m.ForgetsRevoked[kit.RefreshToken] = kit.Forgetful }),
	defect("b2b-revoked-access-returns-at-categories", "BB-REVOKE-1", "The categories take a revoked access token again five minutes after the logout.", func(m *b2b) { m.ForgetsRevoked[kit.AccessToken] = kit.Forgetful }, instead(shown, (*b2b).Unauthorized, kit.Not(atCategories), kit.WasRevoked)),
	defect("b2b-login-revives-revoked", "BB-REVOKE-1", "A new login has the revoked tokens of its account work again.", func(m *b2b) { m.RevivesRevoked() }),
	defect("b2b-revoked-403", "BB-REVOKE-1", "A revoked access token is answered 403.", on(kit.Unauthorized, fails(http.StatusForbidden), kit.Something, wellSigned)),
	defect("b2b-logout-open", "BB-USE-2", "A logout without a token is answered 200, and ends nothing.", instead(kit.Unauthorized, (*b2b).farewell, atLogout, kit.Nothing)),
	defect("b2b-logout-no-token-403", "BB-USE-2", "A logout without a token is answered 403.", on(kit.Unauthorized, fails(http.StatusForbidden), atLogout, kit.Nothing)),
	defect("b2b-logout-unknown-crash", "BB-USE-2", "A logout with a token that nobody was given is answered 500.", on(kit.Unauthorized, kit.Crash, atLogout, kit.Something)),
	defect("b2b-logout-unknown-ends-last", "BB-USE-2", "A logout with a token that nobody was given ends the session that began last.", func(m *b2b) { m.RemembersText = true }, endsLast(kit.Something)),
	defect("b2b-logout-no-token-ends-last", "BB-USE-2", "A logout without a token is answered 401, and ends the session that began last.", func(m *b2b) { m.RemembersText = true }, endsLast(kit.Nothing)),
	liberty("b2b-logout-again-200", "BB-USE-2", "A logout with a token that has ended is answered 200: there is nothing left to end.", instead(kit.Unauthorized, (*b2b).farewell, atLogout, kit.Something, wellSigned)),
	liberty("b2b-no-logout", "BB-REVOKE-1", "There is no /auth/logout; the document names no path for a revocation.", func(m *b2b) { m.noLogout = true }),
}

// Quirks of the allow-list.
var listQuirks = []kit.Declared[*b2b]{
	defect("b2b-login-list-unchecked", "BB-IP-1", "A login does not look at the allow-list.", skipsList(atLogin)),
	defect("b2b-refresh-list-unchecked", "BB-IP-2", "A refresh does not look at the allow-list.", skipsList(atRefresh)),
	defect("b2b-api-list-unchecked", "BB-IP-3", "The products and categories do not look at the allow-list.", skipsList(atAPI)),
	defect("b2b-categories-list-unchecked", "BB-IP-3", "The categories do not look at the allow-list.", skipsList(atCategories)),
	defect("b2b-logout-list-unchecked", "BB-IP-3", "A logout does not look at the allow-list.", skipsList(atLogout)),
	defect("b2b-login-unlisted-401", "BB-IP-1", "A login from an address that is not listed is answered 401.", on(forbidden, fails(http.StatusUnauthorized), atLogin)),
	defect("b2b-login-unlisted-code", "BB-IP-1", "A login from an address that is not listed is answered 403 with the code IP_NOT_ALLOWED.", on(forbidden, coded("IP_NOT_ALLOWED"), atLogin)),
	defect("b2b-login-unlisted-name", "BB-IP-1", "A login from an address that is not listed is answered 403 with the name AccessDenied.", on(forbidden, named("AccessDenied"), atLogin)),
	defect("b2b-refresh-unlisted-401", "BB-IP-2", "A refresh from an address that is not listed is answered 401.", on(forbidden, fails(http.StatusUnauthorized), atRefresh)),
	defect("b2b-refresh-unlisted-code", "BB-IP-2", "A refresh from an address that is not listed is answered 403 with the code IP_NOT_ALLOWED.", on(forbidden, coded("IP_NOT_ALLOWED"), atRefresh)),
	defect("b2b-api-unlisted-401", "BB-IP-3", "An API request from an address that is not listed is answered 401.", on(forbidden, fails(http.StatusUnauthorized), atAPI)),
	defect("b2b-api-unlisted-code", "BB-IP-3", "An API request from an address that is not listed is answered 403 with the code IP_NOT_ALLOWED.", on(forbidden, coded("IP_NOT_ALLOWED"), atAPI)),
	defect("b2b-listed-login-refused", "BB-IP-4", "A login from a listed address is refused.", refusesListed(atLogin)),
	defect("b2b-listed-refresh-refused", "BB-IP-4", "A refresh from a listed address is refused.", refusesListed(atRefresh)),
	defect("b2b-listed-api-refused", "BB-IP-4", "An API request from a listed address is refused.", refusesListed(atAPI)),
	defect("b2b-list-for-everybody", "BB-IP-4", "An account without entries is let in from 127.0.0.1 and ::1 only.", listsEverybody(netip.IPv6Loopback(), netip.AddrFrom4([4]byte{127, 0, 0, 1}))),
	defect("b2b-x-forwarded-for-believed", "BB-IP-5", "X-Forwarded-For is believed from everybody.", believes(xForwardedFor, anywhere)),
	defect("b2b-x-forwarded-for-believed-login", "BB-IP-5", "X-Forwarded-For is believed from everybody by the login.", believes(xForwardedFor, atLogin)),
	defect("b2b-x-forwarded-for-believed-refresh", "BB-IP-5", "X-Forwarded-For is believed from everybody by the refresh.", believes(xForwardedFor, atRefresh)),
	defect("b2b-x-forwarded-for-believed-api", "BB-IP-5", "X-Forwarded-For is believed from everybody by the products and categories.", believes(xForwardedFor, atAPI)),
	defect("b2b-forwarded-believed", "BB-IP-5", "Forwarded is believed from everybody.", believes(forwarded, anywhere)),
	defect("b2b-x-real-ip-believed", "BB-IP-5", "X-Real-IP is believed from everybody.", believes(xRealIP, anywhere)),
	defect("b2b-client-ip-believed-login", "BB-IP-5", "Client-IP is believed from everybody by the login.", believes("Client-Ip", atLogin)),
	defect("b2b-x-cluster-client-ip-believed-refresh", "BB-IP-5", "X-Cluster-Client-IP is believed from everybody by the refresh.", believes("X-Cluster-Client-Ip", atRefresh)),
	defect("b2b-x-custom-ip-believed-api", "BB-IP-5", "X-Custom-IP-Authorization is believed from everybody by the products and categories.", believes("X-Custom-Ip-Authorization", atAPI)),
	defect("b2b-x-forwarded-host-believed", "BB-IP-5", "X-Forwarded-Host is believed to be where a request comes from.", believes("X-Forwarded-Host", anywhere)),
	defect("b2b-forbidden-leaks-tokens", "ANY-LEAK", "The refusal of a login from an address that is not listed carries the tokens all the same.", leaksPair),
	liberty("b2b-list-before-credentials", "BB-IP-1", "From an address that is not listed, wrong credentials and dead tokens of an account are answered 403.", listFirst),
	liberty("b2b-unlisted-refresh-burns", "BB-IP-2", "A refresh from an address that is not listed uses the refresh token up.", burns),
}
