// Package kitchenhub serves the "Kitchenhub Auth API": JSON bodies, lifetimes in
// minutes, rotation, a validate endpoint, Bearer.
//
// The document is silent on errors: they are RFC 6749's here. It shows no
// Content-Type for its JSON bodies, so that none is accepted too.
package kitchenhub

import (
	"net/http"
	"slices"
	"time"

	"gonogo/reference/kit"
)

const id = "kitchenhub"

// Dialect is kitchenhub with its quirks and accounts.
var Dialect = kit.NewDialect(id, seeds, slices.Concat(commonQuirks, oddQuirks, outerQuirks, issueQuirks, useQuirks, refreshQuirks, validateQuirks), plain, (*hub).routes)

// seeds are the accounts to test with, the same in every run. Their secrets
// are words and digits that no protocol uses, so that a search for their values
// finds nothing by accident. They are public and protect nothing.
var seeds = kit.Accounts{Clients: []kit.Client{
	{Dialect: id, Role: "primary", ID: "khub-client-juniper", Secret: "Zq4vTundra8mOrchard2kLantern"},
	{Dialect: id, Role: "second", ID: "khub-client-saffron", Secret: "Wj7pGlacier3xPebble9nHarvest"},
}}

// hub is the service, with the steps that quirks replace.
type hub struct {
	*kit.Service
	secrets kit.SecretCheck
	minutes func(time.Duration) int64
}

// "access_token_expire": 60, // in minutes
// "refresh_token_expire": 1440 // in minutes
const (
	accessLife  = 60 * time.Minute
	refreshLife = 1440 * time.Minute
)

func plain(s *kit.Service) *hub {
	s.AccessLife, s.RefreshLife = accessLife, refreshLife
	return &hub{Service: s, minutes: wholeMinutes}
}

const (
	tokenPath    = "/v2/auth/token"
	refreshPath  = "/v2/auth/refresh"
	validatePath = "/v2/auth/validate"
	ordersPath   = "/v2/orders"
)

func (h *hub) routes() []kit.Route {
	return []kit.Route{
		{Path: tokenPath, Methods: map[string]kit.Handler{"POST": h.issue}},
		{Path: refreshPath, Methods: map[string]kit.Handler{"POST": h.refresh}},
		{Path: validatePath, Methods: map[string]kit.Handler{"POST": h.validate}},
		{Path: ordersPath, Methods: map[string]kit.Handler{"GET": h.orders, "HEAD": h.orders}},
	}
}

// The occasions of an answer.
const (
	misread        = kit.Own + iota // the body is no JSON object
	lacking                         // a member is missing, or not as it should be
	wrongClient                     // the client is unknown or its secret is wrong
	issued                          // an issue succeeds
	refreshed                       // a refresh succeeds
	noRefreshToken                  // what was sent is no live refresh token
	validated                       // a token is reported valid
	notValid                        // a token is reported not valid
	listed                          // the orders are shown
)

// issue: "Request an access token using your client_id and client_secret."
// POST /v2/auth/token {"client_id", "client_secret"}
func (h *hub) issue(c *kit.Call) kit.Answer {
	if fault := h.ReadFields(c); fault != nil {
		return fault.Refuse().As(misread)
	}
	name, refusal := h.TextMember(c, "client_id")
	if refusal != nil {
		return refusal.As(lacking)
	}
	secret, refusal := h.TextMember(c, "client_secret")
	if refusal != nil {
		return refusal.As(lacking)
	}
	c.Client = h.Accounts.ClientOrNobody(id, name)
	if !h.secrets.Client(c.Client, secret) {
		return h.wrongClient()
	}
	return h.issueTo(c)
}

// wrongClient does not say which of the two was wrong.
func (h *hub) wrongClient() kit.Answer {
	return h.Challenge(kit.Refused(http.StatusUnauthorized, "invalid_client", "The client is unknown or its secret is wrong."), "").As(wrongClient)
}

