package reference

import (
	"net/http"
	"net/url"
	"sync"
	"time"
)

// kitchenmonki serves "Kitchen Monki, Authentication": the OAuth 2.0 grants
// over GET with everything in the query, browser consent, 30-second codes, and
// popup delivery.
//
// The document invokes OAuth2 and describes no errors: they are those of
// RFC 6749 5.2, with 401 for invalid_client. What a parameter may not be twice
// (RFC 6749 3.2), and one without a value counts as missing.
type kitchenmonki struct {
	*desk
	codes    store[codeGrant]
	browsers store[browser]
	flows    store[flow]
	shape    consentShape

	mu         sync.Mutex
	lastState  string           // for the defect that mixes flows up
	remembered map[account]bool // for the liberty that asks only once
}

const (
	// "Access tokens expire in one hour, but refresh tokens do not expire for
	// two weeks."
	kmAccessLife  = time.Hour
	kmRefreshLife = 14 * 24 * time.Hour
	// "Authorization codes expire in 30 seconds."
	kmCodeLife = 30 * time.Second

	// maxFlows bounds the consent pages that are open at a time.
	maxFlows = 20_000
)

// codeGrant is what an authorization code stands for. Its tokens' family is
// fixed from the start, so that a spent code that turns up again can revoke
// them even while they are being issued.
type codeGrant struct {
	client   uint32
	user     int64
	family   uint64
	redirect string
}

func openKitchenmonki(d *desk) []route {
	m := &kitchenmonki{desk: d, codes: newMemory[codeGrant](maxFlows), browsers: newMemory[browser](maxFlows),
		flows: newMemory[flow](maxFlows), remembered: map[account]bool{}}
	m.shape = m.consentShape()
	d.tokens = newIssuer(&d.Server.clock, minter(d.switches, d.common, &d.Server.clock), maxTokens, m.policy())
	d.clientsAct = true
	d.sweeps = append(d.sweeps, d.tokens.sweep, func(now time.Time) {
		m.codes.sweep(now.Add(-sweepGrace))
		m.browsers.sweep(now)
		m.flows.sweep(now)
	})
	return []route{
		// No HEAD: it would spend codes and refresh tokens unseen.
		{path: "/v2/token/grant", methods: map[string]handler{"GET": m.grant}},
		{path: "/v2/queue", methods: map[string]handler{"GET": m.queue, "HEAD": m.queue, "POST": m.queue, "PUT": m.queue}},
		{path: "/authorize", page: true, methods: map[string]handler{"GET": m.authorize, "HEAD": m.authorize}},
		{path: "/authorize/sign-in", page: true, methods: map[string]handler{"POST": m.signIn}},
		{path: "/authorize/consent", page: true, methods: map[string]handler{"GET": m.consent, "HEAD": m.consent}},
		{path: "/authorize/decision", page: true, methods: map[string]handler{"POST": m.decide}},
	}
}

// grant: GET /v2/token/grant?grant_type=…&client_id=CLIENTID&client_secret=CLIENTSECRET…
func (m *kitchenmonki) grant(c *call) answer {
	in, refusal := m.parameters(c)
	if refusal != nil {
		return *refusal
	}
	a := m.grantOf(c, in)
	if code := in.Get("code"); a.refusal() && code != "" && m.has(kmRefusalBurnsCode) {
		m.codes.spend(keyOf(code))
	}
	return a
}

func (m *kitchenmonki) grantOf(c *call, in url.Values) answer {
	grantType := m.grantType(in)
	switch grantType {
	case "client_credentials", "authorization_code", "refresh_token":
	case "":
		return refused(http.StatusBadRequest, "invalid_request", "The parameter grant_type is missing.")
	default:
		return m.unsupportedGrantType()
	}
	who, refusal := m.authenticate(in, grantType)
	if refusal != nil {
		return *refusal
	}
	switch grantType {
	case "client_credentials":
		return m.clientCredentials(c, who)
	case "authorization_code":
		return m.exchange(c, who, in)
	}
	return m.refresh(c, who, in)
}

// clientCredentials: "Your client credentials are associated with a Kitchen
// Monki user, therefore any access token generated with this method will be
// associated with that same user."
func (m *kitchenmonki) clientCredentials(c *call, who *client) answer {
	p, err := m.tokens.issue(account{who.number, m.ownUser(who)}, m.tokens.newFamily(), c.now)
	if err != nil {
		return full()
	}
	return issued(m.credentialsQuirks(m.pairAnswer(p, c.now)))
}

