package reference

import (
	"net/http"
	"strings"
	"time"
)

// Defects of clients, logins and lifetimes, by the requirement that each
// violates. Those of the users stand in pos_user_quirks.go, those of the
// refresh and of the protected endpoints in pos_token_quirks.go.
var (
	posLogInRefused   = defect("pos-login-refused", "POS-TOKEN-1", "Every login is answered 400.")
	posLogInOK        = defect("pos-token-200", "POS-TOKEN-1", "A login is answered 200.")
	posAccessOpaque   = defect("pos-access-no-uuid", "POS-TOKEN-1", "Access tokens are 43 characters of base64url.")
	posAccessDashless = defect("pos-access-uuid-without-dashes", "POS-TOKEN-1", "Access tokens are 32 hexadecimal digits, a UUID without its dashes.")
	posNoAccess       = defect("pos-token-no-access-token", "POS-TOKEN-1", "The login answer lacks access_token.")
	posExpiresString  = defect("pos-expires-in-string", "POS-TOKEN-1", "The login answer's expires_in is a string.")
	posExpiresMissing = defect("pos-expires-in-missing", "POS-TOKEN-1", "The login answer lacks expires_in.")
	posExpiresZero    = defect("pos-expires-in-zero", "POS-TOKEN-1", "The login answer's expires_in is 0.")
	posExpiresMinus   = defect("pos-expires-in-negative", "POS-TOKEN-1", "The login answer's expires_in is -1, for a token that works.")
	posRefreshNumber  = defect("pos-refresh-token-number", "POS-TOKEN-1", "The login answer's refresh_token is a number.")
	posNoRefresh      = defect("pos-token-no-refresh-token", "POS-TOKEN-1", "The login answer lacks refresh_token.")
	posRefreshEmpty   = defect("pos-refresh-token-empty", "POS-TOKEN-1", "The login answer's refresh_token is an empty string.")
	posTypeLower      = defect("pos-token-type-lower-case", "POS-TOKEN-1", "The login answer's token_type is bearer.")
	posTypeMissing    = defect("pos-token-type-missing", "POS-TOKEN-1", "The login answer lacks token_type.")
	posExpiresPart    = defect("pos-expires-in-fraction", "ANY-SCHEMA", "The login answer's expires_in has a fraction of a second.")
	posTypeNull       = defect("pos-token-type-null", "ANY-SCHEMA", "The login answer's token_type is null.")

	posBasicUnchecked  = defect("pos-basic-unchecked", "POS-TOKEN-2", "Users log in whatever the Authorization header says, also without one.")
	posBasicMissing    = defect("pos-basic-missing-accepted", "POS-TOKEN-2", "Users log in without an Authorization header; one that is there is checked.")
	posBasicAnyScheme  = defect("pos-basic-any-scheme", "POS-TOKEN-2", "The client's credentials are accepted under any scheme.")
	posSecretUnchecked = defect("pos-secret-unchecked", "POS-TOKEN-2", "Any secret of a known client is accepted.")
	posSecretEmpty     = defect("pos-secret-empty-accepted", "POS-TOKEN-2", "An empty secret of a known client is accepted.")
	posSecretAnyCase   = defect("pos-secret-any-case", "POS-TOKEN-2", "The secret is compared without regard to case.")
	posSecretPrefix    = defect("pos-secret-prefix", "POS-TOKEN-2", "Only the first half of the secret is compared.")
	posSecretOther     = defect("pos-secret-of-another-accepted", "POS-TOKEN-2", "A client is accepted with the secret of another client.")
	posClientUnknown   = defect("pos-client-unknown-accepted", "POS-TOKEN-2", "An unknown client is accepted.")
	posClient200       = defect("pos-wrong-client-200", "POS-TOKEN-2", "Wrong client credentials are answered 200 with an error in the body.")
	posBasicNoneCrash  = defect("pos-basic-missing-crash", "POS-TOKEN-2", "A login without an Authorization header is answered 500.")
	posBasicCrash      = defect("pos-basic-foreign-crash", "POS-TOKEN-2", "An Authorization header that is not well-formed Basic is answered 500.")

	posPasswordUnchecked = defect("pos-password-unchecked", "POS-TOKEN-3", "Any password of a known user is accepted.")
	posPasswordAnyCase   = defect("pos-password-any-case", "POS-TOKEN-3", "The password is compared without regard to case.")
	posPasswordPrefix    = defect("pos-password-prefix", "POS-TOKEN-3", "Only the first half of the password is compared.")
	posPasswordOther     = defect("pos-password-of-another-accepted", "POS-TOKEN-3", "Anybody is let in with the password of any user.")
	posPasswordMissing   = defect("pos-password-missing-accepted", "POS-TOKEN-3", "A login without password succeeds.")
	posPasswordEmpty     = defect("pos-password-empty-accepted", "POS-TOKEN-3", "A login with an empty password succeeds.")
	posPasswordNull      = defect("pos-password-null-accepted", "POS-TOKEN-3", "A login with a null password succeeds.")
	posPassword200       = defect("pos-wrong-password-200", "POS-TOKEN-3", "A wrong password is answered 200 with an error in the body.")
	posUserUnknown       = defect("pos-user-unknown-accepted", "POS-TOKEN-3", "An unknown user gets tokens.")
	posUserUnknownCrash  = defect("pos-user-unknown-crash", "POS-TOKEN-3", "An unknown user is answered 500.")
	posNameMissing       = defect("pos-user-name-missing-accepted", "POS-TOKEN-3", "A login without user_name gets tokens.")
	posNameMissingCrash  = defect("pos-user-name-missing-crash", "POS-TOKEN-3", "A login without user_name is answered 500.")
	posNameEmpty         = defect("pos-user-name-empty-accepted", "POS-TOKEN-3", "A login with an empty user_name gets tokens.")
	posNameCrash         = defect("pos-user-name-no-string-crash", "POS-TOKEN-3", "A user_name that is no string is answered 500 at the login.")
	posPasswordCrash     = defect("pos-password-no-string-crash", "POS-TOKEN-3", "A password that is no string is answered 500 at the login.")
	posLogInNoGrant      = defect("pos-token-grant-type-missing-crash", "POS-TOKEN-3", "A login without grant_type is answered 500.")
	posLogInOtherGrant   = defect("pos-token-grant-type-unknown-crash", "POS-TOKEN-3", "A login with an unknown grant_type is answered 500.")
	posLogInGrantNumber  = defect("pos-token-grant-type-number-crash", "POS-TOKEN-3", "A login with a number as grant_type is answered 500.")
	posLogInMalformed    = defect("pos-token-malformed-crash", "POS-TOKEN-3", "A login with malformed JSON is answered 500.")
	posLogInEmptyBody    = defect("pos-token-empty-body-crash", "POS-TOKEN-3", "A login with an empty body is answered 500.")
	posLogInNoObject     = defect("pos-token-array-body-crash", "POS-TOKEN-3", "A login whose body is JSON but no object is answered 500.")

	posRepeatsPair    = defect("pos-login-repeats-pair", "POS-TOKEN-4", "Every login of a user answers the first pair again, announced as new, also when it is spent or expired.")
	posRepeatsRefresh = defect("pos-login-repeats-refresh-token", "POS-TOKEN-4", "Every login of a user answers the refresh token of the first one again.")

	posAccessForever = defect("pos-access-never-expires", "POS-EXPIRE-1", "Access tokens never expire.")
	posAccessEarly   = defect("pos-access-dies-early", "POS-EXPIRE-1", "An access token dies after half of what expires_in says.")
	posRefreshEarly  = defect("pos-refresh-dies-with-access", "POS-EXPIRE-1", "A refresh token dies together with its access token.")
	posExpiresMinute = defect("pos-expires-in-minutes", "POS-EXPIRE-1", "expires_in is in minutes: 60 for a token that lives an hour.")
	posExpiresMilli  = defect("pos-expires-in-milliseconds", "POS-EXPIRE-1", "expires_in is in milliseconds: 3600000 for a token that lives an hour.")

	posDropsUnknownClient = defect("pos-drops-unknown-client", "ANY-5XX", "An unknown client's connection is closed without an answer.")
	posLeaksSecret        = defect("pos-leaks-secret", "ANY-LEAK", "The refusal of a wrong secret tells the right one.")
	posLeaksPassword      = defect("pos-leaks-password", "ANY-LEAK", "The refusal of a wrong password tells the right one.")
)

