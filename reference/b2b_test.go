package reference

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gonogo/reference/kit"
)

func b2bServer(t *testing.T) *tester {
	return talk(t, start(t, Config{Dialects: []string{"b2b"}}))
}

// refusedAs holds an error to its envelope and to the document's table.
func (c *tester) refusedAs(g got, status int, name, code string) {
	c.t.Helper()
	c.want(g, status)
	inner, _ := g.json["error"].(map[string]any)
	message, _ := inner["message"].(string)
	if len(g.json) != 1 || len(inner) != 3 || inner["name"] != name || inner["code"] != code || message == "" {
		c.t.Errorf("not %s / %s: %s", name, code, g.body)
	}
	if challenge := g.header.Get("WWW-Authenticate"); strings.HasPrefix(challenge, `Bearer realm="b2b"`) != (status == 401) {
		c.t.Errorf("%d with the challenge %q", status, challenge)
	}
	if g.header.Get("Content-Type") != "application/json" {
		c.t.Errorf("not JSON: %v", g.header)
	}
}

func (c *tester) unauthorized401(g got) {
	c.t.Helper()
	c.refusedAs(g, 401, "UnauthorizedError", "UNAUTHORIZED")
}

func (c *tester) invalid400(g got) {
	c.t.Helper()
	c.refusedAs(g, 400, "ValidationException", "VALIDATION_FAILURE")
}

func (c *tester) syntax400(g got) {
	c.t.Helper()
	c.refusedAs(g, 400, "SyntaxError", "SYNTAX_ERROR")
}

func (c *tester) forbidden403(g got) {
	c.t.Helper()
	c.refusedAs(g, 403, "ForbiddenError", "FORBIDDEN")
}

// TestB2BQuickStart sends what the document's curl lines send.
func TestB2BQuickStart(t *testing.T) {
	c := b2bServer(t)
	who := c.user("primary")
	asJSON := []string{"Content-Type", "application/json"}
	login := c.do("POST", "/auth/login", "{\n  \"username\": \""+who.Username+"\",\n  \"password\": \""+who.Password+"\"\n}", asJSON...)
	c.want(login, 200, "success", "true")
	products := c.do("GET", "/api/v1/products", "", append(asJSON, "Authorization", "Bearer "+login.data("access_token"))...)
	c.want(products, 200)
	refreshed := c.do("POST", "/auth/refresh", "{\n  \"refresh_token\": \""+login.data("refresh_token")+"\"\n}", asJSON...)
	c.want(refreshed, 200, "success", "true")
	categories := c.do("GET", "/api/v1/categories", "", append(asJSON, "Authorization", "Bearer "+refreshed.data("access_token"))...)
	c.want(categories, 200)
}

func TestB2BLogin(t *testing.T) { // BB-LOGIN-1, BB-LOGIN-2, BB-ENVELOPE-1, BB-JWT-1
	c := b2bServer(t)
	c.advance(90 * time.Minute) // everything follows the server's clock
	who := c.user("primary")
	g := c.bbLogin(who)
	c.want(g, 200, "success", "true")
	data, _ := g.json["data"].(map[string]any)
	if len(g.json) != 2 || len(data) != 5 || fmt.Sprint(data["client_id"]) != fmt.Sprint(who.ActsAs) {
		t.Errorf("not the documented envelope: %s", g.body)
	}
	date, err := http.ParseTime(g.header.Get("Date"))
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for name, life := range map[string]time.Duration{"access": time.Hour, "refresh": 7 * 24 * time.Hour} {
		at := g.data(name + "_expires_at")
		ends, err := time.Parse(time.RFC3339, at)
		if off := ends.Sub(date.Add(life)).Abs(); err != nil || off > time.Second || !strings.HasSuffix(at, "Z") {
			t.Errorf("%s_expires_at is %s, %s off: %v", name, at, off, err)
		}
		header, claims := segments(g.data(name + "_token"))
		if header["alg"] != "HS256" || header["typ"] != "JWT" || claims["exp"] != float64(ends.Unix()) ||
			claims["iat"] != float64(ends.Add(-time.Hour).Unix()) && name == "access" || claims["jti"] == "" || claims["client_id"] != float64(who.ActsAs) {
			t.Errorf("%s token: %v %v", name, header, claims)
		}
		kinds[fmt.Sprint(claims["kind"])] = true
	}
	if len(kinds) != 2 || g.header.Get("Cache-Control") != "no-store" {
		t.Errorf("kinds %v, %v", kinds, g.header)
	}
	if again := c.bbLogin(who); again.data("access_token") == g.data("access_token") || again.data("refresh_token") == g.data("refresh_token") {
		t.Error("the second login repeats a token")
	}
}

