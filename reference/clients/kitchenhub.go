package clients

import (
	"net/http"
	"time"
)

var kitchenhub = dialect{
	name: "kitchenhub", sessions: []string{"own"},
	login: func(c *client, _ string) (answer, error) {
		return c.send(newRequest(opLogin, http.MethodPost, "/v2/auth/token", map[string]any{"client_id": c.own("CLIENT_ID"), "client_secret": c.own("CLIENT_SECRET")}))
	},
	refresh: func(_ *client, p pair) request {
		return newRequest(opRefresh, http.MethodPost, "/v2/auth/refresh", map[string]any{"refresh_token": p.Refresh})
	},
	use: func(*client) request { return newRequest(opUse, http.MethodGet, "/v2/orders", nil) },
	validate: func(_ *client, p pair) request {
		return newRequest(opValidate, http.MethodPost, "/v2/auth/validate", map[string]any{"access_token": p.Access})
	},
	valid:   "valid",
	members: []string{"access_token", "refresh_token", "access_token_expire", "refresh_token_expire"},
	life:    "access_token_expire", unit: time.Minute, lasts: time.Hour,
}
