package pos

import (
	"net/http"

	"gonogo/reference/kit"
)

// Quirks of a login.
var logInQuirks = []kit.Declared[*pos]{
	defect("pos-login-refused", "POS-TOKEN-1", "Every login is answered 400.", instead(loggedIn, refuseAll)),
	defect("pos-token-200", "POS-TOKEN-1", "A login is answered 200.", on(loggedIn, kit.Status(http.StatusOK))),
	defect("pos-token-no-access-token", "POS-TOKEN-1", "The login answer lacks access_token.", on(loggedIn, kit.Drop("access_token"))),
	defect("pos-expires-in-string", "POS-TOKEN-1", "The login answer's expires_in is a string.", on(loggedIn, kit.Put("expires_in", kit.Text("3600")))),
	defect("pos-expires-in-missing", "POS-TOKEN-1", "The login answer lacks expires_in.", on(loggedIn, kit.Drop("expires_in"))),
	defect("pos-expires-in-zero", "POS-TOKEN-1", "The login answer's expires_in is 0.", on(loggedIn, kit.Put("expires_in", kit.Number(0)))),
	defect("pos-expires-in-negative", "POS-TOKEN-1", "The login answer's expires_in is -1, for a token that works.", on(loggedIn, kit.Put("expires_in", kit.Number(-1)))),
	defect("pos-expires-in-fraction", "ANY-SCHEMA", "The login answer's expires_in has a fraction of a second.", on(loggedIn, kit.Put("expires_in", kit.Raw("3599.5")))),
	defect("pos-refresh-token-number", "POS-TOKEN-1", "The login answer's refresh_token is a number.", on(loggedIn, kit.Put("refresh_token", kit.Number(4711)))),
	defect("pos-token-no-refresh-token", "POS-TOKEN-1", "The login answer lacks refresh_token.", on(loggedIn, kit.Drop("refresh_token"))),
	defect("pos-refresh-token-empty", "POS-TOKEN-1", "The login answer's refresh_token is an empty string.", on(loggedIn, kit.Put("refresh_token", kit.Text("")))),
	defect("pos-token-type-lower-case", "POS-TOKEN-1", "The login answer's token_type is bearer.", on(loggedIn, kit.Put("token_type", kit.Text("bearer")))),
	defect("pos-token-type-missing", "POS-TOKEN-1", "The login answer lacks token_type.", on(loggedIn, kit.Drop("token_type"))),
	defect("pos-token-type-null", "ANY-SCHEMA", "The login answer's token_type is null.", on(loggedIn, kit.Put("token_type", kit.Null()))),
	defect("pos-credentials-wear-out", "POS-TOKEN-1", "After thirty logins the right password is refused.", kit.WearsOut(loggedIn, 30, func(p *pos, _ *kit.Call) kit.Answer { return p.wrongPassword() })),
	liberty("pos-throttles-wrong-passwords", "POS-TOKEN-3", "Each wrong password is answered 429 with Retry-After: 900; the right one is let in.", kit.Throttles[*pos](wrongPassword, 1)),
	defect("pos-failed-login-ends-sessions", "POS-USE-1", "A wrong password ends all sessions of the users of the client.", kit.EndsOnFailure[*pos](wrongPassword, func(c *kit.Call) uint32 { return c.Client.Number }, kit.KnownName)),
	defect("pos-logins-mixed-up", "POS-TOKEN-1", "Of clients that log users in within 40 ms all are answered the tokens of the last.", kit.MixesUp[*pos](loggedIn)),
	liberty("pos-locks-out", "POS-TOKEN-3", "After three wrong passwords in a row a user is refused for fifteen minutes.", kit.LocksOut(wrongPassword, loggedIn, 3, func(p *pos, _ *kit.Call) kit.Answer { return p.wrongPassword() })),
	defect("pos-login-repeats-pair", "POS-TOKEN-4", "Every login of a user answers the first pair again, announced as new, also when it is spent or expired.", func(p *pos) { p.RepeatsBlindly = true }),
	defect("pos-login-repeats-refresh-token", "POS-TOKEN-4", "Every login of a user answers the refresh token of the first one again.", repeatsFirstRefresh),

	defect("pos-password-unchecked", "POS-TOKEN-3", "Any password of a known user is accepted.", func(p *pos) { p.passwords.Unchecked = true }),
	defect("pos-password-any-case", "POS-TOKEN-3", "The password is compared without regard to case.", reads, func(p *pos) { p.passwords.AnyCase = true }),
	defect("pos-password-prefix", "POS-TOKEN-3", "Only the first half of the password is compared.", reads, func(p *pos) { p.passwords.StartOnly = true }),
	defect("pos-password-of-another-accepted", "POS-TOKEN-3", "Anybody is let in with the password of any user.", passesWithAnothers),
	defect("pos-password-missing-accepted", "POS-TOKEN-3", "A login without password succeeds.", instead(bad, (*pos).logInUnproved, atLogIn, kit.Lacks("password"))),
	defect("pos-password-empty-accepted", "POS-TOKEN-3", "A login with an empty password succeeds.", instead(bad, (*pos).logInUnproved, atLogIn, kit.IsEmpty("password"))),
	defect("pos-password-null-accepted", "POS-TOKEN-3", "A login with a null password succeeds.", instead(bad, (*pos).logInUnproved, atLogIn, kit.IsNull("password"))),
	defect("pos-password-operator-accepted", "POS-TOKEN-3", "A login with an operator of a query language for password succeeds.", instead(bad, (*pos).logInUnproved, atLogIn, kit.IsOperator("password"))),
	defect("pos-password-true-accepted", "POS-TOKEN-3", "A login with true for password succeeds.", instead(bad, (*pos).logInUnproved, atLogIn, kit.IsTrue("password"))),
	defect("pos-password-in-array-accepted", "POS-TOKEN-3", "The right password is accepted in an array of its own.", kit.Unwraps[*pos](logInPath)),
	defect("pos-password-trimmed", "ANY-EXACT", "White space around a password is not compared.", reads, func(p *pos) { p.passwords.Spaces = true }),
	defect("pos-password-suffix", "POS-TOKEN-3", "The first letter of the password is not compared.", reads, func(p *pos) { p.passwords.EndOnly = true }),
	defect("pos-client-as-user", "POS-TOKEN-3", "A client logs in as a user, by its own name and secret.", clientsAsUsers),
	defect("pos-password-no-string-crash", "POS-TOKEN-3", "A password that is no string is answered 500 at the login.", on(bad, kit.Crash, atLogIn, kit.IsNoText("password"))),
	defect("pos-wrong-password-200", "POS-TOKEN-3", "A wrong password is answered 200 with an error in the body.", on(wrongPassword, kit.Status(http.StatusOK))),
	liberty("pos-wrong-password-401", "POS-TOKEN-3", "A wrong password is answered 401.", on(wrongPassword, challenge)),
	defect("pos-leaks-password", "ANY-LEAK", "The refusal of a wrong password tells the right one.", reads, on(wrongPassword, kit.PutFound("expected", func(c *kit.Call) kit.Value { return kit.Text(c.User.Password) }), kit.KnownName)),
	defect("pos-user-unknown-accepted", "POS-TOKEN-3", "An unknown user gets tokens.", func(p *pos) { p.passwords.Unknown = true }),
	defect("pos-user-unknown-crash", "POS-TOKEN-3", "An unknown user is answered 500.", on(wrongPassword, kit.Crash, kit.Not(kit.KnownName))),
	defect("pos-user-name-missing-accepted", "POS-TOKEN-3", "A login without user_name gets tokens.", instead(bad, (*pos).logInUnproved, atLogIn, kit.Lacks("user_name"))),
	defect("pos-user-name-missing-crash", "POS-TOKEN-3", "A login without user_name is answered 500.", crashesNameless(atLogIn)),
	defect("pos-user-name-empty-accepted", "POS-TOKEN-3", "A login with an empty user_name gets tokens.", instead(bad, (*pos).logInUnproved, atLogIn, kit.IsEmpty("user_name"))),
	defect("pos-user-name-no-string-crash", "POS-TOKEN-3", "A user_name that is no string is answered 500 at the login.", on(bad, kit.Crash, atLogIn, kit.IsNoText("user_name"))),
	defect("pos-token-grant-type-missing-crash", "POS-TOKEN-3", "A login without grant_type is answered 500.", on(loggedIn, kit.Crash, kit.Lacks("grant_type"))),
	defect("pos-token-grant-type-unknown-crash", "POS-TOKEN-3", "A login with an unknown grant_type is answered 500.", on(bad, kit.Crash, atLogIn, otherGrant)),
	defect("pos-token-grant-type-number-crash", "POS-TOKEN-3", "A login with a number as grant_type is answered 500.", on(bad, kit.Crash, atLogIn, kit.IsNumber("grant_type"))),
	liberty("pos-token-grant-type-required", "POS-TOKEN-3", "A login without grant_type, which the companion pages show, is answered 400.", func(p *pos) { p.logInGrant = p.grantType }),
	defect("pos-token-malformed-crash", "POS-TOKEN-3", "A login with malformed JSON is answered 500.", on(misread, kit.Crash, atLogIn, kit.Misread(kit.BodyMalformed))),
	defect("pos-token-empty-body-crash", "POS-TOKEN-3", "A login with an empty body is answered 500.", on(misread, kit.Crash, atLogIn, kit.Misread(kit.BodyEmpty))),
	defect("pos-token-array-body-crash", "POS-TOKEN-3", "A login whose body is JSON but no object is answered 500.", on(misread, kit.Crash, atLogIn, kit.Misread(kit.BodyNoObject))),
}

