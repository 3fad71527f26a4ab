package oauth2

import (
	"net/http"
	"time"

	"gonogo/reference/kit"
)

var commonQuirks = kit.Common(id, kit.Rows[*oauth]{Issue: "OA-6749-4.4-GRANT", Use: "OA-6749-7-TOKEN", Expire: "OA-6749-7-EXPIRED", Lasts: "OA-6749-5.1-LIFETIME",
	Using: "OA-6750-2.1-BEARER", Refresh: "OA-6749-6-REFRESH", InUse: "OA-6749-5.1-LIFETIME", Statuses: true, ErrorTable: true, AnyForm: true, LetIn: letIn})

// Quirks of requests that nobody expects.
var oddQuirks = kit.Odd[*oauth](id, kit.OddRows{Path: tokenPath, Refuse: "OA-6749-3.2.1-CLIENT", Use: "OA-6749-7-TOKEN", Form: true})

// Quirks around the operations. A leak is an access token, also where others leak a refresh token.
var outerQuirks = kit.Outer(id, tokenPath, "OA-6749-7-TOKEN", letIn, func(o *oauth, c *kit.Call) (access, refresh string) {
	who := o.Accounts.SomeClient(func(k *kit.KnownClient) bool { return k.Dialect == id && !k.Public })
	o.Issue(c, kit.Account{Client: who.Number, Scope: every, Alone: true})
	return c.Pair.Access, c.Pair.Access
})

// Quirks of the answer of the token endpoint.
var answerQuirks = []kit.Declared[*oauth]{
	defect("oauth2-grant-dead-token", "OA-6749-4.4-GRANT", "A client's own token does not work.", on(granted, func(c *kit.Call, a kit.Answer) kit.Answer {
		c.Service.Tokens.Forget(kit.AccessToken, c.Pair.Access)
		return a
	})),
	defect("oauth2-second-grant-dead-token", "OA-6749-4.4-GRANT", "The tokens of every client but the first do not work.", on(granted, func(c *kit.Call, a kit.Answer) kit.Answer {
		c.Service.Tokens.Forget(kit.AccessToken, c.Pair.Access)
		return a
	}, func(c *kit.Call) bool { return c.Client.Role == "second" })),
	defect("oauth2-answer-no-access-token", "OA-6749-5.1-ANSWER", "The token answer calls the token token.", on(granted, func(c *kit.Call, a kit.Answer) kit.Answer {
		a.Body = a.Body.Without("access_token").Set("token", kit.Minted(c.Pair.Access))
		return a
	})),
	defect("oauth2-answer-no-token-type", "OA-6749-5.1-ANSWER", "The token answer lacks token_type.", on(granted, kit.Drop("token_type"))),
	defect("oauth2-answer-created", "OA-6749-4.4-GRANT", "The token answer has status 201.", on(granted, status(http.StatusCreated))),
	defect("oauth2-answer-form", "OA-6749-5.1-ANSWER", "The token answer is a form.", on(granted, asForm)),
	defect("oauth2-answer-text", "OA-6749-5.1-ANSWER", "The token answer calls its JSON text/plain.", on(granted, asText)),
	defect("oauth2-expires-in-text", "OA-6749-5.1-ANSWER", "expires_in is a string.", func(o *oauth) { o.announced = func(time.Duration) kit.Value { return kit.Text("3600") } }),
	defect("oauth2-client-refresh-token", "OA-6749-4.4.3-REFRESH", "A refresh token comes with a client's own token.", func(o *oauth) { o.alone = false }),
	defect("oauth2-pragma-missing", "OA-6749-5.1-PRAGMA", "Token answers carry Cache-Control: no-store, and no Pragma.", header(granted, "Pragma", "")),
	defect("oauth2-cache-no-cache", "ANY-CACHE", "Token answers carry Cache-Control: no-cache, which lets them be stored.", header(granted, "Cache-Control", "no-cache")),
	defect("oauth2-cache-private", "ANY-CACHE", "Token answers may be stored privately for a minute.", header(granted, "Cache-Control", "private, max-age=60")),
	liberty("oauth2-cache-control-long", "ANY-CACHE", "Token answers say more in Cache-Control than no-store.", header(granted, "Cache-Control", "no-cache, max-age=0, must-revalidate, No-Store")),
	liberty("oauth2-token-type-lower", "OA-6749-5.1-ANSWER", "token_type is bearer.", on(granted, kit.Put("token_type", kit.Text("bearer")))),
	liberty("oauth2-token-type-upper", "OA-6749-5.1-ANSWER", "token_type is BEARER.", on(granted, kit.Put("token_type", kit.Text("BEARER")))),
	liberty("oauth2-no-expires-in", "OA-6749-5.1-LIFETIME", "No expires_in is told, but by introspection an exp.", withoutExpiresIn),
	liberty("oauth2-no-end-told", "OA-6749-5.1-LIFETIME", "Nobody is told when a token ends.", withoutExpiresIn, on(told, kit.Drop("exp"))),
	liberty("oauth2-no-scope", "OA-6749-3.3-SCOPE", "The scope is not named where it is the one that was asked for, or none was.", on(granted, kit.Drop("scope"))),
	liberty("oauth2-hands-out-again", "OA-6749-4.4-GRANT", "A grant repeats the token that is still alive, with the lifetime that remains.", func(o *oauth) { o.HandsOutAgain = true }),
	liberty("oauth2-token-id", "OA-6749-5.1-ANSWER", "The answer has members of other specifications beside those of the RFC.", on(granted, func(c *kit.Call, a kit.Answer) kit.Answer {
		a.Body = append(a.Body, kit.Member{Name: "issued_token_type", Value: kit.Text("urn:ietf:params:oauth:token-type:access_token")}, kit.Member{Name: "not-before-policy", Value: kit.Number(0)})
		return a
	})),
}

