package sorrel

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/valyala/fasthttp"
)

// POSClient is an application with Basic credentials, such as the admin panel.
type POSClient struct {
	ID, Secret string
}

// POSClients are the fixed, public clients of the point of sale dialect. Its
// users are created through the API.
var POSClients = [2]POSClient{
	{ID: "till-front", Secret: "Nw6eQz39RjBv2oKt"},
	{ID: "till-cellar", Secret: "Hd8yMu54ScXg7iLp"},
}

// The document names expires_in but no value, and no end of a refresh token.
const (
	posAccessLifetime  = 15 * time.Minute
	posRefreshLifetime = 30 * 24 * time.Hour
)

const (
	posRealm      = "Point of Sale"
	posGrantType  = "password" // of the flow the document names (RFC 6749 section 4.3)
	maxUserName   = 100
	maxPassword   = 1000
	maxItemName   = 200
	passwordIters = 10_000 // light, as this is a test peer
)

// pos serves the point of sale document. Its lock is not held while passwords
// are hashed.
type pos struct {
	now func() time.Time

	mu          sync.Mutex
	users       []*posUser
	access      *vault[*posSession]
	refresh     *vault[*posSession]
	dishes      []*posItem
	ingredients []*posItem
}

type posUser struct {
	ID        string `json:"id"`
	UserName  string `json:"user_name"`
	CreatedAt string `json:"created_at"`

	salt, hash []byte
}

// posSession is one log-in; access is the key of its current access token.
type posSession struct {
	user   *posUser
	access key
}

type posItem struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

func newPOS(now func() time.Time) *pos {
	return &pos{now: now, access: newVault[*posSession](), refresh: newVault[*posSession]()}
}

func (s *pos) serve(ctx *fasthttp.RequestCtx, path string) {
	name, id, nested := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch {
	case path == "/users":
		s.serveUsers(ctx)
	case path == "/auth/token":
		s.token(ctx)
	case path == "/auth/refresh-token":
		s.refreshToken(ctx)
	case name == "users" && nested:
		s.serveUser(ctx, id)
	case name == "dishes":
		s.serveItems(ctx, &s.dishes, path, id, nested)
	case name == "ingredients":
		s.serveItems(ctx, &s.ingredients, path, id, nested)
	default:
		fail(ctx, fasthttp.StatusNotFound, "not_found", "no such endpoint")
	}
}

func (s *pos) serveUsers(ctx *fasthttp.RequestCtx) {
	if !allow(ctx, fasthttp.MethodGet, fasthttp.MethodHead, fasthttp.MethodPost) {
		return
	}
	if ctx.IsPost() {
		s.createUser(ctx)
		return
	}
	if s.bearer(ctx) == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	reply(ctx, fasthttp.StatusOK, map[string]any{"users": append([]*posUser{}, s.users...)})
}

// createUser is step 1. It is open: the user has no token yet, and the
// document mentions no header here. Somebody who does send credentials (admins
// also create users) must send good ones.
func (s *pos) createUser(ctx *fasthttp.RequestCtx) {
	scheme, _, err := authorization(ctx)
	switch {
	case err != nil:
		fail(ctx, fasthttp.StatusBadRequest, "invalid_request", err.Error())
		return
	case strings.EqualFold(scheme, "Basic"):
		if !basicClient(ctx) {
			return
		}
	case scheme != "":
		if s.bearer(ctx) == nil {
			return
		}
	}
	fields, ok := readFields(ctx)
	if !ok {
		return
	}
	userName, password, ok := login(ctx, fields)
	if !ok {
		return
	}
	if !checkGrantType(ctx, fields["grant_type"]) {
		return
	}

	user := &posUser{
		ID:        newUUID(),
		UserName:  userName,
		CreatedAt: s.now().UTC().Format(time.RFC3339),
		salt:      make([]byte, 16),
	}
	rand.Read(user.salt)
	user.hash = hashPassword(password, user.salt)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.userNamed(userName) != nil {
		fail(ctx, fasthttp.StatusConflict, "user_exists", "this user_name is taken")
		return
	}
	s.users = append(s.users, user)
	ctx.Response.Header.Set(fasthttp.HeaderLocation, "/users/"+user.ID)
	reply(ctx, fasthttp.StatusCreated, user)
}

// userNamed needs the lock.
func (s *pos) userNamed(name string) *posUser {
	i := slices.IndexFunc(s.users, func(u *posUser) bool { return u.UserName == name })
	if i < 0 {
		return nil
	}
	return s.users[i]
}