// Quirks of a refresh.
var refreshQuirks = []kit.Declared[*pos]{
	defect("pos-refresh-200", "POS-REFRESH-1", "A refresh is answered 200.", on(refreshed, kit.Status(http.StatusOK))),
	defect("pos-refresh-refused", "POS-REFRESH-1", "A live refresh token is refused.", instead(refreshed, (*pos).deadRefresh)),
	defect("pos-refresh-same-access", "POS-REFRESH-1", "A refresh answers the old access token again.", func(p *pos) { p.RemembersText = true }, on(refreshed, kit.PutFound("access_token", kit.FirstAccess))),
	liberty("pos-refresh-same-refresh", "POS-REFRESH-1", "A refresh answers the same refresh token again, which stays valid.", func(p *pos) { p.Replayable = true }, on(refreshed, kit.PutFound("refresh_token", kit.AsSent))),
	defect("pos-refresh-access-no-uuid", "POS-REFRESH-1", "The access token that a refresh answers has no hyphens.", unhyphened(func(*kit.Call) bool { return true })),
	defect("pos-second-access-no-uuid", "POS-REFRESH-1", "The access token that a second refresh answers has no hyphens.", unhyphened(kit.Renewed)),
	liberty("pos-refresh-answers-again", "POS-ROTATE-1", "Whoever sends a refresh token again within ten seconds gets the same answer again.", kit.AnswersAgain[*pos](refreshed, deadRefresh)),
	defect("pos-refresh-no-access-token", "POS-REFRESH-1", "The refresh answer lacks access_token.", on(refreshed, kit.Drop("access_token"))),
	defect("pos-refresh-no-refresh-token", "POS-REFRESH-1", "The refresh answer lacks refresh_token.", on(refreshed, kit.Drop("refresh_token"))),
	liberty("pos-refresh-brief", "POS-REFRESH-1", "The refresh answer has the two tokens and no more.", on(refreshed, kit.Drop("expires_in", "token_type"))),
	liberty("pos-refresh-early-refused", "POS-REFRESH-1", "A refresh before the access token has expired is answered 400, and spends nothing.", refusesEarly),
	liberty("pos-refresh-bare", "POS-REFRESH-1", "The refresh token stands in the Authorization header without a scheme, and only so.", bare, tells("refresh_scheme", "bare")),
	liberty("pos-refresh-any-scheme", "POS-REFRESH-1", "The refresh token is taken under Bearer and without a scheme.", anyScheme),
	defect("pos-refresh-unknown-accepted", "POS-REFRESH-2", "An unknown refresh token gets a new pair.", instead(deadRefresh, (*pos).newPair, kit.Unknown)),
	defect("pos-refresh-unknown-crash", "POS-REFRESH-2", "An unknown refresh token is answered 500.", on(deadRefresh, kit.Crash, kit.Unknown)),
	defect("pos-refresh-missing-accepted", "POS-REFRESH-2", "A refresh without an Authorization header gets a new pair.", instead(noRefreshToken, (*pos).newPair, kit.Nothing)),
	defect("pos-refresh-missing-crash", "POS-REFRESH-2", "A refresh without an Authorization header is answered 500.", on(noRefreshToken, kit.Crash, kit.Nothing)),
	defect("pos-refresh-scheme-only-accepted", "POS-REFRESH-2", "A refresh with the scheme Bearer and no token gets a new pair.", instead(noRefreshToken, (*pos).newPair, kit.SchemeOnly)),
	defect("pos-refresh-client-credentials-accepted", "POS-REFRESH-2", "The client's Basic credentials in place of a refresh token get a new pair.", func(p *pos) { instead(noRefreshToken, (*pos).newPair, p.isClient)(p) }),
	defect("pos-wrong-refresh-token-200", "POS-REFRESH-2", "A wrong refresh token is answered 200 with an error in the body.", refusesRefresh(http.StatusOK)),
	liberty("pos-wrong-refresh-token-400", "POS-REFRESH-2", "A wrong refresh token is answered 400.", refusesRefresh(http.StatusBadRequest)),
	defect("pos-hangs-on-missing-refresh-token", "ANY-5XX", "A refresh without an Authorization header is never answered.", on(noRefreshToken, kit.Hang, kit.Nothing)),
	defect("pos-leaks-token", "ANY-LEAK", "The refusal of a refresh token shows the newest live access token.", func(p *pos) { p.RemembersText = true }, on(deadRefresh, kit.TellToken)),
}

