package reference

import (
	"net/http"
	"strings"
	"time"
)

// Defects of the protected endpoints and of the refresh, by the requirement
// that each violates.
var (
	posUseRefused      = defect("pos-use-refused", "POS-USE-1", "A live access token is refused at the ingredients and the dishes.")
	posDishesRefused   = defect("pos-dishes-refused", "POS-USE-1", "A live access token is refused at the dishes only.")
	posIngredientsOpen = defect("pos-ingredients-open", "POS-USE-1", "The ingredients need no token.")
	posDishesOpen      = defect("pos-dishes-open", "POS-USE-1", "The dishes need no token.")

	posUseNoToken       = defect("pos-no-token-accepted", "POS-USE-2", "The protected endpoints answer without any Authorization header.")
	posUseGarbage       = defect("pos-garbage-accepted", "POS-USE-2", "The protected endpoints answer to any Bearer token that nobody issued.")
	posDishesGarbage    = defect("pos-dishes-garbage-accepted", "POS-USE-2", "The dishes answer to any Bearer token that nobody issued.")
	posUseClient        = defect("pos-client-credentials-accepted", "POS-USE-2", "The protected endpoints answer to the client's Basic credentials.")
	posUseBasic         = defect("pos-basic-scheme-accepted", "POS-USE-2", "The access token is accepted under the scheme Basic.")
	posUseBare          = defect("pos-bare-token-accepted", "POS-USE-2", "The access token is accepted without a scheme.")
	posUseSchemeOnly    = defect("pos-scheme-only-accepted", "POS-USE-2", "The protected endpoints answer to the scheme Bearer without a token.")
	posUseRefreshToken  = defect("pos-refresh-token-accepted", "POS-USE-2", "A refresh token is accepted as an access token.")
	posDishesRefreshToo = defect("pos-dishes-refresh-token-accepted", "POS-USE-2", "A refresh token is accepted as an access token at the dishes.")
	posAccessPrefix     = defect("pos-access-prefix", "POS-USE-2", "Only the first 16 characters of an access token are compared.")
	posNoToken400       = defect("pos-no-token-400", "POS-USE-2", "A request without a token is answered 400.")
	posUse200           = defect("pos-no-token-200", "POS-USE-2", "A request without a live token is answered 200 with an error in the body.")

	posRefreshOK          = defect("pos-refresh-200", "POS-REFRESH-1", "A refresh is answered 200.")
	posRefreshRefused     = defect("pos-refresh-refused", "POS-REFRESH-1", "A live refresh token is refused.")
	posRefreshSameAccess  = defect("pos-refresh-same-access", "POS-REFRESH-1", "A refresh answers the old access token again.")
	posRefreshDeadAccess  = defect("pos-refresh-dead-access", "POS-REFRESH-1", "The access token that a refresh answers does not work.")
	posRefreshDeadRefresh = defect("pos-refresh-dead-refresh", "POS-REFRESH-1", "The refresh token that a refresh answers does not work.")
	posRefreshNoAccess    = defect("pos-refresh-no-access-token", "POS-REFRESH-1", "The refresh answer lacks access_token.")
	posRefreshNoRefresh   = defect("pos-refresh-no-refresh-token", "POS-REFRESH-1", "The refresh answer lacks refresh_token.")

	posRefreshUnknown      = defect("pos-refresh-unknown-accepted", "POS-REFRESH-2", "An unknown refresh token gets a new pair.")
	posRefreshUnknownCrash = defect("pos-refresh-unknown-crash", "POS-REFRESH-2", "An unknown refresh token is answered 500.")
	posRefreshMissing      = defect("pos-refresh-missing-accepted", "POS-REFRESH-2", "A refresh without an Authorization header gets a new pair.")
	posRefreshMissingCrash = defect("pos-refresh-missing-crash", "POS-REFRESH-2", "A refresh without an Authorization header is answered 500.")
	posRefreshSchemeOnly   = defect("pos-refresh-scheme-only-accepted", "POS-REFRESH-2", "A refresh with the scheme Bearer and no token gets a new pair.")
	posRefreshClient       = defect("pos-refresh-client-credentials-accepted", "POS-REFRESH-2", "The client's Basic credentials in place of a refresh token get a new pair.")
	posRefreshAccess       = defect("pos-access-token-refreshes", "POS-REFRESH-2", "An access token is accepted for a refresh.")
	posRefreshPrefix       = defect("pos-refresh-prefix", "POS-REFRESH-2", "Only the first 16 characters of a refresh token are compared.")
	posRefreshRefusal200   = defect("pos-wrong-refresh-token-200", "POS-REFRESH-2", "A wrong refresh token is answered 200 with an error in the body.")

	posRefreshReplay = defect("pos-refresh-replay", "POS-ROTATE-1", "The old refresh token still works after a refresh.")
	posRefreshRace   = defect("pos-refresh-race", "POS-ROTATE-1", "The refresh token is looked up first and removed 40 ms later: racing refreshes all win, a later replay is refused.")

	posRefreshHangs = defect("pos-hangs-on-missing-refresh-token", "ANY-5XX", "A refresh without an Authorization header is never answered.")
	posLeaksToken   = defect("pos-leaks-token", "ANY-LEAK", "The refusal of a refresh token shows the newest live access token.")
)

