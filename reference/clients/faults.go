package clients

import (
	"strings"
	"time"
)

// fault is one thing that is wrong with a client: the row that it violates, and its deed.
type fault struct {
	row, dialect, name string // without a dialect: of every one
	deed               func(c *client)
}

// of tells whether a client of a dialect can have the fault.
func (f fault) of(dialect string) bool { return f.dialect == "" || f.dialect == dialect }

// faults change a good client in one thing. Several processes, several workers or a style come with a fault where the
// row is about them.
var faults = []fault{
	{"KHW-ISSUE-1", "kitchenhub", "asks-by-form-first", try(opLogin, func(_ *client, r *request) { r.form = true })},
	{"KHW-ISSUE-1", "kitchenhub", "asks-with-id-alone-first", try(opLogin, func(_ *client, r *request) { delete(r.body, "client_secret") })},
	{"KHW-USE-1", "kitchenhub", "calls-bare-first", try(opUse, func(_ *client, r *request) { r.header.Del("Authorization") })},
	{"KHW-USE-1", "kitchenhub", "token-without-scheme-first", try(opUse, func(_ *client, r *request) { r.header.Set("Authorization", r.token()) })},
	{"KHW-REFRESH-1", "kitchenhub", "logs-in-instead", func(c *client) { c.renewals = false }},
	{"KHW-STORE-1", "kitchenhub", "keeps-first-refresh", func(c *client) { c.keep = keepsRefresh }},
	{"KHW-STORE-2", "kitchenhub", "forgets-when-restarted", func(c *client) { c.forgetful = true }},
	{"KHW-STORE-2", "kitchenhub", "stores-at-login-only", func(c *client) { c.saves = func(refreshed bool) bool { return !refreshed } }},
	{"KHW-UNIT-1", "kitchenhub", "reads-seconds", func(c *client) { c.unit, c.byTime = time.Second, true }},
	{"KHW-VALIDATE-1", "kitchenhub", "goes-on-when-invalid", func(c *client) { c.validates, c.gullible = true, true }},
	{"KHW-VALIDATE-1", "kitchenhub", "validates-another-member-first", with("validating", try(opValidate, func(_ *client, r *request) { r.body = map[string]any{"token": r.body["access_token"]} }))},
	{"KHW-GRACE-1", "kitchenhub", "ends-with-its-token", func(c *client) { c.brittle = true }},
	{"KHW-SECRET-1", "kitchenhub", "secret-in-url", edit(opLogin, func(c *client, r *request) { r.query.Set("client_secret", c.own("CLIENT_SECRET")) })},
	{"KHW-SECRET-3", "kitchenhub", "secret-in-refresh", edit(opRefresh, func(c *client, r *request) { r.body["client_secret"] = c.own("CLIENT_SECRET") })},
	{"KHW-SECRET-1", "kitchenhub", "secret-in-call", edit(opUse, func(c *client, r *request) { r.header.Set("X-Client-Secret", c.own("CLIENT_SECRET")) })},
	{"KHW-SECRET-2", "kitchenhub", "keeps-old-secret", func(c *client) { c.deaf = true }},

	{"BBW-LOGIN-1", "b2b", "asks-by-form-first", try(opLogin, func(_ *client, r *request) { r.form = true })},
	{"BBW-LOGIN-1", "b2b", "reads-beside-envelope", func(c *client) { c.shallow = true }},
	{"BBW-ENVELOPE-1", "b2b", "minds-status-only", func(c *client) { c.lax = true }},
	{"BBW-REFRESH-1", "b2b", "waits-for-401", func(c *client) { c.lead = 0 }},
	{"BBW-REFRESH-2", "b2b", "keeps-first-refresh", func(c *client) { c.keep = keepsRefresh }},
	{"BBW-REFRESH-2", "b2b", "keeps-first-access", func(c *client) { c.keep = keepsAccess }},
	{"BBW-TIME-1", "b2b", "reads-no-offset", func(c *client) { c.timeless = true }},
	{"BBW-TIME-2", "b2b", "believes-its-clock-alone", func(c *client) { c.sure = true }},
	{"BBW-REVOKE-1", "b2b", "ends-without-revoking", func(c *client) { c.hasty = true }},
	{"BBW-IP-1", "b2b", "renews-after-403", func(c *client) { c.pushy = true }},
	{"BBW-CODES-1", "b2b", "repeats-bad-requests", func(c *client) { c.stubborn = 5 }},
	{"BBW-STORE-1", "b2b", "token-in-url", edit(opUse, func(_ *client, r *request) { r.query.Set("token", r.token()) })},

	{"POSW-USER-1", "pos", "registers-without-grant-type-first", try(opRegister, func(_ *client, r *request) { delete(r.body, "grant_type") })},
	{"POSW-TOKEN-1", "pos", "client-in-body-first", try(opLogin, clientInBody)},
	{"POSW-TOKEN-1", "pos", "logs-in-again-after-201", func(c *client) { c.login = twiceAfter201(c.login) }},
	{"POSW-REFRESH-1", "pos", "refresh-token-in-body-first", try(opRefresh, func(_ *client, r *request) {
		r.body = map[string]any{"refresh_token": r.token()}
		r.header.Del("Authorization")
	})},
	{"POSW-REFRESH-1", "pos", "keeps-first-refresh", func(c *client) { c.keep = keepsRefresh }},
	{"POSW-REFRESH-1", "pos", "logs-in-instead", func(c *client) { c.renewals = false }},
	{"POSW-UNIT-1", "pos", "reads-milliseconds", func(c *client) { c.unit, c.byTime = time.Millisecond, true }},

	{"KMW-AUTHZ-1", "kitchenmonki", "secret-in-link", edit(opAuthorize, func(c *client, r *request) { r.set("client_secret", c.own("CLIENT_SECRET")) })},
	{"KMW-AUTHZ-2", "kitchenmonki", "redirect-uri-not-encoded", edit(opAuthorize, rawRedirect)},
	{"KMW-AUTHZ-2", "kitchenmonki", "asks-for-token-first", attempts(func(r *request) { r.set("response_type", "token") })},
	{"KMW-CODE-1", "kitchenmonki", "exchanges-late", func(c *client) { c.dawdles = 31 * time.Second }},
	{"KMW-CODE-2", "kitchenmonki", "exchanges-twice", func(c *client) { c.twice = true }},
	{"KMW-CODE-3", "kitchenmonki", "tries-refused-code-again", func(c *client) { c.exchanges = 4 }},
	{"KMW-POPUP-1", "kitchenmonki", "popup-without-window", with("popup", func(c *client) { c.windowless = true })},
	{"KMW-POPUP-2", "kitchenmonki", "takes-messages-from-anywhere", with("popup", func(c *client) { c.anyOrigin = true })},
	{"KMW-STATE-1", "kitchenmonki", "sends-no-state", withAnyState(func(_ *client, r *request) { r.query.Del("state") })},
	{"KMW-STATE-1", "kitchenmonki", "one-state-for-all", edit(opAuthorize, func(_ *client, r *request) { r.set("state", "kitchen") })},
	{"KMW-STATE-1", "kitchenmonki", "takes-any-callback", func(c *client) { c.anyState = true }},
	{"KMW-USE-1", "kitchenmonki", "token-in-query", edit(opUse, tokenInQuery)},
	{"KMW-REFRESH-1", "kitchenmonki", "asks-user-each-hour", func(c *client) { c.renewals = false }},
	{"KMW-STORE-1", "kitchenmonki", "keeps-first-refresh", func(c *client) { c.keep = keepsRefresh }},
	{"KMW-EXPIRE-1", "kitchenmonki", "loops-after-two-weeks", func(c *client) { c.stubborn = 8 }},
	// No exchange shows this one: for whom a call is made is in no request. An honest judge says that the row was not exercised.
	{"KMW-KIND-1", "kitchenmonki", "calls-for-user-with-own-token", func(c *client) { c.muddles = true }},

	{"OAW-6749-4.1.1-STATE", "oauth2", "one-state-for-all", edit(opAuthorize, func(_ *client, r *request) { r.set("state", "kitchen") })},
	{"OAW-6749-10.12-FORGED", "oauth2", "takes-any-callback", func(c *client) { c.anyState = true }},
	{"OAW-6749-4.1.2-ONCE", "oauth2", "exchanges-twice", func(c *client) { c.twice = true }},
	{"OAW-6749-4.1.3-REDIRECT", "oauth2", "exchanges-with-other-redirect-uri-first", try(opExchange, func(_ *client, r *request) { delete(r.body, "redirect_uri") })},
	{"OAW-6749-1.5-REFRESH", "oauth2", "asks-user-each-hour", func(c *client) { c.renewals = false }},
	{"OAW-6749-6-NEWEST", "oauth2", "keeps-first-refresh", func(c *client) { c.keep = keepsRefresh }},
	{"OAW-6749-2.3.1-URI", "oauth2", "secret-in-link", edit(opAuthorize, func(c *client, r *request) { r.set("client_secret", c.own("CLIENT_SECRET")) })},
	{"OAW-6750-2.1-HEADER", "oauth2", "token-in-query-first", try(opUse, tokenInQuery)},
	{"OAW-6750-5.3-URL", "oauth2", "token-in-url", edit(opUse, func(_ *client, r *request) { r.set("token", r.token()) })},
	{"OAW-7636-4.1-FRESH", "oauth2", "one-verifier-for-all", func(c *client) { c.verifier = "Larder2Fjord3Marble4Tundra5Walnut6Heron7Mead8" }},
	{"OAW-7636-4.1-FORM", "oauth2", "short-verifier-first", func(c *client) { c.authorize = shortVerifierFirst(c.authorize) }},
	{"OAW-7636-4.2-S256", "oauth2", "plain-challenge-first", attempts(func(r *request) { r.set("code_challenge_method", "plain") })},
	{"OAW-7636-4.5-VERIFIER", "oauth2", "exchanges-without-verifier-first", try(opExchange, func(_ *client, r *request) { delete(r.body, "code_verifier") })},
	{"OAW-9700-2.1.1-CHALLENGE", "oauth2", "no-challenge", noChallenge},
	{"OAW-9207-2.4-ISS", "oauth2", "minds-no-issuer", func(c *client) { c.issuer = nil }},

	{"ANYW-STORM-1", "", "refreshes-in-every-call", func(c *client) { c.alone = false }},
	{"ANYW-RACE-1", "", "loser-restores-old-tokens", func(c *client) { c.alone, c.restores = false, true }},
	{"ANYW-LOST-1", "", "tries-lost-refresh-for-ever", func(c *client) { c.attempts = 40 }},
	{"ANYW-LOST-1", "", "forgets-when-server-is-busy", func(c *client) { c.flinches = true }},
	{"ANYW-TERM-1", "", "tries-dead-refresh-again", func(c *client) { c.stubborn = 5 }},
	{"ANYW-401-1", "", "loops-on-401", func(c *client) { c.repeats = 20 }},
	{"ANYW-429-1", "", "ignores-retry-after", func(c *client) { c.patient = false }},
	{"ANYW-JITTER-1", "", "fleet-in-step", with("eager", func(c *client) { c.spread, c.processes = false, 3 })},
	{"ANYW-LEAK-1", "", "takes-token-to-any-host", func(c *client) { c.trusting = true }},
	{"ANYW-LEAK-1", "", "token-in-user-agent", edit(opUse, func(_ *client, r *request) { r.header.Set("User-Agent", "kitchen/1.0 ("+r.token()+")") })},
	{"ANYW-CACHE-1", "", "repeats-with-refused-token", func(c *client) { c.stale = 3 }},
	{"ANYW-SHORT-1", "", "margin-above-lifetime", func(c *client) { c.byTime, c.fixed = true, 5*time.Minute }},
	{"ANYW-PARSE-1", "", "refuses-unknown-members", func(c *client) { c.strict = true }},
}

