package reference

import (
	"net/http"
	"strings"
	"time"
)

var kitchenhubCommon = commonOf("kitchenhub", rows{
	issue: "KH-ISSUE-1", refresh: "KH-REFRESH-1", rotate: "KH-REFRESH-2", use: "KH-USE-2", expire: "KH-EXPIRE-1",
	using: "KH-USE-1", inUse: "KH-EXPIRE-1", lateAccess: "KH-EXPIRE-1", renewedAccess: "KH-EXPIRE-1", renewedRefresh: "KH-EXPIRE-2"})

// Defects of the dialect, by the requirement that each violates. Those in how
// a request is read stand in kitchenhub_request_quirks.go.
var (
	khIssueMissingField   = defect("kitchenhub-issue-missing-field", "KH-ISSUE-1", "The issue answer lacks refresh_token_expire.")
	khIssueEmptyToken     = defect("kitchenhub-issue-empty-token", "KH-ISSUE-1", "The issue answer's refresh_token is an empty string.")
	khIssueLifetimeString = defect("kitchenhub-issue-lifetime-string", "KH-ISSUE-1", "The issue answer's access_token_expire is a string.")
	khLifetimesSeconds    = defect("kitchenhub-lifetimes-in-seconds", "KH-ISSUE-2", "Lifetimes are announced in seconds: 3600 and 86400.")
	khLifetimesOther      = defect("kitchenhub-lifetimes-halved", "KH-ISSUE-2", "Lifetimes are announced as 30 and 720 minutes.")
	khSecretUnchecked     = defect("kitchenhub-secret-unchecked", "KH-ISSUE-3", "Any secret of a known client is accepted.")
	khClientUnknown       = defect("kitchenhub-client-unknown-accepted", "KH-ISSUE-3", "An unknown client gets tokens.")
	khSecretAnyCase       = defect("kitchenhub-secret-any-case", "KH-ISSUE-3", "The secret is compared without regard to case.")
	khSecretPrefix        = defect("kitchenhub-secret-prefix", "KH-ISSUE-3", "Only the first half of the secret is compared.")
	khSecretOther         = defect("kitchenhub-secret-of-another-accepted", "KH-ISSUE-3", "A client is accepted with the secret of another client.")
	khRefusalIs200        = defect("kitchenhub-wrong-secret-200", "KH-ISSUE-3", "Wrong credentials are answered 200 with an error in the body.")
	khIssueRepeats        = defect("kitchenhub-issue-repeats-pair", "KH-ISSUE-4", "Every issue of a client answers its first pair again, announced as new, also when it is spent or expired.")

	khUseRefused      = defect("kitchenhub-use-refused", "KH-USE-1", "A live access token is refused at the orders.")
	khUseNoToken      = defect("kitchenhub-no-token-accepted", "KH-USE-2", "The orders answer without any Authorization header.")
	khUseGarbage      = defect("kitchenhub-garbage-accepted", "KH-USE-2", "The orders answer to any Bearer token that nobody issued.")
	khUseBasic        = defect("kitchenhub-basic-scheme-accepted", "KH-USE-2", "The access token is accepted under the scheme Basic.")
	khUseBare         = defect("kitchenhub-bare-token-accepted", "KH-USE-2", "The access token is accepted without a scheme.")
	khUseRefreshToken = defect("kitchenhub-refresh-token-accepted", "KH-USE-2", "A refresh token is accepted as an access token.")
	khUseSchemeOnly   = defect("kitchenhub-scheme-only-accepted", "KH-USE-2", "The orders answer to the scheme Bearer without a token.")
	khUsePrefix       = defect("kitchenhub-access-prefix", "KH-USE-2", "Only the first 16 characters of an access token are compared.")

	khRefreshSameAccess  = defect("kitchenhub-refresh-same-access", "KH-REFRESH-1", "A refresh answers the old access token again.")
	khRefreshSameRefresh = defect("kitchenhub-refresh-same-refresh", "KH-REFRESH-1", "A refresh answers the old refresh token again, which stays valid.")
	khRefreshDeadAccess  = defect("kitchenhub-refresh-dead-access", "KH-REFRESH-1", "The access token that a refresh answers does not work.")
	khRefreshDeadRefresh = defect("kitchenhub-refresh-dead-refresh", "KH-REFRESH-1", "The refresh token that a refresh answers does not work.")
	khRefreshMissing     = defect("kitchenhub-refresh-missing-field", "KH-REFRESH-1", "The refresh answer lacks access_token_expire.")
	khRefreshReplay      = defect("kitchenhub-refresh-replay", "KH-REFRESH-2", "The old refresh token still works after a refresh.")
	khRefreshRace        = defect("kitchenhub-refresh-race", "KH-REFRESH-2", "The refresh token is looked up first and removed 40 ms later: racing refreshes all win, a later replay is refused.")
	khRefreshAccess      = defect("kitchenhub-access-token-refreshes", "KH-REFRESH-3", "An access token is accepted for a refresh.")
	khRefreshUnknown     = defect("kitchenhub-refresh-unknown-crash", "KH-REFRESH-3", "An unknown refresh token is answered 500.")
	khRefreshPrefix      = defect("kitchenhub-refresh-prefix", "KH-REFRESH-3", "Only the first 16 characters of a refresh token are compared.")

	khValidateFalse     = defect("kitchenhub-validate-live-false", "KH-VALIDATE-1", "A live token is reported invalid.")
	khValidateSeconds   = defect("kitchenhub-validate-seconds", "KH-VALIDATE-1", "expires_in is in seconds.")
	khValidateAbove     = defect("kitchenhub-validate-above-lifetime", "KH-VALIDATE-1", "expires_in is five minutes more than remain.")
	khValidateString    = defect("kitchenhub-validate-valid-string", "KH-VALIDATE-1", `valid is the string "true".`)
	khValidateUnknown   = defect("kitchenhub-validate-unknown-true", "KH-VALIDATE-2", "An unknown token of the right alphabet is reported valid.")
	khValidateMalformed = defect("kitchenhub-validate-malformed-true", "KH-VALIDATE-2", "A token with characters that no token has is reported valid.")
	khValidateRefresh   = defect("kitchenhub-validate-refresh-true", "KH-VALIDATE-2", "A refresh token is reported valid.")
	khValidateExpired   = defect("kitchenhub-validate-expired-true", "KH-VALIDATE-2", "An expired access token is reported valid.")
	khValidateBelow     = defect("kitchenhub-validate-below-lifetime", "KH-VALIDATE-1", "expires_in is five minutes less than remain, and never below 0.")
	khValidateFrozen    = defect("kitchenhub-validate-frozen", "KH-VALIDATE-3", "expires_in is always 60.")
	khValidateProlongs  = defect("kitchenhub-validate-prolongs", "KH-VALIDATE-3", "Validating a token starts its lifetime again.")

	khAccessForever  = defect("kitchenhub-access-never-expires", "KH-EXPIRE-1", "The orders answer to an expired access token.")
	khAccessEarly    = defect("kitchenhub-access-dies-early", "KH-EXPIRE-1", "An access token dies after 30 minutes, announced as 60.")
	khRefreshForever = defect("kitchenhub-refresh-never-expires", "KH-EXPIRE-2", "A refresh token works after its announced end.")
	khRefreshEarly   = defect("kitchenhub-refresh-dies-early", "KH-EXPIRE-2", "A refresh token dies after 12 hours, announced as 24.")

	khOldSecretSurvives = defect("kitchenhub-old-secret-survives", "KH-SECRET-1", "A regenerated secret leaves the old one valid.")
	khNewSecretDead     = defect("kitchenhub-new-secret-dead", "KH-SECRET-1", "A regenerated secret does not work.")

	khDropsUnknownClient = defect("kitchenhub-drops-unknown-client", "ANY-5XX", "An unknown client's connection is closed without an answer.")

	khLeaksSecret = defect("kitchenhub-leaks-secret", "ANY-LEAK", "The refusal of a wrong secret tells the right one.")
	khLeaksToken  = defect("kitchenhub-leaks-token", "ANY-LEAK", "The refusal of a refresh token shows the newest live access token.")

	khRefreshString    = defect("kitchenhub-refresh-lifetime-string", "ANY-SCHEMA", "The refresh answer's refresh_token_expire is a string.")
	khValidateFraction = defect("kitchenhub-validate-fraction", "ANY-SCHEMA", "expires_in has a fraction of a minute.")
)

