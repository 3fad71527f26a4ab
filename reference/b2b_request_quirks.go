package reference

import (
	"encoding/json"
	"net/http"
)

// Defects in how a request is read and in how answers look, by the requirement
// that each violates.
var (
	bbLogin422         = defect("b2b-login-missing-422", "BB-VALID-1", "A login that lacks a field is answered 422.")
	bbLogin401         = defect("b2b-login-missing-401", "BB-VALID-1", "A login that lacks a field is answered 401.")
	bbLoginSyntax      = defect("b2b-login-missing-syntax", "BB-VALID-1", "A login that lacks a field is answered SyntaxError / SYNTAX_ERROR.")
	bbLoginCrash       = defect("b2b-login-missing-crash", "BB-VALID-1", "A login that lacks a field is answered 500.")
	bbLoginObject401   = defect("b2b-login-object-401", "BB-VALID-1", "A login with an object or an array where a string belongs is answered 401.")
	bbLoginObjectCrash = defect("b2b-login-object-crash", "BB-VALID-1", "A login with an object where a string belongs is answered 500.")
	bbLoginArrayCrash  = defect("b2b-login-array-crash", "BB-VALID-1", "A login with an array where a string belongs is answered 500.")
	bbPasswordMissing  = defect("b2b-password-missing-accepted", "BB-VALID-1", "A login without a password gets tokens.")
	bbPasswordObject   = defect("b2b-password-object-accepted", "BB-VALID-1", "A login whose password is an object gets tokens.")
	bbPasswordArray    = defect("b2b-password-array-accepted", "BB-VALID-1", "A login whose password is an array gets tokens.")
	bbRefresh422       = defect("b2b-refresh-missing-422", "BB-VALID-1", "A refresh that lacks its token is answered 422.")
	bbRefresh401       = defect("b2b-refresh-missing-401", "BB-VALID-1", "A refresh that lacks its token is answered 401.")
	bbRefreshCode      = defect("b2b-refresh-missing-code", "BB-VALID-1", "A refresh that lacks its token is answered 400 with the code MISSING_FIELD.")
	bbRefreshObject    = defect("b2b-refresh-object-crash", "BB-VALID-1", "A refresh_token that is an object is answered 500.")
	bbRefreshArray     = defect("b2b-refresh-array-accepted", "BB-VALID-1", "A refresh_token that is an array counts as its first element.")

	bbLoginMalformedCrash     = defect("b2b-login-malformed-crash", "BB-VALID-2", "Malformed JSON is answered 500 by the login.")
	bbLoginMalformedInvalid   = defect("b2b-login-malformed-validation", "BB-VALID-2", "Malformed JSON is answered ValidationException / VALIDATION_FAILURE by the login.")
	bbLoginMalformed401       = defect("b2b-login-malformed-401", "BB-VALID-2", "Malformed JSON is answered 401 by the login.")
	bbLoginMalformedName      = defect("b2b-login-malformed-name", "BB-VALID-2", "The login's error for malformed JSON is named ParseError.")
	bbLoginEmptyCrash         = defect("b2b-login-empty-body-crash", "BB-VALID-2", "An empty body is answered 500 by the login.")
	bbLoginEmpty401           = defect("b2b-login-empty-body-401", "BB-VALID-2", "An empty body is answered 401 by the login.")
	bbLoginNoObject           = defect("b2b-login-no-object-crash", "BB-VALID-2", "JSON that is no object is answered 500 by the login.")
	bbRefreshMalformedCrash   = defect("b2b-refresh-malformed-crash", "BB-VALID-2", "Malformed JSON is answered 500 by the refresh.")
	bbRefreshMalformedInvalid = defect("b2b-refresh-malformed-validation", "BB-VALID-2", "Malformed JSON is answered ValidationException / VALIDATION_FAILURE by the refresh.")
	bbRefreshEmptyCrash       = defect("b2b-refresh-empty-body-crash", "BB-VALID-2", "An empty body is answered 500 by the refresh.")
	bbRefreshNoObject         = defect("b2b-refresh-no-object-crash", "BB-VALID-2", "JSON that is no object is answered 500 by the refresh.")

	bbLoginTrailing   = defect("b2b-login-trailing-accepted", "BB-VALID-2", "A login reads its JSON to the end of the object and does not look at what stands after it.")
	bbRefreshTrailing = defect("b2b-refresh-trailing-accepted", "BB-VALID-2", "A refresh reads its JSON to the end of the object and does not look at what stands after it.")

	bbSuccessMissing     = defect("b2b-success-missing", "BB-ENVELOPE-1", "The login answer has data, but no success.")
	bbSuccessString      = defect("b2b-success-string", "BB-ENVELOPE-1", `success is the string "true" in login and refresh.`)
	bbLoginBare          = defect("b2b-login-bare", "BB-ENVELOPE-1", "The login answer has no envelope.")
	bbRefreshBare        = defect("b2b-refresh-bare", "BB-ENVELOPE-1", "The refresh answer has no envelope.")
	bbRefreshNoSuccess   = defect("b2b-refresh-success-missing", "BB-ENVELOPE-1", "The refresh answer has data, but no success.")
	bbErrorText          = defect("b2b-error-text", "BB-ENVELOPE-2", "error is a string instead of an object.")
	bbErrorFailure       = defect("b2b-error-in-success-envelope", "BB-ENVELOPE-2", "Errors look like {success: false, message}.")
	bbErrorHTML          = defect("b2b-error-html", "BB-ENVELOPE-2", "Errors are HTML pages.")
	bbErrorNoName        = defect("b2b-error-name-missing", "BB-ENVELOPE-2", "Errors have no name.")
	bbErrorNoCode        = defect("b2b-error-code-missing", "BB-ENVELOPE-2", "Errors have no code.")
	bbErrorNoMessage     = defect("b2b-error-message-missing", "BB-ENVELOPE-2", "Errors have no message.")
	bbErrorEmptyMessage  = defect("b2b-error-message-empty", "BB-ENVELOPE-2", "The message of an error is an empty string.")
	bbErrorCodeNumber    = defect("b2b-error-code-number", "BB-ENVELOPE-2", "The code of an error is its status as a number.")
	bbErrorLowerCode     = defect("b2b-error-code-lower", "BB-ENVELOPE-2", "The code of a 401 is unauthorized, in lower case.")
	bbAPIErrorBare       = defect("b2b-api-error-bare", "BB-ENVELOPE-2", "The products and categories refuse with {message} alone.")
	bbRefreshErrorBare   = defect("b2b-refresh-error-bare", "BB-ENVELOPE-2", "The refresh refuses an unknown token with {message} alone.")
	bbMalformedErrorBare = defect("b2b-malformed-error-bare", "BB-ENVELOPE-2", "Malformed JSON is refused with {message} alone.")

	bbTypeRefused    = defect("b2b-get-with-type-refused", "BB-USE-3", "A GET with a Content-Type of JSON and no body is answered 400 SYNTAX_ERROR.")
	bbTypeMedia      = defect("b2b-get-with-type-415", "BB-USE-3", "The categories answer a GET with a Content-Type of JSON and no body with 415.")
	bbTypeHangs      = defect("b2b-get-with-type-hangs", "ANY-5XX", "The products wait for the body of a GET with a Content-Type of JSON, and never answer.")
	bbMediaCrash     = defect("b2b-other-media-crash", "ANY-5XX", "A login or refresh whose Content-Type is not JSON is answered 500.")
	bbHangsOnMissing = defect("b2b-hangs-on-missing-refresh-token", "ANY-5XX", "A refresh without refresh_token is never answered.")
	bbErrorObject    = defect("b2b-error-message-object", "ANY-SCHEMA", "The message of an error is an object.")
)