// Quirks of the refusals of the token endpoint, and of how it reads its parameters.
var errorQuirks = []kit.Declared[*oauth]{
	defect("oauth2-error-200", "OA-6749-5.2-ERROR", "Refusals of the token endpoint have status 200.", onErrors(kit.Status(http.StatusOK))),
	defect("oauth2-error-422", "OA-6749-5.2-ERROR", "A request without grant_type is answered 422.", on(noGrantType, status(http.StatusUnprocessableEntity))),
	defect("oauth2-error-html", "OA-6749-5.2-ERROR", "Refusals of the token endpoint are HTML.", onErrors(kit.Page("<!DOCTYPE html><title>Error</title><p>The request is refused.</p>\n"))),
	defect("oauth2-error-no-code", "OA-6749-5.2-ERROR", "Refusals of the token endpoint have a message in place of error.", onErrors(func(_ *kit.Call, a kit.Answer) kit.Answer {
		a.Body = kit.Object{{"message", kit.Text("The request is refused.")}}
		return a
	})),
	defect("oauth2-error-odd-letters", "OA-6749-5.2-ERROR", "error_description has quotation marks in it.", onErrors(kit.Put("error_description", kit.Text(`Look at "grant_type".`)))),
	defect("oauth2-error-other-code", "OA-6749-5.2-ERROR", "A request without grant_type is answered bad_request.", on(noGrantType, code("bad_request"))),
	defect("oauth2-grant-type-missing-accepted", "OA-6749-5.2-ERROR", "A missing grant_type counts as client_credentials.", instead(noGrantType, asAnyClient)),
	defect("oauth2-malformed-form-crash", "OA-6749-5.2-ERROR", "A form that cannot be decoded is answered 500 where tokens are issued.", on(misread, kit.Crash, atToken)),
	defect("oauth2-grant-type-missing-crash", "OA-6749-5.2-ERROR", "A missing grant_type is answered 500.", on(noGrantType, kit.Crash)),
	defect("oauth2-grant-type-unknown-accepted", "OA-6749-5.2-GRANT", "An unknown grant_type counts as client_credentials.", instead(unknownGrantType, asAnyClient)),
	defect("oauth2-grant-type-unknown-invalid-request", "OA-6749-5.2-GRANT", "An unknown grant_type is an invalid_request.", on(unknownGrantType, code("invalid_request"))),
	defect("oauth2-grant-type-unknown-invalid-grant", "OA-6749-5.2-GRANT", "An unknown grant_type is an invalid_grant.", on(unknownGrantType, code("invalid_grant"))),
	defect("oauth2-grant-type-unknown-501", "OA-6749-5.2-GRANT", "An unknown grant_type is answered 501.", on(unknownGrantType, status(http.StatusNotImplemented))),
	defect("oauth2-empty-scope-refused", "OA-6749-3.2-EMPTY", "scope without a value is an invalid_scope.", refuses(granted, "invalid_scope", valueless("scope"))),
	defect("oauth2-unknown-parameter-refused", "OA-6749-3.2-UNKNOWN", "A parameter that the server does not know is an invalid_request.", refuses(granted, "invalid_request", strange)),
	defect("oauth2-unknown-parameter-crash", "OA-6749-3.2-UNKNOWN", "A parameter that the server does not know is answered 500.", on(granted, kit.Crash, strange)),
	defect("oauth2-repeated-parameter-accepted", "OA-6749-3.2-REPEATED", "Of a parameter that stands in a request twice, the last counts.", lastCounts),
	defect("oauth2-get-accepted", "OA-6749-3.2-METHOD", "The token endpoint takes a GET with its parameters in the query.", byGet),
	liberty("oauth2-error-code-alone", "OA-6749-5.2-ERROR", "Refusals of the token endpoint have no error_description.", onErrors(kit.Drop("error_description"))),
	liberty("oauth2-error-uri", "OA-6749-5.2-ERROR", "Refusals of the token endpoint have an error_uri.", onErrors(kit.Put("error_uri", kit.Text("https://docs.example.com/errors#token")))),
	liberty("oauth2-json-bodies", "OA-6749-3.2-UNKNOWN", "JSON bodies are taken as well.", takesJSON),
}

