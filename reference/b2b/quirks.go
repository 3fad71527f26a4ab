package b2b

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"gonogo/reference/kit"
)

// The words that the quirks of this dialect are declared in.
var (
	defect  = kit.Defect[*b2b]
	liberty = kit.Liberty[*b2b]
	on      = kit.On[*b2b]
	instead = kit.Instead[*b2b]

	atLogin      = kit.At(loginPath)
	atRefresh    = kit.At(refreshPath)
	atProducts   = kit.At(productsPath)
	atCategories = kit.At(categoriesPath)
	atResources  = kit.At(productsPath, categoriesPath)
	atAPI        = kit.At(productsPath, categoriesPath, logoutPath)
	atLogout     = kit.At(logoutPath)
)

var commonQuirks = kit.Common(id, kit.Rows[*b2b]{
	Issue: "BB-LOGIN-1", Refresh: "BB-REFRESH-1", Rotate: "BB-ROTATE-1", Refuse: "BB-REFRESH-2", Use: "BB-USE-2", Expire: "BB-EXPIRE-1",
	Using: "BB-USE-1", InUse: "BB-EXPIRE-1", LateAccess: "BB-EXPIRE-1", RenewedAccess: "BB-EXPIRE-1", RenewedRefresh: "BB-EXPIRE-2",
	ErrorTable: true, Guessable: "Refresh tokens, then opaque,", Bare: opaque(kit.RefreshToken), LetIn: letIn})

// Quirks of the login answer.
var loginQuirks = []kit.Declared[*b2b]{
	defect("b2b-login-missing-field", "BB-LOGIN-1", "The login answer lacks refresh_expires_at.", on(loggedIn, data(kit.Drop("refresh_expires_at")))),
	defect("b2b-login-empty-token", "BB-LOGIN-1", "The login answer's refresh_token is an empty string.", on(loggedIn, data(kit.Put("refresh_token", kit.Text(""))))),
	defect("b2b-client-id-string", "BB-LOGIN-1", "The login answer's client_id is a string.", on(loggedIn, data(kit.PutFound("client_id", func(c *kit.Call) kit.Value { return kit.Text(strconv.Itoa(c.User.ActsAs)) })))),
	defect("b2b-client-id-fraction", "BB-LOGIN-1", "The login answer's client_id is a number with a fraction.", on(loggedIn, data(kit.PutFound("client_id", func(c *kit.Call) kit.Value { return kit.Raw(strconv.Itoa(c.User.ActsAs) + ".5") })))),
	liberty("b2b-hands-out-again", "BB-LOGIN-2", "A login repeats the pair that is still alive, with its timestamps.", func(m *b2b) { m.HandsOutAgain = true }),
}