// Liberties in how a request is read and in how answers look.
var (
	bbEmpty401       = liberty("b2b-empty-401", "BB-VALID-1", "An empty string or a number where a string belongs is answered 401.")
	bbEmptyInvalid   = liberty("b2b-empty-body-validation", "BB-VALID-2", "An empty body is answered VALIDATION_FAILURE.")
	bbNoObjectSyntax = liberty("b2b-no-object-syntax", "BB-VALID-2", "JSON that is no object is answered SYNTAX_ERROR.")
	bbAnyMedia       = liberty("b2b-any-media", "BB-VALID-2", "A body is read as JSON whatever its Content-Type says.")
	bbMalformed400   = liberty("b2b-malformed-refresh-400", "BB-REFRESH-2", "A refresh token that is no JWT is answered 400 VALIDATION_FAILURE.")
	bbErrorDetails   = liberty("b2b-error-details", "BB-ENVELOPE-2", "Errors have members beside name, code and message.")
	bbProblemJSON    = liberty("b2b-problem-json", "BB-ENVELOPE-2", "Errors are sent as application/problem+json.")
)

// credentials reads the body of a login. A defect passes an empty password on
// for one that is none.
func (m *b2b) credentials(in fields) (username, password string, refusal *answer) {
	names := []string{"username", "password"}
	f, found := in.get("password")
	if !found && m.has(bbPasswordMissing) || found && (f.raw[0] == '{' && m.has(bbPasswordObject) || f.raw[0] == '[' && m.has(bbPasswordArray)) {
		names = names[:1]
	}
	values, refusal := m.members(atLogin, in, names...)
	return values[0], values[1], refusal
}