func TestB2BLoginRefused(t *testing.T) { // BB-LOGIN-3, BB-VALID-1, BB-VALID-2
	c := b2bServer(t)
	who := c.user("primary")
	name, good := `"username":"`+who.Username+`"`, `"password":"`+who.Password+`"`
	type check = func(*tester, got)
	for body, holds := range map[string]check{
		`{` + name + `,"password":"wrong"}`:                             (*tester).unauthorized401,
		`{` + name + `,"password":"` + who.Password + `x"}`:             (*tester).unauthorized401,
		`{` + name + `,"password":"` + who.Password[:12] + `"}`:         (*tester).unauthorized401,
		`{` + name + `,"password":"` + c.user("listed").Password + `"}`: (*tester).unauthorized401,
		`{` + name + `,"password":" ` + who.Password + `"}`:             (*tester).unauthorized401,
		`{"username":"nobody",` + good + `}`:                            (*tester).unauthorized401,
		`{` + name + `}`:                                                (*tester).invalid400,
		`{` + good + `}`:                                                (*tester).invalid400,
		`{}`:                                                            (*tester).invalid400,
		`{` + name + `,"password":""}`:                                  (*tester).invalid400,
		`{` + name + `,"password":null}`:                                (*tester).invalid400,
		`{` + name + `,"password":7}`:                                   (*tester).invalid400,
		`{` + name + `,"password":{"$ne":""}}`:                          (*tester).invalid400,
		`{` + name + `,"password":["` + who.Password + `"]}`:            (*tester).invalid400,
		`{"username":{},` + good + `}`:                                  (*tester).invalid400,
		`{` + name + `,` + good + `,` + good + `}`:                      (*tester).invalid400,
		`[]`:                            (*tester).invalid400,
		`null`:                          (*tester).invalid400,
		`"text"`:                        (*tester).invalid400,
		``:                              (*tester).syntax400,
		`{` + name:                      (*tester).syntax400,
		`{` + name + `,` + good + `,}`:  (*tester).syntax400,
		`{` + name + `,` + good + `}{}`: (*tester).syntax400,
		"{" + name + "," + good + ",\"x\":\"\xff\"}": (*tester).syntax400,
		`username=a&password=b`:                      (*tester).syntax400,
		`{` + name + `,` + good + `,"x":"` + strings.Repeat("x", 1<<17) + `"}`: func(c *tester, g got) {
			c.refusedAs(g, 413, "PayloadTooLargeError", "PAYLOAD_TOO_LARGE")
		},
	} {
		g := c.post("/auth/login", body)
		holds(c, g)
		if strings.Contains(g.body, who.Password) {
			t.Errorf("the refusal of %s tells the password: %s", body, g.body)
		}
	}
	if g := c.post("/auth/login", `{}`); !strings.Contains(g.body, "username") || !strings.Contains(g.body, "password") {
		t.Errorf("it does not name what is missing: %s", g.body)
	}
	body := `{` + name + `,` + good + `,"more":[{}]}`
	c.refusedAs(c.do("POST", "/auth/login", body, "Content-Type", "text/plain"), 415, "UnsupportedMediaTypeError", "UNSUPPORTED_MEDIA_TYPE")
	for _, media := range []string{"", "Application/JSON; charset=utf-8"} {
		c.want(c.do("POST", "/auth/login", body, "Content-Type", media), 200)
	}
}

