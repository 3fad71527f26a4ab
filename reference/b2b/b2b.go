// Package b2b serves "Authentication", the B2B integrations: a JWT login, the
// envelopes {success, data} and {error}, and an allow-list of addresses.
//
// The document describes login and refresh by its sample client, and names no
// path for the revocation that it speaks of: /auth/logout, what it answers and
// whom it revokes are those of the pages beside it.
package b2b

import (
	"net/http"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"gonogo/reference/kit"
)

const id = "b2b"

// Dialect is b2b with its quirks and accounts.
var Dialect = kit.NewDialect(id, seeds, slices.Concat(commonQuirks, oddQuirks, outerQuirks, addressQuirks, loginQuirks, passwordQuirks, timeQuirks, useQuirks, refreshQuirks, logoutQuirks,
	listQuirks, jwtQuirks, requestQuirks, envelopeQuirks), plain, (*b2b).routes)

// seeds are the accounts to test with; they are public and protect nothing.
var seeds = kit.Accounts{Users: []kit.User{
	{Dialect: id, Role: "primary", Username: "b2b-key-tamarind", Password: "Hn6cBramble2yFalcon8rCinder", ActsAs: 481},
	{Dialect: id, Role: "listed", Username: "b2b-key-sorrel", Password: "Gt3zHollow9vJasper5kMagpie", ActsAs: 593,
		Allow: []string{"127.0.0.1", "::1"}},
}}

// b2b is the service, with what quirks replace.
type b2b struct {
	*kit.Service
	passwords kit.SecretCheck
	jwt       *signer
	last      [2]atomic.Pointer[stamp] // by kind: the last that was announced

	timestamp func(time.Time) string
	announced func(k kit.Kind, ends time.Time) string
	admits    func(*kit.Call) bool       // the allow-list of the call's user
	address   func(*kit.Call) netip.Addr // where it comes from
	revoke    func(kit.Grant, time.Time) // what a logout is for
	reading   []string                   // the methods that read
	noLogout  bool
}

// stamp is a timestamp as it was written. Whoever logs in within one second is
// told the same two, and to write them is 0.2 µs.
type stamp struct {
	of   time.Time
	text string
}

// "Lifetime: 1 hour", "Lifetime: 7 days"
const (
	accessLife  = time.Hour
	refreshLife = 7 * 24 * time.Hour
)

func plain(s *kit.Service) *b2b {
	s.AccessLife, s.RefreshLife = accessLife, refreshLife
	m := &b2b{Service: s, jwt: newSigner(), timestamp: inUTC, reading: []string{"GET", "HEAD"}}
	m.announced, m.admits, m.address, m.revoke = m.sameSecond, m.listed, m.origin, m.revokeAccount
	s.Shape = m.fail
	s.Handle = func(k kit.Kind, token string) (string, bool) {
		handle, err := m.jwt.handle(k, token)
		return handle, err == nil
	}
	return m
}

const (
	loginPath      = "/auth/login"
	refreshPath    = "/auth/refresh"
	logoutPath     = "/auth/logout"
	productsPath   = "/api/v1/products"
	categoriesPath = "/api/v1/categories"
)

func (m *b2b) routes() []kit.Route {
	m.jwt.open(m)
	show := map[string]kit.Handler{}
	for _, method := range m.reading {
		show[method] = m.use
	}
	routes := []kit.Route{
		{Path: loginPath, Methods: map[string]kit.Handler{"POST": m.login}},
		{Path: refreshPath, Methods: map[string]kit.Handler{"POST": m.refresh}},
		{Path: productsPath, Methods: show},
		{Path: categoriesPath, Methods: show},
	}
	if !m.noLogout {
		m.Settings["revoke_path"] = logoutPath
		routes = append(routes, kit.Route{Path: logoutPath, Methods: map[string]kit.Handler{"POST": m.logout}})
	}
	return routes
}

// The occasions of an answer.
const (
	misread        = kit.Own + iota // the body is no JSON object
	invalid                         // a member is missing, or not as it should be
	wrongPassword                   // the user is unknown, or the password wrong
	forbidden                       // the address is not on the account's list
	loggedIn                        // a login succeeds
	noRefreshToken                  // what was sent is no live refresh token
	refreshed                       // a refresh succeeds
	loggedOut                       // a logout succeeds
	shown                           // the products or the categories are shown
)

// login: "Exchange API credentials for access and refresh tokens".
// POST /auth/login {"username", "password"}
//
// The body is looked at first, then the credentials, then the address: only
// who is right about the credentials learns that there is a list.
func (m *b2b) login(c *kit.Call) kit.Answer {
	if refusal := m.body(c); refusal != nil {
		return *refusal
	}
	values, refusal := m.members(c, "username", "password")
	if refusal != nil {
		return *refusal
	}
	c.User = m.Accounts.UserOrNobody(id, values[0])
	if !m.passwords.User(c.User, values[1]) {
		return m.wrongPassword(c)
	}
	return m.enter(c)
}

// wrongPassword does not say which of the two was wrong.
func (m *b2b) wrongPassword(*kit.Call) kit.Answer {
	return m.fail(http.StatusUnauthorized, invalidCredentials).As(wrongPassword)
}

const invalidCredentials = "Invalid credentials"

// enter answers tokens to the user of the call.
func (m *b2b) enter(c *kit.Call) kit.Answer {
	if !m.admits(c) {
		return m.forbidden(c)
	}
	m.Issue(c, kit.Account{Client: c.User.Number})
	return succeed(m.pair(c)).As(loggedIn)
}