// Quirks of scopes.
var scopeQuirks = []kit.Declared[*oauth]{
	defect("oauth2-scope-narrowed-unnamed", "OA-6749-3.3-SCOPE", "Who asks for read and write gets read, and is not told.", func(o *oauth) {
		o.allowed = func(asked uint8, known bool) (uint8, bool) {
			if asked == every {
				asked = reads
			}
			return asked, known && asked != 0
		}
	}, on(granted, kit.Drop("scope"))),
	defect("oauth2-scope-widened-unnamed", "OA-6749-3.3-SCOPE", "Who asks for any scope gets every one, and is not told.", narrows(every), on(granted, kit.Drop("scope"))),
	defect("oauth2-scope-named-wrong", "OA-6749-3.3-SCOPE", "Every token answer names the scopes read and write.", on(granted, kit.Put("scope", kit.Text(everyScope)))),
	liberty("oauth2-scope-ignored", "OA-6749-3.3-SCOPE", "Who asks for any scope gets every one, and is told.", narrows(every)),
	liberty("oauth2-scope-reversed", "OA-6749-3.3-SCOPE", "The scopes are named in another order.", on(granted, kit.Put("scope", kit.Text("write read")), func(c *kit.Call) bool {
		e, live := c.Service.Tokens.Find(kit.AccessToken, c.Pair.Access, c.Now)
		return live && e.Value.Scope == every
	})),
}

// Quirks in how long tokens live.
var lifeQuirks = []kit.Declared[*oauth]{
	defect("oauth2-access-never-expires", "OA-6749-7-EXPIRED", "Access tokens never expire.", func(o *oauth) { o.NeverEnds[kit.AccessToken] = true }),
	defect("oauth2-access-outlives-exp", "OA-6749-7-EXPIRED", "No expires_in is told, and access tokens live for twice as long as introspection says.", withoutExpiresIn, func(o *oauth) { o.EndsEarly[kit.AccessToken] = 2 * accessLife },
		on(told, moved("exp", -accessLife))),
	defect("oauth2-access-lives-twice", "OA-6749-7-EXPIRED", "An access token lives for two hours, announced as one.", func(o *oauth) { o.EndsEarly[kit.AccessToken] = 2 * accessLife }),
	defect("oauth2-access-counts-as-ended", "OA-6749-7-EXPIRED", "An access token counts as ended after a quarter of what expires_in says.", func(o *oauth) { o.EndsEarly[kit.AccessToken] = accessLife / 4 }),
	defect("oauth2-expires-in-minutes", "OA-6749-7-EXPIRED", "expires_in is in minutes: 60 for a token that lives an hour.", func(o *oauth) {
		o.announced = func(left time.Duration) kit.Value { return kit.Number(int64(left / time.Minute)) }
	}),
	defect("oauth2-access-dies-early", "OA-6749-5.1-LIFETIME", "An access token dies after half of what expires_in says.", func(o *oauth) { o.EndsEarly[kit.AccessToken] = accessLife / 2 }),
	defect("oauth2-expires-in-milliseconds", "OA-6749-5.1-LIFETIME", "expires_in is in milliseconds: 3600000 for a token that lives an hour.", func(o *oauth) {
		o.announced = func(left time.Duration) kit.Value { return kit.Number(left.Milliseconds()) }
	}),
	liberty("oauth2-truncated-lifetime", "OA-6749-5.1-LIFETIME", "expires_in is 3599, by truncation.", func(o *oauth) {
		o.announced = func(left time.Duration) kit.Value { return inSeconds(left - time.Second) }
	}),
	liberty("oauth2-expires-in-900", "OA-6749-5.1-LIFETIME", "Access tokens live for 15 minutes, as announced.", func(o *oauth) { o.AccessLife = 15 * time.Minute }),
	liberty("oauth2-expires-in-86400", "OA-6749-5.1-LIFETIME", "Access tokens live for a day, as announced.", func(o *oauth) { o.AccessLife = 24 * time.Hour }),
}

// withoutExpiresIn: no answer says how long its token lives, which is only recommended (RFC 6749 5.1).
func withoutExpiresIn(o *oauth) {
	for _, at := range []kit.Occasion{granted, exchanged, refreshed} {
		on(at, kit.Drop("expires_in"))(o)
	}
}