func TestB2BErrorsOfEveryPath(t *testing.T) { // BB-ENVELOPE-2
	c := b2bServer(t)
	c.refusedAs(c.do("GET", "/nothing", ""), 404, "NotFoundError", "NOT_FOUND")
	c.refusedAs(c.do("GET", "/auth/login", ""), 405, "MethodNotAllowedError", "METHOD_NOT_ALLOWED")
	c.refusedAs(c.do("DELETE", "/api/v1/products", ""), 405, "MethodNotAllowedError", "METHOD_NOT_ALLOWED")
	crashes := talk(t, start(t, Config{Dialects: []string{"b2b"}, Defects: []string{"b2b-login-missing-crash"}}))
	crashes.refusedAs(crashes.post("/auth/login", `{}`), 500, "InternalServerError", "INTERNAL_SERVER_ERROR")
	limited := talk(t, start(t, Config{Dialects: []string{"b2b"}, Liberties: []string{"b2b-rate-limit"}}))
	for range 10 {
		limited.products("x")
	}
	limited.refusedAs(limited.products("x"), 429, "TooManyRequestsError", "TOO_MANY_REQUESTS")
}

func TestB2BUse(t *testing.T) { // BB-USE-1 to -3, BB-JWT-2
	c := b2bServer(t)
	p := c.bbLogin(c.user("primary"))
	access, refresh := p.data("access_token"), p.data("refresh_token")
	for _, path := range []string{"/api/v1/products", "/api/v1/categories"} {
		get := func(header ...string) got { return c.do("GET", path, "", header...) }
		c.want(get("Authorization", "Bearer "+access), 200, "success", "true")
		c.want(get("Authorization", "bearer  "+access, "Content-Type", "application/json"), 200)
		c.want(c.do("HEAD", path, "", "Authorization", "Bearer "+access), 200)
		c.unauthorized401(get())
		c.unauthorized401(get("Authorization", "Bearer "+access, "Authorization", "Bearer "+access))
		for _, bad := range []string{"", "Bearer", "Bearer ", "Bearer garbage", "Bearer a.b.c", "Bearer ..", "Basic " + access, access,
			"Bearer " + refresh, "Bearer " + access + "x", "Bearer " + access + ".", "Bearer " + changedMiddle(access), "Bearer " + sameBytes(access)} {
			c.unauthorized401(get("Authorization", bad))
		}
		for how, token := range forgeries(access) {
			g := get("Authorization", "Bearer "+token)
			if c.unauthorized401(g); g.status != 401 {
				t.Errorf("the token forged by %s", how)
			}
		}
	}
	other := b2bServer(t).bbLogin(c.user("primary"))
	c.unauthorized401(c.products(other.data("access_token"))) // another server's key
}

func TestB2BRefresh(t *testing.T) { // BB-REFRESH-1, BB-REFRESH-2, BB-ROTATE-1
	c := b2bServer(t)
	p := c.bbLogin(c.user("primary"))
	old := p.data("refresh_token")
	r := c.bbRefresh(old)
	c.want(r, 200, "success", "true")
	data, _ := r.json["data"].(map[string]any)
	if len(data) != 5 || r.data("access_token") == p.data("access_token") || r.data("refresh_token") == old {
		t.Errorf("not a new pair: %s", r.body)
	}
	c.want(c.products(r.data("access_token")), 200)
	c.want(c.products(p.data("access_token")), 200) // silent; here it lives on
	c.unauthorized401(c.bbRefresh(old))
	c.want(c.bbRefresh(r.data("refresh_token")), 200)
	c.unauthorized401(c.bbRefresh("unknown"))
	c.unauthorized401(c.bbRefresh(r.data("access_token")))
	for _, token := range forgeries(c.bbLogin(c.user("primary")).data("refresh_token")) {
		c.unauthorized401(c.bbRefresh(token))
	}
	for _, body := range []string{`{}`, `{"refresh_token":null}`, `{"refresh_token":5}`, `{"refresh_token":""}`, `{"refresh_token":["x"]}`, `{"refresh_token":{}}`, `[]`} {
		c.invalid400(c.post("/auth/refresh", body))
	}
	for _, body := range []string{``, `{`, `refresh_token=x`} {
		c.syntax400(c.post("/auth/refresh", body))
	}
}

