// Package oauth2 serves OAuth 2.0 as its RFCs have it, and nothing else: the
// client credentials and authorization code grants and the refresh of RFC 6749,
// with proof keys (RFC 7636), bearer tokens at a protected resource (RFC 6750),
// revocation (RFC 7009), introspection (RFC 7662), and metadata that say so (RFC
// 8414). Where the RFCs leave a choice that RFC 9700 makes, it is made so.
//
// Bodies are forms. A parameter without a value counts as missing, one that
// nobody knows is ignored, and one that stands there twice is refused (RFC 6749
// 3.2). What stands in the query of a POST is no parameter.
package oauth2

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"gonogo/reference/kit"
)

const id = "oauth2"

// Dialect is oauth2 with its quirks and accounts.
var Dialect = kit.NewDialect(id, seeds, slices.Concat(commonQuirks, oddQuirks, outerQuirks, answerQuirks, errorQuirks, clientQuirks, scopeQuirks,
	lifeQuirks, useQuirks, challengeQuirks, revokeQuirks, tellQuirks, askQuirks, consentQuirks, redirectQuirks, codeQuirks, proofQuirks, refreshQuirks, familyQuirks, metadataQuirks, practiceQuirks, jwtQuirks, openIDQuirks), plain, (*oauth).routes)

// seeds are the accounts to test with; they are public and protect nothing. The
// second's secret has in it what makes a difference to a form, of the
// characters that a secret may have (RFC 6749 A.2).
var seeds = kit.Accounts{Clients: []kit.Client{
	{Dialect: id, Role: "primary", ID: "oauth-client-larch", Secret: "Dw8xHarbor2mVelvet5rCondor", RedirectURI: "https://larch.example.com/callback"},
	{Dialect: id, Role: "second", ID: "oauth-client-rowan", Secret: "Lm4t+Heron%2Fz:7&Alder=9vKelp", RedirectURI: "https://rowan.example.com/callback?tenant=7"},
	{Dialect: id, Role: "public", ID: "oauth-client-aspen", Public: true, RedirectURI: "https://aspen.example.com/callback"},
}, Users: []kit.User{{Dialect: id, Role: "user", Username: "wilhelmina.sedge", Password: "Pt6hLagoon3xTimber8mFinch"}}}

// oauth is the service, with what quirks replace.
type oauth struct {
	*kit.Service
	atToken, atRevocation, atIntrospection entrance

	granting  map[string]func(*kit.Call) kit.Answer           // by grant_type
	asks      []string                                        // the methods of the token endpoint
	alone     bool                                            // a client's own token comes without a refresh token
	allowed   func(asked uint8, known bool) (uint8, bool)     // the scope that a client gets who asks for one
	announced func(left time.Duration) kit.Value              // expires_in
	presents  func(*kit.Call) (token string, how kit.Carried) // at the resource
	owner     func(kit.Grant, *kit.KnownClient) bool          // who may revoke a token
	forget    func(*kit.Call, kit.Grant)                      // revokes it
	toTell    finder                                          // finds the live token that is asked about …
	toRevoke  finder                                          // … or that is to be revoked

	wishes       *kit.Store[wish]
	codes        *kit.Store[codeGrant]
	codeLife     time.Duration
	trusted      kit.Trusting
	asked        func(*kit.Call) (url.Values, bool)         // reads an authorization request
	responseType func(string) (problem string)              // says whether there is such a one
	challenging  func(*wish) (problem string)               // reads a code challenge
	answers      func(w wish, parameters []string) []string // what comes beside an answer to the client
	callback     func(uri string, parameters []string) string
	status       int // of a redirect to the client
	denied       func(*kit.Call, wish) kit.Answer
	codeFor      func(codeGrant, *kit.KnownClient) bool // whose code it is
	refreshFor   func(kit.Grant, *kit.KnownClient) bool // whose refresh token
	sameRedirect func(of codeGrant, redirect string) bool
	beyond       func(asked, granted uint8) bool // a refresh asks for too much
	proves       func(of codeGrant, verifier string) bool
	spend        func(kit.Key) (first bool)
	reused       func(family uint64, now time.Time) // a spent code turns up again

	aside     kit.Handler                                     // shows a page at an address of its own; nil is nowhere
	described []string                                        // where the metadata are
	written   func(c *kit.Call, access string) string         // how an access token is told from what it is kept as …
	read      func(token string, now time.Time) (kept string) // … and back
	keys      func() kit.Object                               // what signs access tokens; nil is nothing
}

// finder finds a live token. A hint says where to look first.
type finder func(c *kit.Call, hint string) (kit.Entry[kit.Grant], bool)

// accessLife is not the RFCs' to say; an hour is usual. Nor is refreshLife.
const (
	accessLife  = time.Hour
	refreshLife = 14 * 24 * time.Hour
)

