package app_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"
)

// apiAuth is the PHP class of b2b's document, method by method: it logs in once, refreshes when five minutes or less
// are left, and takes no notice of anything else that goes wrong.
type apiAuth struct {
	host                      string
	accessToken, refreshToken string
	accessExpiresAt           time.Time
	stored                    int              // how often it has kept a new pair
	now                       func() time.Time // PHP's time()
}

// fileGetContents is PHP's file_get_contents: an answer of 4xx or 5xx is nothing at all.
func fileGetContents(method, url, authorization string, content any) map[string]any {
	var body bytes.Buffer
	if content != nil {
		_ = json.NewEncoder(&body).Encode(content)
	}
	request, err := http.NewRequest(method, url, &body)
	if err != nil {
		return nil
	}
	request.Header.Set("Content-Type", "application/json") // on a GET too
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil
	}
	text := drained(answer.Body)
	var result map[string]any
	if answer.StatusCode >= http.StatusBadRequest || json.Unmarshal(text, &result) != nil {
		return nil
	}
	return result
}

func (a *apiAuth) login(username, password string) bool {
	return a.keeps(fileGetContents(http.MethodPost, a.host+"/auth/login", "", fields{"username": username, "password": password}))
}

func (a *apiAuth) makeAuthenticatedRequest(url string) map[string]any {
	if a.shouldRefreshToken() {
		a.refreshAccessToken()
	}
	return fileGetContents(http.MethodGet, url, "Bearer "+a.accessToken, nil)
}

func (a *apiAuth) shouldRefreshToken() bool {
	const buffer = 5 * time.Minute
	return !a.now().Add(buffer).Before(a.accessExpiresAt)
}

func (a *apiAuth) refreshAccessToken() {
	a.keeps(fileGetContents(http.MethodPost, a.host+"/auth/refresh", "", fields{"refresh_token": a.refreshToken}))
}

// keeps takes over the pair of a successful answer.
func (a *apiAuth) keeps(result map[string]any) bool {
	if success, _ := result["success"].(bool); !success {
		return false
	}
	data, _ := result["data"].(map[string]any)
	a.accessToken, _ = data["access_token"].(string)
	a.refreshToken, _ = data["refresh_token"].(string)
	expires, _ := data["access_expires_at"].(string)
	a.accessExpiresAt, _ = time.Parse(time.RFC3339, expires)
	a.stored++
	return true
}

func TestTheClassOfTheB2BDocumentRefreshesInTime(t *testing.T) {
	t.Parallel()
	s := serve(t, "b2b")
	who := s.account(t, "b2b", "primary")
	var ahead time.Duration // the client's clock goes with the server's
	auth := &apiAuth{host: s.api, now: func() time.Time { return time.Now().Add(ahead) }}
	pass := func(d time.Duration) {
		t.Helper()
		s.advance(t, d)
		ahead += d
	}
	wants := func(when string, path string, lines ...string) {
		t.Helper()
		before := s.requests(t)
		auth.makeAuthenticatedRequest(s.api + path)
		if got := s.received(t, before); !slices.Equal(got, lines) {
			t.Errorf("%s: %q is wanted, not %q", when, lines, got)
		}
	}
	const (
		login, refused       = "POST /auth/login 200", "POST /auth/refresh 401"
		refresh              = "POST /auth/refresh 200"
		products, categories = "GET /api/v1/products 200", "GET /api/v1/categories 200"
	)
	if auth.login(who["username"], "wrong") || auth.stored != 0 {
		t.Error("it has logged in with a wrong password")
	}
	if !auth.login(who["username"], who["password"]) {
		t.Fatalf("the login fails: %q", s.received(t, 0))
	}
	wants("at once", "/api/v1/products", products)
	wants("at once", "/api/v1/categories", categories)
	pass(54 * time.Minute)
	wants("six minutes before the end", "/api/v1/products", products)
	first := auth.accessToken
	pass(time.Minute)
	wants("five minutes before the end", "/api/v1/products", refresh, products)
	wants("right after the refresh", "/api/v1/categories", categories)
	pass(6 * time.Minute)
	if fileGetContents(http.MethodGet, s.api+"/api/v1/products", "Bearer "+first, nil) != nil {
		t.Error("the first access token has outlived its hour, so the client would not have needed to refresh")
	}
	wants("after the first token's end", "/api/v1/products", products)
	for range 3 { // past the end of the first refresh token's seven days, on refreshes alone
		pass(3 * 24 * time.Hour)
		wants("three days later", "/api/v1/products", refresh, products)
	}
	if auth.stored != 5 {
		t.Errorf("it has kept %d pairs, not 5", auth.stored)
	}

	// Asleep for longer than the refresh token lives, the class is at its end and has to be told to log in.
	pass(7*24*time.Hour + time.Minute)
	wants("eight days later", "/api/v1/products", refused, "GET /api/v1/products 401")
	before := s.requests(t)
	if !auth.login(who["username"], who["password"]) || !slices.Equal(s.received(t, before), []string{login}) {
		t.Errorf("the second login: %q", s.received(t, before))
	}
	wants("after the second login", "/api/v1/categories", categories)
}
