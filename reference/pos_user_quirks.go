package reference

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"time"
)

// Defects of the users, by the requirement that each violates.
var (
	posUsersOK      = defect("pos-users-200", "POS-USER-1", "A new user is answered 200.")
	posUsersEmpty   = defect("pos-users-empty", "POS-USER-1", "A new user is answered 201 with nothing in the body.")
	posUsersPage    = defect("pos-users-page", "POS-USER-1", "A new user is answered 201 with an HTML page instead of the resource.")
	posUsersStatus  = defect("pos-users-status-only", "POS-USER-1", `A new user is answered 201 with {"status":"ok"} instead of the resource.`)
	posUsersOther   = defect("pos-users-other-resource", "POS-USER-1", "A new user is answered 201 with the resource of another user.")
	posUsersRefused = defect("pos-users-refused", "POS-USER-1", "Every new user is answered 400.")

	posUserLockedOut = defect("pos-user-cannot-log-in", "POS-USER-2", "A created user cannot log in.")
	posUserLate      = defect("pos-user-late", "POS-USER-2", "A created user can log in after a minute, and not before.")

	posUsersNoName        = defect("pos-users-name-missing-accepted", "POS-USER-3", "A user without user_name is created.")
	posUsersEmptyName     = defect("pos-users-name-empty-accepted", "POS-USER-3", "A user with an empty user_name is created.")
	posUsersNameCrash     = defect("pos-users-name-no-string-crash", "POS-USER-3", "A user_name that is no string is answered 500 when a user is created.")
	posUsersNoPassword    = defect("pos-users-password-missing-accepted", "POS-USER-3", "A user without password is created.")
	posUsersEmptyPassword = defect("pos-users-password-empty-accepted", "POS-USER-3", "A user with an empty password is created.")
	posUsersNullPassword  = defect("pos-users-password-null-accepted", "POS-USER-3", "A user with a null password is created.")
	posUsersPasswordCrash = defect("pos-users-password-no-string-crash", "POS-USER-3", "A password that is no string is answered 500 when a user is created.")
	posUsersNoGrant       = defect("pos-users-grant-type-missing-crash", "POS-USER-3", "A missing grant_type is answered 500 when a user is created.")
	posUsersOtherGrant    = defect("pos-users-grant-type-unknown-crash", "POS-USER-3", "An unknown grant_type is answered 500 when a user is created.")
	posUsersGrantCrash    = defect("pos-users-grant-type-number-crash", "POS-USER-3", "A number as grant_type is answered 500 when a user is created.")
	posUsersMalformedOK   = defect("pos-users-malformed-accepted", "POS-USER-3", "Malformed JSON is answered 201 with a user of a made-up name.")
	posUsersMalformed     = defect("pos-users-malformed-crash", "POS-USER-3", "Malformed JSON is answered 500 when a user is created.")
	posUsersEmptyBody     = defect("pos-users-empty-body-crash", "POS-USER-3", "An empty body is answered 500 when a user is created.")
	posUsersNoObject      = defect("pos-users-array-body-crash", "POS-USER-3", "A body that is JSON but no object is answered 500 when a user is created.")
	posUsersEcho          = defect("pos-users-echo-password", "POS-USER-3", "The new user resource has the password.")
	posUsersEchoElsewhere = defect("pos-users-echo-password-elsewhere", "POS-USER-3", "The new user resource has the password within the text of another member.")
	posUsersEchoRefusal   = defect("pos-users-refusal-echoes", "POS-USER-3", "The refusal of an incomplete user repeats what was sent, the password included.")

	posDuplicateReplaces = defect("pos-duplicate-replaces", "POS-DUP-1", "A repeated user_name is answered 201 and replaces the account.")
	posDuplicateIgnored  = defect("pos-duplicate-ignored", "POS-DUP-1", "A repeated user_name is answered 201 and changes nothing.")
	posMediaCrash        = defect("pos-other-media-crash", "ANY-5XX", "A body that is neither JSON nor a form by its Content-Type is answered 500.")
	posDuplicateCrash    = defect("pos-duplicate-crash", "ANY-5XX", "A repeated user_name is answered 500.")
)

// strangerAtUsers refuses a client that is not known.
func (p *pos) strangerAtUsers(c *call) *answer {
	if p.has(posUsersOpen) {
		return nil
	}
	_, stranger := p.client(c.Header)
	return stranger
}

func (p *pos) misreadUser(fault bodyFault) (userRequest, *answer) {
	switch {
	case fault == bodyMalformed && p.has(posUsersMalformedOK):
		return userRequest{username: madeUpName(), password: randomToken()}, nil
	case fault == bodyMalformed && p.has(posUsersMalformed),
		fault == bodyEmpty && p.has(posUsersEmptyBody),
		fault == bodyNoObject && p.has(posUsersNoObject):
		crash(string(fault))
	}
	return userRequest{}, p.misread(fault)
}

// madeUpName is the name of a user that only a defect creates; it is new, or
// the defect would show once only.
func madeUpName() string { return "user-" + randomToken()[:12] }

