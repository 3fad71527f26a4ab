package sorrel

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// KitchenMonkiClient is a registered client. "Your client credentials are
// associated with a Kitchen Monki user", the one called UserID here.
type KitchenMonkiClient struct {
	ID, Secret  string
	Name        string // shown on the consent page
	RedirectURI string
	UserID      int
}

// KitchenMonkiUser is a person who can authorize clients.
type KitchenMonkiUser struct {
	Login, Password string
	UserID          int
}

// The fixed, public accounts of the Kitchen Monki dialect.
var (
	KitchenMonkiClients = [2]KitchenMonkiClient{
		{
			ID: "larder-4471", Secret: "Vx9qTb72LmWz0sHd", Name: "Larder Planner",
			RedirectURI: "https://www.example.com/api_helper.php", UserID: 101,
		},
		{
			ID: "ladle-8830", Secret: "Jr5nYc81GkPf3uXa", Name: "Ladle Weekly",
			RedirectURI: "https://ladle.example.org/back?from=monki", UserID: 202,
		},
	}
	KitchenMonkiPerson = KitchenMonkiUser{Login: "marjoram", Password: "seven quiet whisks", UserID: 303}
)

// Lifetimes from the document: "expire in 30 seconds", "Access tokens expire
// in one hour", "refresh tokens do not expire for two weeks".
const (
	monkiCodeLifetime    = 30 * time.Second
	monkiAccessLifetime  = time.Hour
	monkiRefreshLifetime = 14 * 24 * time.Hour
)

const monkiRealm = "Kitchen Monki"

// monki serves the Kitchen Monki document. One lock around each request makes
// every single-use code and token go to one request at most; fasthttp hands
// requests over fully read, so nobody slow can hold it.
type monki struct {
	mu  sync.Mutex
	now func() time.Time

	access   *vault[*monkiGrant]
	refresh  *vault[*monkiGrant]
	codes    *vault[*monkiCode]
	sessions *vault[*session]
	asked    *vault[*authorizationRequest]

	queues  map[int][]queueEntry
	entries int // number of queue entries ever made
}

// monkiGrant is what a token stands for: a client acting as a user. All the
// tokens that descend from one authorization share it.
type monkiGrant struct {
	client  *KitchenMonkiClient
	userID  int
	revoked bool
}

type monkiCode struct {
	grant       *monkiGrant
	redirectURI string // as in the authorization request, "" when left out
	expires     time.Time
	used        bool
}

type queueEntry struct {
	ID     int    `json:"id"`
	Recipe string `json:"recipe"`
}

func newMonki(now func() time.Time) *monki {
	return &monki{
		now:      now,
		access:   newVault[*monkiGrant](),
		refresh:  newVault[*monkiGrant](),
		codes:    newVault[*monkiCode](),
		sessions: newVault[*session](),
		asked:    newVault[*authorizationRequest](),
		queues:   map[int][]queueEntry{},
	}
}

func (m *monki) serve(ctx *fasthttp.RequestCtx, path string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch path {
	case "/authorize":
		m.authorize(ctx)
	case "/authorize/sign-in":
		m.signIn(ctx)
	case "/authorize/consent":
		m.consent(ctx)
	case "/v2/token/grant":
		m.grant(ctx)
	default:
		m.api(ctx, path)
	}
}