// refreshToken reads the body of a refresh.
func (m *b2b) refreshToken(in fields) (string, *answer) {
	if f, found := in.get("refresh_token"); found && f.raw[0] == '[' && m.has(bbRefreshArray) {
		var list []string
		if json.Unmarshal(f.raw, &list) == nil && len(list) > 0 {
			return list[0], nil
		}
	}
	values, refusal := m.members(atRefresh, in, "refresh_token")
	return values[0], refusal
}

// invalidQuirks refuses a body whose members are not as they should be; fault
// is the refusal that it deserves.
func (m *b2b) invalidQuirks(at place, in fields, names []string, fault bbFault) answer {
	var missing, object, array, coercible bool
	coercible = true
	for _, name := range names {
		switch f, found := in.get(name); {
		case !found:
			missing, coercible = true, false
		case f.raw[0] == '{':
			object, coercible = true, false
		case f.raw[0] == '[':
			array, coercible = true, false
		case !f.isText() && f.raw[0] != '-' && (f.raw[0] < '0' || f.raw[0] > '9'):
			coercible = false
		}
	}
	login, refresh := at == atLogin, at == atRefresh
	unauthorized := bbFaultOf(http.StatusUnauthorized, "Invalid credentials")
	switch {
	case login && missing && m.has(bbLoginCrash), login && object && m.has(bbLoginObjectCrash),
		login && array && m.has(bbLoginArrayCrash), refresh && object && m.has(bbRefreshObject):
		return crash("a member is no string")
	case login && missing && m.has(bbLogin422), refresh && missing && m.has(bbRefresh422):
		fault.status = http.StatusUnprocessableEntity
	case login && missing && m.has(bbLogin401), refresh && missing && m.has(bbRefresh401),
		login && (object || array) && m.has(bbLoginObject401), coercible && m.has(bbEmpty401):
		fault = unauthorized
	case login && missing && m.has(bbLoginSyntax):
		fault = syntaxError(fault.message)
	case refresh && missing && m.has(bbRefreshCode):
		fault.code = "MISSING_FIELD"
	}
	a := m.refusal(fault)
	if refresh && missing && m.has(bbHangsOnMissing) {
		a.fate = hung
	}
	return a
}

