package kitchenhub

import (
	"net/http"
	"time"

	"gonogo/reference/kit"
)

// The words that the quirks of this dialect are declared in.
var (
	defect  = kit.Defect[*hub]
	liberty = kit.Liberty[*hub]
	on      = kit.On[*hub]
	instead = kit.Instead[*hub]

	atIssue    = kit.At(tokenPath)
	atRefresh  = kit.At(refreshPath)
	atValidate = kit.At(validatePath)

	noObject = kit.Misread(kit.BodyEmpty, kit.BodyMalformed, kit.BodyNoObject)
)

var commonQuirks = kit.Common(id, kit.Rows[*hub]{
	Issue: "KH-ISSUE-1", Refresh: "KH-REFRESH-1", Rotate: "KH-REFRESH-2", Refuse: "KH-REFRESH-3", Use: "KH-USE-2", Expire: "KH-EXPIRE-1",
	Using: "KH-USE-1", InUse: "KH-EXPIRE-1", LateAccess: "KH-EXPIRE-1", RenewedAccess: "KH-EXPIRE-1", RenewedRefresh: "KH-EXPIRE-2", AnyForm: true, LetIn: letIn})

// Quirks of an issue, and of how a client proves itself.
var issueQuirks = []kit.Declared[*hub]{
	defect("kitchenhub-issue-missing-field", "KH-ISSUE-1", "The issue answer lacks refresh_token_expire.", on(issued, kit.Drop("refresh_token_expire"))),
	defect("kitchenhub-issue-empty-token", "KH-ISSUE-1", "The issue answer's refresh_token is an empty string.", on(issued, kit.Put("refresh_token", kit.Text("")))),
	defect("kitchenhub-issue-lifetime-string", "KH-ISSUE-1", "The issue answer's access_token_expire is a string.", on(issued, kit.Put("access_token_expire", kit.Text("60")))),
	defect("kitchenhub-lifetimes-in-seconds", "KH-ISSUE-2", "Lifetimes are announced in seconds: 3600 and 86400.", announces(3600, 86400)),
	defect("kitchenhub-lifetimes-halved", "KH-ISSUE-2", "Lifetimes are announced as 30 and 720 minutes.", announces(30, 720)),
	liberty("kitchenhub-truncated-lifetimes", "KH-ISSUE-2", "Lifetimes are announced as 59 and 1439, by truncation.", announces(59, 1439)),

	defect("kitchenhub-secret-unchecked", "KH-ISSUE-3", "Any secret of a known client is accepted.", func(h *hub) { h.secrets.Unchecked = true }),
	defect("kitchenhub-client-unknown-accepted", "KH-ISSUE-3", "An unknown client gets tokens.", func(h *hub) { h.secrets.Unknown = true }),
	defect("kitchenhub-secret-any-case", "KH-ISSUE-3", "The secret is compared without regard to case.", func(h *hub) { h.secrets.AnyCase = true }),
	defect("kitchenhub-secret-prefix", "KH-ISSUE-3", "Only the first half of the secret is compared.", func(h *hub) { h.secrets.StartOnly = true }),
	defect("kitchenhub-secret-of-another-accepted", "KH-ISSUE-3", "A client is accepted with the secret of another client.", func(h *hub) { h.secrets.Anybodys = h.Anybodys }),
	defect("kitchenhub-wrong-secret-200", "KH-ISSUE-3", "Wrong credentials are answered 200 with an error in the body.", on(wrongClient, kit.Status(http.StatusOK))),
	liberty("kitchenhub-credentials-400", "KH-ISSUE-3", "Wrong credentials are answered 400.", on(wrongClient, kit.Status(http.StatusBadRequest))),
	defect("kitchenhub-drops-unknown-client", "ANY-5XX", "An unknown client's connection is closed without an answer.", on(wrongClient, kit.HangUp, kit.Not(kit.KnownID))),
	defect("kitchenhub-leaks-secret", "ANY-LEAK", "The refusal of a wrong secret tells the right one.", on(wrongClient, kit.TellSecret, kit.KnownID)),

	defect("kitchenhub-credentials-wear-out", "KH-ISSUE-1", "Credentials get thirty pairs of tokens, and are refused from then on.", kit.WearsOut(issued, 30, func(h *hub, _ *kit.Call) kit.Answer { return h.wrongClient() })),

	liberty("kitchenhub-throttles-wrong-secrets", "KH-ISSUE-3", "Each wrong secret is answered 429 with Retry-After: 900; the right one is let in.", kit.Throttles[*hub](wrongClient, 1)),
	defect("kitchenhub-failed-login-ends-sessions", "KH-USE-1", "A wrong secret ends all sessions of the client that it is sent for.", kit.EndsOnFailure[*hub](wrongClient, func(c *kit.Call) uint32 { return c.Client.Number }, kit.KnownID, kit.AccessToken, kit.RefreshToken)),
	defect("kitchenhub-failed-login-ends-refresh", "KH-REFRESH-1", "A wrong secret ends the refresh tokens of the client that it is sent for.", kit.EndsOnFailure[*hub](wrongClient, func(c *kit.Call) uint32 { return c.Client.Number }, kit.KnownID, kit.RefreshToken)),
	defect("kitchenhub-logins-mixed-up", "KH-ISSUE-1", "Of clients that log in within 40 ms all are answered the tokens of the last.", kit.MixesUp[*hub](issued)),
	liberty("kitchenhub-locks-out", "KH-ISSUE-3", "After three wrong secrets in a row a client is refused for fifteen minutes.", kit.LocksOut(wrongClient, issued, 3, func(h *hub, _ *kit.Call) kit.Answer { return h.wrongClient() })),

	defect("kitchenhub-issue-repeats-pair", "KH-ISSUE-4", "Every issue of a client answers its first pair again, announced as new, also when it is spent or expired.", func(h *hub) { h.RepeatsBlindly = true }),
	defect("kitchenhub-issue-once", "KH-ISSUE-4", "Who has tokens that live gets no second pair: another issue is answered 409.", issuesOnce),
	liberty("kitchenhub-hands-out-again", "KH-ISSUE-4", "An issue repeats the pair that is still alive, with the lifetimes that remain.", func(h *hub) { h.HandsOutAgain = true }),

	defect("kitchenhub-secret-missing-accepted", "KH-ISSUE-3", "A request without client_secret gets tokens.", instead(lacking, (*hub).issueUnproved, atIssue, kit.Lacks("client_secret"))),
	defect("kitchenhub-secret-empty-accepted", "KH-ISSUE-3", "An empty client_secret gets tokens.", instead(lacking, (*hub).issueUnproved, atIssue, kit.IsEmpty("client_secret"))),
	defect("kitchenhub-secret-null-accepted", "KH-ISSUE-3", "A null client_secret gets tokens.", instead(lacking, (*hub).issueUnproved, atIssue, kit.IsNull("client_secret"))),
	defect("kitchenhub-secret-number-crash", "KH-ISSUE-3", "A number as client_secret is answered 500.", on(lacking, kit.Crash, atIssue, kit.IsNumber("client_secret"))),
	defect("kitchenhub-secret-operator-accepted", "KH-ISSUE-3", "An object that is an operator of a query language for client_secret gets tokens.", instead(lacking, (*hub).issueUnproved, atIssue, kit.IsOperator("client_secret"))),
	defect("kitchenhub-secret-true-accepted", "KH-ISSUE-3", "true for client_secret gets tokens.", instead(lacking, (*hub).issueUnproved, atIssue, kit.IsTrue("client_secret"))),
	defect("kitchenhub-secret-zero-accepted", "KH-ISSUE-3", "0 for client_secret gets tokens.", instead(lacking, (*hub).issueUnproved, atIssue, kit.IsZero("client_secret"))),
	defect("kitchenhub-secret-in-array-accepted", "KH-ISSUE-3", "The right client_secret is accepted in an array of its own.", kit.Unwraps[*hub](tokenPath)),
	defect("kitchenhub-secret-trimmed", "ANY-EXACT", "White space around the secret is not compared.", func(h *hub) { h.secrets.Spaces = true }),
	defect("kitchenhub-secret-suffix", "KH-ISSUE-3", "The first letter of the secret is not compared.", func(h *hub) { h.secrets.EndOnly = true }),
	defect("kitchenhub-local-issue", "KH-ISSUE-3", "Who sends X-Forwarded-For with 127.0.0.1 needs no client_secret.", instead(lacking, (*hub).issueUnproved, atIssue, kit.Lacks("client_secret"), func(c *kit.Call) bool { return c.Header.Get("X-Forwarded-For") == "127.0.0.1" })),
	defect("kitchenhub-secret-object-crash", "KH-ISSUE-3", "An object as client_secret is answered 500.", on(lacking, kit.Crash, atIssue, kit.IsObject("client_secret"))),
	defect("kitchenhub-secret-array-crash", "KH-ISSUE-3", "An array as client_secret is answered 500.", on(lacking, kit.Crash, atIssue, kit.IsArray("client_secret"))),
	defect("kitchenhub-client-id-missing-crash", "KH-ISSUE-3", "A request without client_id is answered 500.", on(lacking, kit.Crash, atIssue, kit.Lacks("client_id"))),
	defect("kitchenhub-client-id-empty-accepted", "KH-ISSUE-3", "An empty client_id gets tokens.", instead(lacking, (*hub).issueToNobody, atIssue, kit.IsEmpty("client_id"))),
	defect("kitchenhub-client-id-no-string-crash", "KH-ISSUE-3", "A client_id that is no string is answered 500.", on(lacking, kit.Crash, atIssue, kit.IsNoText("client_id"))),
	defect("kitchenhub-issue-malformed-crash", "KH-ISSUE-3", "Malformed JSON at the token endpoint is answered 500.", on(misread, kit.Crash, atIssue, kit.Misread(kit.BodyMalformed))),
	defect("kitchenhub-issue-empty-body-crash", "KH-ISSUE-3", "An empty body at the token endpoint is answered 500.", on(misread, kit.Crash, atIssue, kit.Misread(kit.BodyEmpty))),
	defect("kitchenhub-issue-array-body-crash", "KH-ISSUE-3", "A body that is JSON but no object is answered 500 at the token endpoint.", on(misread, kit.Crash, atIssue, kit.Misread(kit.BodyNoObject))),
	liberty("kitchenhub-trailing-accepted", "KH-ISSUE-3", "A body is read to the end of its JSON object, and nobody looks at what stands after it.", kit.ReadsFirst[*hub]()),
	defect("kitchenhub-trailing-crash", "ANY-5XX", "A body that goes on after its JSON object is answered 500.", on(misread, kit.Crash, kit.GoesOn)),
	defect("kitchenhub-crash-on-malformed", "ANY-5XX", "Malformed JSON is answered 500 by refresh and validate.", on(misread, kit.Crash, kit.Not(atIssue), kit.Misread(kit.BodyMalformed))),
	defect("kitchenhub-other-media-crash", "ANY-5XX", "A body whose Content-Type is not JSON is answered 500.", on(misread, kit.Crash, kit.Misread(kit.BodyMedia))),

	defect("kitchenhub-old-secret-survives", "KH-SECRET-1", "A regenerated secret leaves the old one valid.", func(h *hub) { h.secrets.FormerToo = true }),
	defect("kitchenhub-new-secret-dead", "KH-SECRET-1", "A regenerated secret does not work.", func(h *hub) {
		h.Rotating = func(c *kit.KnownClient) { c.Secret = kit.RandomToken() }
	}),
	defect("kitchenhub-regeneration-ends-all", "KH-SECRET-1", "Regenerating a secret removes the tokens of all clients.", func(h *hub) {
		h.Rotated = func(*kit.KnownClient) { h.Tokens.Tokens.DropIf(func(kit.Grant) bool { return true }) }
	}),
	defect("kitchenhub-regeneration-ends-all-refresh", "KH-SECRET-1", "Regenerating a secret removes the refresh tokens of all clients.", func(h *hub) {
		h.Rotated = func(*kit.KnownClient) {
			h.Tokens.Tokens.DropIf(func(g kit.Grant) bool { return g.Kind == kit.RefreshToken })
		}
	}),
	liberty("kitchenhub-secret-changes-id", "KH-SECRET-1", "A regenerated secret comes with a new client_id; the old id is dead.", func(h *hub) {
		h.Rotating = func(c *kit.KnownClient) {
			c.FormerIDs = append(c.FormerIDs[:len(c.FormerIDs):len(c.FormerIDs)], c.ID)
			c.ID = "khub-client-" + kit.RandomToken()[:10]
		}
	}),
	liberty("kitchenhub-secret-kills-tokens", "KH-SECRET-1", "Regenerating a secret removes the client's tokens.", func(h *hub) {
		h.Rotated = func(old *kit.KnownClient) { h.Tokens.ForgetClient(old.Number) }
	}),
}

