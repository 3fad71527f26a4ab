package oauth2

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// want holds an answer to a status, and to the texts of members of its JSON.
func (d *desk) want(what string, g got, status int, members ...string) {
	d.t.Helper()
	if g.status != status {
		d.t.Errorf("%s: status %d, want %d: %s", what, g.status, status, g.body)
	}
	for i := 0; i+1 < len(members); i += 2 {
		if text := g.text(members[i]); text != members[i+1] {
			d.t.Errorf("%s: %s is %q, want %q: %s", what, members[i], text, members[i+1], g.body)
		}
	}
}

func TestTokenAnswer(t *testing.T) { // RFC 6749 4.4.3, 5.1
	d := open(t)
	g := d.grant(one)
	d.want("grant", g, 200, "token_type", "Bearer", "scope", "read write")
	if g.json["expires_in"] != json.Number("3600") || g.json["refresh_token"] != nil {
		t.Errorf("the answer is %s", g.body)
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache"} {
		if g.header.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, g.header.Get(name), value)
		}
	}
	token := g.text("access_token")
	d.want("use", d.use(token), 200)
	d.advance(accessLife - 2*time.Second)
	d.want("shortly before its end", d.use(token), 200)
	d.advance(3 * time.Second)
	d.want("after its end", d.use(token), 401)
}

func TestClientAuthentication(t *testing.T) { // RFC 6749 2.3.1, 5.2
	d := open(t)
	grant := func(authorization string, pairs ...string) got {
		return d.post("/token", authorization, append([]string{"grant_type", "client_credentials"}, pairs...)...)
	}
	d.want("header", grant(as(two)), 200)
	d.want("body", grant("", "client_id", two.ID, "client_secret", two.Secret), 200)
	d.want("the same client_id beside the header", grant(as(one), "client_id", one.ID), 200)
	for what, g := range map[string]got{
		"wrong secret":              grant(basic(one.ID, "wrong")),
		"secret of another":         grant(basic(one.ID, two.Secret)),
		"unknown client":            grant(basic("nobody", one.Secret)),
		"wrong secret in the body":  grant("", "client_id", one.ID, "client_secret", "wrong"),
		"no secret":                 grant("", "client_id", one.ID),
		"no client":                 grant(""),
		"another scheme":            grant("Bearer " + one.Secret),
		"not base64":                grant("Basic ***"),
		"credentials in the query":  d.do("POST", "/token?client_id="+one.ID+"&client_secret="+one.Secret, "grant_type=client_credentials", "Content-Type", "application/x-www-form-urlencoded"),
		"public client, any secret": grant("", "client_id", public.ID, "client_secret", "wrong"),
	} {
		d.want(what, g, 401, "error", "invalid_client")
		if !strings.HasPrefix(g.header.Get("WWW-Authenticate"), "Basic realm=") {
			t.Errorf("%s: the challenge is %q", what, g.header.Get("WWW-Authenticate"))
		}
	}
	d.want("two ways", grant(as(one), "client_id", one.ID, "client_secret", one.Secret), 400, "error", "invalid_request")
	d.want("two clients", grant(as(one), "client_id", two.ID), 400, "error", "invalid_request")
	d.want("public client", grant("", "client_id", public.ID), 400, "error", "unauthorized_client")
}

func TestTokenRequest(t *testing.T) { // RFC 6749 3.2, 3.3, 5.2
	d := open(t)
	d.want("no grant_type", d.post("/token", as(one)), 400, "error", "invalid_request")
	d.want("empty grant_type", d.post("/token", as(one), "grant_type", ""), 400, "error", "invalid_request")
	d.want("unknown grant_type", d.post("/token", as(one), "grant_type", "urn:none"), 400, "error", "unsupported_grant_type")
	d.want("password grant", d.post("/token", as(one), "grant_type", "password", "username", "a", "password", "b"), 400, "error", "unsupported_grant_type")
	d.want("unknown refresh token", d.post("/token", as(one), "grant_type", "refresh_token", "refresh_token", "unknown"), 400, "error", "invalid_grant")
	d.want("no refresh token", d.post("/token", as(one), "grant_type", "refresh_token"), 400, "error", "invalid_request")
	d.want("unknown parameter", d.grant(one, "colour", "green"), 200)
	d.want("parameter twice", d.grant(one, "scope", "read", "scope", "read"), 400, "error", "invalid_request")
	d.want("empty scope", d.grant(one, "scope", ""), 200, "scope", "read write")
	d.want("one scope", d.grant(one, "scope", "write"), 200, "scope", "write")
	d.want("unknown scope", d.grant(one, "scope", "read admin"), 400, "error", "invalid_scope")
	d.want("GET", d.do("GET", "/token?grant_type=client_credentials", "", "Authorization", as(one)), 405)
	d.want("JSON", d.do("POST", "/token", `{"grant_type":"client_credentials"}`, "Content-Type", "application/json", "Authorization", as(one)), 400, "error", "invalid_request")
}

