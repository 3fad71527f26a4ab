package pos

import (
	"encoding/base64"
	"net/http"
	"net/url"

	"gonogo/reference/kit"
)

// Quirks of the users.
var userQuirks = []kit.Declared[*pos]{
	defect("pos-users-200", "POS-USER-1", "A new user is answered 200.", on(userMade, kit.Status(http.StatusOK))),
	defect("pos-users-empty", "POS-USER-1", "A new user is answered 201 with nothing in the body.", on(userMade, kit.Page(""))),
	defect("pos-users-page", "POS-USER-1", "A new user is answered 201 with an HTML page instead of the resource.", on(userMade, kit.Page("<!DOCTYPE html><title>Welcome</title><p>The account has been created.</p>\n"))),
	defect("pos-users-status-only", "POS-USER-1", `A new user is answered 201 with {"status":"ok"} instead of the resource.`, on(userMade, kit.Body(func(kit.Object) kit.Object { return kit.Object{{"status", kit.Text("ok")}} }))),
	defect("pos-users-other-resource", "POS-USER-1", "A new user is answered 201 with the resource of another user.", on(userMade, kit.Put("user_id", kit.Number(1))), on(userMade, kit.Put("user_name", kit.Text("somebody")))),
	defect("pos-users-refused", "POS-USER-1", "Every new user is answered 400.", instead(userMade, refuseAll)),
	liberty("pos-user-without-name", "POS-USER-1", "The new user resource has an id, and not the user_name.", on(userMade, kit.Drop("user_name"))),
	liberty("pos-password-mask", "POS-USER-3", "The new user resource has a password of eight asterisks.", on(userMade, kit.Put("password", kit.Text("********")))),
	defect("pos-users-echo-password", "POS-USER-3", "The new user resource has the password.", on(userMade, kit.PutFound("password", func(c *kit.Call) kit.Value { return kit.Text(sentPassword(c)) }))),
	defect("pos-users-echo-password-elsewhere", "POS-USER-3", "The new user resource has the password within the text of another member.", on(userMade, kit.PutFound("note", func(c *kit.Call) kit.Value { return kit.Text("Log in with " + sentPassword(c) + " from now on.") }))),
	defect("pos-users-echo-encoded", "POS-USER-3", "The new user resource has the password in base64.", on(userMade, kit.PutFound("credential", func(c *kit.Call) kit.Value {
		return kit.Text(base64.StdEncoding.EncodeToString([]byte(sentPassword(c))))
	}))),
	defect("pos-users-echo-escaped", "POS-USER-3", "The new user resource has a link with the user_name and password in base64 in its query.", on(userMade, kit.PutFound("link", func(c *kit.Call) kit.Value {
		in := sentRequest(c)
		return kit.Text("/login?basic=" + url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(in.name+":"+in.password))))
	}))),
	liberty("pos-user-nested", "POS-USER-1", `The new user resource stands in the member "data".`, on(userMade, nest)),
	liberty("pos-users-open", "POS-USER-1", "Users are created without a look at the Authorization header; the document wants none.", lets(atUsers)),

	defect("pos-user-cannot-log-in", "POS-USER-2", "A created user cannot log in.", instead(loggedIn, func(p *pos, _ *kit.Call) kit.Answer { return p.wrongPassword() })),
	defect("pos-login-makes-user", "POS-USER-2", "Who logs in with a user_name that nobody has is made a user of it.", instead(wrongPassword, (*pos).enroll, kit.Not(kit.KnownName))),
	defect("pos-user-late", "POS-USER-2", "A created user can log in after a minute, and not before.", late),

	defect("pos-users-name-missing-accepted", "POS-USER-3", "A user without user_name is created.", instead(bad, (*pos).registerAnyway, atUsers, kit.Lacks("user_name"))),
	defect("pos-users-name-missing-crash", "POS-USER-3", "A user without user_name is answered 500, whoever asks for one.", crashesNameless(atUsers)),
	defect("pos-users-name-empty-accepted", "POS-USER-3", "A user with an empty user_name is created.", instead(bad, (*pos).registerAnyway, atUsers, kit.IsEmpty("user_name"))),
	defect("pos-users-name-no-string-crash", "POS-USER-3", "A user_name that is no string is answered 500 when a user is created.", on(bad, kit.Crash, atUsers, kit.IsNoText("user_name"))),
	defect("pos-users-password-missing-accepted", "POS-USER-3", "A user without password is created.", instead(bad, (*pos).registerAnyway, atUsers, kit.Lacks("password"))),
	defect("pos-users-password-empty-accepted", "POS-USER-3", "A user with an empty password is created.", instead(bad, (*pos).registerAnyway, atUsers, kit.IsEmpty("password"))),
	defect("pos-users-password-null-accepted", "POS-USER-3", "A user with a null password is created.", instead(bad, (*pos).registerAnyway, atUsers, kit.IsNull("password"))),
	defect("pos-users-password-no-string-crash", "POS-USER-3", "A password that is no string is answered 500 when a user is created.", on(bad, kit.Crash, atUsers, kit.IsNoText("password"))),
	defect("pos-users-grant-type-missing-crash", "POS-USER-3", "A missing grant_type is answered 500 when a user is created.", on(bad, kit.Crash, atUsers, kit.Lacks("grant_type"))),
	defect("pos-users-grant-type-unknown-crash", "POS-USER-3", "An unknown grant_type is answered 500 when a user is created.", on(bad, kit.Crash, atUsers, otherGrant)),
	defect("pos-users-grant-type-number-crash", "POS-USER-3", "A number as grant_type is answered 500 when a user is created.", on(bad, kit.Crash, atUsers, kit.IsNumber("grant_type"))),
	defect("pos-users-malformed-accepted", "POS-USER-3", "Malformed JSON is answered 201 with a user of a made-up name.", instead(misread, (*pos).registerAnyway, atUsers, kit.Misread(kit.BodyMalformed))),
	defect("pos-users-malformed-crash", "POS-USER-3", "Malformed JSON is answered 500 when a user is created.", on(misread, kit.Crash, atUsers, kit.Misread(kit.BodyMalformed))),
	defect("pos-users-empty-body-crash", "POS-USER-3", "An empty body is answered 500 when a user is created.", on(misread, kit.Crash, atUsers, kit.Misread(kit.BodyEmpty))),
	defect("pos-users-array-body-crash", "POS-USER-3", "A body that is JSON but no object is answered 500 when a user is created.", on(misread, kit.Crash, atUsers, kit.Misread(kit.BodyNoObject))),
	defect("pos-users-refusal-echoes", "POS-USER-3", "The refusal of an incomplete user repeats what was sent, the password included.", on(bad, echo, atUsers)),
	liberty("pos-users-grant-type-optional", "POS-USER-3", "A user is created without grant_type.", func(p *pos) { p.usersGrant = p.grantTypeIfSent }),
	liberty("pos-grant-type-ignored", "POS-USER-3", "Nobody looks at grant_type, whatever it is.", func(p *pos) { p.usersGrant, p.logInGrant = ignore, ignore }),
	liberty("pos-numbers-coerced", "POS-USER-3", "A number where a text belongs is taken as its digits.", func(p *pos) { p.Coerce = kit.Field.IsNumber }),
	liberty("pos-password-rules", "POS-USER-1", "A new password needs eight characters, an upper and a lower case letter and a digit.", func(p *pos) { p.weakness = weakness }),
	liberty("pos-user-name-rules", "POS-USER-1", "A new user_name has ASCII letters, digits, and . _ - only.", func(p *pos) { p.nameFault = oddName }),
	liberty("pos-user-name-any-case", "POS-DUP-1", "A user_name is the same in upper and lower case, and is kept in lower case.", func(p *pos) { p.userName = lower }),
	liberty("pos-json-only", "POS-USER-1", "A form at the users and the login is answered 415.", takesOnly(false, kit.BodyMedia)),
	liberty("pos-form-only", "POS-USER-1", "JSON at the users and the login is answered 415.", takesOnly(true, bodyFormMedia), tells("body", "form")),
	liberty("pos-trailing-accepted", "POS-USER-3", "JSON is read to the end of its object, and nobody looks at what stands after it.", kit.ReadsFirst[*pos]()),
	defect("pos-trailing-crash", "ANY-5XX", "JSON that goes on after its object is answered 500.", on(misread, kit.Crash, kit.GoesOn)),
	defect("pos-other-media-crash", "ANY-5XX", "A body that is neither JSON nor a form by its Content-Type is answered 500.", on(misread, kit.Crash, kit.Misread(kit.BodyMedia, bodyFormMedia, bodyEither))),

	defect("pos-duplicate-replaces", "POS-DUP-1", "A repeated user_name is answered 201 and replaces the account.", instead(taken, (*pos).replace)),
	defect("pos-duplicate-ignored", "POS-DUP-1", "A repeated user_name is answered 201 and changes nothing.", instead(taken, (*pos).showFormer)),
	defect("pos-duplicate-crash", "ANY-5XX", "A repeated user_name is answered 500.", on(taken, kit.Crash)),
	defect("pos-duplicate-race", "POS-DUP-1", "A user_name is looked up first and entered 40 ms later: of users that are created at once each replaces the one before.", entersLate(kit.RaceGap)),
	defect("pos-duplicate-race-narrow", "POS-DUP-1", "A user_name is looked up first and entered 1 ms later.", entersLate(kit.NarrowGap)),
	defect("pos-duplicate-race-crash", "POS-DUP-1", "A user_name is looked up first and entered 1 ms later, where whoever comes late is answered 500.", crashesLate),
	liberty("pos-duplicate-422", "POS-DUP-1", "A repeated user_name is answered 422.", on(taken, kit.Status(http.StatusUnprocessableEntity))),
}