// Liberties of the dialect.
var (
	khHandsOutAgain  = liberty("kitchenhub-hands-out-again", "KH-ISSUE-4", "An issue repeats the pair that is still alive, with the lifetimes that remain.")
	khTruncates      = liberty("kitchenhub-truncated-lifetimes", "KH-ISSUE-2", "Lifetimes are announced as 59 and 1439, by truncation.")
	khRoundsUp       = liberty("kitchenhub-rounds-up", "KH-VALIDATE-1", "Remaining minutes are rounded up.")
	khValidate4xx    = liberty("kitchenhub-validate-404", "KH-VALIDATE-2", "A token that is not valid is answered 404.")
	khValidateBare   = liberty("kitchenhub-validate-bare", "KH-VALIDATE-2", "A token that is not valid is answered without expires_in.")
	khSecretKills    = liberty("kitchenhub-secret-kills-tokens", "KH-SECRET-1", "Regenerating a secret removes the client's tokens.")
	khSecretRenames  = liberty("kitchenhub-secret-changes-id", "KH-SECRET-1", "A regenerated secret comes with a new client_id; the old id is dead.")
	khCredentials400 = liberty("kitchenhub-credentials-400", "KH-ISSUE-3", "Wrong credentials are answered 400.")
)

func (k *kitchenhub) policy() policy {
	p := policy{
		accessLife:     khAccessLife,
		refreshLife:    khRefreshLife,
		handsOutAgain:  k.has(khHandsOutAgain),
		repeatsBlindly: k.has(khIssueRepeats),
		startOnly:      [2]bool{accessToken: k.has(khUsePrefix), refreshToken: k.has(khRefreshPrefix)},
		neverEnds:      [2]bool{refreshToken: k.has(khRefreshForever)},
		keepsExpired:   k.any(khValidateExpired, khAccessForever),
		replayable:     k.any(khRefreshReplay, khRefreshSameRefresh),
		raceWindow:     k.has(khRefreshRace),
		takesAccess:    k.has(khRefreshAccess),
		deadAccess:     k.has(khRefreshDeadAccess),
		deadRefresh:    k.has(khRefreshDeadRefresh),
		remembersText:  k.any(khRefreshSameAccess, khRefreshNoTokenOK, khLeaksToken),
	}
	if k.has(khAccessEarly) {
		p.endsEarly[accessToken] = khAccessLife / 2
	}
	if k.has(khRefreshEarly) {
		p.endsEarly[refreshToken] = khRefreshLife / 2
	}
	return k.commonPolicy(p)
}