// refusesLive: the defects of POS-USE-1 that refuse a live token.
func (p *pos) refusesLive(of *kitchenResource) bool {
	return p.has(posUseRefused) || of == dish && p.has(posDishesRefused)
}

// letsIn is what the defects of POS-USE-1 and POS-USE-2 let pass.
func (p *pos) letsIn(c *call, of *kitchenResource, token string, how carried) bool {
	header := c.Header.Get("Authorization")
	live := func(k kind, token string) bool {
		_, live := p.tokens.find(k, token, c.now)
		return live
	}
	switch {
	case of == ingredient && p.has(posIngredientsOpen), of == dish && p.has(posDishesOpen):
		return true
	case p.has(posUseNoToken):
		return how == carriesNone
	case p.has(posUseGarbage), of == dish && p.has(posDishesGarbage):
		_, known := p.tokens.tokens.get(keyOf(token))
		return how == carriesToken && !known
	case p.has(posUseClient):
		_, stranger := p.client(c.Header)
		return stranger == nil
	case p.has(posUseBasic):
		scheme, token, _ := strings.Cut(header, " ")
		return strings.EqualFold(scheme, "Basic") && live(accessToken, token)
	case p.has(posUseBare):
		return live(accessToken, header)
	case p.has(posUseSchemeOnly):
		return strings.EqualFold(header, "Bearer")
	case p.has(posUseRefreshToken), of == dish && p.has(posDishesRefreshToo):
		return how == carriesToken && live(refreshToken, token)
	}
	return false
}

// unauthorizedQuirks changes the refusal of a request without a live token.
func (p *pos) unauthorizedQuirks(a answer, how carried) answer {
	switch {
	case how == carriesNone && p.has(posNoToken400):
		a.status, a.challenge = http.StatusBadRequest, ""
	case p.has(posUse200):
		a.status, a.challenge = http.StatusOK, ""
	}
	return a
}

// noRefreshToken answers a refresh without a well-formed refresh token.
func (p *pos) noRefreshToken(c *call, how carried) answer {
	switch {
	case how == carriesNone && p.has(posRefreshMissing),
		strings.EqualFold(c.Header.Get("Authorization"), "Bearer") && p.has(posRefreshSchemeOnly):
		return p.newPair(c.now)
	case how == carriesNone && p.has(posRefreshMissingCrash):
		return crash("the refresh token is missing")
	case p.has(posRefreshClient):
		if _, stranger := p.client(c.Header); stranger == nil {
			return p.newPair(c.now)
		}
	}
	a := p.refreshRefused("There is no refresh token: " + p.refreshForm() + ".")
	if how == carriesNone && p.has(posRefreshHangs) {
		a.fate = hung
	}
	return a
}

// unknownRefreshToken answers a refresh token that is not, or no longer, good.
func (p *pos) unknownRefreshToken(token string, now time.Time) answer {
	a := p.refreshRefused("The refresh token is unknown, used, expired or revoked.")
	switch _, known := p.tokens.tokens.get(keyOf(token)); {
	case !known && p.has(posRefreshUnknown):
		return p.newPair(now)
	case !known && p.has(posRefreshUnknownCrash):
		return crash("the refresh token is unknown")
	case p.has(posLeaksToken):
		a.body = a.body.set("session", text(p.tokens.newestPair().access))
	}
	return a
}

func (p *pos) refreshRefused(said string) answer {
	a := refused(http.StatusUnauthorized, "invalid_grant", said)
	a.challenge = `Bearer realm="` + p.dialect + `"`
	switch {
	case p.has(posRefreshRefusal200):
		a.status, a.challenge = http.StatusOK, ""
	case p.has(posRefresh400):
		a.status, a.challenge = http.StatusBadRequest, ""
	}
	return a
}

// newPair is what the defects of POS-REFRESH-2 give to anybody.
func (p *pos) newPair(now time.Time) answer {
	fresh, err := p.tokens.issue(account{}, p.tokens.newFamily(), now)
	if err != nil {
		return full()
	}
	return p.granted(p.pairAnswer(fresh, now))
}

// refreshQuirks changes the success answer of a refresh that token was sent for.
func (p *pos) refreshQuirks(a answer, old grant, token string) answer {
	switch o := a.body; {
	case p.has(posRefreshOK):
		a.status = http.StatusOK
	case p.has(posRefreshSameAccess):
		a.body = o.set("access_token", text(p.tokens.firstPair(old).access))
	case p.has(posRefreshSame):
		a.body = o.set("refresh_token", text(token))
	case p.has(posRefreshNoAccess):
		a.body = o.without("access_token")
	case p.has(posRefreshNoRefresh):
		a.body = o.without("refresh_token")
	}
	if p.has(posRefreshBrief) {
		a.body = a.body.without("expires_in").without("token_type")
	}
	return a
}
