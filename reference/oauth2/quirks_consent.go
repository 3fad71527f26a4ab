package oauth2

import (
	"net/http"
	"net/url"
	"strings"

	"gonogo/reference/kit"
)

// Quirks of how an authorization request is read, and of the page that asks a user.
var consentQuirks = []kit.Declared[*oauth]{
	defect("oauth2-authorize-unknown-parameter-refused", "OA-6749-3.2-UNKNOWN", "An authorization request with a parameter that the server does not know brings an error page.", on(asking, errorPage, oddlyAsked)),
	defect("oauth2-authorize-empty-scope-refused", "OA-6749-3.2-EMPTY", "An authorization request whose scope has no value is an invalid_scope.", misasks("invalid_scope", func(c *kit.Call) bool { return c.Query.Has("scope") && c.Query.Get("scope") == "" })),
	defect("oauth2-response-type-missing-accepted", "OA-6749-3.1-TYPE", "A missing response_type counts as code.", types(func(name string) string { return map[string]string{"": "code"}[name] })),
	defect("oauth2-response-type-unknown-accepted", "OA-6749-3.1-TYPE", "An unknown response_type counts as code.", types(func(name string) string { return map[bool]string{true: "code"}[name != ""] })),
	defect("oauth2-response-type-page", "OA-6749-3.1-TYPE", "A missing or unknown response_type brings an error page, and nobody back to the client.", on(misasked, errorPage, func(c *kit.Call) bool { return c.Query.Get("response_type") != "code" })),
	defect("oauth2-response-type-silent", "OA-6749-3.1-TYPE", "Who asks for an unknown response_type is sent back without an error.", returning(func(parameters []string) []string { return without(parameters, "error") })),
	liberty("oauth2-response-type-unknown-invalid-request", "OA-6749-3.1-TYPE", "An unknown response_type is an invalid_request.", func(o *oauth) {
		o.responseType = func(name string) string { return map[bool]string{true: "invalid_request"}[name != "code"] }
	}),

	defect("oauth2-authorize-without-consent", "OA-6749-4.1-CODE", "An authorization request is answered with a code at once, without any page.", instead(asking, (*oauth).approveAtOnce)),
	defect("oauth2-authorize-repeated-parameter-accepted", "OA-6749-3.2-REPEATED", "Of a parameter that stands in an authorization request twice, the last counts.", lastAskedCounts),
	defect("oauth2-authorize-no-code", "OA-6749-4.1-CODE", "Who has approved is sent back without a code.", returning(func(parameters []string) []string { return without(parameters, "code") })),
	defect("oauth2-code-in-fragment", "OA-6749-4.1-CODE", "The code is in the fragment of the redirect.", redirects(func(uri, added string) string { return uri + "#" + added[1:] })),
	defect("oauth2-code-dead", "OA-6749-4.1-CODE", "No code works.", func(o *oauth) { o.spend = func(kit.Key) bool { return false } }),
	defect("oauth2-code-dead-access", "OA-6749-4.1-CODE", "The access token that a code gets does not work.", on(exchanged, forgetsNew)),
	defect("oauth2-code-answer-no-token-type", "OA-6749-5.1-ANSWER", "What a code gets lacks token_type.", on(exchanged, kit.Drop("token_type"))),
	defect("oauth2-code-answer-cacheable", "ANY-CACHE", "What a code gets may be stored.", header(exchanged, "Cache-Control", "private, max-age=60")),
	liberty("oauth2-code-no-refresh", "OA-6749-4.1-CODE", "No refresh token comes of a code.", on(exchanged, withoutRefresh)),
	liberty("oauth2-redirect-302", "OA-6749-4.1-CODE", "Users are sent back with status 302.", func(o *oauth) { o.status = http.StatusFound }),
	liberty("oauth2-page-at-an-address-of-its-own", "OA-6749-4.1-CODE", "Who comes is sent on to the page, whose address says nothing of the request.", aside),
	liberty("oauth2-redirect-says-more", "OA-6749-4.1-CODE", "Who is sent back is sent with parameters that nobody knows.", returning(func(parameters []string) []string {
		return append(parameters, "session_state", kit.RandomToken(), "client_info", "e30")
	})),

	defect("oauth2-denial-grants", "OA-6749-4.1.2.1-DENIED", "A denial gets a code.", func(o *oauth) { o.denied = (*oauth).approveForAnybody(o) }),
	defect("oauth2-denial-with-code", "OA-6749-4.1.2.1-DENIED", "A denial gets the error and a code.", denies(func(o *oauth) []string { return []string{"error", "access_denied", "code", o.Mint()} })),
	defect("oauth2-denial-without-error", "OA-6749-4.1.2.1-DENIED", "A denial comes back without an error.", denies(func(*oauth) []string { return nil })),
	defect("oauth2-denial-wrong-error", "OA-6749-4.1.2.1-DENIED", "A denial comes back as server_error.", denies(func(*oauth) []string { return []string{"error", "server_error"} })),
	defect("oauth2-denial-page", "OA-6749-4.1.2.1-DENIED", "A denial ends on an error page.", on(denial, errorPage)),
	liberty("oauth2-denial-described", "OA-6749-4.1.2.1-DENIED", "A denial comes back with a description and an address.", denies(func(*oauth) []string {
		return []string{"error_description", "The user said no.", "error", "access_denied", "error_uri", "https://docs.example.com/errors#denied"}
	})),

	defect("oauth2-state-dropped", "OA-6749-4.1.2-STATE", "The state does not come back.", states(func(wish, bool) string { return "" })),
	defect("oauth2-state-dropped-from-errors", "OA-6749-4.1.2-STATE", "The state does not come back with an error.", states(func(w wish, failed bool) string {
		return map[bool]string{false: w.state}[failed]
	})),
	defect("oauth2-state-of-another", "OA-6749-4.1.2-STATE", "The state of the authorization before comes back.", stateOfAnother),
	defect("oauth2-state-truncated", "OA-6749-4.1.2-STATE", "Only the first 16 characters of the state come back.", states(func(w wish, _ bool) string { return w.state[:min(16, len(w.state))] })),
	defect("oauth2-state-trimmed", "OA-6749-4.1.2-STATE", "The state comes back without the blanks at its ends.", states(func(w wish, _ bool) string { return strings.TrimSpace(w.state) })),
	defect("oauth2-state-decoded-twice", "OA-6749-4.1.2-STATE", "The state is percent-decoded once too often.", states(func(w wish, _ bool) string { return formDecoded(w.state) })),
	defect("oauth2-state-plus", "OA-6749-4.1.2-STATE", "A plus sign in the state comes back unescaped, and so as a space.", redirects(func(uri, added string) string { return uri + strings.ReplaceAll(added, "%2B", "+") })),
	defect("oauth2-state-html", "OA-6749-4.1.2-STATE", "What HTML escapes comes back in the state as HTML has it.", states(func(w wish, _ bool) string {
		return strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&#34;").Replace(w.state)
	})),

	defect("oauth2-redirect-query-dropped", "OA-6749-3.1.2-QUERY", "Users are sent back without the query of the redirect URI.", redirects(func(uri, added string) string { return kit.WithoutQuery(uri) + "?" + added[1:] })),
	defect("oauth2-redirect-query-twice", "OA-6749-3.1.2-QUERY", "What is added to a redirect URI begins with a question mark although it has a query.", redirects(func(uri, added string) string { return uri + "?" + added[1:] })),
}