// Quirks of the protected endpoints.
var useQuirks = []kit.Declared[*pos]{
	defect("pos-use-refused", "POS-USE-1", "A live access token is refused at the ingredients and the dishes.", refusesUse(ingredientsPath, dishesPath)),
	defect("pos-dishes-refused", "POS-USE-1", "A live access token is refused at the dishes only.", refusesUse(dishesPath)),
	defect("pos-dishes-token-once", "POS-USE-1", "The dishes take each access token once.", func(p *pos) { instead(created, (*pos).Unauthorized, atDishes, kit.SentBefore())(p) }),
	defect("pos-dishes-refuse-renewed", "POS-USE-1", "An access token of a refresh is refused at the dishes.", instead(created, (*pos).Unauthorized, atDishes, kit.Renewed)),
	defect("pos-ingredients-open", "POS-USE-1", "The ingredients need no token.", letIn(kit.At(ingredientsPath))),
	defect("pos-dishes-open", "POS-USE-1", "The dishes need no token.", letIn(atDishes)),
	defect("pos-no-token-accepted", "POS-USE-2", "The protected endpoints answer without any Authorization header.", letIn(kit.Nothing)),
	defect("pos-garbage-accepted", "POS-USE-2", "The protected endpoints answer to any Bearer token that nobody issued.", letIn(kit.Garbage)),
	defect("pos-dishes-garbage-accepted", "POS-USE-2", "The dishes answer to any Bearer token that nobody issued.", letIn(kit.Garbage, atDishes)),
	defect("pos-client-credentials-accepted", "POS-USE-2", "The protected endpoints answer to the client's Basic credentials.", func(p *pos) { letIn(p.isClient)(p) }),
	defect("pos-scheme-only-accepted", "POS-USE-2", "The protected endpoints answer to the scheme Bearer without a token.", letIn(kit.SchemeOnly)),
	defect("pos-dishes-refresh-token-accepted", "POS-USE-2", "A refresh token is accepted as an access token at the dishes.", letIn(kit.Foreign(kit.RefreshToken, kit.Presented), atDishes)),
	defect("pos-no-token-400", "POS-USE-2", "A request without a token is answered 400.", on(kit.Unauthorized, kit.Status(http.StatusBadRequest), kit.Nothing)),
	defect("pos-no-token-200", "POS-USE-2", "A request without a live token is answered 200 with an error in the body.", on(kit.Unauthorized, kit.Status(http.StatusOK))),
	liberty("pos-body-first", "POS-USE-2", "A bad body is answered 422, before anybody looks at the Authorization header.", bodyFirst),
	liberty("pos-use-200", "POS-USE-1", "The protected endpoints answer 200.", on(created, kit.Status(http.StatusOK))),
	liberty("pos-use-204", "POS-USE-1", "The protected endpoints answer 204 without a body.", instead(created, func(*pos, *kit.Call) kit.Answer { return kit.Answer{Status: http.StatusNoContent} })),
	liberty("pos-dishes-404", "POS-USE-1", "The dishes, which the document does not name, are 404 to whoever has a live token.", instead(created, func(*pos, *kit.Call) kit.Answer {
		return kit.Refused(http.StatusNotFound, "not_found", "There are no dishes here.")
	}, atDishes)),
}