func TestResource(t *testing.T) { // RFC 6750
	d := open(t)
	token := d.token(one)
	for _, scheme := range []string{"Bearer", "bearer", "BEARER"} {
		d.want(scheme, d.do("GET", "/resource", "", "Authorization", scheme+" "+token), 200)
	}
	for what, c := range map[string]struct {
		g         got
		status    int
		challenge string
	}{
		"nothing":        {d.do("GET", "/resource", ""), 401, `Bearer realm="oauth2"`},
		"another scheme": {d.do("GET", "/resource", "", "Authorization", as(one)), 401, `Bearer realm="oauth2"`},
		"garbage":        {d.use("garbage"), 401, `Bearer realm="oauth2", error="invalid_token"`},
		"in the query":   {d.do("GET", "/resource?access_token="+token, ""), 401, `Bearer realm="oauth2"`},
		"a weak scope":   {d.use(d.token(one, "scope", "write")), 403, `Bearer realm="oauth2", error="insufficient_scope", scope="read"`},
	} {
		d.want(what, c.g, c.status)
		if challenge := c.g.header.Get("WWW-Authenticate"); challenge != c.challenge {
			t.Errorf("%s: the challenge is %q, want %q", what, challenge, c.challenge)
		}
	}
}

func TestRevocation(t *testing.T) { // RFC 7009
	d := open(t)
	for _, hint := range []string{"", "access_token", "refresh_token", "saml_assertion"} {
		token, other := d.token(one), d.token(one)
		d.want("revoke, hint "+hint, d.revoke(one, token, "token_type_hint", hint), 200)
		d.want("use", d.use(token), 401)
		d.want("introspection", d.introspect(one, token), 200)
		d.want("the client's other token", d.use(other), 200)
		d.want("revoke again", d.revoke(one, token), 200)
	}
	d.want("unknown token", d.revoke(one, "unknown"), 200)
	d.want("no token", d.post("/revoke", as(one)), 400, "error", "invalid_request")
	token := d.token(one)
	d.want("by another", d.revoke(two, token), 400)
	d.want("wrong secret", d.post("/revoke", basic(one.ID, "wrong"), "token", token), 401, "error", "invalid_client")
	d.want("no client", d.post("/revoke", "", "token", token), 401, "error", "invalid_client")
	d.want("by GET", d.do("GET", "/revoke?token="+token, "", "Authorization", as(one)), 405)
	d.want("after all that", d.use(token), 200)
}

func TestIntrospection(t *testing.T) { // RFC 7662
	d := open(t)
	token, now := d.token(one, "scope", "read"), d.host.Clock.Now()
	for _, hint := range []string{"", "access_token", "refresh_token", "saml_assertion"} {
		g := d.introspect(two, token, "token_type_hint", hint)
		d.want("introspection, hint "+hint, g, 200, "client_id", one.ID, "scope", "read", "token_type", "Bearer")
		exp, _ := g.json["exp"].(json.Number).Int64()
		iat, _ := g.json["iat"].(json.Number).Int64()
		if g.json["active"] != true || exp-iat != 3600 || exp < now.Unix()+3598 || exp > now.Unix()+3601 {
			t.Errorf("hint %q: it is now %d, told is %s", hint, now.Unix(), g.body)
		}
	}
	silent := func(what, token string) {
		t.Helper()
		if g := d.introspect(one, token); g.status != 200 || g.body != "{\"active\":false}\n" {
			t.Errorf("%s: %d %s", what, g.status, g.body)
		}
	}
	silent("unknown", "unknown")
	revoked := d.token(one)
	d.revoke(one, revoked)
	silent("revoked", revoked)
	d.want("wrong secret", d.post("/introspect", basic(one.ID, "wrong"), "token", token), 401, "error", "invalid_client")
	d.want("no client", d.post("/introspect", "", "token", token), 401, "error", "invalid_client")
	d.want("public client", d.post("/introspect", "", "token", token, "client_id", public.ID), 401, "error", "invalid_client")
	d.want("no token", d.post("/introspect", as(one)), 400, "error", "invalid_request")
	d.advance(accessLife + time.Second)
	silent("expired", token)
}