func (p *pos) policy() policy {
	life := p.accessLife()
	t := policy{
		accessLife:     life,
		refreshLife:    posRefreshLife,
		handsOutAgain:  p.has(posHandsOutAgain),
		repeatsBlindly: p.has(posRepeatsPair),
		startOnly:      [2]bool{accessToken: p.has(posAccessPrefix), refreshToken: p.has(posRefreshPrefix)},
		neverEnds:      [2]bool{accessToken: p.has(posAccessForever)},
		replayable:     p.any(posRefreshReplay, posRefreshSame),
		raceWindow:     p.has(posRefreshRace),
		takesAccess:    p.has(posRefreshAccess),
		deadAccess:     p.has(posRefreshDeadAccess),
		deadRefresh:    p.has(posRefreshDeadRefresh),
		remembersText:  p.any(posRefreshSameAccess, posLeaksToken),
	}
	if p.has(posAccessEarly) {
		t.endsEarly[accessToken] = life / 2
	}
	if p.has(posRefreshEarly) {
		t.endsEarly[refreshToken] = life
	}
	if p.has(posRefreshDay) {
		t.refreshLife = 24 * time.Hour
	}
	return p.commonPolicy(t)
}

// announced is what expires_in says of what is left of an access token.
func (p *pos) announced(left time.Duration) value {
	switch {
	case p.has(posExpiresMinute):
		return number(int64(left / time.Minute))
	case p.has(posExpiresMilli):
		return number(left.Milliseconds())
	case p.has(posTruncates):
		left -= time.Second
	}
	return number(int64(left / time.Second))
}

