package oauth2

import (
	"net/http"
	"strings"

	"gonogo/reference/kit"
)

// Quirks in how a client proves itself at the token endpoint.
var clientQuirks = []kit.Declared[*oauth]{
	defect("oauth2-basic-refused", "OA-6749-2.3.1-BASIC", "No client can authenticate by the header.", func(o *oauth) {
		o.atToken.credentials = func(h http.Header) (string, string, kit.Carried) {
			_, _, how := kit.BasicCredentials(h)
			if how == kit.CarriesToken {
				how = kit.CarriesOther
			}
			return "", "", how
		}
	}),
	defect("oauth2-basic-not-decoded", "OA-6749-2.3.1-FORM", "Id and secret of the Basic header are taken as they are.", func(o *oauth) { o.atToken.decode = func(s string) string { return s } }),
	defect("oauth2-secret-to-colon", "OA-6749-2.3.1-FORM", "The secret ends at a colon, and nothing after it is compared.", func(o *oauth) {
		o.atToken.decode = func(s string) string { before, _, _ := strings.Cut(formDecoded(s), ":"); return before }
	}),
	defect("oauth2-basic-any-scheme", "OA-6749-3.2.1-CLIENT", "The client's credentials are accepted under any scheme.", func(o *oauth) { o.atToken.credentials = kit.AnySchemeCredentials }),
	defect("oauth2-query-credentials-accepted", "OA-6749-2.3.1-URI", "A client can authenticate in the query.", func(o *oauth) { o.atToken.inQuery = true }),
	defect("oauth2-two-authentications-accepted", "OA-6749-2.3-ONE", "Credentials in the header and in the body at once are accepted.", func(o *oauth) { o.atToken.either = true }),
	defect("oauth2-secret-unchecked", "OA-6749-3.2.1-CLIENT", "Any secret of a known client gets a token.", secrets(func(s *kit.SecretCheck) { s.Unchecked = true })),
	defect("oauth2-body-secret-unchecked", "OA-6749-3.2.1-CLIENT", "Any secret in the body gets a token.", func(o *oauth) { o.atToken.written.Unchecked = true }),
	defect("oauth2-secret-empty-accepted", "OA-6749-3.2.1-CLIENT", "An empty secret gets a token.", secrets(func(s *kit.SecretCheck) { s.None = true })),
	defect("oauth2-secret-missing-accepted", "OA-6749-3.2.1-CLIENT", "A client_id without a client_secret gets a token.", func(o *oauth) { o.atToken.open = unproved }),
	defect("oauth2-client-missing-accepted", "OA-6749-3.2.1-CLIENT", "A request without any client gets a token.", instead(stranger, asAnyClient, atToken, nobody)),
	defect("oauth2-secret-any-case", "OA-6749-3.2.1-CLIENT", "The secret is compared without regard to case.", secrets(func(s *kit.SecretCheck) { s.AnyCase = true })),
	defect("oauth2-secret-prefix", "OA-6749-3.2.1-CLIENT", "Only the first half of the secret is compared.", secrets(func(s *kit.SecretCheck) { s.StartOnly = true })),
	defect("oauth2-secret-suffix", "OA-6749-3.2.1-CLIENT", "The first letter of the secret is not compared.", secrets(func(s *kit.SecretCheck) { s.EndOnly = true })),
	defect("oauth2-secret-trimmed", "ANY-EXACT", "White space around the secret is not compared.", secrets(func(s *kit.SecretCheck) { s.Spaces = true })),
	defect("oauth2-secret-of-another-accepted", "OA-6749-3.2.1-CLIENT", "A client gets a token with the secret of another client.", func(o *oauth) {
		secrets(func(s *kit.SecretCheck) { s.Anybodys = o.Anybodys })(o)
	}),
	defect("oauth2-client-unknown-accepted", "OA-6749-3.2.1-CLIENT", "An unknown client gets a token.", instead(stranger, asAnyClient, atToken, kit.Not(kit.KnownID), kit.Not(nobody))),
	defect("oauth2-client-missing-crash", "OA-6749-3.2.1-CLIENT", "A request without any client is answered 500.", on(stranger, kit.Crash, atToken, nobody)),
	defect("oauth2-basic-malformed-crash", "OA-6749-3.2.1-CLIENT", "An Authorization header that is not well-formed Basic is answered 500.", on(stranger, kit.Crash, atToken, byHeader, kit.Not(kit.Something))),
	defect("oauth2-leaks-secret", "ANY-LEAK", "The refusal of a wrong secret tells the right one.", on(stranger, kit.TellSecret, atToken, kit.KnownID)),
	defect("oauth2-drops-unknown-client", "ANY-5XX", "An unknown client's connection is closed without an answer.", on(stranger, kit.HangUp, atToken, byHeader, kit.Not(kit.KnownID))),

	defect("oauth2-wrong-client-400", "OA-6749-5.2-CLIENT", "A wrong secret in the header is answered 400.", on(stranger, kit.Status(http.StatusBadRequest), atToken, byHeader)),
	defect("oauth2-wrong-client-403", "OA-6749-5.2-CLIENT", "A wrong secret is answered 403.", on(stranger, kit.Status(http.StatusForbidden), atToken)),
	defect("oauth2-wrong-client-no-challenge", "OA-6749-5.2-CLIENT", "A wrong secret in the header is answered 401 without a challenge.", on(stranger, challenged(""), atToken)),
	defect("oauth2-wrong-client-other-challenge", "OA-6749-5.2-CLIENT", "A wrong secret in the header is answered with the challenge Bearer.", on(stranger, challenged(`Bearer realm="oauth2"`), atToken)),
	defect("oauth2-wrong-client-unauthorized-client", "OA-6749-5.2-CLIENT", "A wrong secret is called unauthorized_client.", on(stranger, code("unauthorized_client"), atToken)),
	defect("oauth2-wrong-client-invalid-grant", "OA-6749-5.2-CLIENT", "A wrong secret is called invalid_grant.", on(stranger, code("invalid_grant"), atToken)),
	defect("oauth2-unknown-client-invalid-request", "OA-6749-5.2-CLIENT", "An unknown client is called an invalid_request.", on(stranger, code("invalid_request"), atToken, kit.Not(kit.KnownID))),
	liberty("oauth2-body-client-400", "OA-6749-5.2-CLIENT", "A wrong secret in the body is answered 400.", on(stranger, kit.Status(http.StatusBadRequest), atToken, kit.Not(byHeader))),
	liberty("oauth2-client-challenges", "OA-6749-5.2-CLIENT", "The challenge to a client names two schemes, and has a comma and a quotation mark in its realm.", on(stranger, challenged(`Bearer realm="a, \"b\"", basic realm="a, \"b\"", charset="UTF-8"`))),
	defect("oauth2-public-code-unchallenged", "OA-21-4.1.2.1-PUBLIC", "The client without a secret gets codes for requests without a challenge, and a verifier that comes with one is not looked at.", func(o *oauth) {
		usual, proves := o.challenging, o.proves
		o.challenging = func(w *wish) string {
			if w.client.Public && w.challenge == "" {
				return ""
			}
			return usual(w)
		}
		o.proves = func(of codeGrant, verifier string) bool {
			return of.client.Public && of.challenge == "" || proves(of, verifier)
		}
	}),
	liberty("oauth2-body-credentials-refused", "OA-6749-2.3.1-BASIC", "Clients can authenticate by the header only.", func(o *oauth) {
		o.atToken.inBody, o.atRevocation.inBody, o.atIntrospection.inBody = false, false, false
	}),
	liberty("oauth2-throttles-wrong-secrets", "OA-6749-3.2.1-CLIENT", "Each wrong secret is answered 429 with Retry-After: 900; the right one is let in.", kit.Throttles[*oauth](stranger, 1)),
}
