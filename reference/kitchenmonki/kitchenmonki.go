// Package kitchenmonki serves "Kitchen Monki, Authentication": the OAuth 2.0
// grants over GET with everything in the query, browser consent, 30-second
// codes, and popup delivery.
//
// The document invokes OAuth2 and describes no errors: they are those of
// RFC 6749 5.2, with 401 for invalid_client. What a parameter may not be twice
// (RFC 6749 3.2), and one without a value counts as missing.
package kitchenmonki

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"gonogo/reference/kit"
)

const (
	id = "kitchenmonki"
	// HelperRole is the role of the client whose redirect URI is the link
	// helper's page: only the running server knows its address.
	HelperRole = "helper"
)

// Dialect is kitchenmonki with its quirks and accounts.
var Dialect = kit.NewDialect(id, seeds, slices.Concat(commonQuirks, oddQuirks, outerQuirks, slowQuirks, popupStateQuirks, credentialsQuirks, codeQuirks, grantQuirks, refreshQuirks, lifeQuirks, consentQuirks, pageQuirks, twiceQuirks,
	redirectQuirks, queueQuirks), plain, (*monki).routes)

// seeds are the accounts to test with; they are public and protect nothing.
var seeds = kit.Accounts{
	Clients: []kit.Client{
		{Dialect: id, Role: "primary", ID: "monki-client-basalt", Secret: "Xr5dMeadow1bQuartz6tWalnut",
			RedirectURI: "https://www.example.com/api_helper.php", ActsAs: 101},
		{Dialect: id, Role: "second", ID: "monki-client-cobalt", Secret: "Vf2hRaven7sThistle4cBirch",
			RedirectURI: "https://second.example.com/callback?tenant=7", ActsAs: 202},
		{Dialect: id, Role: HelperRole, ID: "monki-client-dolomite", Secret: "Hn6wOrchid4zSlate8mRiver", ActsAs: 404},
	},
	Users: []kit.User{{Dialect: id, Role: "user", Username: "marguerite.fennel", Password: "Yk9wCanyon5gMarble3zSparrow", ActsAs: 303}},
}

// monki is the service, with what quirks replace.
type monki struct {
	*kit.Service
	codes    *kit.Store[codeGrant]
	browsers *kit.Store[browser]
	flows    *kit.Store[flow]

	// of the grants
	credentialsSecrets, codeSecrets, refreshSecrets kit.SecretCheck

	codeLife     time.Duration
	codeFrom     func(f flow, approved time.Time) time.Time // from when on it counts
	flowLife     time.Duration                              // of a consent page
	browserLife  time.Duration                              // of a browser's session
	spend        func(kit.Key) (first bool)
	reused       func(family uint64, now time.Time)                // a spent code turns up again
	codeFor      func(g codeGrant, who *kit.KnownClient) bool      // whose code it is
	refreshFor   func(g kit.Grant, who *kit.KnownClient) bool      // whose refresh token
	sameRedirect func(authorized, redirect string) bool            // of a code
	ownUser      func(who *kit.KnownClient) int64                  // whom a client's own tokens act for
	grantingUser func(g codeGrant, who *kit.KnownClient) int64     // … those from a code
	carriesOver  func(g kit.Grant, who *kit.KnownClient) kit.Grant // … and those from a refresh

	// of the consent
	asking     func(*kit.Call) // before a request for consent is read
	shape      consentShape
	popup      func(callback string) popupShape
	redirectTo func(who *kit.KnownClient, redirect string) string // where users are sent who asked for it
	trusted    kit.Trusting
	approved   func(f flow, code string) kit.Answer
	carried    func(f flow) [][2]string                                    // what pages carry of a request, by name
	resent     func(at string, f flow, form url.Values) (is flow, ok bool) // what a form makes of it
	remembered func(*kit.KnownClient, *kit.KnownUser) bool                 // the user is not asked again
	minted     func(*kit.KnownClient, *kit.KnownUser, kit.Key)             // a code was
	undecided  func(*kit.Call, visit) kit.Answer                           // a decision of who has not signed in
	denied     func(f flow, who *kit.KnownUser, now time.Time) kit.Answer
	denial     func() []string // what the client is told of one
	handOver   func(f flow, callback string) kit.Answer
	state      func(f flow) (escaped string, there bool)
	separator  func(uri string) string
	status     int // of a redirect to the client
}

