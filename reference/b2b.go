package reference

import (
	"sync/atomic"
	"time"
)

// b2b serves "Authentication", the B2B integrations: a JWT login, the envelopes
// {success, data} and {error}, and an allow-list of addresses.
//
// The document describes login and refresh by its sample client, and names no
// path for the revocation that it speaks of: /auth/logout, what it answers and
// whom it revokes are those of the pages beside it.
type b2b struct {
	*desk
	jwt   *jwtDesk
	stamp [2]atomic.Pointer[stamp] // by kind: the last that was announced
}

// stamp is a timestamp as it was written. Whoever logs in within one second is
// told the same two, and to write them is 0.2 µs.
type stamp struct {
	of   time.Time
	text string
}

// "Lifetime: 1 hour", "Lifetime: 7 days"
const (
	bbAccessLife  = time.Hour
	bbRefreshLife = 7 * 24 * time.Hour
)

// place is where a request arrives, for what differs from one to the other.
type place byte

const (
	atLogin place = iota
	atRefresh
	atLogout
	atProducts
	atCategories
)

func openB2B(d *desk) []route {
	m := &b2b{desk: d}
	clock := &d.Server.clock
	clock.offset.Add(int64(m.skew()))
	d.tokens = newIssuer(clock, minter(d.switches, d.common, clock), maxTokens, m.policy())
	m.jwt = newJWTDesk(m)
	d.sweeps = append(d.sweeps, d.tokens.sweep, m.jwt.sweep)
	d.shape, d.undated, d.dateStands = m.fail, d.has(bbNoDate), d.has(bbDateStands)
	routes := []route{
		{path: "/auth/login", methods: map[string]handler{"POST": m.login}},
		{path: "/auth/refresh", methods: map[string]handler{"POST": m.refresh}},
		{path: "/api/v1/products", methods: m.reading(atProducts, object{{"products", raw(`[` +
			`{"id":7041,"name":"Oat biscuits","price":"3.20"},` +
			`{"id":7042,"name":"Plum chutney","price":"5.75"}]`)}})},
		{path: "/api/v1/categories", methods: m.reading(atCategories, object{{"categories", raw(`[` +
			`{"id":31,"name":"Bakery"},{"id":32,"name":"Preserves"}]`)}})},
	}
	if !m.has(bbNoLogout) {
		d.settings = map[string]string{"revoke_path": "/auth/logout"}
		routes = append(routes, route{path: "/auth/logout", methods: map[string]handler{"POST": m.logout}})
	}
	return routes
}

// login: "Exchange API credentials for access and refresh tokens".
// POST /auth/login {"username", "password"}
//
// The body is looked at first, then the credentials, then the address: only
// who is right about the credentials learns that there is a list.
func (m *b2b) login(c *call) answer {
	in, refusal := m.read(c, atLogin)
	if refusal != nil {
		return *refusal
	}
	username, password, refusal := m.credentials(in)
	if refusal != nil {
		return *refusal
	}
	who := m.accounts.user(m.dialect, username)
	if !m.passwords().accepts(who.passwordHolder(), password) {
		if m.has(bbListFirst) && !m.admits(c, who, atLogin) {
			return m.forbidden(c, atLogin, who)
		}
		return m.wrongCredentials(who)
	}
	if !m.admits(c, who, atLogin) {
		return m.forbidden(c, atLogin, who)
	}
	p, err := m.tokens.issue(account{client: who.grantNumber()}, m.tokens.newFamily(), c.now)
	if err != nil {
		return m.full()
	}
	return m.succeed(atLogin, m.loginQuirks(m.pairAnswer(p, who), p, who))
}

// grantNumber is 0 for a user whom only a defect lets in.
func (u *user) grantNumber() uint32 {
	if u == nil {
		return 0
	}
	return u.number
}

// clientID is the client_id of b2b.
func (u *user) clientID() int64 {
	if u == nil {
		return 0
	}
	return int64(u.ActsAs)
}

