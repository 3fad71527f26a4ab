package b2b

import (
	"net/http"

	"gonogo/reference/kit"
)

// Quirks in how a request is read.
var requestQuirks = []kit.Declared[*b2b]{
	defect("b2b-login-missing-422", "BB-VALID-1", "A login that lacks a field is answered 422.", on(invalid, kit.Status(http.StatusUnprocessableEntity), atLogin, lacksCredentials)),
	defect("b2b-login-missing-401", "BB-VALID-1", "A login that lacks a field is answered 401.", on(invalid, failing(http.StatusUnauthorized, invalidCredentials), atLogin, lacksCredentials)),
	defect("b2b-login-missing-syntax", "BB-VALID-1", "A login that lacks a field is answered SyntaxError / SYNTAX_ERROR.", on(invalid, asSyntax, atLogin, lacksCredentials)),
	defect("b2b-login-missing-crash", "BB-VALID-1", "A login that lacks a field is answered 500.", on(invalid, kit.Crash, atLogin, lacksCredentials)),
	defect("b2b-login-object-401", "BB-VALID-1", "A login with an object or an array where a string belongs is answered 401.", on(invalid, failing(http.StatusUnauthorized, invalidCredentials), atLogin, kit.Either(credential(kit.IsObject), credential(kit.IsArray)))),
	defect("b2b-login-object-crash", "BB-VALID-1", "A login with an object where a string belongs is answered 500.", on(invalid, kit.Crash, atLogin, credential(kit.IsObject))),
	defect("b2b-login-array-crash", "BB-VALID-1", "A login with an array where a string belongs is answered 500.", on(invalid, kit.Crash, atLogin, credential(kit.IsArray))),
	defect("b2b-password-missing-accepted", "BB-VALID-1", "A login without a password gets tokens.", instead(invalid, (*b2b).enterUnproved, atLogin, kit.Lacks("password"))),
	defect("b2b-password-operator-accepted", "BB-VALID-1", "A login whose password is an operator of a query language gets tokens.", instead(invalid, (*b2b).enterUnproved, atLogin, kit.IsOperator("password"))),
	defect("b2b-password-object-accepted", "BB-VALID-1", "A login whose password is an object gets tokens.", instead(invalid, (*b2b).enterUnproved, atLogin, kit.IsObject("password"))),
	defect("b2b-password-array-accepted", "BB-VALID-1", "A login whose password is an array gets tokens.", instead(invalid, (*b2b).enterUnproved, atLogin, kit.IsArray("password"))),
	defect("b2b-refresh-missing-422", "BB-VALID-1", "A refresh that lacks its token is answered 422.", on(invalid, kit.Status(http.StatusUnprocessableEntity), atRefresh, kit.Lacks("refresh_token"))),
	defect("b2b-refresh-missing-401", "BB-VALID-1", "A refresh that lacks its token is answered 401.", on(invalid, failing(http.StatusUnauthorized, invalidCredentials), atRefresh, kit.Lacks("refresh_token"))),
	defect("b2b-refresh-missing-code", "BB-VALID-1", "A refresh that lacks its token is answered 400 with the code MISSING_FIELD.", on(invalid, coded("MISSING_FIELD"), atRefresh, kit.Lacks("refresh_token"))),
	defect("b2b-refresh-object-crash", "BB-VALID-1", "A refresh_token that is an object is answered 500.", on(invalid, kit.Crash, atRefresh, kit.IsObject("refresh_token"))),
	defect("b2b-refresh-array-accepted", "BB-VALID-1", "A refresh_token that is an array counts as its first element.", instead(invalid, (*b2b).refreshWithFirst, atRefresh, kit.IsArray("refresh_token"))),
	defect("b2b-hangs-on-missing-refresh-token", "ANY-5XX", "A refresh without refresh_token is never answered.", on(invalid, kit.Hang, atRefresh, kit.Lacks("refresh_token"))),
	liberty("b2b-empty-401", "BB-VALID-1", "An empty string or a number where a string belongs is answered 401.", on(invalid, failing(http.StatusUnauthorized, invalidCredentials), coercible)),

	defect("b2b-login-malformed-crash", "BB-VALID-2", "Malformed JSON is answered 500 by the login.", on(misread, kit.Crash, atLogin, kit.Misread(kit.BodyMalformed))),
	defect("b2b-login-malformed-validation", "BB-VALID-2", "Malformed JSON is answered ValidationException / VALIDATION_FAILURE by the login.", on(misread, fails(http.StatusBadRequest), atLogin, kit.Misread(kit.BodyMalformed))),
	defect("b2b-login-malformed-401", "BB-VALID-2", "Malformed JSON is answered 401 by the login.", on(misread, failing(http.StatusUnauthorized, invalidCredentials), atLogin, kit.Misread(kit.BodyMalformed))),
	defect("b2b-login-malformed-name", "BB-VALID-2", "The login's error for malformed JSON is named ParseError.", on(misread, named("ParseError"), atLogin, kit.Misread(kit.BodyMalformed))),
	defect("b2b-login-empty-body-crash", "BB-VALID-2", "An empty body is answered 500 by the login.", on(misread, kit.Crash, atLogin, kit.Misread(kit.BodyEmpty))),
	defect("b2b-login-empty-body-401", "BB-VALID-2", "An empty body is answered 401 by the login.", on(misread, failing(http.StatusUnauthorized, invalidCredentials), atLogin, kit.Misread(kit.BodyEmpty))),
	defect("b2b-login-no-object-crash", "BB-VALID-2", "JSON that is no object is answered 500 by the login.", on(misread, kit.Crash, atLogin, kit.Misread(kit.BodyNoObject))),
	defect("b2b-refresh-malformed-crash", "BB-VALID-2", "Malformed JSON is answered 500 by the refresh.", on(misread, kit.Crash, atRefresh, kit.Misread(kit.BodyMalformed))),
	defect("b2b-refresh-malformed-validation", "BB-VALID-2", "Malformed JSON is answered ValidationException / VALIDATION_FAILURE by the refresh.", on(misread, fails(http.StatusBadRequest), atRefresh, kit.Misread(kit.BodyMalformed))),
	defect("b2b-refresh-empty-body-crash", "BB-VALID-2", "An empty body is answered 500 by the refresh.", on(misread, kit.Crash, atRefresh, kit.Misread(kit.BodyEmpty))),
	defect("b2b-refresh-no-object-crash", "BB-VALID-2", "JSON that is no object is answered 500 by the refresh.", on(misread, kit.Crash, atRefresh, kit.Misread(kit.BodyNoObject))),
	defect("b2b-login-trailing-accepted", "BB-VALID-2", "A login reads its JSON to the end of the object and does not look at what stands after it.", readsFirst(atLogin)),
	defect("b2b-refresh-trailing-accepted", "BB-VALID-2", "A refresh reads its JSON to the end of the object and does not look at what stands after it.", readsFirst(atRefresh)),
	defect("b2b-other-media-crash", "ANY-5XX", "A login or refresh whose Content-Type is not JSON is answered 500.", on(misread, kit.Crash, kit.Misread(kit.BodyMedia))),
	liberty("b2b-any-media", "BB-VALID-2", "A body is read as JSON whatever its Content-Type says.", func(m *b2b) { m.Media = func(*kit.Call) *kit.BodyFault { return nil } }),
	liberty("b2b-empty-body-validation", "BB-VALID-2", "An empty body is answered VALIDATION_FAILURE.", on(misread, fails(http.StatusBadRequest), kit.Misread(kit.BodyEmpty))),
	liberty("b2b-no-object-syntax", "BB-VALID-2", "JSON that is no object is answered SYNTAX_ERROR.", on(misread, asSyntax, kit.Misread(kit.BodyNoObject))),
}

