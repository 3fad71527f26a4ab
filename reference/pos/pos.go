// Package pos serves the "Point of Sale API Authentication Flow": Basic client
// authentication, the password grant, UUID access tokens, 201 everywhere, and
// the refresh token in the Authorization header.
//
// The document says neither how a body is encoded nor what a protected endpoint
// looks like. JSON and the endpoints are those of the companion pages; a form
// is taken as well, because the OAuth flow that the document invokes sends one
// (RFC 6749 4.3.2). Errors are RFC 6749's.
package pos

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"gonogo/reference/kit"
)

const id = "pos"

// Dialect is pos with its quirks and accounts.
var Dialect = kit.NewDialect(id, seeds, slices.Concat(commonQuirks, oddQuirks, outerQuirks, accountQuirks, mintQuirks, userQuirks, clientQuirks, logInQuirks, refreshQuirks, useQuirks), plain, (*pos).routes)

// seeds are the accounts to test with; they are public and protect nothing.
var seeds = kit.Accounts{Clients: []kit.Client{
	{Dialect: id, Role: "primary", ID: "pos-client-marigold", Secret: "Kc6wFjord3nHazel8dMarble"},
	{Dialect: id, Role: "second", ID: "pos-client-teasel", Secret: "Bq3yLagoon7kTimber5wOsprey"},
}}

// pos is the service, with what quirks replace.
type pos struct {
	*kit.Service
	secrets, passwords kit.SecretCheck

	identify   func(*kit.Call) *kit.Answer                     // who asks
	usersGrant func(*kit.Call) *kit.Answer                     // grant_type at the users …
	logInGrant func(*kit.Call) *kit.Answer                     // … and at the login
	enter      func(*kit.Call, request) kit.Answer             // a new user into the accounts
	nameFault  func(string) string                             // what is wrong with a new user_name …
	weakness   func(string) string                             // … and with a new password
	kept       func(string) string                             // a new password as it is kept …
	compared   func(string) string                             // … and one that a user logs in with, as it is compared
	userName   func(string) string                             // a user_name as accounts are found by it
	announced  func(left time.Duration) kit.Value              // expires_in
	canonical  func(string) string                             // an access token as it was issued
	credential func(string) string                             // client id and secret, after Basic
	presented  func(http.Header) (string, kit.Carried)         // the refresh token
	form       string                                          // how it must be sent
	basic      func(http.Header) (string, string, kit.Carried) // the client's credentials
}

const (
	// "expires_in | integer | The time, in seconds, the access token remains
	// valid": how many is not documented, an hour is usual.
	accessLife = time.Hour
	// The document has the refresh token outlive the access token and says no
	// more.
	refreshLife = 30 * 24 * time.Hour
)

func plain(s *kit.Service) *pos {
	s.AccessLife, s.RefreshLife, s.MintAccess, s.Media, s.Read = accessLife, refreshLife, kit.RandomUUID, jsonOrForm, read
	same := func(s string) string { return s }
	p := &pos{Service: s, nameFault: tooLong, weakness: func(string) string { return "" },
		kept: same, compared: same, userName: same, announced: inSeconds, canonical: same, credential: same, presented: kit.BearerToken,
		form: "Authorization: Bearer <refresh_token>", basic: kit.BasicCredentials}
	p.identify, p.usersGrant, p.logInGrant, p.enter = p.client, p.grantType, p.grantTypeIfSent, p.register
	return p
}

const (
	usersPath       = "/users"
	logInPath       = "/auth/token"
	refreshPath     = "/auth/refresh-token"
	ingredientsPath = "/ingredients"
	dishesPath      = "/dishes"
)

func (p *pos) routes() []kit.Route {
	post := func(path string, h kit.Handler) kit.Route {
		return kit.Route{Path: path, Methods: map[string]kit.Handler{"POST": h}}
	}
	return []kit.Route{post(usersPath, p.createUser), post(logInPath, p.logIn), post(refreshPath, p.refresh),
		post(ingredientsPath, p.create), post(dishesPath, p.create)}
}

// The occasions of an answer.
const (
	misread        = kit.Own + iota // the body could not be read
	bad                             // something in it is missing, or not as it should be
	stranger                        // the client is unknown, or did not prove itself
	userMade                        // a user is created
	taken                           // there is a user of this name
	wrongPassword                   // the user is unknown, or the password wrong
	loggedIn                        // a login succeeds
	noRefreshToken                  // a refresh without a well-formed refresh token
	deadRefresh                     // a refresh token that is not, or no longer, good
	refreshed                       // a refresh succeeds
	created                         // a resource is created
)