func (k *kitchenhub) secrets(id string) secretCheck {
	return secretCheck{
		unchecked: k.has(khSecretUnchecked),
		none:      k.any(khSecretMissing, khSecretEmpty, khSecretNull),
		anyCase:   k.has(khSecretAnyCase),
		startOnly: k.has(khSecretPrefix),
		formerToo: k.has(khOldSecretSurvives),
		unknown:   k.has(khClientUnknown) || id == "" && k.has(khIDEmpty),
		anybodys:  k.anybodys(k.has(khSecretOther)),
	}
}

func (k *kitchenhub) wrongCredentialsQuirks(a answer, who *client) answer {
	switch {
	case k.has(khRefusalIs200):
		a.status, a.challenge = http.StatusOK, ""
	case who == nobody && k.has(khDropsUnknownClient):
		a.fate = dropped
	case who != nobody && k.has(khLeaksSecret):
		a.body = a.body.set("expected", text(who.Secret))
	case k.has(khCredentials400):
		a.status, a.challenge = http.StatusBadRequest, ""
	}
	return a
}

// issueQuirks changes the success answer of an issue.
func (k *kitchenhub) issueQuirks(o object) object {
	switch {
	case k.has(khIssueMissingField):
		o = o.without("refresh_token_expire")
	case k.has(khIssueEmptyToken):
		o = o.set("refresh_token", text(""))
	case k.has(khIssueLifetimeString):
		o = o.set("access_token_expire", text("60"))
	}
	return k.lifetimeQuirks(o)
}

func (k *kitchenhub) lifetimeQuirks(o object) object {
	access, refresh := khAccessLife, khRefreshLife
	switch {
	case k.has(khLifetimesSeconds):
		access, refresh = access*60, refresh*60
	case k.has(khLifetimesOther):
		access, refresh = access/2, refresh/2
	case k.has(khTruncates):
		access, refresh = access-time.Minute, refresh-time.Minute
	default:
		return o
	}
	return o.set("access_token_expire", number(int64(access/time.Minute))).
		set("refresh_token_expire", number(int64(refresh/time.Minute)))
}

