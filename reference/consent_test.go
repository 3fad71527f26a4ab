package reference

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

func callback(t *testing.T, g got) url.Values {
	t.Helper()
	u, err := url.Parse(g.header.Get("Location"))
	if err != nil || g.header.Get("Location") == "" || u.Fragment != "" {
		t.Fatalf("no redirect: %d %v %s", g.status, g.header, g.body)
	}
	return u.Query()
}

func TestConsent(t *testing.T) { // KM-AUTHZ-1, -3, -4
	c, one, _ := kitchenmonkiServer(t)
	first := c.do("GET", authorizeURL(one), "")
	if first.status != 200 || !strings.Contains(first.body, `type="password"`) || first.header.Get("Location") != "" {
		t.Fatalf("no page: %d %s", first.status, first.body)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"X-Content-Type-Options": "nosniff", "Content-Type": "text/html; charset=utf-8"} {
		if first.header.Get(name) != want {
			t.Errorf("%s is %q", name, first.header.Get(name))
		}
	}
	if csp := first.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("policy: %s", csp)
	}
	if cookie := first.header.Get("Set-Cookie"); !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") {
		t.Errorf("cookie: %s", cookie)
	}
	var printable strings.Builder
	for b := byte(' '); b <= '~'; b++ {
		printable.WriteByte(b)
	}
	for _, state := range []string{"plain", "a+b c&d=e#f%2B?/", printable.String(), "ünïcode", strings.Repeat("s", 2000)} {
		g := talk(t, c.s).walk(authorizeURL(one, "state", state), true)
		back := callback(t, g)
		if !strings.HasPrefix(g.header.Get("Location"), one.RedirectURI+"?") || back.Get("code") == "" || back.Has("error") {
			t.Errorf("callback: %s", g.header.Get("Location"))
		}
		if back.Get("state") != state {
			t.Errorf("state %q came back as %q", state, back.Get("state"))
		}
	}
	denied := callback(t, talk(t, c.s).walk(authorizeURL(one, "state", "s t"), false))
	if denied.Get("error") != "access_denied" || denied.Has("code") || denied.Get("state") != "s t" {
		t.Errorf("denial: %v", denied)
	}
	if back := callback(t, talk(t, c.s).walk(authorizeURL(one), true)); back.Has("state") {
		t.Errorf("a state that was not sent: %v", back)
	}
}

func TestConsentErrors(t *testing.T) { // KM-AUTHZ-2 and RFC 6749 4.1.2.1
	c, one, two := kitchenmonkiServer(t)
	for _, redirect := range []string{
		"https://elsewhere.test/cb", one.RedirectURI + "/", one.RedirectURI + "x", one.RedirectURI + "?a=b", one.RedirectURI + "#f",
		strings.Replace(one.RedirectURI, "https", "http", 1), strings.Replace(one.RedirectURI, "www.", "evil.www.", 1),
		strings.Replace(one.RedirectURI, "example.com", "example.com:444", 1), "https://www.example.com@elsewhere.test/api_helper.php",
		strings.ToUpper(one.RedirectURI), two.RedirectURI, "//elsewhere.test", "javascript:alert(1)", "", "https://www.example.com/api_helper.html",
	} {
		stranger := one
		stranger.RedirectURI = redirect
		for _, more := range [][]string{nil, {"response_type", "token"}, {"display", "popup"}} {
			g := talk(t, c.s).walk(authorizeURL(stranger, more...), true)
			if g.status != 400 || g.header.Get("Location") != "" || !strings.Contains(g.body, "did not work") || strings.Contains(g.body, "elsewhere") {
				t.Errorf("%s %v: %d %v", redirect, more, g.status, g.header)
			}
		}
	}
	for _, query := range []string{
		authorizeURL(Client{ID: "nobody", RedirectURI: one.RedirectURI}),
		authorizeURL(one) + "&client_id=" + two.ID,
		authorizeURL(one) + "&redirect_uri=" + two.RedirectURI,
		"/authorize", "/authorize?%zz",
	} {
		if g := c.do("GET", query, ""); g.status != 400 || g.header.Get("Location") != "" {
			t.Errorf("%s: %d %v", query, g.status, g.header)
		}
	}
	for query, want := range map[string]string{
		authorizeURL(one, "response_type", "token", "state", "x"): "unsupported_response_type",
		authorizeURL(one, "response_type", "", "state", "x"):      "invalid_request",
		authorizeURL(one, "state", "x") + "&display=a&display=b":  "invalid_request",
	} {
		back := callback(t, c.do("GET", query, ""))
		if back.Get("error") != want || back.Get("state") != "x" || back.Has("code") {
			t.Errorf("%s: %v", query, back)
		}
	}
}

func TestRedirectURIKeepsItsQuery(t *testing.T) {
	c, _, _ := kitchenmonkiServer(t)
	made := c.control("clients", `{"redirect_uri":"https://app.example.com/cb?tenant=a%20b&x"}`)
	c.want(made, 201, "acts_as", "1001")
	who := Client{ID: made.text("client_id"), Secret: made.text("client_secret"), RedirectURI: made.text("redirect_uri")}
	g := c.walk(authorizeURL(who, "state", "s"), true)
	if to := g.header.Get("Location"); !strings.HasPrefix(to, who.RedirectURI+"&code=") || !strings.HasSuffix(to, "&state=s") {
		t.Fatal(to)
	}
	c.wantTokens(c.exchange(who, callback(t, g).Get("code")))
}

