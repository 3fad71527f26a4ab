package reference

import (
	"cmp"
	"time"
)

// commonQuirks are the quirks that every dialect has, under ids of its own.
type commonQuirks struct {
	// defects of the rows for all dialects
	cacheable                                               quirk
	counterTokens, timestampTokens, prefixTokens, timeUUIDs quirk

	// defects of the tokens that a refresh answers
	renewedAccessLives, renewedAccessDies, renewedRefreshLives, renewedRefreshDies quirk
	renewedAccessKeepsEnd, renewedRefreshKeepsEnd                                  quirk

	// defects of access tokens in use
	slidingAccess, threeUses quirk

	spentReturns quirk // a defect of refresh tokens

	// liberties in how answers travel and how errors look
	tooManyRequests, unavailable        quirk
	chunked, closes, dropsIdle          quirk
	extraMembers, decimals              quirk
	created, charset                    quirk
	errorsHTML, errorsText, errorsEmpty quirk

	// liberties in how tokens live
	singleSession, revokeOnReplay, leeway, oldAccessDies, chainEnds quirk

	// liberties in how a request is read
	forbidden, malformed400, trims quirk
}

// rows names the requirements of a dialect that the liberties lean on.
type rows struct {
	issue, refresh, rotate, use, expire string

	// What the document says of the ends of tokens that a refresh answers; ""
	// is nothing.
	renewedAccess, renewedRefresh string

	// What says that an access token can be used, and that no use prolongs it;
	// "" is that nothing says so.
	using, inUse string

	// What says that an access token works that a refresh answers late.
	lateAccess string

	// statuses: the document names the status of its token answers.
	statuses bool
	// errorTable: the document says what errors look like, so that nobody is
	// free to let them look otherwise.
	errorTable bool
	// guessable says which tokens the defects of ANY-ENTROPY make guessable:
	// a signed one is not, whatever it says. "" is all of them.
	guessable string
}