// issueTo answers a new pair to the client of the call.
func (h *hub) issueTo(c *kit.Call) kit.Answer {
	h.Issue(c, kit.Account{Client: c.Client.Number})
	return h.pair(c).As(issued)
}

// pair is what both issue and refresh answer.
func (h *hub) pair(c *kit.Call) kit.Answer {
	return kit.Issued(kit.Object{
		{"access_token", kit.Minted(c.Pair.Access)},
		{"refresh_token", kit.Minted(c.Pair.Refresh)},
		{"access_token_expire", kit.Number(h.minutes(c.Pair.AccessEnds.Sub(c.Now)))},
		{"refresh_token_expire", kit.Number(h.minutes(c.Pair.RefreshEnds.Sub(c.Now)))},
	})
}

// orders stands for "all other API endpoints", which need the access token:
// "To authorize API requests, include the token in the request header:
// Authorization: Bearer your_access_token".
func (h *hub) orders(c *kit.Call) kit.Answer {
	if c.Token, c.How = kit.BearerToken(c.Header); c.How == kit.CarriesToken {
		if _, live := h.Tokens.Use(c.Token, c.Now); live {
			return h.list(c)
		}
	}
	return h.Unauthorized(c)
}

func (h *hub) list(*kit.Call) kit.Answer {
	return kit.OK(kit.Object{{"orders", kit.Raw(`[` +
		`{"id":"ord-1041","table":"12","state":"preparing","items":[{"name":"Lentil soup","quantity":2},{"name":"Rye bread","quantity":1}]},` +
		`{"id":"ord-1042","table":"takeaway","state":"ready","items":[{"name":"Mushroom risotto","quantity":1}]},` +
		`{"id":"ord-1043","table":"7","state":"served","items":[{"name":"Apple crumble","quantity":3}]}]`)}}).As(listed)
}

// refresh: "Use this endpoint to refresh your access_token using a valid
// refresh_token … the old one becomes invalid."
// POST /v2/auth/refresh {"refresh_token"}
func (h *hub) refresh(c *kit.Call) kit.Answer {
	if refusal := h.presented(c, "refresh_token"); refusal != nil {
		return *refusal
	}
	old, redeemed := h.Tokens.Redeem(c.Token, c.Now, nil)
	if !redeemed {
		return h.Challenge(kit.Refused(http.StatusUnauthorized, "invalid_grant", "The refresh token is unknown, used, expired or revoked."), "").As(noRefreshToken)
	}
	h.Rotate(c, old)
	return h.pair(c).As(refreshed)
}

// validate: "Use this to check if a token is still valid and active."
// POST /v2/auth/validate {"access_token"} → {"valid", "expires_in"}, in minutes.
// For anything but a live access token the document shows no answer; here it is
// "valid": false.
func (h *hub) validate(c *kit.Call) kit.Answer {
	if refusal := h.presented(c, "access_token"); refusal != nil {
		return *refusal
	}
	e, live := h.Tokens.Find(kit.AccessToken, c.Token, c.Now)
	if !live {
		return said(false, 0).As(notValid)
	}
	c.Grant, c.Ends = e.Value, e.Expires
	return said(true, h.minutes(left(c))).As(validated)
}

// presented is the token that a body carries as a member of that name, as the token of the call, or what is wrong.
func (h *hub) presented(c *kit.Call, name string) *kit.Answer {
	if fault := h.ReadFields(c); fault != nil {
		return new(fault.Refuse().As(misread))
	}
	token, refusal := h.TextMember(c, name)
	if refusal != nil {
		return new(refusal.As(lacking))
	}
	c.Token = token
	return nil
}

func said(valid bool, minutes int64) kit.Answer {
	return kit.Issued(kit.Object{{"valid", kit.Truth(valid)}, {"expires_in", kit.Number(minutes)}})
}

// left is what is left of the token's life.
func left(c *kit.Call) time.Duration { return max(time.Duration(c.Ends-c.Now.UnixNano()), 0) }

// wholeMinutes are whole minutes, of which none is promised that is not there.
func wholeMinutes(d time.Duration) int64 { return int64(max(d, 0) / time.Minute) }