func (p *pos) newUserName(body fields) (string, *answer) {
	f, found := body.get("user_name")
	switch {
	case !found && p.has(posUsersNoName), f.isEmptyText() && p.has(posUsersEmptyName):
		return madeUpName(), nil
	case found && !f.isText() && p.has(posUsersNameCrash):
		crash("the user_name is no string")
	}
	name, bad := p.text(body, "user_name")
	switch {
	case bad != nil:
	case len(name) > maxUserName:
		bad = p.bad("invalid_request", "The member user_name is longer than 256 bytes.")
	case p.has(posNameRules) && strings.ContainsFunc(name, isOddInName):
		bad = p.bad("invalid_request", "A user_name has ASCII letters, digits, and . _ -.")
	}
	return name, bad
}

func (p *pos) newPassword(body fields) (string, *answer) {
	f, found := body.get("password")
	switch {
	case !found && p.has(posUsersNoPassword),
		f.isEmptyText() && p.has(posUsersEmptyPassword),
		string(f.raw) == "null" && p.has(posUsersNullPassword):
		return "", nil
	case found && !f.isText() && p.has(posUsersPasswordCrash):
		crash("the password is no string")
	}
	password, bad := p.text(body, "password")
	if bad == nil && p.has(posPasswordRules) && isWeak(password) {
		bad = p.bad("invalid_request", "A password has at least eight characters, an upper and a lower case letter and a digit.")
	}
	return password, bad
}

func (p *pos) newUserGrantType(body fields) *answer {
	p.crashOnGrantType(body, posUsersNoGrant, posUsersOtherGrant, posUsersGrantCrash)
	return p.grantType(body, !p.has(posUsersGrantType))
}

// crashOnGrantType is what three defects make of a grant_type that is not as it
// should be.
func (p *pos) crashOnGrantType(body fields, missing, unknown, number quirk) {
	switch f, found := body.get("grant_type"); {
	case !found && p.has(missing),
		f.isText() && f.text() != "password" && p.has(unknown),
		f.isNumber() && p.has(number):
		crash("the grant_type is not password")
	}
}

// incompleteUser answers a request that lacks something; bad is the refusal.
func (p *pos) incompleteUser(bad answer, body fields) *answer {
	if p.has(posUsersEchoRefusal) {
		for _, f := range body {
			bad.body = append(bad.body, member{"sent_" + f.name, raw(string(f.raw))})
		}
	}
	return &bad
}

// notRegistered answers a creation that failed.
func (p *pos) notRegistered(err error) answer {
	if !errors.Is(err, errNameTaken) {
		return full()
	}
	if p.has(posDuplicateCrash) {
		return crash("the user_name is taken")
	}
	status := http.StatusConflict
	if p.has(posDuplicate422) {
		status = http.StatusUnprocessableEntity
	}
	return refused(status, "invalid_request", "There is a user of this user_name already.")
}

// userQuirks changes the answer to the creation of a user.
func (p *pos) userQuirks(a answer, in userRequest) answer {
	switch {
	case p.has(posUsersRefused):
		return refused(http.StatusBadRequest, "invalid_request", "The request is refused.")
	case p.has(posUsersOK):
		a.status = http.StatusOK
	case p.has(posUsersStatus):
		a.body = object{{"status", text("ok")}}
	case p.has(posUsersOther):
		a.body = a.body.set("user_id", number(1)).set("user_name", text("somebody"))
	case p.has(posUserNameless):
		a.body = a.body.without("user_name")
	case p.has(posUsersEmpty):
		a.page = []byte{}
	case p.has(posUsersPage):
		a.page = []byte("<!DOCTYPE html><title>Welcome</title><p>The account has been created.</p>\n")
	case p.has(posUsersEcho):
		a.body = a.body.set("password", text(in.password))
	case p.has(posUsersEchoElsewhere):
		a.body = a.body.set("note", text("Log in with "+in.password+" from now on."))
	case p.has(posPasswordMask):
		a.body = a.body.set("password", text("********"))
	}
	if p.has(posUserNested) && a.page == nil {
		a.body = object{{"data", raw(string(a.body.appendJSON(nil, p.has(p.common.decimals))))}}
	}
	return a
}

// born remembers when a user was created, for the defect that has to know.
func (p *pos) born(who *user, now time.Time) {
	if p.has(posUserLate) {
		p.mu.Lock()
		p.since[who.Username] = now
		p.mu.Unlock()
	}
}

// lockedOut: the defects of POS-USER-2 refuse the right password.
func (p *pos) lockedOut(who *user, now time.Time) bool {
	switch {
	case who == nil:
		return false
	case p.has(posUserLate):
		p.mu.Lock()
		defer p.mu.Unlock()
		return now.Sub(p.since[who.Username]) < time.Minute
	}
	return p.has(posUserLockedOut)
}

// isAnothers: the defect compares with the passwords of all users.
func (p *pos) isAnothers(password string) bool {
	if !p.has(posPasswordOther) {
		return false
	}
	given := sha256.Sum256([]byte(password))
	for at, other := range p.accounts.now.Load().users {
		if at.dialect == p.dialect && other.passwordHash == given {
			return true
		}
	}
	return false
}
