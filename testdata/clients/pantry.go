package main

import (
	"net/http"
	"time"
)

// pantry calls for a human who has told it name and password, and for one who was sent to the door.
var pantry = dialect{
	name: "pantry", sessions: []string{"human", "user"},
	login: func(c *client, who string) (answer, error) {
		if who == "user" {
			return c.consented()
		}
		return c.send(pantryForm(c, opLogin, "/oauth2/token", map[string]any{"grant_type": "password", "username": c.value("USER_USERNAME"), "password": c.value("USER_PASSWORD")}))
	},
	refresh: func(c *client, p pair) request {
		return pantryForm(c, opRefresh, "/oauth2/token", map[string]any{"grant_type": "refresh_token", "refresh_token": p.Refresh})
	},
	use: func(*client) request { return newRequest(opUse, http.MethodGet, "/shelves", nil) },
	validate: func(c *client, p pair) request {
		return pantryForm(c, opValidate, "/oauth2/look", map[string]any{"token": p.Access})
	},
	valid: "active",
	revoke: func(c *client, p pair) request {
		return pantryForm(c, opRevoke, "/oauth2/close", map[string]any{"token": p.Refresh})
	},
	authorize: func(c *client, a *attempt) request {
		r := newRequest(opAuthorize, http.MethodGet, "/consent", nil)
		r.server = c.base
		r.set("client", c.own("CLIENT_ID"), "return_to", c.own("REDIRECT_URI"), "want", "voucher", "state", a.state)
		return r
	},
	redeem: func(c *client, a *attempt) request {
		return pantryForm(c, opExchange, "/oauth2/token", map[string]any{"grant_type": "authorization_code", "voucher": a.code, "return_to": c.own("REDIRECT_URI")})
	},
	code: "voucher",
	flat: func(m map[string]any) map[string]any {
		both, _ := m["token"].(map[string]any)
		access, _ := both["access"].(map[string]any)
		refresh, _ := both["refresh"].(map[string]any)
		return map[string]any{"access_token": access["value"], "refresh_token": refresh["value"], "until": access["until"]}
	},
	members: []string{"access_token", "refresh_token", "until"},
	ends:    "until", unit: time.Second, lasts: 10 * time.Minute,
	refusal: http.StatusForbidden,
}

func pantryForm(c *client, o op, path string, body map[string]any) request {
	r := newRequest(o, http.MethodPost, path, body)
	r.form = true
	r.basic(c.own("CLIENT_ID"), c.own("CLIENT_SECRET"))
	return r
}