// Quirks of the orders.
var useQuirks = []kit.Declared[*hub]{
	defect("kitchenhub-use-refused", "KH-USE-1", "A live access token is refused at the orders.", instead(listed, (*hub).Unauthorized)),
	defect("kitchenhub-no-token-accepted", "KH-USE-2", "The orders answer without any Authorization header.", letIn(kit.Nothing)),
	defect("kitchenhub-garbage-accepted", "KH-USE-2", "The orders answer to any Bearer token that nobody issued.", letIn(kit.Garbage)),
	defect("kitchenhub-head-opens", "KH-USE-2", "HEAD of the orders needs no token.", letIn(kit.Heads)),
	defect("kitchenhub-scheme-only-accepted", "KH-USE-2", "The orders answer to the scheme Bearer without a token.", letIn(kit.SchemeOnly)),
	defect("kitchenhub-access-never-expires", "KH-EXPIRE-1", "The orders answer to an expired access token.", func(h *hub) { h.KeepsExpired = true }, letIn(isAccess)),
	defect("kitchenhub-access-dies-early", "KH-EXPIRE-1", "An access token dies after 30 minutes, announced as 60.", func(h *hub) { h.EndsEarly[kit.AccessToken] = accessLife / 2 }),
}

// Quirks of a refresh.
var refreshQuirks = []kit.Declared[*hub]{
	defect("kitchenhub-refresh-same-access", "KH-REFRESH-1", "A refresh answers the old access token again.", func(h *hub) { h.RemembersText = true }, on(refreshed, kit.PutFound("access_token", kit.FirstAccess))),
	defect("kitchenhub-refresh-same-refresh", "KH-REFRESH-1", "A refresh answers the old refresh token again, which stays valid.", func(h *hub) { h.Replayable = true }, on(refreshed, kit.PutFound("refresh_token", kit.AsSent))),
	defect("kitchenhub-second-lifetimes-halved", "KH-REFRESH-1", "A second refresh announces 30 and 720 minutes.", on(refreshed, kit.Put("access_token_expire", kit.Number(30)), kit.Renewed), on(refreshed, kit.Put("refresh_token_expire", kit.Number(720)), kit.Renewed)),
	defect("kitchenhub-refresh-missing-field", "KH-REFRESH-1", "The refresh answer lacks access_token_expire.", on(refreshed, kit.Drop("access_token_expire"))),
	defect("kitchenhub-refresh-lifetime-string", "ANY-SCHEMA", "The refresh answer's refresh_token_expire is a string.", on(refreshed, kit.Put("refresh_token_expire", kit.Text("1440")))),
	defect("kitchenhub-refresh-unknown-crash", "KH-REFRESH-3", "An unknown refresh token is answered 500.", on(noRefreshToken, kit.Crash, kit.Unknown)),
	defect("kitchenhub-leaks-token", "ANY-LEAK", "The refusal of a refresh token shows the newest live access token.", func(h *hub) { h.RemembersText = true }, on(noRefreshToken, kit.TellToken)),
	defect("kitchenhub-refresh-missing-crash", "KH-REFRESH-3", "A missing refresh token is answered 500.", on(lacking, kit.Crash, atRefresh, kit.Lacks("refresh_token"))),
	defect("kitchenhub-refresh-missing-accepted", "KH-REFRESH-3", "A missing refresh token gets a new pair.", instead(lacking, (*hub).issueToNobody, atRefresh, kit.Lacks("refresh_token"))),
	defect("kitchenhub-refresh-empty-accepted", "KH-REFRESH-3", "An empty refresh token gets a new pair.", instead(lacking, (*hub).issueToNobody, atRefresh, kit.IsEmpty("refresh_token"))),
	defect("kitchenhub-refresh-operator-accepted", "KH-REFRESH-3", "An object that is an operator of a query language for refresh_token gets a new pair.", instead(lacking, (*hub).issueToNobody, atRefresh, kit.IsOperator("refresh_token"))),
	defect("kitchenhub-refresh-in-array-accepted", "KH-REFRESH-3", "A live refresh token is accepted in an array of its own.", kit.Unwraps[*hub](refreshPath)),
	defect("kitchenhub-refresh-no-string-crash", "KH-REFRESH-3", "A refresh_token that is no string is answered 500.", on(lacking, kit.Crash, atRefresh, kit.IsNoText("refresh_token"))),
	defect("kitchenhub-refresh-empty-body-crash", "KH-REFRESH-3", "An empty body at the refresh endpoint is answered 500.", on(misread, kit.Crash, atRefresh, kit.Misread(kit.BodyEmpty))),
	defect("kitchenhub-refresh-array-body-crash", "KH-REFRESH-3", "A body that is JSON but no object is answered 500 at the refresh endpoint.", on(misread, kit.Crash, atRefresh, kit.Misread(kit.BodyNoObject))),
	defect("kitchenhub-refresh-never-expires", "KH-EXPIRE-2", "A refresh token works after its announced end.", func(h *hub) { h.NeverEnds[kit.RefreshToken] = true }),
	defect("kitchenhub-refresh-dies-early", "KH-EXPIRE-2", "A refresh token dies after 12 hours, announced as 24.", func(h *hub) { h.EndsEarly[kit.RefreshToken] = refreshLife / 2 }),
}

