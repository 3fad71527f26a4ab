package oauth2

import (
	"net/http"
	"slices"

	"gonogo/reference/kit"
)

const openIDPath = "/.well-known/openid-configuration"

// Quirks of the metadata, and of who sends users back (RFC 9207).
var metadataQuirks = []kit.Declared[*oauth]{
	defect("oauth2-metadata-text", "OA-8414-3.2-ANSWER", "The metadata are called text/plain.", on(described, asText)),
	defect("oauth2-metadata-created", "OA-8414-3.2-ANSWER", "The metadata come with status 201.", on(described, status(http.StatusCreated))),
	defect("oauth2-metadata-empty-list", "OA-8414-2-MEMBERS", "The metadata have a list without anything in it.", on(described, kit.Put("scopes_supported", kit.Raw(`[]`)))),
	liberty("oauth2-metadata-says-more", "OA-8414-3.2-ANSWER", "The metadata have members that nobody knows, and those of other specifications.", on(described, func(c *kit.Call, a kit.Answer) kit.Answer {
		a.Body = append(a.Body, kit.Object{{"service_documentation", kit.Text("https://docs.example.com/oauth")}, {"ui_locales_supported", kit.Raw(`["en","de"]`)}, {"frontchannel_logout_supported", kit.Truth(false)},
			{"mtls_endpoint_aliases", kit.Raw(`{}`)}, {"tenant", kit.Null()}}...)
		return a
	})),

	defect("oauth2-metadata-no-issuer", "OA-8414-2-MEMBERS", "The metadata name no issuer.", on(described, kit.Drop("issuer"))),
	defect("oauth2-metadata-no-token-endpoint", "OA-8414-2-MEMBERS", "The metadata name no token endpoint.", on(described, kit.Drop("token_endpoint"))),
	defect("oauth2-metadata-no-response-types", "OA-8414-2-MEMBERS", "The metadata name no response types.", on(described, kit.Drop("response_types_supported"))),
	defect("oauth2-metadata-grants-text", "OA-8414-2-MEMBERS", "The grant types of the metadata are one string.", on(described, kit.Put("grant_types_supported", kit.Text("authorization_code client_credentials refresh_token")))),
	defect("oauth2-metadata-relative", "OA-8414-2-MEMBERS", "The endpoints of the metadata are paths.", on(described, kit.Put("revocation_endpoint", kit.Text(revokePath))), on(described, kit.Put("introspection_endpoint", kit.Text(introspectPath)))),

	defect("oauth2-metadata-issuer-slash", "OA-8414-3.3-ISSUER", "The issuer has a slash at its end.", on(described, kit.PutFound("issuer", func(c *kit.Call) kit.Value { return kit.Text(c.Service.API + "/") }))),
	defect("oauth2-metadata-issuer-other", "OA-8414-3.3-ISSUER", "The issuer is somebody else.", on(described, kit.Put("issuer", kit.Text("https://accounts.example.com")))),

	defect("oauth2-metadata-grant-dead", "OA-8414-2-AGREES", "The metadata name the password grant, which there is not.", on(described, kit.Put("grant_types_supported", kit.Raw(`["authorization_code","client_credentials","refresh_token","password"]`)))),
	defect("oauth2-metadata-grant-hidden", "OA-8414-2-AGREES", "The metadata do not name the grant of client credentials.", on(described, kit.Put("grant_types_supported", kit.Raw(`["authorization_code","refresh_token"]`)))),
	defect("oauth2-metadata-basic-hidden", "OA-8414-2-AGREES", "The metadata do not name that clients can authenticate by Basic.", on(described, kit.Put("token_endpoint_auth_methods_supported", kit.Raw(`["client_secret_post","none"]`)))),
	defect("oauth2-metadata-challenge-hidden", "OA-8414-2-AGREES", "The metadata do not name a method of code challenges.", on(described, kit.Drop("code_challenge_methods_supported"))),
	defect("oauth2-metadata-plain-dead", "OA-8414-2-AGREES", "The metadata name plain challenges, which are refused.", on(described, kit.Put("code_challenge_methods_supported", kit.Raw(`["S256","plain"]`)))),
	liberty("oauth2-metadata-scopes-not-named", "OA-8414-2-AGREES", "The metadata name no scopes, and no methods that have defaults.", on(described, kit.Drop("scopes_supported", "introspection_endpoint_auth_methods_supported", "revocation_endpoint_auth_methods_supported"))),
	liberty("oauth2-metadata-openid-too", "OA-8414-3.2-ANSWER", "The metadata are where OpenID has them as well.", func(o *oauth) { o.described = append(o.described, openIDPath) }),
	liberty("oauth2-metadata-openid-alone", "OA-8414-3.2-ANSWER", "The metadata are where OpenID has them, and not where RFC 8414 has.", func(o *oauth) { o.described = []string{openIDPath} }),

	defect("oauth2-iss-missing", "OA-9207-2-ISS", "Who sends users back is not said, although the metadata say that it is.", issuers(func(*oauth, bool) string { return "" })),
	defect("oauth2-iss-other", "OA-9207-2-ISS", "iss is another issuer.", issuers(func(*oauth, bool) string { return "https://accounts.example.com" })),
	defect("oauth2-iss-slash", "OA-9207-2-ISS", "iss has a slash at its end that the metadata's issuer has not.", issuers(func(o *oauth, _ bool) string { return o.API + "/" })),
	defect("oauth2-iss-missing-in-errors", "OA-9207-2-ISS", "Who sends users back with an error is not said.", issuers(func(o *oauth, failed bool) string { return map[bool]string{false: o.API}[failed] })),
	liberty("oauth2-iss-not-told", "OA-9207-2-ISS", "Who sends users back is not said, and the metadata do not say that it is.", issuers(func(*oauth, bool) string { return "" }), on(described, kit.Drop("authorization_response_iss_parameter_supported"))),

	liberty("oauth2-metadata-none", "OA-8414-3.2-ANSWER", "There are no metadata.", func(o *oauth) { o.described = nil }, issuers(func(*oauth, bool) string { return "" })),
}

// issuers has users be sent back by somebody else; "" is nobody.
func issuers(who func(o *oauth, failed bool) string) func(*oauth) {
	return func(o *oauth) {
		usual := o.answers
		o.answers = func(w wish, parameters []string) []string {
			all := without(usual(w, parameters), "iss")
			if iss := who(o, slices.Contains(parameters, "error")); iss != "" {
				all = append(all, "iss", iss)
			}
			return all
		}
	}
}