func findMonkiClient(id string) *KitchenMonkiClient {
	i := slices.IndexFunc(KitchenMonkiClients[:], func(c KitchenMonkiClient) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return &KitchenMonkiClients[i]
}

// grant is the token endpoint. The document calls it with everything in the
// URL; RFC 6749 section 3.2 wants POST, so a form does as well.
func (m *monki) grant(ctx *fasthttp.RequestCtx) {
	if !allow(ctx, fasthttp.MethodGet, fasthttp.MethodPost) {
		return
	}
	p := newParams(ctx.QueryArgs(), form(ctx))
	if len(p.repeated) > 0 {
		fail(ctx, fasthttp.StatusBadRequest, "invalid_request", "a parameter is given twice")
		return
	}
	client := authenticate(ctx, p)
	if client == nil {
		return
	}
	switch p.get("grant_type") {
	case "client_credentials":
		m.issue(ctx, &monkiGrant{client: client, userID: client.UserID})
	case "authorization_code":
		m.redeemCode(ctx, client, p)
	case "refresh_token":
		m.redeemRefresh(ctx, client, p)
	case "":
		fail(ctx, fasthttp.StatusBadRequest, "invalid_request", "grant_type is missing")
	default:
		fail(ctx, fasthttp.StatusBadRequest, "unsupported_grant_type", "no such grant_type")
	}
}

// authenticate finds the calling client by its client_id and client_secret
// parameters, as documented, or by HTTP Basic, which RFC 6749 section 2.3.1
// makes every server support. It answers the request itself on failure.
func authenticate(ctx *fasthttp.RequestCtx, p params) *KitchenMonkiClient {
	id, secret := p.get("client_id"), p.get("client_secret")
	scheme, credentials, err := authorization(ctx)
	if err != nil {
		fail(ctx, fasthttp.StatusBadRequest, "invalid_request", err.Error())
		return nil
	}
	if scheme != "" {
		basicID, basicSecret, ok := basicCredentials(credentials)
		if !ok || !strings.EqualFold(scheme, "Basic") {
			failClient(ctx, monkiRealm)
			return nil
		}
		// OAuth form-encodes both halves before RFC 7617 applies.
		basicID, errID := url.QueryUnescape(basicID)
		basicSecret, errSecret := url.QueryUnescape(basicSecret)
		if errID != nil || errSecret != nil {
			failClient(ctx, monkiRealm)
			return nil
		}
		if secret != "" || id != "" && id != basicID {
			fail(ctx, fasthttp.StatusBadRequest, "invalid_request", "the client identifies itself in two ways")
			return nil
		}
		id, secret = basicID, basicSecret
	}
	client := findMonkiClient(id)
	if client == nil || !same(secret, client.Secret) {
		failClient(ctx, monkiRealm)
		return nil
	}
	return client
}

func (m *monki) redeemCode(ctx *fasthttp.RequestCtx, client *KitchenMonkiClient, p params) {
	if p.get("code") == "" {
		fail(ctx, fasthttp.StatusBadRequest, "invalid_request", "code is missing")
		return
	}
	now := m.now()
	code, ok := m.codes.get(hash(p.get("code")), now)
	switch {
	case !ok || code.grant.client != client:
		fail(ctx, fasthttp.StatusBadRequest, "invalid_grant", "no such authorization code")
	case code.used:
		// RFC 6749 section 4.1.2: a code that comes back may have been stolen,
		// so the tokens issued on it go.
		code.grant.revoked = true
		fail(ctx, fasthttp.StatusBadRequest, "invalid_grant", "the authorization code was already used")
	case !now.Before(code.expires):
		fail(ctx, fasthttp.StatusBadRequest, "invalid_grant", "the authorization code has expired")
	case !code.matches(p.get("redirect_uri")):
		fail(ctx, fasthttp.StatusBadRequest, "invalid_grant", "redirect_uri is not the one the code was issued for")
	default:
		code.used = true
		m.issue(ctx, code.grant)
	}
}

// matches follows RFC 6749 section 4.1.3: the redirect URI must be identical
// if the authorization request had one. If it had none, the client's
// registered URI was used, and naming that is no mistake.
func (c *monkiCode) matches(redirectURI string) bool {
	if c.redirectURI == "" && redirectURI == "" {
		return true
	}
	return redirectURI == c.grant.client.RedirectURI
}

func (m *monki) redeemRefresh(ctx *fasthttp.RequestCtx, client *KitchenMonkiClient, p params) {
	token := p.get("refresh_token")
	if token == "" {
		fail(ctx, fasthttp.StatusBadRequest, "invalid_request", "refresh_token is missing")
		return
	}
	grant, ok := m.refresh.get(hash(token), m.now())
	if !ok || grant.revoked || grant.client != client {
		fail(ctx, fasthttp.StatusBadRequest, "invalid_grant", "no such refresh token")
		return
	}
	// "Note that the old refresh token will be invalidated by this call." The
	// access token is not mentioned and lives out its hour.
	m.refresh.drop(hash(token))
	m.issue(ctx, grant)
}

// issue answers with new tokens in the document's shape. Every grant type
// gets a refresh token there, client_credentials too.
func (m *monki) issue(ctx *fasthttp.RequestCtx, grant *monkiGrant) {
	access, refresh, now := newToken(), newToken(), m.now()
	m.access.put(hash(access), grant, now, monkiAccessLifetime)
	m.refresh.put(hash(refresh), grant, now, monkiRefreshLifetime)
	reply(ctx, fasthttp.StatusOK, struct {
		AccessToken  string  `json:"access_token"`
		ExpiresIn    int     `json:"expires_in"`
		TokenType    string  `json:"token_type"`
		Scope        *string `json:"scope"` // always null
		RefreshToken string  `json:"refresh_token"`
	}{
		AccessToken:  access,
		ExpiresIn:    int(monkiAccessLifetime / time.Second),
		TokenType:    "bearer",
		RefreshToken: refresh,
	})
}

// api serves everything behind an access token. "All api calls require" one,
// so even a path that does not exist asks for it first.
func (m *monki) api(ctx *fasthttp.RequestCtx, path string) {
	p := newParams(ctx.QueryArgs(), form(ctx))
	grant := m.bearer(ctx, p)
	if grant == nil {
		return
	}
	if path == "/v2/queue" {
		m.queue(ctx, grant.userID, p)
		return
	}
	if id, ok := strings.CutPrefix(path, "/v2/queue/"); ok {
		m.changeQueue(ctx, grant.userID, id, p)
		return
	}
	fail(ctx, fasthttp.StatusNotFound, "not_found", "no such API method")
}

// bearer finds the grant behind the request's access token: "preferred ... as
// an HTTP Authorization header, but it can also be added as a GET, POST, or
// PUT parameter". It answers the request itself on failure.
func (m *monki) bearer(ctx *fasthttp.RequestCtx, p params) *monkiGrant {
	if len(p.repeated) > 0 {
		failBearer(ctx, monkiRealm, fasthttp.StatusBadRequest, "invalid_request", "a parameter is given twice")
		return nil
	}
	token := p.get("access_token")
	scheme, credentials, err := authorization(ctx)
	switch {
	case err != nil:
		failBearer(ctx, monkiRealm, fasthttp.StatusBadRequest, "invalid_request", err.Error())
		return nil
	case strings.EqualFold(scheme, "Bearer"):
		if token != "" {
			// RFC 6750 section 2: never more than one method.
			failBearer(ctx, monkiRealm, fasthttp.StatusBadRequest, "invalid_request", "the access token is given twice")
			return nil
		}
		if credentials == "" {
			failBearer(ctx, monkiRealm, fasthttp.StatusBadRequest, "invalid_request", "the access token is empty")
			return nil
		}
		token = credentials
	}
	if token == "" {
		failToken(ctx, monkiRealm)
		return nil
	}
	grant, ok := m.access.get(hash(token), m.now())
	if !ok || grant.revoked {
		failBearer(ctx, monkiRealm, fasthttp.StatusUnauthorized, "invalid_token", "the access token is unknown or has expired")
		return nil
	}
	return grant
}

// queue is the acting user's list of recipes to cook.
func (m *monki) queue(ctx *fasthttp.RequestCtx, userID int, p params) {
	if !allow(ctx, fasthttp.MethodGet, fasthttp.MethodHead, fasthttp.MethodPost) {
		return
	}
	if !ctx.IsPost() {
		m.replyQueue(ctx, fasthttp.StatusOK, userID)
		return
	}
	if p.get("recipe") == "" {
		fail(ctx, fasthttp.StatusBadRequest, "invalid_request", "recipe is missing")
		return
	}
	m.entries++
	m.queues[userID] = append(m.queues[userID], queueEntry{m.entries, p.get("recipe")})
	m.replyQueue(ctx, fasthttp.StatusCreated, userID)
}

func (m *monki) changeQueue(ctx *fasthttp.RequestCtx, userID int, id string, p params) {
	if !allow(ctx, fasthttp.MethodPut) {
		return
	}
	queue := m.queues[userID]
	i := slices.IndexFunc(queue, func(e queueEntry) bool { return strconv.Itoa(e.ID) == id })
	if i < 0 {
		fail(ctx, fasthttp.StatusNotFound, "not_found", "no such queue entry")
		return
	}
	if p.get("recipe") == "" {
		fail(ctx, fasthttp.StatusBadRequest, "invalid_request", "recipe is missing")
		return
	}
	queue[i].Recipe = p.get("recipe")
	m.replyQueue(ctx, fasthttp.StatusOK, userID)
}

func (m *monki) replyQueue(ctx *fasthttp.RequestCtx, status, userID int) {
	reply(ctx, status, struct {
		UserID int          `json:"user_id"`
		Queue  []queueEntry `json:"queue"`
	}{userID, append([]queueEntry{}, m.queues[userID]...)})
}