// exchange: "Retrieve the access token from this url, passing the authorization
// code in the "code" parameter." The tokens act for "the Kitchen Monki user who
// granted the authorization code".
func (m *kitchenmonki) exchange(c *call, who *client, in url.Values) answer {
	code := in.Get("code")
	if code == "" {
		return m.missingCode()
	}
	k := keyOf(code)
	e, known := m.codes.get(k)
	if !known || m.has(kmCodeRefused) || !m.boundTo(e.value, who, in.Get("redirect_uri")) {
		return m.unknownCode(c, who, known)
	}
	if e.spent || !m.spendCode(k, &e, c.now) {
		// RFC 6749 4.1.2: whoever uses a code a second time may have stolen
		// it, and so may whoever used it the first time.
		if e.spent && !m.has(kmCodeReuseIgnored) {
			m.tokens.revoke(e.value.family, c.now)
		}
		return m.invalidCode()
	}
	p, err := m.tokens.issue(account{who.number, m.grantingUser(e.value, who)}, e.value.family, c.now)
	if err != nil {
		return full()
	}
	return issued(m.codeQuirks(m.pairAnswer(p, c.now)))
}

// spendCode uses a code up, unless it has expired. When another exchange came
// first, the entry says that it is spent.
func (m *kitchenmonki) spendCode(k key, e *entry[codeGrant], now time.Time) bool {
	if !e.aliveAt(now, m.codeLeeway()) {
		return false
	}
	if m.sparesCode(k) {
		return true
	}
	_, first := m.codes.spend(k)
	e.spent = !first
	return first
}

// boundTo: RFC 6749 4.1.3. The redirect URI must be the one of the
// authorization request, which this server always asks for.
func (m *kitchenmonki) boundTo(g codeGrant, who *client, redirect string) bool {
	return (g.client == who.number || m.sparesClient(who, kmCodeOtherClient)) &&
		(g.redirect == redirect || m.sparesRedirect(g.redirect, redirect))
}

func (m *kitchenmonki) invalidCode() answer {
	return refused(http.StatusBadRequest, "invalid_grant", "The code is unknown, used or expired, or belongs to another client or redirect URI.")
}

// refresh: "A new access token and refresh token is issued. Note that the old
// refresh token will be invalidated by this call." "… with the same user
// association". RFC 6749 6: only for the client that it was issued to.
func (m *kitchenmonki) refresh(c *call, who *client, in url.Values) answer {
	token := in.Get("refresh_token")
	if token == "" {
		return m.missingRefreshToken()
	}
	old, redeemed := m.tokens.redeem(token, c.now, func(g grant) bool {
		return g.client == who.number || m.sparesClient(who, kmRefreshOtherClient)
	})
	if !redeemed {
		return m.unknownRefreshToken(c, who, token)
	}
	if m.has(kmRefreshLosesUser) {
		old.value.user = int64(who.ActsAs)
	}
	p, err := m.tokens.rotate(old, c.now)
	if err != nil {
		return full()
	}
	return issued(m.refreshQuirks(m.pairAnswer(p, c.now), old.value, token))
}

// pairAnswer is what all three grants answer:
// {access_token, expires_in: 3600, token_type: "bearer", scope: null, refresh_token}
func (m *kitchenmonki) pairAnswer(p pair, now time.Time) object {
	return m.shapeQuirks(object{
		{"access_token", minted(p.access)},
		{"expires_in", number(int64(p.accessEnds.Sub(now) / time.Second))},
		{"token_type", text("bearer")},
		{"scope", null()},
		{"refresh_token", minted(p.refresh)},
	})
}

// authenticate finds the client by the secret in the query, the one way that
// the document shows.
func (m *kitchenmonki) authenticate(in url.Values, grantType string) (*client, *answer) {
	id, secret := in.Get("client_id"), in.Get("client_secret")
	if id == "" {
		return nil, m.missingClient()
	}
	who := m.accounts.clientOrNobody(m.dialect, id)
	if !m.secrets(grantType, in).accepts(who, secret) {
		a := m.wrongCredentials(who)
		return nil, &a
	}
	return who, nil
}

// wrongCredentials does not say whether the client or the secret was wrong.
func (m *kitchenmonki) wrongCredentials(who *client) answer {
	a := refused(http.StatusUnauthorized, "invalid_client", "The client is unknown, or its secret is missing or wrong.")
	a.challenge = `Bearer realm="` + m.dialect + `"`
	return m.wrongCredentialsQuirks(a, who)
}

// grantParameters are the parameters that a grant reads.
var grantParameters = []string{"grant_type", "client_id", "client_secret", "code", "redirect_uri", "refresh_token"}

// parameters reads the query of a grant.
func (m *kitchenmonki) parameters(c *call) (url.Values, *answer) {
	in, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil {
		a := refused(http.StatusBadRequest, "invalid_request", "The query is malformed.")
		return nil, &a
	}
	for _, name := range grantParameters {
		if len(in[name]) > 1 {
			a := refused(http.StatusBadRequest, "invalid_request", "The parameter "+name+" occurs twice.")
			return nil, &a
		}
		if in.Has(name) && name != "client_secret" {
			in.Set(name, trimmed(in.Get(name), m.has(m.common.trims)))
		}
	}
	return in, nil
}