// Quirks in how answers look.
var envelopeQuirks = []kit.Declared[*b2b]{
	defect("b2b-success-missing", "BB-ENVELOPE-1", "The login answer has data, but no success.", on(loggedIn, kit.Drop("success"))),
	defect("b2b-refresh-success-missing", "BB-ENVELOPE-1", "The refresh answer has data, but no success.", on(refreshed, kit.Drop("success"))),
	defect("b2b-success-string", "BB-ENVELOPE-1", `success is the string "true" in login and refresh.`, on(loggedIn, kit.Put("success", kit.Text("true"))), on(refreshed, kit.Put("success", kit.Text("true")))),
	defect("b2b-login-bare", "BB-ENVELOPE-1", "The login answer has no envelope.", on(loggedIn, bareData)),
	defect("b2b-refresh-bare", "BB-ENVELOPE-1", "The refresh answer has no envelope.", on(refreshed, bareData)),
	defect("b2b-error-text", "BB-ENVELOPE-2", "error is a string instead of an object.", onErrors(errorBody(func(message string) kit.Object { return kit.Object{{"error", kit.Text(message)}} }))),
	defect("b2b-error-in-success-envelope", "BB-ENVELOPE-2", "Errors look like {success: false, message}.", onErrors(errorBody(func(message string) kit.Object {
		return kit.Object{{"success", kit.Truth(false)}, {"message", kit.Text(message)}}
	}))),
	defect("b2b-error-html", "BB-ENVELOPE-2", "Errors are HTML pages.", onErrors(func(_ *kit.Call, a kit.Answer) kit.Answer {
		a.Page = []byte("<!DOCTYPE html><title>" + http.StatusText(a.Status) + "</title>\n")
		return a
	})),
	defect("b2b-error-name-missing", "BB-ENVELOPE-2", "Errors have no name.", onErrors(failure(kit.Drop("name")))),
	defect("b2b-error-code-missing", "BB-ENVELOPE-2", "Errors have no code.", onErrors(failure(kit.Drop("code")))),
	defect("b2b-error-message-missing", "BB-ENVELOPE-2", "Errors have no message.", onErrors(failure(kit.Drop("message")))),
	defect("b2b-error-message-empty", "BB-ENVELOPE-2", "The message of an error is an empty string.", onErrors(failure(kit.Put("message", kit.Text(""))))),
	defect("b2b-error-message-object", "ANY-SCHEMA", "The message of an error is an object.", onErrors(failure(kit.Put("message", kit.Raw(`{"en":"refused"}`))))),
	defect("b2b-error-code-number", "BB-ENVELOPE-2", "The code of an error is its status as a number.", onErrors(func(c *kit.Call, a kit.Answer) kit.Answer {
		return failure(kit.Put("code", kit.Number(int64(a.Status))))(c, a)
	})),
	defect("b2b-error-code-lower", "BB-ENVELOPE-2", "The code of a 401 is unauthorized, in lower case.", onErrors(func(c *kit.Call, a kit.Answer) kit.Answer {
		if a.Status == http.StatusUnauthorized {
			a = coded("unauthorized")(c, a)
		}
		return a
	})),
	liberty("b2b-error-details", "BB-ENVELOPE-2", "Errors have members beside name, code and message.", onErrors(func(c *kit.Call, a kit.Answer) kit.Answer {
		a = failure(kit.Put("details", kit.Raw(`[{"hint":"see the documentation"}]`)))(c, a)
		return failure(kit.Put("status", kit.Number(int64(a.Status))))(c, a)
	})),
	defect("b2b-error-claims-success", "BB-ENVELOPE-1", "Every error says success true beside it, which is all that the document's own client looks at.", onErrors(kit.Body(func(o kit.Object) kit.Object { return append(kit.Object{{"success", kit.Truth(true)}}, o...) }))),
	defect("b2b-success-with-error", "BB-ENVELOPE-2", "A login or refresh that succeeds answers an error of three empty texts beside its data.", on(loggedIn, emptyError), on(refreshed, emptyError)),
	liberty("b2b-success-with-null-error", "BB-ENVELOPE-2", "A login or refresh that succeeds answers error null beside its data.", on(loggedIn, kit.Put("error", kit.Null())), on(refreshed, kit.Put("error", kit.Null()))),
	liberty("b2b-problem-json", "BB-ENVELOPE-2", "Errors are sent as application/problem+json.", onErrors(func(_ *kit.Call, a kit.Answer) kit.Answer { a.Media = []string{"application/problem+json"}; return a })),
	defect("b2b-api-error-bare", "BB-ENVELOPE-2", "The products and categories refuse with {message} alone.", on(kit.Unauthorized, bareError)),
	defect("b2b-refresh-error-bare", "BB-ENVELOPE-2", "The refresh refuses an unknown token with {message} alone.", on(noRefreshToken, bareError)),
	defect("b2b-malformed-error-bare", "BB-ENVELOPE-2", "Malformed JSON is refused with {message} alone.", on(misread, bareError, kit.Misread(kit.BodyMalformed))),
}