// credentials finds the client's credentials in the header.
func (p *pos) credentials(h http.Header) (id, secret string, how carried) {
	id, secret, how = basicCredentials(h)
	if how == carriesOther && p.has(posBasicAnyScheme) {
		_, encoded, _ := strings.Cut(h.Get("Authorization"), " ")
		id, secret, how = decodeBasic(encoded)
	}
	if p.has(posBasicFormDecoded) {
		id, secret = formDecoded(id), formDecoded(secret)
	}
	trims := p.has(p.common.trims)
	return trimmed(id, trims), trimmed(secret, trims), how
}

// noClient refuses a request without well-formed client credentials.
func (p *pos) noClient(how carried) (*client, *answer) {
	switch {
	case p.has(posBasicUnchecked), how == carriesNone && p.has(posBasicMissing):
		return nobody, nil
	case how == carriesNone && p.has(posBasicNoneCrash),
		how != carriesNone && p.has(posBasicCrash):
		crash("there are no client credentials to look at")
	}
	a := p.clientQuirks(p.unauthenticated())
	return nil, &a
}

func (p *pos) secretOf(who *client, secret string) bool {
	return p.has(posBasicUnchecked) || secretCheck{
		unchecked: p.has(posSecretUnchecked),
		none:      p.has(posSecretEmpty),
		anyCase:   p.has(posSecretAnyCase),
		startOnly: p.has(posSecretPrefix),
		unknown:   p.has(posClientUnknown),
		anybodys:  p.anybodys(p.has(posSecretOther)),
	}.accepts(who, secret)
}

// wrongClient refuses an unknown client or a wrong secret.
func (p *pos) wrongClient(who *client) answer {
	a := p.clientQuirks(p.unauthenticated())
	switch {
	case who == nobody && p.has(posDropsUnknownClient):
		a.fate = dropped
	case who != nobody && p.has(posLeaksSecret):
		a.body = a.body.set("expected", text(who.Secret))
	}
	return a
}

func (p *pos) clientQuirks(a answer) answer {
	switch {
	case p.has(posClient200):
		a.status, a.challenge = http.StatusOK, ""
	case p.has(posClient403):
		a.status, a.challenge = http.StatusForbidden, ""
	}
	return a
}

