package reference

import (
	"fmt"
	"net/http"
	"time"
)

// kitchenhub serves the "Kitchenhub Auth API": JSON bodies, lifetimes in
// minutes, rotation, a validate endpoint, Bearer.
//
// The document is silent on errors: they are RFC 6749's here. It shows no
// Content-Type for its JSON bodies, so that none is accepted too.
type kitchenhub struct{ *desk }

// "access_token_expire": 60, // in minutes
// "refresh_token_expire": 1440 // in minutes
const (
	khAccessLife  = 60 * time.Minute
	khRefreshLife = 1440 * time.Minute
)

func openKitchenhub(d *desk) []route {
	k := &kitchenhub{d}
	d.tokens = newIssuer(&d.Server.clock, minter(d.switches, d.common, &d.Server.clock), maxTokens, k.policy())
	d.sweeps = append(d.sweeps, d.tokens.sweep)
	d.rotating, d.rotated = k.rotating, k.rotated
	return []route{
		{path: "/v2/auth/token", methods: map[string]handler{"POST": k.issue}},
		{path: "/v2/auth/refresh", methods: map[string]handler{"POST": k.refresh}},
		{path: "/v2/auth/validate", methods: map[string]handler{"POST": k.validate}},
		{path: "/v2/orders", methods: map[string]handler{"GET": k.orders, "HEAD": k.orders}},
	}
}

// issue: "Request an access token using your client_id and client_secret."
// POST /v2/auth/token {"client_id", "client_secret"}
func (k *kitchenhub) issue(c *call) answer {
	in, fault := k.read(c)
	if fault != "" {
		return k.misreadIssue(fault)
	}
	id, refusal := k.clientID(in)
	if refusal != nil {
		return *refusal
	}
	secret, refusal := k.secret(in)
	if refusal != nil {
		return *refusal
	}
	who := k.accounts.clientOrNobody(k.dialect, id)
	if !k.secrets(id).accepts(who, secret) {
		return k.wrongCredentials(who)
	}
	p, err := k.tokens.issue(account{client: who.number}, k.tokens.newFamily(), c.now)
	if err != nil {
		return full()
	}
	return issued(k.issueQuirks(k.pairAnswer(p, c.now)))
}

// pairAnswer is what both issue and refresh answer.
func (k *kitchenhub) pairAnswer(p pair, now time.Time) object {
	return object{
		{"access_token", minted(p.access)},
		{"refresh_token", minted(p.refresh)},
		{"access_token_expire", number(k.minutes(p.accessEnds.Sub(now)))},
		{"refresh_token_expire", number(k.minutes(p.refreshEnds.Sub(now)))},
	}
}

// orders stands for "all other API endpoints", which need the access token.
func (k *kitchenhub) orders(c *call) answer {
	if refusal := k.authorize(c); refusal != nil {
		return *refusal
	}
	return ok(object{{"orders", raw(`[` +
		`{"id":"ord-1041","table":"12","state":"preparing","items":[{"name":"Lentil soup","quantity":2},{"name":"Rye bread","quantity":1}]},` +
		`{"id":"ord-1042","table":"takeaway","state":"ready","items":[{"name":"Mushroom risotto","quantity":1}]},` +
		`{"id":"ord-1043","table":"7","state":"served","items":[{"name":"Apple crumble","quantity":3}]}]`)}})
}

// authorize: "To authorize API requests, include the token in the request
// header: Authorization: Bearer your_access_token". It answers the refusal of
// a request without a live access token.
func (k *kitchenhub) authorize(c *call) *answer {
	token, how := bearerToken(c.Header)
	if how == carriesToken {
		if _, live := k.tokens.use(token, c.now); live && !k.has(khUseRefused) {
			return nil
		}
	}
	if k.letsIn(c.Header, token, how, c.now) {
		return nil
	}
	a := k.unauthorized(how)
	return &a
}

// refresh: "Use this endpoint to refresh your access_token using a valid
// refresh_token … the old one becomes invalid."
// POST /v2/auth/refresh {"refresh_token"}
func (k *kitchenhub) refresh(c *call) answer {
	in, fault := k.read(c)
	if fault != "" {
		return k.misreadRefresh(fault)
	}
	token, refusal := k.text(in, "refresh_token")
	if refusal != nil {
		return k.noRefreshToken(in, *refusal, c.now)
	}
	old, redeemed := k.tokens.redeem(token, c.now, func(grant) bool { return true })
	if !redeemed {
		return k.unknownRefreshToken(token)
	}
	p, err := k.tokens.rotate(old, c.now)
	if err != nil {
		return full()
	}
	return issued(k.refreshQuirks(k.pairAnswer(p, c.now), old.value, token))
}

// validate: "Use this to check if a token is still valid and active."
// POST /v2/auth/validate {"access_token"} → {"valid", "expires_in"}, in minutes.
// For anything but a live access token the document shows no answer; here it is
// "valid": false.
func (k *kitchenhub) validate(c *call) answer {
	in, fault := k.read(c)
	if fault != "" {
		return k.misreadValidate(fault)
	}
	token, refusal := k.text(in, "access_token")
	if refusal != nil {
		return k.noAccessToken(in, *refusal)
	}
	e, live := k.tokens.find(accessToken, token, c.now)
	if !live {
		return k.notValid(token, c.now)
	}
	remaining := time.Duration(e.expires - c.now.UnixNano())
	return issued(k.validateQuirks(object{
		{"valid", truth(true)},
		{"expires_in", number(k.minutes(remaining))},
	}, token, e, c.now))
}

// minutes are whole minutes, of which none is promised that is not there.
func (k *kitchenhub) minutes(d time.Duration) int64 {
	d = max(d, 0)
	if k.has(khRoundsUp) {
		return int64((d + time.Minute - 1) / time.Minute)
	}
	return int64(d / time.Minute)
}

// read reads a JSON body.
func (k *kitchenhub) read(c *call) (in fields, fault bodyFault) {
	if media := c.Header.Get("Content-Type"); media != "" && !isJSON(media) {
		return nil, bodyMedia
	}
	body, fault := c.body()
	if fault != "" {
		return nil, fault
	}
	return k.bodyQuirks(body)
}

// misread refuses a body that is no JSON object.
func (k *kitchenhub) misread(fault bodyFault) answer {
	status := http.StatusBadRequest
	switch fault {
	case bodyLarge:
		status = http.StatusRequestEntityTooLarge
	case bodyMedia:
		k.mediaQuirks()
		status = http.StatusUnsupportedMediaType
	}
	return refused(status, "invalid_request", string(fault)+".")
}

// text is a member that must be there, must be a string and must not be empty.
func (k *kitchenhub) text(in fields, name string) (string, *answer) {
	f, found := in.get(name)
	why := ""
	switch {
	case !found:
		why = "is missing"
	case !f.isText():
		why = "must be a string"
	default:
		if s := trimmed(f.text(), k.has(k.common.trims)); s != "" {
			return s, nil
		}
		why = "is empty"
	}
	a := refused(http.StatusBadRequest, "invalid_request", fmt.Sprintf("The member %s %s.", name, why))
	return "", &a
}

// wrongCredentials does not say which of the two was wrong.
func (k *kitchenhub) wrongCredentials(who *client) answer {
	a := refused(http.StatusUnauthorized, "invalid_client", "The client is unknown or its secret is wrong.")
	a.challenge = `Bearer realm="` + k.dialect + `"`
	return k.wrongCredentialsQuirks(a, who)
}
