package app_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gonogo/reports"
	"gonogo/specs"
)

// Documents that differ in kind, as people have them: mappings in braces, tokens in an envelope and in headers, schemes that say how
// tokens are had, keys of an API beside tokens, several servers.
const (
	weather = `openapi: 3.0.3
info: {title: Weather Grid, version: '1'}
servers:
  - url: https://api.weather.example
paths:
  /oauth/token:
    post:
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [grant_type, client_id, client_secret]
              properties:
                grant_type: {type: string, enum: [client_credentials]}
                client_id: {type: string}
                client_secret: {type: string, format: password}
      responses:
        '200':
          description: a token
          content:
            application/json:
              schema: {type: object, required: [access_token, expires_in], properties: {access_token: {type: string}, expires_in: {type: integer}}}
  /forecast:
    get:
      parameters:
        - {name: days, in: query, schema: {type: integer}}
      security:
        - bearer: []
        - key: []
      responses:
        '200': {description: the forecast}
  /status:
    get:
      security: []
      responses:
        '200': {description: fine}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}, key: {type: apiKey, in: header, name: X-Api-Key}}
`
	library = `openapi: 3.0.3
info:
  title: Library Desk API
  version: '3.2'
servers:
  - url: https://desk.library.example/api
security:
  - session: []
paths:
  /auth/login:
    post:
      security: []
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [email, password]
              properties:
                email: {type: string, format: email}
                password: {type: string}
      responses:
        '200': {$ref: '#/components/responses/Session'}
  /auth/refresh:
    post:
      security: []
      parameters:
        - {name: X-Refresh-Token, in: header, required: true, schema: {type: string}}
      responses:
        '200': {$ref: '#/components/responses/Session'}
  /auth/logout:
    post:
      operationId: logout
      responses:
        '204': {description: gone}
  /loans:
    get:
      responses:
        '200': {description: loans}
components:
  securitySchemes:
    session: {type: http, scheme: bearer}
  responses:
    Session:
      description: signed in
      content:
        application/json:
          schema:
            type: object
            required: [result]
            properties:
              result:
                type: object
                required: [accessToken, refreshToken, expiresIn]
                properties: {accessToken: {type: string}, refreshToken: {type: string}, expiresIn: {type: integer}}
`
	fleet = `openapi: 3.1.0
info:
  title: Fleet
  version: 2026-01
servers:
  - {url: https://eu.fleet.example/v1, description: Europe}
  - {url: 'https://{region}.fleet.example/v1', variables: {region: {default: us}}}
security:
  - oauth: [vehicles:read]
paths:
  /token:
    post:
      security:
        - basic: []
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              properties:
                grant_type: {type: string}
                scope: {type: string}
                refresh_token: {type: [string, 'null']}
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Token'}
  /vehicles/{vin}:
    parameters:
      - {name: vin, in: path, required: true, schema: {type: string}}
    get:
      responses:
        '200': {description: one}
  /vehicles:
    get:
      responses:
        '200': {description: all}
components:
  securitySchemes:
    basic:
      type: http
      scheme: basic
    oauth: {
      type: oauth2,
      flows: {clientCredentials: {tokenUrl: https://eu.fleet.example/v1/token, scopes: {'vehicles:read': read them}}}
    }
  schemas:
    Token:
      type: object
      required: [access_token]
      properties: {access_token: {type: string}, expires_in: {type: integer}, refresh_token: {type: [string, 'null']}}
`
)

// TestInitFromDocumentsOfEveryKind: what is guessed of each needs nothing more to be checked, and all of it is.
func TestInitFromDocumentsOfEveryKind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		document string
		roles    map[specs.Role]int
	}{
		"weather": {weather, map[specs.Role]int{specs.RoleIssue: 1, specs.RoleUse: 1}},
		"library": {library, map[specs.Role]int{specs.RoleIssue: 1, specs.RoleRefresh: 1, specs.RoleRevoke: 1, specs.RoleUse: 1}},
		"fleet":   {fleet, map[specs.Role]int{specs.RoleIssue: 1, specs.RoleRefresh: 1, specs.RoleUse: 1}},
	} {
		mine := filepath.Join(t.TempDir(), name+".yaml")
		gonogo(t, "init", "--from", written(t, "openapi.yaml", c.document), "-o", mine).exits(t, 0)
		text := contents(t, mine)
		for _, problem := range specs.Lint(mine, []byte(text)) {
			t.Errorf("%s\n%s", problem, text)
		}
		d, err := specs.Parse(mine, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for role, many := range c.roles {
			if got := len(d.ByRole(role)); got != many {
				t.Errorf("%s: %d operations of role %s\n%s", name, got, role, text)
			}
		}
	}
}

