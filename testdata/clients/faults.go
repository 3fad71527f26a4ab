package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// fault is one thing that is wrong with a client: the row that it violates, and its deed.
type fault struct {
	row, dialects, name string
	deed                func(c *client)
}

const every = "kitchenhub pos b2b"

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
	{"KHW-SECRET-1", "kitchenhub", "secret-in-refresh", edit(opRefresh, func(c *client, r *request) { r.body["client_secret"] = c.own("CLIENT_SECRET") })},
	{"KHW-SECRET-1", "kitchenhub", "secret-in-call", edit(opUse, func(c *client, r *request) { r.header.Set("X-Client-Secret", c.own("CLIENT_SECRET")) })},
	{"KHW-SECRET-2", "kitchenhub", "keeps-old-secret", func(c *client) { c.deaf = true }},

	{"BBW-LOGIN-1", "b2b", "asks-by-form-first", try(opLogin, func(_ *client, r *request) { r.form = true })},
	{"BBW-LOGIN-1", "b2b", "reads-beside-envelope", func(c *client) { c.shallow = true }},
	{"BBW-ENVELOPE-1", "b2b", "minds-status-only", func(c *client) { c.lax = true }},
	{"BBW-REFRESH-1", "b2b", "waits-for-401", func(c *client) { c.lead = 0 }},
	{"BBW-REFRESH-2", "b2b", "keeps-first-refresh", func(c *client) { c.keep = keepsRefresh }},
	{"BBW-REFRESH-2", "b2b", "keeps-first-access", func(c *client) { c.keep = func(old, new pair) pair { new.Access = old.Access; return new } }},
	{"BBW-TIME-1", "b2b", "reads-no-offset", func(c *client) { c.timeless = true }},
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
	{"POSW-UNIT-1", "pos", "reads-milliseconds", func(c *client) { c.unit, c.byTime = time.Millisecond, true }},

	{"ANYW-STORM-1", every, "refreshes-in-every-call", func(c *client) { c.alone = false }},
	{"ANYW-RACE-1", every, "loser-restores-old-tokens", func(c *client) { c.alone, c.restores = false, true }},
	{"ANYW-LOST-1", every, "tries-lost-refresh-for-ever", func(c *client) { c.attempts = 40 }},
	{"ANYW-LOST-1", every, "forgets-when-server-is-busy", func(c *client) { c.flinches = true }},
	{"ANYW-TERM-1", every, "tries-dead-refresh-again", func(c *client) { c.stubborn = 5 }},
	{"ANYW-401-1", every, "loops-on-401", func(c *client) { c.repeats = 20 }},
	{"ANYW-429-1", every, "ignores-retry-after", func(c *client) { c.patient = false }},
	{"ANYW-JITTER-1", every, "fleet-in-step", with("eager", func(c *client) { c.spread, c.processes = false, 3 })},
	{"ANYW-LEAK-1", every, "takes-token-to-any-host", func(c *client) { c.trusting = true }},
	{"ANYW-LEAK-1", every, "token-in-user-agent", edit(opUse, func(_ *client, r *request) { r.header.Set("User-Agent", "kitchen/1.0 ("+r.token()+")") })},
	{"ANYW-CACHE-1", every, "repeats-with-refused-token", func(c *client) { c.stale = 3 }},
	{"ANYW-SHORT-1", every, "margin-above-lifetime", func(c *client) { c.byTime, c.fixed = true, 5*time.Minute }},
	{"ANYW-PARSE-1", every, "refuses-unknown-members", func(c *client) { c.strict = true }},
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
func with(style string, deed func(c *client)) func(*client) {
	return func(c *client) { styles[style](&c.habits); deed(c) }
}

func keepsRefresh(old, new pair) pair { new.Refresh = old.Refresh; return new }

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

// token is what stands in the Authorization header.
func (r *request) token() string {
	_, token, _ := strings.Cut(r.header.Get("Authorization"), " ")
	return token
}

func faultOf(name, dialect string) (fault, bool) {
	i := slices.IndexFunc(faults, func(f fault) bool { return f.name == name && slices.Contains(strings.Fields(f.dialects), dialect) })
	if i < 0 {
		return fault{}, false
	}
	return faults[i], true
}

// listFaults writes a line for every fault of every dialect: row, dialect, fault.
func listFaults(out io.Writer) {
	for _, f := range faults {
		for _, dialect := range strings.Fields(f.dialects) {
			fmt.Fprintln(out, f.row, dialect, f.name)
		}
	}
}