// Quirks in which redirect URIs are trusted, and in what becomes of others.
var redirectQuirks = append(kit.Redirects(id, "OA-6749-4.1.2.1-TRUST", trusting),
	defect("oauth2-redirect-registered-refused", "OA-6749-4.1.2.1-TRUST", "The registered redirect URI is taken for an unregistered one.", func(o *oauth) { o.trusted = func(string, string) bool { return false } }),
	defect("oauth2-redirect-scheme-relative", "OA-6749-4.1.2.1-TRUST", "A redirect URI that begins with a slash is taken.", func(o *oauth) {
		o.trusted = o.trusted.AlsoRead(func(_, redirect string) bool { return strings.HasPrefix(redirect, "/") })
	}),
	defect("oauth2-redirect-error-to-unregistered", "OA-6749-4.1.2.1-TRUST", "The error of an unregistered redirect URI is sent to that URI.", sendsError(kit.KnownID)),
	defect("oauth2-redirect-unknown-client", "OA-6749-4.1.2.1-TRUST", "The error of an unknown client is sent to the redirect URI that came with it.", sendsError(kit.Not(kit.KnownID))),
	liberty("oauth2-error-page-200", "OA-6749-4.1.2.1-TRUST", "The page for an unregistered redirect URI has status 200.", on(untrusted, status(http.StatusOK))),
	liberty("oauth2-error-page-elsewhere", "OA-6749-4.1.2.1-TRUST", "Who comes with an unregistered redirect URI is sent to an error page of the server's own.", on(untrusted, func(c *kit.Call, a kit.Answer) kit.Answer {
		if len(c.Query) == 0 {
			return a
		}
		return kit.Answer{Status: http.StatusFound, Location: c.Service.Pages + authorizePath}
	})),
)

func trusting(o *oauth) *kit.Trusting { return &o.trusted }

// sendsError sends an error to a redirect URI that nobody may be sent to.
func sendsError(when kit.When) func(*oauth) {
	return instead(untrusted, func(o *oauth, c *kit.Call) kit.Answer {
		return o.deliver(wish{client: kit.Nobody, redirect: c.Query.Get("redirect_uri"), state: c.Query.Get("state")}, "error", "invalid_request")
	}, when, func(c *kit.Call) bool {
		u, err := url.Parse(c.Query.Get("redirect_uri"))
		return err == nil && u.IsAbs()
	})
}