// TestFromADocumentToAVerdict: a server of the API is good by what was guessed, and one that takes any refresh token is not.
func TestFromADocumentToAVerdict(t *testing.T) {
	t.Parallel()
	mine := filepath.Join(t.TempDir(), "mine.yaml")
	gonogo(t, "init", "--from", written(t, "openapi.yaml", library), "-o", mine).exits(t, 0)
	for _, careless := range []bool{false, true} {
		server := httptest.NewServer(newDesk(careless))
		t.Cleanup(server.Close)
		target := written(t, "target.yaml", "dialect: "+mine+"\nbase_url: "+server.URL+`
credentials:
  primary: {email: ada@library.example, password: nine-lives-of-a-cat}
  second: {email: bea@library.example, password: seven-seas-of-rye}
`)
		_, report := checked(t, "--target", target)
		d := report.Dialects[0]
		for _, row := range []string{"LI-ISSUE-1", "LI-REFRESH-1", "LI-REFRESH-2", "LI-REVOKE-1", "LI-USE-2"} {
			if got := d.OutcomeOf(row); !careless && got != reports.Pass || careless && row == "LI-REFRESH-2" && got != reports.Fail {
				t.Errorf("careless is %t, and %s is %s", careless, row, got)
			}
		}
	}
}

// desk is a server of the library's API.
type desk struct {
	careless bool // with refresh tokens

	mu        sync.Mutex
	of        map[string]string // whose a token is, by "access …" and "refresh …"
	passwords map[string]string
}

func newDesk(careless bool) http.Handler {
	d := &desk{careless: careless, of: map[string]string{}, passwords: map[string]string{"ada@library.example": "nine-lives-of-a-cat", "bea@library.example": "seven-seas-of-rye"}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /auth/login", d.login)
	mux.HandleFunc("POST /auth/refresh", d.refresh)
	mux.HandleFunc("POST /auth/logout", d.authorized(func(w http.ResponseWriter, who string) {
		for token, of := range d.of {
			if of == who {
				delete(d.of, token)
			}
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	mux.HandleFunc("GET /loans", d.authorized(func(w http.ResponseWriter, _ string) { _, _ = w.Write([]byte("[]")) }))
	return mux
}

func (d *desk) login(w http.ResponseWriter, r *http.Request) {
	var in struct{ Email, Password *string }
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
	if decoder.Decode(&in) != nil || decoder.More() || in.Email == nil || in.Password == nil {
		http.Error(w, "{}", http.StatusBadRequest)
		return
	}
	if password, known := d.passwords[*in.Email]; !known || password != *in.Password {
		http.Error(w, "{}", http.StatusUnauthorized)
		return
	}
	d.signIn(w, *in.Email)
}

func (d *desk) signIn(w http.ResponseWriter, who string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	access, refresh := rand.Text(), rand.Text()
	d.of["access "+access], d.of["refresh "+refresh] = who, who
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = fmt.Fprintf(w, `{"result": {"accessToken": %q, "refreshToken": %q, "expiresIn": %d}}`, access, refresh, int(time.Hour.Seconds()))
}

func (d *desk) refresh(w http.ResponseWriter, r *http.Request) {
	token := "refresh " + r.Header.Get("X-Refresh-Token")
	d.mu.Lock()
	who, live := d.of[token]
	delete(d.of, token)
	d.mu.Unlock()
	if !live && !d.careless {
		http.Error(w, "{}", http.StatusUnauthorized)
		return
	}
	d.signIn(w, who)
}

func (d *desk) authorized(next func(w http.ResponseWriter, who string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		d.mu.Lock()
		defer d.mu.Unlock()
		who, live := d.of["access "+token]
		if !strings.EqualFold(scheme, "Bearer") || !live {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "{}", http.StatusUnauthorized)
			return
		}
		next(w, who)
	}
}