// Quirks of a validation.
var validateQuirks = []kit.Declared[*hub]{
	defect("kitchenhub-validate-live-false", "KH-VALIDATE-1", "A live token is reported invalid.", on(validated, kit.Body(func(kit.Object) kit.Object { return said(false, 0).Body }))),
	defect("kitchenhub-validate-renewed-false", "KH-VALIDATE-1", "A live token of a refresh is reported invalid.", on(validated, kit.Body(func(kit.Object) kit.Object { return said(false, 0).Body }), kit.Renewed)),
	defect("kitchenhub-validate-seconds", "KH-VALIDATE-1", "expires_in is in seconds.", reports(func(left time.Duration) kit.Value { return kit.Number(int64(left / time.Second)) })),
	defect("kitchenhub-validate-above-lifetime", "KH-VALIDATE-1", "expires_in is five minutes more than remain.", reports(func(left time.Duration) kit.Value { return kit.Number(wholeMinutes(left) + 5) })),
	defect("kitchenhub-validate-below-lifetime", "KH-VALIDATE-1", "expires_in is five minutes less than remain, and never below 0.", reports(func(left time.Duration) kit.Value { return kit.Number(max(wholeMinutes(left)-5, 0)) })),
	defect("kitchenhub-validate-replica-ahead", "KH-VALIDATE-1", "Every second answer is that of a replica that takes five minutes more to have passed.", on(validated, kit.Alternately(kit.PutFound("expires_in", func(c *kit.Call) kit.Value { return kit.Number(max(wholeMinutes(left(c))-5, 0)) })))),
	defect("kitchenhub-validate-fraction", "ANY-SCHEMA", "expires_in has a fraction of a minute.", reports(func(time.Duration) kit.Value { return kit.Raw("44.5") })),
	defect("kitchenhub-validate-frozen", "KH-VALIDATE-3", "expires_in is always 60.", reports(func(time.Duration) kit.Value { return kit.Number(60) })),
	defect("kitchenhub-validate-renewed-frozen", "KH-VALIDATE-3", "expires_in of a token that a refresh answered is always 60.", on(validated, kit.Put("expires_in", kit.Number(60)), kit.Renewed)),
	defect("kitchenhub-validate-second-frozen", "KH-VALIDATE-3", "expires_in of a token that a second refresh answered is always 60.", on(validated, kit.Put("expires_in", kit.Number(60)), kit.RenewedTwice)),
	defect("kitchenhub-validate-renewed-seconds", "KH-VALIDATE-1", "expires_in of a token that a refresh answered is in seconds.", on(validated, kit.PutFound("expires_in", func(c *kit.Call) kit.Value { return kit.Number(int64(left(c) / time.Second)) }), kit.Renewed)),
	defect("kitchenhub-validate-valid-string", "KH-VALIDATE-1", `valid is the string "true".`, on(validated, kit.Put("valid", kit.Text("true")))),
	defect("kitchenhub-validate-prolongs", "KH-VALIDATE-3", "Validating a token starts its lifetime again.", on(validated, prolong)),
	liberty("kitchenhub-rounds-up", "KH-VALIDATE-1", "Remaining minutes are rounded up.", func(h *hub) {
		h.minutes = func(d time.Duration) int64 { return wholeMinutes(d + time.Minute - 1) }
	}),

	defect("kitchenhub-validate-unknown-true", "KH-VALIDATE-2", "An unknown token of the right alphabet is reported valid.", instead(notValid, (*hub).pretend, kit.Unknown, kit.Not(odd))),
	defect("kitchenhub-validate-malformed-true", "KH-VALIDATE-2", "A token with characters that no token has is reported valid.", instead(notValid, (*hub).pretend, odd)),
	defect("kitchenhub-validate-refresh-true", "KH-VALIDATE-2", "A refresh token is reported valid.", instead(notValid, (*hub).pretend, isRefresh)),
	defect("kitchenhub-validate-expired-true", "KH-VALIDATE-2", "An expired access token is reported valid.", func(h *hub) { h.KeepsExpired = true }, instead(notValid, (*hub).pretend, isAccess, hasEnded)),
	defect("kitchenhub-validate-empty-true", "KH-VALIDATE-2", "An empty access_token is reported valid.", instead(lacking, (*hub).pretend, atValidate, kit.IsEmpty("access_token"))),
	defect("kitchenhub-validate-operator-true", "KH-VALIDATE-2", "An object that is an operator of a query language for access_token is reported valid.", instead(lacking, (*hub).pretend, atValidate, kit.IsOperator("access_token"))),
	defect("kitchenhub-validate-in-array-true", "KH-VALIDATE-2", "A live access token in an array of its own is reported valid.", kit.Unwraps[*hub](validatePath)),
	defect("kitchenhub-validate-no-string-true", "KH-VALIDATE-2", "An access_token that is no string is reported valid.", instead(lacking, (*hub).pretend, atValidate, kit.IsNoText("access_token"))),
	defect("kitchenhub-validate-no-object-true", "KH-VALIDATE-2", "A validate request whose body is no JSON object is reported valid.", instead(misread, (*hub).pretend, atValidate, noObject)),
	defect("kitchenhub-hangs-on-missing-token", "ANY-5XX", "A validate request without access_token is never answered.", on(lacking, kit.Hang, atValidate, kit.Lacks("access_token"))),
	liberty("kitchenhub-validate-404", "KH-VALIDATE-2", "A token that is not valid is answered 404.", instead(notValid, func(*hub, *kit.Call) kit.Answer {
		return kit.Refused(http.StatusNotFound, "invalid_token", "The token is not valid.")
	})),
	liberty("kitchenhub-validate-bare", "KH-VALIDATE-2", "A token that is not valid is answered without expires_in.", on(notValid, kit.Drop("expires_in"))),
}