// misreadQuirks changes the refusal of a body that is no JSON object.
func (m *b2b) misreadQuirks(at place, why bodyFault, f bbFault) bbFault {
	login, refresh := at == atLogin, at == atRefresh
	malformed, empty, noObject := why == bodyMalformed, why == bodyEmpty, why == bodyNoObject
	switch {
	case login && malformed && m.has(bbLoginMalformedCrash), refresh && malformed && m.has(bbRefreshMalformedCrash),
		login && empty && m.has(bbLoginEmptyCrash), refresh && empty && m.has(bbRefreshEmptyCrash),
		login && noObject && m.has(bbLoginNoObject), refresh && noObject && m.has(bbRefreshNoObject),
		why == bodyMedia && m.has(bbMediaCrash):
		crash(string(why))
	case login && malformed && m.has(bbLoginMalformedInvalid), refresh && malformed && m.has(bbRefreshMalformedInvalid),
		empty && m.has(bbEmptyInvalid):
		return bbFaultOf(http.StatusBadRequest, f.message)
	case login && malformed && m.has(bbLoginMalformed401), login && empty && m.has(bbLoginEmpty401):
		return bbFaultOf(http.StatusUnauthorized, "Invalid credentials")
	case login && malformed && m.has(bbLoginMalformedName):
		f.name = "ParseError"
	case noObject && m.has(bbNoObjectSyntax):
		return syntaxError(f.message)
	}
	f.bare = malformed && m.has(bbMalformedErrorBare)
	return f
}

// wantsBody: the defects of BB-USE-3 read the body that a Content-Type promises.
func (m *b2b) wantsBody(c *call, at place) *answer {
	if !isJSON(c.Header.Get("Content-Type")) || c.ContentLength > 0 {
		return nil
	}
	var a answer
	switch {
	case m.has(bbTypeRefused):
		a = m.refusal(syntaxError(string(bodyEmpty) + "."))
	case at == atCategories && m.has(bbTypeMedia):
		a = m.fail(http.StatusUnsupportedMediaType, "A GET has no body.")
	case at == atProducts && m.has(bbTypeHangs):
		a = answer{fate: hung}
	default:
		return nil
	}
	return &a
}

// successQuirks changes the envelope of a success; data is what is in it.
func (m *b2b) successQuirks(at place, envelope, data object) object {
	login, refresh := at == atLogin, at == atRefresh
	switch {
	case login && m.has(bbLoginBare), refresh && m.has(bbRefreshBare):
		return data
	case login && m.has(bbSuccessMissing), refresh && m.has(bbRefreshNoSuccess):
		return envelope.without("success")
	case m.has(bbSuccessString):
		return envelope.set("success", text("true"))
	}
	return envelope
}

// errorMemberQuirks changes the members of an error.
func (m *b2b) errorMemberQuirks(f bbFault, o object) object {
	switch {
	case m.has(bbErrorNoName):
		return o.without("name")
	case m.has(bbErrorNoCode):
		return o.without("code")
	case m.has(bbErrorNoMessage):
		return o.without("message")
	case m.has(bbErrorEmptyMessage):
		return o.set("message", text(""))
	case m.has(bbErrorCodeNumber):
		return o.set("code", number(int64(f.status)))
	case f.status == http.StatusUnauthorized && m.has(bbErrorLowerCode):
		return o.set("code", text("unauthorized"))
	case m.has(bbErrorObject):
		return o.set("message", raw(`{"en":"refused"}`))
	case m.has(bbErrorDetails):
		return append(o, member{"details", raw(`[{"hint":"see the documentation"}]`)}, member{"status", number(int64(f.status))})
	}
	return o
}

// errorQuirks changes the envelope of an error.
func (m *b2b) errorQuirks(a answer, f bbFault) answer {
	switch {
	case m.has(bbErrorClaimsSuccess):
		a.body = append(object{{"success", truth(true)}}, a.body...)
	case f.bare:
		a.body = object{{"message", text(f.message)}}
	case m.has(bbErrorText):
		a.body = object{{"error", text(f.message)}}
	case m.has(bbErrorFailure):
		a.body = object{{"success", truth(false)}, {"message", text(f.message)}}
	case m.has(bbProblemJSON):
		a.media = problemType
	case m.has(bbErrorHTML):
		a.page = []byte("<!DOCTYPE html><title>" + http.StatusText(f.status) + "</title>\n")
	}
	return a
}