// Quirks in how a user proves itself.
var passwordQuirks = []kit.Declared[*b2b]{
	liberty("b2b-throttles-wrong-passwords", "BB-LOGIN-3", "Each wrong password is answered 429 with Retry-After: 900; the right one is let in.", kit.Throttles[*b2b](wrongPassword, 1)),
	defect("b2b-failed-login-ends-sessions", "BB-USE-1", "A wrong password ends all sessions of the account.", kit.EndsOnFailure[*b2b](wrongPassword, func(c *kit.Call) uint32 { return c.User.Number }, kit.KnownName, kit.AccessToken, kit.RefreshToken)),
	defect("b2b-failed-login-ends-refresh", "BB-REFRESH-1", "A wrong password ends the refresh tokens of the account.", kit.EndsOnFailure[*b2b](wrongPassword, func(c *kit.Call) uint32 { return c.User.Number }, kit.KnownName, kit.RefreshToken)),
	liberty("b2b-locks-out", "BB-LOGIN-3", "After five wrong passwords in a row an account is refused for fifteen minutes.", kit.LocksOut(wrongPassword, loggedIn, 5, (*b2b).wrongPassword)),
	defect("b2b-password-unchecked", "BB-LOGIN-3", "Any password of a known user is accepted.", func(m *b2b) { m.passwords.Unchecked = true }),
	defect("b2b-password-any-case", "BB-LOGIN-3", "The password is compared without regard to case.", func(m *b2b) { m.passwords.AnyCase = true }),
	defect("b2b-password-prefix", "BB-LOGIN-3", "Only the first half of the password is compared.", func(m *b2b) { m.passwords.StartOnly = true }),
	defect("b2b-password-trimmed", "ANY-EXACT", "White space around the password is not compared.", func(m *b2b) { m.passwords.Spaces = true }),
	defect("b2b-password-suffix", "BB-LOGIN-3", "The first letter of the password is not compared.", func(m *b2b) { m.passwords.EndOnly = true }),
	defect("b2b-texts-in-arrays-accepted", "BB-VALID-1", "The right texts of a login or refresh are accepted in arrays of their own.", kit.Unwraps[*b2b](loginPath, refreshPath)),
	defect("b2b-password-of-another-accepted", "BB-LOGIN-3", "A user is let in with the password of any other.", func(m *b2b) { m.passwords.Anybodys = m.Anybodys }),
	defect("b2b-user-unknown-accepted", "BB-LOGIN-3", "An unknown user gets tokens.", func(m *b2b) { m.passwords.Unknown = true }),
	defect("b2b-wrong-password-200", "BB-LOGIN-3", "Wrong credentials are answered 200 with an error in the body.", on(wrongPassword, kit.Status(http.StatusOK))),
	defect("b2b-wrong-password-403", "BB-LOGIN-3", "Wrong credentials are answered 403.", on(wrongPassword, fails(http.StatusForbidden))),
	defect("b2b-wrong-password-400", "BB-LOGIN-3", "Wrong credentials are answered 400 as if they were malformed.", on(wrongPassword, fails(http.StatusBadRequest))),
	defect("b2b-wrong-password-name", "BB-LOGIN-3", "The error of wrong credentials is named AuthenticationError.", on(wrongPassword, named("AuthenticationError"))),
	defect("b2b-wrong-password-code", "BB-LOGIN-3", "The error of wrong credentials has the code INVALID_CREDENTIALS.", on(wrongPassword, coded("INVALID_CREDENTIALS"))),
	defect("b2b-unknown-user-404", "BB-LOGIN-3", "An unknown user is answered 404.", on(wrongPassword, failing(http.StatusNotFound, "There is no such user."), kit.Not(kit.KnownName))),
	defect("b2b-drops-unknown-user", "ANY-5XX", "An unknown user's connection is closed without an answer.", on(wrongPassword, kit.HangUp, kit.Not(kit.KnownName))),
	defect("b2b-leaks-password", "ANY-LEAK", "The refusal of a wrong password tells the right one.", on(wrongPassword, failure(kit.PutFound("message", func(c *kit.Call) kit.Value { return kit.Text("The password should have been " + c.User.Password) })), kit.KnownName)),
}