func commonOf(dialect string, r rows) commonQuirks {
	d := dialect + "-"
	tokens := cmp.Or(r.guessable, "Tokens")
	created := absent
	if !r.statuses {
		created = liberty(d+"created", r.issue, "Token answers have status 201; the document names none.")
	}
	freeErrors := func(id, row, text string) quirk {
		if r.errorTable {
			return absent
		}
		return liberty(id, row, text)
	}
	where := func(id, row, text string) quirk {
		if row == "" {
			return absent
		}
		return defect(d+id, row, text)
	}
	return commonQuirks{
		renewedAccessLives:     where("renewed-access-lives", r.renewedAccess, "An access token that a refresh answers lives for 60 days, whatever is announced."),
		renewedAccessDies:      where("renewed-access-dies-early", r.renewedAccess, "An access token that a refresh answers dies after five minutes, whatever is announced."),
		renewedRefreshLives:    where("renewed-refresh-lives", r.renewedRefresh, "A refresh token that a refresh answers lives for 60 days, whatever is announced."),
		renewedRefreshDies:     where("renewed-refresh-dies-early", r.renewedRefresh, "A refresh token that a refresh answers dies after an hour, whatever is announced."),
		slidingAccess:          where("access-slides", r.inUse, "Using an access token starts its lifetime again."),
		spentReturns:           defect(d+"spent-refresh-returns", r.rotate, "A used refresh token is refused for five minutes and works again after them."),
		threeUses:              defect(d+"access-works-thrice", r.using, "An access token authorizes three requests and no more."),
		renewedAccessKeepsEnd:  defect(d+"renewed-access-keeps-end", r.lateAccess, "An access token that a refresh answers dies when the one before would have, whatever is announced."),
		renewedRefreshKeepsEnd: where("renewed-refresh-keeps-end", r.renewedRefresh, "A refresh token that a refresh answers dies when the one before would have, announced with its full life."),

		cacheable:       defect(d+"cacheable", "ANY-CACHE", "Token answers carry no Cache-Control header."),
		counterTokens:   defect(d+"counter-tokens", "ANY-ENTROPY", tokens+" are a counter padded with zeros."),
		timestampTokens: defect(d+"timestamp-tokens", "ANY-ENTROPY", tokens+" are the time of issue in nanoseconds."),
		prefixTokens:    defect(d+"prefix-tokens", "ANY-ENTROPY", tokens+" of a run share their first 35 characters."),
		timeUUIDs:       defect(d+"time-uuids", "ANY-ENTROPY", tokens+" are version 1 UUIDs: a clock and a fixed node."),

		tooManyRequests: liberty(d+"rate-limit", "ANY-5XX", "Every 11th request, five times in all, is answered 429 with Retry-After: 1."),
		unavailable:     liberty(d+"unavailable", "ANY-5XX", "Every 13th request, five times in all, is answered 503 with Retry-After: 1."),
		dropsIdle:       liberty(d+"drops-idle", "ANY-5XX", "Every 17th request, five times in all, finds its kept-alive connection closed; a fresh connection never does."),
		closes:          liberty(d+"connection-close", "ANY-5XX", "Every answer closes its connection."),
		chunked:         liberty(d+"chunked", "ANY-SCHEMA", "Answers travel in chunks without a Content-Length."),
		extraMembers:    liberty(d+"extra-members", "ANY-SCHEMA", "Every JSON answer has members that nobody documented."),
		decimals:        liberty(d+"decimals", "ANY-SCHEMA", "Whole numbers are written 60.0."),
		charset:         liberty(d+"charset", "ANY-SCHEMA", "JSON answers say application/json;charset=UTF-8."),
		created:         created,
		errorsHTML:      freeErrors(d+"errors-html", r.use, "Refusals are HTML pages; the document does not describe errors."),
		errorsText:      freeErrors(d+"errors-text", r.use, "Refusals are plain text."),
		errorsEmpty:     freeErrors(d+"errors-empty", r.use, "Refusals have no body."),

		singleSession:  liberty(d+"single-session", r.issue, "One session per account: a new grant revokes the tokens of the former one."),
		revokeOnReplay: liberty(d+"revoke-on-replay", r.rotate, "A replayed refresh token, also the loser of a race, revokes the whole family of tokens."),
		oldAccessDies:  liberty(d+"old-access-dies", r.refresh, "A refresh revokes the access token that was issued with the old refresh token."),
		chainEnds:      liberty(d+"chain-ends", r.refresh, "A rotated refresh token ends when the first one of its chain would have."),
		leeway:         liberty(d+"leeway", r.expire, "Tokens are accepted for 60 seconds, codes for 2 seconds, after their announced end."),

		forbidden:    freeErrors(d+"forbidden", r.use, "A request without a valid token is answered 403 instead of 401."),
		malformed400: freeErrors(d+"malformed-400", r.use, "A malformed Authorization header is answered 400 (RFC 6750 3.1)."),
		trims:        liberty(d+"trims", r.use, "Space around credentials and tokens in a request is ignored."),
	}
}

// tokenLeeway and codeLeeway are what the leeway liberty grants. A minute is
// what clocks may differ by; for a code of 30 seconds that would be no leeway
// but another lifetime.
const (
	tokenLeeway = 60 * time.Second
	codeLeeway  = 2 * time.Second
)

// forgetful is how long the defects remember that forget.
const forgetful = 5 * time.Minute

// commonPolicy adds the liberties in how tokens live to a dialect's policy.
func (d *desk) commonPolicy(p policy) policy {
	p.singleSession = d.has(d.common.singleSession)
	p.revokeOnReplay = d.has(d.common.revokeOnReplay)
	p.oldAccessDies = d.has(d.common.oldAccessDies)
	p.chainEnds = d.has(d.common.chainEnds)
	switch {
	case d.has(d.common.renewedAccessLives):
		p.renewed[accessToken] = 60 * 24 * time.Hour
	case d.has(d.common.renewedAccessDies):
		p.renewed[accessToken] = 5 * time.Minute
	case d.has(d.common.renewedRefreshLives):
		p.renewed[refreshToken] = 60 * 24 * time.Hour
	case d.has(d.common.renewedRefreshDies):
		p.renewed[refreshToken] = time.Hour
	}
	p.keepsEnd[accessToken] = d.has(d.common.renewedAccessKeepsEnd)
	p.keepsEnd[refreshToken] = d.has(d.common.renewedRefreshKeepsEnd)
	if d.has(d.common.slidingAccess) {
		p.slidingAccess = true
	}
	if d.has(d.common.spentReturns) {
		p.forgetsSpent = forgetful
	}
	if d.has(d.common.threeUses) {
		p.usesOnly = 3
	}
	if d.has(d.common.leeway) {
		p.leeway = tokenLeeway
	}
	return p
}