func TestB2BRefreshRace(t *testing.T) { // BB-ROTATE-1
	c := b2bServer(t)
	for range 20 {
		token := c.bbLogin(c.user("primary")).data("refresh_token")
		var wins atomic.Int32
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				if c.bbRefresh(token).status == 200 {
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

func TestB2BLogout(t *testing.T) { // BB-REVOKE-1, BB-REVOKE-2
	c := b2bServer(t)
	one, two, other := c.bbLogin(c.user("primary")), c.bbLogin(c.user("primary")), c.bbLogin(c.user("listed"))
	c.unauthorized401(c.do("POST", "/auth/logout", ""))
	c.unauthorized401(c.bbLogout(one.data("refresh_token")))
	g := c.bbLogout(one.data("access_token"))
	c.want(g, 200, "success", "true")
	if g.data("message") == "" {
		t.Errorf("no message: %s", g.body)
	}
	for _, p := range []got{one, two} {
		c.unauthorized401(c.products(p.data("access_token")))
		c.unauthorized401(c.bbRefresh(p.data("refresh_token")))
	}
	c.unauthorized401(c.bbLogout(two.data("access_token")))
	c.want(c.products(other.data("access_token")), 200)
	c.want(c.bbRefresh(other.data("refresh_token")), 200)
	fresh := c.bbLogin(c.user("primary"))
	c.want(c.products(fresh.data("access_token")), 200)
	c.want(c.bbRefresh(fresh.data("refresh_token")), 200)
}

// TestB2BLogoutReachesWhatIsInFlight: a refresh that has spent its token when
// the logout comes, and stores the new pair afterwards.
func TestB2BLogoutReachesWhatIsInFlight(t *testing.T) {
	for _, liberties := range [][]string{nil, {"b2b-old-access-dies"}} {
		tokens := start(t, Config{Dialects: []string{"b2b"}, Liberties: liberties}).services["b2b"].Tokens
		now := time.Now()
		p, _ := tokens.Issue(kit.Account{Client: 7}, tokens.NewFamily(), now)
		other, _ := tokens.Issue(kit.Account{Client: 8}, tokens.NewFamily(), now)
		spent, redeemed := tokens.Redeem(p.Refresh, now, func(kit.Grant) bool { return true })
		if !redeemed {
			t.Fatal("the refresh token is refused")
		}
		tokens.RevokeAccount(7, now)
		late, err := tokens.Rotate(spent, now)
		if err != nil {
			t.Fatal(err)
		}
		_, access := tokens.Find(kit.AccessToken, late.Access, now)
		_, refresh := tokens.Find(kit.RefreshToken, late.Refresh, now)
		if access || refresh {
			t.Errorf("%v: access lives %v, refresh lives %v", liberties, access, refresh)
		}
		if _, live := tokens.Find(kit.AccessToken, other.Access, now); !live {
			t.Errorf("%v: another account's token is dead", liberties)
		}
	}
}

func TestB2BLifetimes(t *testing.T) { // BB-EXPIRE-1, BB-EXPIRE-2
	c := b2bServer(t)
	who := c.user("primary")
	p, q, r := c.bbLogin(who), c.bbLogin(who), c.bbLogin(who)
	c.advance(time.Hour - 3*time.Second)
	c.want(c.products(p.data("access_token")), 200)
	c.advance(3 * time.Second)
	c.unauthorized401(c.products(p.data("access_token")))
	c.unauthorized401(c.bbLogout(p.data("access_token")))
	c.advance(7*24*time.Hour - time.Hour - 3*time.Second)
	c.want(c.bbRefresh(q.data("refresh_token")), 200)
	c.advance(3 * time.Second)
	c.unauthorized401(c.bbRefresh(r.data("refresh_token")))
}

func TestB2BGuessableTokens(t *testing.T) { // ANY-ENTROPY
	for defect, shape := range map[string]string{
		"b2b-counter-tokens": `^tk0+\d+$`, "b2b-timestamp-tokens": `^\d{19}$`,
		"b2b-prefix-tokens": `^[\w-]{43}$`, "b2b-time-uuids": `^[0-9a-f]{8}-[0-9a-f]{4}-1`,
	} {
		c := talk(t, start(t, Config{Dialects: []string{"b2b"}, Defects: []string{defect}}))
		one, two := c.bbLogin(c.user("primary")), c.bbLogin(c.user("primary"))
		a, b := one.data("refresh_token"), two.data("refresh_token")
		if !regexp.MustCompile(shape).MatchString(a) || a == b || defect == "b2b-prefix-tokens" && a[:35] != b[:35] {
			t.Errorf("%s: %s and %s", defect, a, b)
		}
		c.want(c.products(one.data("access_token")), 200)
		c.want(c.bbRefresh(a), 200)
	}
}
