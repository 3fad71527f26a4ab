package reference

import (
	"net/http"
	"sync"
	"time"
)

// pos serves the "Point of Sale API Authentication Flow": Basic client
// authentication, the password grant, UUID access tokens, 201 everywhere, and
// the refresh token in the Authorization header.
//
// The document says neither how a body is encoded nor what a protected endpoint
// looks like. JSON and the endpoints are those of the companion pages; a form
// is taken as well, because the OAuth flow that the document invokes sends one
// (RFC 6749 4.3.2). Errors are RFC 6749's.
type pos struct {
	*desk

	// what defects remember
	mu     sync.Mutex
	since  map[string]time.Time // when a user was created, by name
	firsts map[account]pair     // what a user's first login answered
}

const (
	// "expires_in | integer | The time, in seconds, the access token remains
	// valid": how many is not documented, an hour is usual.
	posAccessLife = time.Hour
	// The document has the refresh token outlive the access token and says no
	// more.
	posRefreshLife = 30 * 24 * time.Hour
)

func openPOS(d *desk) []route {
	p := &pos{desk: d, since: map[string]time.Time{}, firsts: map[account]pair{}}
	clock := &d.Server.clock
	d.tokens = newIssuer(clock, p.refreshMinter(), maxTokens, p.policy())
	d.tokens.mintAccess = p.accessMinter()
	d.sweeps = append(d.sweeps, d.tokens.sweep)
	d.settings = p.settings()
	return []route{
		{path: "/users", methods: map[string]handler{"POST": p.createUser}},
		{path: "/auth/token", methods: map[string]handler{"POST": p.logIn}},
		{path: "/auth/refresh-token", methods: map[string]handler{"POST": p.refresh}},
		{path: "/ingredients", methods: map[string]handler{"POST": p.resource(ingredient)}},
		{path: "/dishes", methods: map[string]handler{"POST": p.resource(dish)}},
	}
}

// createUser: "The client sends an HTTP request to the /users endpoint,
// including the user_name, password, and grant_type properties in the request
// body." "… 201 Created status code with the response body containing the new
// user account resource."
//
// That the client authenticates itself here, too, is from the companion pages.
func (p *pos) createUser(c *call) answer {
	in, bad := p.newUserRequest(c)
	if refusal := p.firstOf(p.strangerAtUsers(c), bad); refusal != nil {
		return *refusal
	}
	who, err := p.register(in, c.now)
	if err != nil {
		return p.notRegistered(err)
	}
	return p.userQuirks(answer{status: http.StatusCreated, body: object{
		{"user_id", number(int64(who.ActsAs))},
		{"user_name", text(who.Username)},
		{"created_at", text(timestamp(c.now))},
	}}, in)
}

// logIn: "The client sends an HTTP request that includes a basic authorization
// header and the user's user_name and password."
func (p *pos) logIn(c *call) answer {
	in, bad := p.logInRequest(c)
	client, stranger := p.client(c.Header)
	if refusal := p.firstOf(stranger, bad); refusal != nil {
		return *refusal
	}
	who := p.user(in.username)
	if !in.proved && !p.provesItself(who, in.password, c.now) {
		return p.wrongPassword(who)
	}
	whose := account{client.number, actingFor(who)}
	issue, err := p.tokens.issue(whose, p.tokens.newFamily(), c.now)
	if err != nil {
		return full()
	}
	return p.logInQuirks(p.granted(p.pairAnswer(issue, c.now)), whose, issue)
}

// refresh: "The client sends an HTTP request using the refresh_token value in
// the authorization header." The scheme is not documented: it is Bearer, and
// there is no client to bind the token to.
func (p *pos) refresh(c *call) answer {
	token, how := p.refreshHeader(c.Header)
	if how != carriesToken {
		return p.noRefreshToken(c, how)
	}
	if p.tooEarly(token, c.now) {
		return refused(http.StatusBadRequest, "invalid_request", "The access token has not expired yet.")
	}
	old, redeemed := p.tokens.redeem(token, c.now, func(grant) bool { return !p.has(posRefreshRefused) })
	if !redeemed {
		return p.unknownRefreshToken(token, c.now)
	}
	fresh, err := p.tokens.rotate(old, c.now)
	if err != nil {
		return full()
	}
	return p.refreshQuirks(p.granted(p.pairAnswer(fresh, c.now)), old.value, token)
}

// actingFor is the user id that a token acts for; 0 is an unknown user, whom
// only a defect lets in.
func actingFor(who *user) int64 {
	if who == nil {
		return 0
	}
	return int64(who.ActsAs)
}

// granted is a success with tokens: "the server responds with a 201 Created".
func (p *pos) granted(body object) answer {
	a := issued(body)
	a.status = http.StatusCreated
	return a
}

// pairAnswer is the "Response body properties" table. The document promises
// only the two tokens after a refresh; the other two come along.
func (p *pos) pairAnswer(pair pair, now time.Time) object {
	return object{
		{"access_token", minted(pair.access)},
		{"expires_in", p.announced(pair.accessEnds.Sub(now))},
		{"refresh_token", minted(pair.refresh)},
		{"token_type", text("Bearer")},
	}
}

// client finds the client by its Basic credentials (RFC 7617).
func (p *pos) client(h http.Header) (*client, *answer) {
	id, secret, how := p.credentials(h)
	if how != carriesToken {
		return p.noClient(how)
	}
	who := p.accounts.clientOrNobody(p.dialect, id)
	if !p.secretOf(who, secret) {
		a := p.wrongClient(who)
		return nil, &a
	}
	return who, nil
}

// unauthenticated refuses a client with the challenge of RFC 7617 2. It does
// not say whether the client or its secret was wrong.
func (p *pos) unauthenticated() answer {
	a := refused(http.StatusUnauthorized, "invalid_client", "This needs the client's credentials: Authorization: Basic <base64 of client_id:client_secret>.")
	a.challenge = `Basic realm="` + p.dialect + `", charset="UTF-8"`
	return a
}

// firstOf is the refusal that a request gets: who asks counts before what is
// asked for, unless the liberty turns that round.
func (p *pos) firstOf(stranger, bad *answer) *answer {
	if bad != nil && (stranger == nil || p.has(posBodyFirst)) {
		return bad
	}
	return stranger
}

// timestamp is ISO 8601 with milliseconds, as on the companion pages.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
