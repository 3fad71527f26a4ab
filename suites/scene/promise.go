package scene

import (
	"errors"
	"net/http"

	"gonogo/internal/client"
	"gonogo/internal/replay"
	"gonogo/reports/words"
	"gonogo/specs"
	"gonogo/suites/engine"
)

// A case stands on things that are no business of its own: that its credentials get tokens, that a token it was just
// handed out works. Where the document promises those and they do not hold, the case has found that, under the row
// that promises it, and says nothing about its own.

// Broke ends the case because what it stands on did not hold. Where a row of the document promises it, that is a finding
// under the row.
func (t *Trial) Broke(reply *client.Reply, row, wanted, format string, args ...any) {
	if row != "" {
		t.NobodyMovedTheClock(reply)
		t.Find(engine.Finding{Requirement: row, Sent: reply.Sent(), Wanted: wanted, Got: reply.Got(), Where: reply.Op.At.String(), Exchange: reply.Exchange, Shown: replay.Status})
	}
	t.CouldNotRun(format, args...)
}

// granted is what an act was handed out, if it got it. Credentials that got tokens before, and a token that nobody has
// used, are good for what they were asked for.
func (t *Trial) granted(grant *client.Grant, err error, role string, spent string) *client.Grant {
	unable, ok := errors.AsType[*client.Unable](err)
	if !ok || unable.Answer == nil || unable.Why != client.Broken {
		return must(grant, err)
	}
	reply := &client.Reply{Answer: unable.Answer, Doing: unable.Doing}
	if reply.Op.Role == specs.RoleRefresh {
		t.RefusedAtFirst(reply, spent)
	} else {
		t.refusedNow(reply, role)
	}
	return must(grant, err)
}

// refusedNow ends the case if credentials were refused that have worked.
func (t *Trial) refusedNow(reply *client.Reply, role string) {
	switch {
	case !t.Proven(role) || !reply.Refused() && !reply.Succeeded():
		return // the target file may have them wrong; a server error is found by who looks over all answers
	}
	t.maybeLocked(reply)
	t.Broke(reply, reply.Op.Success, "success (2xx) with tokens, for credentials that got some before",
		"the credentials got tokens before, and %s was answered %s now", reply.Op.Name(), reply.Got())
}

// fewestToLock is after how many wrong logins a target may lock an account. Nobody should at fewer: people mistype.
const fewestToLock = 3

// maybeLocked ends the case where a refusal may be a lock: targets may lock an account after some wrong logins, and this
// run has sent them.
func (t *Trial) maybeLocked(reply *client.Reply) {
	if wrong := t.WrongLogins(); reply.Refused() && wrong >= fewestToLock {
		t.NotExercised("%s was answered %s, and worked before; after %d logins with wrong credentials in this run the target may have locked the account (limits.failed_logins)",
			reply.Op.Name(), reply.Got(), wrong)
	}
}

// BrokeAsDocumented ends the case because not even the documented request succeeded that it stands on.
func (t *Trial) BrokeAsDocumented(reply *client.Reply, format string, args ...any) {
	if reply.Op.Role != specs.RoleUse {
		t.maybeLocked(reply)
	}
	t.Broke(reply, reply.Op.Success, "success (2xx), as documented", format, args...)
}

// RefusedAtFirst ends the case if a token was refused whose first use this was, and whose life is not over.
func (t *Trial) RefusedAtFirst(reply *client.Reply, value string) {
	token, ok := t.Seen(value)
	kind := token.Kind
	switch {
	case !ok || !reply.Refused() || kind.EarlyRefusable && !t.Habits().EarlyRefresh: // some may be refused while others live
		return
	case token.Lifetime > 0 && t.TargetTime(reply.Received).After(token.Sent.Add(token.Lifetime*9/10)):
		return
	case t.CachesTokens() && kind.Name != client.Access: // it may be one that another case has used up
		return
	}
	t.Broke(reply, reply.Op.Success, "success (2xx), for "+words.A(kind.Noun())+" at its first use",
		"%s was refused at its first use: %s was answered %s", words.A(kind.Noun()), reply.Op.Name(), reply.Got())
}

// MustBeLive makes sure that a token that is about to be misused was good a moment before: a refusal of a dead
// one would show nothing. That a token works which this case was just handed out is promised.
func (t *Trial) MustBeLive(access string) {
	use := t.First(specs.RoleUse)
	if use == nil {
		return
	}
	reply := t.Use(use, access, "with the live token, before the check")
	if reply.Succeeded() {
		return
	}
	if reply.Status == http.StatusUnauthorized || reply.Status == http.StatusForbidden && !t.limited(access) {
		t.RefusedAtFirst(reply, access)
	}
	t.CouldNotRun("the token to check with was not live: %s was answered %s", use.Name(), reply.Got())
}

// limited reports whether a token is of an account that is served at some addresses only: this machine's may be none
// of them, whatever the target file says.
func (t *Trial) limited(access string) bool {
	token, _ := t.Seen(access)
	return token.Role == Listed
}