// letsIn is what the defects of KH-USE-2 and KH-EXPIRE-1 let pass at the orders.
func (k *kitchenhub) letsIn(h http.Header, token string, how carried, now time.Time) bool {
	live := func(token string) bool {
		_, live := k.tokens.use(token, now)
		return live
	}
	switch {
	case k.has(khUseNoToken):
		return how == carriesNone
	case k.has(khUseGarbage):
		_, known := k.tokens.tokens.get(keyOf(token))
		return how == carriesToken && !known
	case k.has(khUseBasic):
		scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
		return strings.EqualFold(scheme, "Basic") && live(token)
	case k.has(khUseBare):
		return live(h.Get("Authorization"))
	case k.has(khUseSchemeOnly):
		return strings.EqualFold(h.Get("Authorization"), "Bearer")
	case k.has(khUseRefreshToken):
		_, live := k.tokens.find(refreshToken, token, now)
		return how == carriesToken && live
	case k.has(khAccessForever):
		e, known := k.tokens.tokens.get(keyOf(token))
		return how == carriesToken && known && e.value.kind == accessToken
	}
	return false
}

func (k *kitchenhub) unknownRefreshToken(token string) answer {
	a := refused(http.StatusUnauthorized, "invalid_grant", "The refresh token is unknown, used, expired or revoked.")
	a.challenge = `Bearer realm="` + k.dialect + `"`
	switch _, known := k.tokens.tokens.get(keyOf(token)); {
	case k.has(khRefreshUnknown) && !known:
		return crash("the refresh token is unknown")
	case k.has(khLeaksToken):
		a.body = a.body.set("session", text(k.tokens.newestPair().access))
	}
	return a
}

// refreshQuirks changes the success answer of a refresh that token was sent for.
func (k *kitchenhub) refreshQuirks(o object, old grant, token string) object {
	switch {
	case k.has(khRefreshSameAccess):
		o = o.set("access_token", text(k.tokens.firstPair(old).access))
	case k.has(khRefreshSameRefresh):
		o = o.set("refresh_token", text(token))
	case k.has(khRefreshMissing):
		o = o.without("access_token_expire")
	case k.has(khRefreshString):
		o = o.set("refresh_token_expire", text("1440"))
	}
	return k.lifetimeQuirks(o)
}

// validateQuirks changes what a live token is reported as.
func (k *kitchenhub) validateQuirks(o object, token string, e entry[grant], now time.Time) object {
	remaining := max(time.Duration(e.expires-now.UnixNano()), 0)
	switch {
	case k.has(khValidateFalse):
		return o.set("valid", truth(false)).set("expires_in", number(0))
	case k.has(khValidateSeconds):
		return o.set("expires_in", number(int64(remaining/time.Second)))
	case k.has(khValidateAbove):
		return o.set("expires_in", number(k.minutes(remaining)+5))
	case k.has(khValidateBelow):
		return o.set("expires_in", number(max(k.minutes(remaining)-5, 0)))
	case k.has(khValidateString):
		return o.set("valid", text("true"))
	case k.has(khValidateFrozen):
		return o.set("expires_in", number(60))
	case k.has(khValidateFraction):
		return o.set("expires_in", raw("44.5"))
	case k.has(khValidateProlongs):
		k.tokens.prolong(token, e.value, now)
	}
	return o
}

// notValid reports a token that is not a live access token.
func (k *kitchenhub) notValid(token string, now time.Time) answer {
	e, known := k.tokens.tokens.get(keyOf(token))
	refresh := known && e.value.kind == refreshToken
	valid := false
	switch {
	case k.has(khValidateUnknown):
		valid = !known && isBase64URL(token)
	case k.has(khValidateMalformed):
		valid = !isBase64URL(token)
	case k.has(khValidateRefresh):
		valid = refresh
	case k.has(khValidateExpired):
		valid = known && !refresh && !e.aliveAt(now, 0)
	case k.has(khValidate4xx):
		return refused(http.StatusNotFound, "invalid_token", "The token is not valid.")
	case k.has(khValidateBare):
		return issued(object{{"valid", truth(false)}})
	}
	if valid {
		return saidValid()
	}
	return issued(object{{"valid", truth(false)}, {"expires_in", number(0)}})
}

// saidValid is what the defects of KH-VALIDATE-2 say of a token that is not.
func saidValid() answer {
	return issued(object{{"valid", truth(true)}, {"expires_in", number(45)}})
}

// isBase64URL: every character could stand in a token of this server.
func isBase64URL(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '_')
	})
}

func (k *kitchenhub) rotating(c *client) {
	switch {
	case k.has(khNewSecretDead):
		c.Secret = randomToken()
	case k.has(khSecretRenames):
		c.formerIDs = append(c.formerIDs[:len(c.formerIDs):len(c.formerIDs)], c.ID)
		c.ID = "khub-client-" + randomToken()[:10]
	}
}

func (k *kitchenhub) rotated(old *client) {
	if k.has(khSecretKills) {
		k.tokens.forgetClient(old.number)
	}
}