func (p *pos) misreadLogIn(fault bodyFault) *answer {
	switch {
	case fault == bodyMalformed && p.has(posLogInMalformed),
		fault == bodyEmpty && p.has(posLogInEmptyBody),
		fault == bodyNoObject && p.has(posLogInNoObject):
		crash(string(fault))
	}
	return p.misread(fault)
}

func (p *pos) logInName(body fields) (userName string, anybody bool, bad *answer) {
	f, found := body.get("user_name")
	if !found && p.has(posNameMissingCrash) || found && !f.isText() && p.has(posNameCrash) {
		crash("the user_name is missing or no string")
	}
	anybody = !found && p.has(posNameMissing) || f.isEmptyText() && p.has(posNameEmpty)
	if !anybody {
		userName, bad = p.text(body, "user_name")
	}
	return userName, anybody, bad
}

func (p *pos) logInPassword(body fields) (password string, unasked bool, bad *answer) {
	f, found := body.get("password")
	if found && !f.isText() && p.has(posPasswordCrash) {
		crash("the password is no string")
	}
	if !found && p.has(posPasswordMissing) || f.isEmptyText() && p.has(posPasswordEmpty) || string(f.raw) == "null" && p.has(posPasswordNull) {
		return "", true, nil
	}
	password, bad = p.text(body, "password")
	return password, false, bad
}

func (p *pos) passwords() secretCheck {
	return secretCheck{
		unchecked: p.has(posPasswordUnchecked),
		anyCase:   p.has(posPasswordAnyCase),
		startOnly: p.has(posPasswordPrefix),
		unknown:   p.has(posUserUnknown),
	}
}

// readablePassword is what is kept of a password beside its hash: nothing,
// unless a defect needs to read it.
func (p *pos) readablePassword(password string) string {
	if p.any(posPasswordAnyCase, posPasswordPrefix, posLeaksPassword) {
		return password
	}
	return ""
}

func (p *pos) wrongPassword(who *user) answer {
	if who == nil && p.has(posUserUnknownCrash) {
		return crash("the user is unknown")
	}
	a := refused(http.StatusBadRequest, "invalid_grant", "The user is unknown or the password is wrong.")
	switch {
	case p.has(posPassword200):
		a.status = http.StatusOK
	case who != nil && p.has(posLeaksPassword):
		a.body = a.body.set("expected", text(who.Password))
	case p.has(posPassword401):
		a.status, a.challenge = http.StatusUnauthorized, p.unauthenticated().challenge
	}
	return a
}

// logInQuirks changes the success answer of a login.
func (p *pos) logInQuirks(a answer, whose account, issue pair) answer {
	switch o := a.body; {
	case p.has(posLogInRefused):
		return refused(http.StatusBadRequest, "invalid_request", "The request is refused.")
	case p.has(posLogInOK):
		a.status = http.StatusOK
	case p.has(posNoAccess):
		a.body = o.without("access_token")
	case p.has(posExpiresString):
		a.body = o.set("expires_in", text("3600"))
	case p.has(posExpiresMissing):
		a.body = o.without("expires_in")
	case p.has(posExpiresZero):
		a.body = o.set("expires_in", number(0))
	case p.has(posExpiresMinus):
		a.body = o.set("expires_in", number(-1))
	case p.has(posExpiresPart):
		a.body = o.set("expires_in", raw("3599.5"))
	case p.has(posRefreshNumber):
		a.body = o.set("refresh_token", number(4711))
	case p.has(posNoRefresh):
		a.body = o.without("refresh_token")
	case p.has(posRefreshEmpty):
		a.body = o.set("refresh_token", text(""))
	case p.has(posTypeLower):
		a.body = o.set("token_type", text("bearer"))
	case p.has(posTypeMissing):
		a.body = o.without("token_type")
	case p.has(posTypeNull):
		a.body = o.set("token_type", null())
	case p.has(posRepeatsRefresh):
		a.body = o.set("refresh_token", text(p.firstLogIn(whose, issue).refresh))
	}
	return a
}

// firstLogIn remembers what a user's first login answered.
func (p *pos) firstLogIn(whose account, issue pair) pair {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.firsts[whose]; !known {
		p.firsts[whose] = issue
	}
	return p.firsts[whose]
}
