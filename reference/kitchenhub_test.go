package reference

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func kitchenhubServer(t *testing.T) *tester {
	return talk(t, start(t, Config{Dialects: []string{"kitchenhub"}}))
}

func (c *tester) want(g got, status int, members ...string) {
	c.t.Helper()
	if g.err != nil || g.status != status {
		c.t.Errorf("got %d %v %s, want %d", g.status, g.err, g.body, status)
	}
	for i := 0; i+1 < len(members); i += 2 {
		if have := fmt.Sprint(g.json[members[i]]); have != members[i+1] {
			c.t.Errorf("%s is %s, want %s in %s", members[i], have, members[i+1], g.body)
		}
	}
}

// refusedLike holds a refusal to its shape: JSON with an error, no token.
func (c *tester) refusedLike(g got, status int) {
	c.t.Helper()
	c.want(g, status)
	if g.text("error") == "" || g.json["access_token"] != nil || g.header.Get("Content-Type") != "application/json" {
		c.t.Errorf("not a JSON error: %s %s", g.header.Get("Content-Type"), g.body)
	}
	if status == 401 && !strings.HasPrefix(g.header.Get("WWW-Authenticate"), `Bearer realm="`) {
		c.t.Errorf("401 without a challenge: %v", g.header)
	}
}

func TestKitchenhubIssue(t *testing.T) {
	c := kitchenhubServer(t)
	g := c.khIssue()
	c.want(g, 200, "access_token_expire", "60", "refresh_token_expire", "1440") // KH-ISSUE-1, -2
	if len(g.text("access_token")) != 43 || len(g.text("refresh_token")) != 43 {
		t.Errorf("tokens: %s", g.body)
	}
	if g.header.Get("Cache-Control") != "no-store" { // ANY-CACHE
		t.Errorf("cacheable: %v", g.header)
	}
	if again := c.khIssue(); again.text("access_token") == g.text("access_token") || again.text("refresh_token") == g.text("refresh_token") {
		t.Error("the second issue repeats a token") // KH-ISSUE-4
	}
	for _, media := range []string{"application/json; charset=utf-8", "Application/JSON", "application/vnd.kitchenhub+json", ""} {
		who := c.account("kitchenhub", "second")
		g := c.do("POST", "/v2/auth/token", fmt.Sprintf(`{"client_id":%q,"client_secret":%q,"more":[1,{"a":"}"}]}`, who.ID, who.Secret), "Content-Type", media)
		c.want(g, 200)
	}
}

func TestKitchenhubIssueRefused(t *testing.T) { // KH-ISSUE-3
	c := kitchenhubServer(t)
	who := c.account("kitchenhub", "primary")
	good := fmt.Sprintf(`"client_id":%q,"client_secret":%q`, who.ID, who.Secret)
	for body, status := range map[string]int{
		`{"client_id":"` + who.ID + `","client_secret":"wrong"}`:                           401,
		`{"client_id":"` + who.ID + `","client_secret":"` + who.Secret + `x"}`:             401,
		`{"client_id":"` + who.ID + `","client_secret":"` + who.Secret[:10] + `"}`:         401,
		`{"client_id":"nobody","client_secret":"wrong"}`:                                   401,
		`{"client_id":"` + c.account("kitchenhub", "second").ID + `","client_secret":"x"}`: 401,
		`{"client_id":"` + who.ID + `"}`:                                                   400,
		`{"client_id":"` + who.ID + `","client_secret":""}`:                                400,
		`{"client_id":"` + who.ID + `","client_secret":null}`:                              400,
		`{"client_id":"` + who.ID + `","client_secret":7}`:                                 400,
		`{"client_id":"` + who.ID + `","client_secret":true}`:                              400,
		`{"client_id":"` + who.ID + `","client_secret":{"a":"b"}}`:                         400,
		`{"client_id":"` + who.ID + `","client_secret":["` + who.Secret + `"]}`:            400,
		`{"client_secret":"` + who.Secret + `"}`:                                           400,
		``:                                                                                 400,
		` `:                                                                                400,
		`[]`:                                                                               400,
		`null`:                                                                             400,
		`"text"`:                                                                           400,
		`{` + good:                                                                         400,
		`{` + good + `,}`:                                                                  400,
		`{` + good + `}}`:                                                                  400,
		`{` + good + `}{}`:                                                                 400,
		`{` + good + `,"client_id":"` + who.ID + `"}`:                                      400,
		`{` + good + `,"client\u005fid":"` + who.ID + `"}`:                                 400,
		"{" + good + ",\"x\":\"\xff\"}":                                                    400,
		"\ufeff{" + good + "}":                                                             400,
		`{` + good + `,"x":"` + strings.Repeat("x", 70000) + `"}`:                          413,
		`{` + good + `,"deep":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`: 400,
	} {
		g := c.post("/v2/auth/token", body)
		c.refusedLike(g, status)
		for _, client := range c.s.Accounts().Clients {
			if strings.Contains(g.body, client.Secret) {
				t.Errorf("the refusal of %s tells a secret: %s", body, g.body)
			}
		}
	}
	c.refusedLike(c.do("POST", "/v2/auth/token", "{"+good+"}", "Content-Type", "text/plain"), 415)
	escaped := strings.Replace(who.Secret, "T", `\u0054`, 1)
	c.want(c.post("/v2/auth/token", `{"client_id":"`+who.ID+`","client_secret":"`+escaped+`"}`), 200)
}

