package oauth2

import (
	"net/http"
	"strings"

	"gonogo/reference/kit"
)

const realm = `Bearer realm="oauth2"`

// Quirks of the resource.
var useQuirks = []kit.Declared[*oauth]{
	defect("oauth2-bearer-refused", "OA-6750-2.1-BEARER", "The resource takes no token.", instead(shown, func(o *oauth, c *kit.Call) kit.Answer { return o.Unauthorized(c) })),
	defect("oauth2-bearer-exact-case", "OA-6750-2.1-CASE", "The scheme bearer in lower or upper case is not taken.", func(o *oauth) {
		usual := o.presents
		o.presents = func(c *kit.Call) (string, kit.Carried) {
			if token, how := usual(c); strings.HasPrefix(c.Header.Get("Authorization"), "Bearer ") {
				return token, how
			}
			return "", kit.CarriesOther
		}
	}),
	defect("oauth2-query-token-accepted", "OA-6750-2.3-QUERY", "The resource takes a token in the query.", inQuery(false)),
	defect("oauth2-two-tokens-accepted", "OA-6750-2-ONE", "The resource takes a token in the query, also beside one in the header.", inQuery(true)),
	defect("oauth2-no-token-accepted", "OA-6749-7-TOKEN", "The resource needs no token.", letIn(kit.Nothing)),
	defect("oauth2-any-token-accepted", "OA-6749-7-TOKEN", "The resource takes any token.", letIn(kit.Something)),
	defect("oauth2-client-secret-opens", "OA-6749-7-TOKEN", "The resource takes a client's credentials in place of a token.", letIn(func(c *kit.Call) bool {
		name, secret, _ := kit.BasicCredentials(c.Header)
		return kit.SecretCheck{}.Client(c.Service.Accounts.ClientOrNobody(id, formDecoded(name)), formDecoded(secret))
	})),
	defect("oauth2-malformed-header-crash", "OA-6749-7-TOKEN", "A malformed Authorization header is answered 500 at the resource.", on(kit.Unauthorized, kit.Crash, func(c *kit.Call) bool { return c.How == kit.CarriesMalformed })),
	defect("oauth2-weak-scope-401", "OA-6750-3.1-SCOPE", "A token whose scope does not reach is answered 401.", on(weak, status(http.StatusUnauthorized))),
	liberty("oauth2-resource-errors-empty", "OA-6749-7-TOKEN", "Refusals of the resource have no body.", on(kit.Unauthorized, kit.Page(""))),
	liberty("oauth2-resource-errors-html", "OA-6749-7-TOKEN", "Refusals of the resource are HTML pages.", on(kit.Unauthorized, kit.Page("<!DOCTYPE html><title>Unauthorized</title>\n"))),
}

// Quirks of how the resource refuses.
var challengeQuirks = []kit.Declared[*oauth]{
	defect("oauth2-no-challenge", "OA-6750-3-CHALLENGE", "A refusal of the resource has no challenge.", on(kit.Unauthorized, challenged(""))),
	defect("oauth2-no-challenge-for-garbage", "OA-6750-3-CHALLENGE", "The refusal of a token has no challenge.", on(kit.Unauthorized, challenged(""), kit.Something)),
	defect("oauth2-challenge-basic", "OA-6750-3-CHALLENGE", "The resource challenges to authenticate by Basic.", on(kit.Unauthorized, challenged(basicChallenge))),
	defect("oauth2-challenge-tells-too-early", "OA-6750-3.1-SILENT", "The challenge has an error code where no token was sent.", on(kit.Unauthorized, challenged(realm+`, error="invalid_token"`), kit.Nothing)),
	defect("oauth2-challenge-without-code", "OA-6750-3.1-INVALID", "The challenge has no error code where a token was sent.", on(kit.Unauthorized, challenged(realm), kit.Something)),
	defect("oauth2-challenge-other-code", "OA-6750-3.1-INVALID", "A dead token is called an invalid_request.", on(kit.Unauthorized, challenged(realm+`, error="invalid_request"`), kit.Something)),
	defect("oauth2-dead-token-403", "OA-6750-3.1-INVALID", "A dead token is answered 403.", on(kit.Unauthorized, status(http.StatusForbidden), kit.Something)),
	defect("oauth2-dead-token-400", "OA-6750-3.1-INVALID", "A dead token is answered 400.", on(kit.Unauthorized, status(http.StatusBadRequest), kit.Something)),
	liberty("oauth2-challenge-says-more", "OA-6750-3-CHALLENGE", "The challenge has more parameters, one of them without quotation marks.", on(kit.Unauthorized, challenged(`bearer error=invalid_token, error_description="expired, or \"unknown\"", scope="read", resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"`), kit.Something)),
	liberty("oauth2-challenge-among-others", "OA-6750-3-CHALLENGE", "The resource has two challenges, in a header each.", func(o *oauth) {
		o.OnHeader(func(h http.Header, a kit.Answer) {
			if a.Why == kit.Unauthorized && a.Challenge != "" {
				h["Www-Authenticate"] = []string{`Basic realm="oauth2"`, a.Challenge}
			}
		})
	}),
}