// try has a client send an odd request first, and the documented one when that was refused.
func try(o op, odd func(c *client, r *request)) func(*client) {
	return func(c *client) { c.first[o] = odd }
}

// edit has a client send an odd request.
func edit(o op, odd func(c *client, r *request)) func(*client) {
	return func(c *client) { c.edits[o] = append(c.edits[o], odd) }
}

// with is a fault of a style.
func with(name string, deed func(c *client)) func(*client) {
	return func(c *client) { style(name)(&c.habits); deed(c) }
}

func keepsRefresh(old, new pair) pair { new.Refresh = old.Refresh; return new }

// attempts changes the first link that a user is sent to; the next is as documented.
func attempts(odd func(r *request)) func(*client) {
	return func(c *client) {
		did := false
		edit(opAuthorize, func(_ *client, r *request) {
			if !did {
				did = true
				odd(r)
			}
		})(c)
	}
}

func withAnyState(odd func(c *client, r *request)) func(*client) {
	return func(c *client) { c.anyState = true; edit(opAuthorize, odd)(c) }
}

func rawRedirect(c *client, r *request) {
	r.query.Del("redirect_uri")
	r.raw = "&redirect_uri=" + c.own("REDIRECT_URI")
}

func tokenInQuery(_ *client, r *request) {
	r.set("access_token", r.token())
	r.header.Del("Authorization")
}

