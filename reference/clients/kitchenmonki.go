package clients

import (
	"net/http"
	"time"
)

// kitchenmonki calls for itself, and for a user who was asked.
var kitchenmonki = dialect{
	name: "kitchenmonki", sessions: []string{"own", "user"},
	login: func(c *client, who string) (answer, error) {
		if who == "user" {
			return c.consented()
		}
		return c.send(monkiGrant(c, opLogin, "client_credentials"))
	},
	refresh: func(c *client, p pair) request {
		r := monkiGrant(c, opRefresh, "refresh_token")
		r.query.Set("refresh_token", p.Refresh)
		return r
	},
	use: func(*client) request { return newRequest(opUse, http.MethodGet, "/v2/queue", nil) },
	authorize: func(c *client, a *attempt) request {
		r := newRequest(opAuthorize, http.MethodGet, "/authorize", nil)
		r.server = c.server("CONSENT")
		r.set("client_id", c.own("CLIENT_ID"), "response_type", "code", "redirect_uri", c.own("REDIRECT_URI"), "state", a.state)
		if c.popup {
			r.set("display", "popup")
		}
		return r
	},
	popups: true,
	redeem: func(c *client, a *attempt) request {
		r := monkiGrant(c, opExchange, "authorization_code")
		r.set("code", a.code, "redirect_uri", c.own("REDIRECT_URI"))
		return r
	},
	members: []string{"access_token", "expires_in", "token_type", "scope", "refresh_token"},
	life:    "expires_in", unit: time.Second, lasts: time.Hour,
}

func monkiGrant(c *client, o op, kind string) request {
	r := newRequest(o, http.MethodGet, "/v2/token/grant", nil)
	r.set("grant_type", kind, "client_id", c.own("CLIENT_ID"), "client_secret", c.own("CLIENT_SECRET"))
	return r
}