func TestKitchenhubUse(t *testing.T) { // KH-USE-1, KH-USE-2
	c := kitchenhubServer(t)
	p := c.khIssue()
	token := p.text("access_token")
	for _, good := range []string{"Bearer " + token, "bearer " + token, "BEARER  " + token} {
		c.want(c.orders(good), 200)
	}
	for _, bad := range []string{"", "Bearer", "Bearer ", "Bearer garbage", "Bearer " + token + " x", "Basic " + token, token,
		"Bearer " + p.text("refresh_token"), "Bearer " + changedMiddle(token), "Bearer " + token[:42], `Bearer "` + token + `"`, "Token " + token} {
		c.refusedLike(c.orders(bad), 401)
	}
	c.refusedLike(c.orders(), 401)
	c.refusedLike(c.orders("Bearer "+token, "Bearer "+token), 401)
	if g := c.orders(); strings.Contains(g.header.Get("WWW-Authenticate"), "error=") {
		t.Error("RFC 6750 3.1: no error code where no token was sent")
	}
	if g := c.orders("Bearer garbage"); !strings.Contains(g.header.Get("WWW-Authenticate"), `error="invalid_token"`) {
		t.Errorf("challenge: %v", g.header)
	}
}

func TestKitchenhubRefresh(t *testing.T) { // KH-REFRESH-1 to -3
	c := kitchenhubServer(t)
	p := c.khIssue()
	r := c.khRefresh(p.text("refresh_token"))
	c.want(r, 200, "access_token_expire", "60", "refresh_token_expire", "1440")
	c.want(c.orders("Bearer "+r.text("access_token")), 200)
	c.refusedLike(c.khRefresh(p.text("refresh_token")), 401)
	c.want(c.khRefresh(r.text("refresh_token")), 200)
	c.refusedLike(c.khRefresh(r.text("access_token")), 401)
	c.refusedLike(c.khRefresh("unknown"), 401)
	for _, body := range []string{`{}`, `{"refresh_token":null}`, `{"refresh_token":5}`, `{"refresh_token":""}`, `{"refresh_token":["x"]}`, ``, `{`} {
		c.refusedLike(c.post("/v2/auth/refresh", body), 400)
	}
}

func TestKitchenhubRefreshRace(t *testing.T) { // KH-REFRESH-2
	c := kitchenhubServer(t)
	for range 20 {
		token := c.khIssue().text("refresh_token")
		var wins atomic.Int32
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				if c.khRefresh(token).status == 200 {
					wins.Add(1)
				}
			})
		}
		wg.Wait()
		if wins.Load() != 1 {
			t.Fatalf("%d of 16 racing refreshes won", wins.Load())
		}
	}
}