func noChallenge(c *client) {
	edit(opAuthorize, func(_ *client, r *request) { r.query.Del("code_challenge"); r.query.Del("code_challenge_method") })(c)
	edit(opExchange, func(_ *client, r *request) { delete(r.body, "code_verifier") })(c)
}

func shortVerifierFirst(authorize func(*client, *attempt) request) func(*client, *attempt) request {
	did := false
	return func(c *client, a *attempt) request {
		if !did {
			did, a.verifier = true, a.verifier[:30]
		}
		return authorize(c, a)
	}
}

func clientInBody(c *client, r *request) {
	r.header.Del("Authorization")
	r.body["client_id"], r.body["client_secret"] = c.own("CLIENT_ID"), c.own("CLIENT_SECRET")
}

func twiceAfter201(login func(*client, string) (answer, error)) func(*client, string) (answer, error) {
	return func(c *client, who string) (answer, error) {
		a, err := login(c, who)
		if err == nil && a.status == 201 {
			return login(c, who)
		}
		return a, err
	}
}

func keepsAccess(old, new pair) pair {
	if old.Access != "" {
		new.Access = old.Access
	}
	return new
}

// token is what stands in the Authorization header.
func (r *request) token() string {
	_, token, _ := strings.Cut(r.header.Get("Authorization"), " ")
	return token
}
