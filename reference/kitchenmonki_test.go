package reference

import (
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func kitchenmonkiServer(t *testing.T) (c *tester, one, two Client) {
	c = talk(t, start(t, Config{Dialects: []string{"kitchenmonki"}}))
	return c, c.account("kitchenmonki", "primary"), c.account("kitchenmonki", "second")
}

const form = "application/x-www-form-urlencoded"

func (c *tester) wantTokens(g got) {
	c.t.Helper()
	c.want(g, 200, "expires_in", "3600", "token_type", "bearer", "scope", "<nil>")
	if _, there := g.json["scope"]; !there || len(g.text("access_token")) != 43 || len(g.text("refresh_token")) != 43 || g.header.Get("Cache-Control") != "no-store" {
		c.t.Errorf("token answer: %v %s", g.header, g.body)
	}
}

func TestKitchenmonkiClientCredentials(t *testing.T) { // KM-CC-1, -2
	c, one, two := kitchenmonkiServer(t)
	for who, user := range map[Client]string{one: "101", two: "202"} {
		g := c.kmGrant(who, "client_credentials", "something", "else", "scope", "x")
		c.wantTokens(g)
		if acting := c.queue(g.text("access_token")).actingUser(); acting != user {
			t.Errorf("acts as %s, want %s", acting, user)
		}
	}
}

func TestKitchenmonkiGrantRefused(t *testing.T) { // KM-CC-3, KM-CODE-6, KM-REFRESH-4
	c, one, two := kitchenmonkiServer(t)
	p := c.kmGrant(one, "client_credentials")
	id, secret := "&client_id="+one.ID, "&client_secret="+one.Secret
	for query, want := range map[string]struct {
		status int
		err    string
	}{
		"grant_type=client_credentials" + id + "&client_secret=wrong":         {401, "invalid_client"},
		"grant_type=client_credentials" + id + "&client_secret=":              {401, "invalid_client"},
		"grant_type=client_credentials" + id:                                  {401, "invalid_client"},
		"grant_type=client_credentials" + id + "&client_secret=" + two.Secret: {401, "invalid_client"},
		"grant_type=client_credentials&client_id=nobody&client_secret=x":      {401, "invalid_client"},
		"grant_type=client_credentials" + secret:                              {400, "invalid_request"},
		"grant_type=client_credentials" + id + secret + id:                    {400, "invalid_request"},
		"grant_type=password" + id + secret:                                   {400, "unsupported_grant_type"},
		"grant_type=" + id + secret:                                           {400, "invalid_request"},
		id + secret:                                                           {400, "invalid_request"},
		"":                                                                    {400, "invalid_request"},
		"grant_type=%zz" + id + secret:                                        {400, "invalid_request"},
		"grant_type=authorization_code" + id + secret:                         {400, "invalid_request"},
		"grant_type=authorization_code&code=" + id + secret:                   {400, "invalid_request"},
		"grant_type=authorization_code&code=unknown&redirect_uri=" + url.QueryEscape(one.RedirectURI) + id + secret: {400, "invalid_grant"},
		"grant_type=refresh_token" + id + secret:                                                                                      {400, "invalid_request"},
		"grant_type=refresh_token&refresh_token=unknown" + id + secret:                                                                {400, "invalid_grant"},
		"grant_type=refresh_token&refresh_token=" + p.text("access_token") + id + secret:                                              {400, "invalid_grant"},
		"grant_type=refresh_token&refresh_token=" + p.text("refresh_token") + id + "&client_secret=wrong":                             {401, "invalid_client"},
		"grant_type=refresh_token&refresh_token=" + p.text("refresh_token") + id:                                                      {401, "invalid_client"},
		"grant_type=refresh_token&refresh_token=" + p.text("refresh_token") + "&client_id=" + two.ID + "&client_secret=" + two.Secret: {400, "invalid_grant"},
	} {
		g := c.do("GET", "/v2/token/grant?"+query, "")
		c.refusedLike(g, want.status)
		if g.text("error") != want.err {
			t.Errorf("%s: error %s, want %s", query, g.text("error"), want.err)
		}
		if strings.Contains(g.body, one.Secret) || strings.Contains(g.body, two.Secret) {
			t.Errorf("%s: a secret in %s", query, g.body)
		}
	}
	// None of the refusals spent the token.
	c.wantTokens(c.kmGrant(one, "refresh_token", "refresh_token", p.text("refresh_token")))
}

func TestKitchenmonkiRefresh(t *testing.T) { // KM-REFRESH-1 to -3
	c, one, _ := kitchenmonkiServer(t)
	p := c.exchange(one, c.code(one))
	r := c.kmGrant(one, "refresh_token", "refresh_token", p.text("refresh_token"))
	c.wantTokens(r)
	if r.text("access_token") == p.text("access_token") || r.text("refresh_token") == p.text("refresh_token") {
		t.Error("a token is repeated")
	}
	if user := c.queue(r.text("access_token")).actingUser(); user != "303" {
		t.Errorf("after the refresh the token acts as %s", user)
	}
	c.refusedLike(c.kmGrant(one, "refresh_token", "refresh_token", p.text("refresh_token")), 400)
	c.wantTokens(c.kmGrant(one, "refresh_token", "refresh_token", r.text("refresh_token")))
}

func TestKitchenmonkiCode(t *testing.T) { // KM-CODE-1 to -5, KM-PRACTICE-1
	c, one, two := kitchenmonkiServer(t)
	code := c.code(one)
	p := c.exchange(one, code)
	c.wantTokens(p)
	if user := c.queue(p.text("access_token")).actingUser(); user != "303" {
		t.Errorf("the token acts as %s, want the user who granted", user)
	}
	later := c.kmGrant(one, "refresh_token", "refresh_token", p.text("refresh_token"))
	c.refusedLike(c.exchange(one, code), 400)
	// What was issued from the code is revoked, and what came of it since.
	c.refusedLike(c.queue(p.text("access_token")), 401)
	c.refusedLike(c.queue(later.text("access_token")), 401)
	c.refusedLike(c.kmGrant(one, "refresh_token", "refresh_token", later.text("refresh_token")), 400)

	code = c.code(one)
	stranger, wrong := two, one
	stranger.RedirectURI, wrong.Secret = one.RedirectURI, "wrong"
	c.refusedLike(c.exchange(stranger, code), 400)
	c.refusedLike(c.exchange(two, code), 400)
	c.refusedLike(c.exchange(wrong, code), 401)
	c.refusedLike(c.kmGrant(one, "authorization_code", "code", code), 400)
	c.refusedLike(c.kmGrant(one, "authorization_code", "code", code, "redirect_uri", one.RedirectURI+"?"), 400)
	c.refusedLike(c.kmGrant(one, "authorization_code", "code", changedMiddle(code), "redirect_uri", one.RedirectURI), 400)
	c.wantTokens(c.exchange(one, code)) // no refusal burnt it

	early, late := c.code(one), c.code(one)
	c.advance(27 * time.Second)
	c.wantTokens(c.exchange(one, early))
	c.advance(3 * time.Second)
	c.refusedLike(c.exchange(one, late), 400)
}

func TestKitchenmonkiCodeRace(t *testing.T) { // KM-CODE-3
	c, one, _ := kitchenmonkiServer(t)
	for range 10 {
		code := c.code(one)
		var wins atomic.Int32
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				if c.exchange(one, code).status == 200 {
					wins.Add(1)
				}
			})
		}
		wg.Wait()
		if wins.Load() != 1 {
			t.Fatalf("%d of 16 racing exchanges won", wins.Load())
		}
	}
}