func TestKitchenhubValidate(t *testing.T) { // KH-VALIDATE-1 to -3
	c := kitchenhubServer(t)
	p := c.khIssue()
	c.want(c.khValidate(p.text("access_token")), 200, "valid", "true", "expires_in", "59")
	c.advance(15 * time.Minute)
	c.want(c.khValidate(p.text("access_token")), 200, "valid", "true", "expires_in", "44")
	for _, token := range []string{"unknown", p.text("refresh_token"), "not a token!", changedMiddle(p.text("access_token"))} {
		c.want(c.khValidate(token), 200, "valid", "false", "expires_in", "0")
	}
	for _, body := range []string{`{}`, `{"access_token":null}`, `{"access_token":7}`, `{"access_token":""}`, `[]`} {
		c.refusedLike(c.post("/v2/auth/validate", body), 400)
	}
}

func TestKitchenhubExpiry(t *testing.T) { // KH-EXPIRE-1, -2
	c := kitchenhubServer(t)
	p := c.khIssue()
	access, refresh := p.text("access_token"), p.text("refresh_token")
	c.advance(time.Hour - 5*time.Second)
	c.want(c.orders("Bearer "+access), 200)
	c.want(c.khValidate(access), 200, "valid", "true", "expires_in", "0")
	c.advance(5 * time.Second)
	c.refusedLike(c.orders("Bearer "+access), 401)
	c.want(c.khValidate(access), 200, "valid", "false")
	other := c.khIssue().text("refresh_token")
	c.advance(23*time.Hour - 5*time.Second)
	c.want(c.khRefresh(refresh), 200)
	c.advance(time.Hour + 5*time.Second)
	c.refusedLike(c.khRefresh(other), 401)
}

func TestKitchenhubSecret(t *testing.T) { // KH-SECRET-1
	c := kitchenhubServer(t)
	who := c.account("kitchenhub", "primary")
	live := c.khIssue().text("access_token")
	issue := func(secret string) got {
		return c.post("/v2/auth/token", fmt.Sprintf(`{"client_id":%q,"client_secret":%q}`, who.ID, secret))
	}
	first := c.control("rotate-secret", `{"client_id":"`+who.ID+`"}`).text("client_secret")
	c.refusedLike(issue(who.Secret), 401)
	c.want(issue(first), 200)
	c.want(c.orders("Bearer "+live), 200)
	second := c.control("rotate-secret", `{"client_id":"`+who.ID+`"}`).text("client_secret")
	c.refusedLike(issue(first), 401)
	c.want(issue(second), 200)
	c.want(c.control("rotate-secret", `{"client_id":"`+who.ID+`","client_secret":"`+who.Secret+`"}`), 200, "client_secret", who.Secret)
	c.want(c.khIssue(), 200)
	c.refusedLike(issue(second), 401)
}

func TestMethodsAndPaths(t *testing.T) {
	c := talk(t, start(t, Config{}))
	for path, allow := range map[string]string{
		"/v2/auth/token": "POST, OPTIONS", "/v2/auth/refresh": "POST, OPTIONS", "/v2/auth/validate": "POST, OPTIONS",
		"/v2/orders": "GET, HEAD, OPTIONS", "/v2/token/grant": "GET, OPTIONS", "/v2/queue": "GET, HEAD, POST, PUT, OPTIONS",
		"/authorize": "GET, HEAD, OPTIONS", "/authorize/decision": "POST, OPTIONS",
		"/auth/login": "POST, OPTIONS", "/auth/refresh": "POST, OPTIONS", "/auth/logout": "POST, OPTIONS",
		"/api/v1/products": "GET, HEAD, OPTIONS", "/api/v1/categories": "GET, HEAD, OPTIONS",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
			g := c.do(method, path, "")
			known := strings.Contains(allow, method)
			switch {
			case g.err != nil || g.status >= 500:
				t.Errorf("%s %s: %d %v", method, path, g.status, g.err)
			case known == (g.status == http.StatusMethodNotAllowed):
				t.Errorf("%s %s: %d, but the path allows %s", method, path, g.status, allow)
			case !known && g.header.Get("Allow") != allow:
				t.Errorf("%s %s: Allow is %q, want %q", method, path, g.header.Get("Allow"), allow)
			}
		}
	}
	for _, path := range []string{"/v2/auth/token/", "/v2//orders", "/nothing", "/__control/clock"} {
		c.refusedLike(c.do("GET", path, ""), 404)
	}
}