func plain(s *kit.Service) *oauth {
	s.Settings["pkce"] = "public" // RFC 9700 2.1.1
	s.AccessLife, s.RefreshLife, s.RevokeOnReplay, s.Media, s.Read = accessLife, refreshLife, true, formOnly, readForm
	o := &oauth{Service: s, asks: []string{"POST"}, alone: true, allowed: known, announced: inSeconds, presents: inHeader, owner: own,
		wishes: kit.NewStore[wish](maxWishes), codes: kit.NewStore[codeGrant](maxCodes), codeLife: codeLife, status: http.StatusSeeOther,
		trusted: func(registered, redirect string) bool { return registered == redirect }, asked: asked, responseType: onlyCode, challenging: challenging, callback: callback,
		codeFor: codeOfClient, refreshFor: own, sameRedirect: redirectAsAsked, beyond: beyond, proves: proves,
		described: []string{metadataPath}, written: func(_ *kit.Call, access string) string { return access }, read: func(token string, _ time.Time) string { return token }}
	for _, e := range []*entrance{&o.atToken, &o.atRevocation, &o.atIntrospection} {
		*e = entrance{credentials: kit.BasicCredentials, decode: formDecoded, inBody: true}
	}
	o.atIntrospection.secretOnly = true
	o.granting = map[string]func(*kit.Call) kit.Answer{"client_credentials": o.clientCredentials, "authorization_code": o.exchange, "refresh_token": o.refresh}
	o.toTell, o.toRevoke, o.forget = o.lookUp, o.lookUp, o.forgetToken
	o.answers, o.denied, o.spend = o.withStateAndIssuer, o.deny, o.codes.SpendOnce
	o.reused = func(family uint64, now time.Time) { o.Tokens.Revoke(family, now) }
	s.Sweeps = append(s.Sweeps, func(now time.Time) {
		o.wishes.Sweep(now)
		o.codes.Sweep(now.Add(-kit.SweepGrace))
	})
	return o
}

const (
	authorizePath  = "/oauth2/authorize"
	decisionPath   = "/oauth2/decision"
	asidePath      = "/oauth2/page"
	metadataPath   = "/.well-known/oauth-authorization-server"
	keysPath       = "/keys"
	tokenPath      = "/token"
	introspectPath = "/introspect"
	revokePath     = "/revoke"
	resourcePath   = "/resource"
)

func (o *oauth) routes() []kit.Route {
	post := func(path string, h kit.Handler) kit.Route {
		return kit.Route{Path: path, Methods: map[string]kit.Handler{"POST": h}}
	}
	get := func(h kit.Handler) map[string]kit.Handler { return map[string]kit.Handler{"GET": h, "HEAD": h} }
	token := map[string]kit.Handler{}
	for _, method := range o.asks {
		token[method] = o.token
	}
	routes := []kit.Route{{Path: tokenPath, Methods: token}, post(introspectPath, o.introspect), post(revokePath, o.revoke), {Path: resourcePath, Methods: get(o.resource)},
		{Path: authorizePath, Page: true, Methods: map[string]kit.Handler{"GET": o.authorize, "HEAD": o.authorize, "POST": o.authorize}},
		{Path: decisionPath, Page: true, Methods: map[string]kit.Handler{"POST": o.decide}}}
	for _, path := range o.described {
		routes = append(routes, kit.Route{Path: path, Methods: get(o.metadata)})
	}
	if o.aside != nil {
		routes = append(routes, kit.Route{Path: asidePath, Page: true, Methods: get(o.aside)})
	}
	if o.keys != nil {
		routes = append(routes, kit.Route{Path: keysPath, Methods: get(func(*kit.Call) kit.Answer { return kit.OK(o.keys()) })})
	}
	return routes
}

// The occasions of an answer.
const (
	misread          = kit.Own + iota // the body is no form
	bothWays                          // a client authenticates in two ways, or names itself twice
	stranger                          // a client is unknown, or did not prove itself
	noGrantType                       // grant_type is missing
	unknownGrantType                  // there is no such grant
	notForThis                        // the client may not use the grant
	badScope                          // the scope is unknown or malformed
	granted                           // client credentials get a token
	noToken                           // the token is missing that a request is about
	deadRefresh                       // what was sent is no live refresh token of this client
	weak                              // the scope of an access token does not reach
	shown                             // the resource is shown
	told                              // introspection of a live token
	inactive                          // introspection of anything else
	dropped                           // a token is revoked
	foreign                           // it is another client's
	unknown                           // it is nobody's
	untrusted                         // nobody may be sent to the redirect URI
	misasked                          // an authorization request is refused, and the client told
	denial                            // so is one that a user has denied
	asking                            // a user is asked
	approved                          // a user has approved
	noCode                            // the code is missing
	badCode                           // it is none, or not this client's, or not proved
	exchanged                         // a code gets tokens
	refreshed                         // a refresh gets tokens
	described                         // the metadata
)

// formOnly: a body is a form by its media type (RFC 6749 4.4.2, 7009 2.1, 7662 2.1).
func formOnly(c *kit.Call) *kit.BodyFault {
	if !kit.IsForm(c.Header.Get("Content-Type")) {
		return bodyMedia
	}
	return nil
}

var bodyMedia = &kit.BodyFault{Status: http.StatusBadRequest, Said: "The body must be sent as application/x-www-form-urlencoded."}

func readForm(c *kit.Call, body []byte) (kit.Fields, *kit.BodyFault) {
	if len(body) == 0 {
		return kit.Fields{}, nil
	}
	return kit.ReadForm(string(body))
}

// parameter is one of the body; "" where it is missing or has no value.
func (o *oauth) parameter(c *kit.Call, name string) string {
	f, found := c.Fields.Get(name)
	if !found {
		return ""
	}
	return o.Trim(f.Text())
}

// form reads the body, or answers the refusal of one that could not be read.
func (o *oauth) form(c *kit.Call) *kit.Answer {
	if fault := o.ReadFields(c); fault != nil {
		return new(kit.Refused(fault.Status, "invalid_request", fault.Said).As(misread))
	}
	return nil
}

func bad(code, said string) kit.Answer { return kit.Refused(http.StatusBadRequest, code, said) }