// createUser: "The client sends an HTTP request to the /users endpoint,
// including the user_name, password, and grant_type properties in the request
// body." "… 201 Created status code with the response body containing the new
// user account resource."
//
// That the client authenticates itself here, too, is from the companion pages.
// Who asks counts before what is asked for.
func (p *pos) createUser(c *kit.Call) kit.Answer {
	if refusal := p.identify(c); refusal != nil {
		return *refusal
	}
	in, refusal := p.newUser(c)
	if refusal != nil {
		return *refusal
	}
	return p.enter(c, in)
}

// logIn: "The client sends an HTTP request that includes a basic authorization
// header and the user's user_name and password."
func (p *pos) logIn(c *kit.Call) kit.Answer {
	if refusal := p.identify(c); refusal != nil {
		return *refusal
	}
	in, refusal := p.known(c)
	if refusal != nil {
		return *refusal
	}
	c.User = p.user(in.name)
	if !p.passwords.User(c.User, p.compared(in.password)) {
		return p.wrongPassword()
	}
	return p.grant(c)
}

func (p *pos) wrongPassword() kit.Answer {
	return kit.Refused(http.StatusBadRequest, "invalid_grant", "The user is unknown or the password is wrong.").As(wrongPassword)
}

// grant answers tokens to the user of the call.
func (p *pos) grant(c *kit.Call) kit.Answer {
	p.Issue(c, account(c))
	return p.pair(c).As(loggedIn)
}

// account is whose tokens they are.
func account(c *kit.Call) kit.Account {
	return kit.Account{Client: c.Client.Number, User: int64(c.User.ActsAs)}
}

// refresh: "The client sends an HTTP request using the refresh_token value in
// the authorization header." The scheme is not documented: it is Bearer, and
// there is no client to bind the token to.
func (p *pos) refresh(c *kit.Call) kit.Answer {
	if c.Token, c.How = p.presented(c.Header); c.How != kit.CarriesToken {
		return p.refuseRefresh("There is no refresh token: " + p.form + ".").As(noRefreshToken)
	}
	old, redeemed := p.Tokens.Redeem(c.Token, c.Now, nil)
	if !redeemed {
		return p.deadRefresh(c)
	}
	p.Rotate(c, old)
	return p.pair(c).As(refreshed)
}

func (p *pos) deadRefresh(*kit.Call) kit.Answer {
	return p.refuseRefresh("The refresh token is unknown, used, expired or revoked.").As(deadRefresh)
}

func (p *pos) refuseRefresh(said string) kit.Answer {
	return p.Challenge(kit.Refused(http.StatusUnauthorized, "invalid_grant", said), "")
}

// pair is the "Response body properties" table: "the server responds with a
// 201 Created". The document promises only the two tokens after a refresh; the
// other two come along.
func (p *pos) pair(c *kit.Call) kit.Answer {
	a := kit.Issued(kit.Object{
		{"access_token", kit.Minted(c.Pair.Access)},
		{"expires_in", p.announced(c.Pair.AccessEnds.Sub(c.Now))},
		{"refresh_token", kit.Minted(c.Pair.Refresh)},
		{"token_type", kit.Text("Bearer")},
	})
	a.Status = http.StatusCreated
	return a
}

func inSeconds(left time.Duration) kit.Value { return kit.Number(int64(left / time.Second)) }

// client finds the client by its Basic credentials (RFC 7617).
func (p *pos) client(c *kit.Call) *kit.Answer {
	name, secret, how := p.basic(c.Header)
	c.How = how
	if how == kit.CarriesToken {
		c.Client = p.Accounts.ClientOrNobody(id, p.Trim(p.credential(name)))
		if p.secrets.Client(c.Client, p.Trim(p.credential(secret))) {
			return nil
		}
	}
	a := kit.Refused(http.StatusUnauthorized, "invalid_client", "This needs the client's credentials: Authorization: Basic <base64 of client_id:client_secret>.")
	a.Challenge = basicChallenge
	return new(a.As(stranger))
}

// basicChallenge is that of RFC 7617 2. The refusal does not say whether the
// client or its secret was wrong.
const basicChallenge = `Basic realm="` + id + `", charset="UTF-8"`

// timestamp is ISO 8601 with milliseconds, as on the companion pages.
func timestamp(t time.Time) kit.Value { return kit.Text(t.UTC().Format("2006-01-02T15:04:05.000Z")) }

// tooLong bounds what 10,000 users can take of the memory.
func tooLong(name string) string {
	if len(name) > 256 {
		return "The member user_name is longer than 256 bytes."
	}
	return ""
}

func lower(s string) string { return strings.ToLower(s) }
