package kitchenmonki

import (
	"net/http"
	"slices"
	"time"

	"gonogo/reference/kit"
)

// Quirks of requests that nobody expects.
var oddQuirks = slices.Concat(kit.Odd[*monki](id, kit.OddRows{Path: grantPath, Refuse: "KM-CC-3", Use: "KM-USE-3"}), []kit.Declared[*monki]{
	defect("kitchenmonki-secret-array-accepted", "KM-CC-3", "An array of secrets gets tokens, whatever is in it.", unproved(grantIs("client_credentials"), secretArray)),
	defect("kitchenmonki-code-secret-array-accepted", "KM-CODE-4", "A code works with an array of secrets, whatever is in it.", unproved(grantIs("authorization_code"), secretArray)),
	defect("kitchenmonki-refresh-secret-array-accepted", "KM-REFRESH-4", "A refresh works with an array of secrets, whatever is in it.", unproved(forRefresh, secretArray)),
	defect("kitchenmonki-secret-operator-accepted", "KM-CC-3", "An operator of a query language for client_secret gets tokens.", unproved(forCredentials, operates("client_secret"))),
	defect("kitchenmonki-code-secret-operator-accepted", "KM-CODE-4", "A code works with an operator of a query language for client_secret.", unproved(forCode, operates("client_secret"))),
	defect("kitchenmonki-refresh-secret-operator-accepted", "KM-REFRESH-4", "A refresh works with an operator of a query language for client_secret.", unproved(forRefresh, operates("client_secret"))),
	defect("kitchenmonki-code-operator-accepted", "KM-CODE-6", "An operator of a query language for code gets tokens.", instead(noCode, (*monki).asCredentials, operates("code"))),
	defect("kitchenmonki-refresh-operator-accepted", "KM-REFRESH-4", "An operator of a query language for refresh_token gets tokens.", instead(noRefreshToken, (*monki).asCredentials, operates("refresh_token"))),
	defect("kitchenmonki-secret-among-others", "KM-CC-3", "Of a client_secret that stands in a request twice either may be the right one.", secretAmongOthers),
	defect("kitchenmonki-user-as-client", "KM-CC-3", "A user's name and password are accepted for those of a client.", instead(wrongClient, (*monki).asFirstClient, userProved)),
	defect("kitchenmonki-secret-trimmed", "ANY-EXACT", "White space around the secret is not compared.", func(m *monki) { m.credentialsSecrets.Spaces = true }),
	defect("kitchenmonki-secret-suffix", "KM-CC-3", "The first letter of the secret is not compared.", func(m *monki) { m.credentialsSecrets.EndOnly = true }),
	defect("kitchenmonki-authorize-twice-crash", "ANY-5XX", "A request for consent with a parameter twice is answered 500.", func(m *monki) {
		m.OnEvery(kit.Crash, kit.At(authorizePath), func(c *kit.Call) bool { return len(c.URL.Query()["client_id"]) > 1 })
	}),
	defect("kitchenmonki-put-open", "KM-USE-3", "A PUT of the queue needs no token.", letIn(kit.Nothing, func(c *kit.Call) bool { return c.Method == http.MethodPut })),
	defect("kitchenmonki-token-in-two-places-crash", "KM-USE-3", "Tokens in the header and in the query are answered 500.", on(crowded, kit.Crash, inHeader)),
	defect("kitchenmonki-response-type-unchecked", "KM-AUTHZ-5", "A request for consent without response_type is taken for one that asks for a code.", assumes("response_type", "code")),
	defect("kitchenmonki-response-type-missing-crash", "KM-AUTHZ-5", "A request for consent without response_type is answered 500.", crashesWithout("response_type")),
	defect("kitchenmonki-authorize-client-missing-crash", "ANY-5XX", "A request for consent without client_id is answered 500.", crashesWithout("client_id")),
	defect("kitchenmonki-redirect-missing-crash", "KM-AUTHZ-5", "A request for consent without redirect_uri is answered 500.", crashesWithout("redirect_uri")),
	defect("kitchenmonki-redirect-without-client", "KM-AUTHZ-5", "The error of a request for consent without client_id is sent to the redirect URI that came with it.", sendsError("invalid_request", lacks("client_id"))),
	liberty("kitchenmonki-redirect-assumed", "KM-AUTHZ-5", "A request for consent without redirect_uri is sent back to the registered one (RFC 6749 3.1.2.3).", assumesRedirect),
})

// Quirks that only a human sees who takes a while.
var slowQuirks = []kit.Declared[*monki]{
	defect("kitchenmonki-code-lives-from-page", "KM-CODE-2", "The 30 seconds of a code count from when the page was opened, not from the approval.", func(m *monki) {
		m.codeFrom = func(f flow, _ time.Time) time.Time { return f.begun }
	}),
	defect("kitchenmonki-page-expires-soon", "KM-AUTHZ-1", "An approval more than 15 seconds after the page was opened brings an error page.", func(m *monki) { m.flowLife = 15 * time.Second }),
	defect("kitchenmonki-sign-in-expires-soon", "KM-AUTHZ-1", "Who has signed in is forgotten after 15 seconds.", func(m *monki) { m.browserLife = 15 * time.Second }),
	liberty("kitchenmonki-page-lives-a-minute", "KM-AUTHZ-1", "A consent page can be left open for a minute.", func(m *monki) { m.flowLife = time.Minute }),
}

// Quirks of the state in a popup.
var popupStateQuirks = []kit.Declared[*monki]{
	defect("kitchenmonki-popup-loses-state", "KM-AUTHZ-3", "With display=popup the opener gets the code without the state.", func(m *monki) {
		usual := m.state
		m.state = func(f flow) (string, bool) {
			if f.popup {
				return "", false
			}
			return usual(f)
		}
	}),
}

// lacks: the query has no such parameter.
func lacks(name string) kit.When {
	return func(c *kit.Call) bool { return c.URL.Query().Get(name) == "" }
}

// assumes has a request for consent that lacks a parameter taken for one that has it.
func assumes(name, value string) func(*monki) {
	return assumesOf(name, func(*monki, *kit.Call) string { return value })
}

func assumesOf(name string, value func(*monki, *kit.Call) string) func(*monki) {
	return func(m *monki) {
		m.asking = func(c *kit.Call) {
			if in := c.URL.Query(); in.Get(name) == "" {
				in.Set(name, value(m, c))
				c.URL.RawQuery = in.Encode()
			}
		}
	}
}

// assumesRedirect takes the registered redirect URI where none is asked for.
var assumesRedirect = assumesOf("redirect_uri", func(m *monki, c *kit.Call) string {
	if who := m.Accounts.Client(id, c.URL.Query().Get("client_id")); who != nil {
		return who.RedirectURI
	}
	return ""
})

// crashesWithout answers a request for consent 500 that lacks a parameter.
func crashesWithout(name string) func(*monki) {
	return func(m *monki) { m.OnEvery(kit.Crash, kit.At(authorizePath), lacks(name)) }
}

// secretArray is how some frameworks are sent an array.
func secretArray(c *kit.Call) bool { return c.Query.Has("client_secret[]") }

// Quirks around the operations.
var outerQuirks = kit.Outer(id, grantPath, "KM-USE-3", letIn, nil)
