package oauth2

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"gonogo/reference/kit"
)

var (
	human    = seeds.Users[0]
	wishLike = regexp.MustCompile(`name="wish" value="([^"]+)"`)
)

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r-wW1gFWFOEjXk"

func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// consent asks for consent and decides; pairs are parameters beside the client and the response type, and replace those.
func (d *desk) consent(who kit.Client, decision string, pairs ...string) got {
	d.t.Helper()
	in := url.Values{"client_id": {who.ID}, "response_type": {"code"}, "redirect_uri": {who.RedirectURI}}
	for i := 0; i+1 < len(pairs); i += 2 {
		if in.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			in.Del(pairs[i])
		}
	}
	g := d.do("GET", "/oauth2/authorize?"+in.Encode(), "")
	found := wishLike.FindStringSubmatch(g.body)
	if found == nil {
		return g
	}
	form := url.Values{"wish": {found[1]}, "username": {human.Username}, "password": {human.Password}, "decision": {decision}}
	return d.do("POST", "/oauth2/decision", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// back is a parameter that the browser was sent back with.
func (g got) back(name string) string {
	u, _ := url.Parse(g.header.Get("Location"))
	if u == nil {
		return ""
	}
	return u.Query().Get(name)
}

func (d *desk) code(who kit.Client, pairs ...string) string {
	d.t.Helper()
	return d.consent(who, "approve", pairs...).back("code")
}

func (d *desk) exchange(who kit.Client, code string, pairs ...string) got {
	d.t.Helper()
	all := append([]string{"grant_type", "authorization_code", "code", code}, pairs...)
	if who.Public {
		return d.post("/token", "", append(all, "client_id", who.ID)...)
	}
	return d.post("/token", as(who), all...)
}

func (d *desk) refresh(who kit.Client, token string, pairs ...string) got {
	d.t.Helper()
	all := append([]string{"grant_type", "refresh_token", "refresh_token", token}, pairs...)
	if who.Public {
		return d.post("/token", "", append(all, "client_id", who.ID)...)
	}
	return d.post("/token", as(who), all...)
}

// granted gets a client the tokens of a code.
func (d *desk) granted(who kit.Client) got {
	d.t.Helper()
	if who.Public {
		return d.exchange(who, d.code(who, "code_challenge", s256(verifier), "code_challenge_method", "S256"), "redirect_uri", who.RedirectURI, "code_verifier", verifier)
	}
	return d.exchange(who, d.code(who), "redirect_uri", who.RedirectURI)
}

func TestAuthorization(t *testing.T) { // RFC 6749 3.1, 4.1.1, 4.1.2; RFC 9207 2
	d := open(t)
	state := "a+b &c=d%20#é\""
	for _, who := range []kit.Client{one, two} {
		g := d.consent(who, "approve", "state", state)
		d.want("approved", g, 303)
		if !strings.HasPrefix(g.header.Get("Location"), who.RedirectURI) || g.back("state") != state || g.back("iss") != d.host.API || g.back("code") == "" {
			t.Errorf("sent back to %s", g.header.Get("Location"))
		}
	}
	if g := d.consent(two, "approve"); g.back("tenant") != "7" {
		t.Errorf("the redirect URI's own query is lost: %s", g.header.Get("Location"))
	}
	d.want("redirect URI left out", d.consent(one, "approve", "redirect_uri", ""), 303)
	d.want("strange parameter", d.consent(one, "approve", "colour", "green"), 303)
	for what, c := range map[string]struct {
		pairs []string
		want  string
	}{
		"no response type":         {[]string{"response_type", ""}, "invalid_request"},
		"another response type":    {[]string{"response_type", "token"}, "unsupported_response_type"},
		"unknown scope":            {[]string{"scope", "admin"}, "invalid_scope"},
		"unknown method":           {[]string{"code_challenge", s256(verifier), "code_challenge_method", "S512"}, "invalid_request"},
		"method without challenge": {[]string{"code_challenge_method", "S256"}, "invalid_request"},
		"short challenge":          {[]string{"code_challenge", "short", "code_challenge_method", "S256"}, "invalid_request"},
		"plain":                    {[]string{"code_challenge", verifier, "code_challenge_method", "plain"}, "invalid_request"},
		"no method":                {[]string{"code_challenge", verifier}, "invalid_request"},
	} {
		g := d.consent(one, "approve", append(c.pairs, "state", state)...)
		if g.status != 303 || g.back("error") != c.want || g.back("state") != state || g.back("code") != "" || g.back("iss") == "" {
			t.Errorf("%s: %d, sent back to %s", what, g.status, g.header.Get("Location"))
		}
	}
	if g := d.consent(public, "approve"); g.back("error") != "invalid_request" {
		t.Errorf("a public client without a challenge is sent back to %s", g.header.Get("Location"))
	}
	if g := d.consent(one, "deny", "state", state); g.back("error") != "access_denied" || g.back("state") != state {
		t.Errorf("after a denial sent back to %s", g.header.Get("Location"))
	}
	for what, g := range map[string]got{
		"unknown client":   d.consent(kit.Client{ID: "nobody", RedirectURI: one.RedirectURI}, "approve"),
		"no client":        d.consent(one, "approve", "client_id", ""),
		"another path":     d.consent(one, "approve", "redirect_uri", one.RedirectURI+"/more"),
		"another query":    d.consent(one, "approve", "redirect_uri", one.RedirectURI+"?a=b"),
		"another client's": d.consent(one, "approve", "redirect_uri", two.RedirectURI),
		"client_id twice":  d.do("GET", "/oauth2/authorize?response_type=code&client_id="+one.ID+"&client_id="+one.ID, ""),
	} {
		if g.status != 400 || g.header.Get("Location") != "" {
			t.Errorf("%s: %d, sent to %q", what, g.status, g.header.Get("Location"))
		}
	}
	g := d.do("POST", "/oauth2/authorize", "response_type=code&client_id="+one.ID, "Content-Type", "application/x-www-form-urlencoded")
	d.want("POST", g, 200)
	for name, value := range map[string]string{"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
		if g.header.Get(name) != value {
			t.Errorf("the page has %s: %s", name, g.header.Get(name))
		}
	}
}

func TestCodes(t *testing.T) { // RFC 6749 4.1.2 to 4.1.4
	d := open(t)
	for _, who := range []kit.Client{one, two, public} {
		g := d.granted(who)
		d.want("exchange", g, 200, "token_type", "Bearer", "scope", "read write")
		d.want("use", d.use(g.text("access_token")), 200)
		d.want("told", d.introspect(one, g.text("refresh_token")), 200, "client_id", who.ID, "sub", human.Username)
	}
	d.want("redirect URI asked for and left out", d.exchange(one, d.code(one)), 400, "error", "invalid_grant")
	d.want("never asked for", d.exchange(one, d.code(one, "redirect_uri", "")), 200)
	d.want("another redirect URI", d.exchange(one, d.code(one), "redirect_uri", two.RedirectURI), 400, "error", "invalid_grant")
	d.want("another client", d.exchange(two, d.code(one), "redirect_uri", one.RedirectURI), 400, "error", "invalid_grant")
	d.want("unknown", d.exchange(one, "unknown"), 400, "error", "invalid_grant")
	d.want("missing", d.exchange(one, ""), 400, "error", "invalid_request")
	d.want("one scope", d.exchange(one, d.code(one, "scope", "read"), "redirect_uri", one.RedirectURI), 200, "scope", "read")
	code := d.code(one)
	first := d.exchange(one, code, "redirect_uri", one.RedirectURI)
	d.want("again", d.exchange(one, code, "redirect_uri", one.RedirectURI), 400, "error", "invalid_grant")
	d.want("its token afterwards", d.use(first.text("access_token")), 401)
	old := d.code(one)
	d.advance(codeLife + time.Second)
	d.want("old", d.exchange(one, old, "redirect_uri", one.RedirectURI), 400, "error", "invalid_grant")
}

func TestProofKeys(t *testing.T) { // RFC 7636, RFC 9700 2.1.1
	d := open(t)
	for _, c := range []struct {
		what, challenge, method, sent string
		status                        int
	}{
		{"S256", s256(verifier), "S256", verifier, 200},
		{"wrong verifier", s256(verifier), "S256", strings.ToUpper(verifier), 400},
		{"no verifier", s256(verifier), "S256", "", 400},
		{"the challenge as verifier", s256(verifier), "S256", s256(verifier), 400},
		{"verifier without challenge", "", "", verifier, 400},
		{"short verifier", s256(verifier[:42]), "S256", verifier[:42], 400},
		{"the shortest verifier", s256(verifier[:43]), "S256", verifier[:43], 200},
	} {
		pairs := []string{"code_challenge", c.challenge, "code_challenge_method", c.method}
		g := d.exchange(one, d.code(one, pairs...), "redirect_uri", one.RedirectURI, "code_verifier", c.sent)
		if d.want(c.what, g, c.status); c.status == 400 && g.text("error") != "invalid_grant" {
			t.Errorf("%s: %s", c.what, g.body)
		}
	}
}

func TestRefresh(t *testing.T) { // RFC 6749 6, 10.4
	d := open(t)
	for _, who := range []kit.Client{one, public} {
		first := d.granted(who)
		d.want("by another", d.refresh(two, first.text("refresh_token")), 400, "error", "invalid_grant")
		second := d.refresh(who, first.text("refresh_token"))
		d.want("refresh", second, 200, "scope", "read write")
		d.want("use", d.use(second.text("access_token")), 200)
		narrow := d.refresh(who, second.text("refresh_token"), "scope", "write")
		d.want("narrower", narrow, 200, "scope", "write")
		d.want("is weak", d.use(narrow.text("access_token")), 403)
		d.want("wider than the grant", d.refresh(who, narrow.text("refresh_token"), "scope", "write admin"), 400, "error", "invalid_scope")
		wide := d.refresh(who, narrow.text("refresh_token"))
		d.want("the whole scope again", wide, 200, "scope", "read write")
		d.want("replay", d.refresh(who, first.text("refresh_token")), 400, "error", "invalid_grant")
		d.want("ends the family", d.use(wide.text("access_token")), 401)
		d.want("and its newest refresh token", d.refresh(who, wide.text("refresh_token")), 400, "error", "invalid_grant")
	}
	g := d.granted(one)
	d.want("an access token", d.refresh(one, g.text("access_token")), 400, "error", "invalid_grant")
	d.want("revoke", d.revoke(one, g.text("refresh_token"), "token_type_hint", "access_token"), 200)
	d.want("its access token", d.use(g.text("access_token")), 401)
	d.want("revoked", d.refresh(one, g.text("refresh_token")), 400, "error", "invalid_grant")
	g = d.granted(public)
	d.want("a public client revokes", d.post("/revoke", "", "client_id", public.ID, "token", g.text("refresh_token")), 200)
	d.want("revoked", d.refresh(public, g.text("refresh_token")), 400, "error", "invalid_grant")
}

func TestMetadata(t *testing.T) { // RFC 8414 2, 3.2, 3.3
	d := open(t)
	g := d.do("GET", "/.well-known/oauth-authorization-server", "")
	d.want("metadata", g, 200, "issuer", d.host.API, "token_endpoint", d.host.API+"/token", "authorization_endpoint", d.host.Pages+"/oauth2/authorize")
	if g.header.Get("Content-Type") != "application/json" {
		t.Errorf("it is %s", g.header.Get("Content-Type"))
	}
	for _, name := range []string{"introspection_endpoint", "revocation_endpoint"} {
		path := strings.TrimPrefix(g.text(name), d.host.API)
		d.want(name, d.post(path, as(one), "token", "unknown"), 200)
	}
	grants, _ := g.json["grant_types_supported"].([]any)
	for _, grant := range grants {
		if said := d.post("/token", as(one), "grant_type", grant.(string)).text("error"); said == "unsupported_grant_type" {
			t.Errorf("%s is advertised and is none", grant)
		}
	}
}