func TestConsentFormsAreGuarded(t *testing.T) {
	c, one, _ := kitchenmonkiServer(t)
	user := c.s.Accounts().Users[0]
	page := c.do("GET", authorizeURL(one), "")
	action, values, _ := fill(page.body, user, true)
	send := func(c *tester, action string, change ...string) got {
		v := url.Values{}
		for name := range values {
			v[name] = values[name]
		}
		for i := 0; i+1 < len(change); i += 2 {
			v.Set(change[i], change[i+1])
		}
		return c.do("POST", action, v.Encode(), "Content-Type", form)
	}
	if g := send(c, action, "csrf", "forged"); g.status != http.StatusForbidden {
		t.Errorf("a forged form: %d", g.status)
	}
	if g := send(talk(t, c.s), action); g.status != http.StatusForbidden {
		t.Errorf("a form from another browser: %d", g.status)
	}
	if g := send(c, action, "flow", "unknown"); g.status != 400 {
		t.Errorf("an unknown flow: %d", g.status)
	}
	if g := send(c, "/authorize/decision", "decision", "approve"); g.status != http.StatusForbidden || g.header.Get("Location") != "" {
		t.Errorf("an approval without sign-in: %d %v", g.status, g.header)
	}
	if g := c.do("POST", action, `{}`, "Content-Type", "application/json"); g.status != 415 {
		t.Errorf("JSON: %d", g.status)
	}
	wrong := send(c, action, "password", "wrong")
	if wrong.status != http.StatusForbidden || !strings.Contains(wrong.body, "wrong") || strings.Contains(wrong.body, user.Password) {
		t.Errorf("a wrong password: %d %s", wrong.status, wrong.body)
	}
	before := page.header.Get("Set-Cookie")
	in := send(c, action)
	if in.status != http.StatusSeeOther || in.header.Get("Set-Cookie") == "" || in.header.Get("Set-Cookie") == before {
		t.Fatalf("sign-in: %d %v", in.status, in.header)
	}
	consent := c.do("GET", in.header.Get("Location"), "")
	action, values, _ = fill(consent.body, user, true)
	if g := send(c, action, "decision", "perhaps"); g.status != 400 {
		t.Errorf("neither approved nor denied: %d", g.status)
	}
	callback(t, send(c, action))
	if g := send(c, action); g.status != 400 || g.header.Get("Location") != "" {
		t.Errorf("the same page approved twice: %d %v", g.status, g.header)
	}
	// The browser is signed in now: the next flow only asks.
	again := c.do("GET", authorizeURL(one), "")
	if strings.Contains(again.body, `type="password"`) || !strings.Contains(again.body, user.Username) {
		t.Error("asked to sign in again")
	}
	action, values, _ = fill(again.body, user, true)
	c.advance(11 * time.Minute)
	if g := send(c, action); g.status != 400 {
		t.Errorf("a page left open too long: %d", g.status)
	}
}

func TestPopup(t *testing.T) { // KM-POPUP-1, as far as no browser is needed
	c, one, _ := kitchenmonkiServer(t)
	for approve, want := range map[bool]string{true: "code=", false: "error=access_denied"} {
		g := talk(t, c.s).walk(authorizeURL(one, "display", "popup", "state", `</script>"'`), approve)
		if g.status != 200 || g.header.Get("Location") != "" {
			t.Fatalf("the popup itself is redirected: %d %v", g.status, g.header)
		}
		script := regexp.MustCompile(`(?s)<script nonce="([^"]+)">(.*?)</script>`).FindStringSubmatch(g.body)
		if script == nil || !strings.Contains(script[2], "window.opener.location = ") || !strings.Contains(script[2], want) || !strings.Contains(script[2], "window.close()") {
			t.Fatalf("script: %s", g.body)
		}
		if !strings.Contains(g.header.Get("Content-Security-Policy"), "script-src 'nonce-"+script[1]+"'") {
			t.Errorf("the policy forbids the page's own script: %s", g.header.Get("Content-Security-Policy"))
		}
		if !strings.Contains(g.body, `<a id="back" href="`+one.RedirectURI+`?`) {
			t.Errorf("no link for a popup without an opener: %s", g.body)
		}
	}
}

func TestPagesOnAHostOfTheirOwn(t *testing.T) {
	s := start(t, Config{WWW: "127.0.0.1:0"})
	c := talk(t, s)
	one := c.account("kitchenmonki", "primary")
	if s.WWWURL() == s.URL() {
		t.Fatal("one address for both")
	}
	c.wantTokens(c.exchange(one, c.code(one)))
	c.refusedLike(c.do("GET", authorizeURL(one), ""), 404)
	c.refusedLike(c.do("GET", s.WWWURL()+"/v2/queue", ""), 404)
}
