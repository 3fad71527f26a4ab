package clients

import (
	"net/http"
	"net/url"
	"time"
)

// oauth2 calls for itself, without a refresh token (RFC 6749 4.4.3), and for a user, with a proof key (RFC 7636).
var oauth2 = dialect{
	name: "oauth2", sessions: []string{"own", "user"},
	login: func(c *client, who string) (answer, error) {
		if who == "user" {
			return c.consented()
		}
		return c.send(oauthForm(c, opLogin, "/token", "grant_type", "client_credentials"))
	},
	refresh: func(c *client, p pair) request {
		return oauthForm(c, opRefresh, "/token", "grant_type", "refresh_token", "refresh_token", p.Refresh)
	},
	use: func(*client) request { return newRequest(opUse, http.MethodGet, "/resource", nil) },
	validate: func(c *client, p pair) request {
		return oauthForm(c, opValidate, "/introspect", "token", p.Access)
	},
	valid: "active",
	revoke: func(c *client, p pair) request {
		token := p.Refresh
		if token == "" {
			token = p.Access
		}
		return oauthForm(c, opRevoke, "/revoke", "token", token)
	},
	authorize: func(c *client, a *attempt) request {
		r := newRequest(opAuthorize, http.MethodGet, "/oauth2/authorize", nil)
		r.server = c.server("PAGES")
		r.set("response_type", "code", "client_id", c.own("CLIENT_ID"), "redirect_uri", c.own("REDIRECT_URI"), "state", a.state,
			"code_challenge", a.challenge(), "code_challenge_method", "S256")
		if c.literal {
			r.query.Del("state")
		}
		return r
	},
	redeem: func(c *client, a *attempt) request {
		return oauthForm(c, opExchange, "/token", "grant_type", "authorization_code", "code", a.code, "redirect_uri", c.own("REDIRECT_URI"), "code_verifier", a.verifier)
	},
	// As the metadata have it (RFC 9207 2.4); a server without them is one that names no issuer either.
	issuer: func(c *client) string {
		a, err := c.send(newRequest(opMetadata, http.MethodGet, "/.well-known/oauth-authorization-server", nil))
		if err != nil {
			return ""
		}
		name, _ := a.members()["issuer"].(string)
		return name
	},
	refused: func(m map[string]any) bool { return m["error"] == "invalid_grant" }, // RFC 6749 5.2
	members: []string{"access_token", "expires_in", "token_type", "scope", "refresh_token"},
	life:    "expires_in", unit: time.Second,
}

// oauthForm is a form with the client's Basic header, whose halves are encoded like a form (RFC 6749 2.3.1).
func oauthForm(c *client, o op, path string, fields ...string) request {
	body := map[string]any{}
	for i := 0; i+1 < len(fields); i += 2 {
		body[fields[i]] = fields[i+1]
	}
	r := newRequest(o, http.MethodPost, path, body)
	r.form = true
	r.basic(url.QueryEscape(c.own("CLIENT_ID")), url.QueryEscape(c.own("CLIENT_SECRET")))
	return r
}
