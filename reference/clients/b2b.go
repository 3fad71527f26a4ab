package clients

import (
	"net/http"
	"time"
)

var b2b = dialect{
	name: "b2b", sessions: []string{"own"},
	login: func(c *client, _ string) (answer, error) {
		return c.send(newRequest(opLogin, http.MethodPost, "/auth/login", map[string]any{"username": c.own("USERNAME"), "password": c.own("PASSWORD")}))
	},
	refresh: func(_ *client, p pair) request {
		return newRequest(opRefresh, http.MethodPost, "/auth/refresh", map[string]any{"refresh_token": p.Refresh})
	},
	use: func(*client) request {
		r := newRequest(opUse, http.MethodGet, "/api/v1/products", nil)
		r.header.Set("Content-Type", "application/json") // as the page's example has it
		return r
	},
	// The page promises a revocation and leaves its path to others; this is theirs.
	revoke: func(_ *client, p pair) request {
		r := newRequest(opRevoke, http.MethodPost, "/auth/logout", nil)
		r.bearer(p.Access)
		return r
	},
	envelope: "data",
	members:  []string{"access_token", "refresh_token", "access_expires_at", "refresh_expires_at", "client_id"},
	ends:     "access_expires_at", lasts: time.Hour, lead: 5 * time.Minute,
}