// Quirks in what is said of time, and in how long tokens live.
var timeQuirks = []kit.Declared[*b2b]{
	defect("b2b-logins-mixed-up", "BB-LOGIN-1", "Of users that log in within 40 ms all are answered the tokens of the last.", func(m *b2b) { on(loggedIn, data(kit.OfTheLast()))(m) }),
	defect("b2b-times-spaced", "BB-LOGIN-1", "Timestamps are written like 2024-01-15 10:30:00.", written(func(t time.Time) string { return t.Format(time.DateTime) })),
	defect("b2b-times-local", "BB-LOGIN-2", "Timestamps are those of a zone two hours east and say Z; the tokens have no exp.", noExp, written(func(t time.Time) string { return t.Add(2 * time.Hour).Format(time.RFC3339) })),
	liberty("b2b-times-utc-offset", "BB-LOGIN-1", "Timestamps end in +00:00 instead of Z.", written(func(t time.Time) string { return t.Format("2006-01-02T15:04:05-07:00") })),
	liberty("b2b-times-lower-case", "BB-LOGIN-1", "The T and the Z of timestamps are written small.", written(func(t time.Time) string { return strings.ToLower(t.Format(time.RFC3339)) })),
	liberty("b2b-times-fraction", "BB-LOGIN-1", "Timestamps have milliseconds.", func(m *b2b) {
		m.announced = func(_ kit.Kind, ends time.Time) string { return ends.UTC().Format("2006-01-02T15:04:05.000Z") }
	}),
	liberty("b2b-times-zone", "BB-LOGIN-1", "Timestamps are those of a zone, and say so: +05:30.", written(func(t time.Time) string { return t.In(time.FixedZone("", 5*3600+1800)).Format(time.RFC3339) })),
	defect("b2b-times-numbers", "BB-LOGIN-1", "The login answer's timestamps are seconds since 1970.", on(loggedIn, data(func(c *kit.Call, a kit.Answer) kit.Answer {
		a.Body = a.Body.Set("access_expires_at", kit.Number(c.Pair.AccessEnds.Unix())).Set("refresh_expires_at", kit.Number(c.Pair.RefreshEnds.Unix()))
		return a
	}))),
	defect("b2b-times-in-the-past", "BB-LOGIN-2", "The login answer's timestamps are the time of issue; the tokens have no exp.", noExp, issuedAsEnds),
	defect("b2b-access-two-hours", "BB-LOGIN-2", "access_expires_at is 2 hours ahead; the token lives for one.", func(m *b2b) { m.AccessLife = 2 * accessLife }, func(m *b2b) { m.EndsEarly[kit.AccessToken] = accessLife }),
	defect("b2b-refresh-thirty-days", "BB-LOGIN-2", "refresh_expires_at is 30 days ahead; the token lives for 7.", func(m *b2b) { m.RefreshLife = 30 * 24 * time.Hour }, func(m *b2b) { m.EndsEarly[kit.RefreshToken] = refreshLife }),
	liberty("b2b-clock-ahead", "BB-LOGIN-2", "The server's clock, and all it says, is 10 minutes fast.", func(m *b2b) { m.Clock.Skew(clockSkew) }),
	liberty("b2b-clock-behind", "BB-LOGIN-2", "The server's clock, and all it says, is 10 minutes slow.", func(m *b2b) { m.Clock.Skew(-clockSkew) }),
	liberty("b2b-no-date", "BB-LOGIN-2", "Answers have no Date header.", func(m *b2b) { m.OnHeader(func(h http.Header, _ kit.Answer) { h["Date"] = nil }) }),
	liberty("b2b-date-stands", "BB-LOGIN-2", "The Date header is the machine's, and does not follow the clock control.", func(m *b2b) { m.OnHeader(func(h http.Header, _ kit.Answer) { delete(h, "Date") }) }),
	defect("b2b-access-never-expires", "BB-EXPIRE-1", "An access token works after its announced end: nobody looks at exp.", func(m *b2b) { m.NeverEnds[kit.AccessToken] = true }),
	defect("b2b-access-lives-twice", "BB-EXPIRE-1", "An access token works for 2 hours, announced as one.", func(m *b2b) { m.EndsEarly[kit.AccessToken] = 2 * accessLife }),
	defect("b2b-access-dies-early", "BB-EXPIRE-1", "An access token dies after 30 minutes, announced as an hour.", func(m *b2b) { m.EndsEarly[kit.AccessToken] = accessLife / 2 }),
	defect("b2b-refresh-never-expires", "BB-EXPIRE-2", "A refresh token works after its announced end: nobody looks at exp.", func(m *b2b) { m.NeverEnds[kit.RefreshToken] = true }),
	defect("b2b-refresh-dies-early", "BB-EXPIRE-2", "A refresh token dies after a day, announced as 7.", func(m *b2b) { m.EndsEarly[kit.RefreshToken] = 24 * time.Hour }),
}