// pairAnswer is the data of both login and refresh:
// {access_token, refresh_token, access_expires_at, refresh_expires_at, client_id}
func (m *b2b) pairAnswer(p pair, who *user) object {
	access, refresh := m.jwt.texts(p, who)
	return object{
		{"access_token", minted(access)},
		{"refresh_token", minted(refresh)},
		{"access_expires_at", text(m.announced(accessToken, p.accessEnds))},
		{"refresh_expires_at", text(m.announced(refreshToken, p.refreshEnds))},
		{"client_id", number(who.clientID())},
	}
}

// announced is the timestamp of a token's end.
func (m *b2b) announced(k kind, ends time.Time) string {
	if m.has(bbTimesFraction) {
		return m.timestamp(ends)
	}
	second := ends.Truncate(time.Second)
	last := m.stamp[k].Load()
	if last == nil || !last.of.Equal(second) {
		last = &stamp{second, m.timestamp(second)}
		m.stamp[k].Store(last)
	}
	return last.text
}

// refresh: "Used to obtain new access and refresh token pairs".
// POST /auth/refresh {"refresh_token"}
func (m *b2b) refresh(c *call) answer {
	in, refusal := m.read(c, atRefresh)
	if refusal != nil {
		return *refusal
	}
	token, refusal := m.refreshToken(in)
	if refusal != nil {
		return *refusal
	}
	handle, err := m.jwt.handle(refreshToken, token)
	if err != nil {
		return m.unknownRefreshToken(c, token, err)
	}
	e, known := m.tokens.tokens.get(keyOf(handle))
	who := m.accounts.userNumbered(e.value.client)
	live := m.tokens.alive(e, c.now) && !e.spent
	if known && (live || m.has(bbListFirst)) && !m.admits(c, who, atRefresh) {
		if m.has(bbUnlistedBurns) {
			m.tokens.tokens.take(keyOf(handle))
		}
		return m.forbidden(c, atRefresh, who)
	}
	old, redeemed := m.tokens.redeem(handle, c.now, func(grant) bool { return true })
	if !redeemed {
		return m.unknownRefreshToken(c, token, nil)
	}
	p, err := m.tokens.rotate(old, c.now)
	if err != nil {
		return m.full()
	}
	return m.succeed(atRefresh, m.refreshQuirks(m.pairAnswer(p, who), old.value, token, who))
}

// logout: "Invalidate tokens when rotating credentials or ending sessions".
// POST /auth/logout with the access token and no body
func (m *b2b) logout(c *call) answer {
	g, refusal := m.authorize(c, atLogout)
	if refusal != nil {
		return *refusal
	}
	m.revoke(g, c.now)
	return ok(object{{"success", truth(true)}, {"data", m.nest(object{{"message", text("All tokens of this client are revoked.")}})}})
}

// reading answers a resource to whoever has an access token.
func (m *b2b) reading(at place, data object) map[string]handler {
	body := object{{"success", truth(true)}, {"data", m.nest(data)}}
	get := func(c *call) answer {
		if refusal := m.wantsBody(c, at); refusal != nil {
			return *refusal
		}
		if _, refusal := m.authorize(c, at); refusal != nil {
			return *refusal
		}
		return ok(body[:len(body):len(body)])
	}
	if m.has(bbNoHead) {
		return map[string]handler{"GET": get}
	}
	return map[string]handler{"GET": get, "HEAD": get}
}

// authorize: "All protected endpoints require the following header:
// Authorization: Bearer {your_access_token}". It answers what the token
// stands for, or the refusal of a request without a live one, or from an
// address that its account does not list.
func (m *b2b) authorize(c *call, at place) (grant, *answer) {
	refuse := func(a answer) (grant, *answer) { return grant{}, &a }
	token, how := bearerToken(c.Header)
	var err error
	if how == carriesToken {
		var handle string
		if handle, err = m.jwt.handle(accessToken, token); err == nil {
			g, live := m.tokens.use(handle, c.now)
			who := m.accounts.userNumbered(g.client)
			switch {
			case (live || m.has(bbListFirst)) && !m.admits(c, who, at):
				return refuse(m.forbidden(c, at, who))
			case live && !m.refusesLive(at):
				return g, nil
			}
		}
	}
	if m.letsIn(c, token, how, at) {
		return grant{}, nil
	}
	return refuse(m.unauthorized(token, how, err))
}
