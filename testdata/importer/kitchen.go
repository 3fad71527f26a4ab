// Package kitchen is somebody's own implementation of an auth dialect that gonogo carries, in a module of its own:
// the example of how such a module checks it.
package kitchen

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The lifetimes, in minutes as the API counts them.
const (
	accessMinutes  = 60
	refreshMinutes = 24 * 60
)

// Kitchen is the API.
type Kitchen struct {
	Clients map[string]string // secrets by client id

	// Replays lets a refresh token be used again and again. It is wrong, and there for the tests to notice.
	Replays bool

	mu      sync.Mutex
	access  map[string]time.Time // when each expires
	refresh map[string]time.Time
}

// Handler serves it.
func (k *Kitchen) Handler() http.Handler {
	k.access, k.refresh = map[string]time.Time{}, map[string]time.Time{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/auth/token", k.issue)
	mux.HandleFunc("POST /v2/auth/refresh", k.renew)
	mux.HandleFunc("POST /v2/auth/validate", k.validate)
	mux.HandleFunc("GET /v2/orders", k.orders)
	return mux
}

func (k *Kitchen) issue(w http.ResponseWriter, r *http.Request) {
	asked, ok := fields(r, "client_id", "client_secret")
	if !ok {
		answer(w, http.StatusBadRequest, map[string]any{"error": "client_id and client_secret are wanted"})
		return
	}
	if secret, known := k.Clients[asked["client_id"]]; !known || secret != asked["client_secret"] {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "unknown client"})
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pair(w)
}

func (k *Kitchen) renew(w http.ResponseWriter, r *http.Request) {
	asked, ok := fields(r, "refresh_token")
	if !ok {
		answer(w, http.StatusBadRequest, map[string]any{"error": "refresh_token is wanted"})
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if time.Now().After(k.refresh[asked["refresh_token"]]) {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "unknown refresh token"})
		return
	}
	if !k.Replays {
		delete(k.refresh, asked["refresh_token"])
	}
	k.pair(w)
}

// pair answers with two new tokens. k.mu is held.
func (k *Kitchen) pair(w http.ResponseWriter) {
	access, refresh := rand.Text(), rand.Text()
	k.access[access] = time.Now().Add(accessMinutes * time.Minute)
	k.refresh[refresh] = time.Now().Add(refreshMinutes * time.Minute)
	answer(w, http.StatusOK, map[string]any{
		"access_token": access, "access_token_expire": accessMinutes,
		"refresh_token": refresh, "refresh_token_expire": refreshMinutes,
	})
}

func (k *Kitchen) validate(w http.ResponseWriter, r *http.Request) {
	asked, ok := fields(r, "access_token")
	if !ok {
		answer(w, http.StatusBadRequest, map[string]any{"error": "access_token is wanted"})
		return
	}
	left := k.left(asked["access_token"])
	if left <= 0 {
		answer(w, http.StatusOK, map[string]any{"valid": false})
		return
	}
	answer(w, http.StatusOK, map[string]any{"valid": true, "expires_in": int(left / time.Minute)})
}

func (k *Kitchen) orders(w http.ResponseWriter, r *http.Request) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || k.left(token) <= 0 {
		w.Header().Set("WWW-Authenticate", "Bearer")
		answer(w, http.StatusUnauthorized, map[string]any{"error": "a live access token is wanted"})
		return
	}
	answer(w, http.StatusOK, map[string]any{"orders": []string{}})
}

// left is how long an access token still lives.
func (k *Kitchen) left(token string) time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return time.Until(k.access[token])
}

// fields reads a JSON object that has a non-empty text under each name.
func fields(r *http.Request, names ...string) (map[string]string, bool) {
	var body map[string]any
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<16)).Decode(&body); err != nil {
		return nil, false
	}
	values := map[string]string{}
	for _, name := range names {
		text, ok := body[name].(string)
		if !ok || text == "" {
			return nil, false
		}
		values[name] = text
	}
	return values, true
}

func answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