func TestKitchenmonkiExpiry(t *testing.T) { // KM-EXPIRE-1 to -3
	c, one, _ := kitchenmonkiServer(t)
	p, q := c.kmGrant(one, "client_credentials"), c.kmGrant(one, "client_credentials")
	c.advance(time.Hour - 5*time.Second)
	c.want(c.queue(p.text("access_token")), 200)
	c.advance(5 * time.Second)
	c.refusedLike(c.queue(p.text("access_token")), 401)
	c.advance(14*24*time.Hour - time.Hour - 5*time.Second)
	c.wantTokens(c.kmGrant(one, "refresh_token", "refresh_token", p.text("refresh_token")))
	c.advance(5 * time.Second)
	c.refusedLike(c.kmGrant(one, "refresh_token", "refresh_token", q.text("refresh_token")), 400)
}

func TestKitchenmonkiUse(t *testing.T) { // KM-USE-1 to -3
	c, one, _ := kitchenmonkiServer(t)
	p := c.kmGrant(one, "client_credentials")
	token := p.text("access_token")
	bearer := []string{"Authorization", "Bearer " + token}
	for _, g := range []got{
		c.queue(token),
		c.do("GET", "/v2/queue", "", "Authorization", "bearer "+token),
		c.do("GET", "/v2/queue?access_token="+token, ""),
		c.do("POST", "/v2/queue", "access_token="+token, "Content-Type", form),
		c.do("PUT", "/v2/queue", "a=b&access_token="+token, "Content-Type", form+"; charset=UTF-8"),
		c.do("POST", "/v2/queue", "", bearer...),
		c.do("PUT", "/v2/queue", `{"any":"body"}`, bearer...),
	} {
		c.want(g, 200, "success", "queue")
		if g.actingUser() != "101" {
			t.Errorf("acts as %s: %s", g.actingUser(), g.body)
		}
	}
	for _, g := range []got{
		c.do("GET", "/v2/queue", ""),
		c.queue("garbage"), c.queue(p.text("refresh_token")), c.queue(changedMiddle(token)),
		c.do("GET", "/v2/queue", "", "Authorization", "Basic "+token),
		c.do("GET", "/v2/queue", "", "Authorization", "Bearer"),
		c.do("GET", "/v2/queue?access_token=garbage", ""),
		c.do("GET", "/v2/queue?access_token=", ""),
		c.do("GET", "/v2/queue?access_token="+p.text("refresh_token"), ""),
		c.do("POST", "/v2/queue?access_token="+token, ""),
		c.do("GET", "/v2/queue", "access_token="+token, "Content-Type", form),
		c.do("POST", "/v2/queue", "access_token=garbage", "Content-Type", form),
		c.do("POST", "/v2/queue", "access_token="+token, "Content-Type", "text/plain"),
	} {
		c.refusedLike(g, 401)
	}
	for _, g := range []got{ // RFC 6750 2: not in more than one way
		c.do("GET", "/v2/queue?access_token="+token, "", bearer...),
		c.do("GET", "/v2/queue?access_token="+token+"&access_token="+token, ""),
		c.do("POST", "/v2/queue", "access_token="+token, append(bearer, "Content-Type", form)...),
		c.do("POST", "/v2/queue?access_token="+token, "access_token="+token, "Content-Type", form),
		c.do("GET", "/v2/queue?%zz", "", bearer...),
		c.do("POST", "/v2/queue", "%zz", append(bearer, "Content-Type", form)...),
		c.do("POST", "/v2/queue", strings.Repeat("x", 70000), append(bearer, "Content-Type", form)...),
	} {
		c.refusedLike(g, 400)
	}
}