// pair is the data of both login and refresh:
// {access_token, refresh_token, access_expires_at, refresh_expires_at, client_id}
func (m *b2b) pair(c *kit.Call) kit.Object {
	access, refresh := m.jwt.texts(c.Pair, c.User)
	return kit.Object{
		{"access_token", kit.Minted(access)},
		{"refresh_token", kit.Minted(refresh)},
		{"access_expires_at", kit.Text(m.announced(kit.AccessToken, c.Pair.AccessEnds))},
		{"refresh_expires_at", kit.Text(m.announced(kit.RefreshToken, c.Pair.RefreshEnds))},
		{"client_id", kit.Number(int64(c.User.ActsAs))},
	}
}

// sameSecond is the timestamp of a token's end, written once a second.
func (m *b2b) sameSecond(k kit.Kind, ends time.Time) string {
	second := ends.Truncate(time.Second)
	last := m.last[k].Load()
	if last == nil || !last.of.Equal(second) {
		last = &stamp{second, m.timestamp(second)}
		m.last[k].Store(last)
	}
	return last.text
}

// inUTC: "access_expires_at": "2024-01-15T10:30:00Z"
func inUTC(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// refresh: "Used to obtain new access and refresh token pairs".
// POST /auth/refresh {"refresh_token"}
func (m *b2b) refresh(c *kit.Call) kit.Answer {
	if refusal := m.body(c); refusal != nil {
		return *refusal
	}
	values, refusal := m.members(c, "refresh_token")
	if refusal != nil {
		return *refusal
	}
	return m.refreshWith(c, values[0])
}

func (m *b2b) refreshWith(c *kit.Call, token string) kit.Answer {
	var handle string
	c.Token = token
	if handle, c.Err = m.jwt.handle(kit.RefreshToken, token); c.Err != nil {
		return m.noRefreshToken()
	}
	e, _ := m.Tokens.Tokens.Get(kit.KeyOf(handle))
	c.User = m.Accounts.UserNumbered(e.Value.Client)
	if m.Tokens.Alive(e, c.Now) && !e.Spent && !m.admits(c) {
		return m.forbidden(c)
	}
	old, redeemed := m.Tokens.Redeem(handle, c.Now, nil)
	if !redeemed {
		return m.noRefreshToken()
	}
	m.Rotate(c, old)
	return succeed(m.pair(c)).As(refreshed)
}

// noRefreshToken refuses a refresh token that does not live, or is none.
func (m *b2b) noRefreshToken() kit.Answer {
	return m.fail(http.StatusUnauthorized, "The refresh token is invalid, expired or revoked.").As(noRefreshToken)
}

// logout: "Invalidate tokens when rotating credentials or ending sessions".
// POST /auth/logout with the access token and no body
func (m *b2b) logout(c *kit.Call) kit.Answer {
	if refusal := m.authorize(c); refusal != nil {
		return *refusal
	}
	m.revoke(c.Grant, c.Now)
	return m.farewell(c)
}

func (m *b2b) farewell(*kit.Call) kit.Answer {
	return kit.OK(envelope(kit.Object{{"message", kit.Text("All tokens of this client are revoked.")}})).As(loggedOut)
}

func (m *b2b) revokeAccount(g kit.Grant, now time.Time) { m.Tokens.RevokeAccount(g.Client, now) }

// use answers a resource to whoever has an access token.
func (m *b2b) use(c *kit.Call) kit.Answer {
	if refusal := m.authorize(c); refusal != nil {
		return *refusal
	}
	return m.show(c)
}

func (m *b2b) show(c *kit.Call) kit.Answer { return kit.OK(slices.Clip(resources[c.At])).As(shown) }

var resources = map[string]kit.Object{
	productsPath: envelope(kit.Object{{"products", kit.Raw(`[` +
		`{"id":7041,"name":"Oat biscuits","price":"3.20"},` +
		`{"id":7042,"name":"Plum chutney","price":"5.75"}]`)}}),
	categoriesPath: envelope(kit.Object{{"categories", kit.Raw(`[` +
		`{"id":31,"name":"Bakery"},{"id":32,"name":"Preserves"}]`)}}),
}

// authorize: "All protected endpoints require the following header:
// Authorization: Bearer {your_access_token}". It answers the refusal of a
// request without a live one, or from an address that its account does not list.
func (m *b2b) authorize(c *kit.Call) *kit.Answer {
	if c.Token, c.How = kit.BearerToken(c.Header); c.How == kit.CarriesToken {
		var handle string
		if handle, c.Err = m.jwt.handle(kit.AccessToken, c.Token); c.Err == nil {
			var live bool
			c.Grant, live = m.Tokens.Use(handle, c.Now)
			c.User = m.Accounts.UserNumbered(c.Grant.Client)
			switch {
			case live && m.admits(c):
				return nil
			case live:
				return new(m.forbidden(c))
			}
		}
	}
	return new(m.Unauthorized(c))
}

// listed: "If your account has IP whitelist entries configured, API requests
// (including login and token refresh) must originate from a whitelisted IP
// address … If no whitelist entries are configured, all IPs are allowed."
func (m *b2b) listed(c *kit.Call) bool {
	return len(c.User.Allow) == 0 || covers(c.User.Allow, m.address(c))
}

func (m *b2b) origin(c *kit.Call) netip.Addr { return originOf(c.Request, m.Proxies) }

// forbidden: "Requests from non-whitelisted IPs will receive a 403 Forbidden
// response."
func (m *b2b) forbidden(*kit.Call) kit.Answer {
	return m.fail(http.StatusForbidden, "This address is not on the account's allow-list.").As(forbidden)
}