const (
	// "Access tokens expire in one hour, but refresh tokens do not expire for
	// two weeks."
	accessLife  = time.Hour
	refreshLife = 14 * 24 * time.Hour
	// "Authorization codes expire in 30 seconds."
	codeLife = 30 * time.Second

	// maxFlows bounds the consent pages that are open at a time, and maxKept the codes and browsers that are remembered.
	maxFlows = 20_000
	maxKept  = 1_000_000
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

func plain(s *kit.Service) *monki {
	s.AccessLife, s.RefreshLife, s.ClientsAct = accessLife, refreshLife, true
	m := &monki{Service: s, codes: kit.NewStore[codeGrant](maxKept), browsers: kit.NewStore[browser](maxKept),
		flows: kit.NewStore[flow](maxFlows), codeLife: codeLife, shape: consentShape{First: "sign-in", Username: "username", Password: "password"},
		popup: func(string) popupShape { return popupShape{} }, separator: querySeparator, status: http.StatusSeeOther,
		codeFor:    func(g codeGrant, who *kit.KnownClient) bool { return g.client == who.Number },
		refreshFor: func(g kit.Grant, who *kit.KnownClient) bool { return g.Client == who.Number },
		flowLife:   flowLife, browserLife: browserLife,
		codeFrom:     func(_ flow, approved time.Time) time.Time { return approved },
		asking:       func(*kit.Call) {},
		carried:      func(flow) [][2]string { return nil },
		resent:       func(_ string, f flow, _ url.Values) (flow, bool) { return f, true },
		remembered:   func(*kit.KnownClient, *kit.KnownUser) bool { return false },
		minted:       func(*kit.KnownClient, *kit.KnownUser, kit.Key) {},
		sameRedirect: equal, trusted: equal,
		ownUser:      func(who *kit.KnownClient) int64 { return int64(who.ActsAs) },
		grantingUser: func(g codeGrant, _ *kit.KnownClient) int64 { return g.user },
		carriesOver:  func(g kit.Grant, _ *kit.KnownClient) kit.Grant { return g },
		redirectTo:   func(_ *kit.KnownClient, redirect string) string { return redirect },
		denial:       func() []string { return []string{"error", "access_denied"} }, // RFC 6749 4.1.2.1
		state:        func(f flow) (string, bool) { return escaped(f.state), f.state != "" },
	}
	m.spend, m.reused, m.approved, m.undecided, m.denied, m.handOver = m.codes.SpendOnce, m.revokeFamily, m.deliverCode, m.signInFirst, m.deliverDenial, m.back
	s.Sweeps = append(s.Sweeps, func(now time.Time) {
		m.codes.Sweep(now.Add(-kit.SweepGrace))
		m.browsers.Sweep(now)
		m.flows.Sweep(now)
	})
	return m
}

func equal(a, b string) bool { return a == b }

const (
	grantPath     = "/v2/token/grant"
	queuePath     = "/v2/queue"
	authorizePath = "/authorize"
	signInPath    = "/authorize/sign-in"
	consentPath   = "/authorize/consent"
	decisionPath  = "/authorize/decision"
)

func (m *monki) routes() []kit.Route {
	get := func(h kit.Handler) map[string]kit.Handler { return map[string]kit.Handler{"GET": h, "HEAD": h} }
	post := func(h kit.Handler) map[string]kit.Handler { return map[string]kit.Handler{"POST": h} }
	queue := get(m.queue)
	queue["POST"], queue["PUT"] = m.queue, m.queue
	return []kit.Route{
		// No HEAD: it would spend codes and refresh tokens unseen.
		{Path: grantPath, Methods: map[string]kit.Handler{"GET": m.grant}},
		{Path: queuePath, Methods: queue},
		{Path: authorizePath, Page: true, Methods: get(m.authorize)},
		{Path: signInPath, Page: true, Methods: post(m.signIn)},
		{Path: consentPath, Page: true, Methods: get(m.consent)},
		{Path: decisionPath, Page: true, Methods: post(m.decide)},
	}
}

// The occasions of an answer.
const (
	noGrantType      = kit.Own + iota // grant_type is missing
	unknownGrantType                  // there is no such grant
	noClient                          // client_id is missing
	wrongClient                       // the client is unknown, or its secret missing or wrong
	granted                           // client credentials get tokens
	noCode                            // the code is missing
	badCode                           // it is unknown, or not this client's, or of another redirect URI
	exchanged                         // a code gets tokens
	noRefreshToken                    // the refresh token is missing
	badRefreshToken                   // what was sent is no live refresh token of this client
	refreshed                         // a refresh gets tokens
	untrusted                         // nobody may be sent to the redirect URI
	asked                             // a user is asked for the first time
	shownConsent                      // a user who has signed in is asked
	approved                          // a user has approved
	crowded                           // several tokens are in one request
	shown                             // the queue is shown
)

// grant: GET /v2/token/grant?grant_type=…&client_id=CLIENTID&client_secret=CLIENTSECRET…
func (m *monki) grant(c *kit.Call) kit.Answer {
	if refusal := m.parameters(c); refusal != nil {
		return *refusal
	}
	switch c.Query.Get("grant_type") {
	case "client_credentials", "authorization_code", "refresh_token":
	case "":
		return bad("invalid_request", "The parameter grant_type is missing.").As(noGrantType)
	default:
		return bad("unsupported_grant_type", "There are client_credentials, authorization_code and refresh_token.").As(unknownGrantType)
	}
	if refusal := m.authenticate(c); refusal != nil {
		return *refusal
	}
	return m.granting(c)
}

// granting gives the client of the call what it asks for.
func (m *monki) granting(c *kit.Call) kit.Answer {
	switch c.Query.Get("grant_type") {
	case "authorization_code":
		return m.exchange(c)
	case "refresh_token":
		return m.refresh(c)
	}
	return m.clientCredentials(c)
}

func bad(code, said string) kit.Answer { return kit.Refused(http.StatusBadRequest, code, said) }

// clientCredentials: "Your client credentials are associated with a Kitchen
// Monki user, therefore any access token generated with this method will be
// associated with that same user."
func (m *monki) clientCredentials(c *kit.Call) kit.Answer {
	m.Issue(c, kit.Account{Client: c.Client.Number, User: m.ownUser(c.Client)})
	return pair(c).As(granted)
}

// exchange: "Retrieve the access token from this url, passing the authorization
// code in the "code" parameter." The tokens act for "the Kitchen Monki user who
// granted the authorization code".
//
// RFC 6749 4.1.3: the redirect URI must be the one of the authorization
// request, which this server always asks for.
func (m *monki) exchange(c *kit.Call) kit.Answer {
	if c.Token = c.Query.Get("code"); c.Token == "" {
		return bad("invalid_request", "The parameter code is missing.").As(noCode)
	}
	meant := func(g codeGrant) bool {
		return m.codeFor(g, c.Client) && m.sameRedirect(g.redirect, c.Query.Get("redirect_uri"))
	}
	g, redeemed := kit.RedeemCode(m.Service, c, m.codes, meant, m.spend, func(g codeGrant) { m.reused(g.family, c.Now) })
	if !redeemed {
		return m.badCode(c)
	}
	m.IssueIn(c, kit.Account{Client: c.Client.Number, User: m.grantingUser(g, c.Client)}, g.family)
	return pair(c).As(exchanged)
}

func (m *monki) badCode(*kit.Call) kit.Answer {
	return bad("invalid_grant", "The code is unknown, used or expired, or belongs to another client or redirect URI.").As(badCode)
}

func (m *monki) revokeFamily(family uint64, now time.Time) { m.Tokens.Revoke(family, now) }

// refresh: "A new access token and refresh token is issued. Note that the old
// refresh token will be invalidated by this call." "… with the same user
// association". RFC 6749 6: only for the client that it was issued to.
func (m *monki) refresh(c *kit.Call) kit.Answer {
	if c.Token = c.Query.Get("refresh_token"); c.Token == "" {
		return bad("invalid_request", "The parameter refresh_token is missing.").As(noRefreshToken)
	}
	old, redeemed := m.Tokens.Redeem(c.Token, c.Now, func(g kit.Grant) bool { return m.refreshFor(g, c.Client) })
	if !redeemed {
		return bad("invalid_grant", "The refresh token is unknown, used, expired or revoked, or belongs to another client.").As(badRefreshToken)
	}
	old.Value = m.carriesOver(old.Value, c.Client)
	m.Rotate(c, old)
	return pair(c).As(refreshed)
}

// pair is what all three grants answer:
// {access_token, expires_in: 3600, token_type: "bearer", scope: null, refresh_token}
func pair(c *kit.Call) kit.Answer {
	return kit.Issued(kit.Object{
		{"access_token", kit.Minted(c.Pair.Access)},
		{"expires_in", kit.Number(int64(c.Pair.AccessEnds.Sub(c.Now) / time.Second))},
		{"token_type", kit.Text("bearer")},
		{"scope", kit.Null()},
		{"refresh_token", kit.Minted(c.Pair.Refresh)},
	})
}

// authenticate finds the client by the secret in the query, the one way that
// the document shows. The refusal does not say whether the client or the secret
// was wrong.
func (m *monki) authenticate(c *kit.Call) *kit.Answer {
	name := c.Query.Get("client_id")
	if name == "" {
		return new(bad("invalid_request", "The parameter client_id is missing.").As(noClient))
	}
	check := &m.credentialsSecrets
	switch c.Query.Get("grant_type") {
	case "authorization_code":
		check = &m.codeSecrets
	case "refresh_token":
		check = &m.refreshSecrets
	}
	c.Client = m.Accounts.ClientOrNobody(id, name)
	if check.Client(c.Client, c.Query.Get("client_secret")) {
		return nil
	}
	return new(m.Challenge(kit.Refused(http.StatusUnauthorized, "invalid_client", "The client is unknown, or its secret is missing or wrong."), "").As(wrongClient))
}

// grantParameters are the parameters that a grant reads.
var grantParameters = []string{"grant_type", "client_id", "client_secret", "code", "redirect_uri", "refresh_token"}

// parameters reads the query of a grant.
func (m *monki) parameters(c *kit.Call) *kit.Answer {
	in, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil {
		return new(bad("invalid_request", "The query is malformed."))
	}
	for _, name := range grantParameters {
		if len(in[name]) > 1 {
			return new(bad("invalid_request", "The parameter "+name+" occurs twice."))
		}
		if in.Has(name) && name != "client_secret" {
			in.Set(name, m.Trim(in.Get(name)))
		}
	}
	c.Query = in
	return nil
}