func hashPassword(password string, salt []byte) []byte {
	sum, err := pbkdf2.Key(sha256.New, password, salt, passwordIters, sha256.Size)
	if err != nil {
		panic(err) // only for key lengths no caller asks for
	}
	return sum
}

// serveUser shows one account; "me" is the one the token belongs to.
func (s *pos) serveUser(ctx *fasthttp.RequestCtx, id string) {
	if !allow(ctx, fasthttp.MethodGet, fasthttp.MethodHead) {
		return
	}
	acting := s.bearer(ctx)
	if acting == nil {
		return
	}
	if id == "me" {
		reply(ctx, fasthttp.StatusOK, acting)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.users, func(u *posUser) bool { return u.ID == id })
	if i < 0 {
		fail(ctx, fasthttp.StatusNotFound, "not_found", "no such user")
		return
	}
	reply(ctx, fasthttp.StatusOK, s.users[i])
}

// token is step 2: the client in the Basic header, the user in the body. The
// document lists no grant_type here, so it may be left out.
func (s *pos) token(ctx *fasthttp.RequestCtx) {
	if !allow(ctx, fasthttp.MethodPost) || !basicClient(ctx) {
		return
	}
	fields, ok := readFields(ctx)
	if !ok {
		return
	}
	userName, password, ok := login(ctx, fields)
	if !ok {
		return
	}
	if given := fields["grant_type"]; given != nil && !checkGrantType(ctx, given) {
		return
	}

	s.mu.Lock()
	user := s.userNamed(userName)
	s.mu.Unlock()
	known := user != nil
	if !known {
		user = &posUser{} // an unknown name takes as long as a wrong password
	}
	matches := same(string(hashPassword(password, user.salt)), string(user.hash))
	if !known || !matches {
		fail(ctx, fasthttp.StatusBadRequest, "invalid_grant", "unknown user_name, or wrong password")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.issue(ctx, user)
}

// refreshToken takes the refresh token "in the authorization header". That is
// read as "Bearer <token>"; the bare token is understood as well.
func (s *pos) refreshToken(ctx *fasthttp.RequestCtx) {
	if !allow(ctx, fasthttp.MethodPost) {
		return
	}
	scheme, token, err := authorization(ctx)
	switch {
	case err != nil:
		failBearer(ctx, posRealm, fasthttp.StatusBadRequest, "invalid_request", err.Error())
		return
	case scheme == "":
		failToken(ctx, posRealm)
		return
	case token == "":
		token = scheme
	case !strings.EqualFold(scheme, "Bearer"):
		failToken(ctx, posRealm)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.refresh.get(hash(token), s.now())
	if !ok {
		failBearer(ctx, posRealm, fasthttp.StatusUnauthorized, "invalid_token", "the refresh token is unknown, used or expired")
		return
	}
	// The new pair replaces the old one entirely.
	s.refresh.drop(hash(token))
	s.access.drop(old.access)
	s.issue(ctx, old.user)
}

// issue answers with a new pair of tokens: "201 Created", and an access token
// that is a UUID. It needs the lock.
func (s *pos) issue(ctx *fasthttp.RequestCtx, user *posUser) {
	access, refresh, now := newUUID(), newToken(), s.now()
	session := &posSession{user: user, access: hash(access)}
	s.access.put(session.access, session, now, posAccessLifetime)
	s.refresh.put(hash(refresh), session, now, posRefreshLifetime)
	reply(ctx, fasthttp.StatusCreated, struct {
		AccessToken  string `json:"access_token"`
		ExpiresIn    int    `json:"expires_in"`
		RefreshToken string `json:"refresh_token"`
		TokenType    string `json:"token_type"`
	}{access, int(posAccessLifetime / time.Second), refresh, "Bearer"})
}

// basicClient checks the client's Basic credentials and answers the request
// itself on failure.
func basicClient(ctx *fasthttp.RequestCtx) bool {
	scheme, credentials, err := authorization(ctx)
	if err != nil {
		fail(ctx, fasthttp.StatusBadRequest, "invalid_request", err.Error())
		return false
	}
	id, secret, ok := basicCredentials(credentials)
	i := slices.IndexFunc(POSClients[:], func(c POSClient) bool { return c.ID == id })
	if !strings.EqualFold(scheme, "Basic") || !ok || i < 0 || !same(secret, POSClients[i].Secret) {
		failClient(ctx, posRealm)
		return false
	}
	return true
}

// bearer finds the user behind the access token and answers the request
// itself on failure.
func (s *pos) bearer(ctx *fasthttp.RequestCtx) *posUser {
	scheme, token, err := authorization(ctx)
	switch {
	case err != nil:
		failBearer(ctx, posRealm, fasthttp.StatusBadRequest, "invalid_request", err.Error())
		return nil
	case !strings.EqualFold(scheme, "Bearer"):
		failToken(ctx, posRealm)
		return nil
	case token == "":
		failBearer(ctx, posRealm, fasthttp.StatusBadRequest, "invalid_request", "the access token is empty")
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.access.get(hash(token), s.now())
	if !ok {
		failBearer(ctx, posRealm, fasthttp.StatusUnauthorized, "invalid_token", "the access token is unknown or has expired")
		return nil
	}
	return session.user
}

// serveItems serves dishes and ingredients, the protected endpoints the
// document hints at.
func (s *pos) serveItems(ctx *fasthttp.RequestCtx, items *[]*posItem, path, id string, one bool) {
	methods := []string{fasthttp.MethodGet, fasthttp.MethodHead, fasthttp.MethodPost}
	if one {
		methods[2] = fasthttp.MethodPut
	}
	if !allow(ctx, methods...) || s.bearer(ctx) == nil {
		return
	}
	var name string
	if ctx.IsPost() || ctx.IsPut() {
		fields, ok := readFields(ctx)
		if !ok {
			return
		}
		if name, ok = text(ctx, fields, "name", maxItemName); !ok {
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.IsPost() {
		item := &posItem{ID: len(*items) + 1, Name: name}
		*items = append(*items, item)
		ctx.Response.Header.Set(fasthttp.HeaderLocation, path+"/"+strconv.Itoa(item.ID))
		reply(ctx, fasthttp.StatusCreated, item)
		return
	}
	if !one {
		reply(ctx, fasthttp.StatusOK, map[string]any{"items": append([]*posItem{}, *items...)})
		return
	}
	i := slices.IndexFunc(*items, func(it *posItem) bool { return strconv.Itoa(it.ID) == id })
	if i < 0 {
		fail(ctx, fasthttp.StatusNotFound, "not_found", "there is nothing with this id")
		return
	}
	if ctx.IsPut() {
		(*items)[i].Name = name
	}
	reply(ctx, fasthttp.StatusOK, (*items)[i])
}

// readFields reads the "properties in the request body". The document does
// not say how they are written: a JSON object or a form will do. It answers
// the request itself on failure.
func readFields(ctx *fasthttp.RequestCtx) (fields map[string]any, ok bool) {
	switch mediaType(ctx) {
	case "application/json":
		// encoding/json would silently repair invalid UTF-8, passwords too.
		if !utf8.Valid(ctx.PostBody()) || json.Unmarshal(ctx.PostBody(), &fields) != nil {
			fail(ctx, fasthttp.StatusBadRequest, "invalid_request", "the body is not a JSON object")
			return nil, false
		}
		return fields, true
	case "application/x-www-form-urlencoded":
		p := newParams(form(ctx))
		if len(p.repeated) > 0 {
			fail(ctx, fasthttp.StatusBadRequest, "invalid_request", "a property is given twice")
			return nil, false
		}
		fields = map[string]any{}
		for name, value := range p.values {
			fields[name] = value
		}
		return fields, true
	default:
		fail(ctx, fasthttp.StatusUnsupportedMediaType, "invalid_request", "send JSON or a form")
		return nil, false
	}
}

// login reads user_name and password.
func login(ctx *fasthttp.RequestCtx, fields map[string]any) (userName, password string, ok bool) {
	if userName, ok = text(ctx, fields, "user_name", maxUserName); !ok {
		return "", "", false
	}
	password, ok = text(ctx, fields, "password", maxPassword)
	return userName, password, ok
}

// text reads one required string property and answers the request itself on
// failure.
func text(ctx *fasthttp.RequestCtx, fields map[string]any, name string, limit int) (string, bool) {
	value, ok := fields[name].(string)
	if !ok || value == "" || len(value) > limit || !utf8.ValidString(value) {
		fail(ctx, fasthttp.StatusBadRequest, "invalid_request",
			name+" must be a string of 1 to "+strconv.Itoa(limit)+" bytes")
		return "", false
	}
	return value, true
}

func checkGrantType(ctx *fasthttp.RequestCtx, given any) bool {
	switch given {
	case posGrantType:
		return true
	case nil:
		fail(ctx, fasthttp.StatusBadRequest, "invalid_request", "grant_type is missing")
	default:
		fail(ctx, fasthttp.StatusBadRequest, "unsupported_grant_type", "grant_type must be "+posGrantType)
	}
	return false
}
